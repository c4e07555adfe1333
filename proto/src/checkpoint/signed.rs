//! Checkpoints with signatures: as they come, and with the log's own one verified.

pub(super) mod cosigned;

use std::fmt;

use bytes::Bytes;

use super::text::{Checkpoint, CheckpointError};
use crate::{
    hash::Hash,
    index::TreeSize,
    note::{self, KeyType, Note, NoteSigner, SignatureLine, VerifierKey},
    origin::Origin,
};

/// A well-formed checkpoint. Nothing is known of its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Reads a note of at most 16 KiB whose text is a checkpoint.
    ///
    /// # Errors
    /// The first rule that the bytes break.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        Ok(Self { checkpoint, note })
    }

    /// The log that it claims to be of: this says which key to verify with.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.checkpoint.origin
    }

    /// The tree size that it claims.
    #[must_use]
    pub fn size(&self) -> TreeSize {
        self.checkpoint.size
    }

    /// Checks the signature of the log.
    ///
    /// # Errors
    /// The key is not named like the log or not of its type, did not sign, or its
    /// signature is not valid.
    pub fn verify(self, key: &VerifierKey) -> Result<VerifiedCheckpoint, CheckpointError> {
        if key.name() != self.checkpoint.origin.as_str() || key.key_type() != KeyType::Ed25519 {
            return Err(CheckpointError::OtherKey {
                key: key.name().to_owned(),
                origin: self.checkpoint.origin,
            });
        }
        let note = self.note.verify(std::slice::from_ref(key))?.into_note();
        let (text, mut signed) = note.into_parts();
        signed.sort_by_key(|line| !key.is_claimed_by(line));
        let mut lines: Vec<SignatureLine> = Vec::with_capacity(signed.len());
        for line in signed {
            if !lines.iter().any(|kept| kept.is_of_same_key(&line)) {
                lines.push(line);
            }
        }
        Ok(VerifiedCheckpoint::new(
            self.checkpoint,
            text,
            lines,
            key.clone(),
        ))
    }
}

/// A checkpoint that the log's key signed.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedCheckpoint {
    checkpoint: Checkpoint,
    text: String,
    /// The log's own line, then one for each other key.
    lines: Vec<SignatureLine>,
    key: VerifierKey,
    note: Bytes,
}

impl VerifiedCheckpoint {
    /// Signs a checkpoint with the log's key, which is named like the log.
    ///
    /// # Errors
    /// The signer has another name, or the checkpoint is not one that verifies.
    pub fn sign(checkpoint: Checkpoint, signer: &NoteSigner) -> Result<Self, CheckpointError> {
        checkpoint.check()?;
        if signer.name() != checkpoint.origin.as_str() {
            return Err(CheckpointError::OtherKey {
                key: signer.name().to_owned(),
                origin: checkpoint.origin,
            });
        }
        let text = checkpoint.text();
        let line = signer.sign(&text);
        Ok(Self::new(
            checkpoint,
            text,
            vec![line],
            signer.verifier_key(),
        ))
    }

    fn new(
        checkpoint: Checkpoint,
        text: String,
        lines: Vec<SignatureLine>,
        key: VerifierKey,
    ) -> Self {
        let note = note::to_bytes(&text, &lines).into();
        Self {
            checkpoint,
            text,
            lines,
            key,
            note,
        }
    }

    /// The log.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.checkpoint.origin
    }

    /// How many entries it has.
    #[must_use]
    pub fn size(&self) -> TreeSize {
        self.checkpoint.size
    }

    /// The root of the hash tree over them.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.checkpoint.root
    }

    /// The key that signed it.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// The signed text with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole note: text, the log's line, all other lines.
    #[must_use]
    pub fn note_bytes(&self) -> Bytes {
        self.note.clone()
    }
}

impl fmt::Debug for VerifiedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedCheckpoint")
            .field("origin", self.origin())
            .field("size", &self.size().value())
            .field("root", &self.root())
            .field("signatures", &self.lines.len())
            .finish()
    }
}
