//! Fetches payloads of entries that are stored already.

use std::collections::VecDeque;

use tokio::{sync::mpsc, task::JoinHandle};
use wpsx_proto::{
    envelope::Leaf,
    index::{BUNDLE, LeafIndex},
    payload::VerifiedFrame,
};

use super::{
    error::PullError,
    filter::Erased,
    frames::{call, verify},
    puller::Puller,
    request::{CALL_BYTES, Request, Span, wanted},
    transport::Transport,
};

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

impl<T: Transport> Puller<T> {
    /// Fetches the payloads of `runs` of entries that are stored already, in order.
    /// Must be called within a Tokio runtime; dropping the [`Fill`] stops it.
    pub fn fill(&self, runs: Vec<Run>, erased: Erased) -> Fill {
        fill(self.clone(), runs, erased)
    }
}

fn fill<T: Transport>(puller: Puller<T>, runs: Vec<Run>, erased: Erased) -> Fill {
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
        let piece = puller.options.speed.piece(CALL_BYTES);
        let mut request = Request::default();
        let mut asked = VecDeque::new();
        while !request.is_full(piece)
            && let Some(run) = runs.pop_front()
        {
            let mut spans = VecDeque::from(wanted(
                run.start,
                &run.leaves,
                &puller.options.payloads,
                &erased,
                piece,
            ));
            while !request.is_full(piece)
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
