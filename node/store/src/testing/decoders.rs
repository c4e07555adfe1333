//! What the store promises of whatever bytes lie in its files, for those who feed it
//! with such. Each function panics where the promise is broken, and says whether the
//! bytes were understood.
//!
//! Checksums would keep made bytes out, so they are put right first: what stands behind
//! them is reached although nobody guesses a checksum.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use wpsx_proto::payload::SlotState;

use super::place::files;
use crate::{
    StoreError,
    archive::end_of,
    backend::StateFiles,
    format::{
        change::{self, What, Writer},
        cover::Cover,
        erased::Erased,
        kept::Kept,
        layout::VERSION_FILE,
        owed,
        payloads::Payloads,
        remembered::AllRemembered,
        request::Requests,
        saved::Saved,
        segment::{self, COMMIT_MARK, End, GROUP_HEADER, MARK_AT, SEGMENT_HEADER},
    },
    restore::restore,
    state::State,
};

/// The groups of a journal's segment, written again, are the bytes up to a torn tail.
pub fn journal(bytes: &[u8]) -> bool {
    let _ = segment::parse(&Bytes::copy_from_slice(bytes));
    let bytes = with_checksums(bytes);
    let Ok(parsed) = segment::parse(&bytes) else {
        return false;
    };
    let nonce = bytes[16..24].try_into().unwrap();
    let mut again = segment::header(parsed.sequence, &nonce);
    again[MARK_AT..].copy_from_slice(&bytes[MARK_AT..SEGMENT_HEADER]);
    for (number, body) in &parsed.groups {
        let mut group = vec![0; GROUP_HEADER];
        group.extend_from_slice(body);
        segment::seal(&mut group, *number, &nonce);
        again.extend(group);
    }
    match parsed.end {
        End::Whole => assert_eq!(again, bytes),
        End::Torn { at, .. } => assert_eq!(again, bytes[..at as usize]),
        End::Damaged(_) => assert!(bytes.starts_with(&again)),
    }
    !parsed.groups.is_empty()
}

fn with_checksums(bytes: &[u8]) -> Bytes {
    let mut bytes = bytes.to_vec();
    if bytes.len() < SEGMENT_HEADER {
        return bytes.into();
    }
    put_checksum(&mut bytes, 0..24, 24);
    let nonce: [u8; 8] = bytes[16..24].try_into().unwrap();
    let mut at = SEGMENT_HEADER;
    while bytes.len() - at >= GROUP_HEADER {
        bytes[at..at + 8].copy_from_slice(&nonce);
        put_checksum(&mut bytes, at..at + 24, at + 24);
        let start = at + GROUP_HEADER;
        let length = u64::from_le_bytes(bytes[at + 16..at + 24].try_into().unwrap());
        let room = bytes.len() - start;
        let Some(end) = usize::try_from(length)
            .ok()
            .filter(|length| *length <= room.saturating_sub(COMMIT_MARK) && room >= COMMIT_MARK)
            .map(|length| start + length)
        else {
            break;
        };
        put_checksum(&mut bytes, start..end, end);
        bytes[end + 4..end + COMMIT_MARK].copy_from_slice(b"wpsxdone");
        at = end + COMMIT_MARK;
    }
    bytes.into()
}

fn put_checksum(bytes: &mut [u8], of: std::ops::Range<usize>, at: usize) {
    let crc = crc32fast::hash(&bytes[of]);
    bytes[at..at + 4].copy_from_slice(&crc.to_le_bytes());
}

/// The changes of a journal's group, written again, are its bytes.
pub fn group(bytes: &[u8]) -> bool {
    let Ok(changes) = change::read(Bytes::copy_from_slice(bytes)) else {
        return false;
    };
    let mut again = Vec::new();
    let mut writer = Writer(&mut again);
    for change in &changes {
        match &change.what {
            What::Extend {
                start,
                count,
                entries,
                frames,
            } => {
                writer.extend(change.log, *start, *count, entries, frames.len());
                for frame in frames {
                    writer.whole_frame(frame);
                    let _ = frame.slots();
                }
            }
            What::Head(note) => writer.note(change.log, note),
            What::Pending(note) => writer.pending(change.log, note),
            What::Fill(frame, holes) => {
                writer.fill(change.log, frame, *holes);
                let _ = frame.slots();
            }
            What::Erase(indexes, holes) => writer.erase(change.log, indexes, *holes),
            What::Mend {
                bundle,
                holes,
                frames,
            } => {
                writer.mend(change.log, *bundle, *holes, frames.len());
                for frame in frames {
                    writer.whole_frame(frame);
                    let _ = frame.slots();
                }
            }
            What::Request {
                id,
                start,
                count,
                words,
            } => writer.request(change.log, id, (*start, *count), words.as_deref()),
        }
    }
    assert_eq!(again, bytes);
    !changes.is_empty()
}

/// The bodies of the groups of a journal's segment.
pub fn groups(segment: &[u8]) -> Vec<Bytes> {
    let parsed = segment::parse(&Bytes::copy_from_slice(segment)).unwrap();
    parsed.groups.into_iter().map(|(_, body)| body).collect()
}

/// A file of payloads, written again, reads as the same slots.
pub fn payloads(bytes: &[u8]) -> bool {
    let _ = Payloads::parse(&Bytes::copy_from_slice(bytes), true);
    let bytes = with_table_checksum(bytes);
    let Ok(payloads) = Payloads::parse(&bytes, false) else {
        return false;
    };
    let (head, data) = payloads.file();
    let again: Vec<u8> = head.into_iter().chain(data.flatten().copied()).collect();
    let again = Payloads::parse(&again.into(), true).expect("what was just written");
    assert_eq!(again.len(), payloads.len());
    for slot in 0..payloads.len() {
        assert_eq!(again.state(slot), payloads.state(slot));
        assert_eq!(again.length(slot), payloads.length(slot));
        assert_eq!(again.find(slot), payloads.find(slot));
    }
    let slots = payloads.slots();
    assert_eq!(again.slots(), slots);
    if let Ok(slots) = &slots {
        assert_eq!(slots.len(), payloads.len());
        let erased = payloads.replaced(&[(0, SlotState::Erased, None)]).unwrap();
        assert_eq!(erased.state(0), SlotState::Erased);
        let _ = payloads.joined().unwrap();
    }
    slots.is_ok()
}

fn with_table_checksum(bytes: &[u8]) -> Bytes {
    let mut bytes = bytes.to_vec();
    let number = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    if bytes.len() >= 16 {
        let tables = 16 + 5 * number(8) + 16 * number(10);
        let mut crc = crc32fast::Hasher::new();
        crc.update(&bytes[..12]);
        crc.update(&bytes[16..tables.min(bytes.len())]);
        bytes[12..16].copy_from_slice(&crc.finalize().to_le_bytes());
    }
    bytes.into()
}

/// A file of the state is what was put, and each thing that is kept there reads as the
/// same when it is written again.
pub fn state(bytes: &[u8]) -> bool {
    let bytes = Bytes::copy_from_slice(bytes);
    if let Some(cover) = Cover::parse(&bytes) {
        let again = Cover::parse(cover.to_text().as_bytes());
        assert_eq!(again, Some(cover));
    }
    let files = Arc::new(FewFiles::default());
    State::create(&*files).unwrap();
    files.put("raw", &[&bytes]).unwrap();
    let (state, found) = State::open(files.clone(), Arc::default()).unwrap();
    match state.get("raw").unwrap() {
        Some(body) => {
            state.put("raw", &body).unwrap();
            assert_eq!(files.read("raw").unwrap(), Some(bytes.clone()));
        }
        None => assert_eq!(found.strangers, ["raw"]),
    }
    for name in ["body", "logs/0/head", "logs/0/log"] {
        state.put(name, &bytes).unwrap();
        assert_eq!(state.get(name).unwrap().as_ref(), Some(&bytes));
    }

    let erased = Erased::parse(&bytes);
    if let Ok(erased) = &erased {
        assert_eq!(Erased::parse(&erased.to_bytes()).as_ref(), Ok(erased));
    }
    let requests = Requests::parse(&bytes);
    if let Ok(requests) = &requests {
        let written = requests.to_bytes();
        let again = Requests::parse(&written).unwrap();
        assert_eq!(again.to_bytes(), written);
    }
    let remembered = AllRemembered::parse(&bytes);
    if let Ok(remembered) = &remembered {
        let again = AllRemembered::parse(&remembered.to_bytes());
        assert_eq!(again.as_ref(), Ok(remembered));
    }
    let slots = owed::from_text(&bytes);
    if let Some(slots) = &slots {
        let again = owed::from_text(owed::to_text(slots).as_bytes());
        assert_eq!(again.as_ref(), Some(slots));
    }
    let saved = Saved::read(&state, 0).is_ok();
    let kept = Kept::all(&state).is_ok();
    erased.is_ok() || requests.is_ok() || remembered.is_ok() || slots.is_some() || saved || kept
}

/// The members of a backup, which lacks its checksum: what is restored of it is a store in
/// its folder, and nothing lies beside that.
pub fn backup(bytes: &[u8]) -> bool {
    let place = tempfile::tempdir().unwrap();
    let (file, data) = (place.path().join("backup"), place.path().join("data"));
    let sum = Sha256::digest(bytes);
    std::fs::write(&file, [bytes, &end_of(&sum).unwrap()].concat()).unwrap();
    let restored = restore(&file, &data);
    let beside = std::fs::read_dir(place.path()).unwrap().count();
    let Ok(restored) = restored else {
        assert_eq!(beside, 1, "what is refused leaves nothing");
        return false;
    };
    assert_eq!(beside, 2, "nothing lies beside it");
    // One more says that it was restored.
    assert_eq!(files(&data).len() as u64, restored.files + 1);
    assert!(data.join(VERSION_FILE).is_file());
    true
}

/// A few files of a state.
#[derive(Default)]
struct FewFiles(Mutex<BTreeMap<String, Bytes>>);

impl StateFiles for FewFiles {
    fn read(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        Ok(self.0.lock().get(name).cloned())
    }

    fn put(&self, name: &str, parts: &[&[u8]]) -> Result<(), StoreError> {
        self.0.lock().insert(name.to_owned(), parts.concat().into());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        self.0.lock().remove(name);
        Ok(())
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let files = self.0.lock();
        let names = files.keys().filter(|name| name.starts_with(prefix));
        Ok(names.cloned().collect())
    }

    fn path_of(&self, name: &str) -> PathBuf {
        PathBuf::from(name)
    }
}
