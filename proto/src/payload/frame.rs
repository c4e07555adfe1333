//! Frames: the payloads of a run of entries in one message or file.
//!
//! A [`Frame`] is what came; a [`VerifiedFrame`] holds only payloads that match the
//! commitments of their entries. Decoding takes exactly the bytes that the entries
//! promise, so no frame can ask for more memory than they do.

use std::{cell::RefCell, fmt, ops::Range};

use bytes::Bytes;
use zstd::{
    bulk::{Compressor, Decompressor},
    zstd_safe::find_frame_compressed_size,
};

use super::{Commitment, SALT, SlotState};
use crate::{
    api::log::v1 as api,
    envelope::Leaf,
    index::{BUNDLE, LeafIndex},
};

/// The most bytes a frame may decode to.
pub const MAX_FRAME: usize = 1024 * 1024;

/// The most bytes that [`encode_frames`] puts in one frame: what is left of 1 MiB
/// when a message has its own needs.
pub const FRAME_TARGET: usize = MAX_FRAME - 8 * 1024;

/// How the bytes of a frame are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameEncoding {
    /// As they are.
    Raw,
    /// As one Zstandard frame.
    Zstd,
}

impl FrameEncoding {
    /// Its value in the schema.
    #[must_use]
    pub const fn to_api(self) -> api::FrameEncoding {
        match self {
            Self::Raw => api::FrameEncoding::Raw,
            Self::Zstd => api::FrameEncoding::Zstd,
        }
    }
}

/// Why a frame does not carry what its entries mean.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// No slots, more than a bundle, or beyond its end.
    #[error("a frame of {count} slots from {start} is not within one bundle")]
    Range {
        /// The first index.
        start: u64,
        /// How many slots.
        count: usize,
    },
    /// A number that stands for no state.
    #[error("{state} is not the state of a slot, at {index}")]
    State {
        /// The entry.
        index: LeafIndex,
        /// The number.
        state: u8,
    },
    /// An encoding that this software does not know.
    #[error("{0} is not an encoding of frames known here")]
    Encoding(i32),
    /// More bytes than a frame may have.
    #[error("a frame of {0} bytes is larger than 1 MiB")]
    TooLarge(usize),
    /// Not compared with as many entries as it has slots.
    #[error("{slots} slots were compared with {leaves} entries")]
    Leaves {
        /// Slots of the frame.
        slots: usize,
        /// Entries given.
        leaves: usize,
    },
    /// A state that the entry cannot have.
    #[error("entry {index} cannot have a slot that is {state}")]
    StateOfLeaf {
        /// The entry.
        index: LeafIndex,
        /// What the frame says.
        state: SlotState,
    },
    /// Bytes that are no Zstandard frame of the promised length.
    #[error("the frame does not decode to the {0} bytes that its entries promise")]
    Length(usize),
    /// A payload that is not the one its entry commits to.
    #[error("the payload of entry {index} is not the one that it commits to")]
    Commitment {
        /// The entry.
        index: LeafIndex,
    },
}

/// The payloads of a run of entries, as they came.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    start: LeafIndex,
    states: Vec<SlotState>,
    encoding: FrameEncoding,
    data: Bytes,
}

impl Frame {
    /// Checks the form of a frame.
    ///
    /// # Errors
    /// It leaves its bundle, is too large, or has a state or encoding not known here.
    pub fn from_api(frame: api::PayloadFrame) -> Result<Self, FrameError> {
        let encoding = match api::FrameEncoding::try_from(frame.encoding) {
            Ok(api::FrameEncoding::Raw) => FrameEncoding::Raw,
            Ok(api::FrameEncoding::Zstd) => FrameEncoding::Zstd,
            _ => return Err(FrameError::Encoding(frame.encoding)),
        };
        let start = LeafIndex::new(frame.start);
        let mut states = Vec::with_capacity(frame.states.len().min(BUNDLE as usize));
        for (index, state) in (0..=BUNDLE).map(|at| start.plus(at)).zip(&frame.states) {
            let known = SlotState::try_from(*state);
            states.push(known.map_err(|_| FrameError::State {
                index,
                state: *state,
            })?);
        }
        Self::new(start, states, encoding, frame.data)
    }

    /// Checks the form of a frame.
    ///
    /// # Errors
    /// It leaves its bundle or is too large.
    pub fn new(
        start: LeafIndex,
        states: Vec<SlotState>,
        encoding: FrameEncoding,
        data: Bytes,
    ) -> Result<Self, FrameError> {
        let room = BUNDLE as usize - start.in_bundle();
        if !(1..=room).contains(&states.len()) || start.value() > u64::MAX - BUNDLE {
            let (start, count) = (start.value(), states.len());
            return Err(FrameError::Range { start, count });
        }
        if data.len() > MAX_FRAME {
            return Err(FrameError::TooLarge(data.len()));
        }
        Ok(Self {
            start,
            states,
            encoding,
            data,
        })
    }

    /// The frame as a message.
    #[must_use]
    pub fn to_api(&self) -> api::PayloadFrame {
        api::PayloadFrame {
            start: self.start.value(),
            states: numbers(&self.states),
            encoding: self.encoding.to_api() as i32,
            data: self.data.clone(),
        }
    }

    /// The index of the first slot.
    #[must_use]
    pub fn start(&self) -> LeafIndex {
        self.start
    }

    /// The index after the last slot.
    #[must_use]
    pub fn end(&self) -> LeafIndex {
        self.start.plus(self.states.len() as u64)
    }

    /// What it says of each slot.
    #[must_use]
    pub fn states(&self) -> &[SlotState] {
        &self.states
    }

    /// How its bytes are kept.
    #[must_use]
    pub fn encoding(&self) -> FrameEncoding {
        self.encoding
    }

    /// Its bytes as they came.
    #[must_use]
    pub fn data(&self) -> &Bytes {
        &self.data
    }

    /// Compares the frame with the entries of its indexes, and every payload with its
    /// commitment. What was erased here is dropped, whatever the frame brings.
    ///
    /// # Errors
    /// The first thing that does not match. Nothing of the frame is kept then.
    pub fn verify(
        mut self,
        leaves: &[Leaf],
        erased: impl Fn(LeafIndex) -> bool,
    ) -> Result<VerifiedFrame, FrameError> {
        let spans = self.spans(leaves)?;
        let total = spans.last().map_or(0, |span| span.end);
        let buffer = decode(self.encoding, &self.data, total)?;
        let mut dropped = false;
        for ((at, leaf), span) in leaves.iter().enumerate().zip(&spans) {
            let index = self.start.plus(at as u64);
            if self.states[at] == SlotState::Full {
                let committed = leaf.payload().map(|claim| claim.commitment);
                if Some(Commitment::of_slot(&buffer[span.clone()])) != committed {
                    return Err(FrameError::Commitment { index });
                }
                if erased(index) {
                    self.states[at] = SlotState::Erased;
                    dropped = true;
                }
            } else if self.states[at].is_hole() && erased(index) {
                self.states[at] = SlotState::Erased;
            }
        }
        if dropped {
            return Ok(VerifiedFrame::without_dropped(self, &buffer, &spans));
        }
        Ok(VerifiedFrame {
            start: self.start,
            received: Some((self.encoding, self.data)),
            states: self.states,
            spans,
            buffer,
        })
    }

    /// Where each slot lies in the decoded bytes, if the states are possible ones.
    fn spans(&self, leaves: &[Leaf]) -> Result<Vec<Range<usize>>, FrameError> {
        if leaves.len() != self.states.len() {
            return Err(FrameError::Leaves {
                slots: self.states.len(),
                leaves: leaves.len(),
            });
        }
        let mut spans = Vec::with_capacity(leaves.len());
        let mut end = 0;
        for (at, (leaf, state)) in leaves.iter().zip(&self.states).enumerate() {
            let start = end;
            match (leaf.payload(), state) {
                (Some(claim), SlotState::Full) => end += SALT + claim.length as usize,
                (None, SlotState::None) => {}
                (Some(_), state) if state.is_hole() => {}
                (_, state) => {
                    return Err(FrameError::StateOfLeaf {
                        index: self.start.plus(at as u64),
                        state: *state,
                    });
                }
            }
            spans.push(start..end);
        }
        match end <= MAX_FRAME {
            true => Ok(spans),
            false => Err(FrameError::TooLarge(end)),
        }
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("start", &self.start.value())
            .field("slots", &self.states.len())
            .field("encoding", &self.encoding)
            .field("bytes", &self.data.len())
            .finish()
    }
}

/// Payloads of a run of entries, each one that its entry commits to.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedFrame {
    start: LeafIndex,
    states: Vec<SlotState>,
    received: Option<(FrameEncoding, Bytes)>,
    spans: Vec<Range<usize>>,
    buffer: Bytes,
}

impl VerifiedFrame {
    /// Copies what stays, so that the buffer holds no byte of what was erased.
    fn without_dropped(frame: Frame, buffer: &Bytes, spans: &[Range<usize>]) -> Self {
        let mut kept = Vec::with_capacity(buffer.len());
        let mut moved = Vec::with_capacity(spans.len());
        for (state, span) in frame.states.iter().zip(spans) {
            let start = kept.len();
            if *state == SlotState::Full {
                kept.extend_from_slice(&buffer[span.clone()]);
            }
            moved.push(start..kept.len());
        }
        Self {
            start: frame.start,
            states: frame.states,
            received: None,
            spans: moved,
            buffer: kept.into(),
        }
    }

    /// The index of the first slot.
    #[must_use]
    pub fn start(&self) -> LeafIndex {
        self.start
    }

    /// The index after the last slot.
    #[must_use]
    pub fn end(&self) -> LeafIndex {
        self.start.plus(self.states.len() as u64)
    }

    /// What there is in each slot.
    #[must_use]
    pub fn states(&self) -> &[SlotState] {
        &self.states
    }

    /// Salt and payload of the slot `at` places after the start, if they are here.
    #[must_use]
    pub fn slot(&self, at: usize) -> Option<Bytes> {
        match self.states.get(at)? {
            SlotState::Full => Some(self.buffer.slice(self.spans.get(at)?.clone())),
            _ => None,
        }
    }

    /// How the bytes were kept when they came; `None` if a slot was dropped.
    #[must_use]
    pub fn encoding(&self) -> Option<FrameEncoding> {
        self.received.as_ref().map(|(encoding, _)| *encoding)
    }

    /// The bytes as they came; `None` if a slot was dropped.
    #[must_use]
    pub fn data(&self) -> Option<&Bytes> {
        self.received.as_ref().map(|(_, data)| data)
    }

    /// Salt and payload of every full slot, one after the other.
    #[must_use]
    pub fn decoded(&self) -> Bytes {
        self.buffer.clone()
    }
}

impl fmt::Debug for VerifiedFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedFrame")
            .field("start", &self.start.value())
            .field("slots", &self.states.len())
            .field("bytes", &self.buffer.len())
            .finish()
    }
}

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

fn numbers(states: &[SlotState]) -> Bytes {
    states.iter().map(|state| state.number()).collect()
}

thread_local! {
    // A context costs more to make than a frame to read, so each thread keeps one of each.
    static COMPRESSOR: RefCell<Option<(i32, Compressor<'static>)>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The bytes as one Zstandard frame, if that is smaller.
fn compress(data: &[u8], level: i32) -> Option<Vec<u8>> {
    if level == 0 || data.is_empty() {
        return None;
    }
    COMPRESSOR.with_borrow_mut(|kept| {
        if kept.as_ref().is_none_or(|(at, _)| *at != level) {
            *kept = Compressor::new(level).ok().map(|made| (level, made));
        }
        let (_, compressor) = kept.as_mut()?;
        // Room for less than what there is: when that does not suffice, raw is better.
        let mut smaller = Vec::with_capacity(data.len() - 1);
        compressor.compress_to_buffer(data, &mut smaller).ok()?;
        smaller.shrink_to_fit();
        Some(smaller)
    })
}

/// The bytes of a frame, if they are exactly as many as they should be.
fn decode(encoding: FrameEncoding, data: &Bytes, total: usize) -> Result<Bytes, FrameError> {
    match encoding {
        FrameEncoding::Raw if data.len() == total => Ok(data.clone()),
        FrameEncoding::Raw => Err(FrameError::Length(total)),
        FrameEncoding::Zstd => decompress(data, total).ok_or(FrameError::Length(total)),
    }
}

/// Decodes one Zstandard frame without dictionary into a buffer of exactly `total` bytes.
fn decompress(data: &[u8], total: usize) -> Option<Bytes> {
    if find_frame_compressed_size(data) != Ok(data.len()) {
        return None;
    }
    let mut buffer = Vec::with_capacity(total);
    DECOMPRESSOR.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Decompressor::new().ok();
        }
        kept.as_mut()?.decompress_to_buffer(data, &mut buffer).ok()
    })?;
    (buffer.len() == total).then(|| buffer.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        envelope::{Envelope, Operation},
        origin::RecordId,
        payload::Slot,
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
