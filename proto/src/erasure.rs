//! Erase entries that prove themselves: they are in a tree that the log's key signed.
//!
//! Where a log stands still, because two trees of it were signed, nobody takes entries of
//! it, but what they erase has to go everywhere. So they travel alone.

use std::fmt;

use bytes::Bytes;

use crate::{
    api::log::v1 as api,
    checkpoint::{CheckpointError, SignedCheckpoint, VerifiedCheckpoint},
    envelope::{Leaf, Operation},
    hash::{Hash, HashError},
    index::{BUNDLE, LeafIndex},
    note::VerifierKey,
    origin::{Origin, RecordId},
    package::{Package, PackageError, VerifiedPackage},
};

/// Why evidence proves no erasure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErasureError {
    /// The note is no checkpoint that the log's key signed.
    #[error("the checkpoint of the evidence is not signed by the log's key")]
    Checkpoint(#[from] CheckpointError),
    /// The evidence is of another log than it says.
    #[error("the evidence is of {found}, not of {expected}")]
    Origin {
        /// What it says.
        expected: String,
        /// What its checkpoint says.
        found: Origin,
    },
    /// The hashes before the entries are no list of hashes.
    #[error("the hashes before the entries are malformed")]
    Before(#[from] HashError),
    /// The entries are not those of the tree.
    #[error("the entries of the evidence are not proven")]
    Package(#[from] PackageError),
    /// None of the entries erases.
    #[error("no entry of the evidence erases")]
    Nothing,
}

/// Entries of a signed tree, some of which erase. They have been checked.
#[derive(Clone)]
pub struct ProvenErasure {
    origin: Origin,
    checkpoint: Bytes,
    before: Vec<Hash>,
    package: VerifiedPackage,
}

impl ProvenErasure {
    /// The entries of `package`, which `checkpoint` commits to; `before` are the hashes of
    /// the entries of its bundle before them. None if no entry erases.
    #[must_use]
    pub fn of(
        checkpoint: &VerifiedCheckpoint,
        before: &[Hash],
        package: &VerifiedPackage,
    ) -> Option<Self> {
        let erasure = Self {
            origin: checkpoint.origin().clone(),
            checkpoint: checkpoint.note_bytes(),
            before: before.to_vec(),
            package: package.clone(),
        };
        erasure.erases().next()?;
        Some(erasure)
    }

    /// Checks evidence as it travels, for a log with this key.
    ///
    /// # Errors
    /// It proves no erasure.
    pub fn check(evidence: &api::ErasureEvidence, key: &VerifierKey) -> Result<Self, ErasureError> {
        let checkpoint = SignedCheckpoint::parse(&evidence.checkpoint)?.verify(key)?;
        if checkpoint.origin().as_str() != evidence.origin {
            return Err(ErasureError::Origin {
                expected: evidence.origin.clone(),
                found: checkpoint.origin().clone(),
            });
        }
        let before = Hash::list_from_bytes(&evidence.before, BUNDLE as usize)?;
        let package = Package::from_api(evidence.package.clone().unwrap_or_default())?;
        let package = package.verify(&before, &checkpoint)?;
        Self::of(&checkpoint, &before, &package).ok_or(ErasureError::Nothing)
    }

    /// The log.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The records that are erased, each with the index of the entry that does.
    pub fn erases(&self) -> impl Iterator<Item = (RecordId, LeafIndex)> {
        let leaves = (self.package.start().value()..).zip(self.package.leaves());
        leaves.filter_map(|(index, leaf)| match leaf {
            Leaf::Known(envelope) if envelope.operation == Operation::Erase => {
                Some((envelope.record_id, LeafIndex::new(index)))
            }
            _ => None,
        })
    }

    /// By which it is known: SHA-256 of the log's name and of the entries with their place,
    /// whichever checkpoint proves them.
    #[must_use]
    pub fn id(&self) -> Hash {
        let start = self.package.start().value().to_be_bytes();
        let origin = self.origin.as_str().as_bytes();
        let parts = [
            b"wpsx/erasure/v1\n",
            origin,
            b"\n",
            &start,
            &self.package.bytes(),
        ];
        Hash::of(&parts.concat())
    }

    /// The evidence as it travels.
    #[must_use]
    pub fn to_api(&self) -> api::ErasureEvidence {
        api::ErasureEvidence {
            origin: self.origin.to_string(),
            checkpoint: self.checkpoint.clone(),
            before: Hash::list_to_bytes(&self.before),
            package: Some(self.package.to_api()),
        }
    }
}

impl fmt::Debug for ProvenErasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvenErasure")
            .field("origin", &self.origin)
            .field("start", &self.package.start())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bundle::EntryBundle,
        checkpoint::Checkpoint,
        envelope::{Envelope, Reason},
        index::TreeSize,
        note::NoteSigner,
        package::prove_package,
        tree::{MemoryTree, root_at},
    };

    const LOG: &str = "eu.example/wpsx/public";

    /// A log of 300 entries, the last but one of which erases, and evidence of it.
    fn evidence() -> (api::ErasureEvidence, VerifierKey) {
        let signer = NoteSigner::from_seed(LOG, &[1; 32]).unwrap();
        let entry = |n: u64| {
            let operation = if n == 298 {
                Operation::Erase
            } else {
                Operation::Withdraw
            };
            let envelope = Envelope {
                operation,
                record_id: RecordId::from_bytes([n as u8; 16]),
                revision: 1,
                previous: None,
                kind: 1,
                payload: None,
                publish_time: n,
                reason: Reason::Protection,
            };
            envelope.encode()
        };
        let entries: Vec<_> = (0..300).map(entry).collect();
        let mut tree = MemoryTree::default();
        entries
            .iter()
            .for_each(|entry| tree.push(Hash::leaf(entry)));
        let size = TreeSize::new(300);
        let root = root_at(&tree, size).unwrap();
        let origin = Origin::parse(LOG).unwrap();
        let head = VerifiedCheckpoint::sign(Checkpoint { origin, size, root }, &signer).unwrap();
        let start = LeafIndex::new(290);
        let before: Vec<Hash> = entries[256..290].iter().map(|e| Hash::leaf(e)).collect();
        let proof = prove_package(&tree, start, size, size).unwrap();
        let bundle = EntryBundle::from_entries(&entries[290..]).unwrap();
        let package = Package::new(start, bundle, proof).unwrap();
        let package = package.verify(&before, &head).unwrap();
        let erasure = ProvenErasure::of(&head, &before, &package).unwrap();
        (erasure.to_api(), signer.verifier_key())
    }

    #[test]
    fn entries_that_erase_travel_with_their_proof() {
        let (evidence, key) = evidence();
        let erasure = ProvenErasure::check(&evidence, &key).unwrap();
        let erases: Vec<_> = erasure.erases().collect();
        assert_eq!(
            erases,
            [(RecordId::from_bytes([42; 16]), LeafIndex::new(298))]
        );
        assert_eq!(erasure.to_api(), evidence);
    }

    #[test]
    fn whatever_is_changed_of_the_evidence_proves_nothing() {
        let (evidence, key) = evidence();
        let other = NoteSigner::from_seed(LOG, &[2; 32]).unwrap().verifier_key();
        assert!(ProvenErasure::check(&evidence, &other).is_err());
        let flip = |bytes: &Bytes, at: usize| {
            let mut bytes = bytes.to_vec();
            bytes[at] ^= 1;
            Bytes::from(bytes)
        };
        for at in (0..evidence.before.len()).step_by(31) {
            let bad = api::ErasureEvidence {
                before: flip(&evidence.before, at),
                ..evidence.clone()
            };
            assert!(ProvenErasure::check(&bad, &key).is_err(), "before {at}");
        }
        let package = evidence.package.clone().unwrap();
        for at in 0..package.entries.len() {
            let changed = crate::api::log::v1::Package {
                entries: flip(&package.entries, at),
                ..package.clone()
            };
            let bad = api::ErasureEvidence {
                package: Some(changed),
                ..evidence.clone()
            };
            assert!(ProvenErasure::check(&bad, &key).is_err(), "entries {at}");
        }
        for bad in [
            api::ErasureEvidence::default(),
            api::ErasureEvidence {
                origin: "other.example/wpsx/public".to_owned(),
                ..evidence.clone()
            },
            api::ErasureEvidence {
                package: None,
                ..evidence
            },
        ] {
            assert!(ProvenErasure::check(&bad, &key).is_err());
        }
    }
}
