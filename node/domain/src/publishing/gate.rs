//! What has to be asked before a log of this node is signed.

use futures::future::BoxFuture;
use wpsx_proto::origin::Origin;

use crate::error::NodeError;

/// Says whether a log may be signed. Whoever knows the peers implements it: a peer may
/// have seen further than this store, and two trees of a log may have been signed.
pub trait MaySign: Send + Sync {
    /// Settles, before the first signature, what has to be asked of others; at once
    /// where it was settled before.
    fn settle(&self) -> BoxFuture<'_, ()>;

    /// Why `origin` must not be signed now, if so. Takes no time.
    fn refusal(&self, origin: &Origin) -> Option<NodeError>;
}
