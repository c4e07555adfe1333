//! Batches of a size that sled likes.

use std::ops::ControlFlow;

use super::{Change, Table, TableError};

/// Collects changes into batches that sled can take without hoarding memory:
/// it frees nothing while a batch runs, so batches stay small.
pub(crate) struct Batches<'a> {
    table: &'a dyn Table,
    waiting: Vec<Change>,
    bytes: usize,
}

/// No batch has more changes than this.
pub(crate) const BATCH_CHANGES: usize = 256;

/// A batch is sent off once it holds this many bytes.
const BATCH_BYTES: usize = 64 << 10;

impl<'a> Batches<'a> {
    pub(crate) fn new(table: &'a dyn Table) -> Self {
        Self {
            table,
            waiting: Vec::new(),
            bytes: 0,
        }
    }

    /// Adds changes that must happen together; at most a handful.
    pub(crate) fn push(
        &mut self,
        together: impl IntoIterator<Item = Change>,
    ) -> Result<(), TableError> {
        let before = self.waiting.len();
        for change in together {
            self.bytes += change.0.len() + change.1.as_ref().map_or(0, Vec::len);
            self.waiting.push(change);
        }
        if self.waiting.len() > BATCH_CHANGES {
            let together = self.waiting.split_off(before);
            self.send()?;
            self.waiting = together;
        }
        if self.bytes >= BATCH_BYTES || self.waiting.len() >= BATCH_CHANGES {
            self.send()?;
        }
        Ok(())
    }

    /// Removes all pairs in `from..to`.
    pub(crate) fn clear(&mut self, from: &[u8], to: &[u8]) -> Result<(), TableError> {
        let mut from = from.to_vec();
        loop {
            let mut keys = Vec::new();
            self.table.scan(&from, to, &mut |key, _| {
                keys.push(key.to_vec());
                match keys.len() < BATCH_CHANGES {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                }
            })?;
            let Some(last) = keys.last() else {
                return Ok(());
            };
            from.clone_from(last);
            from.push(0);
            for key in keys {
                self.push([(key, None)])?;
            }
        }
    }

    /// Sends what is waiting.
    pub(crate) fn send(&mut self) -> Result<(), TableError> {
        self.bytes = 0;
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.table.apply(std::mem::take(&mut self.waiting))
    }
}
