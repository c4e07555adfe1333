//! Payload frames: packing, and every way in which one can be wrong.

use std::collections::HashSet;

use bytes::Bytes;
use proptest::prelude::*;
use wpsx_proto::{
    api::log::v1 as api,
    envelope::{Envelope, Leaf, Operation, Reason},
    index::{BUNDLE, LeafIndex},
    origin::RecordId,
    payload::{
        FRAME_TARGET, Frame, FrameEncoding, FrameError, MAX_FRAME, MAX_PAYLOAD, PayloadError, SALT,
        Slot, SlotState, VerifiedFrame, encode_frames,
    },
};

const RAW: i32 = api::FrameEncoding::Raw as i32;
const ZSTD: i32 = api::FrameEncoding::Zstd as i32;

type Slots = Vec<(SlotState, Option<Bytes>)>;

fn leaf(slot: Option<&Slot>) -> Leaf {
    Leaf::Known(Envelope {
        operation: if slot.is_some() {
            Operation::Publish
        } else {
            Operation::Withdraw
        },
        record_id: RecordId::from_bytes([7; 16]),
        revision: 1,
        previous: None,
        kind: 1,
        payload: slot.map(Slot::claim),
        publish_time: 1,
        reason: Reason::Unspecified,
    })
}

/// Entries with these payloads, and their slots; `None` has no payload.
fn run(payloads: &[Option<&[u8]>]) -> (Vec<Leaf>, Slots) {
    let sealed = payloads
        .iter()
        .zip(0_u8..=255)
        .map(|(payload, number)| payload.map(|payload| Slot::seal(&[number; SALT], payload)));
    sealed
        .map(|slot| match slot {
            Some(slot) => (
                leaf(Some(&slot)),
                (SlotState::Full, Some(slot.bytes().clone())),
            ),
            None => (leaf(None), (SlotState::None, None)),
        })
        .unzip()
}

fn verify(frame: api::PayloadFrame, leaves: &[Leaf]) -> Result<VerifiedFrame, FrameError> {
    Frame::from_api(frame)?.verify(leaves, |_| false)
}

fn only(slots: &Slots, level: i32) -> api::PayloadFrame {
    let mut frames = encode_frames(LeafIndex::new(0), slots, level);
    assert_eq!(frames.len(), 1);
    frames.remove(0)
}

#[test]
fn the_bytes_of_a_raw_frame_are_pinned() {
    let (_, mut slots) = run(&[Some(b"war"), None, Some(b"peace"), Some(b"")]);
    slots[3] = (SlotState::Erased, None);
    let frame = only(&slots, 0);
    assert_eq!((frame.start, frame.encoding), (0, RAW));
    // Full, none, full, erased.
    assert_eq!(frame.states[..], [1, 2, 1, 4]);
    // 32 bytes of salt, the payload; and again.
    let data = [&[0; 32][..], b"war", &[2; 32], b"peace"].concat();
    assert_eq!(frame.data, data);
}

#[test]
fn frames_are_read_back_raw_and_compressed() {
    let text = b"the same words again and again ".repeat(40);
    let (leaves, mut slots) = run(&[Some(&text), None, Some(&text), Some(b""), Some(&text)]);
    slots[4] = (SlotState::NotHeld, None);
    for (level, encoding) in [(0, FrameEncoding::Raw), (1, FrameEncoding::Zstd)] {
        let sent = only(&slots, level);
        let verified = verify(sent.clone(), &leaves).expect("what was packed");
        assert_eq!(verified.encoding(), Some(encoding));
        assert_eq!(verified.data(), Some(&sent.data));
        assert_eq!(
            (verified.start(), verified.end()),
            (LeafIndex::new(0), LeafIndex::new(5))
        );
        for (at, (state, slot)) in slots.iter().enumerate() {
            assert_eq!((verified.states()[at], &verified.slot(at)), (*state, slot));
        }
        assert_eq!(verified.slot(5), None);
        let all: Vec<u8> = slots
            .iter()
            .flat_map(|(_, slot)| slot.iter().flatten().copied())
            .collect();
        assert_eq!(verified.decoded(), all);
    }
    let compressed = only(&slots, 1);
    assert!(compressed.data.len() < only(&slots, 0).data.len() / 5);
    assert_eq!(
        Frame::from_api(compressed.clone())
            .expect("a frame")
            .to_api(),
        compressed
    );
}

#[test]
fn a_frame_ends_with_its_bundle_and_each_part_is_read_back() {
    let (leaves, slots) = run(&[Some(&[b'a'; 1000]), None, Some(b"")]);
    for level in [0, 1] {
        let frames = encode_frames(LeafIndex::new(254), &slots, level);
        assert_eq!(frames.len(), 2, "a frame ends with its bundle");
        let mut at = 0;
        for frame in frames {
            let count = frame.states.len();
            let verified = verify(frame, &leaves[at..at + count]).expect("what was packed");
            for within in 0..count {
                assert_eq!(verified.slot(within), slots[at + within].1);
            }
            at += count;
        }
        assert_eq!(at, 3);
    }
}

#[test]
fn what_does_not_get_smaller_is_sent_as_it_is() {
    let mut noise = Vec::new();
    for number in 0..100_u32 {
        noise.extend_from_slice(wpsx_proto::hash::Hash::of(&number.to_be_bytes()).as_bytes());
    }
    let (leaves, slots) = run(&[Some(&noise)]);
    let frame = only(&slots, 1);
    assert_eq!(frame.encoding, RAW);
    assert!(verify(frame, &leaves).is_ok());
}

#[test]
fn frames_stay_within_a_bundle_and_their_size() {
    let payload = vec![b'a'; 100_000];
    let (leaves, slots) = run(&vec![Some(&payload[..]); 30]);
    let mut next = 250;
    let mut seen = 0;
    for frame in encode_frames(LeafIndex::new(next), &slots, 1) {
        assert_eq!(frame.start, next);
        let count = frame.states.len();
        next += count as u64;
        assert_eq!(frame.start / BUNDLE, (next - 1) / BUNDLE);
        let verified = verify(frame, &leaves[seen..seen + count]).expect("what was packed");
        assert!(verified.decoded().len() <= FRAME_TARGET);
        seen += count;
    }
    assert_eq!(seen, 30);
    // The largest payloads come three to a frame.
    let payload = vec![b'a'; MAX_PAYLOAD];
    let (_, slots) = run(&[Some(&payload[..]); 4]);
    let counts = encode_frames(LeafIndex::new(0), &slots, 0);
    let counts: Vec<_> = counts.iter().map(|frame| frame.states.len()).collect();
    assert_eq!(counts, [3, 1]);
    assert!(encode_frames(LeafIndex::new(0), &[], 1).is_empty());
}

#[test]
fn a_full_slot_without_bytes_is_sent_as_not_held() {
    let frame = only(
        &vec![
            (SlotState::Full, None),
            (SlotState::Erased, Some(Bytes::from_static(b"x"))),
        ],
        0,
    );
    assert_eq!(frame.states[..], [5, 4]);
    assert!(frame.data.is_empty());
}

#[test]
fn a_frame_that_leaves_its_bundle_is_refused() {
    let frame = |start: u64, count: usize| {
        let states = vec![2; count].into();
        Frame::from_api(api::PayloadFrame {
            start,
            states,
            encoding: RAW,
            data: Bytes::new(),
        })
    };
    assert!(frame(0, 256).is_ok() && frame(255, 1).is_ok());
    for (start, count) in [
        (0, 0),
        (0, 257),
        (1, 256),
        (255, 2),
        (0, 5_000_000),
        (u64::MAX, 1),
    ] {
        assert!(
            matches!(frame(start, count), Err(FrameError::Range { .. })),
            "{start} {count}"
        );
    }
}

#[test]
fn states_and_encodings_that_are_not_known_are_refused() {
    let (_, slots) = run(&[Some(b"a"), Some(b"b")]);
    for state in [0, 6, 255] {
        let mut frame = only(&slots, 0);
        frame.states = vec![1, state].into();
        let index = LeafIndex::new(1);
        assert_eq!(
            Frame::from_api(frame),
            Err(FrameError::State { index, state })
        );
    }
    for encoding in [0, 3, -1] {
        let frame = api::PayloadFrame {
            encoding,
            ..only(&slots, 0)
        };
        assert_eq!(Frame::from_api(frame), Err(FrameError::Encoding(encoding)));
    }
    let frame = api::PayloadFrame {
        data: vec![0; MAX_FRAME + 1].into(),
        ..only(&slots, 0)
    };
    assert_eq!(
        Frame::from_api(frame),
        Err(FrameError::TooLarge(MAX_FRAME + 1))
    );
}

#[test]
fn states_go_with_their_entries() {
    let (leaves, slots) = run(&[Some(b"a"), None]);
    let frame = |states: [u8; 2]| {
        let data = if states[0] == 1 {
            slots[0].1.clone().unwrap_or_default()
        } else {
            Bytes::new()
        };
        api::PayloadFrame {
            states: states.to_vec().into(),
            data,
            ..only(&slots, 0)
        }
    };
    for fine in [[1, 2], [3, 2], [4, 2], [5, 2]] {
        assert!(verify(frame(fine), &leaves).is_ok(), "{fine:?}");
    }
    for wrong in [[2, 2], [1, 1], [1, 3], [1, 4], [1, 5]] {
        let refused = verify(frame(wrong), &leaves);
        assert!(
            matches!(refused, Err(FrameError::StateOfLeaf { .. })),
            "{wrong:?}"
        );
    }
    let unreadable = [leaves[0], Leaf::Unreadable];
    assert!(verify(frame([1, 2]), &unreadable).is_ok());
    let newer = [Leaf::Newer { version: 2 }, leaves[1]];
    assert!(matches!(
        verify(frame([1, 2]), &newer),
        Err(FrameError::StateOfLeaf { .. })
    ));
    for count in [1, 3] {
        let leaves = vec![leaves[0]; count];
        let refused = verify(frame([1, 2]), &leaves);
        assert_eq!(
            refused,
            Err(FrameError::Leaves {
                slots: 2,
                leaves: count
            })
        );
    }
}

#[test]
fn a_payload_that_was_changed_swapped_or_cut_is_refused() {
    let (leaves, slots) = run(&[Some(b"one"), Some(b"two")]);
    let good = only(&slots, 0);
    let with = |data: Vec<u8>| {
        verify(
            api::PayloadFrame {
                data: data.into(),
                ..good.clone()
            },
            &leaves,
        )
    };
    for at in 0..good.data.len() {
        let mut data = good.data.to_vec();
        data[at] ^= 1;
        let index = LeafIndex::new((at / (SALT + 3)) as u64);
        assert_eq!(with(data), Err(FrameError::Commitment { index }));
    }
    let swapped = [&good.data[35..], &good.data[..35]].concat();
    assert_eq!(
        with(swapped),
        Err(FrameError::Commitment {
            index: LeafIndex::new(0)
        })
    );
    let total = good.data.len();
    for data in [
        vec![],
        good.data[1..].to_vec(),
        [&good.data[..], &[0]].concat(),
    ] {
        assert_eq!(with(data), Err(FrameError::Length(total)));
    }
}

#[test]
fn a_compressed_frame_decodes_to_what_the_entries_promise_or_not_at_all() {
    let text = b"again and again ".repeat(100);
    let (leaves, slots) = run(&[Some(&text)]);
    let good = only(&slots, 1);
    assert_eq!(good.encoding, ZSTD);
    let total = SALT + text.len();
    let with = |data: Vec<u8>| {
        verify(
            api::PayloadFrame {
                data: data.into(),
                ..good.clone()
            },
            &leaves,
        )
    };
    let packed = |bytes: &[u8]| zstd::bulk::compress(bytes, 1).expect("zstd");
    let plain = slots[0].1.clone().expect("a slot");
    // A bomb: 64 MB of zeros in a few KB.
    let bomb = packed(&vec![0; 1 << 26]);
    assert!(bomb.len() < 100_000);
    let cases = [
        bomb,
        packed(&[&plain[..], &[0]].concat()),      // a byte more
        packed(&plain[..total - 1]),               // a byte less
        good.data[..good.data.len() - 1].to_vec(), // cut
        [&good.data[..], &[0]].concat(),           // something after it
        [&good.data[..], &packed(b"")].concat(),   // a second frame after it
        [&packed(&plain[..9]), &packed(&plain[9..])[..]].concat(), // two for one
        [&[0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0], &good.data[..]].concat(), // one to skip
        plain.to_vec(),                            // not compressed
        vec![],
    ];
    for (number, data) in cases.into_iter().enumerate() {
        assert_eq!(with(data), Err(FrameError::Length(total)), "case {number}");
    }
    assert!(with(good.data.to_vec()).is_ok());
}

#[test]
fn entries_that_promise_more_than_a_frame_are_refused_before_decoding() {
    let payload = vec![0; MAX_PAYLOAD];
    let (leaves, _) = run(&[Some(&payload[..]); 4]);
    let data = zstd::bulk::compress(&vec![0; 4 * (SALT + MAX_PAYLOAD)], 1).expect("zstd");
    let frame = api::PayloadFrame {
        start: 0,
        states: vec![1; 4].into(),
        encoding: ZSTD,
        data: data.into(),
    };
    assert_eq!(
        verify(frame, &leaves),
        Err(FrameError::TooLarge(4 * (SALT + MAX_PAYLOAD)))
    );
}

#[test]
fn an_erased_payload_is_never_taken_back() {
    let (leaves, mut slots) = run(&[
        Some(b"keep"),
        Some(b"secret"),
        Some(b"keep too"),
        Some(b"gone"),
    ]);
    slots[3] = (SlotState::NotHeld, None);
    let erased: HashSet<_> = [1, 3].map(LeafIndex::new).into();
    for level in [0, 1] {
        let frame = Frame::from_api(only(&slots, level)).expect("a frame");
        let verified = frame
            .verify(&leaves, |index| erased.contains(&index))
            .expect("honest");
        let (full, gone) = (SlotState::Full, SlotState::Erased);
        assert_eq!(verified.states(), [full, gone, full, gone]);
        assert_eq!(verified.slot(1), None);
        assert_eq!(verified.slot(0), slots[0].1);
        assert_eq!(verified.slot(2), slots[2].1);
        assert_eq!((verified.encoding(), verified.data()), (None, None));
        let rest = [slots[0].1.clone(), slots[2].1.clone()].map(Option::unwrap_or_default);
        assert_eq!(verified.decoded(), rest.concat());
        assert!(
            !verified
                .decoded()
                .windows(6)
                .any(|bytes| bytes == b"secret")
        );
    }
}

#[test]
fn a_slot_is_checked_against_its_entry() {
    let slot = Slot::seal(&[1; SALT], b"peace");
    assert_eq!(slot.verify(&slot.claim()), Ok(()));
    let other = Slot::seal(&[2; SALT], b"peace");
    assert_eq!(other.verify(&slot.claim()), Err(PayloadError::Commitment));
    let shorter = Slot::seal(&[1; SALT], b"peac");
    let error = PayloadError::Length {
        expected: 5,
        found: 4,
    };
    assert_eq!(shorter.verify(&slot.claim()), Err(error));
    assert_eq!(
        Slot::new(vec![0; 31].into()),
        Err(PayloadError::SlotLength(31))
    );
    let long = SALT + MAX_PAYLOAD + 1;
    assert_eq!(
        Slot::new(vec![0; long].into()),
        Err(PayloadError::SlotLength(long))
    );
    assert_eq!(Slot::new(slot.bytes().clone()), Ok(slot));
}

proptest! {
    #[test]
    fn any_run_is_read_back(
        start in 0..1000_u64,
        payloads in prop::collection::vec(prop::option::of(prop::collection::vec(any::<u8>(), 0..200)), 0..40),
        level in 0..2_i32,
    ) {
        let payloads: Vec<_> = payloads.iter().map(Option::as_deref).collect();
        let (leaves, slots) = run(&payloads);
        let mut at = 0;
        for frame in encode_frames(LeafIndex::new(start), &slots, level) {
            prop_assert_eq!(frame.start, start + at as u64);
            let count = frame.states.len();
            let verified = verify(frame, &leaves[at..at + count]).expect("what was packed");
            for within in 0..count {
                prop_assert_eq!(verified.slot(within), slots[at + within].1.clone());
            }
            at += count;
        }
        prop_assert_eq!(at, slots.len());
    }

    #[test]
    fn no_frame_makes_checking_panic(
        start in any::<u64>(),
        states in prop::collection::vec(0..7_u8, 0..6),
        encoding in 0..4_i32,
        data in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let (leaves, _) = run(&[Some(b"a"), None, Some(b"b")]);
        let _ = verify(api::PayloadFrame { start, states: states.into(), encoding, data: data.into() }, &leaves);
    }

    #[test]
    fn no_damage_passes(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let text = b"again and again ".repeat(20);
        let (leaves, slots) = run(&[Some(&text), Some(b"b")]);
        let mut frame = only(&slots, 1);
        let honest = verify(frame.clone(), &leaves).expect("honest");
        let mut data = frame.data.to_vec();
        let at = at.index(data.len());
        data[at] ^= 1 << bit;
        frame.data = data.into();
        // Where a bit of the compressed form means nothing, the payloads are the same.
        if let Ok(damaged) = verify(frame, &leaves) {
            prop_assert_eq!(damaged.decoded(), honest.decoded());
        }
    }
}
