//! The keys and values of the views' rows, byte for byte.
//!
//! | key | value |
//! |---|---|
//! | `i`, generation, first row | block of rows `record id ‖ log` with the newest entry of that record in that log |
//! | `h`, generation, first row | block of rows `record id ‖ log ‖ index`, one for each earlier entry of the record, without a value |
//! | `n`, generation, first row | block of rows `log ‖ external id ‖ 0xff ‖ record id`, without a value |
//! | `c`, first row | block of rows `log ‖ index` with what the entry is put in order by |
//! | `o`, first row | block of rows `log ‖ order ‖ run ‖ value ‖ 0 ‖ offset`, without a value |
//! | `w`, first row | block of rows `log ‖ index` of an entry that ended its record, with the index of the last that published it |
//! | `s`, first row | block of rows `log ‖ run ‖ set` with the offsets of the set in that run of 65,536 indexes |
//! | `g`, tag | the generations of the rows under `i`, `h` or `n`, the oldest first: number and how many rows |
//! | `b`, tag, generation, part | a part of its filter |
//! | `p`, log | the index of the next entry to post |
//! | `f`, log | this log is being forgotten |
//!
//! Numbers in keys are big-endian, so that their order is the order of the keys.
//! No text in UTF-8 has a byte 0xff, so none is the beginning of another.

use crate::table::TableError;

pub(crate) const ROWS: u8 = b'i';
pub(crate) const HISTORY: u8 = b'h';
pub(crate) const NAMES: u8 = b'n';
pub(crate) const CONTENTS: u8 = b'c';
pub(crate) const ORDERS: u8 = b'o';
pub(crate) const LINKS: u8 = b'w';
pub(crate) const SETS: u8 = b's';
pub(crate) const POSITIONS: u8 = b'p';
pub(crate) const FORGETTING: u8 = b'f';
pub(crate) const GENERATIONS: u8 = b'g';
pub(crate) const FILTERS: u8 = b'b';

/// What is in blocks, and stands under a log's number first.
pub(crate) const IN_BLOCKS: [u8; 4] = [CONTENTS, ORDERS, LINKS, SETS];
/// What stands by itself.
pub(crate) const OTHERS: [u8; 2] = [POSITIONS, FORGETTING];

/// `tag` and the log's number.
pub(crate) fn log_key(tag: u8, log: u32) -> Vec<u8> {
    let mut key = vec![tag];
    key.extend_from_slice(&log.to_be_bytes());
    key
}

/// The key of a row about one entry.
pub(crate) fn entry_key(log: u32, index: u64) -> [u8; 12] {
    let mut key = [0; 12];
    key[..4].copy_from_slice(&log.to_be_bytes());
    key[4..].copy_from_slice(&index.to_be_bytes());
    key
}

/// The log in an [`entry_key`].
pub(crate) fn log_of(key: &[u8]) -> Result<u32, TableError> {
    key.first_chunk()
        .map(|log| u32::from_be_bytes(*log))
        .ok_or_else(damaged)
}

/// The index in an [`entry_key`].
pub(crate) fn index_of(key: &[u8]) -> Result<u64, TableError> {
    key.last_chunk()
        .map(|index| u64::from_be_bytes(*index))
        .ok_or_else(damaged)
}

/// A log's position, as stored.
pub(crate) fn position_to_bytes(position: u64) -> Vec<u8> {
    position.to_be_bytes().to_vec()
}

/// Reads the log number and position of a row under [`POSITIONS`].
pub(crate) fn position_from_bytes(key: &[u8], value: &[u8]) -> Result<(u32, u64), TableError> {
    let log = key.get(1..).and_then(|log| log.try_into().ok());
    match (log, value.try_into()) {
        (Some(log), Ok(position)) => Ok((u32::from_be_bytes(log), u64::from_be_bytes(position))),
        _ => Err(damaged()),
    }
}

/// A row that this code never wrote.
pub(crate) fn damaged() -> TableError {
    TableError::Damaged("a row cannot be read".to_string())
}
