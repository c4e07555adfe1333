//! Asks for payloads, and checks that the frames which come are the ones asked for.
//!
//! Whether they match their entries is checked later, off the network's task.

use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    task::JoinHandle,
};
use wpsx_proto::{
    api::{
        log::v1::{FrameEncoding, PayloadFrame},
        replication::v1::{IndexRange, ReadPayloadsRequest},
    },
    envelope::Leaf,
    index::{BUNDLE, LeafIndex},
    payload::{Frame, SlotState, VerifiedFrame},
};

use super::{
    error::PullError, filter::Erased, options::PullOptions, puller::Puller, request::Request,
    transport::Transport,
};
use crate::clock::monotonic;

/// What each frame and each slot may add on the wire.
const FRAME_OVERHEAD: u64 = 1024;

/// Frames that a call brings, in order. Dropping it ends the call.
pub(super) struct Frames {
    frames: mpsc::Receiver<Result<Frame, PullError>>,
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
    slot: Option<OwnedSemaphorePermit>,
) -> Frames {
    // Room for a frame for each index asked for, more than any answer has, and for the
    // error that ends it: handing one on never waits.
    let (out, frames) = mpsc::channel(request.indexes as usize + 1);
    let task = tokio::spawn(async move {
        let whole = puller.options.whole_call(request.bytes);
        let begun = monotonic();
        let done = match tokio::time::timeout(whole, read(&puller, &request, &erased, &out)).await {
            Ok(done) => done.inspect(|()| {
                let speed = &puller.options.speed;
                speed.came(request.bytes, begun.elapsed());
            }),
            Err(_) => Err(PullError::Stalled { waited: whole }),
        };
        if let Err(error) = done {
            // Nobody listens any more if this fails.
            let _ = out.send(Err(error)).await;
        }
        drop(slot);
    });
    Frames { frames, task }
}

async fn read<T: Transport>(
    puller: &Puller<T>,
    request: &Request,
    erased: &Erased,
    out: &mpsc::Sender<Result<Frame, PullError>>,
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
            if out.send(Ok(frame)).await.is_err() {
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
    options: &PullOptions,
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
