//! `wpsx publisher`, `wpsx card`, `wpsx key`: who this node and its publishers are.

use std::{fs, path::Path};

use serde_json::{Value, json};
use wpsx_proto::api::admin::v1::{
    CreatePublisherRequest, GetCardRequest, ListOriginsRequest, ListPublishersRequest, Publisher,
};
use wpsx_proto::card::NodeCard;

use super::{
    access::Desk,
    args::{CardArgs, KeyArgs, PublisherCommand},
    failure::Failure,
    output::Output,
};

/// `wpsx publisher add|list`
pub(super) async fn publisher(
    command: &PublisherCommand,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    match command {
        PublisherCommand::Add {
            name,
            title,
            country,
        } => {
            let request = CreatePublisherRequest {
                name: name.clone(),
                title: title.clone(),
                countries: country.clone(),
            };
            let answer = desk.admin.create_publisher(request).await?.into_inner();
            let publisher = answer.publisher.unwrap_or_default();
            if out.is_json() {
                return Ok(out.document(&publisher_json(&publisher))?);
            }
            out.say(format!(
                "made the publisher {}; its log is {}\n\
                 Back up the folder keys/ now: the publisher's key is in it and exists nowhere else.\n\
                 Next: wpsx import FILE --publisher {}",
                publisher.name, publisher.origin, publisher.name
            ))?;
        }
        PublisherCommand::List => {
            let publishers = publishers(desk).await?;
            if out.is_json() {
                let list: Vec<Value> = publishers.iter().map(publisher_json).collect();
                return Ok(out.document(&json!({ "publishers": list }))?);
            }
            if publishers.is_empty() {
                out.say("no publisher yet\nNext: wpsx publisher add NAME --title TITLE")?;
                return Ok(());
            }
            let rows: Vec<Vec<String>> = publishers
                .iter()
                .map(|p| {
                    vec![
                        p.name.clone(),
                        p.title.clone(),
                        p.countries.join(" "),
                        p.origin.clone(),
                        out.count(p.tree_size),
                    ]
                })
                .collect();
            out.table(&["name", "title", "countries", "origin", "entries"], &rows)?;
        }
    }
    Ok(())
}

async fn publishers(desk: &mut Desk) -> Result<Vec<Publisher>, Failure> {
    let answer = desk.admin.list_publishers(ListPublishersRequest {}).await?;
    Ok(answer.into_inner().publishers)
}

fn publisher_json(publisher: &Publisher) -> Value {
    json!({
        "name": publisher.name,
        "title": publisher.title,
        "countries": publisher.countries,
        "identity": hex::encode(&publisher.identity),
        "origin": publisher.origin,
        "vkey": publisher.vkey,
        "tree_size": publisher.tree_size,
    })
}

/// `wpsx card`
pub(super) async fn card(
    args: &CardArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let answer = desk.admin.get_card(GetCardRequest {}).await?.into_inner();
    let card = verified(&answer.card)?;
    if args.tls_cert {
        return tls_certificate(args, &card, &answer.tls_certificate, out);
    }
    let text = answer.card;
    if let Some(path) = &args.output {
        write(path, &text)?;
    }
    if out.is_json() {
        let mut document = card_json(&card);
        document["card"] = Value::from(text);
        return Ok(out.document(&document)?);
    }
    match &args.output {
        None => out.raw(text.as_bytes())?,
        Some(path) => {
            out.say(format!(
                "wrote the card of {} to {}\n\
                 Its id, to compare by telephone: {}\n\
                 Next: send it to the peer's operator, who runs wpsx peer add on it; add theirs here.",
                card.name(),
                path.display(),
                card.peer_id()
            ))?;
        }
    }
    Ok(())
}

/// `wpsx card --tls-cert`
fn tls_certificate(
    args: &CardArgs,
    card: &NodeCard,
    pem: &str,
    out: &mut Output,
) -> Result<(), Failure> {
    if pem.is_empty() {
        return Err(
            Failure::failed("the running node does not tell its certificate")
                .remedy("it is older than this wpsx; restart it with the new version"),
        );
    }
    if let Some(path) = &args.output {
        write(path, pem)?;
    }
    let pin = card.tls_key().to_string();
    if out.is_json() {
        return Ok(out.document(&json!({
            "node": card.name().to_string(),
            "tls": pin,
            "tls_certificate": pem,
        }))?);
    }
    let Some(path) = &args.output else {
        return Ok(out.raw(pem.as_bytes())?);
    };
    out.say(format!(
        "wrote the TLS certificate of {} to {}\n\
         SHA-256 of the key in it, as its card says: {pin}\n\
         Next: clients trust this certificate alone, under the name {}.",
        card.name(),
        path.display(),
        card.name()
    ))?;
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text)
        .map_err(|error| Failure::because(format!("cannot write {}", path.display()), &error))
}

/// The node's card as it stands now.
async fn card_text(desk: &mut Desk) -> Result<String, Failure> {
    Ok(desk
        .admin
        .get_card(GetCardRequest {})
        .await?
        .into_inner()
        .card)
}

/// A card that its own key signed.
pub fn verified(text: &str) -> Result<NodeCard, Failure> {
    NodeCard::verify(text.as_bytes()).map_err(|error| {
        Failure::because("this is not a valid card", &error)
            .remedy("ask for a new one: the peer's operator runs wpsx card")
    })
}

/// A card for scripts.
pub(super) fn card_json(card: &NodeCard) -> Value {
    json!({
        "node": card.name().to_string(),
        "peer_id": card.peer_id().to_string(),
        "key": card.key().to_string(),
        "tls": card.tls_key().to_string(),
        "cosigner": card.cosigner().to_string(),
        "endpoints": card.endpoints().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "publishers": card.publishers().iter().map(|p| json!({
            "name": p.name().to_string(),
            "title": p.title(),
            "identity": p.id().to_string(),
        })).collect::<Vec<_>>(),
    })
}

/// `wpsx key`
pub(super) async fn key(args: &KeyArgs, desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let mut logs: Vec<(String, String, String)> = publishers(desk)
        .await?
        .into_iter()
        .map(|p| (p.name, p.origin, p.vkey))
        .collect();
    if let Some(wanted) = &args.name {
        logs.retain(|(name, origin, _)| name == wanted || origin == wanted);
        if logs.is_empty() {
            logs = held(desk, wanted).await?;
        }
        if logs.is_empty() {
            return Err(Failure::failed(format!(
                "{wanted} is neither a publisher of this node nor a log it holds"
            ))
            .remedy("wpsx publisher list and wpsx origin list show the names"));
        }
    }
    if args.vkey && !out.is_json() {
        for (_, _, vkey) in &logs {
            out.say(vkey)?;
        }
        if logs.is_empty() {
            return Err(Failure::failed("this node hosts no publisher yet")
                .remedy("wpsx publisher add NAME --title TITLE makes one"));
        }
        return Ok(());
    }
    let card = verified(&card_text(desk).await?)?;
    if out.is_json() {
        let logs: Vec<Value> = logs
            .iter()
            .map(|(name, origin, vkey)| json!({"name": name, "origin": origin, "vkey": vkey}))
            .collect();
        let document = json!({
            "node": card.key().to_string(),
            "peer_id": card.peer_id().to_string(),
            "cosigner": card.cosigner().to_string(),
            "tls": card.tls_key().to_string(),
            "logs": logs,
        });
        return Ok(out.document(&document)?);
    }
    let mut rows = Vec::new();
    if args.name.is_none() {
        rows.push(vec!["node".to_owned(), card.key().to_string()]);
        rows.push(vec!["cosigner".to_owned(), card.cosigner().to_string()]);
        rows.push(vec!["tls (SHA-256)".to_owned(), card.tls_key().to_string()]);
    }
    rows.extend(logs.into_iter().map(|(_, origin, vkey)| vec![origin, vkey]));
    Ok(out.table(&["of", "public key"], &rows)?)
}

/// The key of a log that this node holds for another publisher.
async fn held(desk: &mut Desk, wanted: &str) -> Result<Vec<(String, String, String)>, Failure> {
    let answer = desk.admin.list_origins(ListOriginsRequest {}).await?;
    let found = answer.into_inner().origins.into_iter();
    Ok(found
        .filter(|o| o.origin == wanted || o.origin.split('/').next() == Some(wanted))
        .map(|o| (wanted.to_owned(), o.origin, o.vkey))
        .collect())
}
