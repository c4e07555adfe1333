//! One bundle of a mirrored log: its entries, and the payloads that are here.

use bytes::Bytes;
use wpsx_proto::{
    api::log::v1::PayloadFrame,
    bundle::EntryBundle,
    envelope::Leaf,
    index::LeafIndex,
    payload::{SlotState, VerifiedFrame, encode_frames},
};

use crate::pull::Run;

/// Compression of frames that are made anew.
pub(super) const LEVEL: i32 = 3;

/// One bundle as it lies in the folder.
pub(super) struct Bundle {
    pub(super) start: LeafIndex,
    pub(super) entries: EntryBundle,
    pub(super) leaves: Vec<Leaf>,
    pub(super) frames: Vec<VerifiedFrame>,
}

impl Bundle {
    /// The entries whose payloads should be here and are not, in runs.
    pub(super) fn holes(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (at, leaf) in self.leaves.iter().enumerate() {
            if !matches!(self.slot(at).0, SlotState::Filtered | SlotState::NotHeld) {
                continue;
            }
            let index = self.start.plus(at as u64);
            match runs.last_mut() {
                Some(run) if run.start.plus(run.leaves.len() as u64) == index => {
                    run.leaves.push(*leaf);
                }
                _ => runs.push(Run {
                    start: index,
                    leaves: vec![*leaf],
                }),
            }
        }
        runs
    }

    /// The payload slot of the entry at a position: its state, and salt || payload.
    pub(super) fn slot(&self, position: usize) -> (SlotState, Option<Bytes>) {
        let index = self.start.value() + position as u64;
        for frame in &self.frames {
            let Some(at) = index.checked_sub(frame.start().value()) else {
                continue;
            };
            if let Some(state) = frame.states().get(at as usize) {
                return (*state, frame.slot(at as usize));
            }
        }
        match self.leaves[position].payload() {
            Some(_) => (SlotState::NotHeld, None),
            None => (SlotState::None, None),
        }
    }
}

/// A frame as it came; made anew if a slot of it was dropped.
pub(super) fn stored(frame: &VerifiedFrame) -> Vec<PayloadFrame> {
    if let (Some(encoding), Some(data)) = (frame.encoding(), frame.data()) {
        return vec![PayloadFrame {
            start: frame.start().value(),
            states: frame.states().iter().map(|state| state.number()).collect(),
            encoding: encoding.to_api().into(),
            data: data.clone(),
        }];
    }
    let slots: Vec<_> = (0..frame.states().len())
        .map(|at| (frame.states()[at], frame.slot(at)))
        .collect();
    encode_frames(frame.start(), &slots, LEVEL)
}
