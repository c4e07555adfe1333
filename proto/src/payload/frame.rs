//! Frames as they come: the payloads of a run of entries in one message or file.

pub(super) mod verified;

use std::fmt;

use bytes::Bytes;

use super::{
    encoding::FrameEncoding,
    state::{SlotState, numbers},
};
use crate::{
    api::log::v1 as api,
    index::{BUNDLE, LeafIndex},
};

/// The most bytes a frame may decode to.
pub const MAX_FRAME: usize = 1024 * 1024;

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
