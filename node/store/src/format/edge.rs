//! The right edge of a log's tiles: the open tile of each level, and the complete
//! subtrees within it, so that each node is hashed once.

use wpsx_proto::{
    hash::Hash,
    index::{BUNDLE, TreeSize},
    tree::Frontier,
};

/// Hashes in a full tile.
pub(crate) const TILE: usize = BUNDLE as usize;
/// Rows above a full tile, up to its root.
const ROWS: usize = TILE.trailing_zeros() as usize;

/// The open tiles of a tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edge {
    size: u64,
    levels: Vec<Level>,
}

#[derive(Clone, Debug, Default)]
struct Level {
    /// The open tile: fewer than 256 hashes.
    hashes: Vec<Hash>,
    /// The row above it, the one above that and so on: the complete subtrees of the tile.
    above: Vec<Vec<Hash>>,
}

/// A tile that became full.
#[derive(Debug)]
pub(crate) struct FullTile {
    pub(crate) level: u8,
    pub(crate) index: u64,
    pub(crate) hashes: Vec<Hash>,
}

impl Level {
    /// Appends a hash; the root of the tile, if that makes it full.
    fn push(&mut self, hash: Hash) -> Option<Hash> {
        self.hashes.push(hash);
        for row in 0..ROWS {
            let below = self.row(row);
            let (0, [.., left, right]) = (below.len() % 2, below) else {
                return None;
            };
            let node = Hash::node(left, right);
            if self.above.len() == row {
                self.above.push(Vec::new());
            }
            self.above[row].push(node);
        }
        self.row(ROWS).first().copied()
    }

    /// Its hashes, after which it is empty.
    fn take(&mut self) -> Vec<Hash> {
        self.above.iter_mut().for_each(Vec::clear);
        std::mem::take(&mut self.hashes)
    }

    /// Its row: 0 is the tile's own.
    fn row(&self, row: usize) -> &[Hash] {
        match row.checked_sub(1) {
            None => &self.hashes,
            Some(above) => self.above.get(above).map_or(&[], Vec::as_slice),
        }
    }

    /// The complete subtrees that make it up, largest first.
    fn frontier(&self) -> impl Iterator<Item = Hash> {
        let rows = (0..=self.above.len()).rev().map(|row| self.row(row));
        let odd = rows.filter(|row| row.len() % 2 == 1);
        odd.filter_map(|row| row.last().copied())
    }
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
                self.levels.push(Level::default());
            }
            let open = &mut self.levels[usize::from(level)];
            let Some(root) = open.push(hash) else {
                return;
            };
            full.push(FullTile {
                level,
                index: (self.size >> (8 * (u32::from(level) + 1))) - 1,
                hashes: open.take(),
            });
            hash = root;
        }
    }

    /// The open tile of a level: its number, and its hashes so far.
    pub(crate) fn open_tile(&self, level: u8) -> (u64, &[Hash]) {
        let shift = 8 * (u32::from(level) + 1);
        let index = if shift < 64 { self.size >> shift } else { 0 };
        let hashes = self
            .levels
            .get(usize::from(level))
            .map_or(&[][..], |open| &open.hashes);
        (index, hashes)
    }

    /// The hash over `1 << row` hashes of the open tile of a level, if it has so many at that
    /// place of the row.
    pub(crate) fn open_subtree(&self, level: u8, row: u32, place: usize) -> Option<Hash> {
        let open = self.levels.get(usize::from(level))?;
        open.row(row as usize).get(place).copied()
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
        let edge = self.levels.iter().rev().flat_map(Level::frontier).collect();
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
            let mut open = Level::default();
            let width = (nodes % BUNDLE) as usize;
            if width > 0 {
                for hash in read(level, nodes / BUNDLE, width)? {
                    open.push(hash);
                }
            }
            edge.levels.push(open);
        }
        Ok(edge)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use wpsx_proto::tree::root_of;

    use super::*;

    fn every_open_subtree_is_the_root_of_its_hashes(edge: &Edge) {
        for (level, _, hashes) in edge.open_tiles() {
            for row in 0..=ROWS as u32 {
                let complete = hashes.chunks_exact(1 << row);
                for (place, part) in complete.enumerate() {
                    let known = edge.open_subtree(level, row, place);
                    assert_eq!(known, Some(root_of(part)), "row {row}");
                }
                let beyond = edge.open_subtree(level, row, hashes.len() >> row);
                assert_eq!(beyond, None, "row {row}");
            }
        }
    }

    #[test]
    fn the_edge_agrees_with_the_frontier_and_can_be_loaded_at_any_size() {
        let mut edge = Edge::default();
        let mut frontier = Frontier::empty();
        let mut tiles: HashMap<(u8, u64), Vec<Hash>> = HashMap::new();
        for n in 0..70_000u64 {
            let leaf = Hash::leaf(&n.to_be_bytes());
            let mut full = Vec::new();
            edge.push(leaf, &mut full);
            frontier.push(leaf);
            for tile in full {
                assert_eq!(tile.hashes.len(), TILE);
                assert!(
                    tiles
                        .insert((tile.level, tile.index), tile.hashes)
                        .is_none()
                );
            }
            if n < 600 || n % 997 == 0 || n > 69_990 || (65_530..65_550).contains(&n) {
                assert_eq!(edge.frontier(), frontier, "at {}", n + 1);
                let loaded = Edge::load(n + 1, |level, index, width| {
                    let (open, hashes) = edge.open_tile(level);
                    assert_eq!((open, hashes.len()), (index, width));
                    Ok::<_, ()>(hashes.to_vec())
                });
                assert_eq!(loaded.unwrap().frontier(), frontier);
                every_open_subtree_is_the_root_of_its_hashes(&edge);
            }
        }
        assert_eq!(tiles.len(), 273 + 1);
        assert_eq!(edge.open_tile(0).1.len(), 112);
        assert_eq!(edge.open_tile(1).1.len(), 17);
        assert_eq!(edge.open_tile(2).0, 0);
        assert_eq!(edge.open_tile(2).1.len(), 1);
    }
}
