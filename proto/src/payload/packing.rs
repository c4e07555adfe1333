//! Packing slots into frames for others to read.

use bytes::Bytes;

use super::{
    encoding::{FrameEncoding, compress},
    frame::MAX_FRAME,
    state::{SlotState, numbers},
};
use crate::{api::log::v1 as api, index::LeafIndex};

/// The most bytes that [`encode_frames`] puts in one frame: what is left of 1 MiB
/// when a message has its own needs.
pub const FRAME_TARGET: usize = MAX_FRAME - 8 * 1024;

/// Packs slots into frames that each stay within one bundle and decode to at most
/// [`FRAME_TARGET`] bytes. Level 0 leaves the bytes as they are; others are those of
/// Zstandard, used where they make a frame smaller.
///
/// A slot that is said to be full but brings nothing is sent as not held.
#[must_use]
pub fn encode_frames(
    start: LeafIndex,
    slots: &[(SlotState, Option<Bytes>)],
    level: i32,
) -> Vec<api::PayloadFrame> {
    let mut frames = Vec::new();
    let mut open = Open::at(start);
    for (state, slot) in slots {
        let (state, slot) = match (state, slot) {
            (SlotState::Full, Some(slot)) => (SlotState::Full, &slot[..]),
            (SlotState::Full, None) => (SlotState::NotHeld, &[][..]),
            (other, _) => (*other, &[][..]),
        };
        if !open.has_room_for(slot.len()) {
            let next = open.end();
            frames.push(open.close(level));
            open = Open::at(next);
        }
        open.states.push(state);
        open.data.extend_from_slice(slot);
    }
    if !open.states.is_empty() {
        frames.push(open.close(level));
    }
    frames
}

/// A frame that is being filled.
struct Open {
    start: LeafIndex,
    states: Vec<SlotState>,
    data: Vec<u8>,
}

impl Open {
    fn at(start: LeafIndex) -> Self {
        Self {
            start,
            states: Vec::new(),
            data: Vec::new(),
        }
    }

    fn end(&self) -> LeafIndex {
        self.start.plus(self.states.len() as u64)
    }

    fn has_room_for(&self, bytes: usize) -> bool {
        self.states.is_empty()
            || (self.end().in_bundle() != 0 && self.data.len() + bytes <= FRAME_TARGET)
    }

    fn close(self, level: i32) -> api::PayloadFrame {
        let (encoding, data) = match compress(&self.data, level) {
            Some(smaller) => (FrameEncoding::Zstd, smaller),
            None => (FrameEncoding::Raw, self.data),
        };
        api::PayloadFrame {
            start: self.start.value(),
            states: numbers(&self.states),
            encoding: encoding.to_api() as i32,
            data: data.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        envelope::{Envelope, Leaf, Operation},
        origin::RecordId,
        payload::{Frame, SALT, Slot},
    };

    fn leaf(slot: Option<&Slot>) -> Leaf {
        let operation = match slot {
            Some(_) => Operation::Publish,
            None => Operation::Withdraw,
        };
        Leaf::Known(Envelope {
            operation,
            record_id: RecordId::from_bytes([7; 16]),
            revision: 1,
            previous: None,
            kind: 1,
            payload: slot.map(Slot::claim),
            publish_time: 1,
            reason: Default::default(),
        })
    }

    fn run(slots: &[Option<Slot>]) -> (Vec<Leaf>, Vec<(SlotState, Option<Bytes>)>) {
        let leaves = slots.iter().map(|slot| leaf(slot.as_ref())).collect();
        let parts = slots.iter().map(|slot| match slot {
            Some(slot) => (SlotState::Full, Some(slot.bytes().clone())),
            None => (SlotState::None, None),
        });
        (leaves, parts.collect())
    }

    #[test]
    fn frames_are_read_back_raw_and_compressed() {
        for level in [0, 1] {
            let slots = [
                Some(Slot::seal(&[1; SALT], &[b'a'; 1000])),
                None,
                Some(Slot::seal(&[2; SALT], b"")),
            ];
            let (leaves, parts) = run(&slots);
            let frames = encode_frames(LeafIndex::new(254), &parts, level);
            assert_eq!(frames.len(), 2, "a frame ends with its bundle");
            let mut at = 0;
            for frame in frames {
                let frame = Frame::from_api(frame).unwrap();
                let count = frame.states().len();
                let verified = frame.verify(&leaves[at..at + count], |_| false).unwrap();
                for within in 0..count {
                    let expected = slots[at + within].as_ref().map(|slot| slot.bytes().clone());
                    assert_eq!(verified.slot(within), expected);
                }
                at += count;
            }
            assert_eq!(at, 3);
        }
    }
}
