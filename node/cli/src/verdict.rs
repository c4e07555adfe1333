//! Whether a node needs somebody: what `wpsx status` says first, and what `--check` fails on.
//!
//! Each finding is a sentence and what to do about it. What heals by itself in a moment
//! is none: a line that broke a second ago, an entry that is on its way.

use serde_json::{Value, json};
use wpsx_proto::api::admin::v1::{GetStatusResponse, OriginStatus, PeerStatus, Refusal};

use super::{
    output::Output,
    words::{count, entries, many, span},
};

/// How long a peer may be away, and how long nobody may have an own log's newest head.
const AWAY: u64 = 2 * 60_000;
/// How long a log may be behind what a checkpoint tells of.
const BEHIND: u64 = 10 * 60_000;
/// So often something fails before it is more than a moment's trouble.
const OFTEN: u64 = 3;
/// A refusal of longer ago is shown, and is no finding any more.
const FRESH: u64 = 24 * 3_600_000;

/// Something that needs somebody.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What is wrong.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) remedy: String,
}

impl Finding {
    fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// For scripts.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "what": self.what, "remedy": self.remedy })
    }
}

/// The first line of `wpsx status`.
pub(crate) fn verdict(status: &GetStatusResponse, running: bool, findings: &[Finding]) -> String {
    let node = &status.node;
    match (findings.len() as u64, running) {
        (0, false) => format!("{node} does not run; nothing in its store needs attention"),
        (0, true) if status.peers.is_empty() => format!("all is well: {node} runs; no peers yet"),
        (0, true) => format!(
            "all is well: {node} runs and exchanges with {}",
            many(status.peers.len() as u64, "peer")
        ),
        (1, _) => "1 thing needs attention:".to_owned(),
        (number, _) => format!("{} things need attention:", count(number)),
    }
}

/// All that needs somebody, the gravest first. `now` in milliseconds since 1970.
pub(crate) fn findings(
    status: &GetStatusResponse,
    running: bool,
    now: u64,
    out: &Output,
) -> Vec<Finding> {
    let mut found = Vec::new();
    if !status.read_only.is_empty() {
        found.push(Finding::new(
            format!("READ-ONLY: {}", status.read_only),
            "own logs are not signed until this is settled",
        ));
    }
    let sentences = status.unsound.iter();
    for sentence in sentences.filter(|it| **it != status.read_only) {
        found.push(Finding::new(
            format!("NOT SIGNED: {sentence}"),
            "nothing is lost by waiting; see Recovering in deploy/OPERATING.md",
        ));
    }
    found.extend(of_damage(
        status,
        false,
        "DAMAGED",
        "wpsx repair mends what it can, and lists what nobody has",
    ));
    found.extend(of_damage(
        status,
        true,
        "DAMAGED and mended",
        "see whether the disk fails; wpsx repair reads all again, and this ends",
    ));
    for log in &status.origins {
        found.extend(of_log(log, status, running, now, out));
    }
    for peer in &status.peers {
        if running {
            found.extend(of_line(peer, now, out));
        }
        found.extend(of_refusals(peer, now, out));
    }
    found
}

/// The files that were found damaged: those that were mended, or those that were not.
fn of_damage(
    status: &GetStatusResponse,
    mended: bool,
    what: &str,
    remedy: &str,
) -> Option<Finding> {
    let damage = status.damage.iter().filter(|it| it.mended == mended);
    let files = many(damage.clone().count() as u64, "file");
    let first = damage.min_by_key(|it| &it.path)?;
    Some(Finding::new(
        format!("{what}: {files}, as {}: {}", first.path, first.reason),
        remedy,
    ))
}

fn of_log(
    log: &OriginStatus,
    status: &GetStatusResponse,
    running: bool,
    now: u64,
    out: &Output,
) -> Option<Finding> {
    let origin = &log.origin;
    if log.stopped.starts_with("damaged") {
        return Some(Finding::new(
            format!("{origin} stands still: {}", log.stopped),
            "a peer that has the log, or a backup, brings it back",
        ));
    }
    if log.stopped == "not signed" {
        // Told of above.
        return None;
    }
    if is_stopped(log) {
        return Some(Finding::new(
            format!("{origin} stands still: {}", log.stopped),
            "wpsx fork list shows the evidence, wpsx fork accept decides",
        ));
    }
    let still = |bound: u64| running && log.moved_time > 0 && now > log.moved_time + bound;
    let since = || out.age(log.moved_time);
    if log.local && log.not_held > 0 {
        let lost = many(log.not_held, "payload");
        return Some(Finding::new(
            format!("{origin} lacks {lost} that it published"),
            "wpsx repair asks the peers for them; what none has, publish again",
        ));
    }
    if log.local {
        let alone = log.tree_size > 0 && log.taken_by.is_empty();
        return (alone && !status.peers.is_empty() && still(AWAY)).then(|| {
            Finding::new(
                format!(
                    "nobody has pulled or cosigned the newest head of {origin} ({}) for {}",
                    entries(log.tree_size),
                    since()
                ),
                "see below which peer is not connected or has not added this node's card",
            )
        });
    }
    let missing = log.known_size.saturating_sub(log.tree_size);
    (missing > 0 && still(BEHIND)).then(|| {
        Finding::new(
            format!(
                "{origin} lacks {} that are known to exist, and has not grown for {}",
                entries(missing),
                since()
            ),
            "no peer brings them: see below what fails, or add another peer that has the log",
        )
    })
}

/// Whether a log waits for its operator; one that was switched goes on.
pub(crate) fn is_stopped(log: &OriginStatus) -> bool {
    !log.stopped.is_empty() && !log.stopped.starts_with("switched")
}

fn of_line(peer: &PeerStatus, now: u64, out: &Output) -> Vec<Finding> {
    let name = &peer.name;
    let mut found = Vec::new();
    match peer.one_sided.as_str() {
        "not-added" => found.push(Finding::new(
            format!("the peer {name} has not added this node's card: it pulls nothing from here"),
            "send its operator this node's card (wpsx card), who runs wpsx peer add CARD",
        )),
        "silent" => found.push(Finding::new(
            format!("the peer {name} takes connections and does not answer"),
            "its node hangs: tell its operator, who restarts it",
        )),
        _ => {}
    }
    let open = matches!(peer.state.as_str(), "connected" | "turned");
    let why = match peer.last_error.as_str() {
        "" => String::new(),
        error => format!(": {error}"),
    };
    if !found.is_empty() {
        // That says it already.
    } else if !open && peer.since > 0 && now > peer.since + AWAY {
        found.push(Finding::new(
            format!("the peer {name} is away for {}{why}", out.age(peer.since)),
            "see that its node runs and can be reached; one that cannot be dialled must dial \
             this one, with wpsx peer add --turn there",
        ));
    } else if peer.last_error_count >= OFTEN && peer.failures.is_empty() {
        found.push(Finding::new(
            format!(
                "the line to {name} fails again and again ({} so far){why}",
                many(peer.last_error_count, "time")
            ),
            "see the line between the two nodes, and the log of both",
        ));
    }
    if peer.clock_ahead > 0 {
        let ahead = span(peer.clock_ahead);
        found.push(Finding::new(
            format!("the clock of {name} is {ahead} ahead of this node's, by what it signed"),
            "see which of the two is wrong and set it; ages of its logs are not known until then",
        ));
    }
    let failing = peer
        .failures
        .iter()
        .filter(|failure| failure.count >= OFTEN);
    found.extend(failing.map(|failure| {
        Finding::new(
            format!(
                "{} cannot be had from {name}: {} ({} in {})",
                failure.origin,
                failure.reason,
                many(failure.count, "time"),
                out.age(failure.first_time)
            ),
            "another peer's copy is taken where there is one; tell the operator of this one",
        )
    }));
    found
}

fn of_refusals(peer: &PeerStatus, now: u64, out: &Output) -> Vec<Finding> {
    let fresh = |refusal: &&Refusal| now < refusal.time + FRESH;
    let ours = peer.refused.iter().filter(fresh).map(|refusal| {
        Finding::new(
            format!("refused from {}: {}", peer.name, refused(refusal, out)),
            "it sends what cannot be true: tell its operator, who runs wpsx verify",
        )
    });
    let theirs = peer.refused_by.iter().filter(fresh).map(|refusal| {
        Finding::new(
            format!(
                "{} refused from this node: {}",
                peer.name,
                refused(refusal, out)
            ),
            "see whether what is stored here is whole: wpsx verify",
        )
    });
    ours.chain(theirs).collect()
}

/// A refusal in a line.
pub(crate) fn refused(refusal: &Refusal, out: &Output) -> String {
    let origin = match refusal.origin.as_str() {
        "" => String::new(),
        origin => format!("{origin}: "),
    };
    let times = match refusal.count {
        0 | 1 => String::new(),
        n => format!("{}, the last ", many(n, "time")),
    };
    let age = out.age(refusal.time);
    format!(
        "{origin}{} ({}, {times}{age} ago)",
        refusal.reason, refusal.code
    )
}

#[cfg(test)]
mod tests {
    use wpsx_proto::api::admin::v1::{Damage, LogFailure};

    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    /// A node with one own log that its one peer has.
    fn well() -> GetStatusResponse {
        GetStatusResponse {
            node: "eu.example".into(),
            origins: vec![OriginStatus {
                origin: "eu.example/wpsx/public".into(),
                local: true,
                tree_size: 10,
                known_size: 10,
                moved_time: NOW - 3_600_000,
                taken_by: vec!["au.example".into()],
                ..OriginStatus::default()
            }],
            peers: vec![PeerStatus {
                name: "au.example".into(),
                state: "connected".into(),
                since: NOW - 3_600_000,
                ..PeerStatus::default()
            }],
            ..GetStatusResponse::default()
        }
    }

    fn damaged(mended: bool) -> Damage {
        Damage {
            path: "state/peers/au.example.json".into(),
            reason: "it is missing".into(),
            mended,
            ..Damage::default()
        }
    }

    fn found(change: impl FnOnce(&mut GetStatusResponse)) -> Vec<Finding> {
        let mut status = well();
        change(&mut status);
        let out = Output::to(Box::new(std::io::sink()), false, false, NOW);
        findings(&status, true, NOW, &out)
    }

    #[test]
    fn a_node_that_needs_nobody_is_said_to_be_well() {
        assert_eq!(found(|_| {}), []);
        let said = verdict(&well(), true, &[]);
        assert_eq!(
            said,
            "all is well: eu.example runs and exchanges with 1 peer"
        );
        // What heals by itself in a moment is no finding.
        let quiet = found(|status| {
            status.peers[0].state = "waiting".into();
            status.peers[0].since = NOW - 5_000;
            status.peers[0].last_error = "the connection was lost".into();
            status.peers[0].last_error_count = 1;
            status.origins[0].taken_by.clear();
            status.origins[0].moved_time = NOW - 5_000;
        });
        assert_eq!(quiet, []);
    }

    #[test]
    fn each_trouble_is_named_with_what_to_do() {
        type Change = fn(&mut GetStatusResponse);
        let changes: [(Change, &str); 12] = [
            (
                |s| s.damage = vec![damaged(false)],
                "DAMAGED: 1 file, as state/peers/au.example.json: it is missing",
            ),
            (
                |s| s.damage = vec![damaged(true)],
                "DAMAGED and mended: 1 file, as state/peers/au.example.json: it is missing",
            ),
            (
                |s| s.peers[0].clock_ahead = 3 * 3_600_000,
                "the clock of au.example is 3 h ahead of this node's",
            ),
            (|s| s.read_only = "why".into(), "READ-ONLY: why"),
            (
                |s| s.origins[0].stopped = "fork".into(),
                "eu.example/wpsx/public stands still: fork",
            ),
            (
                |s| s.origins[0].taken_by.clear(),
                "nobody has pulled or cosigned the newest head of eu.example/wpsx/public",
            ),
            (
                |s| {
                    s.origins[0].local = false;
                    s.origins[0].known_size = 12;
                },
                "lacks 2 entries that are known to exist",
            ),
            (
                |s| s.peers[0].one_sided = "not-added".into(),
                "the peer au.example has not added this node's card",
            ),
            (
                |s| s.peers[0].one_sided = "silent".into(),
                "takes connections and does not answer",
            ),
            (
                |s| s.peers[0].state = "waiting".into(),
                "the peer au.example is away for 1 h",
            ),
            (
                |s| {
                    s.peers[0].failures.push(LogFailure {
                        origin: "x.example/wpsx/public".into(),
                        reason: "no progress for 20 s".into(),
                        first_time: NOW - 60_000,
                        time: NOW,
                        count: 3,
                    });
                },
                "x.example/wpsx/public cannot be had from au.example: no progress for 20 s",
            ),
            (
                |s| {
                    s.peers[0].refused_by.push(Refusal {
                        code: "bad-proof".into(),
                        reason: "it does not hash".into(),
                        time: NOW - 1_000,
                        count: 7,
                        ..Refusal::default()
                    });
                },
                "au.example refused from this node: it does not hash (bad-proof, 7 times",
            ),
        ];
        for (change, said) in changes {
            let found = found(change);
            let [finding] = &found[..] else {
                panic!("{said}: {found:?}");
            };
            assert!(finding.what.contains(said), "{finding:?}");
            assert!(!finding.remedy.is_empty());
        }
    }

    #[test]
    fn a_node_that_does_not_run_is_not_said_to_be_well() {
        let said = verdict(&well(), false, &[]);
        assert!(said.contains("does not run"), "{said}");
    }
}
