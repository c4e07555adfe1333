//! `wpsx get`: one record as it reads, and what is proven about it.
//!
//! It does not take the node's word: it checks the checkpoint's signature, the entry's
//! inclusion and the payload's commitment, and says which of them held.

use std::{fs, path::Path};

use serde_json::json;
use wpsx_proto::{
    api::exchange::v1::ProvenEntry, checkpoint::VerifiedCheckpoint, hash::Hash, index::LeafIndex,
    payload::SlotState, tlog_proof::TlogProof,
};

use super::{
    args::GetArgs,
    asking::again,
    failure::Failure,
    output::Output,
    reading_page,
    records::{Records, find_last, meant},
    shown::Shown,
    words::rfc3339,
};

/// `wpsx get`
pub(super) async fn get(
    args: &GetArgs,
    records: &mut impl Records,
    out: &mut Output,
) -> Result<(), Failure> {
    let id = meant(records, &args.record).await?;
    let found = records.get(&id, args.origin.as_deref()).await?;
    let checkpoint = found.proven.checkpoint();
    let mut shown = Shown::new(found.entry);
    find_last(&mut shown, records).await?;
    if let Some(path) = &args.payload {
        let payload = found.proven.payload().ok_or_else(|| {
            Failure::failed(format!(
                "this node does not hold the record's content: {}",
                shown.title(&args.lang)
            ))
        })?;
        write(path, payload)?;
    }
    if let Some(path) = &args.proof {
        write(path, proof_file(&shown.entry, checkpoint)?.as_bytes())?;
    }
    if out.is_json() {
        let cosigners = checkpoint.claimed_cosigners();
        let cosigners: Vec<String> = cosigners.iter().map(ToString::to_string).collect();
        let mut document = shown.json(&args.lang);
        document["proven"] = json!({
            "checkpoint_signed": true,
            "included": true,
            "payload_committed": shown.state == SlotState::Full,
            "tree_size": checkpoint.size().value(),
            "root": checkpoint.root().to_string(),
            "cosigners": cosigners,
        });
        return Ok(out.document(&document)?);
    }
    match shown.record().filter(|_| out.is_terminal()) {
        Some(record) => {
            let vocabularies = records.vocabularies()?;
            let page = reading_page::page(record, &args.lang, &vocabularies, out.columns());
            out.say(page)?;
            out.say(about(&shown, out))?;
        }
        None => out.table(&["field", "value"], &readable(&shown, &args.lang, out))?,
    }
    let committed = match shown.state {
        SlotState::Full => ", and the content is exactly what the entry commits to",
        _ => "",
    };
    let proven = format!(
        "proven: the publisher's key signed a log of {} entries, this is entry {} in it{committed}",
        checkpoint.size(),
        shown.entry.index,
    );
    match out.is_terminal() {
        true => out.say(reading_page::wrapped(&proven, "", out.columns()))?,
        false => out.say(proven)?,
    }
    for (path, what) in [(&args.payload, "content"), (&args.proof, "proof file")] {
        if let Some(path) = path {
            out.say(format!("wrote the {what} to {}", path.display()))?;
        }
    }
    if let Some(path) = &args.proof {
        let command = format!("wpsx check-proof {} --card PUBLISHER.card", path.display());
        out.next(&command, "checks it anywhere.")?;
    } else if out.is_terminal() && shown.envelope().is_some_and(|e| e.revision > 1) {
        let mirror = again(args.folder.mirror.as_deref());
        out.next(&format!("wpsx history {id}{mirror}"), "shows what changed.")?;
    }
    Ok(())
}

/// Which entry this is, below what it says.
fn about(shown: &Shown, out: &Output) -> String {
    let mut lines = String::new();
    if let Some(envelope) = shown.envelope() {
        lines = format!(
            "id        {}\nkind      {}\nrevision  {}, of {} ({} ago)\n",
            envelope.record_id,
            shown.kind(),
            envelope.revision,
            rfc3339(envelope.publish_time),
            out.age(envelope.publish_time),
        );
    }
    format!("{lines}log       {}\n", shown.entry.origin)
}

/// A `.tlog-proof` of the record.
fn proof_file(entry: &ProvenEntry, checkpoint: &VerifiedCheckpoint) -> Result<String, Failure> {
    let malformed =
        |error: &dyn std::error::Error| Failure::because("the proof file cannot be made", error);
    let hashes = Hash::list_from_bytes(&entry.inclusion, 64).map_err(|error| malformed(&error))?;
    let index = LeafIndex::new(entry.index);
    TlogProof::of_entry(&entry.entry, &entry.slot, index, hashes, checkpoint)
        .map(|proof| proof.to_string())
        .map_err(|error| malformed(&error))
}

/// The record, field by field: for programs, and where it cannot be read as a whole.
fn readable(shown: &Shown, lang: &str, out: &Output) -> Vec<Vec<String>> {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = Vec::new();
    if let Some(envelope) = shown.envelope() {
        rows.push(row("id", envelope.record_id.to_string()));
        rows.push(row("kind", shown.kind()));
        rows.push(row(
            "revision",
            format!(
                "{} ({}), {} ({} ago)",
                envelope.revision,
                envelope.operation,
                rfc3339(envelope.publish_time),
                out.age(envelope.publish_time),
            ),
        ));
    }
    rows.push(row(
        "origin",
        format!("{}, entry {}", shown.entry.origin, shown.entry.index),
    ));
    match &shown.reading {
        Some(reading) => {
            let lines = reading.to_lines().into_iter();
            rows.extend(lines.map(|(name, value)| row(&name, value)));
        }
        None => {
            rows.push(row("title", shown.title(lang)));
            let countries = shown.countries();
            if !countries.is_empty() {
                rows.push(row("countries", countries.join(" ")));
            }
        }
    }
    rows
}

/// Writes what a command was told to write beside its answer.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes)
        .map_err(|error| Failure::because(format!("cannot write {}", path.display()), &error))
}
