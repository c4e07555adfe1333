//! Sets of entries that have something in common, each in runs of indexes.

use super::{
    keys::{SETS, log_key},
    offsets::RUN,
};

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

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
