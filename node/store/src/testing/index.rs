//! A record index in memory: a plain list of what it was told.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;
use wpsx_proto::{envelope::Leaf, origin::RecordId};

use crate::{FollowError, Follower, Newest, RecordIndex, StoredEntry};

/// Keeps all entries of all logs. Clones are the same index.
#[derive(Clone, Debug, Default)]
pub struct MemoryIndex {
    logs: Arc<Mutex<BTreeMap<u32, Vec<StoredEntry>>>>,
}

impl MemoryIndex {
    /// What it was told of a log.
    pub fn entries(&self, log: u32) -> Vec<StoredEntry> {
        self.logs.lock().get(&log).cloned().unwrap_or_default()
    }

    /// Another index with the same in it.
    pub fn copy(&self) -> Self {
        let logs = self.logs.lock().clone();
        Self {
            logs: Arc::new(Mutex::new(logs)),
        }
    }

    /// The logs of which it keeps anything.
    pub fn logs(&self) -> Vec<u32> {
        self.logs.lock().keys().copied().collect()
    }
}

impl Follower for MemoryIndex {
    fn name(&self) -> &'static str {
        "index"
    }

    fn position(&self, log: u32) -> u64 {
        self.logs.lock().get(&log).map_or(0, Vec::len) as u64
    }

    fn unsettled(&self) -> Vec<(u32, u64)> {
        Vec::new()
    }

    fn post(&self, log: u32, start: u64, entries: &[StoredEntry]) -> Result<(), FollowError> {
        let mut logs = self.logs.lock();
        let known = logs.entry(log).or_default();
        if known.len() as u64 != start {
            return Err(FollowError::new(format!(
                "entries come from {start}, {} are known",
                known.len()
            )));
        }
        known.extend_from_slice(entries);
        Ok(())
    }

    fn refill(&self, log: u32, entries: &[StoredEntry]) -> Result<(), FollowError> {
        let mut logs = self.logs.lock();
        let known = logs.entry(log).or_default();
        for entry in entries {
            known[entry.index as usize] = entry.clone();
        }
        Ok(())
    }

    fn forget(&self, log: u32) -> Result<(), FollowError> {
        self.logs.lock().remove(&log);
        Ok(())
    }

    fn leave_no_trace(&self) -> Result<(), FollowError> {
        Ok(())
    }

    fn flush(&self) -> Result<(), FollowError> {
        Ok(())
    }

    fn close(&self) -> Result<(), FollowError> {
        Ok(())
    }
}

impl RecordIndex for MemoryIndex {
    fn newest(&self, log: u32, record: &RecordId) -> Result<Option<Newest>, FollowError> {
        let logs = self.logs.lock();
        let newest = logs.get(&log).and_then(|entries| {
            entries.iter().rev().find_map(|entry| {
                let Leaf::Known(envelope) = Leaf::read(&entry.leaf) else {
                    return None;
                };
                (envelope.record_id == *record).then_some(Newest {
                    index: entry.index,
                    revision: envelope.revision,
                })
            })
        });
        Ok(newest)
    }
}
