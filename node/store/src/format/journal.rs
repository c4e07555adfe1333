//! The journal: segments of groups, each group made durable by one fdatasync.
//!
//! ```text
//! segment  magic(8) sequence(8) nonce(8) crc32(4)            written whole and renamed
//! group    nonce(8) number(8) length(8) crc32(4)  body  crc32(4) "wpsxdone"
//! ```
//!
//! Integers are little-endian. The nonce is random, so that no payload can look
//! like a group. Groups are numbered without a gap. A group that lacks its
//! commit mark or does not match its CRC was never acknowledged if nothing
//! follows it: it is cut. If a whole group follows, it is damage.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use bytes::Bytes;

use crate::{
    crash::{Step, reached},
    error::StoreError,
    format::layout::{self, Sync},
    source::Random,
};

const MAGIC: &[u8; 8] = b"wpsxjnl1";
const DONE: &[u8; 8] = b"wpsxdone";
const SEGMENT_HEADER: usize = 28;
pub(crate) const GROUP_HEADER: usize = 28;
const COMMIT_MARK: usize = 12;
/// A segment that is larger is closed.
const SEGMENT_BYTES: u64 = 64 << 20;
/// A segment that is older is closed.
const SEGMENT_MS: u64 = 30_000;

/// Writes groups. One thread owns it.
pub(crate) struct Journal {
    dir: PathBuf,
    random: Random,
    segment: Option<Segment>,
    next_sequence: u64,
    next_group: u64,
    #[cfg(debug_assertions)]
    faults: crate::crash::Faults,
}

#[derive(Debug)]
struct Segment {
    file: File,
    path: PathBuf,
    nonce: [u8; 8],
    length: u64,
    opened: u64,
}

/// One segment as it was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) sequence: u64,
    pub(crate) path: PathBuf,
    /// Each group's number and body.
    pub(crate) groups: Vec<(u64, Bytes)>,
}

impl Journal {
    /// A journal that continues after `found`; `applied` is the number of the
    /// last group that the files are known to have.
    pub(crate) fn after(dir: PathBuf, found: &[Found], applied: u64, random: Random) -> Self {
        let last_sequence = found.iter().map(|segment| segment.sequence).max();
        let last_group = found
            .iter()
            .flat_map(|s| s.groups.last())
            .map(|(number, _)| *number);
        Self {
            dir,
            random,
            segment: None,
            next_sequence: last_sequence.map_or(1, |last| last + 1),
            next_group: last_group.max().unwrap_or(0).max(applied) + 1,
            #[cfg(debug_assertions)]
            faults: crate::crash::Faults::default(),
        }
    }

    #[cfg(debug_assertions)]
    pub(crate) fn set_faults(&mut self, faults: crate::crash::Faults) {
        self.faults = faults;
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
        #[cfg(debug_assertions)]
        let fault = self.faults.take();
        let segment = self.segment(now)?;
        buffer[..8].copy_from_slice(&segment.nonce);
        buffer[8..16].copy_from_slice(&number.to_le_bytes());
        buffer[16..24].copy_from_slice(&(body.len() as u64).to_le_bytes());
        let header = crc32fast::hash(&buffer[..24]);
        buffer[24..28].copy_from_slice(&header.to_le_bytes());
        let crc = crc32fast::hash(&buffer[body.clone()]);
        buffer.extend_from_slice(&crc.to_le_bytes());
        buffer.extend_from_slice(DONE);
        #[cfg(debug_assertions)]
        if let Some(fault) = fault {
            return Err(segment.fail(&buffer, fault));
        }
        segment
            .file
            .write_all(&buffer)
            .map_err(StoreError::io("write", &segment.path))?;
        reached(Step::JournalWritten);
        segment
            .file
            .sync_data()
            .map_err(StoreError::io("sync", &segment.path))?;
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
    pub(crate) fn seal(&mut self) -> Option<PathBuf> {
        self.segment.take().map(|segment| segment.path)
    }

    fn segment(&mut self, now: u64) -> Result<&mut Segment, StoreError> {
        let segment = match self.segment.take() {
            Some(segment) => segment,
            None => {
                let segment = Segment::create(&self.dir, self.next_sequence, now, &self.random)?;
                self.next_sequence += 1;
                segment
            }
        };
        Ok(self.segment.insert(segment))
    }
}

impl Segment {
    fn create(dir: &Path, sequence: u64, now: u64, random: &Random) -> Result<Self, StoreError> {
        let path = dir.join(format!("{sequence:016x}.journal"));
        let mut nonce = [0; 8];
        random(&mut nonce);
        let mut header = Vec::with_capacity(SEGMENT_HEADER);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&sequence.to_le_bytes());
        header.extend_from_slice(&nonce);
        header.extend_from_slice(&crc32fast::hash(&header).to_le_bytes());
        layout::write_whole(&path, &[&header], Sync::BeforeRename)?;
        layout::sync_dir(dir)?;
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(StoreError::io("open", &path))?;
        Ok(Self {
            file,
            path,
            nonce,
            length: SEGMENT_HEADER as u64,
            opened: now,
        })
    }

    #[cfg(debug_assertions)]
    fn fail(&mut self, buffer: &[u8], fault: crate::crash::Fault) -> StoreError {
        use crate::Left;
        let (bytes, doing) = match fault.left {
            Left::Nothing => (&buffer[..0], "write"),
            Left::Half => (&buffer[..buffer.len() / 2], "write"),
            Left::Everything => (buffer, "write"),
            Left::Unsynced => (buffer, "sync"),
        };
        let written = self.file.write_all(bytes);
        let cause = written.err().unwrap_or_else(|| fault.kind.into());
        StoreError::io(doing, &self.path)(cause)
    }
}

/// Reads all segments in order and cuts a torn tail.
pub(crate) fn read(dir: &Path) -> Result<Vec<Found>, StoreError> {
    let mut paths = Vec::new();
    for file in fs::read_dir(dir).map_err(StoreError::io("read", dir))? {
        let path = file.map_err(StoreError::io("read", dir))?.path();
        match path.extension().and_then(|e| e.to_str()) {
            Some("journal") => paths.push(path),
            // A segment whose making was interrupted: nothing was written to it.
            Some("tmp") => layout::remove_if_there(&path)?,
            _ => {}
        }
    }
    paths.sort();
    let mut found: Vec<Found> = Vec::new();
    let mut torn: Option<(PathBuf, u64)> = None;
    for path in paths {
        let (segment, good) = read_segment(&path)?;
        if let Some((torn, _)) = &torn
            && !segment.groups.is_empty()
        {
            return Err(StoreError::damaged(
                torn,
                "a group in it is damaged, and others follow",
            ));
        }
        let before = found
            .iter()
            .rev()
            .find_map(|s| s.groups.last())
            .map(|(number, _)| *number);
        if let (Some(before), Some((first, _))) = (before, segment.groups.first())
            && *first != before + 1
        {
            let reason = format!("group {first} follows group {before}; a segment is missing");
            return Err(StoreError::damaged(&path, reason));
        }
        if let Some(good) = good {
            torn = Some((path, good));
        }
        found.push(segment);
    }
    if let Some((path, good)) = torn {
        tracing::warn!(
            path = %path.display(), offset = good,
            "the last write was interrupted and had not been acknowledged: cut"
        );
        let file = OpenOptions::new()
            .write(true)
            .open(&path)
            .map_err(StoreError::io("open", &path))?;
        file.set_len(good)
            .and_then(|()| file.sync_all())
            .map_err(StoreError::io("cut", &path))?;
    }
    Ok(found)
}

/// One segment, and where its torn tail begins, if it has one.
fn read_segment(path: &Path) -> Result<(Found, Option<u64>), StoreError> {
    let bytes = Bytes::from(fs::read(path).map_err(StoreError::io("read", path))?);
    let header = bytes.get(..SEGMENT_HEADER).filter(|header| {
        header[..8] == *MAGIC && header[24..28] == crc32fast::hash(&header[..24]).to_le_bytes()
    });
    let Some(header) = header else {
        return Err(StoreError::damaged(
            path,
            "its header is not that of a journal segment",
        ));
    };
    let sequence = u64::from_le_bytes(array(&header[8..16]));
    let nonce: [u8; 8] = array(&header[16..24]);
    let mut groups: Vec<(u64, Bytes)> = Vec::new();
    let mut at = SEGMENT_HEADER;
    let mut good = None;
    while at < bytes.len() {
        let expected = groups.last().map(|(number, _)| number + 1);
        match group_at(&bytes, at, &nonce) {
            Some((number, body)) if expected.is_none_or(|n| n == number) => {
                at += GROUP_HEADER + body.len() + COMMIT_MARK;
                groups.push((number, body));
            }
            _ => {
                let next = (at + 1..bytes.len().saturating_sub(GROUP_HEADER)).find(|p| {
                    bytes[*p..].starts_with(&nonce) && group_at(&bytes, *p, &nonce).is_some()
                });
                if let Some(next) = next {
                    let reason = format!(
                        "the group at byte {at} is damaged, and a whole one follows at byte {next}"
                    );
                    return Err(StoreError::damaged(path, reason));
                }
                good = Some(at as u64);
                break;
            }
        }
    }
    Ok((
        Found {
            sequence,
            path: path.to_owned(),
            groups,
        },
        good,
    ))
}

fn group_at(bytes: &Bytes, at: usize, nonce: &[u8; 8]) -> Option<(u64, Bytes)> {
    let header = bytes.get(at..at + GROUP_HEADER)?;
    if header[..8] != *nonce || header[24..28] != crc32fast::hash(&header[..24]).to_le_bytes() {
        return None;
    }
    let number = u64::from_le_bytes(array(&header[8..16]));
    let length = usize::try_from(u64::from_le_bytes(array(&header[16..24]))).ok()?;
    let start = at + GROUP_HEADER;
    let end = start.checked_add(length)?;
    let mark = bytes.get(end..end.checked_add(COMMIT_MARK)?)?;
    let body = bytes.slice(start..end);
    let whole = mark[4..] == *DONE && mark[..4] == crc32fast::hash(&body).to_le_bytes();
    whole.then_some((number, body))
}

/// The bytes of a slice whose length the caller has just chosen.
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(bytes);
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> Vec<u8> {
        let mut buffer = Journal::group(text.len());
        buffer.extend_from_slice(text.as_bytes());
        buffer
    }

    fn random() -> Random {
        std::sync::Arc::new(|bytes: &mut [u8]| bytes.fill(0x5e))
    }

    fn texts(found: &[Found]) -> Vec<String> {
        let groups = found.iter().flat_map(|segment| &segment.groups);
        groups
            .map(|(n, body)| format!("{n}:{}", String::from_utf8_lossy(body)))
            .collect()
    }

    fn written(dir: &Path) -> Vec<PathBuf> {
        let mut journal = Journal::after(dir.to_owned(), &[], 0, random());
        journal.commit(body("one"), 0).unwrap();
        journal.commit(body("two"), 0).unwrap();
        let first = journal.seal().unwrap();
        journal.commit(body("three"), 0).unwrap();
        let second = journal.seal().unwrap();
        vec![first, second]
    }

    #[test]
    fn groups_are_read_back_in_order_over_segments() {
        let dir = tempfile::tempdir().unwrap();
        written(dir.path());
        let found = read(dir.path()).unwrap();
        assert_eq!(texts(&found), ["1:one", "2:two", "3:three"]);
        let journal = Journal::after(dir.path().to_owned(), &found, 0, random());
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
                texts(&read(dir.path()).unwrap()),
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
                match read(dir.path()) {
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
        let mut journal = Journal::after(dir.path().to_owned(), &[], 0, random());
        let mut paths = Vec::new();
        for text in ["one", "two", "three"] {
            journal.commit(body(text), 0).unwrap();
            paths.extend(journal.seal());
        }
        fs::remove_file(&paths[1]).unwrap();
        assert!(matches!(read(dir.path()), Err(StoreError::Damaged { .. })));
    }
}
