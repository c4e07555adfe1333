//! Frames that were compared with their entries.
//!
//! Decoding takes exactly the bytes that the entries promise, so no frame can ask for
//! more memory than they do.

use std::{fmt, ops::Range};

use bytes::Bytes;

use super::{Frame, FrameError, MAX_FRAME};
use crate::{
    envelope::Leaf,
    index::LeafIndex,
    payload::{
        claim::{Commitment, SALT},
        encoding::{FrameEncoding, decode},
        state::SlotState,
    },
};

impl Frame {
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
        let buffer = decode(self.encoding, &self.data, total).ok_or(FrameError::Length(total))?;
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
