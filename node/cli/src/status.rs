//! `wpsx status`: whether somebody is needed, the node, its logs and its peers, with
//! every failure and refusal.

use serde_json::{Value, json};
use wpsx_proto::api::admin::v1::{
    GetStatusRequest, GetStatusResponse, LogFailure, OriginStatus, PeerStatus, Refusal,
};

use super::{
    access::Desk,
    args::StatusArgs,
    failure::Failure,
    output::Output,
    repair::damage_json,
    verdict::{self, Finding, findings, is_stopped, verdict},
    words::{entries, many, rfc3339},
};

/// `wpsx status`
pub(super) async fn status(
    args: &StatusArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let answer = desk.admin.get_status(GetStatusRequest {}).await?;
    let (status, running) = (answer.into_inner(), desk.is_running());
    let found = findings(&status, running, out.now(), out);
    if args.check {
        return check(&status, running, &found, out);
    }
    if out.is_json() {
        out.document(&document(&status, running, &found))?;
        return sound(&status.unsound);
    }
    out.say(verdict(&status, running, &found))?;
    for finding in &found {
        out.say(format!("- {}\n  {}", finding.what, finding.remedy))?;
    }
    if !found.is_empty() {
        out.say("")?;
    }
    let doing = match (running, status.listen.as_str()) {
        (false, _) => "does not run; this is its store".to_owned(),
        (true, "") => "runs and listens on nothing".to_owned(),
        (true, listen) => format!("runs and listens on {listen}"),
    };
    out.say(format!("{} {doing} ({})", status.node, status.software))?;
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
    let switched = |log: &&OriginStatus| !log.stopped.is_empty() && !is_stopped(log);
    for log in status.origins.iter().filter(switched) {
        out.say(format!("{} is {}", log.origin, log.stopped))?;
    }
    out.say("")?;
    peers(&status.peers, &found, out)?;
    sound(&status.unsound)
}

/// `wpsx status --check`: one line for monitoring, and an exit code that tells the truth.
fn check(
    status: &GetStatusResponse,
    running: bool,
    found: &[Finding],
    out: &mut Output,
) -> Result<(), Failure> {
    if !running {
        let node = &status.node;
        return Err(Failure::unreached(format!("{node} does not run"))
            .remedy("start it: systemctl start wpsx, or wpsx serve"));
    }
    let Some(first) = found.first() else {
        let said = verdict(status, running, found);
        if out.is_json() {
            let document = json!({ "well": true, "verdict": said, "findings": [] });
            return Ok(out.document(&document)?);
        }
        return Ok(out.say(said)?);
    };
    let all: Vec<&str> = found.iter().map(|finding| finding.what.as_str()).collect();
    Err(Failure::failed(all.join("; "))
        .remedy(first.remedy.as_str())
        .problems(found.iter().map(Finding::to_json).collect()))
}

fn document(status: &GetStatusResponse, running: bool, found: &[Finding]) -> Value {
    json!({
        "well": running && found.is_empty(),
        "verdict": verdict(status, running, found),
        "findings": found.iter().map(Finding::to_json).collect::<Vec<_>>(),
        "node": status.node,
        "software": status.software,
        "running": running,
        "listen": status.listen,
        "http_listen": status.http_listen,
        "read_only": none_if_empty(&status.read_only),
        "unsound": status.unsound,
        "strangers": status.strangers,
        "damage": status.damage.iter().map(damage_json).collect::<Vec<_>>(),
        "scrub_time": (status.scrub_time > 0).then(|| rfc3339(status.scrub_time)),
        "views_behind": status.views_behind,
        "forks": status.forks,
        "origins": status.origins.iter().map(origin_json).collect::<Vec<_>>(),
        "peers": status.peers.iter().map(peer_json).collect::<Vec<_>>(),
    })
}

fn peers(peers: &[PeerStatus], found: &[Finding], out: &mut Output) -> Result<(), Failure> {
    if peers.is_empty() {
        return Ok(out.say("no peers yet")?);
    }
    let rows: Vec<Vec<String>> = peers
        .iter()
        .map(|peer| {
            vec![
                peer.name.clone(),
                state(peer).to_owned(),
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
    for peer in peers {
        details(peer, found, out)?;
    }
    Ok(())
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

/// The state in a word that hides no trouble.
fn state(peer: &PeerStatus) -> &str {
    match peer.one_sided.as_str() {
        "not-added" => "one-sided",
        "silent" => "silent",
        _ => &peer.state,
    }
}

/// What is known of a peer and not said by a finding.
fn details(peer: &PeerStatus, found: &[Finding], out: &mut Output) -> Result<(), Failure> {
    let name = &peer.name;
    if !peer.last_error.is_empty() {
        let last = match (peer.last_error_count, peer.last_error_time) {
            (_, 0) => String::new(),
            (0 | 1, time) => format!(" ({} ago)", out.age(time)),
            (n, time) => format!(" ({}, the last {} ago)", many(n, "time"), out.age(time)),
        };
        out.say(format!("{name}: {}{last}", peer.last_error))?;
    }
    for failure in &peer.failures {
        let of_log = format!("{}: {}", failure.origin, failure.reason);
        if of_log != peer.last_error {
            let times = many(failure.count, "time");
            let age = out.age(failure.time);
            out.say(format!("{name}: {of_log} ({times}, the last {age} ago)"))?;
        }
    }
    if peer.unknown_logs > 0 {
        let logs = match peer.unknown_logs {
            10_000.. => "10,000 logs or more".to_owned(),
            number => many(number, "log"),
        };
        out.say(format!(
            "{name} tells of {logs} that this node does not follow"
        ))?;
    }
    let lines = peer.refused.iter().map(|refusal| {
        let refused = verdict::refused(refusal, out);
        format!("refused from {name}: {refused}")
    });
    let lines = lines.chain(peer.refused_by.iter().map(|refusal| {
        let refused = verdict::refused(refusal, out);
        format!("{name} refused from this node: {refused}")
    }));
    let lines: Vec<String> = lines
        .filter(|line| found.iter().all(|finding| finding.what != *line))
        .collect();
    for line in lines {
        out.say(line)?;
    }
    Ok(())
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
                age(o, out),
                o.cosigners.len().to_string(),
            ]
        })
        .collect()
}

/// The log's age: not known where there is only a stamp that cannot be true.
fn age(origin: &OriginStatus, out: &Output) -> String {
    match (origin.seen_time, origin.ahead_time) {
        (0, 1..) => "unknown".to_owned(),
        (seen, _) => out.age(seen.saturating_mul(1000)),
    }
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
        "moved_time": time_or_none(origin.moved_time),
        "taken_by": origin.taken_by,
        "ahead_time": (origin.ahead_time > 0)
            .then(|| rfc3339(origin.ahead_time.saturating_mul(1000))),
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
                    "first_time": time_or_none(r.first_time),
                    "time": rfc3339(r.time),
                    "count": r.count.max(1),
                })
            })
            .collect()
    };
    json!({
        "name": peer.name,
        "state": peer.state,
        "since": time_or_none(peer.since),
        "one_sided": none_if_empty(&peer.one_sided),
        "behind": peer.behind,
        "entries_in": peer.entries_in,
        "bytes_in": peer.bytes_in,
        "refused": refusals(&peer.refused),
        "refused_by": refusals(&peer.refused_by),
        "last_error": none_if_empty(&peer.last_error),
        "last_error_time": time_or_none(peer.last_error_time),
        "last_error_count": peer.last_error_count,
        "failures": peer.failures.iter().map(failure_json).collect::<Vec<_>>(),
        "unknown_logs": peer.unknown_logs,
        "clock_ahead_ms": peer.clock_ahead,
        "capabilities": peer.capabilities,
    })
}

fn failure_json(failure: &LogFailure) -> Value {
    json!({
        "origin": failure.origin,
        "reason": failure.reason,
        "first_time": time_or_none(failure.first_time),
        "time": time_or_none(failure.time),
        "count": failure.count,
    })
}

fn time_or_none(unix_ms: u64) -> Option<String> {
    (unix_ms > 0).then(|| rfc3339(unix_ms))
}

fn none_if_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
