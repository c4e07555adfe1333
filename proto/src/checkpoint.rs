//! Checkpoints (C2SP tlog-checkpoint): the signed head of one log, with whatever
//! cosignatures came along.
//!
//! Bytes become a [`SignedCheckpoint`], and with the log's key a
//! [`VerifiedCheckpoint`]; there is no other way to one but to sign it. The log's own
//! line comes first, every key has one line, and lines of unknown keys are passed on.

mod signed;
mod text;

pub use self::{
    signed::{SignedCheckpoint, VerifiedCheckpoint},
    text::{Checkpoint, CheckpointError, MAX_TREE_SIZE},
};
