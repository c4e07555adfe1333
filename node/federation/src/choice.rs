//! Which payloads this node fetches, from all peers and from one.

use wpsx_client::pull::{PayloadFilter, PullOptions, Source};
use wpsx_domain::capabilities;

use crate::peers::Peer;

/// What the operator set for all peers; a peer's own filter narrows it further.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Numbers of kinds; empty: all.
    pub kinds: Vec<u32>,
    /// ISO 3166-1 alpha-3 codes or user-assigned ones; empty: all.
    pub countries: Vec<String>,
    /// The largest payload that is fetched, in bytes.
    pub max_payload: u32,
}

impl Choice {
    /// How a log is pulled from `peer`, which lists these capabilities.
    pub(crate) fn options(&self, peer: &Peer, listed: &[String]) -> PullOptions {
        let kinds: Vec<u32> = match (self.kinds.as_slice(), peer.filter.kinds.as_slice()) {
            ([], kinds) | (kinds, []) => kinds.to_vec(),
            (ours, of_peer) => of_peer
                .iter()
                .copied()
                .filter(|k| ours.contains(k))
                .collect(),
        };
        let countries = if peer.filter.countries.is_empty() {
            self.countries.clone()
        } else {
            peer.filter.countries.clone()
        };
        let all_kinds = self.kinds.is_empty() && peer.filter.kinds.is_empty();
        PullOptions {
            payloads: PayloadFilter {
                kinds: (!all_kinds).then(|| kinds.into_iter().collect()),
                max_length: Some(self.max_payload),
                countries,
            },
            zstd: listed.iter().any(|name| name == capabilities::ZSTD),
            source: Source::Relay,
            keep_entries: true,
            ..PullOptions::default()
        }
    }
}
