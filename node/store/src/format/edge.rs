//! The right edge of a log's tiles: the open tile of each level as the tree of its hashes, so
//! that each node is hashed once.

use wpsx_proto::{
    hash::Hash,
    index::{BUNDLE, TreeSize},
    tree::{Frontier, MemoryTree},
};

/// Hashes in a full tile.
pub(crate) const TILE: usize = BUNDLE as usize;

/// The open tiles of a tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edge {
    size: u64,
    levels: Vec<MemoryTree>,
}

/// A tile that became full.
#[derive(Debug)]
pub(crate) struct FullTile {
    pub(crate) level: u8,
    pub(crate) index: u64,
    /// The tree of its hashes.
    pub(crate) tree: MemoryTree,
}

impl Edge {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf hash; tiles that become full are added to `full`.
    pub(crate) fn push(&mut self, leaf: Hash, full: &mut Vec<FullTile>) {
        self.size += 1;
        let mut hash = leaf;
        for level in 0u8.. {
            if self.levels.len() == usize::from(level) {
                self.levels.push(MemoryTree::new());
            }
            let open = &mut self.levels[usize::from(level)];
            open.push(hash);
            if open.leaves().len() < TILE {
                return;
            }
            let tree = std::mem::take(open);
            hash = tree.root();
            full.push(FullTile {
                level,
                index: (self.size >> (8 * (u32::from(level) + 1))) - 1,
                tree,
            });
        }
    }

    /// The open tile of a level: its number, and its hashes so far.
    pub(crate) fn open_tile(&self, level: u8) -> (u64, &[Hash]) {
        let shift = 8 * (u32::from(level) + 1);
        let index = if shift < 64 { self.size >> shift } else { 0 };
        let open = self.open_tree(level);
        (index, open.map_or(&[][..], MemoryTree::leaves))
    }

    /// The tree of these hashes, where the log reaches that level.
    pub(crate) fn open_tree(&self, level: u8) -> Option<&MemoryTree> {
        self.levels.get(usize::from(level))
    }

    /// The open tiles that hold a hash, lowest level first.
    pub(crate) fn open_tiles(&self) -> impl Iterator<Item = (u8, u64, &[Hash])> {
        (0..self.levels.len() as u8)
            .map(|level| {
                let (index, hashes) = self.open_tile(level);
                (level, index, hashes)
            })
            .filter(|(_, _, hashes)| !hashes.is_empty())
    }

    /// The tree's frontier.
    #[expect(
        clippy::expect_used,
        reason = "each one bit of the size is one complete subtree of one open tile"
    )]
    pub(crate) fn frontier(&self) -> Frontier {
        let open = self.levels.iter().rev().map(MemoryTree::frontier);
        let edge = open.flat_map(|open| open.edge().to_vec()).collect();
        Frontier::from_parts(TreeSize::new(self.size), edge)
            .expect("each one bit of the size is one complete subtree of one open tile")
    }

    /// The edge at `size`, from its partial tiles.
    pub(crate) fn load<E>(
        size: u64,
        mut read: impl FnMut(u8, u64, usize) -> Result<Vec<Hash>, E>,
    ) -> Result<Self, E> {
        let mut edge = Self {
            size,
            levels: Vec::new(),
        };
        for level in 0u8..8 {
            let nodes = size >> (8 * u32::from(level));
            if nodes == 0 {
                break;
            }
            let mut open = MemoryTree::new();
            let width = (nodes % BUNDLE) as usize;
            if width > 0 {
                open.extend(read(level, nodes / BUNDLE, width)?);
            }
            edge.levels.push(open);
        }
        Ok(edge)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn the_edge_agrees_with_the_frontier_and_can_be_loaded_at_any_size() {
        let mut edge = Edge::default();
        let mut frontier = Frontier::empty();
        let mut tiles: HashMap<(u8, u64), MemoryTree> = HashMap::new();
        for n in 0..70_000u64 {
            let leaf = Hash::leaf(&n.to_be_bytes());
            let mut full = Vec::new();
            edge.push(leaf, &mut full);
            frontier.push(leaf);
            for tile in full {
                assert_eq!(tile.tree.leaves().len(), TILE);
                assert!(tiles.insert((tile.level, tile.index), tile.tree).is_none());
            }
            if n < 600 || n % 997 == 0 || n > 69_990 || (65_530..65_550).contains(&n) {
                assert_eq!(edge.frontier(), frontier, "at {}", n + 1);
                let loaded = Edge::load(n + 1, |level, index, width| {
                    let (open, hashes) = edge.open_tile(level);
                    assert_eq!((open, hashes.len()), (index, width));
                    Ok::<_, ()>(hashes.to_vec())
                });
                assert_eq!(loaded.unwrap().frontier(), frontier);
            }
        }
        assert_eq!(tiles.len(), 273 + 1);
        assert_eq!(edge.open_tile(0).1.len(), 112);
        assert_eq!(edge.open_tile(1).1.len(), 17);
        assert_eq!(edge.open_tile(2).0, 0);
        assert_eq!(edge.open_tile(2).1.len(), 1);
    }
}
