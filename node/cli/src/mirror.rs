//! `wpsx mirror`: a verified copy of public logs, without a node.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use wpsx_client::{Client, ClientError};
use wpsx_proto::{
    card::NodeCard,
    chain,
    origin::{Audience, Origin},
};

use super::{
    args::MirrorArgs, failure::Failure, identities::verified, mirrored::keep_cards, output::Output,
    peers::read_card, words::many,
};

/// `wpsx mirror`
pub(super) async fn mirror(args: &MirrorArgs, out: &mut Output) -> Result<(), Failure> {
    let card = verified(&read_card(&args.card)?)?;
    let mut cards = vec![card.clone()];
    for path in &args.trust {
        cards.push(verified(&read_card(path)?)?);
    }
    let origins = wanted(args, &cards)?;
    let client = match &args.connect {
        Some(endpoint) => Client::connect_to(endpoint, &card).await,
        None => Client::connect(&card).await,
    };
    let client = client.map_err(|error| {
        Failure::unreached(format!("cannot reach {}: {}", card.name(), chain(&error)))
            .remedy("--connect names another address; a new card tells of new ones")
    });
    let mut client = client?;
    for card in &cards[1..] {
        client = client
            .trusting(card)
            .map_err(|error| Failure::because("the cards contradict each other", &error))?;
    }
    keep_cards(&args.output, &cards)?;
    let mut rows = Vec::new();
    let mut documents = Vec::new();
    let mut all_missing = 0;
    for origin in &origins {
        let folder = folder(args, origin);
        let failed = |error: ClientError| not_mirrored(origin, &folder, &error);
        fs::create_dir_all(&folder).map_err(|error| {
            Failure::because(
                format!("cannot make the folder {}", folder.display()),
                &error,
            )
        })?;
        let mut mirror = client.mirror(origin, &folder).await.map_err(failed)?;
        let bar = out.bar(origin.as_str(), 0);
        let updated = mirror
            .update_with(|progress| {
                bar.set_length(progress.of);
                bar.set_position(progress.entries);
            })
            .await;
        bar.finish_and_clear();
        updated.map_err(failed)?;
        let missing = mirror.missing().await.map_err(failed)?;
        let log = mirror.log();
        let size = log.size().value();
        if let Some(of) = log.awaited() {
            return Err(not_complete(origin, size, of.value(), card.name().as_str()));
        }
        let root = log.checkpoint().map(|head| head.root().to_string());
        all_missing += missing;
        rows.push(vec![
            origin.to_string(),
            out.count(size),
            folder.display().to_string(),
        ]);
        documents.push(json!({
            "origin": origin.to_string(),
            "tree_size": size,
            "root": root,
            "missing_payloads": missing,
            "folder": folder.display().to_string(),
        }));
    }
    if out.is_json() {
        return Ok(out.document(&json!({ "logs": Value::from(documents) }))?);
    }
    out.table(&["origin", "entries", "folder"], &rows)?;
    if all_missing > 0 {
        out.warn(&format!(
            "{} not held by {}; the same command again, or with another node, brings them",
            many(all_missing, "payload"),
            card.name()
        ));
    }
    if out.is_terminal() {
        out.say(format!(
            "copied and verified {}, {} up to the newest checkpoint that {} has",
            if rows.len() == 1 {
                "the log".to_owned()
            } else {
                format!("{} logs", rows.len())
            },
            match all_missing {
                0 => "complete",
                _ => "all entries",
            },
            card.name(),
        ))?;
        out.next(
            &format!("wpsx list --mirror {}", args.output.display()),
            "shows the records; the same command again brings what is new.",
        )?;
    }
    Ok(())
}

/// More was seen of the log than this node shows: a copy of less would look whole.
fn not_complete(origin: &Origin, size: u64, of: u64, node: &str) -> Failure {
    Failure::failed(format!(
        "the copy of {origin} is not complete: {size} of {of} entries are here, and {node} does not show the others"
    ))
    .remedy("what was verified is kept; run the same command again later, or with another node that has the log")
}

fn not_mirrored(origin: &Origin, folder: &Path, error: &ClientError) -> Failure {
    let failure = Failure::because(format!("cannot mirror {origin}"), error);
    match error {
        ClientError::Damaged { .. } => failure.remedy(format!(
            "a disk or a hand changed the copy: remove {} and run the same command again",
            folder.display()
        )),
        ClientError::InUse { .. } => Failure::unreached(failure.message())
            .remedy("wait until it has ended, or name another folder"),
        ClientError::NotTrusted { .. } => {
            failure.remedy("name the card of the publisher's own node with --trust")
        }
        _ => failure.remedy("what was verified is kept; run the same command again to go on"),
    }
}

/// The logs that were named, or else those of every publisher that is believed.
fn wanted(args: &MirrorArgs, cards: &[NodeCard]) -> Result<Vec<Origin>, Failure> {
    let named = args.origin.iter().map(|name| {
        Origin::parse(name).map_err(|error| {
            Failure::usage(format!("{name} is no origin: {}", chain(&error)))
                .remedy("an origin looks like publisher.example.org/wpsx/public")
        })
    });
    let named: Vec<Origin> = named.collect::<Result<_, _>>()?;
    if !named.is_empty() {
        return Ok(named);
    }
    let mut all: Vec<Origin> = cards
        .iter()
        .flat_map(|card| card.publishers())
        .map(|identity| identity.origin(Audience::Public))
        .collect();
    all.sort();
    all.dedup();
    if all.is_empty() {
        return Err(
            Failure::failed("the card names no publisher, so there is no log to believe")
                .remedy("name the card of the publisher's own node with --trust"),
        );
    }
    Ok(all)
}

/// A folder for each log, named as the static public log names it.
fn folder(args: &MirrorArgs, origin: &Origin) -> PathBuf {
    args.output.join(origin.hash_hex())
}
