//! Frames of payloads.

use bytes::{Buf as _, Bytes};
use prost::Message as _;
use wpsx_proto::{
    api::log::v1 as api,
    envelope::{Envelope, Leaf, Operation, PayloadClaim, Reason},
    index::LeafIndex,
    origin::RecordId,
    payload::{Commitment, Frame, FrameEncoding, MAX_FRAME, MAX_PAYLOAD, SALT, Slot, SlotState},
};

/// The lengths of payloads, two bytes for each full slot and two for how many, then a
/// frame. A frame that holds just these is taken, whatever the payloads are; a frame
/// that does not is refused.
pub fn frame(mut bytes: &[u8]) -> bool {
    let Some(lengths) = lengths(&mut bytes) else {
        return false;
    };
    let Ok(message) = api::PayloadFrame::decode(bytes) else {
        return false;
    };
    let Ok(frame) = Frame::from_api(message.clone()) else {
        return false;
    };
    assert_eq!(frame.to_api(), message);
    let full = |state: &&SlotState| **state == SlotState::Full;
    if frame.states().iter().filter(full).count() != lengths.len() {
        return false;
    }
    let slots = match frame.encoding() {
        FrameEncoding::Raw => cut(frame.data().clone(), &lengths),
        FrameEncoding::Zstd => decompressed(&frame, &lengths),
    };
    let leaves = leaves(&frame, &lengths, slots.as_deref());
    let erased = |index: LeafIndex| index.value().is_multiple_of(5);
    let Ok(kept) = frame.clone().verify(&leaves, |_| false) else {
        // A frame of more bytes than a frame may have is refused however it is filled.
        return false;
    };
    let slots = slots.expect("only what holds these slots is taken");
    let found = (0..leaves.len()).filter_map(|at| kept.slot(at));
    assert_eq!(found.collect::<Vec<_>>(), slots);
    assert_eq!(kept.data(), Some(frame.data()));
    let dropped = frame.verify(&leaves, erased).expect("the same frame");
    for (at, leaf) in leaves.iter().enumerate() {
        let gone = erased(dropped.start().plus(at as u64)) && leaf.payload().is_some();
        assert_eq!(dropped.slot(at), kept.slot(at).filter(|_| !gone));
        assert!(!gone || dropped.states()[at] == SlotState::Erased);
    }
    true
}

fn lengths(bytes: &mut &[u8]) -> Option<Vec<u32>> {
    let count = usize::from(bytes.try_get_u8().ok()?);
    let length = |_| bytes.try_get_u16().ok().map(u32::from);
    (0..count).map(length).collect()
}

/// Slots of these payloads, if the data are just that.
fn cut(mut data: Bytes, lengths: &[u32]) -> Option<Vec<Bytes>> {
    let mut slots = Vec::with_capacity(lengths.len());
    for length in lengths {
        let length = SALT + *length as usize;
        slots.push((data.len() >= length).then(|| data.split_to(length))?);
    }
    data.is_empty().then_some(slots)
}

/// The same of a compressed frame, by the library alone.
fn decompressed(frame: &Frame, lengths: &[u32]) -> Option<Vec<Bytes>> {
    let total: usize = lengths.iter().map(|length| SALT + *length as usize).sum();
    let data = zstd::bulk::decompress(frame.data(), total.min(MAX_FRAME)).ok()?;
    cut(data.into(), lengths)
}

/// Leaves that commit to what is in the frame, or to something else where that cannot
/// be told.
fn leaves(frame: &Frame, lengths: &[u32], slots: Option<&[Bytes]>) -> Vec<Leaf> {
    let mut full = 0;
    let leaf = |state: &SlotState| {
        let payload = match state {
            SlotState::None => None,
            SlotState::Full => {
                let at = full;
                full += 1;
                let slot = slots.and_then(|slots| Slot::new(slots.get(at)?.clone()).ok());
                Some(PayloadClaim {
                    length: lengths.get(at).copied().unwrap_or_default(),
                    commitment: slot.map_or(Commitment::from_bytes([0; 32]), |s| s.commitment()),
                })
            }
            _ => Some(PayloadClaim {
                length: MAX_PAYLOAD as u32,
                commitment: Commitment::from_bytes([0; 32]),
            }),
        };
        Leaf::Known(Envelope {
            operation: match payload {
                Some(_) => Operation::Publish,
                None => Operation::Withdraw,
            },
            record_id: RecordId::from_bytes([7; 16]),
            revision: 1,
            previous: None,
            kind: 1,
            payload,
            publish_time: 0,
            reason: Reason::Unspecified,
        })
    };
    frame.states().iter().map(leaf).collect()
}
