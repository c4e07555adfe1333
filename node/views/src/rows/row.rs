//! Rows: the newest entry of a record, and its external id.

use prost::encoding::{decode_varint, encode_varint};

use super::keys::damaged;
use crate::table::TableError;

/// The newest entry of a record in a log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newest {
    pub(crate) index: u64,
    pub(crate) revision: u32,
    pub(crate) operation: i32,
}

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

    /// The newest entry before an index. A step that goes on, or one that a crash cut, may
    /// have written the row already.
    pub(crate) fn newest_before(&self, index: u64) -> Option<u64> {
        [Some(self.index), self.before]
            .into_iter()
            .flatten()
            .find(|newest| *newest < index)
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

/// The key of the row that says that a record has an earlier entry.
pub(crate) fn history_key(key: &RowKey, index: u64) -> Vec<u8> {
    [&key.0[..], &index.to_be_bytes()].concat()
}

/// Whether a row that stands under a record's id and the log's number first is of a log.
pub(crate) fn is_record_row_of(key: &[u8], log: u32) -> bool {
    key.get(16..20) == Some(&log.to_be_bytes())
}

/// The part of a row's key that says of which record it is, in any log.
pub(crate) fn all_of_record(key: &[u8]) -> Option<&[u8]> {
    key.get(..16)
}

/// The part of a row's key that says of which record it is, in one log.
pub(crate) fn all_of_row(key: &[u8]) -> Option<&[u8]> {
    key.get(..20)
}

/// The [`name_prefix`] of a row's key.
pub(crate) fn all_of_name(key: &[u8]) -> Option<&[u8]> {
    let name = key.get(4..)?;
    let ends = name.iter().position(|byte| *byte == 0xff)?;
    key.get(..=4 + ends)
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
    fn a_row_key_has_record_and_log() {
        let key = RowKey::new(&[9; 16], 0x0102_0304);
        assert_eq!(&key.0[16..], &[1, 2, 3, 4]);
        assert_eq!((key.record(), key.log()), ([9; 16], 0x0102_0304));
    }
}
