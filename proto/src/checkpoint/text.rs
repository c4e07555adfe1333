//! What a checkpoint says, before anybody signs it.

use crate::{
    decimal::decimal,
    hash::{EMPTY_ROOT, Hash},
    index::TreeSize,
    note::NoteError,
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

    pub(super) fn check(&self) -> Result<(), CheckpointError> {
        if self.size > MAX_TREE_SIZE {
            return Err(CheckpointError::Size);
        }
        if self.size.is_empty() && self.root != EMPTY_ROOT {
            return Err(CheckpointError::EmptyRoot);
        }
        Ok(())
    }
}
