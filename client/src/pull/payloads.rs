//! Asks for payloads, and checks that the frames which come are the ones asked for.
//!
//! Whether they match their entries is checked later, off the network's task.

use std::collections::VecDeque;

use tokio::{sync::mpsc, task::JoinHandle};
use wpsx_proto::{
    api::{
        log::v1::{FrameEncoding, PayloadFrame},
        replication::v1::{IndexRange, ReadPayloadsRequest},
    },
    envelope::Leaf,
    index::{BUNDLE, LeafIndex},
    package::VerifiedPackage,
    payload::{Frame, SALT, SlotState, VerifiedFrame},
};

use super::{Erased, PayloadFilter, PullError, Puller, Transport};

/// Payload bytes after which a call is full, unless it is one large payload.
pub(super) const CALL_BYTES: u64 = 4 * 1_048_576;
/// The protocol's bounds of one call.
const CALL_RANGES: usize = 4096;
const CALL_INDEXES: u64 = 65_536;
/// What each frame and each slot may add on the wire.
const FRAME_OVERHEAD: u64 = 1024;

/// Indexes [start, end).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Span {
    pub(super) fn len(self) -> u64 {
        self.end - self.start
    }
}

/// What one call asks for.
#[derive(Debug, Default)]
pub(super) struct Request {
    spans: Vec<Span>,
    indexes: u64,
    /// salt || payload of everything asked for.
    pub(super) bytes: u64,
}

impl Request {
    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes >= CALL_BYTES || self.spans.len() >= CALL_RANGES || self.indexes >= CALL_INDEXES
    }

    /// Adds the indexes of a span that brings `bytes` of payload.
    pub(super) fn add(&mut self, span: Span, bytes: u64) {
        self.indexes += span.len();
        self.bytes += bytes;
        match self.spans.last_mut() {
            Some(last) if last.end == span.start => last.end = span.end,
            _ => self.spans.push(span),
        }
    }
}

/// A span of one bundle to ask for, and the bytes that it brings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) span: Span,
    pub(super) bytes: u64,
}

/// The spans of `leaves` whose payloads are wanted. Entries without a payload do not
/// interrupt a span, so that whole bundles stay whole; a span ends where a call is full.
pub(super) fn wanted(
    start: LeafIndex,
    leaves: &[Leaf],
    filter: &PayloadFilter,
    erased: &Erased,
) -> Vec<Wanted> {
    let mut spans = Vec::new();
    let mut open: Option<Wanted> = None;
    for (index, leaf) in (start.value()..).zip(leaves) {
        let takes = match filter.wanted(leaf) {
            Some(length) if !erased(LeafIndex::new(index)) => Some(u64::from(length) + SALT as u64),
            Some(_) => None,
            None if leaf.payload().is_some() => None,
            None => Some(0),
        };
        let Some(bytes) = takes else {
            spans.extend(open.take());
            continue;
        };
        let span = open.get_or_insert(Wanted {
            span: Span {
                start: index,
                end: index,
            },
            bytes: 0,
        });
        span.span.end = index + 1;
        span.bytes += bytes;
        if span.bytes >= CALL_BYTES {
            spans.extend(open.take());
        }
    }
    spans.extend(open);
    spans.retain(|wanted| wanted.bytes > 0);
    spans
}

/// Frames that a call brings, in order. Dropping it ends the call.
pub(super) struct Frames {
    frames: mpsc::UnboundedReceiver<Result<Frame, PullError>>,
    task: JoinHandle<()>,
}

impl Frames {
    /// The next frame; `None` once everything that was asked for has come.
    pub(super) async fn next(&mut self) -> Option<Result<Frame, PullError>> {
        self.frames.recv().await
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a call. It is read to its end whether or not anyone takes the frames yet,
/// since a stream left unread would hold back the others of its connection; what it
/// may bring is bounded.
pub(super) fn call<T: Transport>(
    puller: Puller<T>,
    request: Request,
    erased: Erased,
    slot: Option<tokio::sync::OwnedSemaphorePermit>,
) -> Frames {
    let (out, frames) = mpsc::unbounded_channel();
    let task = tokio::spawn(async move {
        let whole = puller.options.whole_call(request.bytes);
        let done = match tokio::time::timeout(whole, read(&puller, &request, &erased, &out)).await {
            Ok(done) => done,
            Err(_) => Err(PullError::Stalled { waited: whole }),
        };
        if let Err(error) = done {
            // Nobody listens any more if this fails.
            let _ = out.send(Err(error));
        }
        drop(slot);
    });
    Frames { frames, task }
}

async fn read<T: Transport>(
    puller: &Puller<T>,
    request: &Request,
    erased: &Erased,
    out: &mpsc::UnboundedSender<Result<Frame, PullError>>,
) -> Result<(), PullError> {
    let options = &puller.options;
    let mut encodings = vec![FrameEncoding::Raw.into()];
    if options.zstd {
        encodings.insert(0, FrameEncoding::Zstd.into());
    }
    let call = ReadPayloadsRequest {
        origin: puller.origin.to_string(),
        ranges: request
            .spans
            .iter()
            .map(|span| IndexRange {
                start: span.start,
                end: span.end,
            })
            .collect(),
        countries: options.payloads.countries.clone(),
        encodings,
    };
    let mut client = puller.client.clone();
    let mut stream = options.wait(client.read_payloads(call)).await?.into_inner();
    let mut left = request.bytes + request.indexes;
    for span in &request.spans {
        let mut next = span.start;
        while next < span.end {
            let Some(message) = options.wait(stream.message()).await? else {
                return Err(PullError::Truncated {
                    received: LeafIndex::new(next),
                    asked: LeafIndex::new(span.end),
                });
            };
            let frame = message.frame.unwrap_or_default();
            left = (left + FRAME_OVERHEAD)
                .checked_sub(frame.data.len() as u64)
                .ok_or_else(|| PullError::Oversized {
                    what: "the answer to a read of payloads".to_owned(),
                })?;
            let slots = frame.states.len() as u64;
            let frame = check(frame, next, span.end, options, erased)?;
            next += slots;
            if out.send(Ok(frame)).is_err() {
                return Ok(());
            }
        }
    }
    match options.wait(stream.message()).await? {
        None => Ok(()),
        Some(_) => Err(PullError::Oversized {
            what: "the answer to a read of payloads".to_owned(),
        }),
    }
}

/// The frame must start where the last one ended and stay within the span and the
/// bundle, and claim nothing that was not asked for.
fn check(
    mut frame: PayloadFrame,
    next: u64,
    end: u64,
    options: &super::PullOptions,
    erased: &Erased,
) -> Result<Frame, PullError> {
    if frame.start != next {
        return Err(PullError::OutOfOrder {
            expected: LeafIndex::new(next),
            got: LeafIndex::new(frame.start),
        });
    }
    let end = end.min((next / BUNDLE + 1) * BUNDLE);
    if frame.states.is_empty() || frame.states.len() as u64 > end - next {
        return Err(PullError::Oversized {
            what: format!("the frame at {next}"),
        });
    }
    let refuse = |why: &str| PullError::BadPayload {
        start: LeafIndex::new(next),
        why: why.to_owned(),
    };
    let states = &frame.states;
    if options.payloads.countries.is_empty() && states.contains(&SlotState::Filtered.number()) {
        return Err(refuse("filtered, though no country was asked for"));
    }
    if frame.encoding() == FrameEncoding::Zstd && !options.zstd {
        return Err(refuse("compressed, though only raw was asked for"));
    }
    // Only an erase entry of the log erases. What a source merely claims to be erased
    // may come back when another source has it.
    let unproven = |(at, state): (usize, &u8)| {
        *state == SlotState::Erased.number() && !erased(LeafIndex::new(next + at as u64))
    };
    if states.iter().enumerate().any(unproven) {
        frame.states = states
            .iter()
            .enumerate()
            .map(|(at, state)| match unproven((at, state)) {
                true => SlotState::NotHeld.number(),
                false => *state,
            })
            .collect::<Vec<u8>>()
            .into();
    }
    Frame::from_api(frame).map_err(|error| refuse(&error.to_string()))
}

/// Completes the frames of `spans`, in order, as a source would that does not hold
/// what did not come: those payloads can be fetched later.
pub(super) fn complete(
    frames: Vec<Frame>,
    spans: &[Span],
    package: &VerifiedPackage,
) -> Result<Vec<Frame>, PullError> {
    let mut came = frames.into_iter().peekable();
    let mut all = Vec::new();
    for span in spans {
        let mut at = span.start;
        while at < span.end {
            let frame = match came.next_if(|frame| frame.start().value() <= at) {
                Some(frame) => frame,
                None => {
                    let next = came.peek().map(|frame| frame.start().value());
                    not_held(at, next.unwrap_or(span.end).min(span.end), package)?
                }
            };
            at = frame.end().value();
            all.push(frame);
        }
    }
    Ok(all)
}

/// A frame for the entries `[start, end)` of a package without their payloads.
fn not_held(start: u64, end: u64, package: &VerifiedPackage) -> Result<Frame, PullError> {
    let first = package.start().value();
    let leaves = &package.leaves()[(start - first) as usize..(end - first) as usize];
    let states = leaves.iter().map(|leaf| match leaf.payload() {
        Some(_) => SlotState::NotHeld.number(),
        None => SlotState::None.number(),
    });
    let frame = PayloadFrame {
        start,
        states: states.collect::<Vec<u8>>().into(),
        encoding: FrameEncoding::Raw.into(),
        ..PayloadFrame::default()
    };
    Frame::from_api(frame).map_err(|error| PullError::Held {
        why: error.to_string(),
    })
}

/// Entries of one bundle whose payloads are to be fetched.
#[derive(Debug, Clone)]
pub struct Run {
    /// The index of the first.
    pub start: LeafIndex,
    /// What the entries are, from the log.
    pub leaves: Vec<Leaf>,
}

impl Run {
    fn span(&self) -> Span {
        Span {
            start: self.start.value(),
            end: self.start.value() + self.leaves.len() as u64,
        }
    }
}

/// Payload frames of entries that were stored before, one verified frame after the other.
pub struct Fill {
    frames: mpsc::Receiver<Result<VerifiedFrame, PullError>>,
    task: JoinHandle<()>,
}

impl Fill {
    /// The next frame; `None` at the end, which an error also is.
    pub async fn next(&mut self) -> Option<Result<VerifiedFrame, PullError>> {
        self.frames.recv().await
    }
}

impl Drop for Fill {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn fill<T: Transport>(puller: Puller<T>, runs: Vec<Run>, erased: Erased) -> Fill {
    let (out, frames) = mpsc::channel(4);
    let task = tokio::spawn(async move {
        if let Err(error) = fill_all(puller, runs, erased, &out).await {
            // Nobody listens any more if this fails.
            let _ = out.send(Err(error)).await;
        }
    });
    Fill { frames, task }
}

async fn fill_all<T: Transport>(
    puller: Puller<T>,
    runs: Vec<Run>,
    erased: Erased,
    out: &mpsc::Sender<Result<VerifiedFrame, PullError>>,
) -> Result<(), PullError> {
    check_runs(&runs)?;
    let mut runs = VecDeque::from(runs);
    while !runs.is_empty() {
        let mut request = Request::default();
        let mut asked = VecDeque::new();
        while !request.is_full()
            && let Some(run) = runs.pop_front()
        {
            let mut spans = VecDeque::from(wanted(
                run.start,
                &run.leaves,
                &puller.options.payloads,
                &erased,
            ));
            while !request.is_full()
                && let Some(next) = spans.pop_front()
            {
                request.add(next.span, next.bytes);
            }
            if let Some(rest) = spans.front() {
                let at = (rest.span.start - run.start.value()) as usize;
                runs.push_front(Run {
                    start: LeafIndex::new(rest.span.start),
                    leaves: run.leaves[at..].to_vec(),
                });
            }
            asked.push_back(run);
        }
        if request.is_empty() {
            continue;
        }
        let mut frames = call(puller.clone(), request, erased.clone(), None);
        while let Some(frame) = frames.next().await {
            let frame = frame?;
            while asked
                .front()
                .is_some_and(|run| run.span().end <= frame.start().value())
            {
                asked.pop_front();
            }
            let run = asked.front().ok_or(PullError::Interrupted)?;
            let at = (frame.start().value() - run.start.value()) as usize;
            let leaves = run
                .leaves
                .get(at..at + frame.states().len())
                .ok_or(PullError::Oversized {
                    what: format!("the frame at {}", frame.start()),
                })?
                .to_vec();
            let erased = erased.clone();
            let verified = tokio::task::spawn_blocking(move || verify(frame, &leaves, &erased))
                .await
                .map_err(|_| PullError::Interrupted)??;
            if out.send(Ok(verified)).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn check_runs(runs: &[Run]) -> Result<(), PullError> {
    let mut before = 0;
    for run in runs {
        let Span { start, end } = run.span();
        if start < before || end <= start || (end - 1) / BUNDLE != start / BUNDLE {
            return Err(PullError::Held {
                why: format!("the run at {start} is empty, out of order or crosses a bundle"),
            });
        }
        before = end;
    }
    Ok(())
}

/// Checks a frame against the entries of its slots.
pub(super) fn verify(
    frame: Frame,
    leaves: &[Leaf],
    erased: &Erased,
) -> Result<VerifiedFrame, PullError> {
    let start = frame.start();
    frame
        .verify(leaves, |index| erased(index))
        .map_err(|error| PullError::BadPayload {
            start,
            why: error.to_string(),
        })
}
