//! Proof files: one entry's inclusion and the checkpoint, as text that proves itself.
//!
//! The format is C2SP tlog-proof, the file extension `.tlog-proof`. The entry is not
//! in it: whoever verifies has that from elsewhere.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;

use crate::{
    checkpoint::{CheckpointError, SignedCheckpoint, VerifiedCheckpoint},
    hash::{Hash, HashError},
    index::LeafIndex,
    note::VerifierKey,
    proof::{MAX_PROOF, ProofError, verify_inclusion},
};

/// The most bytes of extra data: room for the largest payload with its salt.
pub const MAX_EXTRA: usize = 512 * 1024;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof file that nobody has checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    extra: Option<Bytes>,
    index: LeafIndex,
    proof: Vec<Hash>,
    checkpoint: String,
}

/// Why text is no proof file, or proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum TlogProofError {
    /// The first line is another one.
    #[error("not a proof file of the form {HEADER}")]
    Header,
    /// The extra data is no base64 or too long.
    #[error("the extra data cannot be read")]
    Extra,
    /// The index is missing or no number.
    #[error("the index cannot be read")]
    Index,
    /// A line of the proof is no hash.
    #[error("line {line} is not a hash")]
    Hash {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        source: HashError,
    },
    /// There are more hashes than a proof can have.
    #[error("more than 63 hashes")]
    TooManyHashes,
    /// No empty line and checkpoint follow.
    #[error("the checkpoint is missing")]
    NoCheckpoint,
    /// The checkpoint cannot be read, or the key did not sign it.
    #[error("the checkpoint of the proof file is not valid")]
    Checkpoint(#[from] CheckpointError),
    /// The proof does not lead from the entry to the checkpoint.
    #[error("the entry is not in the log at {index}")]
    Inclusion {
        /// Where it was said to be.
        index: LeafIndex,
        /// What was wrong with the proof.
        source: ProofError,
    },
}

impl TlogProof {
    /// A proof file for the entry at `index`, with its inclusion proof in that checkpoint.
    ///
    /// # Errors
    /// More than [`MAX_EXTRA`] bytes of extra data, or more than [`MAX_PROOF`] hashes.
    pub fn new(
        extra: Option<Bytes>,
        index: LeafIndex,
        proof: Vec<Hash>,
        checkpoint: &VerifiedCheckpoint,
    ) -> Result<Self, TlogProofError> {
        if extra.as_ref().is_some_and(|extra| extra.len() > MAX_EXTRA) {
            return Err(TlogProofError::Extra);
        }
        if proof.len() > MAX_PROOF {
            return Err(TlogProofError::TooManyHashes);
        }
        // A note is UTF-8.
        let checkpoint = String::from_utf8_lossy(&checkpoint.note_bytes()).into_owned();
        Ok(Self {
            extra,
            index,
            proof,
            checkpoint,
        })
    }

    /// A proof file that needs nothing else but the publisher's key: its extra data are the
    /// entry behind its length in two bytes, then `salt ‖ payload`, empty where it is not here.
    ///
    /// # Errors
    /// As [`TlogProof::new`].
    pub fn of_entry(
        entry: &[u8],
        slot: &[u8],
        index: LeafIndex,
        proof: Vec<Hash>,
        checkpoint: &VerifiedCheckpoint,
    ) -> Result<Self, TlogProofError> {
        let length = u16::try_from(entry.len()).map_err(|_| TlogProofError::Extra)?;
        let extra = [&length.to_be_bytes(), entry, slot].concat();
        Self::new(Some(extra.into()), index, proof, checkpoint)
    }

    /// The entry and the slot that [`TlogProof::of_entry`] put into the extra data; none
    /// where others made the file.
    #[must_use]
    pub fn entry(&self) -> Option<(Bytes, Bytes)> {
        let extra = self.extra.as_ref()?;
        let (length, _) = extra.split_first_chunk()?;
        let end = 2 + usize::from(u16::from_be_bytes(*length));
        (end <= extra.len()).then(|| (extra.slice(2..end), extra.slice(end..)))
    }

    /// Reads a proof file.
    ///
    /// # Errors
    /// A line that is not as the format has it. The checkpoint is left to [`TlogProof::verify`].
    pub fn parse(text: &str) -> Result<Self, TlogProofError> {
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or(TlogProofError::NoCheckpoint)?;
        let mut lines = head.split('\n').zip(1..).peekable();
        if lines.next().is_none_or(|(line, _)| line != HEADER) {
            return Err(TlogProofError::Header);
        }
        let extra = match lines.next_if(|(line, _)| line.starts_with("extra ")) {
            Some((line, _)) => Some(read_extra(&line["extra ".len()..])?),
            None => None,
        };
        let index = lines
            .next()
            .and_then(|(line, _)| read_index(line))
            .ok_or(TlogProofError::Index)?;
        let mut proof = Vec::new();
        for (text, line) in lines {
            if proof.len() == MAX_PROOF {
                return Err(TlogProofError::TooManyHashes);
            }
            let hash = Hash::from_base64(text);
            proof.push(hash.map_err(|source| TlogProofError::Hash { line, source })?);
        }
        Ok(Self {
            extra,
            index,
            proof,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// The extra data. Nothing authenticates it.
    #[must_use]
    pub const fn extra(&self) -> Option<&Bytes> {
        self.extra.as_ref()
    }

    /// Where the entry is said to be.
    #[must_use]
    pub const fn index(&self) -> LeafIndex {
        self.index
    }

    /// Checks that the key signed the checkpoint and that the leaf is in its tree.
    ///
    /// Who cosigned the checkpoint, and whether that is enough, the caller asks the answer.
    ///
    /// # Errors
    /// The checkpoint is not signed by this key, or the leaf is not at this index.
    pub fn verify(
        &self,
        leaf: Hash,
        key: &VerifierKey,
    ) -> Result<VerifiedCheckpoint, TlogProofError> {
        let checkpoint = SignedCheckpoint::parse(self.checkpoint.as_bytes())?.verify(key)?;
        let (index, size) = (self.index, checkpoint.size());
        verify_inclusion(leaf, index, size, &self.proof, checkpoint.root())
            .map_err(|source| TlogProofError::Inclusion { index, source })?;
        Ok(checkpoint)
    }
}

/// The text of the file.
impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.proof {
            writeln!(f, "{}", hash.to_base64())?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

fn read_extra(text: &str) -> Result<Bytes, TlogProofError> {
    if text.len() > MAX_EXTRA.div_ceil(3) * 4 {
        return Err(TlogProofError::Extra);
    }
    let extra = STANDARD.decode(text).map_err(|_| TlogProofError::Extra)?;
    if extra.len() > MAX_EXTRA {
        return Err(TlogProofError::Extra);
    }
    Ok(extra.into())
}

fn read_index(line: &str) -> Option<LeafIndex> {
    let digits = line.strip_prefix("index ")?;
    let index: u64 = digits.parse().ok()?;
    // One way to write a number: no sign, no leading zero.
    (index.to_string() == digits).then_some(LeafIndex::new(index))
}
