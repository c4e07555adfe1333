//! Why a pull stopped, sorted by whose fault it is.

use std::time::Duration;

use tonic::{Code, Status};
use wpsx_proto::{
    fork::ProvenFork,
    index::{LeafIndex, TreeSize},
    origin::Origin,
};

/// Whose fault a refusal is, and so what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The other side sent what it could know to be wrong: report it, do not ask it again soon.
    Peer,
    /// The other side has seen less than we have: ask another, or later.
    Behind,
    /// The other side cannot show what its head says: ask another. It may be damaged.
    Unable,
    /// The way between us failed, or the call was declined: try again with back-off.
    Connection,
    /// Ours.
    Ours,
}

/// Why a pull stopped. Everything it yielded before stays verified.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// Bytes that are not what the schema says.
    #[error("{what} cannot be read: {why}")]
    Malformed {
        /// What was being read.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The checkpoint is not signed by the log's key.
    #[error("the checkpoint of {origin} is not signed by its log's key: {why}")]
    BadSignature {
        /// The log asked for.
        origin: Origin,
        /// What is wrong with the signature.
        why: String,
    },
    /// An answer about another log than the one asked for.
    #[error("asked for {asked}, was answered for {got}")]
    WrongOrigin {
        /// The log asked for.
        asked: Origin,
        /// The log of the answer.
        got: String,
    },
    /// Hashes that do not lead to the signed root.
    #[error("{what} is not proven: {why}")]
    BadProof {
        /// What was to be proven.
        what: String,
        /// How the proof fails.
        why: String,
    },
    /// The log's own publisher shows a smaller tree than it has signed before.
    #[error("the publisher of {origin} shows {theirs} entries after having signed {ours}")]
    RolledBack {
        /// The log.
        origin: Origin,
        /// The size shown now.
        theirs: TreeSize,
        /// The size that we have verified.
        ours: TreeSize,
    },
    /// An answer that starts elsewhere than asked.
    #[error("expected index {expected}, got {got}")]
    OutOfOrder {
        /// The index that comes next.
        expected: LeafIndex,
        /// The index of the answer.
        got: LeafIndex,
    },
    /// The answer ended, as if complete, before everything that was asked for.
    #[error("the answer ended at {received} of {asked}")]
    Truncated {
        /// The first index that is missing.
        received: LeafIndex,
        /// Where the answer should have ended.
        asked: LeafIndex,
    },
    /// More than was asked for or than the protocol allows.
    #[error("{what} is larger than allowed")]
    Oversized {
        /// What is too large.
        what: String,
    },
    /// Payloads that do not match their entries, or states that nobody asked for.
    #[error("the payloads at {start} are refused: {why}")]
    BadPayload {
        /// The first index of the frame.
        start: LeafIndex,
        /// Why.
        why: String,
    },
    /// An answer to another question than the one asked.
    #[error("the answer does not fit the question: {why}")]
    WrongAnswer {
        /// What does not fit.
        why: String,
    },
    /// Two signed checkpoints that cannot both be true.
    #[error("two signed checkpoints of one log contradict each other")]
    Fork(Box<ProvenFork>),
    /// The other side has seen less of the log than we have.
    #[error("the other side has {theirs} entries, {ours} are known")]
    Behind {
        /// The size of its head.
        theirs: TreeSize,
        /// The size that we have verified.
        ours: TreeSize,
    },
    /// The other side gives no proof that its head and what is known are of one tree, so
    /// nothing is taken from it. Another may give it.
    #[error("the other side has {theirs} entries, {ours} are known, and it gives no proof that they are of one tree ({:?}: {})", .why.code(), .why.message())]
    NoProof {
        /// The size of its head.
        theirs: TreeSize,
        /// The size that we know.
        ours: TreeSize,
        /// What it said instead.
        why: Box<Status>,
    },
    /// Nothing, or too little, came for too long.
    #[error("no progress for {} s", waited.as_secs())]
    Stalled {
        /// How long we waited.
        waited: Duration,
    },
    /// The call ended with an error of the transport.
    #[error("the connection failed: {}", .0.message())]
    Connection(Box<Status>),
    /// The other side answered the call with an error.
    #[error("the call was declined ({:?}): {}", .0.code(), .0.message())]
    Declined(Box<Status>),
    /// What the caller handed in does not fit together.
    #[error("what is held does not fit together: {why}")]
    Held {
        /// What does not fit.
        why: String,
    },
    /// A task of the pull was stopped.
    #[error("the pull was stopped")]
    Interrupted,
}

impl PullError {
    /// A short stable name, as told to the other side with `ReportRefusal` and kept with refusals.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::BadSignature { .. } => "bad-signature",
            Self::WrongOrigin { .. } => "wrong-origin",
            Self::BadProof { .. } => "bad-proof",
            Self::RolledBack { .. } => "rolled-back",
            Self::OutOfOrder { .. } => "out-of-order",
            Self::Truncated { .. } => "truncated",
            Self::Oversized { .. } => "oversized",
            Self::BadPayload { .. } => "bad-payload",
            Self::WrongAnswer { .. } => "wrong-answer",
            Self::Fork(_) => "fork",
            Self::Behind { .. } => "behind",
            Self::NoProof { .. } => "no-proof",
            Self::Stalled { .. } => "stalled",
            Self::Connection(_) => "connection",
            Self::Declined(_) => "declined",
            Self::Held { .. } => "held",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Malformed { .. }
            | Self::BadSignature { .. }
            | Self::WrongOrigin { .. }
            | Self::BadProof { .. }
            | Self::RolledBack { .. }
            | Self::OutOfOrder { .. }
            | Self::Truncated { .. }
            | Self::Oversized { .. }
            | Self::BadPayload { .. }
            | Self::WrongAnswer { .. }
            | Self::Fork(_) => Fault::Peer,
            Self::Behind { .. } => Fault::Behind,
            Self::NoProof { .. } => Fault::Unable,
            Self::Stalled { .. } | Self::Connection(_) | Self::Declined(_) => Fault::Connection,
            Self::Held { .. } | Self::Interrupted => Fault::Ours,
        }
    }

    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Stalled { .. } | Self::Connection(_) => true,
            Self::Declined(status) => status.code() == Code::ResourceExhausted,
            _ => false,
        }
    }

    /// The evidence, where it is a fork.
    pub fn fork(&self) -> Option<&ProvenFork> {
        match self {
            Self::Fork(fork) => Some(fork),
            _ => None,
        }
    }
}

/// The other side's words are cut, so that an error stays small.
const STATUS_TEXT: usize = 500;

impl From<Status> for PullError {
    fn from(status: Status) -> Self {
        let text = status.message();
        match status.code() {
            // Both are raised on this side of the call, by tonic's decoder.
            Code::OutOfRange if text.contains("decoded message length too large") => {
                Self::Oversized {
                    what: "a message".to_owned(),
                }
            }
            Code::Internal if text.contains("failed to decode Protobuf message") => {
                Self::Malformed {
                    what: "a message",
                    why: shorten(text),
                }
            }
            Code::Unavailable
            | Code::Unknown
            | Code::Cancelled
            | Code::Aborted
            | Code::DeadlineExceeded
            | Code::Internal => {
                Self::Connection(Box::new(Status::new(status.code(), shorten(text))))
            }
            _ => Self::Declined(Box::new(Status::new(status.code(), shorten(text)))),
        }
    }
}

fn shorten(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(STATUS_TEXT)
        .collect()
}
