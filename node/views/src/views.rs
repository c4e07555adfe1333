//! The views of one node.

use std::{path::Path, sync::Arc};

use crate::{
    clocks::Clocks,
    entry::ViewEntry,
    error::ViewsError,
    folder,
    table::{Table, memory::MemoryTable, stored::Stored},
    work::poster::Poster,
};

/// The views of one node. Clones share them; the last one to go stops the thread.
#[derive(Clone)]
pub struct Views {
    pub(crate) poster: Arc<Poster>,
}

impl Views {
    /// Opens the views in `dir`, and makes them anew where they are missing,
    /// damaged, of another version or not ours. Their clocks stand still.
    ///
    /// # Errors
    /// [`InUse`](crate::TableError::InUse) while another process has them,
    /// [`Io`](crate::TableError::Io) when the directory cannot be read or written.
    pub fn open(dir: &Path) -> Result<Self, ViewsError> {
        let views = Self::opening(dir, Clocks::default())?;
        views.poster.opened()?;
        Ok(views)
    }

    /// Does the same with clocks that run, and leaves to their thread what takes the longer the more they hold:
    /// whoever asks before they are open waits, and if they cannot be opened they are empty
    /// and say why ([`Views::failure`]).
    ///
    /// # Errors
    /// The directory cannot be read or written.
    pub fn opening(dir: &Path, clocks: Clocks) -> Result<Self, ViewsError> {
        folder::prepare(dir)?;
        let here = dir.to_path_buf();
        Self::start(Some(dir), clocks, move || folder::open(&here))
    }

    /// Whether nobody waits for them to be open.
    pub fn is_open(&self) -> bool {
        self.poster.shared.is_open()
    }

    /// Views in memory alone, for a node that is only looked at.
    ///
    /// # Errors
    /// Their thread cannot be started.
    pub fn in_memory(clocks: Clocks) -> Result<Self, ViewsError> {
        Self::with(Box::<MemoryTable>::default(), clocks)
    }

    /// Views over any table, for tests. What is not in the table when the last clone goes is
    /// lost, as in a crash. Their clocks stand still.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn over(table: Box<dyn Table>) -> Result<Self, ViewsError> {
        Self::with(table, Clocks::default())
    }

    fn with(table: Box<dyn Table>, clocks: Clocks) -> Result<Self, ViewsError> {
        let views = Self::start(None, clocks, || Ok(Stored::open(table)?))?;
        views.poster.opened()?;
        Ok(views)
    }

    fn start(
        dir: Option<&Path>,
        clocks: Clocks,
        opening: impl FnOnce() -> Result<Stored, ViewsError> + Send + 'static,
    ) -> Result<Self, ViewsError> {
        let poster = Arc::new(Poster::start(dir, clocks, Box::new(opening))?);
        Ok(Self { poster })
    }

    /// Milliseconds since 1970 in UTC, which no entry changed later than.
    pub(crate) fn unix_ms(&self) -> u64 {
        (self.poster.shared.clocks.unix_ms)()
    }

    /// The index of the entry of `log` that [`Views::post`] wants next. After
    /// [`Views::open`] this is where posting has to start again.
    pub fn position(&self, log: u32) -> u64 {
        self.poster.position(log)
    }

    /// Slots that were refilled and may not have reached the table before the last
    /// crash: hand their state to [`Views::refill`] once more after opening.
    pub fn unsettled(&self) -> Vec<(u32, u64)> {
        self.poster.unsettled()
    }

    /// Takes the entries of `log` from `start` on; those already taken are skipped.
    /// They answer queries when this returns.
    ///
    /// Returns at once unless more than about a million entries wait for the
    /// table; then it waits for room, so call it where blocking is allowed.
    ///
    /// # Errors
    /// [`ViewsError::Gap`] and [`ViewsError::OutOfOrder`] for entries that do not
    /// continue the log, [`ViewsError::Stopped`] when the table has failed and
    /// memory is full. Nothing is lost by either: post again from [`Views::position`].
    pub fn post(&self, log: u32, start: u64, entries: Vec<ViewEntry>) -> Result<(), ViewsError> {
        self.poster.post(log, start, &entries)
    }

    /// Takes the new state of slots that were posted before: a hole that was
    /// filled, or a payload that was erased or dropped. When this returns, a crash
    /// will not forget that they changed ([`Views::unsettled`]); it syncs a small
    /// file, so call it where blocking is allowed.
    ///
    /// # Errors
    /// As for [`Views::post`].
    pub fn refill(&self, log: u32, entries: Vec<ViewEntry>) -> Result<(), ViewsError> {
        self.poster.refill(log, &entries)
    }

    /// Writes everything taken so far to the table, and the table to the disk.
    /// For closing and for tests, never for a request.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn flush(&self) -> Result<(), ViewsError> {
        self.poster.flush()
    }

    /// Does the same, stops, and closes the database, though someone may still hold
    /// this: then the views are empty and take nothing more. For the store that has
    /// opened them.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn close(&self) -> Result<(), ViewsError> {
        self.poster.close()
    }

    /// Returns when no file of the views holds anything of what was erased before.
    /// Copies the table for that, so call it where blocking is allowed. Without this
    /// call it happens a few seconds later.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn leave_no_trace(&self) -> Result<(), ViewsError> {
        self.poster.leave_no_trace()
    }

    /// How many entries are only in memory.
    pub fn behind(&self) -> u64 {
        self.poster.behind()
    }

    /// Why the table cannot be written, if it cannot.
    pub fn failure(&self) -> Option<String> {
        self.poster.failure()
    }

    /// Forgets a log: it has no entries and its position is 0. Its traces go as
    /// those of what was erased.
    ///
    /// # Errors
    /// Whatever the table says.
    pub fn forget(&self, log: u32) -> Result<(), ViewsError> {
        self.poster.forget(log)
    }
}
