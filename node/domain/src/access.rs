//! Who may read which log.
//!
//! One rule for every call, at hop one and at hop five: the log's audience and
//! the key of the caller's TLS certificate decide, nothing else. A log that
//! does not admit the caller is answered like one that is not there.

use wpsx_proto::origin::{Audience, Origin};

use crate::{listen::Caller, peers::Peers};

/// Whether `origin` may be read by `caller`.
pub fn admits(peers: &Peers, caller: &Caller, origin: &Origin) -> bool {
    match origin.audience() {
        Some(Audience::Public) => true,
        Some(Audience::Network) => caller
            .key
            .as_ref()
            .is_some_and(|key| peers.by_key(key).is_some()),
        Some(Audience::Group | Audience::Internal) | None => false,
    }
}
