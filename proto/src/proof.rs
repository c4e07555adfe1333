//! Inclusion, consistency and subtree proofs: made from a tree, checked without one.
//!
//! Inclusion and consistency are those of RFC 6962, 2.1.1 and 2.1.2. Subtree proofs
//! are those of draft-ietf-plants-merkle-tree-certs, section 4, of which the former
//! are special cases; so one checker serves all. A subtree `[start, end)` is valid if
//! `start` is a multiple of the smallest power of two that is at least `end - start`.

use crate::{
    hash::{EMPTY_ROOT, Hash},
    index::{LeafIndex, TreeSize},
    tree::{self, Subtrees},
};

/// The most hashes a proof can have: C2SP tlog-mirror allows 63, as no log reaches 2^63 entries.
pub const MAX_PROOF: usize = 63;

/// Why a proof does not prove.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The entry lies outside the tree or subtree.
    #[error("entry {index} is not within [{start}, {end})")]
    OutOfRange {
        /// The entry asked for.
        index: u64,
        /// The first entry of the subtree.
        start: u64,
        /// The entry after its last.
        end: u64,
    },
    /// The range is no subtree of any tree.
    #[error("[{start}, {end}) is not a valid subtree")]
    InvalidSubtree {
        /// The first entry.
        start: u64,
        /// The entry after the last.
        end: u64,
    },
    /// The range or the older tree is larger than the tree.
    #[error("a tree of size {size} has nothing that ends at {end}")]
    BeyondTree {
        /// The entry after the last.
        end: u64,
        /// The size of the tree.
        size: u64,
    },
    /// Every tree extends the empty one: there is nothing to prove, and no proof.
    #[error("nothing can be proven from the empty tree")]
    FromEmpty,
    /// A hash is missing.
    #[error("the proof is too short")]
    TooShort,
    /// There are hashes left over.
    #[error("the proof is too long")]
    TooLong,
    /// The proof leads to another root of the older tree or subtree.
    #[error("the proof leads to the subtree hash {found}, not {expected}")]
    SubtreeRoot {
        /// What it should lead to.
        expected: Hash,
        /// What it leads to.
        found: Hash,
    },
    /// The proof leads to another root.
    #[error("the proof leads to the root {found}, not {expected}")]
    Root {
        /// What it should lead to.
        expected: Hash,
        /// What it leads to.
        found: Hash,
    },
}

/// Proves that an entry is in the tree of a size.
///
/// For an entry outside that tree the answer is empty, which no verifier accepts.
///
/// # Errors
/// As [`Subtrees::subtree`].
pub fn prove_inclusion<S: Subtrees + ?Sized>(
    tree: &S,
    index: LeafIndex,
    size: TreeSize,
) -> Result<Vec<Hash>, S::Error> {
    // An entry is the subtree of one leaf.
    prove_subtree(tree, index, index.size_through(), size)
}

/// Checks that an entry is in the tree with this root.
///
/// # Errors
/// The proof does not lead from the leaf at this position to this root at this size.
pub fn verify_inclusion(
    leaf: Hash,
    index: LeafIndex,
    size: TreeSize,
    proof: &[Hash],
    root: Hash,
) -> Result<(), ProofError> {
    verify_subtree_inclusion(leaf, index, LeafIndex::new(0), size, proof, root)
}

/// Proves that the tree of size `to` extends that of size `from`.
///
/// The answer is empty if `from` is empty or equal to `to`, or larger; the latter no
/// verifier accepts.
///
/// # Errors
/// As [`Subtrees::subtree`].
pub fn prove_consistency<S: Subtrees + ?Sized>(
    tree: &S,
    from: TreeSize,
    to: TreeSize,
) -> Result<Vec<Hash>, S::Error> {
    prove_subtree(tree, LeafIndex::new(0), from, to)
}

/// Checks that the tree of size `to` extends that of size `from`.
///
/// # Errors
/// The proof does not lead to both roots; or `from` is empty and `to` is not
/// ([`ProofError::FromEmpty`]): whoever holds nothing yet has nothing to check.
pub fn verify_consistency(
    from: TreeSize,
    from_root: Hash,
    to: TreeSize,
    to_root: Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if from.is_empty() {
        if !to.is_empty() {
            return Err(ProofError::FromEmpty);
        }
        matches_root(EMPTY_ROOT, to_root)?;
    }
    let start = LeafIndex::new(0);
    verify_subtree_consistency(start, from, from_root, to, to_root, proof)
}

/// Both roots that a consistency proof leads to, for `0 < from < to`: first that of size
/// `from`, then that of size `to`.
///
/// Where `from` is a power of two the proof starts at that root and does not hold it, so
/// it must be given as `known`; otherwise `known` is not used.
///
/// # Errors
/// The proof has another number of hashes than these sizes need.
pub fn consistency_roots(
    from: TreeSize,
    to: TreeSize,
    known: Option<Hash>,
    proof: &[Hash],
) -> Result<(Hash, Hash), ProofError> {
    if from.is_empty() {
        return Err(ProofError::FromEmpty);
    }
    if from >= to {
        return Err(ProofError::BeyondTree {
            end: from.value(),
            size: to.value(),
        });
    }
    roots(0, from.value(), to.value(), known, proof)
}

/// Proves that the subtree `[start, end)` is part of the tree of a size.
///
/// For a range that is no subtree of that tree the answer is empty, which no verifier
/// accepts.
///
/// # Errors
/// As [`Subtrees::subtree`].
pub fn prove_subtree<S: Subtrees + ?Sized>(
    tree: &S,
    start: LeafIndex,
    end: TreeSize,
    size: TreeSize,
) -> Result<Vec<Hash>, S::Error> {
    let (start, end, size) = (start.value(), end.value(), size.value());
    let mut proof = Vec::new();
    if start >= end || end > size || !is_subtree(start, end) {
        return Ok(proof);
    }
    // From the root down to the subtree; SUBTREE_SUBPROOF of the draft, its last hash first.
    let (mut low, mut high) = (0, size);
    let mut known = true;
    while (start, end) != (low, high) {
        let middle = low + (1 << (high - low - 1).ilog2());
        if end <= middle {
            proof.push(tree::range(tree, middle, high)?);
            high = middle;
        } else {
            proof.push(tree::range(tree, low, middle)?);
            if start < middle {
                // The subtree is all of the left half and a part of the right one, whose
                // hash the verifier then has to be told.
                known = false;
            }
            low = middle;
        }
        if !known && end == high {
            proof.push(tree::range(tree, low, high)?);
            break;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Checks that a subtree with this hash is the part `[start, end)` of the tree with this root.
///
/// An empty range has the hash of the empty tree and is part of every tree that reaches
/// it; the root is then not looked at.
///
/// # Errors
/// The range is no subtree of a tree of this size, or the proof does not lead to both hashes.
pub fn verify_subtree_consistency(
    start: LeafIndex,
    end: TreeSize,
    subtree_root: Hash,
    size: TreeSize,
    root: Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    let (start, end, size) = (start.value(), end.value(), size.value());
    if end > size {
        return Err(ProofError::BeyondTree { end, size });
    }
    if start == end {
        if !proof.is_empty() {
            return Err(ProofError::TooLong);
        }
        return matches_subtree(subtree_root, EMPTY_ROOT);
    }
    let (found_subtree, found_root) = roots(start, end, size, Some(subtree_root), proof)?;
    matches_subtree(subtree_root, found_subtree)?;
    matches_root(root, found_root)
}

/// Checks that an entry is in the subtree `[start, end)` with this hash.
///
/// # Errors
/// The range is no subtree, the entry is not in it, or the proof does not lead to the hash.
pub fn verify_subtree_inclusion(
    leaf: Hash,
    index: LeafIndex,
    start: LeafIndex,
    end: TreeSize,
    proof: &[Hash],
    subtree_root: Hash,
) -> Result<(), ProofError> {
    let (index, start, end) = (index.value(), start.value(), end.value());
    if !is_subtree(start, end) {
        return Err(ProofError::InvalidSubtree { start, end });
    }
    if index < start || index >= end {
        return Err(ProofError::OutOfRange { index, start, end });
    }
    // Within the subtree the leaf is itself a subtree of one.
    let at = index - start;
    let (_, found) = roots(at, at + 1, end - start, Some(leaf), proof)?;
    matches_root(subtree_root, found)
}

/// Whether a start is aligned to the length.
fn is_subtree(start: u64, end: u64) -> bool {
    let Some(length) = end.checked_sub(start) else {
        return false;
    };
    match length.checked_next_power_of_two() {
        Some(aligned) => start.is_multiple_of(aligned),
        None => start == 0,
    }
}

fn matches_root(expected: Hash, found: Hash) -> Result<(), ProofError> {
    if expected == found {
        return Ok(());
    }
    Err(ProofError::Root { expected, found })
}

fn matches_subtree(expected: Hash, found: Hash) -> Result<(), ProofError> {
    if expected == found {
        return Ok(());
    }
    Err(ProofError::SubtreeRoot { expected, found })
}

/// The hashes of the subtree `[start, end)` and of the tree of `size` that a proof leads to.
///
/// "Verifying a Subtree Consistency Proof" of the draft. `known` is the subtree's hash, needed where the proof starts from it.
fn roots(
    start: u64,
    end: u64,
    size: u64,
    known: Option<Hash>,
    proof: &[Hash],
) -> Result<(Hash, Hash), ProofError> {
    if end > size {
        return Err(ProofError::BeyondTree { end, size });
    }
    if start >= end || !is_subtree(start, end) {
        return Err(ProofError::InvalidSubtree { start, end });
    }
    // First and last node of the subtree and last node of the tree, at the level reached.
    let (mut first, mut last, mut edge) = (start, end - 1, size - 1);
    let shift = if last == edge {
        // The subtree ends where the tree does: up to the node that is the subtree.
        u64::BITS - (first ^ last).leading_zeros()
    } else {
        // Up to that node, or to the largest complete subtree at its right end.
        last.trailing_ones()
            .min(u64::BITS - (first ^ last).leading_zeros())
    };
    first = shr(first, shift);
    last = shr(last, shift);
    edge = shr(edge, shift);

    let mut proof = proof.iter();
    let mut subtree = if first == last {
        known.ok_or(ProofError::TooShort)?
    } else {
        *proof.next().ok_or(ProofError::TooShort)?
    };
    let mut tree = subtree;
    for hash in proof {
        if edge == 0 {
            return Err(ProofError::TooLong);
        }
        if last & 1 == 1 || last == edge {
            if first < last {
                subtree = Hash::node(hash, &subtree);
            }
            tree = Hash::node(hash, &tree);
            // Where the tree has no right neighbour, the node is that of a level above.
            let shift = last.trailing_zeros();
            first = shr(first, shift);
            last = shr(last, shift);
            edge = shr(edge, shift);
        } else {
            tree = Hash::node(&tree, hash);
        }
        first >>= 1;
        last >>= 1;
        edge >>= 1;
    }
    if edge != 0 {
        return Err(ProofError::TooShort);
    }
    Ok((subtree, tree))
}

/// A shift by up to 64 bits.
fn shr(value: u64, bits: u32) -> u64 {
    value.checked_shr(bits).unwrap_or(0)
}
