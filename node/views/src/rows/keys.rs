//! The keys and values of the views' rows, byte for byte.
//!
//! | key | value |
//! |---|---|
//! | `i`, first row | block of rows `record id ‖ log` with the newest entry of that record in that log |
//! | `n`, first row | block of rows `log ‖ external id ‖ 0xff ‖ record id`, without a value |
//! | `s`, log, run, set | the offsets of one set in one run of 65,536 indexes |
//! | `p`, log | the index of the next entry to post |
//! | `f`, log | this log is being forgotten |
//!
//! Numbers in keys are big-endian, so that their order is the order of the keys.
//! No text in UTF-8 has a byte 0xff, so none is the beginning of another.

use prost::encoding::{decode_varint, encode_varint};

use crate::layer::Newest;
use crate::rows::offsets::RUN;
use crate::table::TableError;

pub(crate) const ROWS: u8 = b'i';
pub(crate) const NAMES: u8 = b'n';
const SETS: u8 = b's';
pub(crate) const POSITIONS: u8 = b'p';
pub(crate) const FORGETTING: u8 = b'f';

/// A record in a log: 16 bytes of record id, 4 of log number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowKey(pub(crate) [u8; 20]);

impl RowKey {
    pub(crate) fn new(record: &[u8; 16], log: u32) -> Self {
        let mut key = [0; 20];
        key[..16].copy_from_slice(record);
        key[16..].copy_from_slice(&log.to_be_bytes());
        Self(key)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, TableError> {
        Ok(Self(bytes.try_into().map_err(|_| damaged())?))
    }

    pub(crate) fn record(&self) -> [u8; 16] {
        let [record @ .., _, _, _, _] = self.0;
        record
    }

    pub(crate) fn log(&self) -> u32 {
        let [.., a, b, c, d] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }
}

impl AsRef<[u8]> for RowKey {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The newest entry of a record in a log, as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) index: u64,
    pub(crate) revision: u32,
    pub(crate) operation: i32,
    /// The entry that was the newest before the step that wrote this row. If a crash
    /// cut that step, it has to be said once more that it is old.
    pub(crate) before: Option<u64>,
    /// The external id last given, and the index that gave it.
    pub(crate) name: Option<(u64, String)>,
}

impl Row {
    /// Takes over what a newer entry says.
    pub(crate) fn take(&mut self, newest: Newest) {
        self.index = newest.index;
        self.revision = newest.revision;
        self.operation = newest.operation;
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(12);
        encode_varint(self.index, &mut bytes);
        encode_varint(u64::from(self.revision), &mut bytes);
        encode_varint(u64::from(self.operation.cast_unsigned()), &mut bytes);
        encode_varint(self.before.map_or(0, |index| index + 1), &mut bytes);
        if let Some((index, name)) = &self.name {
            encode_varint(*index, &mut bytes);
            bytes.extend_from_slice(name.as_bytes());
        }
        bytes
    }

    pub(crate) fn from_bytes(mut bytes: &[u8]) -> Result<Self, TableError> {
        let bytes = &mut bytes;
        let index = number(bytes)?;
        let revision = u32::try_from(number(bytes)?).map_err(|_| damaged())?;
        let operation = u32::try_from(number(bytes)?).map_err(|_| damaged())?;
        let before = number(bytes)?.checked_sub(1);
        let name = if bytes.is_empty() {
            None
        } else {
            let index = number(bytes)?;
            let name = std::str::from_utf8(bytes).map_err(|_| damaged())?;
            Some((index, name.to_string()))
        };
        Ok(Self {
            index,
            revision,
            operation: operation.cast_signed(),
            before,
            name,
        })
    }
}

fn number(bytes: &mut &[u8]) -> Result<u64, TableError> {
    decode_varint(bytes).map_err(|_| damaged())
}

fn damaged() -> TableError {
    TableError::Damaged("a row cannot be read".to_string())
}

/// The start of the keys of all records that an external id names.
pub(crate) fn name_prefix(log: u32, name: &str) -> Vec<u8> {
    let mut key = log.to_be_bytes().to_vec();
    key.extend_from_slice(name.as_bytes());
    key.push(0xff);
    key
}

/// The key of the row that says that an external id names a record.
pub(crate) fn name_key(key: &RowKey, name: &str) -> Vec<u8> {
    let mut row = name_prefix(key.log(), name);
    row.extend_from_slice(&key.record());
    row
}

/// The record that a row with a [`name_key`] is about.
pub(crate) fn record_of_name(row: &[u8]) -> Result<[u8; 16], TableError> {
    row.last_chunk().copied().ok_or_else(damaged)
}

/// A country code as its record gives it: 1 to 8 bytes, nothing else is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Country {
    bytes: [u8; 8],
    length: u8,
}

impl Country {
    /// `None` for what cannot be one: such a code is in no posting list.
    pub(crate) fn new(code: &str) -> Option<Self> {
        if code.is_empty() || code.len() > 8 {
            return None;
        }
        let mut bytes = [0; 8];
        bytes[..code.len()].copy_from_slice(code.as_bytes());
        let length = u8::try_from(code.len()).ok()?;
        Some(Self { bytes, length })
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// What the entries of a set have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Set {
    /// A later entry of the same record is in the log.
    Old,
    /// The operation takes the record out of the current ones.
    Ended,
    /// The leaf cannot be read by this software.
    Unreadable,
    Kind(u32),
    Country(Country),
}

impl Set {
    fn tag(&self) -> u8 {
        match self {
            Self::Old => 1,
            Self::Ended => 2,
            Self::Unreadable => 3,
            Self::Kind(_) => Self::KINDS,
            Self::Country(_) => Self::COUNTRIES,
        }
    }

    pub(crate) const KINDS: u8 = 4;
    pub(crate) const COUNTRIES: u8 = 5;
}

/// One set in one run of a log's indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Posting {
    pub(crate) log: u32,
    pub(crate) run: u64,
    pub(crate) set: Set,
}

impl Posting {
    /// The posting list that holds `index`.
    pub(crate) fn of(log: u32, index: u64, set: Set) -> Self {
        let run = index / RUN;
        Self { log, run, set }
    }

    pub(crate) fn key(&self) -> Vec<u8> {
        let mut key = run_key(self.log, self.run);
        key.push(self.set.tag());
        match &self.set {
            Set::Kind(kind) => key.extend_from_slice(&kind.to_be_bytes()),
            Set::Country(country) => key.extend_from_slice(country.as_bytes()),
            Set::Old | Set::Ended | Set::Unreadable => {}
        }
        key
    }
}

/// The start of the keys of all sets of a run.
fn run_key(log: u32, run: u64) -> Vec<u8> {
    let mut key = log_key(SETS, log);
    key.extend_from_slice(&run.to_be_bytes());
    key
}

/// From and to of the keys of all kinds, or all countries, of a run.
pub(crate) fn sets_of_run(log: u32, run: u64, tag: u8) -> (Vec<u8>, Vec<u8>) {
    let (mut from, mut to) = (run_key(log, run), run_key(log, run));
    from.push(tag);
    to.push(tag + 1);
    (from, to)
}

/// From and to of the keys of all sets of a log.
pub(crate) fn sets_of_log(log: u32) -> (Vec<u8>, Vec<u8>) {
    let from = log_key(SETS, log);
    let mut to = from.clone();
    // Runs are indexes shifted by 16, so they never reach this.
    to.extend_from_slice(&[0xff; 9]);
    (from, to)
}

/// The offset of an index in its run.
pub(crate) fn offset(index: u64) -> u16 {
    (index % RUN) as u16
}

/// `tag` and the log's number.
pub(crate) fn log_key(tag: u8, log: u32) -> Vec<u8> {
    let mut key = vec![tag];
    key.extend_from_slice(&log.to_be_bytes());
    key
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_bytes() {
        let row = Row {
            index: 300,
            revision: 2,
            operation: 1,
            before: Some(5),
            name: Some((5, "wps:1".to_string())),
        };
        // index as varint, revision, operation, before + 1, index of the name, name
        let bytes = [&[0xac, 0x02, 2, 1, 6, 5][..], b"wps:1"].concat();
        assert_eq!(row.to_bytes(), bytes);
        assert_eq!(Row::from_bytes(&bytes).expect("own bytes"), row);
        let unknown = Row {
            operation: -7,
            ..Row::default()
        };
        assert_eq!(
            Row::from_bytes(&unknown.to_bytes()).expect("own bytes"),
            unknown
        );
        for cut in 0..6 {
            assert!(Row::from_bytes(&bytes[..cut]).is_err() || cut >= 4);
        }
    }

    #[test]
    fn keys_keep_their_bytes() {
        let posting = Posting::of(7, 65_536 * 3 + 9, Set::Kind(258));
        assert_eq!(
            posting.key(),
            // tag, log, run, set, kind
            [
                &b"s"[..],
                &[0, 0, 0, 7],
                &[0, 0, 0, 0, 0, 0, 0, 3],
                &[4],
                &[0, 0, 1, 2]
            ]
            .concat()
        );
        let key = RowKey::new(&[9; 16], 0x0102_0304);
        assert_eq!(&key.0[16..], &[1, 2, 3, 4]);
        assert_eq!((key.record(), key.log()), ([9; 16], 0x0102_0304));
    }
}
