//! The views against a plain model: random posts, crashes, torn steps, refills,
//! paging, and directories that nobody should have to open.

mod answers;
mod erased;
mod families;
mod folders;
mod generations;
mod model;
mod opening;
mod panics;
mod positions;
mod random;
mod said;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    ops::ControlFlow,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use wpsx_proto::{envelope::Operation, origin::RecordId, payload::SlotState};

use self::{
    model::{Model, invent_content},
    random::catch_up,
};
use super::*;
use crate::{
    table::{batches::BATCH_CHANGES, stored::Stored},
    work::rewrite,
};

/// A small generator: the same seed gives the same run.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(super) fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }
}

pub(super) fn record(number: u64) -> RecordId {
    let mut bytes = [0; 16];
    // Spread, so that neighbours are not neighbours in the table.
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    RecordId::from_bytes(bytes)
}

pub(super) fn entry(index: u64, number: u64) -> ViewEntry {
    ViewEntry {
        index,
        record_id: record(number),
        revision: 1,
        operation: Operation::Publish,
        kind: 1,
        state: SlotState::Full,
        change: 1_000 + index,
        content: of_country("AL"),
        external_id: None,
        readable: true,
        unknown_kind: false,
    }
}

/// What a payload says that names a country.
pub(super) fn of_country(country: &str) -> Content {
    let mut content = Content::default();
    content.value("country", country);
    content
}

/// Of these countries.
pub(super) fn countries(codes: &[&str]) -> Filter {
    let codes = codes.iter().map(ToString::to_string).collect();
    Filter {
        values: [("country".to_owned(), codes)].into(),
        ..Filter::default()
    }
}

/// These logs are asked.
pub(super) fn logs(numbers: impl IntoIterator<Item = u32>) -> Logs {
    numbers.into_iter().collect()
}

pub(super) fn page_through(
    views: &Views,
    logs: &Logs,
    filter: &Filter,
    limit: usize,
) -> Vec<(u32, u64)> {
    let mut all: Vec<(u32, u64)> = Vec::new();
    loop {
        let page = views
            .list(logs, filter, all.last().copied(), limit)
            .expect("list");
        assert!(page.len() <= limit);
        let done = page.len() < limit;
        all.extend(page);
        if done {
            return all;
        }
    }
}

/// A table that outlives its views, and may fail at a chosen batch.
#[derive(Clone, Default)]
pub(super) struct Lasting {
    pub(super) table: Arc<MemoryTable>,
    /// Batches left until the failure; 0 means none is planned.
    pub(super) fuse: Arc<AtomicU32>,
    /// Whether the failing batch is written all the same.
    pub(super) leaves_everything: bool,
}

impl Table for Lasting {
    fn floor(&self, low: &[u8], high: &[u8]) -> Result<Option<Pair>, TableError> {
        self.table.floor(low, high)
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<(), TableError> {
        self.table.scan(from, to, visit)
    }

    fn apply(&self, batch: Vec<Change>) -> Result<(), TableError> {
        assert!(batch.len() <= BATCH_CHANGES);
        let keys: BTreeSet<&Vec<u8>> = batch.iter().map(|(key, _)| key).collect();
        assert_eq!(keys.len(), batch.len(), "a key came twice in a batch");
        let blown = self.fuse.load(Ordering::Relaxed) == 1;
        if !blown {
            let fuse = self.fuse.load(Ordering::Relaxed);
            self.fuse.store(fuse.saturating_sub(1), Ordering::Relaxed);
        }
        if !blown || self.leaves_everything {
            self.table.apply(batch)?;
        }
        if blown {
            return Err(TableError::Io(std::io::Error::other("planned")));
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), TableError> {
        Ok(())
    }
}

pub(super) fn files_below(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for item in fs::read_dir(dir).expect("list") {
        let path = item.expect("item").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// Files of `dir` in which the words stand somewhere.
pub(super) fn holding(dir: &Path, words: &str) -> usize {
    let holds = |path: &std::path::PathBuf| {
        let bytes = fs::read(path).expect("read");
        bytes
            .windows(words.len())
            .any(|part| part == words.as_bytes())
    };
    files_below(dir).iter().filter(|path| holds(path)).count()
}
