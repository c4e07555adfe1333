//! What a head that someone shows us means for the log as we know it.
//!
//! A smaller head is behind if our tree has its root at that size, and else a fork. A
//! failed proof accuses whoever sent it. Only two signed checkpoints that contradict each
//! other accuse the log.

use wpsx_proto::{
    api::replication::v1::Head,
    checkpoint::{SignedCheckpoint, VerifiedCheckpoint},
    fork::ProvenFork,
    hash::Hash,
    index::TreeSize,
    note::VerifierKey,
    origin::Origin,
    proof::{consistency_roots, prove_consistency, verify_consistency},
    tree::{Subtrees, root_at},
};

use super::error::PullError;

/// A consistency proof holds at most two hashes for each level of the tree.
pub(super) const MAX_PROOF: usize = 130;

/// What a head is to us.
#[derive(Debug)]
pub enum Judgement {
    /// Ahead of what we know, and proven to extend it.
    New(VerifiedCheckpoint),
    /// Ahead of what we know, signed, but without a proof from our size: ask for one.
    Unproven(VerifiedCheckpoint),
    /// The tree we know; perhaps with other cosignatures.
    Same(VerifiedCheckpoint),
    /// Smaller than what we know, and our tree has its root at that size.
    Behind(VerifiedCheckpoint),
    /// Smaller than the largest verified checkpoint, whose entries are not here yet: what
    /// it means shows when they are. Until then it is neither behind nor evidence.
    Smaller(VerifiedCheckpoint),
    /// Signed, and in contradiction with a checkpoint that is signed too.
    Fork(Box<ProvenFork>),
    /// Not to be believed.
    Refused(PullError),
}

/// What we hold of a log. `head` is covered by the tree; `pending` is the largest verified
/// checkpoint, the same or ahead, of which the tree has the first `stored` entries.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The newest checkpoint whose entries are all stored.
    pub head: Option<&'a VerifiedCheckpoint>,
    /// The largest checkpoint whose consistency has been proven.
    pub pending: Option<&'a VerifiedCheckpoint>,
    /// How many entries the tree has.
    pub stored: TreeSize,
}

/// Judges `head`, shown by a peer, against our tree and our checkpoints of its log.
///
/// # Errors
///
/// Only those of reading `tree`.
pub fn judge<S: Subtrees>(
    head: &Head,
    origin: &Origin,
    key: &VerifierKey,
    tree: &S,
    known: Known<'_>,
) -> Result<Judgement, S::Error> {
    let theirs = match checkpoint(head, origin, key) {
        Ok(theirs) => theirs,
        Err(refused) => return Ok(Judgement::Refused(refused)),
    };
    if let Some(ours) = known.head
        && theirs.size() < ours.size()
    {
        if root_at(tree, theirs.size())? == theirs.root() {
            return Ok(Judgement::Behind(theirs));
        }
        let proof = prove_consistency(tree, theirs.size(), ours.size())?;
        let root = root_at(tree, theirs.size())?;
        return Ok(fork_by_path(&theirs, ours, root, &proof));
    }
    let base = known.pending.or(known.head).map(Base::signed);
    if base.as_ref().is_some_and(|base| theirs.size() < base.size) {
        // The stored entries are part of the pending checkpoint's tree. Where they say
        // otherwise there is evidence as soon as that tree is whole.
        let ours = theirs.size() <= known.stored && root_at(tree, theirs.size())? == theirs.root();
        return Ok(match ours {
            true => Judgement::Behind(theirs),
            false => Judgement::Smaller(theirs),
        });
    }
    let proof = match Path::of_head(head) {
        Ok(proof) => proof,
        Err(refused) => return Ok(Judgement::Refused(refused)),
    };
    Ok(compare(theirs, base.as_ref(), proof.as_ref()))
}

/// The checkpoint of a head, verified with the log's key.
pub(crate) fn checkpoint(
    head: &Head,
    origin: &Origin,
    key: &VerifierKey,
) -> Result<VerifiedCheckpoint, PullError> {
    if head.origin != origin.as_str() {
        return Err(PullError::WrongOrigin {
            asked: origin.clone(),
            got: head.origin.clone(),
        });
    }
    verify_note(&head.checkpoint, origin, key)
}

/// A checkpoint of `origin` from the bytes of its signed note.
pub(crate) fn verify_note(
    note: &[u8],
    origin: &Origin,
    key: &VerifierKey,
) -> Result<VerifiedCheckpoint, PullError> {
    let signed = SignedCheckpoint::parse(note).map_err(|error| PullError::Malformed {
        what: "the checkpoint",
        why: error.to_string(),
    })?;
    if signed.origin() != origin {
        return Err(PullError::WrongOrigin {
            asked: origin.clone(),
            got: signed.origin().to_string(),
        });
    }
    signed.verify(key).map_err(|error| PullError::BadSignature {
        origin: origin.clone(),
        why: error.to_string(),
    })
}

/// The tree that a head is compared with.
#[derive(Debug, Clone)]
pub(super) struct Base {
    pub(super) size: TreeSize,
    pub(super) root: Hash,
    pub(super) signed: Option<VerifiedCheckpoint>,
}

impl Base {
    pub(super) fn signed(checkpoint: &VerifiedCheckpoint) -> Self {
        Self {
            size: checkpoint.size(),
            root: checkpoint.root(),
            signed: Some(checkpoint.clone()),
        }
    }
}

/// A consistency proof and the size it starts from.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) from: TreeSize,
    pub(super) hashes: Vec<Hash>,
}

impl Path {
    /// The path that a head carries, if it carries one.
    pub(super) fn of_head(head: &Head) -> Result<Option<Self>, PullError> {
        if head.consistency_from == 0 {
            return Ok(None);
        }
        Ok(Some(Self {
            from: TreeSize::new(head.consistency_from),
            hashes: hashes(&head.consistency)?,
        }))
    }
}

pub(super) fn hashes(bytes: &[u8]) -> Result<Vec<Hash>, PullError> {
    Hash::list_from_bytes(bytes, MAX_PROOF).map_err(|error| PullError::Malformed {
        what: "a consistency proof",
        why: error.to_string(),
    })
}

pub(super) fn compare(
    theirs: VerifiedCheckpoint,
    base: Option<&Base>,
    path: Option<&Path>,
) -> Judgement {
    let Some(base) = base.filter(|base| !base.size.is_empty()) else {
        return Judgement::New(theirs);
    };
    if theirs.size() < base.size {
        return Judgement::Smaller(theirs);
    }
    if theirs.size() == base.size {
        if theirs.root() == base.root {
            return Judgement::Same(theirs);
        }
        return match &base.signed {
            Some(ours) => match ProvenFork::equal(ours.clone(), theirs) {
                Ok(fork) => Judgement::Fork(Box::new(fork)),
                Err(error) => Judgement::Refused(not_consistent(base.size, base.size, error)),
            },
            None => Judgement::Refused(not_consistent(
                base.size,
                base.size,
                "its root is not that of the stored entries",
            )),
        };
    }
    let Some(path) = path.filter(|path| path.from == base.size) else {
        return Judgement::Unproven(theirs);
    };
    let proven = verify_consistency(
        base.size,
        base.root,
        theirs.size(),
        theirs.root(),
        &path.hashes,
    );
    let Err(error) = proven else {
        return Judgement::New(theirs);
    };
    let leads_to_theirs =
        consistency_roots(base.size, theirs.size(), Some(base.root), &path.hashes)
            .is_ok_and(|(old, new)| new == theirs.root() && old != base.root);
    match &base.signed {
        Some(ours) if leads_to_theirs => fork_by_path(ours, &theirs, base.root, &path.hashes),
        _ => Judgement::Refused(not_consistent(base.size, theirs.size(), error)),
    }
}

/// A fork, proven by a consistency proof within the larger tree and, where the smaller
/// size is a power of two, by the root that the larger tree has there.
pub(super) fn fork_by_path(
    small: &VerifiedCheckpoint,
    large: &VerifiedCheckpoint,
    root: Hash,
    proof: &[Hash],
) -> Judgement {
    let path = ProvenFork::evidence_path(small.size(), root, proof);
    match ProvenFork::path(small.clone(), large.clone(), &path) {
        Ok(fork) => Judgement::Fork(Box::new(fork)),
        Err(error) => Judgement::Refused(not_consistent(small.size(), large.size(), error)),
    }
}

pub(super) fn not_consistent(
    from: TreeSize,
    to: TreeSize,
    why: impl std::fmt::Display,
) -> PullError {
    PullError::BadProof {
        what: format!("that the tree of {to} extends the one of {from}"),
        why: why.to_string(),
    }
}
