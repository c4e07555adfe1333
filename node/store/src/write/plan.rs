//! Plans a group: what each request would change, checked against what is stored
//! and against the requests before it in the same group. Nothing is changed here;
//! a request that cannot be carried out is answered and leaves no trace.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::oneshot;
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    origin::{Origin, RecordId},
    package::VerifiedPackage,
    payload::{SlotState, VerifiedFrame},
    tree::Frontier,
};

use crate::{
    error::StoreError,
    follow::Newest,
    format::change::{HoleChange, Writer},
    format::erased,
    format::journal::Journal,
    format::request::RequestId,
    format::slots::Frame,
    log::handle::{Log, LogHandle},
    store::Shared,
    write::append::{Append, Appended},
    write::poster::Done,
};

/// Where an answer goes.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Answers once it is known whether the group is durable.
pub(crate) type Reply = Box<dyn FnOnce(Result<(), StoreError>)>;

/// What the committer is asked to do.
pub(crate) enum Request {
    Append(Origin, Append, Answer<Appended>),
    SetPending(Origin, VerifiedCheckpoint, Answer<()>),
    Extend(VerifiedPackage, Vec<VerifiedFrame>, SlotState, Answer<()>),
    Fill(Origin, VerifiedFrame, Answer<()>),
    CommitHead(Origin, VerifiedCheckpoint, Answer<Arc<VerifiedCheckpoint>>),
    /// Post all and drop the journal.
    Settle(Done),
    /// The same, and take nothing more.
    Close(Done),
}

impl Request {
    /// About the bytes that it adds to a group.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Request::Append(_, append, _) => append.weight(),
            Request::Extend(package, frames, ..) => {
                package.entries().bytes().len()
                    + frames
                        .iter()
                        .map(|frame| 5 * 256 + frame.data().map_or(0, |data| data.len()))
                        .sum::<usize>()
            }
            Request::Fill(_, frame, _) => 5 * 256 + frame.data().map_or(0, |data| data.len()),
            Request::SetPending(..) | Request::CommitHead(..) => 1024,
            Request::Settle(_) | Request::Close(_) => 0,
        }
    }

    pub(crate) fn refuse(self, error: StoreError) {
        // Who asked may be gone; then nobody wants to know.
        let _ = match self {
            Request::Append(_, _, answer) => answer.send(Err(error)).is_ok(),
            Request::SetPending(_, _, answer)
            | Request::Extend(_, _, _, answer)
            | Request::Fill(_, _, answer)
            | Request::Settle(answer)
            | Request::Close(answer) => answer.send(Err(error)).is_ok(),
            Request::CommitHead(_, _, answer) => answer.send(Err(error)).is_ok(),
        };
    }
}

/// What became of a request.
pub(crate) enum Planned {
    /// It is in the group, or was answered.
    Taken,
    /// It must see the group applied first.
    Later(Box<Request>),
}

/// Why a request is not in the group.
pub(crate) enum Not {
    /// It must see the group applied first.
    Now,
    /// It cannot be carried out.
    Ever(StoreError),
}

impl From<StoreError> for Not {
    fn from(error: StoreError) -> Self {
        Not::Ever(error)
    }
}

/// A group in the making.
pub(crate) struct Plan {
    pub(crate) shared: Arc<Shared>,
    pub(crate) buffer: Vec<u8>,
    pub(crate) replies: Vec<Reply>,
    pub(crate) drafts: HashMap<u32, Draft>,
    /// Something in the group was erased.
    pub(crate) erases: bool,
}

/// A log as it will be after the requests so far.
pub(crate) struct Draft {
    pub(crate) size: u64,
    /// Kept for own logs.
    pub(crate) frontier: Frontier,
    pub(crate) recent: HashMap<RecordId, Newest>,
    pub(crate) requests: Vec<RequestId>,
    pub(crate) pending: Option<TreeSize>,
    /// More than its pending checkpoint changed.
    pub(crate) grown: bool,
}

impl Plan {
    pub(crate) fn new(shared: &Arc<Shared>, bytes: usize) -> Self {
        Self {
            shared: shared.clone(),
            buffer: Journal::group(bytes + bytes / 16 + 4096),
            replies: Vec::new(),
            drafts: HashMap::new(),
            erases: false,
        }
    }

    /// Adds a request to the group.
    pub(crate) fn add(&mut self, request: Request) -> Planned {
        let planned = match &request {
            Request::Append(origin, append, _) => self
                .append(origin, append)
                .map(|appended| Outcome::Appended(Box::new(appended))),
            Request::SetPending(origin, checkpoint, _) => self.set_pending(origin, checkpoint),
            Request::Extend(package, frames, other, _) => self.extend(package, frames, *other),
            Request::Fill(origin, frame, _) => self.fill(origin, frame),
            Request::CommitHead(origin, checkpoint, _) => self.commit_head(origin, checkpoint),
            Request::Settle(_) | Request::Close(_) => Ok(Outcome::Done),
        };
        match planned {
            Ok(outcome) => self.answer_later(request, outcome),
            Err(Not::Now) => return Planned::Later(Box::new(request)),
            Err(Not::Ever(error)) => request.refuse(error),
        }
        Planned::Taken
    }

    fn answer_later(&mut self, request: Request, outcome: Outcome) {
        let reply: Reply = match (request, outcome) {
            (Request::Append(_, _, answer), Outcome::Appended(appended)) => {
                Box::new(move |result| drop(answer.send(result.map(|()| *appended))))
            }
            (Request::CommitHead(_, _, answer), Outcome::Head(head)) => {
                Box::new(move |result| drop(answer.send(result.map(|()| head))))
            }
            (
                Request::SetPending(_, _, answer)
                | Request::Extend(_, _, _, answer)
                | Request::Fill(_, _, answer)
                | Request::Settle(answer)
                | Request::Close(answer),
                _,
            ) => Box::new(move |result| drop(answer.send(result))),
            (Request::Append(..) | Request::CommitHead(..), _) => return,
        };
        self.replies.push(reply);
    }

    pub(crate) fn draft(&mut self, log: &Log) -> &mut Draft {
        self.drafts.entry(log.number).or_insert_with(|| {
            let contents = log.contents.read();
            Draft {
                size: contents.size(),
                frontier: if log.own {
                    contents.edge.frontier()
                } else {
                    Frontier::empty()
                },
                recent: HashMap::new(),
                requests: Vec::new(),
                pending: contents.pending.as_ref().map(|pending| pending.size()),
                grown: false,
            }
        })
    }

    /// The request must see what is stored, not what is planned.
    pub(crate) fn fresh(&self, log: &Log) -> Result<(), Not> {
        match self.drafts.get(&log.number) {
            Some(draft) if draft.grown => Err(Not::Now),
            _ => Ok(()),
        }
    }

    fn replica(&self, origin: &Origin) -> Result<LogHandle, StoreError> {
        let log = self
            .shared
            .log(origin)
            .ok_or_else(|| StoreError::UnknownLog(origin.clone()))?;
        if log.is_own() {
            Err(StoreError::Ours(origin.clone()))
        } else {
            Ok(log)
        }
    }

    fn set_pending(&mut self, origin: &Origin, new: &VerifiedCheckpoint) -> Result<Outcome, Not> {
        let log = self.replica(origin)?;
        let draft = self.draft(&log.inner);
        let floor = draft
            .pending
            .unwrap_or_default()
            .max(TreeSize::new(draft.size));
        if new.size() < floor {
            return Err(StoreError::WrongSize {
                ours: floor,
                theirs: new.size(),
            }
            .into());
        }
        draft.pending = Some(new.size());
        Writer(&mut self.buffer).pending(log.number(), &new.note_bytes());
        Ok(Outcome::Done)
    }

    fn extend(
        &mut self,
        package: &VerifiedPackage,
        given: &[VerifiedFrame],
        other: SlotState,
    ) -> Result<Outcome, Not> {
        let log = self.replica(package.origin())?;
        let number = log.number();
        let erases = package.leaves().iter().any(erased::is_erase);
        if erases {
            self.fresh(&log.inner)?;
        }
        let size = self.draft(&log.inner).size;
        let (start, end) = (package.start().value(), package.end().value());
        if start > size {
            let stored = TreeSize::new(size);
            return Err(StoreError::Gap {
                start: package.start(),
                stored,
            }
            .into());
        }
        self.compare_overlap(&log, package, size)?;
        if end <= size {
            return Ok(Outcome::Done);
        }
        let erased = self.package_erasures(&log, package)?;
        let skip = (size - start) as usize;
        let frames = {
            let contents = log.inner.contents.read();
            let is_erased = |index: u64| {
                contents.erased.contains(index) || erased.binary_search(&index).is_ok()
            };
            replicated(package, given, size, other, is_erased)
        };
        let entries = package.entries();
        let entries = entries.slice(skip..entries.len());
        let mut writer = Writer(&mut self.buffer);
        writer.extend(number, size, end - size, &entries.bytes(), frames.len());
        for frame in &frames {
            writer.whole_frame(frame);
        }
        let stored: Vec<u64> = erased
            .iter()
            .copied()
            .filter(|index| *index < size)
            .collect();
        if !erased.is_empty() {
            let holes = holes_of_erasing(&log, &stored)?;
            writer.erase(number, &erased, holes);
            self.erases = true;
        }
        let draft = self.draft(&log.inner);
        draft.size = end;
        draft.grown = true;
        Ok(Outcome::Done)
    }

    /// What a package repeats must be what we have.
    fn compare_overlap(
        &self,
        log: &LogHandle,
        package: &VerifiedPackage,
        size: u64,
    ) -> Result<(), Not> {
        let start = package.start();
        let end = package.end().value().min(size);
        if start.value() >= end {
            return Ok(());
        }
        if end > log.stored().value() {
            return Err(Not::Now);
        }
        let ours = log.leaf_hashes(start, LeafIndex::new(end))?;
        match ours
            .iter()
            .zip(package.leaf_hashes())
            .position(|(ours, theirs)| ours != theirs)
        {
            Some(at) => Err(StoreError::Differs(start.plus(at as u64)).into()),
            None => Ok(()),
        }
    }

    /// The indexes that the erase entries of a package destroy, in order.
    fn package_erasures(
        &self,
        log: &LogHandle,
        package: &VerifiedPackage,
    ) -> Result<Vec<u64>, StoreError> {
        let start = package.start().value();
        let leaves = package.leaves();
        erased::of_entries(
            (start..).zip(leaves),
            |index| log.is_erased(LeafIndex::new(index)),
            |index| {
                if index >= start {
                    return Ok(leaves[(index - start) as usize]);
                }
                Ok(wpsx_proto::envelope::Leaf::read(
                    &log.entry(LeafIndex::new(index))?,
                ))
            },
        )
    }

    fn fill(&mut self, origin: &Origin, frame: &VerifiedFrame) -> Result<Outcome, Not> {
        let log = self.replica_or_own(origin)?;
        self.fresh(&log.inner)?;
        let start = frame.start().value();
        let end = start + frame.states().len() as u64;
        if end > log.stored().value() {
            return Err(StoreError::Beyond {
                asked: end - 1,
                stored: log.stored(),
            }
            .into());
        }
        let held = log
            .inner
            .payloads(start / BUNDLE, (end - start / BUNDLE * BUNDLE) as usize)?;
        let mut slots = Vec::with_capacity(frame.states().len());
        let mut holes = HoleChange::default();
        let mut any = false;
        for (at, index) in (start..end).enumerate() {
            let before = held.state((index % BUNDLE) as usize);
            let slot = frame.slot(at).filter(|_| {
                matches!(before, SlotState::Filtered | SlotState::NotHeld)
                    && !log.is_erased(LeafIndex::new(index))
            });
            match (&slot, before) {
                (Some(_), SlotState::Filtered) => holes.filtered -= 1,
                (Some(_), _) => holes.not_held -= 1,
                (None, _) => {}
            }
            any |= slot.is_some();
            let state = if slot.is_some() {
                SlotState::Full
            } else {
                SlotState::NotHeld
            };
            slots.push((state, slot));
        }
        if !any {
            return Ok(Outcome::Done);
        }
        let made = Frame::make(start, &slots, 0);
        for (n, frame) in made.iter().enumerate() {
            let holes = if n == 0 { holes } else { HoleChange::default() };
            Writer(&mut self.buffer).fill(log.number(), frame, holes);
        }
        self.draft(&log.inner).grown = true;
        Ok(Outcome::Done)
    }

    fn replica_or_own(&self, origin: &Origin) -> Result<LogHandle, StoreError> {
        self.shared
            .log(origin)
            .ok_or_else(|| StoreError::UnknownLog(origin.clone()))
    }

    fn commit_head(&mut self, origin: &Origin, new: &VerifiedCheckpoint) -> Result<Outcome, Not> {
        let log = self.replica(origin)?;
        self.fresh(&log.inner)?;
        let (ours, head) = {
            let contents = log.inner.contents.read();
            (contents.edge.frontier(), contents.head.clone())
        };
        if new.size() != ours.size() {
            return Err(StoreError::WrongSize {
                ours: ours.size(),
                theirs: new.size(),
            }
            .into());
        }
        let root: Hash = ours.root();
        if new.root() != root {
            let size = new.size();
            return Err(StoreError::WrongRoot {
                size,
                ours: root,
                theirs: new.root(),
            }
            .into());
        }
        let mut merged = new.clone();
        if let Some(head) = head.filter(|head| head.size() == new.size()) {
            merged.merge(&head, &self.shared.own_cosigner());
        }
        let head = log.inner.cosigned(&self.shared, merged);
        Writer(&mut self.buffer).note(log.number(), &head.note_bytes());
        let draft = self.draft(&log.inner);
        draft.grown = true;
        draft.pending = draft.pending.max(Some(head.size()));
        Ok(Outcome::Head(Arc::new(head)))
    }
}

/// How the holes change when stored slots are erased.
pub(crate) fn holes_of_erasing(log: &LogHandle, indexes: &[u64]) -> Result<HoleChange, StoreError> {
    let mut holes = HoleChange::default();
    for index in indexes {
        let slots = log
            .inner
            .payloads(index / BUNDLE, (index % BUNDLE) as usize + 1)?;
        match slots.state((index % BUNDLE) as usize) {
            SlotState::None | SlotState::Erased => continue,
            SlotState::Full => {}
            SlotState::Filtered => holes.filtered -= 1,
            SlotState::NotHeld => holes.not_held -= 1,
        }
        holes.erased += 1;
    }
    Ok(holes)
}

/// The frames of a package's entries from `from` on: given ones as they came where
/// nothing has to be left out, holes for the rest.
fn replicated(
    package: &VerifiedPackage,
    given: &[VerifiedFrame],
    from: u64,
    other: SlotState,
    is_erased: impl Fn(u64) -> bool,
) -> Vec<Frame> {
    let start = package.start().value();
    let end = package.end().value();
    let mut frames = Vec::new();
    let mut at = from;
    let mut given: Vec<&VerifiedFrame> = given.iter().collect();
    given.sort_by_key(|frame| frame.start());
    let leaf = |index: u64| &package.leaves()[(index - start) as usize];
    for frame in given {
        let first = frame.start().value();
        let stop = (first + frame.states().len() as u64).min(end);
        if stop <= at {
            continue;
        }
        holes(
            at,
            first.min(end).max(at),
            other,
            &leaf,
            &is_erased,
            &mut frames,
        );
        at = at.max(first);
        if at >= end {
            break;
        }
        let whole = at == first
            && stop == first + frame.states().len() as u64
            && (at..stop)
                .zip(frame.states())
                .all(|(index, state)| settled(*state, is_erased(index)) == *state);
        match Frame::received(frame).filter(|_| whole) {
            Some(frame) => frames.push(frame),
            None => {
                let slots: Vec<_> = (at..stop)
                    .map(|index| {
                        let place = (index - first) as usize;
                        match settled(frame.states()[place], is_erased(index)) {
                            SlotState::Full => (SlotState::Full, frame.slot(place)),
                            state => (state, None),
                        }
                    })
                    .collect();
                frames.extend(Frame::make(at, &slots, 0));
            }
        }
        at = stop;
    }
    holes(at, end, other, &leaf, &is_erased, &mut frames);
    frames
}

/// A slot's state once the log itself was asked: an erase entry erases, a sender's
/// word does not.
fn settled(state: SlotState, is_erased: bool) -> SlotState {
    match (state, is_erased) {
        (SlotState::None, _) => SlotState::None,
        (_, true) => SlotState::Erased,
        (SlotState::Erased, false) => SlotState::NotHeld,
        (state, false) => state,
    }
}

/// A frame without payloads for `[at, end)`.
fn holes<'l>(
    at: u64,
    end: u64,
    other: SlotState,
    leaf: &impl Fn(u64) -> &'l wpsx_proto::envelope::Leaf,
    is_erased: &impl Fn(u64) -> bool,
    frames: &mut Vec<Frame>,
) {
    if at >= end {
        return;
    }
    let slots: Vec<_> = (at..end)
        .map(|index| {
            let state = match (erased::has_payload(leaf(index)), is_erased(index)) {
                (false, _) => SlotState::None,
                (true, true) => SlotState::Erased,
                (true, false) => other,
            };
            (state, None)
        })
        .collect();
    frames.extend(Frame::make(at, &slots, 0));
}

/// What is answered once the group is durable.
pub(crate) enum Outcome {
    Done,
    Appended(Box<Appended>),
    Head(Arc<VerifiedCheckpoint>),
}
