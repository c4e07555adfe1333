//! The wpsx protocol: schemas, types, hashing, proofs and verification.
//!
//! Nothing here opens a socket or a file or reads a clock. `SPEC.md` beside this
//! crate is the normative text.

pub mod api;
pub mod bundle;
pub mod card;
mod chain;
pub mod checkpoint;
pub mod cosignature;
mod decimal;
pub mod envelope;
pub mod fork;
pub mod hash;
pub mod heads;
pub mod identity;
pub mod index;
pub mod note;
pub mod origin;
pub mod package;
pub mod payload;
pub mod proof;
pub mod record;
pub mod tile;
pub mod tlog_proof;
pub mod tree;

pub use self::chain::chain;
