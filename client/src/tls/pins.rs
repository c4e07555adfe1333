//! Which keys are accepted from a peer.

use std::{collections::BTreeSet, sync::Arc};

use tokio::sync::watch;
use wpsx_proto::origin::TlsKeyHash;

/// The keys that are accepted from one peer. Clones share one set, so that a change
/// is felt by the next handshake and by every open connection.
#[derive(Clone, Debug)]
pub struct Pins(Arc<watch::Sender<BTreeSet<TlsKeyHash>>>);

impl Pins {
    /// Accepts this key alone.
    pub fn only(key: TlsKeyHash) -> Self {
        Self::from_iter([key])
    }

    /// Whether the key is accepted.
    pub fn contains(&self, key: &TlsKeyHash) -> bool {
        self.0.borrow().contains(key)
    }

    /// Accepts these keys from now on, and no others.
    pub fn replace(&self, keys: impl IntoIterator<Item = TlsKeyHash>) {
        self.0.send_replace(keys.into_iter().collect());
    }

    /// Accepts nothing any more.
    pub fn clear(&self) {
        self.replace([]);
    }

    /// Waits until the key is no longer accepted.
    pub(crate) async fn dropped(&self, key: &TlsKeyHash) {
        let mut set = self.0.subscribe();
        // Cannot fail: `self` keeps the sender.
        let _ = set.wait_for(|keys| !keys.contains(key)).await;
    }

    pub(super) fn list(&self) -> String {
        let keys = self.0.borrow();
        if keys.is_empty() {
            return "none".to_owned();
        }
        let keys: Vec<String> = keys.iter().map(TlsKeyHash::to_string).collect();
        keys.join(" or ")
    }
}

impl Default for Pins {
    fn default() -> Self {
        Self::from_iter([])
    }
}

impl FromIterator<TlsKeyHash> for Pins {
    fn from_iter<I: IntoIterator<Item = TlsKeyHash>>(keys: I) -> Self {
        Self(Arc::new(watch::Sender::new(keys.into_iter().collect())))
    }
}

/// The other side proved a key that is not pinned.
#[derive(Clone, Debug, thiserror::Error)]
#[error("it has the TLS key {found}, pinned: {pinned}")]
pub struct WrongKey {
    /// The key it proved to have.
    pub found: TlsKeyHash,
    /// The keys it should have, for people to read.
    pub pinned: String,
}
