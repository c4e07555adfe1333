use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::*;
use crate::{
    disk::{journal::DiskJournal, state::DiskState},
    format::segment::{MARK_AT, SEGMENT_HEADER},
    source::Random,
    state::State,
    write::journal::Journal,
};

/// A journal and its state on a disk, as after a kill.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.dir()).unwrap();
        State::create(&place.state()).unwrap();
        place
    }

    fn dir(&self) -> PathBuf {
        self.0.path().join("journal")
    }

    fn state(&self) -> DiskState {
        DiskState::new(self.0.path().join("state"))
    }

    fn files(&self) -> Arc<dyn JournalFiles> {
        Arc::new(DiskJournal::new(self.dir()))
    }

    fn live(&self) -> Arc<Live> {
        let (state, _) = State::open(Arc::new(self.state()), Arc::default()).unwrap();
        Arc::new(Live::read(&state).unwrap().0)
    }

    fn read(&self) -> Reading {
        read(&*self.files(), &self.live()).unwrap()
    }

    fn journal(&self, reading: &Reading) -> Journal {
        let random: Random = Arc::new(|bytes: &mut [u8]| bytes.fill(0x5e));
        Journal::after(self.files(), self.live(), reading, 0, random)
    }

    /// Two groups in one segment, a third one in another.
    fn written() -> (Self, Vec<PathBuf>) {
        let place = Self::new();
        let mut journal = place.journal(&Reading::default());
        journal.commit(body("one"), 0).unwrap();
        journal.commit(body("two"), 0).unwrap();
        let first = journal.seal().unwrap();
        journal.commit(body("three"), 0).unwrap();
        let second = journal.seal().unwrap();
        let paths = [first, second].map(|name| place.dir().join(name));
        (place, paths.to_vec())
    }

    fn names(&self) -> Vec<String> {
        self.files().list().unwrap()
    }
}

fn body(text: &str) -> Vec<u8> {
    let mut buffer = Journal::group(text.len());
    buffer.extend_from_slice(text.as_bytes());
    buffer
}

fn texts(reading: &Reading) -> Vec<String> {
    let groups = reading.found.iter().flat_map(|segment| &segment.groups);
    groups
        .map(|(n, body)| format!("{n}:{}", String::from_utf8_lossy(body)))
        .collect()
}

/// The mark says nothing, as where a power cut came before it was on the disk.
fn without_mark(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap();
    bytes[MARK_AT..SEGMENT_HEADER].fill(0);
    bytes
}

#[test]
fn groups_are_read_back_in_order_over_segments() {
    let (place, _) = Place::written();
    let reading = place.read();
    assert_eq!(texts(&reading), ["1:one", "2:two", "3:three"]);
    assert!(reading.doubt.is_none() && reading.strangers.is_empty());
    assert_eq!(place.journal(&reading).next_group(), 4);
}

#[test]
fn a_tail_that_was_not_acknowledged_is_cut_at_any_byte_and_the_groups_before_it_stay() {
    let (place, paths) = Place::written();
    let whole = without_mark(&paths[1]);
    for length in SEGMENT_HEADER..whole.len() {
        fs::write(&paths[1], &whole[..length]).unwrap();
        let reading = place.read();
        assert_eq!(texts(&reading), ["1:one", "2:two"], "{length} bytes");
        assert!(reading.doubt.is_none());
        let left = fs::metadata(&paths[1]).unwrap().len();
        assert_eq!(left, SEGMENT_HEADER as u64);
        assert_eq!(place.names().len(), 2, "half a group is not kept");
    }
}

#[test]
fn a_tail_that_may_have_been_acknowledged_is_kept_beside_what_was_cut() {
    let (place, paths) = Place::written();
    let mut bytes = without_mark(&paths[1]);
    let last = bytes.len() - 14;
    bytes[last] ^= 1;
    fs::write(&paths[1], &bytes).unwrap();
    let reading = place.read();
    assert_eq!(texts(&reading), ["1:one", "2:two"]);
    assert!(reading.doubt.is_none());
    let kept = paths[1].with_extension("journal.torn");
    assert_eq!(fs::read(&kept).unwrap(), bytes[SEGMENT_HEADER..]);
    let name = kept.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(place.read().strangers, [name]);
}

#[test]
fn any_flipped_bit_in_what_was_acknowledged_is_a_doubt_and_loses_no_byte() {
    for at in [0, 1] {
        let (place, paths) = Place::written();
        let good = fs::read(&paths[at]).unwrap();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            fs::write(&paths[at], &bad).unwrap();
            let reading = place.read();
            let in_mark = (MARK_AT..SEGMENT_HEADER).contains(&(bit / 8));
            assert_eq!(
                reading.doubt.is_none(),
                in_mark,
                "bit {bit} of segment {at}"
            );
            if in_mark {
                assert_eq!(texts(&reading), ["1:one", "2:two", "3:three"]);
            } else {
                assert!(texts(&reading).len() < 3);
                assert!(reading.found[at].is_spoiled, "bit {bit} of segment {at}");
            }
            assert_eq!(fs::read(&paths[at]).unwrap(), bad, "nothing was cut");
        }
    }
}

#[test]
fn a_segment_that_is_missing_or_cut_is_a_doubt() {
    for at in [0, 1] {
        let (place, paths) = Place::written();
        let good = fs::read(&paths[at]).unwrap();
        for length in 0..good.len() {
            fs::write(&paths[at], &good[..length]).unwrap();
            assert!(place.read().doubt.is_some(), "segment {at} cut at {length}");
        }
        fs::remove_file(&paths[at]).unwrap();
        let reading = place.read();
        assert!(reading.doubt.unwrap().contains("is missing"));
    }
}

#[test]
fn what_was_not_used_is_moved_aside_and_what_is_written_then_is_read() {
    let (place, paths) = Place::written();
    let mut bad = fs::read(&paths[0]).unwrap();
    bad[SEGMENT_HEADER + 5] ^= 1;
    fs::write(&paths[0], &bad).unwrap();
    let reading = place.read();
    assert!(
        texts(&reading).is_empty(),
        "what follows may lack something before it"
    );
    reading.set_aside(&*place.files(), &place.live()).unwrap();
    let aside = paths
        .iter()
        .map(|path| path.with_extension("journal.damaged"));
    assert_eq!(fs::read(aside.clone().next().unwrap()).unwrap(), bad);
    assert!(aside.clone().all(|path| path.exists()));
    let mut journal = place.journal(&reading);
    assert_eq!(journal.next_group(), 4, "no number comes twice");
    journal.commit(body("four"), 0).unwrap();
    let reading = place.read();
    assert_eq!(texts(&reading), ["4:four"]);
    assert!(reading.doubt.is_none());
    assert_eq!(reading.strangers.len(), 2);
}

#[test]
fn files_that_are_no_segments_are_left() {
    let (place, paths) = Place::written();
    let other = place.dir().join("00000000000000ff.journal");
    fs::copy(&paths[0], &other).unwrap();
    fs::copy(&paths[0], place.dir().join("first.journal.bak")).unwrap();
    fs::write(place.dir().join(".DS_Store"), "x").unwrap();
    fs::write(paths[0].with_extension("journal.tmp"), "half").unwrap();
    let reading = place.read();
    assert_eq!(texts(&reading), ["1:one", "2:two", "3:three"]);
    let strangers: BTreeSet<&str> = reading.strangers.iter().map(String::as_str).collect();
    let expected = ["00000000000000ff.journal", "first.journal.bak"];
    assert_eq!(strangers, BTreeSet::from(expected));
    assert!(other.exists() && place.names().len() == 4);
}
