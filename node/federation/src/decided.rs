//! What an operator decided about a fork, as it is kept: also which tree is to be taken
//! and which one was left, so that a decision that was interrupted is carried out later.

use serde::{Deserialize, Serialize};
use wpsx_proto::{checkpoint::VerifiedCheckpoint, hash::Hash, tree::root_at};
use wpsx_store::{LogHandle, StoreError};

/// What the operator decided about a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Follow on the tree that this node holds.
    Keep,
    /// Follow the other tree; the log is never cosigned here again.
    Switch,
}

impl Decision {
    /// The word for it in answers and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Switch => "switch",
        }
    }
}

/// A decision with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) decision: Decision,
    /// The tree that is to be followed, where the evidence tells.
    take: Option<Tree>,
    /// The tree that was held when it was decided.
    leave: Option<Tree>,
}

/// A tree by its size and root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Tree {
    size: u64,
    root: String,
}

/// As it stands in the file; a word alone is how it was written before.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Word(Decision),
    Whole {
        decision: Decision,
        take: Option<Tree>,
        leave: Option<Tree>,
    },
}

impl Decided {
    /// The decision about what `log` holds, for `other` where that is known.
    ///
    /// # Errors
    /// Our files cannot be read.
    pub(crate) fn about(
        log: &LogHandle,
        decision: Decision,
        other: Option<&VerifiedCheckpoint>,
    ) -> Result<Self, StoreError> {
        let switches = decision == Decision::Switch;
        let held = Tree::of(log.stored().value(), root_at(log, log.stored())?);
        Ok(Self {
            decision,
            take: other
                .filter(|_| switches)
                .map(|other| Tree::of(other.size().value(), other.root())),
            leave: switches.then_some(held),
        })
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        Ok(match serde_json::from_slice(bytes)? {
            Written::Word(decision) => Self {
                decision,
                take: None,
                leave: None,
            },
            Written::Whole {
                decision,
                take,
                leave,
            } => Self {
                decision,
                take,
                leave,
            },
        })
    }

    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Written::Whole {
            decision: self.decision,
            take: self.take.clone(),
            leave: self.leave.clone(),
        })
    }

    /// Whether this is the checkpoint of the tree that is to be taken.
    pub(crate) fn takes(&self, checkpoint: &VerifiedCheckpoint) -> bool {
        let tree = Tree::of(checkpoint.size().value(), checkpoint.root());
        self.take.as_ref() == Some(&tree)
    }

    /// Whether the log still is as it was when it was decided to leave that tree.
    ///
    /// # Errors
    /// Our files cannot be read.
    pub(crate) fn is_still_to_be_left(&self, log: &LogHandle) -> Result<bool, StoreError> {
        let Some(leave) = &self.leave else {
            return Ok(false);
        };
        // An empty tree is that of whoever has left already.
        if leave.size == 0 || leave.size != log.stored().value() {
            return Ok(false);
        }
        Ok(*leave == Tree::of(leave.size, root_at(log, log.stored())?))
    }
}

impl Tree {
    fn of(size: u64, root: Hash) -> Self {
        Self {
            size,
            root: root.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_read_as_it_was_written_now_and_before() {
        let tree = Tree::of(7, Hash::of(b"a tree"));
        let whole = Decided {
            decision: Decision::Switch,
            take: Some(tree.clone()),
            leave: Some(tree),
        };
        assert_eq!(Decided::read(&whole.to_bytes().unwrap()).unwrap(), whole);
        let word = Decided::read(b"\"keep\"").unwrap();
        assert_eq!(word.decision, Decision::Keep);
        assert!(Decided::read(b"\"perhaps\"").is_err());
    }
}
