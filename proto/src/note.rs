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

#[cfg(test)]
mod tests {
    use super::*;

    // C2SP signed-note, "Example".
    const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    #[test]
    fn the_example_of_the_specification_verifies() {
        let key = VerifierKey::parse(VKEY).unwrap();
        assert_eq!(key.to_string(), VKEY);
        let note = Note::parse(NOTE.as_bytes()).unwrap();
        assert_eq!(note.to_bytes(), NOTE.as_bytes());
        let verified = note.verify(&[key]).unwrap();
        assert_eq!(verified.text(), "This is an example message.\n");
    }
}
