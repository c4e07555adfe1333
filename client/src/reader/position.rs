//! Up to where a node's logs were seen, so that a watch goes on without a gap.

use std::{collections::BTreeMap, fmt};

/// Of a list or of a watch, and of no other node than the one that gave it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position(BTreeMap<u32, u64>);

/// Of one position: some thousands of logs.
const MOST: usize = 256 << 10;

impl Position {
    /// Reads what a node or [`ToString`] wrote; `None` if it is no position.
    pub fn parse(text: &str) -> Option<Self> {
        let part = |part: &str| {
            let (log, seen) = part.split_once('.')?;
            Some((log.parse().ok()?, seen.parse().ok()?))
        };
        match text {
            "-" => Some(Self::default()),
            _ if text.len() > MOST => None,
            _ => text.split('-').map(part).collect::<Option<_>>().map(Self),
        }
    }

    /// Takes the parts of another one for those of the same logs.
    pub(super) fn go_on(&mut self, part: Self) {
        self.0.extend(part.0);
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("-");
        }
        let parts = self.0.iter().map(|(log, seen)| format!("{log}.{seen}"));
        f.write_str(&parts.collect::<Vec<_>>().join("-"))
    }
}
