//! Every decoder on its seeds, and on seeds that were changed at random: for where
//! libFuzzer cannot be built. `PROPTEST_CASES` says how many changes each one meets.

use std::{fs, path::Path};

use proptest::{collection::vec, prelude::*, sample::Index, test_runner::TestRunner};
use wpsx_fuzz::{DECODERS, check_seeds, seeds};

/// One change of some bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, Index),
    Repeat(Index, Index),
    /// Ends as another seed does.
    Splice(Index, Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        2 => (at(), vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        2 => (at(), at()).prop_map(|(from, to)| Change::Remove(from, to)),
        1 => (at(), at()).prop_map(|(from, to)| Change::Repeat(from, to)),
        1 => (at(), at(), at()).prop_map(|(at, seed, from)| Change::Splice(at, seed, from)),
    ]
}

impl Change {
    fn apply(self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        // One place more than there are bytes: behind the last.
        let room = bytes.len() + 1;
        let range = |a: Index, b: Index| {
            let (a, b) = (a.index(room), b.index(room));
            a.min(b)..a.max(b)
        };
        match self {
            Self::Set(at, byte) => match bytes.get_mut(at.index(room)) {
                Some(place) => *place = byte,
                None => bytes.push(byte),
            },
            Self::Insert(at, more) => {
                let at = at.index(room);
                bytes.splice(at..at, more);
            }
            Self::Remove(from, to) => {
                bytes.drain(range(from, to));
            }
            Self::Repeat(from, to) => {
                let part = bytes[range(from, to)].to_vec();
                bytes.extend(part);
            }
            Self::Splice(at, seed, from) => {
                let other = seed.get(seeds);
                bytes.truncate(at.index(room));
                bytes.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
    }
}

/// The names in a folder, without what stands behind a full stop.
fn names(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let listing = fs::read_dir(folder).expect("a folder of this package");
    let name = |path: &Path| {
        path.file_stem()
            .expect("a name")
            .to_str()
            .map(str::to_owned)
    };
    let names = listing.map(|file| name(&file.expect("a file").path()).expect("UTF-8"));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn every_decoder_has_seeds_and_a_program() {
    let mut known: Vec<_> = DECODERS.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(names("corpus"), known);
    assert_eq!(names("libfuzzer/src/bin"), known);
}

#[test]
fn every_decoder_understands_its_seeds() {
    for (name, decode) in DECODERS {
        check_seeds(name, *decode);
    }
}

#[test]
fn no_decoder_breaks_its_promise_on_changed_seeds() {
    for (name, decode) in DECODERS {
        let seeds: Vec<Vec<u8>> = seeds(name).into_iter().map(|(_, bytes)| bytes).collect();
        let case = (any::<Index>(), vec(change(), 1..6));
        let mut runner = TestRunner::new(ProptestConfig::with_source_file(file!()));
        let outcome = runner.run(&case, |(seed, changes)| {
            let mut bytes = seed.get(&seeds).clone();
            for change in changes {
                change.apply(&mut bytes, &seeds);
            }
            decode(&bytes);
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
}
