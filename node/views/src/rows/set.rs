//! Sets of entries that have something in common, each in runs of indexes.
//!
//! A set has a name of bytes: its kind of set, and what tells it from others of that kind.
//!
//! | name | entries |
//! |---|---|
//! | 1 | that a later entry of the same record follows |
//! | 2 | whose operation takes the record out of the current ones |
//! | 3 | that cannot be read by this software |
//! | 4, kind | of a kind |
//! | 5, facet, 0, value | whose payload has a value of a facet |
//! | 6, word | with a word in a title |
//! | 7, hash | that refer to a record |
//! | 8, order | that have something to be put in that order by |
//! | 9 | that are a part of a family: a translation, an annex |
//! | 10 | whose payload is here |
//!
//! Those from 5 on come from the payload, and an entry leaves them when its payload goes.

use super::offsets::RUN;

pub(crate) const OLD: &[u8] = &[1];
pub(crate) const ENDED: &[u8] = &[2];
pub(crate) const UNREADABLE: &[u8] = &[3];
pub(crate) const KINDS: u8 = 4;
/// The first of those that come from the payload.
pub(crate) const CONTENT: u8 = 5;
const VALUES: u8 = 5;
const WORDS: u8 = 6;
const REFERENCES: u8 = 7;
const HAVING: u8 = 8;
pub(crate) const MEMBERS: &[u8] = &[9];
pub(crate) const HELD: &[u8] = &[10];

/// The set of a kind.
pub(crate) fn kind(kind: u32) -> Vec<u8> {
    [&[KINDS][..], &kind.to_be_bytes()].concat()
}

/// The beginning of the names of all values of a facet.
pub(crate) fn facet(facet: &str) -> Vec<u8> {
    [&[VALUES][..], facet.as_bytes(), &[0]].concat()
}

/// The set of a value of a facet.
pub(crate) fn value(facet: &str, value: &str) -> Vec<u8> {
    [&[VALUES][..], facet.as_bytes(), &[0], value.as_bytes()].concat()
}

/// The set of a word.
pub(crate) fn word(word: &str) -> Vec<u8> {
    [&[WORDS][..], word.as_bytes()].concat()
}

/// The set of those that refer to what has this hash.
pub(crate) fn reference(hash: &[u8; 17]) -> Vec<u8> {
    [&[REFERENCES][..], hash].concat()
}

/// The set of those that have something to be put in an order by.
pub(crate) fn having(order: u8) -> Vec<u8> {
    vec![HAVING, order]
}

/// Whether the set comes from payloads.
pub(crate) fn is_content(set: &[u8]) -> bool {
    set.first().is_some_and(|tag| *tag >= CONTENT)
}

/// The run that an index is in.
pub(crate) fn run_of(index: u64) -> u64 {
    index / RUN
}

/// The offset of an index in its run.
pub(crate) fn offset(index: u64) -> u16 {
    (index % RUN) as u16
}

/// The key of a set's row in one run of a log's indexes.
pub(crate) fn set_key(log: u32, run: u64, set: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(BEFORE_NAME + set.len());
    key.extend_from_slice(&log.to_be_bytes());
    key.extend_from_slice(&run.to_be_bytes());
    key.extend_from_slice(set);
    key
}

/// Bytes of a key before the name of its set.
pub(crate) const BEFORE_NAME: usize = 4 + 8;

/// From and to of the keys of all sets of a run that come from payloads.
pub(crate) fn content_of_run(log: u32, run: u64) -> (Vec<u8>, Vec<u8>) {
    (set_key(log, run, &[CONTENT]), set_key(log, run, &[u8::MAX]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_bytes() {
        let run = run_of(65_536 * 3 + 9);
        let start = [0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 3];
        // log, run, set, kind
        assert_eq!(
            set_key(7, run, &kind(258)),
            [&start[..], &[4], &[0, 0, 1, 2]].concat()
        );
        assert_eq!(
            set_key(7, run, &value("theme", "crsv")),
            [&start[..], &[5], b"theme\0crsv"].concat()
        );
        assert_eq!(start.len(), BEFORE_NAME);
        assert_eq!(offset(65_536 * 3 + 9), 9);
    }
}
