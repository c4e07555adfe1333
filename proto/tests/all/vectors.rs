//! Known answers that others computed; `vectors/README.md` says who.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, de::DeserializeOwned};
use wpsx_proto::{
    bundle::EntryBundle,
    checkpoint::{SignedCheckpoint, VerifiedCheckpoint},
    hash::Hash,
    index::{LeafIndex, TreeSize},
    note::VerifierKey,
    proof::{
        prove_consistency, verify_consistency, verify_inclusion, verify_subtree_consistency,
        verify_subtree_inclusion,
    },
    tile::{TileKind, TilePath, partial_tiles},
    tree::MemoryTree,
};

#[test]
fn inclusion_proofs_are_judged_as_others_judge_them() {
    check("inclusion", 98, |vector: Inclusion| {
        let proof = proof(vector.proof);
        verify_inclusion(
            hash("leaf", &vector.leaf_hash),
            LeafIndex::new(vector.leaf_idx),
            TreeSize::new(vector.tree_size),
            &proof,
            hash("root", &vector.root),
        )
        .is_err()
    });
}

#[test]
fn consistency_proofs_are_judged_as_others_judge_them() {
    check("consistency", 98, |vector: Consistency| {
        verify_consistency(
            TreeSize::new(vector.size1),
            hash("root1", &vector.root1),
            TreeSize::new(vector.size2),
            hash("root2", &vector.root2),
            &proof(vector.proof),
        )
        .is_err()
    });
}

#[test]
fn subtree_inclusion_proofs_are_judged_as_others_judge_them() {
    check("subtreeinclusion", 204, |vector: SubtreeInclusion| {
        verify_subtree_inclusion(
            hash("leaf", &vector.leaf_hash),
            LeafIndex::new(vector.leaf_idx),
            LeafIndex::new(vector.start),
            TreeSize::new(vector.end),
            &proof(vector.proof),
            hash("root", &vector.root),
        )
        .is_err()
    });
}

#[test]
fn subtree_consistency_proofs_are_judged_as_others_judge_them() {
    check("subtreeconsistency", 118, |vector: SubtreeConsistency| {
        verify_subtree_consistency(
            LeafIndex::new(vector.start),
            TreeSize::new(vector.end),
            hash("root1", &vector.root1),
            TreeSize::new(vector.size),
            hash("root2", &vector.root2),
            &proof(vector.proof),
        )
        .is_err()
    });
}

#[test]
fn a_log_that_others_wrote_holds_what_its_checkpoints_sign() {
    let key = VerifierKey::parse(
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
    )
    .unwrap();
    let newest = SignedCheckpoint::parse(&log_file("checkpoint")).unwrap();
    assert_eq!(newest.verify(&key).unwrap().size(), TreeSize::new(15));

    let mut before: Option<VerifiedCheckpoint> = None;
    for number in 0..=15 {
        let note = log_file(&format!("checkpoint.{number}"));
        let checkpoint = SignedCheckpoint::parse(&note)
            .unwrap()
            .verify(&key)
            .unwrap();
        let size = TreeSize::new(number);
        assert_eq!(checkpoint.origin().as_str(), "example.com/log/testdata");
        assert_eq!(
            (checkpoint.size(), &checkpoint.note_bytes()[..]),
            (size, &note[..])
        );

        // Every tile and bundle that a tree of this size has, from its entries up.
        let tree = match TilePath::in_tree(TileKind::Entries, 0, size) {
            Some(path) => {
                let bundle = EntryBundle::parse(log_file(&path.to_string()).into()).unwrap();
                assert_eq!(bundle.len() as u64, number);
                bundle.iter().map(Hash::leaf).collect()
            }
            None => MemoryTree::new(),
        };
        for path in partial_tiles(size).filter(|path| path.kind() != TileKind::Entries) {
            let hashes = Hash::list_from_bytes(&log_file(&path.to_string()), 256).unwrap();
            assert_eq!(hashes, tree.leaves());
        }
        assert_eq!(tree.root(), checkpoint.root(), "root of size {size}");

        if let Some(before) = before.filter(|before| !before.size().is_empty()) {
            let (from, old) = (before.size(), before.root());
            let proof = prove_consistency(&tree, from, size).unwrap();
            verify_consistency(from, old, size, checkpoint.root(), &proof).unwrap();
        }
        before = Some(checkpoint);
    }
}

#[test]
fn a_changed_checkpoint_of_that_log_is_refused() {
    let key = VerifierKey::parse(
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
    )
    .unwrap();
    let note = String::from_utf8(log_file("checkpoint.7")).unwrap();
    let other = String::from_utf8(log_file("checkpoint.8")).unwrap();
    let signature = |note: &str| note.split_once("\n\n").unwrap().1.to_owned();
    for changed in [
        note.replacen("\n7\n", "\n8\n", 1),
        note.replacen("testdata", "testdate", 1),
        note.replace(&signature(&note), &signature(&other)),
    ] {
        assert_ne!(changed, note);
        let result = SignedCheckpoint::parse(changed.as_bytes()).and_then(|note| note.verify(&key));
        assert!(result.is_err());
    }
}

fn log_file(path: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/tlog-log");
    fs::read(format!("{folder}/{path}")).unwrap()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SubtreeInclusion {
    leaf_idx: u64,
    start: u64,
    end: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct SubtreeConsistency {
    start: u64,
    end: u64,
    size: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case<V> {
    name: String,
    desc: String,
    want_err: bool,
    #[serde(flatten)]
    vector: V,
}

fn check<V: DeserializeOwned>(folder: &str, count: usize, is_refused: impl Fn(V) -> bool) {
    let path = format!(
        "{}/tests/vectors/merkle/{folder}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let cases: Vec<Case<V>> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(cases.len(), count);
    for case in cases {
        assert_eq!(
            is_refused(case.vector),
            case.want_err,
            "{}: {}",
            case.name,
            case.desc
        );
    }
}

/// Our verifiers take only whole hashes, so that bytes of another length are refused
/// before. Some vectors have words in place of a hash that does not matter, or that
/// is wrong: these stand for their SHA-256, and no bytes for a hash that fits nowhere.
fn hash(place: &str, text: &str) -> Hash {
    let bytes = STANDARD.decode(text).unwrap();
    if bytes.is_empty() {
        return Hash::of(place.as_bytes());
    }
    Hash::try_from(bytes.as_slice()).unwrap_or_else(|_| Hash::of(&bytes))
}

fn proof(hashes: Option<Vec<String>>) -> Vec<Hash> {
    let hashes = hashes.unwrap_or_default();
    hashes.iter().map(|text| hash("proof", text)).collect()
}
