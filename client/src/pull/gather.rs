//! Puts packages and their payloads together again, in the log's order.

use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    task::JoinHandle,
};
use wpsx_proto::{
    api::log::v1::{FrameEncoding, PayloadFrame},
    package::VerifiedPackage,
    payload::{Frame, SlotState},
};

use super::{
    error::PullError,
    filter::Erased,
    frames::{self, Frames},
    plan::{Item, Planned},
    request::Span,
    step::Step,
};

/// A step on its way to the caller.
pub(super) enum Pending {
    Ready(Box<Step>),
    Verifying {
        work: JoinHandle<Result<Step, PullError>>,
        /// Given back when the caller takes the step.
        _budget: OwnedSemaphorePermit,
    },
}

/// Puts packages and their frames together and has the frames verified, several
/// packages at a time. If `keep` is set, what came before the line broke is handed on:
/// packages though not all of their payloads came.
pub(super) async fn gather(
    mut planned: mpsc::Receiver<Item>,
    calls: mpsc::Receiver<Frames>,
    erased: Erased,
    keep: bool,
    out: mpsc::Sender<Result<Pending, PullError>>,
) {
    let mut source = Source {
        calls,
        current: None,
        ahead: None,
        keep,
        broken: None,
    };
    while let Some(item) = planned.recv().await {
        let pending = match item {
            Item::Failed(error) => Err(source.broken.take().unwrap_or(error)),
            Item::Last(head) => source
                .finish()
                .await
                .map(|()| Pending::Ready(Box::new(Step::Head(*head)))),
            Item::Package(planned) => {
                let Planned {
                    package,
                    spans,
                    budget,
                } = *planned;
                let come = source.frames(&spans).await.and_then(|frames| {
                    if source.broken.is_none() {
                        return Ok(frames);
                    }
                    complete(frames, &spans, &package)
                });
                come.map(|frames| {
                    let erased = erased.clone();
                    let work = move || assemble(package, frames, &erased);
                    Pending::Verifying {
                        work: tokio::task::spawn_blocking(work),
                        _budget: budget,
                    }
                })
            }
        };
        let failed = pending.is_err();
        if out.send(pending).await.is_err() || failed {
            return;
        }
    }
}

/// The frames of all calls as one sequence.
struct Source {
    calls: mpsc::Receiver<Frames>,
    current: Option<Frames>,
    /// A frame that came and is of a later package.
    ahead: Option<Frame>,
    /// Take what came over a line that broke.
    keep: bool,
    /// Why the line broke, once it did.
    broken: Option<PullError>,
}

impl Source {
    /// The frames of the next spans that were asked for: all, or those that came before
    /// the line broke.
    async fn frames(&mut self, spans: &[Span]) -> Result<Vec<Frame>, PullError> {
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
            return Ok(Vec::new());
        };
        let mut frames: Vec<Frame> = Vec::new();
        while frames
            .last()
            .is_none_or(|frame| frame.end().value() < last.end)
        {
            let Some(frame) = self.next().await? else {
                break;
            };
            if frame.start().value() >= last.end {
                self.ahead = Some(frame);
                break;
            }
            if frame.start().value() >= first.start {
                frames.push(frame);
            }
        }
        Ok(frames)
    }

    /// Waits for the end of the last call: nothing else may come.
    async fn finish(&mut self) -> Result<(), PullError> {
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        if let Some(current) = &mut self.current
            && let Some(frame) = current.next().await
        {
            frame?;
        }
        Ok(())
    }

    /// The next frame; none if the line broke and nothing more came.
    async fn next(&mut self) -> Result<Option<Frame>, PullError> {
        if let Some(frame) = self.ahead.take() {
            return Ok(Some(frame));
        }
        loop {
            if let Some(current) = &mut self.current {
                match current.next().await {
                    Some(Ok(frame)) => return Ok(Some(frame)),
                    Some(Err(error @ (PullError::Connection(_) | PullError::Stalled { .. })))
                        if self.keep =>
                    {
                        self.broken.get_or_insert(error);
                    }
                    Some(Err(error)) => return Err(error),
                    None => {}
                }
                self.current = None;
            }
            self.current = if self.broken.is_none() {
                let call = self.calls.recv().await;
                Some(call.ok_or(PullError::Interrupted)?)
            } else {
                // Calls that are not under way by now will not bring anything.
                match self.calls.try_recv() {
                    Ok(call) => Some(call),
                    Err(_) => return Ok(None),
                }
            };
        }
    }
}

fn assemble(
    package: VerifiedPackage,
    frames: Vec<Frame>,
    erased: &Erased,
) -> Result<Step, PullError> {
    let first = package.start().value();
    let frames = frames
        .into_iter()
        .map(|frame| {
            let at = (frame.start().value() - first) as usize;
            let end = at + frame.states().len();
            frames::verify(frame, &package.leaves()[at..end], erased)
        })
        .collect::<Result<_, _>>()?;
    Ok(Step::Package {
        package,
        frames,
        uncovered: SlotState::Filtered,
    })
}

/// Completes the frames of `spans`, in order, as a source would that does not hold
/// what did not come: those payloads can be fetched later.
fn complete(
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
