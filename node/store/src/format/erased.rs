//! The indexes of a log whose payloads were destroyed: they never come back.

use std::collections::{BTreeSet, HashMap};

use wpsx_proto::{
    envelope::{Leaf, Operation},
    origin::RecordId,
};

const VERSION: u8 = 1;

/// The file of a log in `state/` with those that entries outside of the stored tree erased.
pub(crate) const ELSEWHERE: &str = "erased-elsewhere";

/// The erased indexes of one log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Erased(BTreeSet<u64>);

impl Erased {
    pub(crate) fn contains(&self, index: u64) -> bool {
        self.0.contains(&index)
    }

    pub(crate) fn insert(&mut self, index: u64) {
        self.0.insert(index);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u64> {
        self.0.iter().copied()
    }

    /// A version, then the distance of each index from the one before, as varints.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        let mut before = 0;
        for index in &self.0 {
            prost::encoding::encode_varint(index - before, &mut bytes);
            before = *index;
        }
        bytes
    }

    pub(crate) fn parse(mut bytes: &[u8]) -> Result<Self, String> {
        match bytes.split_first() {
            Some((&VERSION, rest)) => bytes = rest,
            _ => return Err("its version is not known".to_owned()),
        }
        let mut set = BTreeSet::new();
        let mut before = 0u64;
        while !bytes.is_empty() {
            let step = prost::encoding::decode_varint(&mut bytes).map_err(|e| e.to_string())?;
            before = before.checked_add(step).ok_or("an index is too large")?;
            set.insert(before);
        }
        Ok(Self(set))
    }
}

/// Records that erase entries name, each with the index before which all of it goes.
///
/// What an erase entry destroys is decided by the record alone: its links to earlier
/// entries may be false.
#[derive(Clone, Debug, Default)]
pub(crate) struct Records(HashMap<RecordId, u64>);

impl Records {
    /// These records, wholly.
    pub(crate) fn all(ids: impl IntoIterator<Item = RecordId>) -> Self {
        Self(ids.into_iter().map(|id| (id, u64::MAX)).collect())
    }

    /// These records up to an index each.
    pub(crate) fn before(records: impl IntoIterator<Item = (RecordId, u64)>) -> Self {
        let mut all = Self::default();
        for (id, before) in records {
            all.add(id, before);
        }
        all
    }

    /// Takes an entry into account: one that erases names its record.
    pub(crate) fn note(&mut self, index: u64, leaf: &Leaf) {
        if let Leaf::Known(envelope) = leaf
            && envelope.operation == Operation::Erase
        {
            self.add(envelope.record_id, index);
        }
    }

    /// Whether the payload of this entry is to be destroyed.
    pub(crate) fn cover(&self, index: u64, leaf: &Leaf) -> bool {
        let Leaf::Known(envelope) = leaf else {
            return false;
        };
        let before = self.0.get(&envelope.record_id);
        before.is_some_and(|before| index < *before)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing from this index on is destroyed.
    pub(crate) fn end(&self) -> u64 {
        self.0.values().copied().max().unwrap_or_default()
    }

    fn add(&mut self, id: RecordId, before: u64) {
        let known = self.0.entry(id).or_default();
        *known = before.max(*known);
    }
}

/// The indexes that an erase entry destroys by its links: the earlier entries of its
/// record up to an earlier erase entry, to a link that leads elsewhere, or to what is
/// erased already. What no link leads to is found when the head is taken.
fn linked<E>(
    is_erased: impl Fn(u64) -> bool,
    at: u64,
    record: &RecordId,
    previous: Option<u64>,
    mut leaf: impl FnMut(u64) -> Result<Leaf, E>,
) -> Result<Vec<u64>, E> {
    let mut indexes = Vec::new();
    let (mut from, mut next) = (at, previous);
    while let Some(index) = next {
        if index >= from || is_erased(index) {
            break;
        }
        let Leaf::Known(envelope) = leaf(index)? else {
            break;
        };
        if envelope.record_id != *record || envelope.operation == Operation::Erase {
            break;
        }
        indexes.push(index);
        from = index;
        next = envelope.previous.map(|previous| previous.value());
    }
    indexes.reverse();
    Ok(indexes)
}

/// All that the erase entries among `leaves` destroy by their links, in order.
pub(crate) fn linked_to<'l, E>(
    leaves: impl Iterator<Item = (u64, &'l Leaf)>,
    is_erased: impl Fn(u64) -> bool,
    mut leaf: impl FnMut(u64) -> Result<Leaf, E>,
) -> Result<Vec<u64>, E> {
    let mut indexes = BTreeSet::new();
    for (at, entry) in leaves {
        let Leaf::Known(envelope) = entry else {
            continue;
        };
        if envelope.operation != Operation::Erase {
            continue;
        }
        let previous = envelope.previous.map(|previous| previous.value());
        let known = |index: u64| is_erased(index) || indexes.contains(&index);
        let found = linked(known, at, &envelope.record_id, previous, &mut leaf)?;
        indexes.extend(found);
    }
    Ok(indexes.into_iter().collect())
}

/// Whether a leaf is an erase entry.
pub(crate) fn is_erase(leaf: &Leaf) -> bool {
    matches!(leaf, Leaf::Known(envelope) if envelope.operation == Operation::Erase)
}

/// Whether a leaf announces a payload.
pub(crate) fn has_payload(leaf: &Leaf) -> bool {
    leaf.payload().is_some()
}

#[cfg(test)]
mod tests {
    use super::Erased;

    #[test]
    fn the_set_is_read_back() {
        let mut erased = Erased::default();
        for index in [0, 1, 5, 300, 1_000_000, u64::MAX] {
            erased.insert(index);
        }
        assert_eq!(Erased::parse(&erased.to_bytes()), Ok(erased.clone()));
        assert_eq!(
            Erased::parse(&Erased::default().to_bytes()),
            Ok(Erased::default())
        );
        assert!(erased.contains(300) && !erased.contains(301));
        assert!(Erased::parse(&[9]).is_err() && Erased::parse(&[]).is_err());
    }
}
