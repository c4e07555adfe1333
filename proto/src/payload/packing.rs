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
