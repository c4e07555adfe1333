//! A table in memory.

use std::{collections::BTreeMap, ops::Bound};

use parking_lot::RwLock;

use super::{Change, Pair, Table, TableError, Visit};

/// A table in memory: for tests, and the reference for any other.
#[derive(Default)]
pub struct MemoryTable(RwLock<BTreeMap<Vec<u8>, Vec<u8>>>);

impl Table for MemoryTable {
    fn floor(&self, low: &[u8], high: &[u8]) -> Result<Option<Pair>, TableError> {
        let map = self.0.read();
        Ok(map
            .range::<[u8], _>((Bound::Included(low), Bound::Included(high)))
            .next_back()
            .map(|(key, value)| (key.clone(), value.clone())))
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<(), TableError> {
        let map = self.0.read();
        for (key, value) in map.range::<[u8], _>((Bound::Included(from), Bound::Excluded(to))) {
            if visit(key, value).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn apply(&self, batch: Vec<Change>) -> Result<(), TableError> {
        let mut map = self.0.write();
        for (key, value) in batch {
            match value {
                Some(value) => map.insert(key, value),
                None => map.remove(&key),
            };
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), TableError> {
        Ok(())
    }
}
