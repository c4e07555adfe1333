//! Envelopes: the leaves of a log, and how to read one that others wrote.
//!
//! Version 1 has exactly one encoding for each meaning, so that no byte of a leaf can
//! carry anything else. What this software cannot read is still a leaf: it is stored,
//! counted and relayed, and has no payload.

mod fields;
mod leaf;
mod operation;
mod version1;

pub use self::{
    leaf::Leaf,
    operation::{Operation, Reason},
    version1::{Envelope, EnvelopeError, MAX_ENVELOPE, VERSION},
};
pub use crate::payload::claim::PayloadClaim;
