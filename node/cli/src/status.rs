//! `wpsx status`: the node, its logs and its peers, with every refusal.

use serde_json::{Value, json};
use wpsx_proto::api::admin::v1::{GetStatusRequest, OriginStatus, PeerStatus, Refusal};

use super::{
    access::Desk,
    failure::Failure,
    output::{Output, entries, many, rfc3339},
};

/// `wpsx status`
pub(super) async fn status(desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let status = desk
        .admin
        .get_status(GetStatusRequest {})
        .await?
        .into_inner();
    if out.is_json() {
        let document = json!({
            "node": status.node,
            "software": status.software,
            "running": desk.is_running(),
            "listen": status.listen,
            "http_listen": status.http_listen,
            "read_only": none_if_empty(&status.read_only),
            "unsound": status.unsound,
            "strangers": status.strangers,
            "views_behind": status.views_behind,
            "forks": status.forks,
            "origins": status.origins.iter().map(origin_json).collect::<Vec<_>>(),
            "peers": status.peers.iter().map(peer_json).collect::<Vec<_>>(),
        });
        out.document(&document)?;
        return sound(&status.unsound);
    }
    let doing = match (desk.is_running(), status.listen.as_str()) {
        (false, _) => "does not run; this is its store".to_owned(),
        (true, "") => "runs and listens on nothing".to_owned(),
        (true, listen) => format!("runs and listens on {listen}"),
    };
    out.say(format!("{} {doing} ({})", status.node, status.software))?;
    if !status.read_only.is_empty() {
        out.say(format!("READ-ONLY: {}", status.read_only))?;
    }
    for sentence in status.unsound.iter().filter(|s| **s != status.read_only) {
        out.say(format!("NOT SIGNED: {sentence}"))?;
    }
    for path in &status.strangers {
        out.say(format!(
            "belongs to nothing here, and is left alone: {path}"
        ))?;
    }
    if status.forks > 0 {
        out.say(format!(
            "FORKS: {} with evidence of two histories; see wpsx fork list",
            many(status.forks, "log")
        ))?;
    }
    if status.views_behind > 0 {
        let behind = entries(status.views_behind);
        out.say(match desk.is_running() {
            true => format!("the views are {behind} behind and catch up by themselves"),
            false => {
                format!("records are counted without the last {behind}; a node that runs knows all")
            }
        })?;
    }
    out.say("")?;
    if status.origins.is_empty() {
        out.say("no logs yet")?;
    } else {
        let rows = origin_rows(&status.origins, out);
        out.table(ORIGIN_HEADER, &rows)?;
    }
    for origin in status.origins.iter().filter(|o| !o.stopped.is_empty()) {
        out.say(format!(
            "{} stands still: {}",
            origin.origin, origin.stopped
        ))?;
    }
    out.say("")?;
    if status.peers.is_empty() {
        out.say("no peers yet")?;
        return sound(&status.unsound);
    }
    let rows: Vec<Vec<String>> = status
        .peers
        .iter()
        .map(|peer| {
            vec![
                peer.name.clone(),
                peer.state.clone(),
                out.count(peer.behind),
                out.count(peer.entries_in),
                out.bytes(peer.bytes_in),
                (peer.refused.len() + peer.refused_by.len()).to_string(),
            ]
        })
        .collect();
    let header = [
        "peer",
        "state",
        "behind",
        "entries in",
        "bytes in",
        "refusals",
    ];
    out.table(&header, &rows)?;
    for peer in &status.peers {
        if !peer.last_error.is_empty() {
            out.say(format!("{}: {}", peer.name, peer.last_error))?;
        }
        for refusal in &peer.refused {
            let line = refusal_line(refusal, out);
            out.say(format!("refused from {}: {line}", peer.name))?;
        }
        for refusal in &peer.refused_by {
            let line = refusal_line(refusal, out);
            out.say(format!("{} refused from this node: {line}", peer.name))?;
        }
    }
    sound(&status.unsound)
}

/// A script hears that not all is well.
fn sound(unsound: &[String]) -> Result<(), Failure> {
    match unsound {
        [] => Ok(()),
        all => Err(Failure::failed(format!(
            "the node does not sign all of its logs: {}",
            many(all.len() as u64, "reason")
        ))
        .remedy("wpsx verify tells all; see \"Recovering\" in deploy/OPERATING.md")),
    }
}

fn refusal_line(refusal: &Refusal, out: &Output) -> String {
    let age = out.age(refusal.time);
    let origin = match refusal.origin.as_str() {
        "" => String::new(),
        origin => format!("{origin}: "),
    };
    format!("{origin}{} ({}, {age} ago)", refusal.reason, refusal.code)
}

/// The columns of [`origin_rows`].
pub(super) const ORIGIN_HEADER: &[&str] = &[
    "origin",
    "whose",
    "entries",
    "known",
    "records",
    "holes",
    "age",
    "cosigned by",
];

/// Logs as rows of a table.
pub(super) fn origin_rows(origins: &[OriginStatus], out: &Output) -> Vec<Vec<String>> {
    origins
        .iter()
        .map(|o| {
            let whose = match (o.stopped.is_empty(), o.local) {
                (false, _) => "STOPPED",
                (true, true) => "here",
                (true, false) => "followed",
            };
            vec![
                o.origin.clone(),
                whose.to_owned(),
                out.count(o.tree_size),
                out.count(o.known_size),
                records(o, out),
                holes(o, out),
                out.age(o.seen_time.saturating_mul(1000)),
                o.cosigners.len().to_string(),
            ]
        })
        .collect()
}

fn records(origin: &OriginStatus, out: &Output) -> String {
    match origin.unknown_kinds {
        0 => out.count(origin.records),
        unknown => format!(
            "{} ({} need newer software)",
            out.count(origin.records),
            out.count(unknown)
        ),
    }
}

fn holes(origin: &OriginStatus, out: &Output) -> String {
    let holes = [
        (origin.filtered, "filtered"),
        (origin.erased, "erased"),
        (origin.not_held, "not held"),
    ];
    let told: Vec<String> = holes
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, why)| format!("{} {why}", out.count(*number)))
        .collect();
    if told.is_empty() {
        "-".to_owned()
    } else {
        told.join(", ")
    }
}

/// A log for scripts.
pub(super) fn origin_json(origin: &OriginStatus) -> Value {
    json!({
        "origin": origin.origin,
        "local": origin.local,
        "tree_size": origin.tree_size,
        "known_size": origin.known_size,
        "root": hex::encode(&origin.root),
        "records": origin.records,
        "holes": {
            "filtered": origin.filtered,
            "erased": origin.erased,
            "not_held": origin.not_held,
        },
        "unknown_kinds": origin.unknown_kinds,
        "seen_time": (origin.seen_time > 0).then(|| rfc3339(origin.seen_time.saturating_mul(1000))),
        "cosigners": origin.cosigners,
        "stopped": none_if_empty(&origin.stopped),
        "vkey": origin.vkey,
    })
}

fn peer_json(peer: &PeerStatus) -> Value {
    let refusals = |list: &[Refusal]| -> Vec<Value> {
        list.iter()
            .map(|r| {
                json!({
                    "origin": r.origin,
                    "code": r.code,
                    "reason": r.reason,
                    "time": rfc3339(r.time),
                })
            })
            .collect()
    };
    json!({
        "name": peer.name,
        "state": peer.state,
        "behind": peer.behind,
        "entries_in": peer.entries_in,
        "bytes_in": peer.bytes_in,
        "refused": refusals(&peer.refused),
        "refused_by": refusals(&peer.refused_by),
        "last_error": none_if_empty(&peer.last_error),
        "capabilities": peer.capabilities,
    })
}

fn none_if_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
