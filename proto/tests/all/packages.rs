//! A log cut into packages: they verify in order, and with one byte changed they do not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::error::Error as _;

use proptest::prelude::*;
use wpsx_proto::{
    api,
    bundle::EntryBundle,
    checkpoint::{Checkpoint, VerifiedCheckpoint},
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    note::NoteSigner,
    origin::Origin,
    package::{Package, PackageError, VerifiedPackage, prove_package, runs},
    tlog_proof::{TlogProof, TlogProofError},
    tree::{Frontier, MemoryTree, root_at},
};

const ORIGIN: &str = "example.org/wpsx/public";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_cut_of_a_log_verifies_in_order(
        size in 1..700_u64,
        more in 0..700_u64,
        held in any::<prop::sample::Index>(),
        stop in any::<prop::sample::Index>(),
    ) {
        let log = Log::of(size + more);
        let size = TreeSize::new(size);
        let head = log.checkpoint(size);
        let held = held.index(size.value() as usize) as u64;
        let mut verified = log.hashes[..held as usize].to_vec();
        // Twice from where the reader stands: the first pull is cut after some packages.
        let first: Vec<_> = runs(LeafIndex::new(held), size).collect();
        let cut = stop.index(first.len() + 1);
        for run in &first[..cut] {
            let package = log.package(run.clone(), size).verify(log.before(run.start), &head).unwrap();
            prop_assert_eq!(package.start(), LeafIndex::new(verified.len() as u64));
            verified.extend(package.leaf_hashes());
        }
        for run in runs(LeafIndex::new(verified.len() as u64), size) {
            let package = log.package(run.clone(), size).verify(log.before(run.start), &head).unwrap();
            prop_assert_eq!(package.end().value(), run.end);
            prop_assert_eq!(package.leaves().len(), package.entries().len());
            verified.extend(package.leaf_hashes());
        }
        let mut frontier = Frontier::empty();
        frontier.extend(verified);
        prop_assert_eq!((frontier.size(), frontier.root()), (size, head.root()));
    }

    #[test]
    fn one_changed_byte_fails_a_package(
        size in 1..700_u64,
        run in any::<prop::sample::Index>(),
        held in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        change in 1..=255_u8,
    ) {
        let log = Log::of(size);
        let size = TreeSize::new(size);
        let head = log.checkpoint(size);
        let from = LeafIndex::new(held.index(log.entries.len()) as u64);
        let all: Vec<_> = runs(from, size).collect();
        let run = all[run.index(all.len())].clone();
        let whole = log.package(run.clone(), size).to_api();
        let before = log.before(run.start);
        prop_assert!(verify(&whole, before, &head).is_ok());

        let place = place.index(whole.entries.len() + whole.proof.len());
        let mut changed = whole.clone();
        if place < whole.entries.len() {
            let mut bytes = whole.entries.to_vec();
            bytes[place] ^= change;
            changed.entries = bytes.into();
        } else {
            let mut bytes = whole.proof.to_vec();
            bytes[place - whole.entries.len()] ^= change;
            changed.proof = bytes.into();
        }
        prop_assert!(verify(&changed, before, &head).is_err());
    }

    #[test]
    fn no_bytes_make_a_package_panic(
        start in any::<u64>(),
        entries in prop::collection::vec(prop_oneof![Just(0), Just(2), any::<u8>()], 0..300),
        proof in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let log = Log::of(3);
        let package = api::log::v1::Package { start, entries: entries.into(), proof: proof.into() };
        prop_assert!(verify(&package, &[], &log.checkpoint(TreeSize::new(3))).is_err());
    }
}

#[test]
fn a_package_that_is_moved_shortened_or_reordered_is_refused() {
    let log = Log::of(600);
    let size = TreeSize::new(600);
    let head = log.checkpoint(size);
    let whole = log.package(256..512, size).to_api();
    assert!(verify(&whole, &[], &head).is_ok());
    assert_eq!(whole.proof.len() % Hash::LENGTH, 0);

    let entries = |range: std::ops::Range<usize>| {
        EntryBundle::from_entries(&log.entries[range])
            .unwrap()
            .bytes()
    };
    for (start, bytes) in [
        (0, entries(256..512)),
        (512, entries(256..344)),
        (256, entries(256..511)),
        (256, entries(257..512)),
        (256, entries(0..256)),
    ] {
        let moved = api::log::v1::Package {
            start,
            entries: bytes,
            ..whole.clone()
        };
        let error = verify(&moved, &[], &head).unwrap_err();
        assert!(matches!(error, PackageError::Unproven { .. }), "{error}");
        assert!(error.source().is_some());
    }
    let mut swapped = log.entries[256..512].to_vec();
    swapped.swap(3, 4);
    let reordered = api::log::v1::Package {
        entries: EntryBundle::from_entries(swapped).unwrap().bytes(),
        ..whole.clone()
    };
    assert!(verify(&reordered, &[], &head).is_err());
    // Good for one checkpoint, and for no other.
    assert!(verify(&whole, &[], &log.checkpoint(TreeSize::new(599))).is_err());
    assert!(verify(&whole, &[], &Log::other(600).checkpoint(size)).is_err());
}

#[test]
fn the_bounds_of_a_package_are_kept() {
    let log = Log::of(600);
    let head = log.checkpoint(TreeSize::new(300));
    let package = |start, entries: EntryBundle| api::log::v1::Package {
        start,
        entries: entries.bytes(),
        proof: bytes::Bytes::new(),
    };
    let two = EntryBundle::from_entries(["a", "b"]).unwrap();
    let none = two.slice(0..0);

    let error = verify(&package(0, none), &[], &head).unwrap_err();
    assert_eq!(error, PackageError::Empty);
    for start in [255, u64::MAX, u64::MAX - 255] {
        let error = verify(&package(start, two.clone()), &[], &head).unwrap_err();
        let start = LeafIndex::new(start);
        assert_eq!(error, PackageError::BeyondBundle { start, count: 2 });
    }
    let error = verify(&package(299, two.clone()), log.before(299), &head).unwrap_err();
    let (end, size) = (TreeSize::new(301), TreeSize::new(300));
    assert_eq!(error, PackageError::BeyondCheckpoint { end, size });
    let error = verify(&package(259, two.clone()), &[], &head).unwrap_err();
    let start = LeafIndex::new(259);
    assert_eq!(
        error,
        PackageError::WrongBefore {
            start,
            expected: 3,
            found: 0
        }
    );
    for proof in [vec![0; 33], vec![0; 64 * 32]] {
        let mut package = package(0, two.clone());
        package.proof = proof.into();
        let error = verify(&package, &[], &head).unwrap_err();
        assert!(matches!(error, PackageError::Proof(_)), "{error}");
    }
}

#[test]
fn runs_are_cut_at_the_bundles_alone() {
    let cut = |from, to| runs(LeafIndex::new(from), TreeSize::new(to)).collect::<Vec<_>>();
    assert_eq!(cut(0, 256), vec![0..256]);
    assert_eq!(cut(10, 600), vec![10..256, 256..512, 512..600]);
    assert_eq!(cut(256, 257), vec![256..257]);
    assert!(cut(5, 5).is_empty() && cut(6, 5).is_empty());
    assert_eq!(cut(u64::MAX - 1, u64::MAX), vec![u64::MAX - 1..u64::MAX]);
}

#[test]
fn a_proof_file_proves_its_entry_and_no_other() {
    let log = Log::of(9);
    let head = log.checkpoint(TreeSize::new(9));
    let index = LeafIndex::new(4);
    let proof = wpsx_proto::proof::prove_inclusion(&log.tree, index, head.size()).unwrap();
    for extra in [
        None,
        Some("salt and payload".into()),
        Some(bytes::Bytes::new()),
    ] {
        let file = TlogProof::new(extra, index, proof.clone(), &head).unwrap();
        let text = file.to_string();
        let read = TlogProof::parse(&text).unwrap();
        assert_eq!((&read, read.to_string()), (&file, text));
        let key = signer().verifier_key();
        let found = read.verify(log.hashes[4], &key).unwrap();
        assert_eq!((found.size(), found.root()), (head.size(), head.root()));
        assert!(matches!(
            read.verify(log.hashes[5], &key),
            Err(TlogProofError::Inclusion { .. })
        ));
        let stranger = NoteSigner::from_seed(ORIGIN, &[8; 32]).unwrap();
        assert!(matches!(
            read.verify(log.hashes[4], &stranger.verifier_key()),
            Err(TlogProofError::Checkpoint(_))
        ));
    }
}

#[test]
fn a_proof_file_that_is_not_written_as_the_format_says_is_refused() {
    let log = Log::of(9);
    let head = log.checkpoint(TreeSize::new(9));
    let index = LeafIndex::new(4);
    let proof = wpsx_proto::proof::prove_inclusion(&log.tree, index, head.size()).unwrap();
    let file = TlogProof::new(Some("x".into()), index, proof.clone(), &head).unwrap();
    let text = file.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra eA==\nindex 4\n"));
    let hash = proof[0].to_base64();
    for (from, to) in [
        ("@v1", "@v2"),
        ("extra eA==", "extra eA"),
        ("extra eA==", "extra  eA=="),
        ("extra eA==", "extra eA==\nextra eA=="),
        ("index 4", "index 04"),
        ("index 4", "index +4"),
        ("index 4", "index 18446744073709551616"),
        ("index 4\n", ""),
        ("index 4", "Index 4"),
        (&hash, "AAAA"),
        (&hash, "-"),
        ("\n\n", "\n"),
        ("\n", "\r\n"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        assert!(TlogProof::parse(&changed).is_err(), "{from:?} as {to:?}");
    }
    let long = format!("index 4\n{}", format!("{hash}\n").repeat(64));
    let error = TlogProof::parse(&text.replacen("index 4\n", &long, 1)).unwrap_err();
    assert!(matches!(error, TlogProofError::TooManyHashes));
    // What follows the empty line is the checkpoint's to judge.
    let cut = TlogProof::parse(&text[..text.len() - 9]).unwrap();
    assert!(cut.verify(log.hashes[4], &signer().verifier_key()).is_err());
}

/// A log with all that its publisher has.
struct Log {
    entries: Vec<Vec<u8>>,
    hashes: Vec<Hash>,
    tree: MemoryTree,
}

impl Log {
    fn of(size: u64) -> Self {
        Self::from((0..size).map(|number| format!("entry {number}").into_bytes()))
    }

    fn other(size: u64) -> Self {
        Self::from((0..size).map(|number| format!("other {number}").into_bytes()))
    }

    fn from(entries: impl Iterator<Item = Vec<u8>>) -> Self {
        let entries: Vec<_> = entries.collect();
        let hashes: Vec<Hash> = entries.iter().map(|entry| Hash::leaf(entry)).collect();
        let tree = hashes.iter().copied().collect();
        Self {
            entries,
            hashes,
            tree,
        }
    }

    fn checkpoint(&self, size: TreeSize) -> VerifiedCheckpoint {
        let checkpoint = Checkpoint {
            origin: Origin::parse(ORIGIN).unwrap(),
            size,
            root: root_at(&self.tree, size).unwrap(),
        };
        VerifiedCheckpoint::sign(checkpoint, &signer()).unwrap()
    }

    fn package(&self, run: std::ops::Range<u64>, size: TreeSize) -> Package {
        let (start, end) = (LeafIndex::new(run.start), TreeSize::new(run.end));
        let entries = &self.entries[run.start as usize..run.end as usize];
        let entries = EntryBundle::from_entries(entries).unwrap();
        let proof = prove_package(&self.tree, start, end, size).unwrap();
        Package::new(start, entries, proof).unwrap()
    }

    fn before(&self, start: u64) -> &[Hash] {
        &self.hashes[(start - start % BUNDLE) as usize..start as usize]
    }
}

fn signer() -> NoteSigner {
    NoteSigner::from_seed(ORIGIN, &[7; 32]).unwrap()
}

fn verify(
    package: &api::log::v1::Package,
    before: &[Hash],
    checkpoint: &VerifiedCheckpoint,
) -> Result<VerifiedPackage, PackageError> {
    Package::from_api(package.clone())?.verify(before, checkpoint)
}
