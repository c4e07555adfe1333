//! What the gRPC services share: who calls, work that reads files, answers in parts.
//!
//! All of it is at the caller's cost (`wpsx_listen::Limits` says how much one has): work on
//! files takes one of its class's places, an answer the memory that it may need, before it
//! is made. Answers in parts are read one part at a time, when the one before was taken:
//! nothing is read for a caller that takes nothing. For a peer the next part is read while
//! it takes the one before, at its cost too.

use std::{future::Future, pin::Pin, sync::Arc};

use futures::{Stream, stream::try_unfold};
use tokio_util::task::AbortOnDropHandle;
use tonic::{Request, Status};
use wpsx_domain::{Brief, NodeError, Wanted};
use wpsx_listen::{Caller, Class, Holding};

use crate::codes::{public_refusal, refusal};

/// Answers that come one after the other.
pub(crate) type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// What a call costs its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Bytes: what is read, what it is read into, and the answer twice, as it is made and
    /// as it is sent.
    pub(crate) memory: usize,
    /// Places for work on files at once: more for what reads more.
    pub(crate) places: usize,
}

impl Cost {
    /// One entry, one proof.
    pub(crate) const SMALL: Self = Self::of(0, 1);
    /// A record: the frame that holds its payload is read as a whole.
    pub(crate) const RECORD: Self = Self::of(3 << 20, 1);
    /// A bundle of entries with its proof.
    pub(crate) const PACKAGE: Self = Self::of(128 << 10, 1);
    /// Payload frames of 1 MiB together.
    pub(crate) const FRAMES: Self = Self::of(4 << 20, 1);
    /// Heads, or origins, of 1 MiB together.
    pub(crate) const HEADS: Self = Self::of(3 << 20, 1);
    /// A page of records, which may have to look at every entry that is stored.
    pub(crate) const PAGE: Self = Self::of(8 << 20, 2);

    const fn of(memory: usize, places: usize) -> Self {
        Self { memory, places }
    }
}

/// Who makes a request; nobody in particular where the listener did not say.
pub(crate) fn caller<T>(request: &Request<T>) -> Caller {
    request
        .extensions()
        .get::<Caller>()
        .cloned()
        .unwrap_or_default()
}

/// Runs `work`, which reads files for one answer to `caller`, on a blocking thread. It holds
/// its memory until the answer was taken. If the caller goes, work that waits never begins,
/// and work that asks whether it is wanted ends.
///
/// # Errors
/// What `work` says, in the caller's codes.
pub(crate) async fn answer<T: Send + 'static>(
    caller: &Caller,
    cost: Cost,
    work: impl FnOnce(&Wanted) -> Result<T, NodeError> + Send + 'static,
) -> Result<T, Status> {
    caller.hold(caller.allowance().memory(cost.memory).await);
    let answer = at_cost(caller, cost, work).await;
    answer.map_err(|error| told(caller, error))
}

/// The same for work that `brief` may have done on this thread.
///
/// # Errors
/// As [`answer`].
pub(crate) async fn brief_answer<T: Send + 'static>(
    caller: &Caller,
    cost: Cost,
    brief: &Brief,
    work: impl FnOnce(&Wanted) -> Result<T, NodeError> + Send + 'static,
) -> Result<T, Status> {
    caller.hold(caller.allowance().memory(cost.memory).await);
    let answer = at_cost_briefly(caller, cost, brief, work).await;
    answer.map_err(|error| told(caller, error))
}

/// What went wrong, as this caller may know it.
fn told(caller: &Caller, error: NodeError) -> Status {
    match caller.class() {
        Class::Operator => refusal(error),
        Class::Peer | Class::Reader => public_refusal(error),
    }
}

/// Runs `work`, which changes something, on a blocking thread, to its end whoever waits.
///
/// # Errors
/// What `work` says, in the caller's codes.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NodeError> + Send + 'static,
) -> Result<T, Status> {
    wpsx_domain::blocking(work).await.map_err(refusal)
}

/// Work for a caller, in one of its places.
pub(crate) async fn at_cost<T: Send + 'static>(
    caller: &Caller,
    cost: Cost,
    work: impl FnOnce(&Wanted) -> Result<T, NodeError> + Send + 'static,
) -> Result<T, NodeError> {
    let place = caller.allowance().places(cost.places).await;
    wpsx_domain::while_wanted(move |wanted| {
        let _until_it_ends = place;
        work(wanted)
    })
    .await
}

/// The same for work that `brief` may have done on this thread.
async fn at_cost_briefly<T: Send + 'static>(
    caller: &Caller,
    cost: Cost,
    brief: &Brief,
    work: impl FnOnce(&Wanted) -> Result<T, NodeError> + Send + 'static,
) -> Result<T, NodeError> {
    let Some(gauge) = brief.is_for(caller.class()) else {
        return at_cost(caller, cost, work).await;
    };
    let _until_it_ends = caller.allowance().places(cost.places).await;
    gauge.here(|| work(&Wanted::default()))
}

/// A part of an answer that was read, and how many bytes it has.
pub(crate) type Part<T> = (T, usize);

/// Answers that `next` reads from files, each when the one before was taken, until it gives
/// none. A panic in it ends the answers with an error: one that merely ended would look
/// complete.
pub(crate) fn parts<S, T, N>(
    caller: Caller,
    (cost, brief): (Cost, Arc<Brief>),
    state: S,
    next: N,
) -> Answers<T>
where
    S: Send + 'static,
    T: Send + 'static,
    N: FnMut(&mut S, &Wanted) -> Result<Option<Part<T>>, NodeError> + Send + 'static,
{
    // Who is known may have the next part read while it takes the one before: both wait less.
    let ahead = caller.class() == Class::Peer;
    in_parts(caller, (cost, brief), ahead, state, next)
}

fn in_parts<S, T, N>(
    caller: Caller,
    (cost, brief): (Cost, Arc<Brief>),
    ahead: bool,
    state: S,
    next: N,
) -> Answers<T>
where
    S: Send + 'static,
    T: Send + 'static,
    N: FnMut(&mut S, &Wanted) -> Result<Option<Part<T>>, NodeError> + Send + 'static,
{
    let read = move |(mut state, mut next): (S, N)| {
        let (caller, brief) = (caller.clone(), brief.clone());
        async move {
            let mut held = caller.allowance().memory(cost.memory).await;
            let work = move |wanted: &Wanted| {
                let part = next(&mut state, wanted)?;
                Ok((state, next, part))
            };
            let read = at_cost_briefly(&caller, cost, &brief, work).await;
            let (state, next, part) = read.map_err(|error| told(&caller, error))?;
            Ok(part.map(|(part, bytes)| {
                held.shrink(2 * bytes);
                (part, held, (state, next))
            }))
        }
    };
    let first = Coming::Later((state, next));
    let reading = (first, Holding::default());
    Box::pin(try_unfold(reading, move |(coming, taken)| {
        drop(taken);
        let read = read.clone();
        async move {
            let came = match coming {
                Coming::Later(from) => read(from).await?,
                Coming::Soon(reading) => reading.await.map_err(broken)??,
            };
            let Some((part, held, from)) = came else {
                return Ok(None);
            };
            let coming = match ahead {
                true => Coming::Soon(AbortOnDropHandle::new(tokio::spawn(read(from)))),
                false => Coming::Later(from),
            };
            Ok(Some((part, (coming, held))))
        }
    }))
}

/// The part after the one that is being taken.
enum Coming<F, T> {
    /// It is read when it is asked for, from here.
    Later(F),
    /// It is being read.
    Soon(AbortOnDropHandle<Came<F, T>>),
}

/// A part, what it holds, and from where the next is read; none after the last.
type Came<F, T> = Result<Option<(T, Holding, F)>, Status>;

fn broken(error: tokio::task::JoinError) -> Status {
    public_refusal(NodeError::Internal(error.to_string()))
}

/// The same for answers that have to be waited for, at the cost of whoever makes them.
pub(crate) fn parts_while<S, T, F>(
    state: S,
    next: impl FnMut(S) -> F + Send + 'static,
) -> Answers<T>
where
    S: Send + 'static,
    T: Send + 'static,
    F: Future<Output = Result<Option<(T, S)>, Status>> + Send + 'static,
{
    Box::pin(try_unfold(state, next))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::{Extension, Router, routing::get};
    use futures::{StreamExt as _, poll};
    use tokio::{
        io::AsyncWriteExt as _,
        net::TcpStream,
        sync::{mpsc, oneshot},
    };
    use tokio_util::sync::CancellationToken;
    use wpsx_listen::{Clock, Connections, Limits, bind, serve_http};

    use super::*;

    fn small() -> (Cost, Arc<Brief>) {
        (Cost::SMALL, Arc::default())
    }

    #[tokio::test]
    async fn an_answer_that_ends_in_a_panic_is_no_complete_one() {
        let next = |at: &mut u32, _: &Wanted| {
            assert!(*at == 0, "after the first");
            *at += 1;
            Ok(Some((*at, 4)))
        };
        let mut answers = parts(Caller::default(), small(), 0, next);
        assert_eq!(answers.next().await.unwrap().unwrap(), 1);
        let broken = answers.next().await.unwrap().unwrap_err();
        assert_eq!(broken.code(), tonic::Code::Internal);
        assert!(answers.next().await.is_none());
    }

    /// A reader that may have two places at once, as the listener says it.
    #[expect(
        clippy::disallowed_methods,
        reason = "it calls as anybody may, and needs no client"
    )]
    async fn reader() -> Caller {
        let mut limits = Limits::default();
        (limits.readers.places, limits.readers.places_per_caller) = (4, 2);
        let connections = Connections::new(limits, Clock::system(), CancellationToken::new());
        let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let mut calling = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (came, mut comes) = mpsc::channel(1);
        let router = Router::new().route(
            "/",
            get(move |Extension(caller): Extension<Caller>| async move {
                let _ = came.send(caller).await;
            }),
        );
        tokio::spawn(serve_http(
            listener,
            router,
            connections,
            Class::Reader,
            None,
        ));
        let request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
        calling.write_all(request).await.unwrap();
        comes.recv().await.unwrap()
    }

    #[tokio::test]
    async fn what_is_expensive_costs_more_of_a_callers_allowance() {
        let caller = reader().await;
        assert_eq!(caller.class(), Class::Reader);
        for (cost, left) in [(Cost::PAGE, 0), (Cost::RECORD, 1), (Cost::SMALL, 1)] {
            let (begun, begins) = oneshot::channel();
            let (end, ends) = std::sync::mpsc::sync_channel::<()>(1);
            let who = caller.clone();
            let working = tokio::spawn(async move {
                let work = move |_: &Wanted| {
                    let _ = begun.send(());
                    let _ = ends.recv();
                    Ok(())
                };
                at_cost(&who, cost, work).await
            });
            begins.await.unwrap();
            let mut another = Box::pin(caller.allowance().places(1));
            let is_left = poll!(another.as_mut()).is_ready();
            assert_eq!(usize::from(is_left), left, "{cost:?}");
            end.send(()).unwrap();
            working.await.unwrap().unwrap();
        }
        for cheaper in [Cost::SMALL, Cost::RECORD, Cost::PACKAGE, Cost::HEADS] {
            assert!(Cost::PAGE.memory > cheaper.memory, "{cheaper:?}");
        }
    }

    #[tokio::test]
    async fn one_part_is_read_ahead_and_no_more() {
        let read = Arc::new(AtomicU32::new(0));
        let counted = read.clone();
        let next = move |_: &mut (), _: &Wanted| match counted.fetch_add(1, Ordering::SeqCst) {
            4 => Ok(None),
            part => Ok(Some((part, 4))),
        };
        let mut answers = in_parts(Caller::default(), small(), true, (), next);
        for taken in 0..4 {
            assert_eq!(answers.next().await.unwrap().unwrap(), taken);
            while read.load(Ordering::SeqCst) < taken + 2 {
                tokio::task::yield_now().await;
            }
            tokio::task::spawn_blocking(|| ()).await.unwrap();
            assert_eq!(read.load(Ordering::SeqCst), taken + 2);
        }
        assert!(answers.next().await.is_none());
    }

    #[tokio::test]
    async fn nothing_is_read_before_what_was_read_is_taken() {
        let read = Arc::new(AtomicU32::new(0));
        let counted = read.clone();
        let next =
            move |_: &mut (), _: &Wanted| Ok(Some((counted.fetch_add(1, Ordering::SeqCst), 4)));
        let mut answers = parts(Caller::default(), small(), (), next);
        for taken in 0..3 {
            tokio::task::spawn_blocking(|| ()).await.unwrap();
            assert_eq!(read.load(Ordering::SeqCst), taken);
            assert_eq!(answers.next().await.unwrap().unwrap(), taken);
        }
    }
}
