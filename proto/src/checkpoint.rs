//! Checkpoints (C2SP tlog-checkpoint): the signed head of one log, with whatever
//! cosignatures came along.
//!
//! Bytes become a [`SignedCheckpoint`], and with the log's key a
//! [`VerifiedCheckpoint`]; there is no other way to one but to sign it. The log's own
//! line comes first, every key has one line, and lines of unknown keys are passed on.

use std::fmt;

use bytes::Bytes;

use crate::{
    cosignature::{Cosignature, Cosigner, time_claimed},
    hash::{EMPTY_ROOT, Hash},
    index::TreeSize,
    note::{
        self, KeyType, MAX_NOTE, MAX_SIGNATURES, Note, NoteError, NoteSigner, SignatureLine,
        VerifierKey,
    },
    origin::{NameError, Origin},
};

/// The largest tree that a checkpoint may tell of.
pub const MAX_TREE_SIZE: TreeSize = TreeSize::new(i64::MAX as u64);

/// Why a note is no checkpoint of the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is no note, or the log's key did not sign it.
    #[error("not a note that the log's key signed")]
    Note(#[from] NoteError),
    /// The first line is no origin.
    #[error("the first line is not an origin")]
    Origin(#[from] NameError),
    /// The second line is no tree size.
    #[error("the tree size must be a decimal number of at most 2^63 - 1 without leading zeros")]
    Size,
    /// The third line is no root hash.
    #[error("the root must be 32 bytes in canonical base64")]
    Root,
    /// Fewer than three lines, or an empty one.
    #[error("a checkpoint has at least three lines, none of them empty")]
    Lines,
    /// A root of the empty tree that is not SHA-256 of nothing.
    #[error("the root of an empty tree must be the hash of nothing")]
    EmptyRoot,
    /// A key that signs no checkpoints of this origin.
    #[error("{key} is not a key that signs checkpoints of {origin}")]
    OtherKey {
        /// The key's name.
        key: String,
        /// The log.
        origin: Origin,
    },
}

/// What a checkpoint says. Nobody has signed this.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Checkpoint {
    /// The log.
    pub origin: Origin,
    /// How many entries it has.
    pub size: TreeSize,
    /// The root of the hash tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads the text of a checkpoint. Extension lines are allowed and not looked at.
    ///
    /// # Errors
    /// The first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let body = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?;
        let lines: Vec<&str> = body.split('\n').collect();
        let [origin, size, root, ..] = lines[..] else {
            return Err(CheckpointError::Lines);
        };
        if lines.contains(&"") {
            return Err(CheckpointError::Lines);
        }
        let checkpoint = Self {
            origin: Origin::parse(origin)?,
            size: TreeSize::new(decimal(size).ok_or(CheckpointError::Size)?),
            root: Hash::from_base64(root).map_err(|_| CheckpointError::Root)?,
        };
        checkpoint.check()?;
        Ok(checkpoint)
    }

    /// The three lines that are signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            self.root.to_base64()
        )
    }

    fn check(&self) -> Result<(), CheckpointError> {
        if self.size > MAX_TREE_SIZE {
            return Err(CheckpointError::Size);
        }
        if self.size.is_empty() && self.root != EMPTY_ROOT {
            return Err(CheckpointError::EmptyRoot);
        }
        Ok(())
    }
}

/// Reads a decimal number of at most 2^63 - 1 without leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let value = text.parse().ok().filter(|_| canonical && digits)?;
    (value <= MAX_TREE_SIZE.value()).then_some(value)
}

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

    /// The cosignatures of the keys given that are there and valid.
    #[must_use]
    pub fn cosignatures(&self, keys: &[VerifierKey]) -> Vec<Cosignature> {
        let cosigners = keys
            .iter()
            .filter(|key| key.key_type() == KeyType::Cosignature);
        let valid = cosigners.filter_map(|key| {
            let line = self.others().find(|line| key.is_claimed_by(line))?;
            let time = key.verify(&self.text, line).ok()??;
            Some(Cosignature {
                name: key.name().to_owned(),
                time,
            })
        });
        valid.collect()
    }

    /// The names on lines that have the form of a cosignature; nobody has checked them.
    #[must_use]
    pub fn claimed_cosigners(&self) -> Vec<&str> {
        let timed = self.others().filter(|line| time_claimed(line).is_some());
        timed.map(|line| line.name.as_str()).collect()
    }

    /// Takes over the lines of the same checkpoint from elsewhere, and says whether
    /// anything changed.
    ///
    /// Of a key given here only a valid line is taken, if it is newer than the one
    /// held; when the note is full, it takes the place of lines of unknown keys. Of
    /// an unknown key the line that was here first stays.
    pub fn merge(&mut self, other: &Self, keys: &[VerifierKey]) -> bool {
        if other.text != self.text || other.key != self.key {
            return false;
        }
        let mut changed = false;
        for line in other.others() {
            changed |= match keys.iter().find(|key| key.is_claimed_by(line)) {
                Some(key) => self.take_known(line, key, keys),
                None => self.take_unknown(line),
            };
        }
        if changed {
            self.note = note::to_bytes(&self.text, &self.lines).into();
        }
        changed
    }

    /// Adds or renews the line of our own cosigner, at a time in seconds since
    /// 1970-01-01T00:00:00Z.
    pub fn cosign(&mut self, cosigner: &Cosigner, unix_seconds: u64) {
        let line = cosigner.sign(&self.text, unix_seconds);
        self.place(line, &[cosigner.verifier_key()]);
        self.note = note::to_bytes(&self.text, &self.lines).into();
    }

    fn others(&self) -> impl Iterator<Item = &SignatureLine> {
        self.lines.iter().skip(1)
    }

    fn held(&self, line: &SignatureLine) -> Option<&SignatureLine> {
        self.others().find(|held| held.is_of_same_key(line))
    }

    fn take_known(
        &mut self,
        line: &SignatureLine,
        key: &VerifierKey,
        keys: &[VerifierKey],
    ) -> bool {
        let held = self.held(line);
        if held == Some(line) {
            return false;
        }
        let Ok(time) = key.verify(&self.text, line) else {
            return false;
        };
        let held = held.and_then(|held| key.verify(&self.text, held).ok());
        if held.is_some_and(|held| held >= time) {
            return false;
        }
        self.place(line.clone(), keys)
    }

    fn take_unknown(&mut self, line: &SignatureLine) -> bool {
        let fits =
            self.lines.len() < MAX_SIGNATURES && self.length() + line_length(line) <= MAX_NOTE;
        let taken = fits && self.held(line).is_none() && !self.key.is_claimed_by(line);
        if taken {
            self.lines.push(line.clone());
        }
        taken
    }

    /// Puts a line in the place of the one of the same key, or after the log's own.
    /// Lines of keys other than `keep` make room, the last one first: so those that
    /// were once placed here go after those that nobody here knows.
    fn place(&mut self, line: SignatureLine, keep: &[VerifierKey]) -> bool {
        let before = self.lines.clone();
        match self
            .lines
            .iter()
            .skip(1)
            .position(|held| held.is_of_same_key(&line))
        {
            Some(at) => self.lines[at + 1] = line,
            None => self.lines.insert(1, line),
        }
        while self.lines.len() > MAX_SIGNATURES || self.length() > MAX_NOTE {
            let unknown = |line: &SignatureLine| !keep.iter().any(|key| key.is_claimed_by(line));
            match self.lines.iter().skip(1).rposition(unknown) {
                Some(at) => drop(self.lines.remove(at + 1)),
                None => {
                    self.lines = before;
                    return false;
                }
            }
        }
        true
    }

    fn length(&self) -> usize {
        self.text.len() + 1 + self.lines.iter().map(line_length).sum::<usize>()
    }
}

/// Bytes of a line in a note: dash, name, base64 of key id and signature, newline.
fn line_length(line: &SignatureLine) -> usize {
    let encoded = (4 + line.signature.len()).div_ceil(3) * 4;
    "\u{2014}  \n".len() + line.name.len() + encoded
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

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn origin() -> Origin {
        Origin::parse("eu.example/wpsx/public").unwrap()
    }

    pub(super) fn signer() -> NoteSigner {
        NoteSigner::from_seed("eu.example/wpsx/public", &[1; 32]).unwrap()
    }

    pub(super) fn signed(size: u64, root: Hash) -> VerifiedCheckpoint {
        let size = TreeSize::new(size);
        VerifiedCheckpoint::sign(
            Checkpoint {
                origin: origin(),
                size,
                root,
            },
            &signer(),
        )
        .unwrap()
    }

    #[test]
    fn a_signed_checkpoint_is_read_back() {
        let mut checkpoint = signed(3, Hash::of(b"root"));
        let cosigner = Cosigner::from_seed("node.example", &[2; 32]).unwrap();
        checkpoint.cosign(&cosigner, 1_679_315_147);
        let bytes = checkpoint.note_bytes();
        let read = SignedCheckpoint::parse(&bytes).unwrap();
        let read = read.verify(&signer().verifier_key()).unwrap();
        assert_eq!(read, checkpoint);
        let cosignatures = read.cosignatures(&[cosigner.verifier_key()]);
        assert_eq!(cosignatures.len(), 1);
        assert_eq!(cosignatures[0].time, 1_679_315_147);
    }
}
