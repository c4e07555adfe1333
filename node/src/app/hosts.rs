//! Which nodes host which publishers, by the cards that are known here, and when each of
//! them last said that it is there: the time of its cosignature on a log that it hosts.

use std::collections::HashMap;

use wpsx_federation::Federation;
use wpsx_proto::{note::VerifierKey, origin::IdentityId};
use wpsx_store::LogHandle;

/// The hosts of publishers, and the newest of their stamps that were looked at.
pub(super) struct Hosts {
    own: VerifierKey,
    /// The peer's name and the key of its cosignatures, by publisher.
    peers: HashMap<IdentityId, Vec<(String, VerifierKey)>>,
    newest: HashMap<String, u64>,
}

impl Hosts {
    pub(super) fn of(federation: &Federation) -> Self {
        let mut peers: HashMap<IdentityId, Vec<_>> = HashMap::new();
        for peer in federation.peers().all() {
            for identity in peer.card.publishers() {
                let host = (peer.name().to_owned(), peer.card.cosigner().clone());
                peers.entry(identity.id()).or_default().push(host);
            }
        }
        Self {
            own: federation.card().cosigner().clone(),
            peers,
            newest: HashMap::new(),
        }
    }

    /// The times at which the hosts of a log cosigned its head, in seconds since 1970; none
    /// if no host of it is known.
    pub(super) fn stamps(&mut self, log: &LogHandle) -> Option<Vec<u64>> {
        let head = log.head();
        let of = |key: &VerifierKey| {
            let lines = head
                .as_ref()
                .map(|head| head.cosignatures(std::slice::from_ref(key)));
            lines
                .unwrap_or_default()
                .into_iter()
                .map(|line| line.time)
                .max()
        };
        if log.is_own() {
            return Some(of(&self.own).into_iter().collect());
        }
        let mut stamps = Vec::new();
        for (peer, key) in self.peers.get(&log.identity().id())? {
            if let Some(time) = of(key) {
                let newest = self.newest.entry(peer.clone()).or_default();
                *newest = time.max(*newest);
                stamps.push(time);
            }
        }
        Some(stamps)
    }

    /// The newest stamp of a peer on a log that it hosts, in seconds since 1970.
    pub(super) fn newest(&self, peer: &str) -> u64 {
        self.newest.get(peer).copied().unwrap_or(0)
    }
}
