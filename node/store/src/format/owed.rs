//! The slots that a follower was not told of, as they are kept in the state.

use std::collections::{BTreeMap, BTreeSet};

/// Slots, by log and index.
pub(crate) type Slots = BTreeMap<u32, BTreeSet<u64>>;

/// One line for each slot: log, index.
pub(crate) fn to_text(slots: &Slots) -> String {
    let lines = slots
        .iter()
        .flat_map(|(log, indexes)| indexes.iter().map(move |index| format!("{log} {index}\n")));
    lines.collect()
}

pub(crate) fn from_text(bytes: &[u8]) -> Option<Slots> {
    let mut slots = Slots::new();
    for line in std::str::from_utf8(bytes).ok()?.lines() {
        let (log, index) = line.split_once(' ')?;
        let indexes = slots.entry(log.parse().ok()?).or_default();
        indexes.insert(index.parse().ok()?);
    }
    Some(slots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_owed_is_read_back() {
        let slots = Slots::from([
            (3, BTreeSet::from([1, 300])),
            (7, BTreeSet::from([u64::MAX])),
        ]);
        assert_eq!(from_text(to_text(&slots).as_bytes()), Some(slots));
        assert_eq!(from_text(b"1 2\nx"), None);
    }
}
