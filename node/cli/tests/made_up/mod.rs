//! The log of the made-up node: real entries with real proofs.

use prost::Message as _;
use wpsx_proto::{
    api::{exchange::v1::ProvenEntry, record::v1 as record},
    checkpoint::{Checkpoint, VerifiedCheckpoint},
    envelope::{Envelope, Operation},
    hash::Hash,
    index::LeafIndex,
    note::{NoteSigner, VerifierKey},
    origin::{Origin, RecordId},
    payload::{Slot, SlotState},
    proof::prove_inclusion,
    tree::MemoryTree,
};

use super::{HOUR, NOW};

/// A log of four entries with its key: a plan, one of an unknown kind, a withdrawn
/// record, and a plan whose payload was filtered.
pub(super) struct Log {
    pub(super) entries: Vec<ProvenEntry>,
    pub(super) checkpoint: VerifiedCheckpoint,
    pub(super) key: VerifierKey,
}

pub(super) fn log() -> Log {
    let origin = Origin::parse("eu.example/wpsx/public").unwrap();
    let signer = NoteSigner::from_seed(origin.as_str(), &[4; 32]).unwrap();
    let plan = record::Record {
        external_id: "nap-ken-2".into(),
        title: [
            ("en", "Kenya: second national action plan\u{1b}[2J"),
            ("sw", "Mpango wa pili"),
        ]
        .map(|(language, text)| record::Text {
            language: language.into(),
            text: text.into(),
            ..Default::default()
        })
        .into(),
        countries: vec!["KEN".into()],
        body: Some(record::record::Body::NationalActionPlan(Default::default())),
        ..Default::default()
    };
    let unknown = record::Record {
        body: None,
        ..plan.clone()
    };
    let slots = [
        Some((
            1,
            SlotState::Full,
            Slot::seal(&[8; 32], &plan.encode_to_vec()),
        )),
        Some((
            57,
            SlotState::Full,
            Slot::seal(&[9; 32], &unknown.encode_to_vec()),
        )),
        None,
        Some((
            1,
            SlotState::Filtered,
            Slot::seal(&[7; 32], &plan.encode_to_vec()),
        )),
    ];
    let mut tree = MemoryTree::new();
    let mut entries = Vec::new();
    for (slot, id) in slots.iter().zip(1..) {
        let envelope = Envelope {
            operation: if slot.is_some() {
                Operation::Publish
            } else {
                Operation::Withdraw
            },
            record_id: RecordId::from_bytes([id; 16]),
            revision: if slot.is_some() { 1 } else { 2 },
            previous: if slot.is_some() {
                None
            } else {
                Some(LeafIndex::new(1))
            },
            kind: slot.as_ref().map_or(1, |(kind, _, _)| *kind),
            payload: slot.as_ref().map(|(_, _, slot)| slot.claim()),
            publish_time: NOW - u64::from(id) * 24 * HOUR,
            reason: if slot.is_some() { 0.into() } else { 2.into() },
        };
        let entry = envelope.encode();
        tree.push(Hash::leaf(&entry));
        let (state, slot) = match slot {
            Some((_, SlotState::Full, slot)) => (SlotState::Full, slot.bytes().clone()),
            Some((_, state, _)) => (*state, bytes::Bytes::new()),
            None => (SlotState::None, bytes::Bytes::new()),
        };
        entries.push(ProvenEntry {
            origin: origin.to_string(),
            index: u64::from(id) - 1,
            entry,
            state: state.to_api() as i32,
            slot,
            inclusion: bytes::Bytes::new(),
        });
    }
    for entry in &mut entries {
        let index = LeafIndex::new(entry.index);
        let proof = prove_inclusion(&tree, index, tree.size()).unwrap();
        entry.inclusion = Hash::list_to_bytes(&proof);
    }
    let checkpoint = Checkpoint {
        origin,
        size: tree.size(),
        root: tree.root(),
    };
    let checkpoint = VerifiedCheckpoint::sign(checkpoint, &signer).unwrap();
    Log {
        entries,
        checkpoint,
        key: signer.verifier_key(),
    }
}
