//! What an entry is put in order by, and the rows that are in an order.
//!
//! Each run has its own rows in each order, so that posting writes to the last runs alone
//! whatever comes: what an entry costs does not grow with the log.

use prost::encoding::{decode_varint, encode_varint};
use wpsx_words::Language;

use super::{
    keys::damaged,
    set::{offset, run_of},
};
use crate::table::TableError;

/// By when it changed, by date, by title, by country: the numbers of the orders in keys. By
/// title is by what it is called for who reads none of its languages.
pub(crate) const CHANGE: u8 = 1;
pub(crate) const DATE: u8 = 2;
pub(crate) const TITLE: u8 = 3;
pub(crate) const COUNTRY: u8 = 4;
/// By titles in other languages, of entries that have them.
const FRENCH: u8 = 5;
const SPANISH: u8 = 6;
const RUSSIAN: u8 = 7;
const ARABIC: u8 = 8;
const CHINESE: u8 = 9;
const ENGLISH: u8 = 10;
/// All of them, as their rows follow each other.
pub(crate) const ALL: [u8; 10] = [
    CHANGE, DATE, TITLE, COUNTRY, FRENCH, SPANISH, RUSSIAN, ARABIC, CHINESE, ENGLISH,
];

/// The orders by title for readers of a language: an entry stands in the first of them that
/// it has a place in.
pub(crate) const fn titles(language: Language) -> &'static [u8] {
    match language {
        Language::English => &[ENGLISH, TITLE],
        Language::French => &[FRENCH, TITLE],
        Language::Spanish => &[SPANISH, TITLE],
        Language::Russian => &[RUSSIAN, TITLE],
        Language::Arabic => &[ARABIC, TITLE],
        Language::Chinese => &[CHINESE, TITLE],
    }
}

/// What one entry is put in order by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    /// When it changed, in milliseconds since 1970.
    pub(crate) change: u64,
    /// Empty: not said.
    pub(crate) date: Box<str>,
    pub(crate) country: Box<str>,
    /// What its family is called.
    pub(crate) family: Box<str>,
    /// By number of an order by title.
    pub(crate) titles: Box<[(u8, Box<[u8]>)]>,
}

impl Keys {
    /// Of an entry without a payload.
    pub(crate) fn bare(change: u64) -> Self {
        Self {
            change,
            ..Self::default()
        }
    }

    /// What it is put in an order by, if it changed then; empty: nothing.
    pub(crate) fn value(&self, order: u8, change: u64) -> Vec<u8> {
        match order {
            CHANGE => change.to_be_bytes().to_vec(),
            DATE => self.date.as_bytes().to_vec(),
            COUNTRY => self.country.as_bytes().to_vec(),
            title => {
                let mut titles = self.titles.iter();
                let key = titles.find(|(order, _)| *order == title);
                key.map_or_else(Vec::new, |(_, key)| key.to_vec())
            }
        }
    }

    /// The same in the first of these orders that it has a place in.
    pub(crate) fn first_value(&self, orders: &[u8], change: u64) -> Vec<u8> {
        let mut values = orders.iter().map(|order| self.value(*order, change));
        values.find(|value| !value.is_empty()).unwrap_or_default()
    }

    /// About how many bytes it takes in memory.
    pub(crate) fn weight(&self) -> usize {
        let titles = self.titles.iter().map(|(_, key)| 40 + key.len());
        112 + self.date.len() + self.country.len() + self.family.len() + titles.sum::<usize>()
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.weight());
        encode_varint(self.change, &mut bytes);
        for text in [&self.date, &self.country, &self.family] {
            encode_varint(text.len() as u64, &mut bytes);
            bytes.extend_from_slice(text.as_bytes());
        }
        encode_varint(self.titles.len() as u64, &mut bytes);
        for (order, key) in &self.titles {
            bytes.push(*order);
            encode_varint(key.len() as u64, &mut bytes);
            bytes.extend_from_slice(key);
        }
        bytes
    }

    pub(crate) fn from_bytes(mut bytes: &[u8]) -> Result<Self, TableError> {
        let bytes = &mut bytes;
        let change = decode_varint(bytes).map_err(|_| damaged())?;
        let [date, country, family] = [text(bytes)?, text(bytes)?, text(bytes)?];
        let count = decode_varint(bytes).map_err(|_| damaged())?;
        let titles = (0..count).map(|_| {
            let (order, rest) = bytes.split_first().ok_or_else(damaged)?;
            *bytes = rest;
            Ok((*order, some(bytes)?.into()))
        });
        let titles = titles.collect::<Result<_, TableError>>()?;
        Ok(Self {
            change,
            date,
            country,
            family,
            titles,
        })
    }
}

fn text(bytes: &mut &[u8]) -> Result<Box<str>, TableError> {
    let text = std::str::from_utf8(some(bytes)?).map_err(|_| damaged())?;
    Ok(text.into())
}

/// As many bytes as stand before them.
fn some<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], TableError> {
    let length = decode_varint(bytes).map_err(|_| damaged())?;
    let length = usize::try_from(length).map_err(|_| damaged())?;
    let (some, rest) = bytes.split_at_checked(length).ok_or_else(damaged)?;
    *bytes = rest;
    Ok(some)
}

/// The start of the keys of all rows of a run in an order.
pub(crate) fn order_prefix(log: u32, order: u8, run: u64) -> Vec<u8> {
    let mut key = log.to_be_bytes().to_vec();
    key.push(order);
    key.extend_from_slice(&run.to_be_bytes());
    key
}

/// Bytes of [`order_prefix`].
const PREFIX: usize = 4 + 1 + 8;

/// The key of an entry's row in an order.
pub(crate) fn order_key(log: u32, order: u8, index: u64, value: &[u8]) -> Vec<u8> {
    let mut key = order_prefix(log, order, run_of(index));
    key.extend_from_slice(value);
    key.push(0);
    key.extend_from_slice(&offset(index).to_be_bytes());
    key
}

/// The value and the offset in an [`order_key`].
pub(crate) fn of_order_key(key: &[u8]) -> Result<(&[u8], u16), TableError> {
    let rest = key.get(PREFIX..).ok_or_else(damaged)?;
    let (value, offset) = rest.split_last_chunk::<2>().ok_or_else(damaged)?;
    let value = value.strip_suffix(&[0]).ok_or_else(damaged)?;
    Ok((value, u16::from_be_bytes(*offset)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_an_order_keep_their_bytes() {
        let keys = Keys {
            change: 300,
            date: "2018".into(),
            country: "KEN".into(),
            family: "".into(),
            titles: [(TITLE, b"plan"[..].into()), (ARABIC, b"\x01x"[..].into())].into(),
        };
        let bytes = b"\xac\x02\x042018\x03KEN\x00\x02\x03\x04plan\x08\x02\x01x";
        assert_eq!(keys.to_bytes(), bytes);
        assert_eq!(Keys::from_bytes(bytes).expect("own bytes"), keys);
        for cut in 0..bytes.len() {
            assert!(Keys::from_bytes(&bytes[..cut]).is_err());
        }
        let key = order_key(7, DATE, 65_536 * 3 + 258, b"2018");
        assert_eq!(key, b"\0\0\0\x07\x02\0\0\0\0\0\0\0\x032018\0\x01\x02");
        assert_eq!(of_order_key(&key).expect("own"), (&b"2018"[..], 258));
        assert!(of_order_key(&key[..14]).is_err());
    }
}
