//! Finds all entries of a record, by reading the log.
//!
//! Nothing keeps a list of them: they are asked for when a record is erased, and then one
//! reading serves all records that are erased together. A million entries take a fraction
//! of a second, on a thread that nobody else waits for.

use std::ops::Range;

use wpsx_proto::{
    envelope::Leaf,
    index::{BUNDLE, LeafIndex, TreeSize},
    origin::RecordId,
};

use super::handle::{Log, LogHandle};
use crate::{
    error::StoreError,
    format::{
        erased::{ELSEWHERE, Erased, Records},
        saved::name,
    },
    state::State,
};

/// Stored entries that are to lose their payloads.
#[derive(Default)]
pub(crate) struct Losing {
    pub(crate) indexes: Vec<u64>,
    /// How far the log was looked through.
    pub(crate) upto: u64,
}

impl LogHandle {
    /// All entries of some records, in order. Reads the whole log; blocks.
    ///
    /// # Errors
    /// Our files cannot be read.
    pub fn entries_of(&self, records: &[RecordId]) -> Result<Vec<LeafIndex>, StoreError> {
        let mut found = Vec::new();
        let records = Records::all(records.iter().copied());
        self.inner
            .read_leaves(0..self.stored().value(), |index, leaf| {
                if records.cover(index, leaf) {
                    found.push(LeafIndex::new(index));
                }
            })?;
        Ok(found)
    }

    /// The entries in `range` with a payload that these records lose and have not lost
    /// yet, in order.
    pub(crate) fn losing(
        &self,
        records: &Records,
        range: Range<u64>,
    ) -> Result<Vec<u64>, StoreError> {
        let mut found = Vec::new();
        let end = range.end.min(records.end());
        self.inner.read_leaves(range.start..end, |index, leaf| {
            if leaf.payload().is_some() && records.cover(index, leaf) {
                found.push(index);
            }
        })?;
        self.not_yet_erased(&mut found);
        Ok(found)
    }

    /// What these records lose of all that is stored by now.
    pub(crate) async fn look_for(&self, records: Records) -> Result<Losing, StoreError> {
        if records.is_empty() {
            return Ok(Losing::default());
        }
        let log = self.clone();
        blocking(move || {
            let upto = log.stored().value();
            let indexes = log.losing(&records, 0..upto)?;
            Ok(Losing { indexes, upto })
        })
        .await
    }

    /// What the erase entries between the head and `size` destroy.
    pub(crate) async fn losing_by(&self, size: TreeSize) -> Result<Vec<u64>, StoreError> {
        let log = self.clone();
        blocking(move || {
            let from = log.head().map_or(0, |head| head.size().value());
            log.erased_by(from..size.value().min(log.stored().value()))
        })
        .await
    }

    /// What the erase entries in `range` destroy, each of all that is before it.
    fn erased_by(&self, range: Range<u64>) -> Result<Vec<u64>, StoreError> {
        let mut records = Records::default();
        self.inner
            .read_leaves(range, |index, leaf| records.note(index, leaf))?;
        match records.is_empty() {
            true => Ok(Vec::new()),
            false => self.losing(&records, 0..records.end()),
        }
    }

    /// Leaves out what is erased already.
    pub(crate) fn not_yet_erased(&self, indexes: &mut Vec<u64>) {
        let contents = self.inner.contents.read();
        indexes.retain(|index| !contents.erased.contains(*index));
    }
}

impl Log {
    /// What was erased by entries that are not in the stored tree. Nobody else could say it
    /// again, so it lies there twice.
    pub(crate) fn erased_elsewhere(&self, state: &State) -> Result<Erased, StoreError> {
        let file = name(self.number, ELSEWHERE);
        match state.get_twice(&file)? {
            None => Ok(Erased::default()),
            Some(bytes) => {
                Erased::parse(&bytes).map_err(|e| StoreError::damaged(&state.path_of(&file), e))
            }
        }
    }

    /// Reads the entries in `range`, in order.
    pub(crate) fn read_leaves(
        &self,
        range: Range<u64>,
        mut take: impl FnMut(u64, &Leaf),
    ) -> Result<(), StoreError> {
        let mut at = range.start;
        while at < range.end {
            let bundle = at / BUNDLE;
            let stop = range.end.min(bundle * BUNDLE + BUNDLE);
            let run = (at % BUNDLE) as usize..(stop - bundle * BUNDLE) as usize;
            for (index, entry) in (at..).zip(self.entries(bundle, run)?.iter()) {
                take(index, &Leaf::read(entry));
            }
            at = stop;
        }
        Ok(())
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| StoreError::Closed)?
}
