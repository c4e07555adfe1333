//! A text and the lines under it, before and after a trusted key was found among them.

use std::collections::HashSet;

use super::{error::NoteError, line::SignatureLine, verifier::VerifierKey};

/// The largest note that carries a checkpoint or an identity operation, in bytes.
pub const MAX_NOTE: usize = 16 * 1024;

/// The most signature lines of a note.
pub const MAX_SIGNATURES: usize = 100;

/// A well-formed note. Nothing is known of its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// Reads a note of at most [`MAX_NOTE`] bytes.
    ///
    /// # Errors
    /// The first rule of SPEC.md, section 7, that the bytes break.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        Self::parse_within(bytes, MAX_NOTE)
    }

    /// Reads a note of at most `max` bytes.
    ///
    /// # Errors
    /// As [`Note::parse`].
    pub fn parse_within(bytes: &[u8], max: usize) -> Result<Self, NoteError> {
        if bytes.len() > max {
            return Err(NoteError::TooLong {
                length: bytes.len(),
                max,
            });
        }
        let all = std::str::from_utf8(bytes).map_err(|_| NoteError::Utf8)?;
        if bytes.iter().any(|b| *b < 0x20 && *b != b'\n') {
            return Err(NoteError::Control);
        }
        let blank = all.rfind("\n\n").ok_or(NoteError::Unsigned)?;
        let lines = all[blank + 2..]
            .strip_suffix('\n')
            .ok_or(NoteError::Unsigned)?;
        let mut signatures = Vec::new();
        let mut seen = HashSet::new();
        for (at, line) in lines.split('\n').enumerate() {
            if at == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            if !seen.insert(line) {
                return Err(NoteError::Repeated { line: at + 1 });
            }
            let parsed = SignatureLine::parse(line);
            signatures.push(parsed.ok_or(NoteError::SignatureLine { line: at + 1 })?);
        }
        Ok(Self {
            text: all[..=blank].to_owned(),
            signatures,
        })
    }

    /// The signed text with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines in their order.
    #[must_use]
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// The note as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_bytes(&self.text, &self.signatures)
    }

    /// Checks the signatures of the keys given; those of other keys are not looked at.
    ///
    /// # Errors
    /// No key signed, or a line that claims one of the keys does not verify: then the
    /// whole note is refused.
    pub fn verify(self, keys: &[VerifierKey]) -> Result<VerifiedNote, NoteError> {
        let mut verified = false;
        for line in &self.signatures {
            for key in keys.iter().filter(|key| key.is_claimed_by(line)) {
                key.verify(&self.text, line)?;
                verified = true;
            }
        }
        match verified {
            true => Ok(VerifiedNote(self)),
            false => Err(NoteError::NoTrustedSignature),
        }
    }

    pub(crate) fn into_parts(self) -> (String, Vec<SignatureLine>) {
        (self.text, self.signatures)
    }
}

/// A note that at least one trusted key signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedNote(Note);

impl VerifiedNote {
    /// A note by whoever holds the key: there is nothing to check.
    pub(super) fn of_signer(note: Note) -> Self {
        Self(note)
    }

    /// The signed text with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The note as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }

    pub(crate) fn into_note(self) -> Note {
        self.0
    }
}

pub(crate) fn to_bytes(text: &str, signatures: &[SignatureLine]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 1 + 160 * signatures.len());
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b'\n');
    for line in signatures {
        bytes.extend_from_slice(line.to_string().as_bytes());
        bytes.push(b'\n');
    }
    bytes
}
