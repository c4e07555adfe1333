//! Frames of payload slots as the store keeps them: checked, with the length of
//! each slot beside its state, so that one slot is found without the entries.

use std::cell::RefCell;

use bytes::Bytes;
use wpsx_proto::{
    api::log::v1 as api,
    index::LeafIndex,
    payload::{FrameEncoding, MAX_FRAME, SlotState, VerifiedFrame, encode_frames},
};
use zstd::bulk::Decompressor;

/// How a frame's bytes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Raw,
    Zstd,
}

impl Encoding {
    pub(crate) fn code(self) -> u8 {
        match self {
            Encoding::Raw => 1,
            Encoding::Zstd => 2,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Encoding::Raw),
            2 => Some(Encoding::Zstd),
            _ => None,
        }
    }

    pub(crate) fn to_api(self) -> api::FrameEncoding {
        match self {
            Encoding::Raw => api::FrameEncoding::Raw,
            Encoding::Zstd => api::FrameEncoding::Zstd,
        }
    }

    /// The full slots of a frame, one after the other: `size` bytes or an error. No frame
    /// takes more memory than a frame may hold, whatever its file says.
    pub(crate) fn decode(self, data: &Bytes, size: usize) -> Result<Bytes, String> {
        if size > MAX_FRAME {
            return Err(format!("a frame of {size} bytes is larger than 1 MiB"));
        }
        let decoded = match self {
            Encoding::Raw => data.clone(),
            Encoding::Zstd => Bytes::from(decompress(data, size)?),
        };
        if decoded.len() != size {
            return Err(format!(
                "a frame decodes to {} bytes, not {size}",
                decoded.len()
            ));
        }
        Ok(decoded)
    }
}

thread_local! {
    // A context costs more to make than a frame to read.
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn decompress(data: &[u8], size: usize) -> Result<Vec<u8>, String> {
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let context = match kept.take() {
            Some(context) => context,
            None => Decompressor::new().map_err(|e| e.to_string())?,
        };
        kept.insert(context)
            .decompress(data, size)
            .map_err(|e| e.to_string())
    })
}

/// Slots of one run within a bundle.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The index of the first slot.
    pub(crate) start: u64,
    /// The number of each slot's state, as on the wire.
    pub(crate) states: Vec<u8>,
    /// Salt and payload of each slot; 0 for a hole.
    pub(crate) lengths: Vec<u32>,
    pub(crate) encoding: Encoding,
    pub(crate) data: Bytes,
}

impl Frame {
    pub(crate) fn end(&self) -> u64 {
        self.start + self.states.len() as u64
    }

    /// Frames for slots that lie in one bundle; level 0 does not compress.
    pub(crate) fn make(start: u64, slots: &[(SlotState, Option<Bytes>)], level: i32) -> Vec<Self> {
        let mut next = 0;
        let made = encode_frames(LeafIndex::new(start), slots, level);
        made.into_iter()
            .map(|frame| {
                let count = frame.states.len();
                let lengths = slots[next..next + count]
                    .iter()
                    .map(|(_, slot)| slot.as_ref().map_or(0, |slot| slot.len() as u32))
                    .collect();
                next += count;
                let zstd = frame.encoding == api::FrameEncoding::Zstd as i32;
                Self {
                    start: frame.start,
                    states: frame.states.to_vec(),
                    lengths,
                    encoding: if zstd { Encoding::Zstd } else { Encoding::Raw },
                    data: frame.data,
                }
            })
            .collect()
    }

    /// A frame as it came from a peer; none if it is not whole any more.
    pub(crate) fn received(frame: &VerifiedFrame) -> Option<Self> {
        let encoding = match frame.encoding()? {
            FrameEncoding::Raw => Encoding::Raw,
            FrameEncoding::Zstd => Encoding::Zstd,
        };
        let lengths = (0..frame.states().len())
            .map(|at| frame.slot(at).map_or(0, |slot| slot.len() as u32))
            .collect();
        Some(Self {
            start: frame.start().value(),
            states: frame.states().iter().map(|state| state.number()).collect(),
            lengths,
            encoding,
            data: frame.data()?.clone(),
        })
    }

    /// The same with bytes of its own, so that it does not keep a journal group in memory.
    pub(crate) fn detached(self) -> Self {
        Self {
            data: Bytes::copy_from_slice(&self.data),
            ..self
        }
    }

    /// Its slots, decoded.
    pub(crate) fn slots(&self) -> Result<Vec<(SlotState, Option<Bytes>)>, String> {
        let size = self.lengths.iter().map(|length| *length as usize).sum();
        let decoded = self.encoding.decode(&self.data, size)?;
        let mut offset = 0;
        let slots = self.states.iter().zip(&self.lengths).map(|(code, length)| {
            let run = offset..offset + *length as usize;
            offset = run.end;
            let state = SlotState::try_from(*code).unwrap_or(SlotState::NotHeld);
            (
                state,
                (state == SlotState::Full).then(|| decoded.slice(run)),
            )
        });
        Ok(slots.collect())
    }

    /// The frame as it is sent. What our own filter left out is, to others, not held.
    pub(crate) fn to_api(&self) -> api::PayloadFrame {
        let states = self.states.iter().map(|state| {
            if *state == SlotState::Filtered.number() {
                SlotState::NotHeld.number()
            } else {
                *state
            }
        });
        api::PayloadFrame {
            start: self.start,
            states: states.collect(),
            encoding: self.encoding.to_api() as i32,
            data: self.data.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_says_more_than_a_frame_may_hold_is_refused_before_it_takes_memory() {
        let frame = Frame {
            start: 0,
            states: vec![SlotState::Full.number(); 2],
            lengths: vec![u32::MAX; 2],
            encoding: Encoding::Zstd,
            data: Bytes::new(),
        };
        let error = frame.slots().unwrap_err();
        assert_eq!(error, "a frame of 8589934590 bytes is larger than 1 MiB");
        let most = vec![0; MAX_FRAME];
        let decoded = Encoding::Raw.decode(&most.into(), MAX_FRAME).unwrap();
        assert_eq!(decoded.len(), MAX_FRAME);
    }
}
