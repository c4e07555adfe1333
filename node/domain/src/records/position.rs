//! How far a list has seen its logs, so that a watch can go on from there without a gap.
//!
//! In words it is `3.120-7.88`: of the log that this node counts as the third, 120 entries.
//! It names no log but those that its reader could see. One that it does not name was not
//! there or could not be seen; if it can be seen now, all of it is news.

use std::collections::HashMap;

use crate::error::NodeError;

/// A position has at most this many bytes: some thousands of logs.
const MOST: usize = 256 << 10;

/// How many entries of each log were seen, by the logs' numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position(pub(super) HashMap<u32, u64>);

impl Position {
    /// Reads its text form.
    ///
    /// # Errors
    /// No answer had this position.
    pub fn parse(text: &str) -> Result<Self, NodeError> {
        let part = |part: &str| {
            let (log, seen) = part.split_once('.')?;
            Some((log.parse().ok()?, seen.parse().ok()?))
        };
        let parts = || -> Option<HashMap<u32, u64>> {
            match text {
                "-" => Some(HashMap::new()),
                _ if text.len() > MOST => None,
                _ => text.split('-').map(part).collect(),
            }
        };
        parts().map(Self).ok_or_else(|| {
            NodeError::invalid(
                "position",
                "no list of this node gave such a position; use that of the first page as it is",
            )
        })
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut logs: Vec<_> = self.0.iter().collect();
        logs.sort_unstable();
        let logs: Vec<String> = logs
            .into_iter()
            .map(|(log, seen)| format!("{log}.{seen}"))
            .collect();
        match logs.is_empty() {
            true => f.write_str("-"),
            false => f.write_str(&logs.join("-")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_written_and_nothing_else_is() {
        for position in [
            Position::default(),
            Position([(3, 120), (7, u64::MAX)].into()),
        ] {
            let again = Position::parse(&position.to_string()).unwrap();
            assert_eq!(again, position);
        }
        for wrong in ["", "3", "3.", ".4", "3.4-", "3.4-x.1", "3.-4", "3.4.5"] {
            assert!(Position::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Position::parse(&"1.1-".repeat(MOST)).is_err());
    }
}
