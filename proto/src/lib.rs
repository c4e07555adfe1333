//! The wpsx protocol: schemas, types, hashing, proofs and verification.
//!
//! Nothing here opens a socket or a file or reads a clock. `SPEC.md` beside this
//! crate is the normative text.

pub mod api;
pub mod record;
