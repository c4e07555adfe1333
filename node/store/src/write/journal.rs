//! The journal: segments of groups, each group made durable by one sync.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    backend::{JournalFiles, SegmentFile},
    crash::{Step, reached},
    error::StoreError,
    format::segment::{self, COMMIT_MARK, GROUP_HEADER, Nonce, SEGMENT_HEADER},
    source::Random,
};

/// A segment that is larger is closed.
const SEGMENT_BYTES: u64 = 64 << 20;
/// A segment that is older is closed.
const SEGMENT_MS: u64 = 30_000;

/// Writes groups. One thread owns it.
pub(crate) struct Journal {
    files: Arc<dyn JournalFiles>,
    random: Random,
    segment: Option<Segment>,
    next_sequence: u64,
    next_group: u64,
}

struct Segment {
    file: Box<dyn SegmentFile>,
    name: String,
    nonce: Nonce,
    length: u64,
    opened: u64,
}

/// One segment as it was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) sequence: u64,
    pub(crate) name: String,
    /// Each group's number and body.
    pub(crate) groups: Vec<(u64, Bytes)>,
}

impl Journal {
    /// A journal that continues after `found`; `applied` is the number of the
    /// last group that the files are known to have.
    pub(crate) fn after(
        files: Arc<dyn JournalFiles>,
        found: &[Found],
        applied: u64,
        random: Random,
    ) -> Self {
        let last_sequence = found.iter().map(|segment| segment.sequence).max();
        let last_group = found
            .iter()
            .flat_map(|s| s.groups.last())
            .map(|(number, _)| *number);
        Self {
            files,
            random,
            segment: None,
            next_sequence: last_sequence.map_or(1, |last| last + 1),
            next_group: last_group.max().unwrap_or(0).max(applied) + 1,
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

    /// Makes a group durable and gives its body back. After an error the journal
    /// takes nothing more: what the disk has is unknown until it is read again.
    pub(crate) fn commit(&mut self, mut buffer: Vec<u8>, now: u64) -> Result<Bytes, StoreError> {
        let number = self.next_group;
        let body = GROUP_HEADER..buffer.len();
        let segment = self.segment(now)?;
        segment::seal(&mut buffer, number, &segment.nonce);
        segment.file.append(&buffer)?;
        reached(Step::JournalWritten);
        segment.file.sync()?;
        reached(Step::JournalSynced);
        segment.length += buffer.len() as u64;
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

/// Reads all segments in order and cuts a torn tail.
pub(crate) fn read(files: &dyn JournalFiles) -> Result<Vec<Found>, StoreError> {
    let mut found: Vec<Found> = Vec::new();
    let mut torn: Option<(String, u64)> = None;
    for name in files.segments()? {
        let damaged = |reason: String| StoreError::damaged(&files.path_of(&name), reason);
        let (sequence, parsed) = segment::parse(&files.read(&name)?).map_err(damaged)?;
        if let Some((torn, _)) = &torn
            && !parsed.groups.is_empty()
        {
            return Err(StoreError::damaged(
                &files.path_of(torn),
                "a group in it is damaged, and others follow",
            ));
        }
        let before = found
            .iter()
            .rev()
            .find_map(|s| s.groups.last())
            .map(|(number, _)| *number);
        if let (Some(before), Some((first, _))) = (before, parsed.groups.first())
            && *first != before + 1
        {
            let reason = format!("group {first} follows group {before}; a segment is missing");
            return Err(damaged(reason));
        }
        if let Some(good) = parsed.torn {
            torn = Some((name.clone(), good));
        }
        found.push(Found {
            sequence,
            name,
            groups: parsed.groups,
        });
    }
    if let Some((name, good)) = torn {
        tracing::warn!(
            path = %files.path_of(&name).display(), offset = good,
            "the last write was interrupted and had not been acknowledged: cut"
        );
        files.cut(&name, good)?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use super::*;
    use crate::disk::journal::DiskJournal;

    fn body(text: &str) -> Vec<u8> {
        let mut buffer = Journal::group(text.len());
        buffer.extend_from_slice(text.as_bytes());
        buffer
    }

    fn random() -> Random {
        Arc::new(|bytes: &mut [u8]| bytes.fill(0x5e))
    }

    fn files(dir: &Path) -> Arc<dyn JournalFiles> {
        Arc::new(DiskJournal::new(dir.to_owned()))
    }

    fn texts(found: &[Found]) -> Vec<String> {
        let groups = found.iter().flat_map(|segment| &segment.groups);
        groups
            .map(|(n, body)| format!("{n}:{}", String::from_utf8_lossy(body)))
            .collect()
    }

    fn written(dir: &Path) -> Vec<PathBuf> {
        let mut journal = Journal::after(files(dir), &[], 0, random());
        journal.commit(body("one"), 0).unwrap();
        journal.commit(body("two"), 0).unwrap();
        let first = journal.seal().unwrap();
        journal.commit(body("three"), 0).unwrap();
        let second = journal.seal().unwrap();
        vec![dir.join(first), dir.join(second)]
    }

    #[test]
    fn groups_are_read_back_in_order_over_segments() {
        let dir = tempfile::tempdir().unwrap();
        written(dir.path());
        let found = read(&*files(dir.path())).unwrap();
        assert_eq!(texts(&found), ["1:one", "2:two", "3:three"]);
        let journal = Journal::after(files(dir.path()), &found, 0, random());
        assert_eq!(journal.next_group(), 4);
    }

    #[test]
    fn a_tail_torn_at_any_byte_is_cut_and_the_groups_before_it_stay() {
        let dir = tempfile::tempdir().unwrap();
        let paths = written(dir.path());
        let whole = fs::read(&paths[1]).unwrap();
        for length in SEGMENT_HEADER..whole.len() {
            fs::write(&paths[1], &whole[..length]).unwrap();
            assert_eq!(
                texts(&read(&*files(dir.path())).unwrap()),
                ["1:one", "2:two"],
                "{length} bytes"
            );
            assert_eq!(
                fs::metadata(&paths[1]).unwrap().len(),
                SEGMENT_HEADER as u64
            );
        }
    }

    #[test]
    fn a_flipped_bit_in_the_last_group_cuts_it_and_elsewhere_it_is_damage() {
        let dir = tempfile::tempdir().unwrap();
        let paths = written(dir.path());
        for (path, is_last) in [(&paths[0], false), (&paths[1], true)] {
            let good = fs::read(path).unwrap();
            for bit in 0..good.len() * 8 {
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                fs::write(path, bad).unwrap();
                match read(&*files(dir.path())) {
                    Ok(found) => {
                        assert!(is_last && bit / 8 >= SEGMENT_HEADER, "bit {bit}");
                        assert_eq!(texts(&found), ["1:one", "2:two"]);
                    }
                    Err(StoreError::Damaged { .. }) => {
                        assert!(!is_last || bit / 8 < SEGMENT_HEADER, "bit {bit}");
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            fs::write(path, good).unwrap();
        }
    }

    #[test]
    fn a_missing_segment_is_damage() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::after(files(dir.path()), &[], 0, random());
        let mut paths = Vec::new();
        for text in ["one", "two", "three"] {
            journal.commit(body(text), 0).unwrap();
            paths.extend(journal.seal());
        }
        fs::remove_file(dir.path().join(&paths[1])).unwrap();
        assert!(matches!(
            read(&*files(dir.path())),
            Err(StoreError::Damaged { .. })
        ));
    }
}
