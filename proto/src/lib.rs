//! The wpsx protocol: schemas, types, hashing, proofs and verification.
//!
//! Nothing here opens a socket or a file or reads a clock. `SPEC.md` beside this
//! crate is the normative text.
//!
//! # A tour
//!
//! Each line needs only what stands above it, so reading from the top down works.
//!
//! | read | for |
//! |---|---|
//! | [`api`] | the messages on the wire, as generated: nobody has checked what they carry |
//! | [`index`], [`struct@hash::Hash`], [`origin`] | positions, sizes, hashes and names, each a type of its own |
//! | [`note`], then [`cosignature`] | text that somebody signed, and the keys that make and check it |
//! | [`tree`], then [`proof`] | the hash tree over a log's entries, and proving what is in it |
//! | [`checkpoint`] | the signed head of a log |
//! | [`payload`], [`envelope`] | what a publisher publishes, and the leaf of the log that commits to it |
//! | [`bundle`], [`tile`] | how entries and hashes lie in files and travel |
//! | [`package`] | entries that prove that they belong to a checkpoint |
//! | [`fork`], [`erasure`], [`tlog_proof`] | evidence against a log, entries that erase and travel alone, and a proof of one entry for people to keep |
//! | [`identity`], then [`card`] | who a publisher is, and who a node is |
//! | [`skew`] | how far clocks may differ |
//! | [`record`] | what payloads say, which everything above leaves unread |
//!
//! What was checked says so in its type, and only checking makes one: a
//! [`Note`](note::Note) becomes a [`VerifiedNote`](note::VerifiedNote), a
//! [`Package`](package::Package) a [`VerifiedPackage`](package::VerifiedPackage), a
//! [`Frame`](payload::Frame) a [`VerifiedFrame`](payload::VerifiedFrame).

pub mod api;
pub mod bundle;
pub mod card;
mod chain;
pub mod checkpoint;
pub mod cosignature;
mod decimal;
pub mod envelope;
pub mod erasure;
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
pub mod skew;
pub mod tile;
pub mod tlog_proof;
pub mod tree;

pub use self::chain::chain;
