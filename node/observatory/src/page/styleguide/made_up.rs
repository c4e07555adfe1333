//! Records that nobody published, so that the style guide shows the same on every site, also
//! on one that holds nothing yet.

use wpsx_proto::{
    envelope::{Envelope, Operation, Reason},
    hash::Hash,
    origin::{Origin, RecordId},
    payload::SlotState,
    record::{Reading, Record, Successor},
};

use crate::{
    item::{Content, Item},
    network::{Attestation, Holes, NetworkLog, Refused},
};

/// Where the style guide says that all is made up.
pub(super) const ANCHOR: &str = "made-up";

const LOG: &str = "example.org/wpsx/public";
/// 1 March 2024, 09:00 UTC, in milliseconds.
const FIRST: u64 = 1_709_283_600_000;
const WEEK: u64 = 604_800_000;
/// When the made-up log is looked at, in seconds.
pub(super) const NOW: u64 = 1_713_000_000;

const BEFORE: &str = include_str!("plan-1.json");
const PLAN: &str = include_str!("plan-2.json");
const OWN: &str = include_str!("assessment-1.json");
const OTHER: &str = include_str!("assessment-2.json");

/// Whether an address leads to one of them, or to their log.
pub(super) fn is_in(address: &str) -> bool {
    let ids = (1..=4).map(|number| hex::encode([number; RecordId::LENGTH]));
    let log = Origin::parse(LOG).map(|log| log.hash_hex());
    ids.chain(log).any(|name| address.contains(&name))
}

/// A plan as it is now, and as it was at first.
pub(super) fn plan() -> Option<[Item; 2]> {
    Some([item(PLAN, 1, 2)?, item(BEFORE, 1, 1)?])
}

/// Two judgements of it.
pub(super) fn assessments() -> Option<[Item; 2]> {
    Some([item(OWN, 2, 1)?, item(OTHER, 3, 1)?])
}

/// The plan, after this was done to it.
pub(super) fn after(operation: Operation, content: Content) -> Option<Item> {
    let plan = item(PLAN, 1, 3)?;
    let is_superseded = operation == Operation::Supersede;
    let successor = is_superseded.then(|| Successor {
        origin: plan.origin.clone(),
        record_id: RecordId::from_bytes([4; RecordId::LENGTH]),
    });
    Some(Item {
        envelope: Envelope {
            operation,
            reason: match operation {
                Operation::Withdraw => Reason::Mistake,
                _ => Reason::Unspecified,
            },
            ..plan.envelope
        },
        content,
        successor,
        ..plan
    })
}

/// Where nothing of the plan is, for this reason.
pub(super) fn hole(state: SlotState) -> Option<Item> {
    after(Operation::Publish, Content::Hole(state))
}

fn item(json: &str, number: u8, revision: u32) -> Option<Item> {
    let record = Record::from_json(json).ok()?;
    Some(Item {
        origin: Origin::parse(LOG).ok()?,
        index: 40 + u64::from(revision),
        envelope: Envelope {
            operation: Operation::Publish,
            record_id: RecordId::from_bytes([number; RecordId::LENGTH]),
            revision,
            previous: None,
            kind: record.kind().number(),
            payload: None,
            publish_time: FIRST + u64::from(revision) * WEEK,
            reason: Reason::Unspecified,
        },
        content: Content::Here(Reading::Readable(Box::new(record))),
        successor: None,
        hash: Hash::of(json.as_bytes()),
    })
}

/// A log of which something was refused, and some is missing.
pub(super) fn log() -> NetworkLog {
    NetworkLog {
        origin: LOG.to_owned(),
        publisher: "example.org".to_owned(),
        title: "Example Ministry".to_owned(),
        entries: 1_204,
        known: 1_210,
        records: 1_180,
        seen: NOW - 9_000,
        attested: vec![Attestation {
            by: "example.net/wpsx/cosigner".to_owned(),
            time: NOW - 9_300,
        }],
        holes: Holes {
            erased: 2,
            ..Holes::default()
        },
        refused: vec![Refused {
            peer: "example.net".to_owned(),
            by_peer: false,
            code: "bad-proof".to_owned(),
            time: NOW - 9_100,
            count: 3,
        }],
        ..NetworkLog::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_up_could_be_published() {
        for json in [BEFORE, PLAN, OWN, OTHER] {
            let record = Record::from_json(json).unwrap();
            record.check().unwrap();
        }
        assert!(plan().is_some() && assessments().is_some() && hole(SlotState::NotHeld).is_some());
        assert!(is_in(&format!("/en/{}/2.json", plan().unwrap()[0].path())));
        assert!(!is_in("/en/national-action-plan?words=example"));
        assert!(after(Operation::Supersede, Content::Hole(SlotState::None)).is_some());
    }
}
