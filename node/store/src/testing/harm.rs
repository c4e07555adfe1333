//! What is done to a file that is damaged.

use std::{fs, path::Path};

/// One damage.
#[derive(Clone, Copy, Debug)]
pub enum Harm {
    Removed,
    Halved,
    /// One bit in the middle is another one.
    Flipped,
}

impl Harm {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Removed, Self::Halved, Self::Flipped];

    pub fn apply(self, path: &Path) {
        let mut bytes = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let half = bytes.len() / 2;
        match self {
            Self::Removed => return fs::remove_file(path).unwrap(),
            Self::Halved => bytes.truncate(half),
            Self::Flipped => bytes[half] ^= 1,
        }
        fs::write(path, bytes).unwrap();
    }
}
