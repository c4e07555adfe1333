//! `wpsx peer`, `wpsx origin`: with whom this node exchanges, and which logs it holds.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use serde_json::{Value, json};
use wpsx_proto::{
    api::admin::v1::{
        AddOriginRequest, AddPeerRequest, DropOriginRequest, ListOriginsRequest, ListPeersRequest,
        Peer, RemovePeerRequest,
    },
    record::Kind,
};

use super::{
    access::Desk,
    args::{OriginCommand, PeerAddArgs, PeerCommand},
    failure::Failure,
    identities::verified,
    output::Output,
    status::{ORIGIN_HEADER, origin_json, origin_rows},
};

/// A card is at most 64 KiB.
const LARGEST_CARD: u64 = 64 << 10;

/// `wpsx peer add|list|remove`
pub(super) async fn peer(
    command: &PeerCommand,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    match command {
        PeerCommand::Add(args) => add(args, desk, out).await,
        PeerCommand::List => {
            let answer = desk.admin.list_peers(ListPeersRequest {}).await?;
            let peers = answer.into_inner().peers;
            if out.is_json() {
                let list: Vec<Value> = peers.iter().map(peer_json).collect();
                return Ok(out.document(&json!({ "peers": list }))?);
            }
            if peers.is_empty() {
                out.say(
                    "no peers yet\nNext: exchange cards (wpsx card) and run wpsx peer add CARD",
                )?;
                return Ok(());
            }
            let rows: Vec<Vec<String>> = peers.iter().map(peer_row).collect();
            let header = ["name", "endpoints", "fetch", "options", "id"];
            Ok(out.table(&header, &rows)?)
        }
        PeerCommand::Remove { name } => {
            let request = RemovePeerRequest { name: name.clone() };
            desk.admin.remove_peer(request).await?;
            if out.is_json() {
                return Ok(out.document(&json!({ "removed": name }))?);
            }
            out.say(format!(
                "removed {name} and closed its connections; the copies of its logs stay\n\
                 Next: tell its operator, whose node will keep trying."
            ))?;
            Ok(())
        }
    }
}

async fn add(args: &PeerAddArgs, desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let text = read_card(&args.card)?;
    let card = verified(&text)?;
    if card.endpoints().is_empty() && !out.is_json() {
        out.say("this card has no endpoint: the peer must connect to this node")?;
    }
    let request = AddPeerRequest {
        card: text,
        introduces: args.introduces,
        kinds: args.kind.clone(),
        countries: args.country.clone(),
        turn: args.turn,
        only_given: args.reset_options,
    };
    let answer = desk.admin.add_peer(request).await?.into_inner();
    let peer = answer.peer.unwrap_or_default();
    if out.is_json() {
        return Ok(out.document(&peer_json(&peer))?);
    }
    let row = peer_row(&peer);
    let (fetch, options) = (&row[2], &row[3]);
    out.say(format!(
        "added the peer {} with id {}\n\
         fetch: {fetch}; options: {options}\n\
         Compare that id with its operator by another way, such as telephone.\n\
         Next: the peer must add this node's card too (wpsx card); wpsx status shows the exchange.",
        peer.name,
        hex::encode(&peer.peer_id)
    ))?;
    Ok(())
}

fn peer_json(peer: &Peer) -> Value {
    json!({
        "name": peer.name,
        "peer_id": hex::encode(&peer.peer_id),
        "endpoints": peer.endpoints,
        "introduces": peer.introduces,
        "kinds": peer.kinds.iter().map(|kind| Kind::new(*kind).to_string()).collect::<Vec<_>>(),
        "countries": peer.countries,
        "turn": peer.turn,
    })
}

fn peer_row(peer: &Peer) -> Vec<String> {
    let mut fetch: Vec<String> = peer
        .kinds
        .iter()
        .map(|kind| Kind::new(*kind).to_string())
        .collect();
    fetch.extend(peer.countries.iter().cloned());
    let mut options = Vec::new();
    if peer.introduces {
        options.push("introduces");
    }
    if peer.turn {
        options.push("turn");
    }
    let or = |text: String, empty: &str| {
        if text.is_empty() {
            empty.to_owned()
        } else {
            text
        }
    };
    vec![
        peer.name.clone(),
        or(peer.endpoints.join(" "), "none"),
        or(fetch.join(" "), "all"),
        or(options.join(" "), "-"),
        hex::encode(&peer.peer_id),
    ]
}

/// `wpsx origin add|list`
pub(super) async fn origin(
    command: &OriginCommand,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    match command {
        OriginCommand::Add { card } => {
            let request = AddOriginRequest {
                card: read_card(card)?,
            };
            let origins = desk.admin.add_origin(request).await?.into_inner().origins;
            if out.is_json() {
                return Ok(out.document(&json!({ "origins": origins }))?);
            }
            out.say(format!(
                "following {}\nNext: wpsx status shows how far; any peer that holds the log may bring it.",
                origins.join(", ")
            ))?;
            Ok(())
        }
        OriginCommand::Drop { origin } => drop_origin(origin, desk, out).await,
        OriginCommand::List => {
            let answer = desk.admin.list_origins(ListOriginsRequest {}).await?;
            let origins = answer.into_inner().origins;
            if out.is_json() {
                let list: Vec<Value> = origins.iter().map(origin_json).collect();
                return Ok(out.document(&json!({ "origins": list }))?);
            }
            if origins.is_empty() {
                out.say("no logs yet\nNext: wpsx publisher add, or wpsx peer add")?;
                return Ok(());
            }
            let rows = origin_rows(&origins, out);
            Ok(out.table(ORIGIN_HEADER, &rows)?)
        }
    }
}

/// `wpsx origin drop`
async fn drop_origin(origin: &str, desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let request = DropOriginRequest {
        origin: origin.to_owned(),
    };
    let again = desk.admin.drop_origin(request).await?.into_inner().again;
    if out.is_json() {
        return Ok(out.document(&json!({ "dropped": origin, "again": again }))?);
    }
    out.say(format!("dropped this node's copy of {origin}"))?;
    out.say(match again {
        true => "Next: wpsx status shows how it is pulled again from the peers that hold it.",
        false => {
            "No peer hosts its publisher, so it stays away.\n\
             Next: to follow it again, wpsx origin add with the card of its publisher's node."
        }
    })?;
    Ok(())
}

/// The text of a card from a file or standard input.
pub fn read_card(path: &Path) -> Result<String, Failure> {
    let read = || -> io::Result<String> {
        let mut text = String::new();
        let source: Box<dyn io::Read> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(fs::File::open(path)?)
        };
        source.take(LARGEST_CARD + 1).read_to_string(&mut text)?;
        Ok(text)
    };
    let text = read().map_err(|error| {
        Failure::because(format!("cannot read the card {}", path.display()), &error)
    })?;
    if text.len() as u64 > LARGEST_CARD {
        return Err(Failure::failed(format!(
            "{} is larger than a card can be (64 KiB)",
            path.display()
        )));
    }
    Ok(as_signed(&text))
}

/// A card as it was signed, whatever mail, editors and forms did to the ends of its lines.
/// Only what a person hands in is mended so; what nodes send is taken byte for byte.
fn as_signed(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    format!("{}\n", text.trim_end_matches(['\n', '\r', ' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_with_crlf_a_byte_order_mark_or_without_a_last_line_end_is_read() {
        let card = "wpsx card\nnode.example\n\n\u{2014} node.example abc=\n";
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("node.card");
        for handed_in in [
            card.to_owned(),
            card.replace('\n', "\r\n"),
            format!("\u{feff}{card}"),
            card.trim_end().to_owned(),
            format!("\u{feff}{}", card.trim_end().replace('\n', "\r\n")),
            format!("{card}\r\n\r\n"),
        ] {
            fs::write(&path, &handed_in).expect("writable");
            assert_eq!(read_card(&path).expect("readable"), card, "{handed_in:?}");
        }
    }
}
