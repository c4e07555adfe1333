//! What of a log is in memory: its head, its right edge, and what is not yet a file.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use wpsx_proto::{checkpoint::VerifiedCheckpoint, index::BUNDLE, tree::MemoryTree};

use super::recent::Recent;
use crate::format::{
    edge::Edge, erased::Erased, holes::Holes, payloads::Payloads, remembered::AllRemembered,
    request::Requests,
};

/// The part of a log that changes. Everything in it is durable: it is changed
/// after the journal was synced.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// The journal's last group that is in here.
    pub(crate) applied: u64,
    pub(crate) head: Option<Arc<VerifiedCheckpoint>>,
    pub(crate) pending: Option<Arc<VerifiedCheckpoint>>,
    pub(crate) edge: Edge,
    pub(crate) open: OpenBundle,
    pub(crate) queue: Queue,
    pub(crate) holes: Holes,
    pub(crate) erased: Erased,
    pub(crate) requests: Requests,
    pub(crate) remembered: AllRemembered,
    pub(crate) recent: Recent,
    /// Bumped when payloads of stored entries change, so that no cache keeps old ones.
    pub(crate) payload_version: u64,
    pub(crate) dirty: Dirty,
}

/// What must be written when the journal is dropped.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dirty {
    pub(crate) log: bool,
    pub(crate) erased: bool,
    pub(crate) requests: bool,
    pub(crate) remembered: bool,
}

/// The bundle that is not full.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenBundle {
    entries: Vec<u8>,
    ends: Vec<usize>,
    pub(crate) slots: Payloads,
}

impl OpenBundle {
    /// How many entries it has.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Appends whole entries, each behind its length.
    pub(crate) fn extend(&mut self, entries: &[u8]) {
        let mut at = 0;
        while let Some(length) = entries.get(at..at + 2) {
            at += 2 + u16::from_be_bytes([length[0], length[1]]) as usize;
            self.ends.push(self.entries.len() + at);
        }
        self.entries.extend_from_slice(entries);
    }

    /// The bytes of a run of entries, with their lengths.
    pub(crate) fn range(&self, start: usize, end: usize) -> Bytes {
        Bytes::copy_from_slice(&self.entries[self.offset(start)..self.offset(end)])
    }

    /// All entries, with their lengths.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.entries
    }

    fn offset(&self, entry: usize) -> usize {
        if entry == 0 { 0 } else { self.ends[entry - 1] }
    }
}

/// Files that are to be written, readable from here until they are.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) tiles: HashMap<(u8, u64), Arc<MemoryTree>>,
    pub(crate) entries: HashMap<u64, Bytes>,
    pub(crate) payloads: HashMap<u64, Arc<Payloads>>,
}

impl Contents {
    /// How many entries are stored.
    pub(crate) fn size(&self) -> u64 {
        self.edge.size()
    }

    /// The number of the bundle that is not full.
    pub(crate) fn open_bundle(&self) -> u64 {
        self.size() / BUNDLE
    }
}
