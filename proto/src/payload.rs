//! Payloads beside the log: salt and content, what the log says of them, and frames
//! that carry those of a run of entries.
//!
//! A [`Slot`] is salt and payload of one entry, a [`Frame`] those of several as they
//! came. A [`VerifiedFrame`] holds only payloads that match the commitments of their
//! entries.

pub(crate) mod claim;
mod encoding;
mod frame;
mod packing;
mod slot;
mod state;

pub use self::{
    claim::{Commitment, MAX_PAYLOAD, SALT, commit},
    encoding::FrameEncoding,
    frame::{Frame, FrameError, MAX_FRAME, verified::VerifiedFrame},
    packing::{FRAME_TARGET, encode_frames},
    slot::{PayloadError, Slot},
    state::SlotState,
};
