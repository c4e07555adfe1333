//! Known answers that others computed; `vectors/README.md` says who.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, de::DeserializeOwned};
use wpsx_proto::{
    hash::Hash,
    index::{LeafIndex, TreeSize},
    proof::{
        verify_consistency, verify_inclusion, verify_subtree_consistency, verify_subtree_inclusion,
    },
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
