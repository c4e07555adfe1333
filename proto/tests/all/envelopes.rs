//! Envelopes: their bytes, pinned part by part, and what is not one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use bytes::Bytes;
use proptest::prelude::*;
use prost::Message as _;
use wpsx_proto::{
    api::log::v1 as api,
    envelope::{
        Envelope, EnvelopeError, Leaf, MAX_ENVELOPE, Operation, PayloadClaim, Reason, VERSION,
    },
    index::LeafIndex,
    origin::RecordId,
    payload::{Commitment, MAX_PAYLOAD, Slot, commit},
};

fn publish() -> Envelope {
    Envelope {
        operation: Operation::Publish,
        record_id: RecordId::from_bytes([0x11; 16]),
        revision: 2,
        previous: Some(LeafIndex::new(0)),
        kind: 1,
        payload: Some(PayloadClaim {
            length: 300,
            commitment: Commitment::from_bytes([0x22; 32]),
        }),
        publish_time: 1_700_000_000_000,
        reason: Reason::Unspecified,
    }
}

fn erase() -> Envelope {
    Envelope {
        operation: Operation::Erase,
        previous: Some(LeafIndex::new(300)),
        revision: 3,
        payload: None,
        reason: Reason::Protection,
        ..publish()
    }
}

fn message() -> api::Envelope {
    api::Envelope::decode(publish().encode()).expect("a message")
}

/// The bytes of a changed message, as protobuf writes them.
fn changed(change: impl Fn(&mut api::Envelope)) -> Vec<u8> {
    let mut message = message();
    change(&mut message);
    message.encode_to_vec()
}

#[test]
fn the_bytes_of_a_publish_entry_are_pinned() {
    let parts = [
        "0801",                                                                 // version 1
        "1001",                                                                 // publish
        "1a1011111111111111111111111111111111",                                 // record id
        "2002",                                                                 // revision 2
        "2800",   // the previous entry is the one with index 0
        "3001",   // kind 1
        "38ac02", // 300 bytes of payload
        "42202222222222222222222222222222222222222222222222222222222222222222", // commitment
        "4880d095ffbc31", // time in milliseconds
    ];
    let bytes = publish().encode();
    assert_eq!(hex::encode(&bytes), parts.concat());
    assert_eq!(Envelope::parse(&bytes), Ok(publish()));
}

#[test]
fn the_bytes_of_an_erase_entry_are_pinned() {
    let parts = [
        "0801",                                 // version 1
        "1003",                                 // erase
        "1a1011111111111111111111111111111111", // record id
        "2003",                                 // revision 3
        "28ac02",                               // the previous entry is the one with index 300
        "3001",                                 // kind 1
        "4880d095ffbc31",                       // time in milliseconds
        "5004",                                 // to protect a person
    ];
    let bytes = erase().encode();
    assert_eq!(hex::encode(&bytes), parts.concat());
    assert_eq!(Envelope::parse(&bytes), Ok(erase()));
}

#[test]
fn the_bytes_of_a_commitment_are_pinned() {
    let salt = [0x5a; 32];
    // printf 'wpsx/payload/v1\n' and 32 times 5a and 'peace', through sha256sum
    let expected = "00b44cf35fd8af678c12ebfaf725c87355a381aa07166817d7e286c01801d61e";
    assert_eq!(commit(&salt, b"peace").to_string(), expected);
    assert_eq!(
        Slot::seal(&salt, b"peace").commitment(),
        commit(&salt, b"peace")
    );
    assert_ne!(commit(&[0; 32], b"peace"), commit(&salt, b"peace"));
}

#[test]
fn no_envelope_is_longer_than_it_may_be() {
    let largest = Envelope {
        revision: u32::MAX,
        previous: Some(LeafIndex::new(u64::MAX)),
        kind: u32::MAX,
        payload: Some(PayloadClaim {
            length: MAX_PAYLOAD as u32,
            commitment: Commitment::from_bytes([0xff; 32]),
        }),
        publish_time: u64::MAX,
        ..publish()
    };
    assert!(largest.encode().len() <= MAX_ENVELOPE);
    assert_eq!(Envelope::parse(&largest.encode()), Ok(largest));
    let padded = [&largest.encode()[..], &[0; 16]].concat();
    assert!(matches!(
        Envelope::parse(&padded),
        Err(EnvelopeError::TooLong(_))
    ));
}

#[test]
fn parts_that_do_not_go_together_are_refused() {
    type Change = fn(&mut api::Envelope);
    let wrong: [(Change, EnvelopeError); 17] = [
        (|e| e.version = 0, EnvelopeError::Version(0)),
        (|e| e.version = 2, EnvelopeError::Version(2)),
        (|e| e.operation = 0, EnvelopeError::Operation),
        (|e| e.operation = -1, EnvelopeError::Encoding),
        (|e| e.record_id = Bytes::new(), EnvelopeError::RecordId),
        (
            |e| e.record_id = vec![1; 15].into(),
            EnvelopeError::RecordId,
        ),
        (|e| e.revision = 0, EnvelopeError::Revision { revision: 0 }),
        (|e| e.revision = 1, EnvelopeError::Revision { revision: 1 }),
        (
            |e| e.previous_index = None,
            EnvelopeError::Revision { revision: 2 },
        ),
        (
            |e| e.payload_length = 262_145,
            EnvelopeError::PayloadLength(262_145),
        ),
        (
            |e| e.commitment = Bytes::new(),
            EnvelopeError::PayloadLength(300),
        ),
        (
            |e| e.commitment = vec![1; 31].into(),
            EnvelopeError::Commitment,
        ),
        (|e| e.reason = 1, EnvelopeError::Reason),
        (|e| e.reason = -1, EnvelopeError::Encoding),
        (
            |e| e.operation = 2,
            EnvelopeError::Payload(Operation::Withdraw),
        ),
        (
            |e| e.operation = 3,
            EnvelopeError::Payload(Operation::Erase),
        ),
        (
            |e| {
                e.commitment = Bytes::new();
                e.payload_length = 0;
            },
            EnvelopeError::Payload(Operation::Publish),
        ),
    ];
    for (change, error) in wrong {
        let bytes = changed(change);
        assert_eq!(Envelope::parse(&bytes), Err(error.clone()));
        assert!(!matches!(Leaf::read(&bytes), Leaf::Known(_)), "{error}");
        assert_eq!(Leaf::read(&bytes).payload(), None);
    }
}

#[test]
fn an_empty_payload_is_a_payload() {
    let claim = Slot::seal(&[1; 32], b"").claim();
    let empty = Envelope {
        payload: Some(claim),
        ..publish()
    };
    assert_eq!(claim.length, 0);
    assert_eq!(Envelope::parse(&empty.encode()), Ok(empty));
}

#[test]
fn numbers_of_newer_schemas_are_kept() {
    let bytes = changed(|e| {
        e.operation = 99;
        e.kind = 4_000_000_000;
    });
    let Leaf::Known(envelope) = Leaf::read(&bytes) else {
        panic!("an unknown operation is no unknown version");
    };
    assert_eq!(envelope.operation, Operation::Unknown(99));
    assert_eq!(envelope.kind, 4_000_000_000);
    assert!(envelope.payload.is_some());
    assert_eq!(envelope.encode(), bytes);
    assert_eq!(i32::from(envelope.operation), 99);
}

#[test]
fn operations_5_to_7_and_unknown_ones_are_read_alike() {
    for number in [5, 6, 7, 8, 99] {
        for payload in [true, false] {
            let bytes = changed(|e| {
                e.operation = number;
                if !payload {
                    e.payload_length = 0;
                    e.commitment = Bytes::new();
                }
            });
            let Leaf::Known(envelope) = Leaf::read(&bytes) else {
                panic!("operation {number} does not make a leaf unreadable");
            };
            assert_eq!(envelope.payload.is_some(), payload, "{number}");
            assert!(!envelope.operation.publishes(), "{number}");
        }
        let reasoned = changed(|e| {
            e.operation = number;
            e.reason = 1;
        });
        assert_eq!(Leaf::read(&reasoned), Leaf::Unreadable, "{number}");
    }
}

#[test]
fn there_is_one_encoding_for_each_meaning() {
    let good = publish().encode();
    let spoilt = |at: usize, count: usize, with: &[u8]| {
        let mut bytes = good.to_vec();
        bytes.splice(at..at + count, with.iter().copied());
        bytes
    };
    let after_id = 4 + 18;
    let cases = [
        spoilt(1, 1, &[0x81, 0x00]),       // a number longer than it need be
        spoilt(0, 0, &[0x08, 0x01]),       // a field twice
        [&good[2..], &good[..2]].concat(), // fields out of order
        spoilt(after_id, 2, &[0x20, 0x00, 0x28]), // a default that is written
        [&good[..], &[0x58, 0x01]].concat(), // a field that is not known
        [&good[..], &[0x62, 0x01, 0x61]].concat(), // content in one
        spoilt(4, 1, &[0x1b]),             // another wire type
        spoilt(5, 1, &[0x7f]),             // a length beyond the end
        spoilt(5, 17, &[0x00]),            // an empty id that is written
        good[..good.len() - 1].to_vec(),   // cut short
        [&good[..good.len() - 6], &[0xff; 11]].concat(), // a number without end
    ];
    for (number, bytes) in cases.iter().enumerate() {
        assert!(Envelope::parse(bytes).is_err(), "case {number}");
        assert_eq!(Leaf::read(bytes).payload(), None);
    }
}

#[test]
fn an_envelope_is_read_back() {
    let bytes = publish().encode();
    assert_eq!(Envelope::parse(&bytes), Ok(publish()));
    assert_eq!(Leaf::read(&bytes), Leaf::Known(publish()));
}

#[test]
fn a_leaf_is_read_as_far_as_it_can_be() {
    assert_eq!(Leaf::read(b""), Leaf::Unreadable);
    assert_eq!(Leaf::read(b"something else"), Leaf::Unreadable);
    assert_eq!(Leaf::read(&[0x08]), Leaf::Unreadable);
    let newer = [&[0x08, 0x02][..], &[0xff; 900]].concat();
    assert_eq!(
        Leaf::read(&newer),
        Leaf::Newer {
            version: VERSION + 1
        }
    );
    assert_eq!(
        Leaf::read(&changed(|e| e.version = 7)),
        Leaf::Newer { version: 7 }
    );
}

fn envelopes() -> impl Strategy<Value = Envelope> {
    let claims =
        (0..=MAX_PAYLOAD as u32, any::<[u8; 32]>()).prop_map(|(length, bytes)| PayloadClaim {
            length,
            commitment: Commitment::from_bytes(bytes),
        });
    let parts = (
        1..=9_i32,
        any::<[u8; 16]>(),
        prop::option::of((2..=u32::MAX, any::<u64>())),
    );
    let rest = (any::<u32>(), claims, any::<u64>(), 0..=7_i32);
    (parts, rest).prop_map(
        |((operation, id, previous), (kind, claim, publish_time, reason))| {
            let operation = Operation::from(operation);
            let leaves = matches!(operation, Operation::Withdraw | Operation::Erase);
            Envelope {
                operation,
                record_id: RecordId::from_bytes(id),
                revision: previous.map_or(1, |(revision, _)| revision),
                previous: previous.map(|(_, index)| LeafIndex::new(index)),
                kind,
                payload: (!leaves).then_some(claim),
                publish_time,
                reason: if leaves {
                    reason.into()
                } else {
                    Reason::Unspecified
                },
            }
        },
    )
}

proptest! {
    #[test]
    fn envelopes_are_read_back(envelope in envelopes()) {
        let bytes = envelope.encode();
        prop_assert!(bytes.len() <= MAX_ENVELOPE);
        prop_assert_eq!(Envelope::parse(&bytes), Ok(envelope));
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let _ = Leaf::read(&bytes);
    }

    /// What passes is what protobuf would have written, so two readers cannot differ.
    #[test]
    fn damaged_envelopes_are_refused_or_mean_what_they_say(
        envelope in envelopes(),
        at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let mut bytes = envelope.encode().to_vec();
        let at = at.index(bytes.len());
        bytes.splice(at..=at, with);
        if let Ok(read) = Envelope::parse(&bytes) {
            prop_assert_eq!(&read.encode()[..], &bytes[..]);
            let message = api::Envelope::decode(&bytes[..]).expect("protobuf reads it too");
            prop_assert_eq!(message.encode_to_vec(), bytes);
        }
    }
}
