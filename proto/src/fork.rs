//! Forks: two checkpoints of one log, both signed by its key, that cannot both be true.
//!
//! A [`ProvenFork`] accuses the log's key and nobody else. For equal sizes the two
//! notes are the whole evidence. For unequal sizes a path comes with them: a
//! consistency proof that leads to the root that the larger one signed, and at the
//! smaller size to another root than the smaller one signed.

use std::fmt;

use bytes::Bytes;

use crate::{
    api::log::v1 as api,
    checkpoint::{CheckpointError, SignedCheckpoint, VerifiedCheckpoint},
    hash::{Hash, HashError},
    index::TreeSize,
    note::VerifierKey,
    origin::Origin,
    proof::{MAX_PROOF, ProofError, consistency_roots},
};

/// The most hashes of a path: those of a proof, and the root that it starts from.
pub const MAX_PATH: usize = MAX_PROOF + 1;

/// Why evidence proves no fork.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForkError {
    /// One of the notes is no checkpoint that the log's key signed.
    #[error("a checkpoint of the evidence is not signed by the log's key")]
    Checkpoint(#[from] CheckpointError),
    /// The evidence is of another log than it says.
    #[error("the evidence is of {found}, not of {expected}")]
    Origin {
        /// What it says.
        expected: String,
        /// What its checkpoint says.
        found: Origin,
    },
    /// The two are of different logs, or signed by different keys.
    #[error("the two checkpoints are not of one log and one key")]
    TwoLogs,
    /// Sizes that this sort of evidence is not about.
    #[error("sizes {small} and {large} do not go with this evidence")]
    Sizes {
        /// The size that should be the smaller one.
        small: TreeSize,
        /// The size that should be the larger one.
        large: TreeSize,
    },
    /// Both say the same.
    #[error("the two checkpoints do not contradict each other")]
    NoContradiction,
    /// The path is no list of hashes.
    #[error("the path is malformed")]
    Path(#[from] HashError),
    /// The path does not go with the sizes.
    #[error("the path does not go with the sizes")]
    Proof(#[from] ProofError),
    /// The path leads to another root than the larger checkpoint signed.
    #[error("the path does not lead to the root of the larger checkpoint")]
    OtherRoot,
}

/// Evidence that the key of a log signed two histories. It has been checked.
#[derive(Clone, PartialEq, Eq)]
pub struct ProvenFork {
    small: VerifiedCheckpoint,
    large: VerifiedCheckpoint,
    path: Vec<Hash>,
}

impl ProvenFork {
    /// Two checkpoints of the same size with different roots.
    ///
    /// # Errors
    /// They are not of one log, not of one size, or say the same.
    pub fn equal(a: VerifiedCheckpoint, b: VerifiedCheckpoint) -> Result<Self, ForkError> {
        of_one_log(&a, &b)?;
        if a.size() != b.size() {
            return Err(ForkError::Sizes {
                small: a.size(),
                large: b.size(),
            });
        }
        if a.root() == b.root() {
            return Err(ForkError::NoContradiction);
        }
        // The same order whoever finds it, so that the id is the same.
        let (small, large) = if a.root() < b.root() { (a, b) } else { (b, a) };
        Ok(Self {
            small,
            large,
            path: Vec::new(),
        })
    }

    /// A smaller and a larger checkpoint, with a path as [`ProvenFork::evidence_path`]
    /// makes it.
    ///
    /// # Errors
    /// They are not of one log, the path does not lead to the larger root, or it leads
    /// to the smaller one too.
    pub fn path(
        small: VerifiedCheckpoint,
        large: VerifiedCheckpoint,
        path: &[Hash],
    ) -> Result<Self, ForkError> {
        of_one_log(&small, &large)?;
        let (from, to) = (small.size(), large.size());
        if from.is_empty() || from >= to {
            return Err(ForkError::Sizes {
                small: from,
                large: to,
            });
        }
        let (known, proof) = match path.split_first() {
            Some((first, rest)) if from.value().is_power_of_two() => (Some(*first), rest),
            _ => (None, path),
        };
        let (old, new) = consistency_roots(from, to, known, proof)?;
        if new != large.root() {
            return Err(ForkError::OtherRoot);
        }
        if old == small.root() {
            return Err(ForkError::NoContradiction);
        }
        Ok(Self {
            small,
            large,
            path: path.to_vec(),
        })
    }

    /// The path of evidence from a consistency proof between the two sizes within the
    /// larger tree, and the root that this tree has at the smaller size. A proof from a
    /// size that is a power of two does not hold that root, so the path begins with it.
    #[must_use]
    pub fn evidence_path(from: TreeSize, root_at_from: Hash, proof: &[Hash]) -> Vec<Hash> {
        let first = from.value().is_power_of_two().then_some(root_at_from);
        first.into_iter().chain(proof.iter().copied()).collect()
    }

    /// Checks evidence that somebody else found, with the key of the log.
    ///
    /// # Errors
    /// The first thing that keeps it from being a proof.
    pub fn check(evidence: &api::ForkEvidence, key: &VerifierKey) -> Result<Self, ForkError> {
        let read = |note: &[u8]| SignedCheckpoint::parse(note)?.verify(key);
        let (small, large) = (read(&evidence.small)?, read(&evidence.large)?);
        if small.origin().as_str() != evidence.origin {
            return Err(ForkError::Origin {
                expected: evidence.origin.clone(),
                found: small.origin().clone(),
            });
        }
        let path = Hash::list_from_bytes(&evidence.path, MAX_PATH)?;
        match small.size() == large.size() {
            true if path.is_empty() => Self::equal(small, large),
            true => Err(ForkError::NoContradiction),
            false => Self::path(small, large, &path),
        }
    }

    /// The evidence as a message, with the time at which it was found in milliseconds
    /// since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn to_api(&self, found_time: u64) -> api::ForkEvidence {
        api::ForkEvidence {
            origin: self.origin().to_string(),
            small: self.small.note_bytes(),
            large: self.large.note_bytes(),
            path: match self.path.is_empty() {
                true => Bytes::new(),
                false => Hash::list_to_bytes(&self.path),
            },
            found_time,
        }
    }

    /// What the contradiction is, whoever found it and whatever else signed the notes:
    /// SHA-256 of a tag and the texts of both checkpoints.
    #[must_use]
    pub fn id(&self) -> Hash {
        let texts = [self.small.text(), "\n", self.large.text()].concat();
        Hash::of(["wpsx/fork/v1\n", &texts].concat().as_bytes())
    }

    /// The log.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        self.small.origin()
    }

    /// The smaller tree, or the one of the smaller root.
    #[must_use]
    pub fn small(&self) -> &VerifiedCheckpoint {
        &self.small
    }

    /// The larger tree, or the one of the larger root.
    #[must_use]
    pub fn large(&self) -> &VerifiedCheckpoint {
        &self.large
    }
}

impl fmt::Debug for ProvenFork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvenFork")
            .field("small", &self.small)
            .field("large", &self.large)
            .finish_non_exhaustive()
    }
}

fn of_one_log(a: &VerifiedCheckpoint, b: &VerifiedCheckpoint) -> Result<(), ForkError> {
    match a.origin() == b.origin() && a.key() == b.key() {
        true => Ok(()),
        false => Err(ForkError::TwoLogs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        checkpoint::Checkpoint,
        note::NoteSigner,
        proof::prove_consistency,
        tree::{MemoryTree, root_at},
    };

    const LOG: &str = "eu.example/wpsx/public";

    fn signer() -> NoteSigner {
        NoteSigner::from_seed(LOG, &[1; 32]).unwrap()
    }

    /// A log of `size` entries whose history differs from that of another branch
    /// from entry `from` on.
    fn tree(size: u64, from: u64, branch: u8) -> MemoryTree {
        let mut tree = MemoryTree::default();
        for at in 0..size {
            let branch = if at < from { 0 } else { branch };
            tree.push(Hash::leaf(&[at as u8, branch]));
        }
        tree
    }

    fn head(tree: &MemoryTree, size: u64) -> VerifiedCheckpoint {
        let size = TreeSize::new(size);
        let root = root_at(tree, size).unwrap();
        let origin = Origin::parse(LOG).unwrap();
        VerifiedCheckpoint::sign(Checkpoint { origin, size, root }, &signer()).unwrap()
    }

    fn evidence(
        from: u64,
        to: u64,
        ours: &MemoryTree,
        theirs: &MemoryTree,
    ) -> Result<ProvenFork, ForkError> {
        let (small, large) = (TreeSize::new(from), TreeSize::new(to));
        let proof = prove_consistency(theirs, small, large).unwrap();
        let root = root_at(theirs, small).unwrap();
        let path = ProvenFork::evidence_path(small, root, &proof);
        ProvenFork::path(head(ours, from), head(theirs, to), &path)
    }

    #[test]
    fn two_roots_of_one_size_are_a_fork_with_the_same_id_either_way() {
        let (a, b) = (head(&tree(5, 3, 1), 5), head(&tree(5, 3, 2), 5));
        let fork = ProvenFork::equal(a.clone(), b.clone()).unwrap();
        assert_eq!(fork, ProvenFork::equal(b, a.clone()).unwrap());
        assert_eq!(
            ProvenFork::equal(a.clone(), a),
            Err(ForkError::NoContradiction)
        );
        let sent = fork.to_api(7);
        assert_eq!(ProvenFork::check(&sent, &signer().verifier_key()), Ok(fork));
    }

    #[test]
    fn a_path_to_another_root_is_a_fork_for_every_pair_of_sizes() {
        for to in 2..=20_u64 {
            for from in 1..to {
                let (ours, theirs) = (tree(from, 0, 1), tree(to, 0, 2));
                let fork = evidence(from, to, &ours, &theirs).unwrap();
                let sent = fork.to_api(7);
                let checked = ProvenFork::check(&sent, &signer().verifier_key());
                assert_eq!(checked, Ok(fork), "from {from} to {to}");
            }
        }
    }

    #[test]
    fn an_honest_log_is_never_accused() {
        for to in 2..=20_u64 {
            for from in 1..to {
                let log = tree(to, 0, 1);
                let no = evidence(from, to, &log, &log);
                assert_eq!(no, Err(ForkError::NoContradiction), "from {from} to {to}");
                let (ours, other) = (tree(to, 0, 1), tree(to, 0, 2));
                // A path of another tree does not lead to the root that was signed.
                let (small, large) = (TreeSize::new(from), TreeSize::new(to));
                let proof = prove_consistency(&other, small, large).unwrap();
                let root = root_at(&other, small).unwrap();
                let path = ProvenFork::evidence_path(small, root, &proof);
                let no = ProvenFork::path(head(&ours, from), head(&ours, to), &path);
                assert_eq!(no, Err(ForkError::OtherRoot), "from {from} to {to}");
            }
        }
    }

    #[test]
    fn what_proves_nothing_is_refused() {
        let key = signer().verifier_key();
        let (ours, theirs) = (tree(5, 0, 1), tree(9, 0, 2));
        let good = evidence(5, 9, &ours, &theirs).unwrap().to_api(7);
        let spoilt = |spoil: &dyn Fn(&mut api::ForkEvidence)| {
            let mut evidence = good.clone();
            spoil(&mut evidence);
            ProvenFork::check(&evidence, &key).unwrap_err()
        };
        let other = ForkError::Origin {
            expected: "au.example/wpsx/public".to_owned(),
            found: Origin::parse(LOG).unwrap(),
        };
        assert_eq!(
            spoilt(&|e| e.origin = "au.example/wpsx/public".to_owned()),
            other
        );
        assert!(matches!(
            spoilt(&|e| std::mem::swap(&mut e.small, &mut e.large)),
            ForkError::Sizes { .. }
        ));
        assert!(matches!(
            spoilt(&|e| e.path = Bytes::new()),
            ForkError::Proof(_)
        ));
        assert!(matches!(
            spoilt(&|e| e.path = e.path.slice(1..)),
            ForkError::Path(HashError::List(_))
        ));
        assert!(matches!(
            spoilt(&|e| e.path = vec![0; 32 * 65].into()),
            ForkError::Path(HashError::TooMany { .. })
        ));
        assert!(matches!(
            spoilt(&|e| e.small = Bytes::new()),
            ForkError::Checkpoint(_)
        ));
        assert_eq!(
            spoilt(&|e| e.large = e.small.clone()),
            ForkError::NoContradiction
        );
        // The empty tree contradicts nothing.
        let nothing = head(&tree(0, 0, 0), 0);
        assert!(matches!(
            ProvenFork::path(nothing, head(&ours, 5), &[]),
            Err(ForkError::Sizes { .. })
        ));
        // Signed by a key of the same name that is not the log's.
        let forger = NoteSigner::from_seed(LOG, &[9; 32]).unwrap().verifier_key();
        assert!(matches!(
            ProvenFork::check(&good, &forger),
            Err(ForkError::Checkpoint(_))
        ));
    }
}
