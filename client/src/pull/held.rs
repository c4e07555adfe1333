//! What is held of a log, from which a pull goes on.

use bytes::Bytes;
use wpsx_proto::{
    api::replication::v1::KnownHead,
    checkpoint::VerifiedCheckpoint,
    hash::Hash,
    index::{BUNDLE, TreeSize},
    origin::Origin,
    package::VerifiedPackage,
    tree::{Frontier, Subtrees, frontier_at},
};

use super::error::PullError;

/// What the caller holds of the log.
#[derive(Debug, Clone)]
pub struct Held {
    /// The right edge of the entries stored: a prefix of the log.
    pub frontier: Frontier,
    /// The leaf hashes of the last, incomplete bundle of that prefix.
    pub open: Vec<Hash>,
    /// The largest checkpoint ever verified, which the stored entries are part of.
    pub verified: Option<VerifiedCheckpoint>,
}

impl Held {
    /// Nothing yet.
    pub fn nothing() -> Self {
        Self {
            frontier: Frontier::empty(),
            open: Vec::new(),
            verified: None,
        }
    }

    /// The first `stored` entries of `tree`.
    ///
    /// # Errors
    ///
    /// Those of reading `tree`.
    pub fn of<S: Subtrees>(
        tree: &S,
        stored: TreeSize,
        verified: Option<VerifiedCheckpoint>,
    ) -> Result<Self, S::Error> {
        let first = stored.next_index().bundle_start().value();
        Ok(Self {
            frontier: frontier_at(tree, stored)?,
            open: (first..stored.value())
                .map(|index| tree.subtree(0, index))
                .collect::<Result<_, _>>()?,
            verified,
        })
    }

    /// How many entries are stored.
    pub fn stored(&self) -> TreeSize {
        self.frontier.size()
    }

    /// Takes a package that was stored into account.
    ///
    /// # Errors
    ///
    /// [`PullError::OutOfOrder`] if it does not come next.
    pub fn extend(&mut self, package: &VerifiedPackage) -> Result<(), PullError> {
        let next = self.stored().next_index();
        if package.start() != next {
            return Err(PullError::OutOfOrder {
                expected: next,
                got: package.start(),
            });
        }
        for leaf in package.leaf_hashes() {
            self.push(*leaf);
        }
        Ok(())
    }

    pub(crate) fn push(&mut self, leaf: Hash) {
        self.frontier.push(leaf);
        self.open.push(leaf);
        if self.open.len() as u64 == BUNDLE {
            self.open.clear();
        }
    }

    /// What a list or watch of heads is to be told of this log, so that it tells of
    /// everything that is not here yet.
    pub fn known_head(&self, origin: &Origin) -> KnownHead {
        let (tree_size, note_hash) = match &self.verified {
            Some(verified) if verified.size() == self.stored() => (
                verified.size(),
                Bytes::copy_from_slice(&Hash::of(&verified.note_bytes()).as_bytes()[..8]),
            ),
            // The checkpoint is known but not fetched yet: it is to be shown again, which
            // no hash of a note prevents.
            Some(verified) => (verified.size(), Bytes::from_static(&[0; 8])),
            None => (self.stored(), Bytes::new()),
        };
        KnownHead {
            origin: origin.to_string(),
            tree_size: tree_size.value(),
            note_hash,
        }
    }
}
