//! The paths of C2SP tlog-tiles: where a log's hashes and entries lie.
//!
//! A full tile has 256 hashes, a full bundle 256 entries; the ones at the right edge
//! of a tree are partial and their path says how wide they are.

use std::{fmt, str::FromStr};

use crate::index::{BUNDLE, TreeSize};

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of subtrees of `256^level` leaves; level 0 to 63.
    Hashes {
        /// The level, counted in tiles.
        level: u8,
    },
    /// Entries, each behind its length.
    Entries,
}

/// The place of one tile: `tile/0/x001/x234/067.p/12` or `tile/entries/000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl TilePath {
    /// The path of a full tile; `None` for a level above 63.
    #[must_use]
    pub fn full(kind: TileKind, index: u64) -> Option<Self> {
        Self::new(kind, index, FULL)
    }

    /// The path of a tile of 1 to 256 hashes or entries; `None` for another width or a
    /// level above 63.
    #[must_use]
    pub fn new(kind: TileKind, index: u64, width: u16) -> Option<Self> {
        let level_fits = !matches!(kind, TileKind::Hashes { level: 64.. });
        (level_fits && (1..=FULL).contains(&width)).then_some(Self { kind, index, width })
    }

    /// The path of a tile as it is in a tree of this size; `None` if that tree has no such tile.
    #[must_use]
    pub fn in_tree(kind: TileKind, index: u64, size: TreeSize) -> Option<Self> {
        let first = index.checked_mul(BUNDLE)?;
        let width = items(kind, size).checked_sub(first)?.min(BUNDLE);
        Self::new(kind, index, u16::try_from(width).ok()?)
    }

    /// What the tile holds.
    #[must_use]
    pub const fn kind(&self) -> TileKind {
        self.kind
    }

    /// Its number within the level.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it has, 1 to 256.
    #[must_use]
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Whether it will still grow.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.width < FULL
    }

    /// The same tile once it is full.
    #[must_use]
    pub const fn filled(&self) -> Self {
        Self {
            width: FULL,
            ..*self
        }
    }
}

/// The partial tiles at the right edge of a tree: hashes of each level, then entries.
pub fn partial_tiles(size: TreeSize) -> impl Iterator<Item = TilePath> {
    (0..8)
        .map(|level| TileKind::Hashes { level })
        .chain([TileKind::Entries])
        .filter_map(move |kind| TilePath::in_tree(kind, items(kind, size) / BUNDLE, size))
}

/// How many full tiles of a kind a tree of this size has.
#[must_use]
pub fn full_tiles(kind: TileKind, size: TreeSize) -> u64 {
    items(kind, size) / BUNDLE
}

const FULL: u16 = BUNDLE as u16;

/// How many hashes or entries all tiles of a kind hold together.
fn items(kind: TileKind, size: TreeSize) -> u64 {
    let level = match kind {
        TileKind::Hashes { level } => u32::from(level),
        TileKind::Entries => 0,
    };
    size.value().checked_shr(8 * level).unwrap_or(0)
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes { level } => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        let groups = self.index.checked_ilog(1000).unwrap_or(0);
        for group in (1..=groups).rev() {
            write!(f, "x{:03}/", self.index / 1000_u64.pow(group) % 1000)?;
        }
        write!(f, "{:03}", self.index % 1000)?;
        if self.is_partial() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

/// Text that is not the path of a tile, or not written the one way it may be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a tile")]
pub struct TilePathError;

impl FromStr for TilePath {
    type Err = TilePathError;

    fn from_str(text: &str) -> Result<Self, TilePathError> {
        let path = read(text).ok_or(TilePathError)?;
        // There is one way to write a path; leading zeros and the like end here.
        if path.to_string() != text {
            return Err(TilePathError);
        }
        Ok(path)
    }
}

fn read(text: &str) -> Option<TilePath> {
    let (kind, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes {
            level: level.parse().ok()?,
        },
    };
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (number, width.parse().ok()?),
        None => (rest, FULL),
    };
    let mut index = 0_u64;
    for group in number.split('/') {
        let group = group.strip_prefix('x').unwrap_or(group);
        let value: u64 = group.parse().ok().filter(|value| *value < 1000)?;
        index = index.checked_mul(1000)?.checked_add(value)?;
    }
    TilePath::new(kind, index, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAVES: TileKind = TileKind::Hashes { level: 0 };

    #[test]
    fn paths_are_those_of_the_specification() {
        for (path, text) in [
            (TilePath::full(LEAVES, 0), "tile/0/000"),
            (TilePath::full(LEAVES, 999), "tile/0/999"),
            (TilePath::full(LEAVES, 1000), "tile/0/x001/000"),
            (TilePath::full(LEAVES, 1_234_067), "tile/0/x001/x234/067"),
            (TilePath::new(LEAVES, 273, 112), "tile/0/273.p/112"),
            (
                TilePath::new(TileKind::Entries, 0, 1),
                "tile/entries/000.p/1",
            ),
            (
                TilePath::full(TileKind::Hashes { level: 63 }, u64::MAX),
                "tile/63/x018/x446/x744/x073/x709/x551/615",
            ),
        ] {
            let path = path.unwrap();
            assert_eq!(path.to_string(), text);
            assert_eq!(text.parse(), Ok(path));
        }
    }

    #[test]
    fn other_ways_to_write_a_path_are_refused() {
        for text in [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "/tile/0/000",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/1000",
            "tile/0/x000/001",
            "tile/0/001/000",
            "tile/0/x001/x000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/000/",
            "tile/0/000.p/1/",
            "tile/0/+01",
            "tile/entry/000",
            "tile/0/../000",
            "tile/0/x019/x446/x744/x073/x709/x551/616",
        ] {
            assert_eq!(text.parse::<TilePath>(), Err(TilePathError), "{text}");
        }
    }

    #[test]
    fn a_tree_of_70000_has_the_tiles_of_the_specification() {
        let size = TreeSize::new(70_000);
        assert_eq!(full_tiles(LEAVES, size), 273);
        assert_eq!(full_tiles(TileKind::Hashes { level: 1 }, size), 1);
        let partial: Vec<String> = partial_tiles(size).map(|tile| tile.to_string()).collect();
        assert_eq!(
            partial,
            [
                "tile/0/273.p/112",
                "tile/1/001.p/17",
                "tile/2/000.p/1",
                "tile/entries/273.p/112"
            ]
        );
        let full = TilePath::in_tree(LEAVES, 272, size).unwrap();
        assert!(!full.is_partial());
        assert_eq!(TilePath::in_tree(LEAVES, 274, size), None);
    }

    #[test]
    fn a_tree_of_256_has_one_full_tile_and_one_partial_above() {
        let size = TreeSize::new(256);
        let partial: Vec<String> = partial_tiles(size).map(|tile| tile.to_string()).collect();
        assert_eq!(partial, ["tile/1/000.p/1"]);
        assert_eq!(partial_tiles(TreeSize::ZERO).count(), 0);
    }
}
