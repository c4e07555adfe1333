//! A full tile with the hashes above its own: a proof takes one of each row.

use std::sync::OnceLock;

use wpsx_proto::hash::Hash;

use crate::format::edge::TILE;

/// A full tile. See the file.
#[derive(Debug)]
pub(crate) struct KeptTile {
    hashes: Vec<Hash>,
    /// The row above the tile's own, the one above that and so on, up to its root. They are
    /// made when the first is asked for: who reads tiles alone does not pay for them.
    above: OnceLock<Vec<Hash>>,
}

impl KeptTile {
    /// About how many bytes one takes.
    pub(crate) const BYTES: usize = 2 * TILE * 32;

    pub(crate) fn new(hashes: Vec<Hash>) -> Self {
        Self {
            hashes,
            above: OnceLock::new(),
        }
    }

    /// Its own hashes.
    pub(crate) fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The hash at a place of a row; row 0 is the tile's own, and that of eight its root.
    pub(crate) fn subtree(&self, row: u32, place: usize) -> Hash {
        if row == 0 {
            return self.hashes[place];
        }
        // Rows of 128, 64, 32 ... before it.
        let before = TILE - (TILE >> (row - 1));
        self.above.get_or_init(|| self.rows_above())[before + place]
    }

    fn rows_above(&self) -> Vec<Hash> {
        let mut above: Vec<Hash> = Vec::with_capacity(TILE);
        let pair = |pair: &[Hash]| Hash::node(&pair[0], &pair[1]);
        above.extend(self.hashes.chunks_exact(2).map(pair));
        let mut begin = 0;
        while above.len() - begin > 1 {
            let row = begin..above.len();
            begin = row.end;
            for at in row.step_by(2) {
                let node = pair(&above[at..at + 2]);
                above.push(node);
            }
        }
        above
    }
}

#[cfg(test)]
mod tests {
    use wpsx_proto::tree::root_of;

    use super::*;

    #[test]
    fn the_hashes_above_a_tile_are_those_over_its_parts() {
        let hashes: Vec<Hash> = (0..TILE as u32)
            .map(|n| Hash::of(&n.to_be_bytes()))
            .collect();
        let tile = KeptTile::new(hashes.clone());
        for row in 0..=8 {
            let width = 1 << row;
            for (place, part) in hashes.chunks(width).enumerate() {
                assert_eq!(tile.subtree(row, place), root_of(part), "row {row}");
            }
        }
    }
}
