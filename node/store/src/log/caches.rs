//! What was read lately, of all logs of a store.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use wpsx_proto::{bundle::EntryBundle, tree::MemoryTree};

use super::cache::Cache;
use crate::format::{edge::TILE, layout::FileKey, payloads::Payloads};

const TILE_BYTES: usize = 8 << 20;
const ENTRY_BYTES: usize = 4 << 20;
const PAYLOAD_BYTES: usize = 4 << 20;
const DECODED_BYTES: usize = 16 << 20;

type Key = (u32, FileKey);

/// A bundle of entries as it was read.
#[derive(Clone, Debug)]
pub(crate) struct KeptEntries {
    pub(crate) entries: EntryBundle,
    /// All of them were checked; else each is, when it is given out.
    pub(crate) sound: bool,
}

/// What was read lately, of all logs.
#[derive(Debug)]
pub(crate) struct Caches {
    pub(crate) tiles: Mutex<Cache<Key, Arc<MemoryTree>>>,
    pub(crate) entries: Mutex<Cache<Key, KeptEntries>>,
    pub(crate) payloads: Mutex<Cache<Key, Arc<Payloads>>>,
    /// By the number of the slots, and frame.
    pub(crate) decoded: Mutex<Cache<(u64, usize), Bytes>>,
}

impl Default for Caches {
    fn default() -> Self {
        Self {
            tiles: Mutex::new(Cache::new(TILE_BYTES)),
            entries: Mutex::new(Cache::new(ENTRY_BYTES)),
            payloads: Mutex::new(Cache::new(PAYLOAD_BYTES)),
            decoded: Mutex::new(Cache::new(DECODED_BYTES)),
        }
    }
}

impl Caches {
    /// Keeps a full tile with the hashes above its own: a proof takes one of each row.
    pub(crate) fn keep_tile(&self, key: Key, tile: Arc<MemoryTree>) {
        self.tiles.lock().put(key, tile, 2 * TILE * 32);
    }

    pub(crate) fn keep_entries(&self, log: u32, bundle: u64, entries: &EntryBundle, sound: bool) {
        let bytes = entries.bytes().len() + 8 * entries.len();
        let kept = KeptEntries {
            entries: entries.clone(),
            sound,
        };
        let key = (log, FileKey::Entries(bundle));
        self.entries.lock().put(key, kept, bytes);
    }

    pub(crate) fn forget_payloads(&self, log: u32, bundle: u64) {
        self.payloads
            .lock()
            .remove(&(log, FileKey::Payload(bundle)));
    }
}
