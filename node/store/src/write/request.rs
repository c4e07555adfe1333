//! What the committer is asked: each question is a type with the type of its answer,
//! and comes with the place where the answer goes.

use std::sync::Arc;

use bytes::Bytes;
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    index::TreeSize,
    origin::Origin,
    package::VerifiedPackage,
    payload::{SlotState, VerifiedFrame},
};

use super::{
    answer::{Answered, Reply},
    batch::{Appended, Batch},
    job::Held,
};
use crate::{
    error::StoreError,
    format::layout::FileKey,
    log::{
        handle::{Log, LogHandle},
        records::Losing,
    },
};

/// A question to the committer.
pub(crate) trait Ask: Sized {
    /// What is answered when it was carried out.
    type Answer;

    /// About the bytes that it adds to a group.
    fn weight(&self) -> usize;

    /// The question among all others.
    fn carried(asked: Asked<Self>) -> Request;
}

/// A question, and where its answer goes.
pub(crate) struct Asked<A: Ask> {
    pub(crate) ask: A,
    pub(crate) reply: Reply<A::Answer>,
}

impl<A: Ask> Asked<A> {
    /// The question as the committer takes it, and where its answer is awaited.
    pub(crate) fn by(ask: A) -> (Request, Answered<A::Answer>) {
        let (reply, answered) = Reply::new();
        (A::carried(Self { ask, reply }), answered)
    }
}

/// Appends a batch to an own log.
pub(crate) struct Append {
    pub(crate) origin: Origin,
    pub(crate) batch: Batch,
    /// What it erases, looked for before it waited.
    pub(crate) losing: Losing,
}

/// Keeps the checkpoint that is to be pulled.
pub(crate) struct SetPending {
    pub(crate) origin: Origin,
    pub(crate) checkpoint: VerifiedCheckpoint,
}

/// Appends the entries of a package to a replica.
pub(crate) struct Extend {
    pub(crate) package: VerifiedPackage,
    pub(crate) frames: Vec<VerifiedFrame>,
    /// What the slots are that no frame covers.
    pub(crate) other: SlotState,
    /// It is a missing part of an own log.
    pub(crate) into_own: bool,
}

/// Fills holes.
pub(crate) struct Fill {
    pub(crate) origin: Origin,
    pub(crate) frame: VerifiedFrame,
}

/// Makes a checkpoint the head of a replica.
pub(crate) struct CommitHead {
    pub(crate) origin: Origin,
    pub(crate) checkpoint: VerifiedCheckpoint,
    /// What the erase entries that it brings destroy, of those before `looked`.
    pub(crate) losing: Vec<u64>,
    pub(crate) looked: TreeSize,
    /// It is that of a missing part of an own log.
    pub(crate) into_own: bool,
}

/// Destroys payloads that an erase entry names which is not in the stored tree.
pub(crate) struct Erase {
    pub(crate) origin: Origin,
    pub(crate) losing: Vec<u64>,
}

/// Posts all and drops the journal.
pub(crate) struct Settle;

/// Posts all, drops the journal, and writes nothing more until the answer is dropped.
pub(crate) struct Hold;

/// Removes the directory of a log that was dropped.
pub(crate) struct Remove {
    pub(crate) log: LogHandle,
}

/// Puts a full tile or bundle of entries in the place of one that is damaged.
pub(crate) struct MendFile {
    pub(crate) log: Arc<Log>,
    pub(crate) key: FileKey,
    pub(crate) bytes: Bytes,
}

/// Makes a payload bundle anew from what can be saved of it.
pub(crate) struct MendPayloads {
    pub(crate) log: LogHandle,
    pub(crate) bundle: u64,
}

/// Has a log go on that stands still.
pub(crate) struct Revive {
    pub(crate) number: u32,
    /// The file that it lacked.
    pub(crate) file: Option<(String, Bytes)>,
}

/// Posts all, drops the journal, and takes nothing more.
pub(crate) struct Close;

/// What waits for the committer.
pub(crate) enum Request {
    Append(Asked<Append>),
    SetPending(Asked<SetPending>),
    Extend(Asked<Extend>),
    Fill(Asked<Fill>),
    CommitHead(Asked<CommitHead>),
    Erase(Asked<Erase>),
    Settle(Asked<Settle>),
    Hold(Asked<Hold>),
    Remove(Asked<Remove>),
    MendFile(Asked<MendFile>),
    MendPayloads(Asked<MendPayloads>),
    Revive(Asked<Revive>),
    Close(Asked<Close>),
}

impl Request {
    /// About the bytes that it adds to a group.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Append(asked) => asked.ask.weight(),
            Self::SetPending(asked) => asked.ask.weight(),
            Self::Extend(asked) => asked.ask.weight(),
            Self::Fill(asked) => asked.ask.weight(),
            Self::CommitHead(asked) => asked.ask.weight(),
            Self::Erase(asked) => asked.ask.weight(),
            Self::Settle(asked) => asked.ask.weight(),
            Self::Hold(asked) => asked.ask.weight(),
            Self::Remove(asked) => asked.ask.weight(),
            Self::MendFile(asked) => asked.ask.weight(),
            Self::MendPayloads(asked) => asked.ask.weight(),
            Self::Revive(asked) => asked.ask.weight(),
            Self::Close(asked) => asked.ask.weight(),
        }
    }

    /// Whether it is refused while the disk is full. What erases is not, nor what ends
    /// something.
    pub(crate) fn needs_room(&self) -> bool {
        match self {
            Self::Append(asked) => !asked.ask.batch.erases(),
            Self::SetPending(_)
            | Self::Extend(_)
            | Self::Fill(_)
            | Self::CommitHead(_)
            | Self::MendFile(_)
            | Self::MendPayloads(_) => true,
            Self::Erase(_)
            | Self::Revive(_)
            | Self::Settle(_)
            | Self::Hold(_)
            | Self::Remove(_)
            | Self::Close(_) => false,
        }
    }

    /// Answers that it is not carried out.
    pub(crate) fn refuse(self, error: StoreError) {
        match self {
            Self::Append(asked) => asked.reply.send(Err(error)),
            Self::CommitHead(asked) => asked.reply.send(Err(error)),
            Self::Hold(asked) => asked.reply.send(Err(error)),
            Self::SetPending(Asked { reply, .. })
            | Self::Extend(Asked { reply, .. })
            | Self::Fill(Asked { reply, .. })
            | Self::Erase(Asked { reply, .. })
            | Self::Settle(Asked { reply, .. })
            | Self::Remove(Asked { reply, .. })
            | Self::MendFile(Asked { reply, .. })
            | Self::MendPayloads(Asked { reply, .. })
            | Self::Revive(Asked { reply, .. })
            | Self::Close(Asked { reply, .. }) => reply.send(Err(error)),
        }
    }
}

/// What a checkpoint takes.
const NOTE: usize = 1024;

fn frame_weight(frame: &VerifiedFrame) -> usize {
    5 * 256 + frame.data().map_or(0, |data| data.len())
}

impl Ask for Append {
    type Answer = Appended;

    fn weight(&self) -> usize {
        self.batch.weight()
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::Append(asked)
    }
}

impl Ask for SetPending {
    type Answer = ();

    fn weight(&self) -> usize {
        NOTE
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::SetPending(asked)
    }
}

impl Ask for Extend {
    type Answer = ();

    fn weight(&self) -> usize {
        let frames = self.frames.iter().map(frame_weight).sum::<usize>();
        self.package.entries().bytes().len() + frames
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::Extend(asked)
    }
}

impl Ask for Fill {
    type Answer = ();

    fn weight(&self) -> usize {
        frame_weight(&self.frame)
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::Fill(asked)
    }
}

impl Ask for CommitHead {
    /// None: look again.
    type Answer = Option<Arc<VerifiedCheckpoint>>;

    fn weight(&self) -> usize {
        NOTE + 8 * self.losing.len()
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::CommitHead(asked)
    }
}

impl Ask for Erase {
    type Answer = ();

    fn weight(&self) -> usize {
        8 * self.losing.len()
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::Erase(asked)
    }
}

impl Ask for Settle {
    type Answer = ();

    fn weight(&self) -> usize {
        0
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::Settle(asked)
    }
}

impl Ask for Hold {
    type Answer = Held;

    fn weight(&self) -> usize {
        0
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::Hold(asked)
    }
}

impl Ask for Remove {
    type Answer = ();

    fn weight(&self) -> usize {
        0
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::Remove(asked)
    }
}

impl Ask for MendFile {
    type Answer = ();

    fn weight(&self) -> usize {
        0
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::MendFile(asked)
    }
}

impl Ask for MendPayloads {
    type Answer = ();

    fn weight(&self) -> usize {
        2 << 20
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::MendPayloads(asked)
    }
}

impl Ask for Revive {
    type Answer = ();

    fn weight(&self) -> usize {
        0
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::Revive(asked)
    }
}

impl Ask for Close {
    type Answer = ();

    fn weight(&self) -> usize {
        0
    }

    fn carried(asked: Asked<Self>) -> Request {
        Request::Close(asked)
    }
}
