//! Packages: runs of entries that prove that they belong to a checkpoint.
//!
//! They are the entry packages of C2SP tlog-mirror. A run stays within one bundle, so
//! that a reader verifies and stores each as it comes, and an interruption costs no
//! more than the one under way. A [`VerifiedPackage`] can only come out of
//! [`Package::verify`].

use std::ops::Range;

use bytes::Bytes;

use crate::{
    api,
    bundle::{BundleError, EntryBundle},
    checkpoint::VerifiedCheckpoint,
    envelope::Leaf,
    hash::{Hash, HashError},
    index::{BUNDLE, LeafIndex, TreeSize},
    origin::Origin,
    proof::{MAX_PROOF, ProofError, prove_subtree, verify_subtree_consistency},
    tree::{Frontier, Subtrees},
};

/// Entries of one bundle with a proof that nobody has checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    start: LeafIndex,
    entries: EntryBundle,
    proof: Vec<Hash>,
}

/// Entries that a checkpoint's root commits to.
#[derive(Debug, Clone)]
pub struct VerifiedPackage {
    origin: Origin,
    tree_size: TreeSize,
    start: LeafIndex,
    entries: EntryBundle,
    leaf_hashes: Vec<Hash>,
    leaves: Vec<Leaf>,
    proof: Vec<Hash>,
}

/// Why a package is not one, or does not belong to the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// The caller has other leaf hashes than the package needs before it.
    #[error("a package from {start} on needs {expected} leaf hashes before it, not {found}")]
    WrongBefore {
        /// The first entry of the package.
        start: LeafIndex,
        /// Entries between the start of the bundle and that one.
        expected: usize,
        /// Hashes that the caller gave.
        found: usize,
    },
    /// The sender's entries are not entries.
    #[error("the entries of the package cannot be read")]
    Entries(#[from] BundleError),
    /// The sender's package has no entries.
    #[error("the package is empty")]
    Empty,
    /// The sender's package does not lie within one bundle.
    #[error("{count} entries from {start} on do not lie within one bundle")]
    BeyondBundle {
        /// The first entry of the package.
        start: LeafIndex,
        /// How many entries it has.
        count: usize,
    },
    /// The sender's proof is not a list of hashes.
    #[error("the proof of the package cannot be read")]
    Proof(#[from] HashError),
    /// The sender's package reaches further than the checkpoint.
    #[error("a package up to {end} is not part of a tree of {size}")]
    BeyondCheckpoint {
        /// The entry after the last.
        end: TreeSize,
        /// The checkpoint's size.
        size: TreeSize,
    },
    /// The sender's entries are not those of the checkpoint.
    #[error("the entries from {start} on are not those of the checkpoint")]
    Unproven {
        /// The first entry of the package.
        start: LeafIndex,
        /// What was wrong with the proof.
        source: ProofError,
    },
}

impl Package {
    /// Entries from `start` on and the proof that [`prove_package`] made for them.
    ///
    /// # Errors
    /// No entries, more than the bundle takes, or more than [`MAX_PROOF`] hashes.
    pub fn new(
        start: LeafIndex,
        entries: EntryBundle,
        proof: Vec<Hash>,
    ) -> Result<Self, PackageError> {
        let count = entries.len();
        if count == 0 {
            return Err(PackageError::Empty);
        }
        // The last bundle of all is out of bounds too, so that no end overflows.
        if start.in_bundle() + count > BUNDLE as usize || start.bundle() == LAST_BUNDLE {
            return Err(PackageError::BeyondBundle { start, count });
        }
        if proof.len() > MAX_PROOF {
            return Err(PackageError::Proof(HashError::TooMany {
                count: proof.len(),
                max: MAX_PROOF,
            }));
        }
        Ok(Self {
            start,
            entries,
            proof,
        })
    }

    /// Reads a package as it is sent.
    ///
    /// # Errors
    /// As [`Package::new`], or bytes that are no entries or no hashes.
    pub fn from_api(package: api::log::v1::Package) -> Result<Self, PackageError> {
        let proof = Hash::list_from_bytes(&package.proof, MAX_PROOF)?;
        let entries = EntryBundle::parse(package.entries)?;
        Self::new(LeafIndex::new(package.start), entries, proof)
    }

    /// The package as it is sent.
    #[must_use]
    pub fn to_api(&self) -> api::log::v1::Package {
        api::log::v1::Package {
            start: self.start.value(),
            entries: self.entries.bytes(),
            proof: Hash::list_to_bytes(&self.proof),
        }
    }

    /// The index of the first entry.
    #[must_use]
    pub const fn start(&self) -> LeafIndex {
        self.start
    }

    /// The entries, of which nothing is checked.
    #[must_use]
    pub fn unchecked_entries(self) -> EntryBundle {
        self.entries
    }

    /// The index after the last entry.
    #[must_use]
    pub fn end(&self) -> TreeSize {
        self.start.size_before().plus(self.entries.len() as u64)
    }

    /// Checks that a checkpoint's root commits to these entries at these positions.
    ///
    /// `before` are the leaf hashes of the bundle's entries before the package: those of
    /// `[start rounded down to a multiple of 256, start)`, which the caller has verified.
    ///
    /// # Errors
    /// `before` has another length, the package reaches past the checkpoint, or the proof
    /// does not lead to its root.
    pub fn verify(
        self,
        before: &[Hash],
        checkpoint: &VerifiedCheckpoint,
    ) -> Result<VerifiedPackage, PackageError> {
        let (start, end, size) = (self.start, self.end(), checkpoint.size());
        if before.len() != start.in_bundle() {
            return Err(PackageError::WrongBefore {
                start,
                expected: start.in_bundle(),
                found: before.len(),
            });
        }
        if end > size {
            return Err(PackageError::BeyondCheckpoint { end, size });
        }
        let leaf_hashes: Vec<Hash> = self.entries.iter().map(Hash::leaf).collect();
        let mut subtree = Frontier::empty();
        subtree.extend(before.iter().chain(&leaf_hashes).copied());
        verify_subtree_consistency(
            start.bundle_start(),
            end,
            subtree.root(),
            size,
            checkpoint.root(),
            &self.proof,
        )
        .map_err(|source| PackageError::Unproven { start, source })?;
        let leaves = self.entries.iter().map(Leaf::read).collect();
        Ok(VerifiedPackage {
            origin: checkpoint.origin().clone(),
            tree_size: size,
            start,
            entries: self.entries,
            leaf_hashes,
            leaves,
            proof: self.proof,
        })
    }
}

impl VerifiedPackage {
    /// The log.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The index of the first entry.
    #[must_use]
    pub const fn start(&self) -> LeafIndex {
        self.start
    }

    /// The index after the last entry.
    #[must_use]
    pub fn end(&self) -> TreeSize {
        self.start.size_before().plus(self.entries.len() as u64)
    }

    /// The size of the checkpoint that commits to the entries.
    #[must_use]
    pub const fn tree_size(&self) -> TreeSize {
        self.tree_size
    }

    /// The entries.
    #[must_use]
    pub const fn entries(&self) -> &EntryBundle {
        &self.entries
    }

    /// Their hashes.
    #[must_use]
    pub fn leaf_hashes(&self) -> &[Hash] {
        &self.leaf_hashes
    }

    /// What they say.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The package as it was sent.
    #[must_use]
    pub fn to_api(&self) -> api::log::v1::Package {
        api::log::v1::Package {
            start: self.start.value(),
            entries: self.entries.bytes(),
            proof: Hash::list_to_bytes(&self.proof),
        }
    }

    /// The entries' bytes, each behind its length.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.entries.bytes()
    }
}

/// The runs that packages for `[from, to)` have, in order: cut at each multiple of 256.
pub fn runs(from: LeafIndex, to: TreeSize) -> impl Iterator<Item = Range<u64>> {
    let mut at = from.value();
    std::iter::from_fn(move || {
        let start = at;
        let next_bundle = LeafIndex::new(start).bundle_start().plus(BUNDLE).value();
        at = next_bundle.min(to.value());
        (start < at).then_some(start..at)
    })
}

/// The proof of the package `[start, end)` for a checkpoint of this size.
///
/// # Errors
/// As [`Subtrees::subtree`].
pub fn prove_package<S: Subtrees + ?Sized>(
    tree: &S,
    start: LeafIndex,
    end: TreeSize,
    size: TreeSize,
) -> Result<Vec<Hash>, S::Error> {
    prove_subtree(tree, start.bundle_start(), end, size)
}

const LAST_BUNDLE: u64 = u64::MAX / BUNDLE;
