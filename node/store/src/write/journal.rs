//! The journal: segments of groups, each group made durable by one sync.

use std::sync::Arc;

use bytes::Bytes;

use super::{live::Live, reading::Reading};
use crate::{
    backend::{JournalFiles, SegmentFile},
    crash::{Step, reached},
    error::StoreError,
    format::segment::{self, COMMIT_MARK, GROUP_HEADER, MARK_AT, Nonce, SEGMENT_HEADER},
    source::Random,
};

/// A segment that is larger is closed.
const SEGMENT_BYTES: u64 = 64 << 20;
/// A segment that is older is closed.
const SEGMENT_MS: u64 = 30_000;

/// Writes groups. One thread owns it.
pub(crate) struct Journal {
    files: Arc<dyn JournalFiles>,
    live: Arc<Live>,
    random: Random,
    segment: Option<Segment>,
    next_sequence: u64,
    next_group: u64,
}

/// Why a group is not in the journal.
#[derive(Debug)]
pub(crate) enum Uncommitted {
    /// There is no room for it, and nothing of it is there: it may be tried again.
    NoRoom(StoreError, Vec<u8>),
    /// What is there is not known.
    Failed(StoreError),
}

impl From<StoreError> for Uncommitted {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

struct Segment {
    file: Box<dyn SegmentFile>,
    name: String,
    nonce: Nonce,
    length: u64,
    opened: u64,
}

impl Journal {
    /// A journal that continues after what was found; `applied` is the number of the
    /// last group that the files are known to have.
    pub(crate) fn after(
        files: Arc<dyn JournalFiles>,
        live: Arc<Live>,
        reading: &Reading,
        applied: u64,
        random: Random,
    ) -> Self {
        Self {
            files,
            live,
            random,
            segment: None,
            next_sequence: reading.last_sequence + 1,
            next_group: reading.last_group.max(applied) + 1,
        }
    }

    /// The number that the next group gets.
    pub(crate) fn next_group(&self) -> u64 {
        self.next_group
    }

    /// A buffer for the next group's body, with room for its header.
    pub(crate) fn group(bytes: usize) -> Vec<u8> {
        let mut buffer = Vec::with_capacity(GROUP_HEADER + bytes + COMMIT_MARK);
        buffer.resize(GROUP_HEADER, 0);
        buffer
    }

    /// Makes a group durable and gives its body back.
    ///
    /// After an error the journal takes nothing more: what the disk has is unknown until it
    /// is read again. A disk without room is the exception. The write says so before anything
    /// was synced, so nothing of the group was promised to anybody, and what was synced before
    /// is not touched: what the write left is cut off, durably, and the journal is as it was.
    /// If that cannot be done, or the sync itself says that there is no room, it is an error
    /// like any other. Not taken: a new segment, which needs room to be made.
    pub(crate) fn commit(&mut self, mut buffer: Vec<u8>, now: u64) -> Result<Bytes, Uncommitted> {
        let number = self.next_group;
        let body = GROUP_HEADER..buffer.len();
        let segment = match self.segment(now) {
            Err(error) if error.is_full() => return Err(Uncommitted::NoRoom(error, buffer)),
            other => other?,
        };
        segment::seal(&mut buffer, number, &segment.nonce);
        if let Err(error) = segment.file.append(&buffer) {
            if !error.is_full() {
                return Err(error.into());
            }
            segment.file.cut(segment.length)?;
            buffer.truncate(body.end);
            return Err(Uncommitted::NoRoom(error, buffer));
        }
        reached(Step::JournalWritten);
        segment.file.sync()?;
        reached(Step::JournalSynced);
        segment.length += buffer.len() as u64;
        let mark = segment::mark(number, segment.length, &segment.nonce);
        segment.file.replace(MARK_AT as u64, &mark);
        self.next_group += 1;
        Ok(Bytes::from(buffer).slice(body))
    }

    /// Whether the open segment has become large or old.
    pub(crate) fn is_due(&self, now: u64) -> bool {
        self.segment.as_ref().is_some_and(|segment| {
            segment.length >= SEGMENT_BYTES || now.saturating_sub(segment.opened) >= SEGMENT_MS
        })
    }

    /// Closes the open segment, if there is one; the next group opens another.
    pub(crate) fn seal(&mut self) -> Option<String> {
        self.segment.take().map(|segment| segment.name)
    }

    fn segment(&mut self, now: u64) -> Result<&mut Segment, StoreError> {
        let segment = match self.segment.take() {
            Some(segment) => segment,
            None => {
                let sequence = self.next_sequence;
                let mut nonce = Nonce::default();
                (self.random)(&mut nonce);
                let name = segment::name(sequence);
                let file = self
                    .files
                    .create(&name, &segment::header(sequence, &nonce))?;
                // Only then may it hold what is acknowledged.
                self.live.add(&name)?;
                self.next_sequence += 1;
                Segment {
                    file,
                    name,
                    nonce,
                    length: SEGMENT_HEADER as u64,
                    opened: now,
                }
            }
        };
        Ok(self.segment.insert(segment))
    }
}
