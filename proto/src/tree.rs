//! The Merkle tree of RFC 6962, 2.1, over leaf hashes.
//!
//! A tree is read through [`Subtrees`], which a store implements over its tiles.
//! A tree that only grows needs no more than its [`Frontier`].

use crate::{
    hash::{EMPTY_ROOT, Hash},
    index::TreeSize,
};

/// A tree whose complete subtrees can be looked up.
pub trait Subtrees {
    /// Why a hash could not be read.
    type Error;

    /// The hash of the complete subtree of `2^level` leaves that starts at leaf `index * 2^level`.
    ///
    /// # Errors
    /// The tree does not hold all of these leaves, or could not be read.
    fn subtree(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// The right edge of a tree: what is needed to append to it and to name its root.
///
/// One hash for each one bit of the size, largest subtree first; so at most 64.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    edge: Vec<Hash>,
}

impl Frontier {
    /// The edge of the tree without leaves.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            size: 0,
            edge: Vec::with_capacity(64),
        }
    }

    /// The edge of a tree of this size, from its complete subtrees, largest first.
    ///
    /// # Errors
    /// Another number of hashes than the size has one bits.
    pub fn from_parts(size: TreeSize, edge: Vec<Hash>) -> Result<Self, FrontierError> {
        let expected = size.value().count_ones() as usize;
        if edge.len() != expected {
            return Err(FrontierError {
                size,
                expected,
                found: edge.len(),
            });
        }
        Ok(Self {
            size: size.value(),
            edge,
        })
    }

    /// How many leaves the tree has.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        TreeSize::new(self.size)
    }

    /// The complete subtrees, largest first.
    #[must_use]
    pub fn edge(&self) -> &[Hash] {
        &self.edge
    }

    /// Appends one leaf.
    ///
    /// # Panics
    /// At 2^64 leaves, which no log reaches.
    #[expect(
        clippy::expect_used,
        reason = "the edge has a hash for each one bit of a size that no log exceeds"
    )]
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.edge.pop().expect("one hash for each one bit");
            hash = Hash::node(&left, &hash);
        }
        self.edge.push(hash);
        self.size = self.size.checked_add(1).expect("fewer than 2^64 leaves");
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut smaller_first = self.edge.iter().rev().copied();
        let Some(smallest) = smaller_first.next() else {
            return EMPTY_ROOT;
        };
        smaller_first.fold(smallest, |right, left| Hash::node(&left, &right))
    }
}

impl Extend<Hash> for Frontier {
    fn extend<I: IntoIterator<Item = Hash>>(&mut self, leaves: I) {
        for leaf in leaves {
            self.push(leaf);
        }
    }
}

/// Hashes that are not the right edge of a tree of that size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a tree of size {size} has a right edge of {expected} hashes, not {found}")]
pub struct FrontierError {
    /// The size that was stated.
    pub size: TreeSize,
    /// How many hashes it needs.
    pub expected: usize,
    /// How many came.
    pub found: usize,
}

/// A whole tree in memory, every complete subtree kept.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    // levels[n][i] is the subtree of 2^n leaves from leaf i * 2^n on.
    levels: Vec<Vec<Hash>>,
}

impl MemoryTree {
    /// The tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leaves the tree has.
    #[must_use]
    pub fn size(&self) -> TreeSize {
        TreeSize::new(self.leaves().len() as u64)
    }

    /// The hashes of all leaves.
    #[must_use]
    pub fn leaves(&self) -> &[Hash] {
        self.levels.first().map_or(&[], Vec::as_slice)
    }

    /// Appends one leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(hash);
            if row.len() % 2 == 1 {
                return;
            }
            hash = Hash::node(&row[row.len() - 2], &hash);
        }
    }

    /// The right edge of the tree.
    #[must_use]
    pub fn frontier(&self) -> Frontier {
        match frontier_at(self, self.size()) {
            Ok(frontier) => frontier,
            Err(missing) => unreachable!("the tree holds its own leaves: {missing}"),
        }
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.frontier().root()
    }
}

impl FromIterator<Hash> for MemoryTree {
    fn from_iter<I: IntoIterator<Item = Hash>>(leaves: I) -> Self {
        let mut tree = Self::new();
        tree.extend(leaves);
        tree
    }
}

impl Extend<Hash> for MemoryTree {
    fn extend<I: IntoIterator<Item = Hash>>(&mut self, leaves: I) {
        for leaf in leaves {
            self.push(leaf);
        }
    }
}

impl Subtrees for MemoryTree {
    type Error = NoSubtree;

    fn subtree(&self, level: u8, index: u64) -> Result<Hash, NoSubtree> {
        let row = self.levels.get(usize::from(level));
        let hash = row.and_then(|row| row.get(usize::try_from(index).ok()?));
        hash.copied().ok_or(NoSubtree { level, index })
    }
}

/// The tree is too small for this subtree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the tree has no complete subtree {index} at level {level}")]
pub struct NoSubtree {
    /// The binary logarithm of the subtree's leaves.
    pub level: u8,
    /// Its number within the level.
    pub index: u64,
}

/// The right edge that the tree had at a size.
///
/// # Errors
/// As [`Subtrees::subtree`], above all for a size the tree has not reached.
pub fn frontier_at<S: Subtrees + ?Sized>(tree: &S, size: TreeSize) -> Result<Frontier, S::Error> {
    let mut frontier = Frontier::empty();
    for (level, index) in complete_subtrees(0, size.value()) {
        frontier.edge.push(tree.subtree(level, index)?);
    }
    frontier.size = size.value();
    Ok(frontier)
}

/// The root that the tree had at a size.
///
/// # Errors
/// As [`Subtrees::subtree`], above all for a size the tree has not reached.
pub fn root_at<S: Subtrees + ?Sized>(tree: &S, size: TreeSize) -> Result<Hash, S::Error> {
    frontier_at(tree, size).map(|frontier| frontier.root())
}

/// The root of a tree of these leaf hashes alone.
#[must_use]
pub fn root_of(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::empty();
    frontier.extend(leaves.iter().copied());
    frontier.root()
}

/// The hash over the leaves `[start, end)`, which must be a valid subtree and not empty.
pub(crate) fn range<S: Subtrees + ?Sized>(
    tree: &S,
    start: u64,
    end: u64,
) -> Result<Hash, S::Error> {
    let mut edge = Vec::with_capacity(64);
    for (level, index) in complete_subtrees(start, end) {
        edge.push(tree.subtree(level, index)?);
    }
    let frontier = Frontier {
        size: end - start,
        edge,
    };
    Ok(frontier.root())
}

/// The largest complete subtrees that make up the valid subtree `[start, end)`, from the left:
/// one for each one bit of its length.
fn complete_subtrees(start: u64, end: u64) -> impl Iterator<Item = (u8, u64)> {
    let mut at = start;
    std::iter::from_fn(move || {
        let level = (end - at).checked_ilog2()?;
        let index = at >> level;
        at += 1 << level;
        // A level is below 64.
        Some((level as u8, index))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u64) -> impl Iterator<Item = Hash> {
        (0..count).map(|number| Hash::leaf(&number.to_be_bytes()))
    }

    /// RFC 6962, 2.1, word for word.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => EMPTY_ROOT,
            [leaf] => *leaf,
            _ => {
                let k = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(k);
                Hash::node(&by_definition(left), &by_definition(right))
            }
        }
    }

    #[test]
    fn every_way_to_the_root_agrees_with_the_definition() {
        let all: Vec<Hash> = leaves(70).collect();
        let whole: MemoryTree = all.iter().copied().collect();
        let mut frontier = Frontier::empty();
        let mut tree = MemoryTree::new();
        for size in 0..=all.len() {
            let expected = by_definition(&all[..size]);
            let count = TreeSize::new(size as u64);
            assert_eq!(frontier.root(), expected, "frontier at {size}");
            assert_eq!(tree.root(), expected, "tree at {size}");
            assert_eq!(root_of(&all[..size]), expected, "leaves at {size}");
            assert_eq!(frontier_at(&whole, count), Ok(frontier.clone()));
            let again = Frontier::from_parts(count, frontier.edge().to_vec());
            assert_eq!(again, Ok(frontier.clone()));
            if let Some(leaf) = all.get(size) {
                frontier.push(*leaf);
                tree.push(*leaf);
            }
        }
    }

    #[test]
    fn a_right_edge_of_another_size_is_refused() {
        let edge = leaves(2).collect();
        let error = Frontier::from_parts(TreeSize::new(4), edge).unwrap_err();
        assert_eq!((error.expected, error.found), (1, 2));
    }

    #[test]
    fn each_complete_subtree_is_the_root_of_its_leaves_and_no_other_is_answered() {
        let leaves: Vec<Hash> = (0..256u32).map(|n| Hash::of(&n.to_be_bytes())).collect();
        for size in [0, 1, 2, 3, 147, 255, 256] {
            let leaves = &leaves[..size];
            let tree: MemoryTree = leaves.iter().copied().collect();
            assert_eq!(tree.root(), root_of(leaves));
            for level in 0..=8u8 {
                let complete = leaves.chunks_exact(1 << level);
                let beyond = complete.len() as u64;
                for (index, part) in (0..).zip(complete) {
                    assert_eq!(tree.subtree(level, index), Ok(root_of(part)), "{level}");
                }
                assert!(tree.subtree(level, beyond).is_err(), "{level} of {size}");
            }
        }
    }

    #[test]
    fn a_subtree_that_is_not_complete_is_not_answered() {
        let tree: MemoryTree = leaves(5).collect();
        assert!(tree.subtree(2, 0).is_ok());
        assert_eq!(tree.subtree(2, 1), Err(NoSubtree { level: 2, index: 1 }));
        assert!(root_at(&tree, TreeSize::new(6)).is_err());
    }
}
