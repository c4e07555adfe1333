//! The node as a whole, read from all its parts.

use std::{collections::HashMap, sync::Arc};

use wpsx_client::clock::Clock;
use wpsx_domain::{NodeError, access::Sight, records::Records, repair::Repaired};
use wpsx_doors::scrub::Scrub;
use wpsx_federation::{
    Federation,
    failures::{Failure, Position},
    forks::Decision,
    peers::{DamagedPeer, Peer},
    refusals::{Refusal, Side},
};
use wpsx_proto::{api::admin::v1 as api, cosignature::Cosignature, skew};
use wpsx_services::state::{FailureState, LineState, LogState, NodeState, RefusalState};
use wpsx_store::{Damage, DamagedFile, LogHandle, Part, Store};

use super::hosts::Hosts;

/// What is looked at.
pub(super) struct Observed {
    pub(super) store: Store,
    pub(super) records: Records,
    pub(super) federation: Arc<Federation>,
    /// Keys that no log knows.
    unknown_keys: Arc<[String]>,
    pub(super) clock: Clock,
    scrub: Scrub,
}

impl Observed {
    pub(super) fn new(
        store: Store,
        records: Records,
        federation: Arc<Federation>,
        unknown_keys: Arc<[String]>,
        clock: Clock,
        scrub: Scrub,
    ) -> Self {
        Self {
            store,
            records,
            federation,
            unknown_keys,
            clock,
            scrub,
        }
    }

    /// Everything, with the logs that `sight` admits.
    pub(super) fn state(&self, sight: &Sight) -> Result<NodeState, NodeError> {
        let federation = &self.federation;
        let (listen, http_listen) = federation.card().addresses().shown();
        let disk = self.store.disk();
        let mut hosts = Hosts::of(federation);
        let logs = self.logs(sight, &mut hosts)?;
        Ok(NodeState {
            node: federation.card().name().to_string(),
            read_only: self.store.read_only().or(disk.full).unwrap_or_default(),
            logs,
            peers: self.lines(&hosts),
            forks: federation.forks().logs() as u64,
            views_behind: self.records.index().behind(),
            damage: sight.damaged_files().into_iter().map(told).collect(),
            scrubbed: self.scrub.ended(),
            listen,
            http_listen,
            unsound: self.unsound(),
            strangers: self.strangers(),
            disk_free: disk.free,
            disk_reserve: disk.reserve,
        })
    }

    /// What contradicts what is known of our own logs.
    fn unsound(&self) -> Vec<String> {
        let logs = self.store.logs();
        let contradictions = logs.iter().filter_map(LogHandle::contradiction);
        let damages = self.store.damage().into_iter();
        let own = damages.filter(|damage| damage.part == Part::Log && damage.own != Some(false));
        let doubt = self.store.doubt().into_iter();
        doubt
            .chain(contradictions)
            .chain(own.map(|damage| format!("{}: {damage}; run wpsx repair", damage.log_name())))
            .chain(self.unknown_keys.iter().cloned())
            .collect()
    }

    fn strangers(&self) -> Vec<String> {
        let strangers = self.store.strangers();
        strangers
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    }

    fn logs(&self, sight: &Sight, hosts: &mut Hosts) -> Result<Vec<LogState>, NodeError> {
        let cosigners = self.federation.cosigners();
        let mut shown = Vec::new();
        for served in sight.logs() {
            let Some(log) = self.store.log(served.origin()) else {
                continue;
            };
            // Whatever is wrong with the views, the rest is told.
            let counts = self.records.kept_count(sight, &served).unwrap_or_default();
            let holes = log.holes();
            let head = log.head();
            let cosignatures = head
                .as_ref()
                .map(|head| head.cosignatures(&cosigners))
                .unwrap_or_default();
            let hosted = hosts.stamps(&log);
            let (seen_time, ahead_time) = self.seen(hosted.as_deref(), &cosignatures);
            let known = log.pending().map_or(0, |pending| pending.size().value());
            shown.push(LogState {
                origin: log.origin().to_string(),
                local: log.is_own(),
                tree_size: log.stored().value(),
                known_size: known.max(log.stored().value()),
                records: counts.records,
                filtered: holes.filtered,
                erased: holes.erased,
                not_held: holes.not_held,
                unreadable: counts.unreadable,
                seen_time,
                cosigners: cosignatures.into_iter().map(|c| c.name).collect(),
                stopped: self.stopped(&served).unwrap_or_default().to_owned(),
                key: Some(log.key()),
                root: Some(log.frontier().root()),
                moved_time: self.federation.movements().since(log.origin()),
                taken_by: self.taken_by(&log),
                ahead_time,
            });
        }
        shown.extend(sight.damage().into_iter().filter_map(stands_still));
        Ok(shown)
    }

    fn stopped(&self, log: &wpsx_domain::served::ServedLog) -> Option<&'static str> {
        let held = self.store.log(log.origin());
        if held.is_some_and(|log| log.contradiction().is_some()) {
            return Some("not signed");
        }
        let forks = self.federation.forks();
        if forks.stopped(log.origin()) {
            return Some("fork");
        }
        let switched = forks.decision(log.origin()) == Some(Decision::Switch);
        switched.then_some("switched, not cosigned")
    }

    /// The newest time at which the log's own node was there, in seconds since 1970: that of
    /// its cosignature where its key is known, else the newest of those who saw the head
    /// after it. A time that cannot be is the second one: it says nothing of the age.
    pub(super) fn seen(&self, hosted: Option<&[u64]>, all: &[Cosignature]) -> (u64, u64) {
        let all = || all.iter().map(|c| c.time).collect();
        let times: Vec<u64> = hosted.map_or_else(all, <[u64]>::to_vec);
        let latest = skew::latest(self.clock.unix_ms()) / 1000;
        let seen = times.iter().copied().filter(|time| *time <= latest).max();
        let ahead = times.into_iter().filter(|time| *time > latest).max();
        (seen.unwrap_or(0), ahead.unwrap_or(0))
    }

    /// How far a peer's stamps are ahead of what can be true here, in milliseconds: on its
    /// card, and on the heads of logs that it hosts, of which `newest` is the latest.
    fn clock_ahead(&self, peer: &Peer, newest: u64) -> u64 {
        let newest = newest.saturating_mul(1000).max(peer.card.time());
        let now = self.clock.unix_ms();
        match newest > skew::latest(now) {
            true => newest - now,
            false => 0,
        }
    }

    /// The peers of which it is known that they have the head of this own log: they told of it, or it
    /// carries their cosignature.
    fn taken_by(&self, log: &LogHandle) -> Vec<String> {
        let Some(head) = log.head().filter(|_| log.is_own()) else {
            return Vec::new();
        };
        let peers = self.federation.peers().all().into_iter();
        let takers = peers.filter(|peer| {
            let link = self.federation.links().of(peer.name());
            let told = link.heads().get(log.origin().as_str()).copied();
            told.is_some_and(|size| size >= head.size().value())
                || !head
                    .cosignatures(std::slice::from_ref(peer.card.cosigner()))
                    .is_empty()
        });
        takers.map(|peer| peer.name().to_owned()).collect()
    }

    fn lines(&self, hosts: &Hosts) -> Vec<LineState> {
        let logs = self.store.logs().into_iter();
        let logs: HashMap<String, LogHandle> =
            logs.map(|log| (log.origin().to_string(), log)).collect();
        let position = |origin: &str| logs.get(origin).map(Position::of);
        let refusals = self.federation.refusals();
        let peers = self.federation.peers().all().into_iter();
        let lines = peers.map(|peer| {
            let link = self.federation.links().of(peer.name());
            let heads = link.heads();
            let behind = heads.iter().map(|(origin, told)| {
                let held = logs.get(origin);
                held.map_or(0, |held| told.saturating_sub(held.stored().value()))
            });
            let failures = link.failures(position);
            LineState {
                name: peer.name().to_owned(),
                state: link.state().as_str(),
                behind: behind.sum(),
                refused: shown(refusals.of(peer.name(), Side::Ours)),
                refused_by: shown(refusals.of(peer.name(), Side::Theirs)),
                last_error: last(link.failure(), &failures),
                since: link.since(),
                one_sided: link.standing().as_str(),
                failures: failures
                    .into_iter()
                    .map(|(origin, failure)| (origin, failed(failure)))
                    .collect(),
                unknown_logs: link.unknown(),
                clock_ahead: self.clock_ahead(&peer, hosts.newest(peer.name())),
                bytes_in: link.bytes(),
                entries_in: link.entries(),
                capabilities: link.capabilities(),
            }
        });
        let damaged = self.federation.peers().damaged().into_iter();
        lines.chain(damaged.map(unreadable)).collect()
    }
}

fn told(file: DamagedFile) -> api::Damage {
    let Repaired {
        origin,
        path,
        reason,
        mended,
    } = file.into();
    api::Damage {
        origin,
        path,
        reason,
        mended,
    }
}

/// A log that is damaged as a whole.
fn stands_still(damage: Damage) -> Option<LogState> {
    (damage.part == Part::Log).then(|| LogState {
        origin: damage.log_name(),
        local: damage.own == Some(true),
        stopped: format!("damaged: {damage}; run wpsx repair"),
        ..LogState::default()
    })
}

/// A peer whose stored card cannot be read.
fn unreadable(peer: DamagedPeer) -> LineState {
    let remedy = "add its card again with wpsx peer add, with the options that it had";
    LineState {
        name: peer.name,
        state: "damaged",
        last_error: Some(FailureState {
            reason: format!("{}; {remedy}", peer.reason),
            ..FailureState::default()
        }),
        ..LineState::default()
    }
}

/// The last thing that failed with a peer: of the line, or of one of its logs.
fn last(line: Option<Failure>, logs: &[(String, Failure)]) -> Option<FailureState> {
    let newest = logs.iter().max_by_key(|(_, failure)| failure.time);
    let of_log = newest.map(|(origin, failure)| FailureState {
        reason: format!("{origin}: {}", failure.reason),
        ..failed(failure.clone())
    });
    line.map(failed).or(of_log)
}

fn failed(failure: Failure) -> FailureState {
    FailureState {
        reason: failure.reason,
        first_time: failure.first_time,
        time: failure.time,
        count: failure.count,
    }
}

fn shown(refusals: Vec<Refusal>) -> Vec<RefusalState> {
    let shown = refusals.into_iter().map(|refusal| RefusalState {
        origin: refusal.origin,
        code: refusal.code,
        reason: refusal.reason,
        time: refusal.time,
        first_time: refusal.first_time,
        count: refusal.count,
    });
    shown.collect()
}
