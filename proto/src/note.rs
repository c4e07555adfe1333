//! Signed notes (C2SP signed-note): text and the lines that sign it, with the keys
//! that make and check them.
//!
//! A [`Note`] is well-formed and nothing more. [`Note::verify`] is the only way to a
//! [`VerifiedNote`]. Lines of keys that nobody here knows are kept as they are.

mod cosigned;
mod error;
mod key_type;
mod line;
mod signed;
mod signer;
mod verifier;

pub(crate) use self::{
    cosigned::{claimed_time, cosigned_message},
    signed::to_bytes,
    signer::NamedSecret,
};
pub use self::{
    error::NoteError,
    key_type::{KeyType, MAX_KEY_NAME},
    line::SignatureLine,
    signed::{MAX_NOTE, MAX_SIGNATURES, Note, VerifiedNote},
    signer::NoteSigner,
    verifier::VerifierKey,
};
