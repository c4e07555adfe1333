//! The node as a whole, read from all its parts.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use wpsx_domain::{NodeError, access::Sight, records::Records};
use wpsx_federation::{
    Federation,
    forks::Decision,
    refusals::{Refusal, Side},
};
use wpsx_services::state::{LineState, LogState, NodeState, RefusalState};
use wpsx_store::Store;

/// What is looked at.
pub(super) struct Observed {
    store: Store,
    records: Records,
    federation: Arc<Federation>,
}

impl Observed {
    pub(super) fn new(store: Store, records: Records, federation: Arc<Federation>) -> Self {
        Self {
            store,
            records,
            federation,
        }
    }

    /// Everything, with the logs that `sight` admits.
    pub(super) fn state(&self, sight: &Sight) -> Result<NodeState, NodeError> {
        let federation = &self.federation;
        let (listen, http_listen) = addresses(federation);
        Ok(NodeState {
            node: federation.card().name().to_string(),
            read_only: self.store.read_only().unwrap_or_default(),
            logs: self.logs(sight)?,
            peers: self.lines(),
            forks: federation.forks().logs() as u64,
            views_behind: self.records.index().behind(),
            listen,
            http_listen,
        })
    }

    fn logs(&self, sight: &Sight) -> Result<Vec<LogState>, NodeError> {
        let cosigners = self.federation.cosigners();
        let mut shown = Vec::new();
        for served in sight.logs() {
            let Some(log) = self.store.log(served.origin()) else {
                continue;
            };
            // Whatever is wrong with the views, the rest is told.
            let counts = self.records.count(sight, &served).unwrap_or_default();
            let holes = log.holes();
            let head = log.head();
            let cosignatures = head
                .as_ref()
                .map(|head| head.cosignatures(&cosigners))
                .unwrap_or_default();
            let known = log.pending().map_or(0, |pending| pending.size().value());
            shown.push(LogState {
                origin: log.origin().clone(),
                local: log.is_own(),
                tree_size: log.stored().value(),
                known_size: known.max(log.stored().value()),
                records: counts.records,
                filtered: holes.filtered,
                erased: holes.erased,
                not_held: holes.not_held,
                unreadable: counts.unreadable,
                seen_time: cosignatures.iter().map(|c| c.time).max().unwrap_or(0),
                cosigners: cosignatures.into_iter().map(|c| c.name).collect(),
                stopped: self.stopped(&served).unwrap_or_default(),
                key: log.key(),
                root: log.frontier().root(),
            });
        }
        Ok(shown)
    }

    fn stopped(&self, log: &wpsx_domain::served::ServedLog) -> Option<&'static str> {
        let forks = self.federation.forks();
        if forks.stopped(log.origin()) {
            return Some("fork");
        }
        let switched = forks.decision(log.origin()) == Some(Decision::Switch);
        switched.then_some("switched, not cosigned")
    }

    fn lines(&self) -> Vec<LineState> {
        let logs = self.store.logs().into_iter();
        let stored: HashMap<String, u64> = logs
            .map(|log| (log.origin().to_string(), log.stored().value()))
            .collect();
        let refusals = self.federation.refusals();
        let peers = self.federation.peers().all().into_iter();
        let lines = peers.map(|peer| {
            let link = self.federation.links().of(peer.name());
            let heads = link.heads();
            let behind = heads.iter().map(|(origin, told)| {
                let held = stored.get(origin);
                held.map_or(0, |held| told.saturating_sub(*held))
            });
            LineState {
                name: peer.name().to_owned(),
                state: link.state().as_str(),
                behind: behind.sum(),
                refused: shown(refusals.of(peer.name(), Side::Ours)),
                refused_by: shown(refusals.of(peer.name(), Side::Theirs)),
                last_error: link.last_error(),
                bytes_in: link.bytes(),
                entries_in: link.entries(),
                capabilities: link.capabilities(),
            }
        });
        lines.collect()
    }
}

/// Where the node listens over TLS and over plain HTTP; empty where it does not.
pub(super) fn addresses(federation: &Federation) -> (String, String) {
    let addresses = federation.card().addresses();
    let show = |a: Option<SocketAddr>| a.map_or_else(String::new, |a| a.to_string());
    (show(addresses.listen), show(addresses.http))
}

fn shown(refusals: Vec<Refusal>) -> Vec<RefusalState> {
    let shown = refusals.into_iter().map(|refusal| RefusalState {
        origin: refusal.origin,
        code: refusal.code,
        reason: refusal.reason,
        time: refusal.time,
    });
    shown.collect()
}
