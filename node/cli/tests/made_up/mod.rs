//! The log of the made-up node: real entries with real proofs.

mod batches;
mod card;
pub(crate) mod node;

use prost::Message as _;
use wpsx_proto::{
    api::{
        admin::v1::Fork, exchange::v1::ProvenEntry, log::v1::ForkEvidence, record::v1 as record,
    },
    checkpoint::{Checkpoint, VerifiedCheckpoint},
    envelope::{Envelope, Operation},
    hash::Hash,
    index::LeafIndex,
    note::{NoteSigner, VerifierKey},
    origin::{Origin, RecordId},
    payload::{Slot, SlotState},
    proof::prove_inclusion,
    record::Record,
    tree::MemoryTree,
};

pub(super) use self::card::card;
use super::{HOUR, NOW};

/// A log of four entries with its key: a plan, one of an unknown kind, a withdrawn
/// record, and a plan whose payload was filtered.
pub(super) struct Log {
    pub(super) entries: Vec<ProvenEntry>,
    pub(super) checkpoint: VerifiedCheckpoint,
    pub(super) key: VerifierKey,
}

/// A record in three revisions, with something in each place that a page has.
pub(super) fn history() -> Log {
    let first = Record::from_json(FIRST).unwrap();
    let last = Record::from_json(LAST).unwrap();
    let slot = |seed, record: &Record| {
        let slot = Slot::seal(&[seed; 32], record.payload());
        Some((1, SlotState::Full, slot))
    };
    signed(&[slot(1, &first), None, slot(3, &last)], |_| 5)
}

/// As it was published first.
const FIRST: &str = r#"{
  "external_id": "nap-wonderland-1",
  "title": [{"language": "en", "text": "Wonderland: first national action plan"}],
  "countries": ["XKX"],
  "national_action_plan": {
    "period": {"start": {"value": "2019"}, "end": {"value": "2023"}},
    "status_history": [{"status": "PLAN_STATUS_ADOPTED", "date": {"value": "2019-03-08"}}]
  }
}"#;

/// As it is now.
const LAST: &str = r#"{
  "external_id": "nap-wonderland-1",
  "title": [{"language": "en", "text": "Wonderland: first national action plan on women, peace and security, with the measures of all ministries"},
            {"language": "fr", "text": "Premier plan d'action"}],
  "summary": [{"language": "en", "text": "It names four pillars, and says who answers for each of them. Its budget stands in the budgets of the ministries, and it is reviewed every year by a council that civil society has seats in."}],
  "countries": ["XKX"],
  "themes": ["mediation", "peacekeeping"],
  "sources": [{"url": "https://plans.example/wonderland.pdf", "opened": {"value": "2026-05-01"}}],
  "national_action_plan": {
    "adopted": {"value": "2019-03-08"},
    "period": {"start": {"value": "2019"}, "end": {"value": "2024"}},
    "lead_bodies": [{"name": [{"language": "en", "text": "Ministry of Foreign Affairs"}], "country": "XKX", "role": [{"language": "en", "text": "coordinates"}]}],
    "status_history": [{"status": "PLAN_STATUS_ADOPTED", "date": {"value": "2019-03-08"}},
                       {"status": "PLAN_STATUS_EXTENDED", "date": {"value": "2023-12"}}]
  }
}"#;

pub(super) fn log() -> Log {
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
    signed(&slots, |at| at)
}

/// A log of these slots, about the records that `id_of` gives by their number from 1 on.
fn signed(slots: &[Option<(u32, SlotState, Slot)>], id_of: fn(u8) -> u8) -> Log {
    let origin = Origin::parse("eu.example/wpsx/public").unwrap();
    let signer = NoteSigner::from_seed(origin.as_str(), &[4; 32]).unwrap();
    let mut tree = MemoryTree::new();
    let mut entries = Vec::new();
    for (slot, at) in slots.iter().zip(1..) {
        let id = id_of(at);
        let of_one = id_of(1) == id_of(2);
        let envelope = Envelope {
            operation: if slot.is_some() {
                Operation::Publish
            } else {
                Operation::Withdraw
            },
            record_id: RecordId::from_bytes([id; 16]),
            revision: match slot {
                _ if of_one => u32::from(at),
                Some(_) => 1,
                None => 2,
            },
            previous: match slot {
                _ if of_one => (at > 1).then(|| LeafIndex::new(u64::from(at) - 2)),
                Some(_) => None,
                None => Some(LeafIndex::new(1)),
            },
            kind: slot.as_ref().map_or(1, |(kind, _, _)| *kind),
            payload: slot.as_ref().map(|(_, _, slot)| slot.claim()),
            publish_time: match of_one {
                true => NOW - u64::from(9 - at) * 24 * HOUR,
                false => NOW - u64::from(at) * 24 * HOUR,
            },
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
            index: u64::from(at) - 1,
            entry,
            state: state.to_api() as i32,
            slot,
            inclusion: bytes::Bytes::new(),
            backfill: at == 3,
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

/// A fork that is not decided.
pub(super) fn fork() -> Fork {
    Fork {
        origin: "au.example/wpsx/public".into(),
        fork_id: vec![5; 32].into(),
        evidence: Some(ForkEvidence {
            origin: "au.example/wpsx/public".into(),
            small: "au.example/wpsx/public\n10\nAAAA\n\n— au.example/wpsx/public AAAA\n".into(),
            large: "au.example/wpsx/public\n20\nBBBB\n\n— au.example/wpsx/public BBBB\n".into(),
            path: vec![2; 96].into(),
            found_time: NOW - 3 * HOUR,
        }),
        decision: String::new(),
        unknown_log: false,
    }
}
