//! What must hold of every tree: its proofs verify, and nothing else does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use wpsx_proto::{
    bundle::{EntryBundle, MAX_ENTRY},
    hash::Hash,
    index::{LeafIndex, TreeSize},
    proof::{
        ProofError, consistency_roots, prove_consistency, prove_inclusion, prove_subtree,
        verify_consistency, verify_inclusion, verify_subtree_consistency, verify_subtree_inclusion,
    },
    tile::TilePath,
    tree::{Frontier, MemoryTree, frontier_at, root_at, root_of},
};

const LARGEST: u64 = 600;

#[test]
fn the_frontier_and_the_tree_agree_at_every_size() {
    let tree = tree(LARGEST);
    let mut frontier = Frontier::empty();
    for (leaf, size) in tree.leaves().iter().zip(1..) {
        frontier.push(*leaf);
        assert_eq!(frontier.root(), root(&tree, size));
        assert_eq!(frontier_at(&tree, TreeSize::new(size)).unwrap(), frontier);
    }
    assert_eq!(frontier.root(), tree.root());
}

#[test]
fn every_proof_of_every_small_tree_verifies_for_that_tree_alone() {
    let tree = tree(34);
    for size in 1..=33 {
        for index in 0..size {
            let proof = prove_inclusion(&tree, at(index), of(size)).unwrap();
            // Every place in this tree and the next one; the leaf fits one of them.
            for (other_size, other) in (size..=size + 1).flat_map(|s| (0..=s).map(move |i| (s, i)))
            {
                let holds = includes(&tree, index, other, other_size, &proof).is_ok();
                let same = prove_inclusion(&tree, at(index), of(other_size)).unwrap() == proof;
                assert_eq!(
                    holds,
                    other == index && same,
                    "{index} of {size} as {other} of {other_size}"
                );
            }
        }
        for from in 1..=size {
            let proof = prove_consistency(&tree, of(from), of(size)).unwrap();
            for other in 1..=size + 1 {
                let holds = extends(&tree, from, root(&tree, from), other, &proof).is_ok();
                let same = from <= other
                    && prove_consistency(&tree, of(from), of(other)).unwrap() == proof;
                assert_eq!(holds, same, "{from} to {size} as to {other}");
                let swapped = extends(&tree, other, root(&tree, from), size, &proof).is_ok();
                assert_eq!(swapped, other == from, "{from} to {size} as from {other}");
            }
        }
    }
}

#[test]
fn every_subtree_of_every_small_tree_is_proven() {
    let tree = tree(40);
    for size in 1..=40 {
        for (start, end) in (0..size).flat_map(|s| (s + 1..=size).map(move |e| (s, e))) {
            let subtree = root_of(&tree.leaves()[start as usize..end as usize]);
            let proof = prove_subtree(&tree, at(start), of(end), of(size)).unwrap();
            let result = verify_subtree_consistency(
                at(start),
                of(end),
                subtree,
                of(size),
                root(&tree, size),
                &proof,
            );
            if start.is_multiple_of((end - start).next_power_of_two()) {
                assert_eq!(result, Ok(()), "[{start}, {end}) of {size}");
            } else {
                assert_eq!(result, Err(ProofError::InvalidSubtree { start, end }));
                assert!(proof.is_empty());
            }
        }
    }
}

#[test]
fn what_is_out_of_range_gets_an_empty_proof_that_nobody_accepts() {
    let tree = tree(5);
    let past = prove_inclusion(&tree, at(5), of(5)).unwrap();
    assert!(past.is_empty() && includes(&tree, 4, 5, 5, &past).is_err());
    let backwards = prove_consistency(&tree, of(5), of(4)).unwrap();
    assert!(backwards.is_empty());
    assert!(extends(&tree, 5, root(&tree, 5), 4, &backwards).is_err());
    for number in [u64::MAX, u64::MAX - 1, 1 << 63] {
        assert!(
            prove_inclusion(&tree, at(number), of(number))
                .unwrap()
                .is_empty()
        );
        assert!(includes(&tree, 0, number, 5, &[]).is_err());
        assert!(
            verify_subtree_consistency(
                at(1),
                of(number),
                tree.root(),
                of(number),
                tree.root(),
                &[]
            )
            .is_err()
        );
        let long = vec![tree.root(); 64];
        let result = verify_inclusion(tree.root(), at(number - 1), of(number), &long, tree.root());
        assert!(result.is_err());
    }
}

#[test]
fn both_roots_of_a_consistency_proof_can_be_computed() {
    let tree = tree(20);
    for (from, to) in (2..=20).flat_map(|to| (1..to).map(move |from| (from, to))) {
        let proof = prove_consistency(&tree, of(from), of(to)).unwrap();
        let known = from.is_power_of_two().then(|| root(&tree, from));
        let roots = consistency_roots(of(from), of(to), known, &proof);
        assert_eq!(roots, Ok((root(&tree, from), root(&tree, to))));
        assert!(consistency_roots(of(to), of(from), None, &proof).is_err());
        if known.is_some() {
            let roots = consistency_roots(of(from), of(to), None, &proof);
            assert_eq!(roots, Err(ProofError::TooShort));
        }
    }
}

#[test]
fn the_worked_examples_of_the_specification_hold() {
    let specification = include_str!("../../SPEC.md");
    let has = |text: &str| assert!(specification.contains(text), "not there: {text}");
    let entries = [b"a", b"b", b"c"];
    let tree: MemoryTree = entries.iter().map(|entry| Hash::leaf(*entry)).collect();
    let [a, b, c] = tree.leaves() else {
        unreachable!("three leaves")
    };
    for (name, hash) in [
        ("leaf 0", *a),
        ("leaf 1", *b),
        ("leaf 2", *c),
        ("root of size 2, node over leaves 0 and 1", root(&tree, 2)),
        ("root of size 3, node over that and leaf 2", root(&tree, 3)),
    ] {
        has(&format!("| {name} | `{hash}` |"));
    }
    assert_eq!(
        frontier_at(&tree, of(3)).unwrap().edge(),
        [root(&tree, 2), *c]
    );
    assert_eq!(prove_inclusion(&tree, at(1), of(3)), Ok(vec![*a, *c]));
    assert_eq!(prove_consistency(&tree, of(2), of(3)), Ok(vec![*c]));
    assert_eq!(
        prove_subtree(&tree, at(2), of(3), of(3)),
        Ok(vec![root(&tree, 2)])
    );
    assert_eq!(prove_subtree(&tree, at(0), of(3), of(3)), Ok(vec![]));
    let bundle = EntryBundle::from_entries(entries).unwrap();
    assert_eq!(
        bundle.bytes()[..],
        [0, 1, 0x61, 0, 1, 0x62, 0, 1, 0x63],
        "000161 000162 000163"
    );
    has("the bundle `000161 000162 000163`");
    has("`e3b0c442 … 7852b855`");
    has("at most 262,656 bytes");
    assert_eq!(wpsx_proto::bundle::MAX_BUNDLE_BYTES, 262_656);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_damaged_inclusion_proof_is_refused(
        (size, index) in (1..=LARGEST).prop_flat_map(|size| (Just(size), 0..size)),
        damage in damage(),
    ) {
        let tree = tree(size);
        let proof = prove_inclusion(&tree, at(index), of(size)).unwrap();
        prop_assert_eq!(includes(&tree, index, index, size, &proof), Ok(()));
        if let Some(damaged) = damage.apply(&proof) {
            prop_assert!(includes(&tree, index, index, size, &damaged).is_err());
        }
        let leaf = damage.flip(tree.leaves()[index as usize]);
        prop_assert!(verify_inclusion(leaf, at(index), of(size), &proof, tree.root()).is_err());
        let root = damage.flip(tree.root());
        let leaf = tree.leaves()[index as usize];
        prop_assert!(verify_inclusion(leaf, at(index), of(size), &proof, root).is_err());
    }

    #[test]
    fn a_damaged_consistency_proof_is_refused(
        (from, to) in (1..=LARGEST).prop_flat_map(|to| (1..=to, Just(to))),
        damage in damage(),
    ) {
        let tree = tree(to);
        let proof = prove_consistency(&tree, of(from), of(to)).unwrap();
        let old = root(&tree, from);
        prop_assert_eq!(extends(&tree, from, old, to, &proof), Ok(()));
        if let Some(damaged) = damage.apply(&proof) {
            prop_assert!(extends(&tree, from, old, to, &damaged).is_err());
        }
        prop_assert!(extends(&tree, from, damage.flip(old), to, &proof).is_err());
        let new = damage.flip(tree.root());
        prop_assert!(verify_consistency(of(from), old, of(to), new, &proof).is_err());
    }

    #[test]
    fn a_damaged_subtree_proof_is_refused(
        (start, end, size) in subtree(),
        damage in damage(),
        inner in any::<prop::sample::Index>(),
    ) {
        let tree = tree(size);
        let (whole, proof) = (tree.root(), prove_subtree(&tree, at(start), of(end), of(size)).unwrap());
        let leaves = &tree.leaves()[start as usize..end as usize];
        let part = root_of(leaves);
        let check = |part, whole, proof: &[Hash]| {
            verify_subtree_consistency(at(start), of(end), part, of(size), whole, proof)
        };
        prop_assert_eq!(check(part, whole, &proof), Ok(()));
        prop_assert!(check(damage.flip(part), whole, &proof).is_err());
        prop_assert!(check(part, damage.flip(whole), &proof).is_err());
        if let Some(damaged) = damage.apply(&proof) {
            prop_assert!(check(part, whole, &damaged).is_err());
        }

        // An entry of it, proven to the subtree.
        let index = inner.index(leaves.len());
        let alone: MemoryTree = leaves.iter().copied().collect();
        let proof = prove_inclusion(&alone, at(index as u64), alone.size()).unwrap();
        let check = |index: u64, proof: &[Hash]| verify_subtree_inclusion(
            leaves[index as usize - start as usize], at(index), at(start), of(end), proof, part,
        );
        let index = start + index as u64;
        prop_assert_eq!(check(index, &proof), Ok(()));
        if let Some(damaged) = damage.apply(&proof) {
            prop_assert!(check(index, &damaged).is_err());
        }
    }

    #[test]
    fn entries_come_out_of_a_bundle_as_they_went_in(
        entries in vec(vec(any::<u8>(), 0..60), 0..=256),
        cut in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let bundle = EntryBundle::from_entries(&entries).unwrap();
        prop_assert!(bundle.iter().eq(entries.iter().map(Vec::as_slice)));
        prop_assert_eq!(&EntryBundle::parse(bundle.bytes()).unwrap(), &bundle);
        let (a, b) = (cut.0.index(entries.len() + 1), cut.1.index(entries.len() + 1));
        let part = bundle.slice(a.min(b)..a.max(b));
        prop_assert!(part.iter().eq(entries[a.min(b)..a.max(b)].iter().map(Vec::as_slice)));
        prop_assert_eq!(EntryBundle::parse(part.bytes()).unwrap(), part);
    }

    #[test]
    fn no_bytes_make_a_bundle_panic(bytes in vec(prop_oneof![Just(0), Just(1), any::<u8>()], 0..700)) {
        let bytes = Bytes::from(bytes);
        if let Ok(bundle) = EntryBundle::parse(bytes.clone()) {
            prop_assert!(bundle.len() <= 256);
            prop_assert!(bundle.iter().all(|entry| entry.len() <= MAX_ENTRY));
            prop_assert_eq!(bundle.bytes(), bytes);
        }
    }

    #[test]
    fn no_text_makes_a_tile_path_panic(text in "(tile/)?(entries|[0-9]{0,3})(/x?[0-9]{0,3}){0,4}(\\.p/[0-9]{0,4})?") {
        if let Ok(path) = text.parse::<TilePath>() {
            prop_assert_eq!(path.to_string(), text);
        }
    }
}

fn tree(size: u64) -> MemoryTree {
    (0..size)
        .map(|number| Hash::leaf(&number.to_be_bytes()))
        .collect()
}

fn at(index: u64) -> LeafIndex {
    LeafIndex::new(index)
}

fn of(size: u64) -> TreeSize {
    TreeSize::new(size)
}

fn root(tree: &MemoryTree, size: u64) -> Hash {
    root_at(tree, of(size)).unwrap()
}

/// Whether the proof puts the leaf of one index at another.
fn includes(
    tree: &MemoryTree,
    leaf: u64,
    index: u64,
    size: u64,
    proof: &[Hash],
) -> Result<(), ProofError> {
    let leaf = tree.leaves()[leaf as usize];
    verify_inclusion(leaf, at(index), of(size), proof, root(tree, size))
}

fn extends(
    tree: &MemoryTree,
    from: u64,
    old: Hash,
    to: u64,
    proof: &[Hash],
) -> Result<(), ProofError> {
    verify_consistency(of(from), old, of(to), root(tree, to), proof)
}

/// A valid subtree `[start, end)` and the size of a tree that holds it.
fn subtree() -> impl Strategy<Value = (u64, u64, u64)> {
    (0..8_u32)
        .prop_flat_map(|level| {
            let half = (1_u64 << level) / 2;
            (
                Just(level),
                0..LARGEST >> level,
                half + 1..=(1 << level),
                0..100_u64,
            )
        })
        .prop_map(|(level, number, length, beyond)| {
            let start = number << level;
            (start, start + length, start + length + beyond)
        })
}

/// One thing that can happen to a proof.
#[derive(Debug, Clone)]
struct Damage {
    kind: u8,
    place: prop::sample::Index,
    bit: usize,
}

fn damage() -> impl Strategy<Value = Damage> {
    (0..4_u8, any::<prop::sample::Index>(), 0..256_usize).prop_map(|(kind, place, bit)| Damage {
        kind,
        place,
        bit,
    })
}

impl Damage {
    fn flip(&self, hash: Hash) -> Hash {
        let mut bytes = *hash.as_bytes();
        bytes[self.bit / 8] ^= 1 << (self.bit % 8);
        Hash::from_bytes(bytes)
    }

    fn apply(&self, proof: &[Hash]) -> Option<Vec<Hash>> {
        let mut damaged = proof.to_vec();
        match self.kind {
            0 => {
                let place = self.place.index(proof.len() + 1);
                damaged.insert(place, Hash::of(b"added"));
            }
            _ if proof.is_empty() => return None,
            1 => {
                damaged.remove(self.place.index(proof.len()));
            }
            2 => {
                let place = self.place.index(proof.len());
                damaged.insert(place, proof[place]);
            }
            _ => {
                let place = self.place.index(proof.len());
                damaged[place] = self.flip(proof[place]);
            }
        }
        Some(damaged)
    }
}
