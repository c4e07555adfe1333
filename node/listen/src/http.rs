//! Serves HTTP over one connection until it ends: by itself, with the node, or because
//! the other side stalls.

use std::{
    convert::Infallible,
    error::Error as StdError,
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper::{
    Request, Response,
    body::{Body as _, Incoming},
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{MissedTickBehavior, interval, sleep},
};
use tower::ServiceExt as _;
use wpsx_client::{
    tls::{alert_reason, tls_error},
    transport::{Counted, Counters},
};

use crate::{
    caller::Caller,
    connections::Slot,
    error::ListenError,
    operator::Operator,
    panics::Tasks,
    pulse::{Answer, Pulse, Verdict},
    punctual::Punctual,
};

/// The client preface of HTTP/2 (RFC 9113, 3.4) has this many bytes.
const PREFACE: u64 = 24;

/// What a connection gives, and to whom.
pub(crate) struct Served {
    caller: Caller,
    operator: Option<Operator>,
    router: Router,
}

impl Served {
    /// Requests are this caller's, and nobody is the operator.
    pub(crate) fn to(caller: Caller, router: Router) -> Self {
        Self {
            caller,
            operator: None,
            router,
        }
    }

    /// Every request is the operator's.
    pub(crate) fn to_operator(operator: Operator, caller: Caller, router: Router) -> Self {
        Self {
            operator: Some(operator),
            ..Self::to(caller, router)
        }
    }
}

pub(crate) async fn http2_connection<IO>(
    io: Counted<IO>,
    served: Served,
    slot: &Slot,
) -> Result<(), ListenError>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let limits = slot.connections.limits();
    let counters = io.counters();
    let pulse = Pulse::new();
    let tasks = Tasks::new(served.caller.address(), slot.cut.clone());
    let service = service_fn(answer(&pulse, served, limits.request));
    let connection = http2::Builder::new(tasks)
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .initial_stream_window_size(limits.stream_window)
        .initial_connection_window_size(limits.connection_window)
        .max_header_list_size(limits.header_list)
        .keep_alive_interval(limits.ping_interval)
        .keep_alive_timeout(limits.ping_timeout)
        .serve_connection(TokioIo::new(io), service);
    let connection = pin!(connection);
    let silent = Some(counters);
    drive(
        connection,
        http2::Connection::graceful_shutdown,
        &pulse,
        slot,
        silent,
    )
    .await
}

pub(crate) async fn http1_connection<IO>(
    io: IO,
    served: Served,
    slot: &Slot,
) -> Result<(), ListenError>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let limits = slot.connections.limits();
    let pulse = Pulse::new();
    let service = service_fn(answer(&pulse, served, limits.request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .max_buf_size(usize::try_from(limits.header_list).unwrap_or(0).max(8192))
        .serve_connection(TokioIo::new(io), service);
    let connection = pin!(connection);
    drive(
        connection,
        http1::Connection::graceful_shutdown,
        &pulse,
        slot,
        None,
    )
    .await
}

type Answering = Pin<Box<dyn Future<Output = Result<Response<Answer>, Infallible>> + Send>>;

/// Turns a request of hyper's into one of the router's, watched from both ends.
fn answer(
    pulse: &Arc<Pulse>,
    served: Served,
    limit: Duration,
) -> impl Fn(Request<Incoming>) -> Answering + use<> {
    let pulse = Arc::clone(pulse);
    move |request| {
        let busy = pulse.request();
        let mut request = request.map(|body| {
            if body.is_end_stream() {
                axum::body::Body::empty()
            } else {
                axum::body::Body::new(Punctual::new(body, limit))
            }
        });
        request.extensions_mut().insert(served.caller.clone());
        if let Some(operator) = &served.operator {
            operator.mark(request.extensions_mut());
        }
        let router = served.router.clone();
        Box::pin(async move {
            let response = router.oneshot(request).await?;
            Ok(response.map(|body| busy.answer(body)))
        })
    }
}

/// Runs a connection to its end: its own, the node's, or that of our patience.
async fn drive<C>(
    mut connection: Pin<&mut C>,
    end_gracefully: impl Fn(Pin<&mut C>),
    pulse: &Arc<Pulse>,
    slot: &Slot,
    preface: Option<Arc<Counters>>,
) -> Result<(), ListenError>
where
    C: Future<Output = Result<(), hyper::Error>>,
{
    let limits = slot.connections.limits();
    let stop = slot.connections.stop();
    let refused = |reason: &str| Err(ListenError::Refused(reason.to_owned()));
    let mut opening = pin!(sleep(limits.handshake));
    let mut is_opening = preface.is_some();
    let mut ending = false;
    let mut look = interval(limits.stall.min(limits.idle).max(Duration::from_millis(4)) / 4);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            ended = connection.as_mut() => return ended.or_else(|error| reason_of(&error)),
            () = slot.cut.cancelled() => return Ok(()),
            () = stop.cancelled(), if !ending => {
                ending = true;
                end_gracefully(connection.as_mut());
            }
            () = opening.as_mut(), if is_opening => {
                is_opening = false;
                if preface.as_ref().is_some_and(|bytes| bytes.received() < PREFACE) {
                    return refused("it connected and said nothing");
                }
            }
            _ = look.tick() => match pulse.verdict(limits.idle, limits.stall) {
                Verdict::Lives => {}
                // It was asked to end a look ago and has not.
                Verdict::Idle if ending => return Ok(()),
                Verdict::Idle => {
                    ending = true;
                    end_gracefully(connection.as_mut());
                }
                Verdict::Stalled => return refused("it does not take the answers it asked for"),
            },
        }
    }
}

/// A connection that ends is nothing to report, unless the other side broke rules.
fn reason_of(error: &hyper::Error) -> Result<(), ListenError> {
    let source = error.source();
    if error.is_timeout() {
        return Err(ListenError::Refused(
            "it was silent for longer than allowed".to_owned(),
        ));
    }
    if error.is_parse() {
        return Err(ListenError::Refused(format!(
            "it does not speak HTTP: {error}"
        )));
    }
    if let Some(reason) = source.and_then(tls_error).and_then(alert_reason) {
        return Err(ListenError::Refused(reason.to_owned()));
    }
    tracing::debug!(%error, "connection ended");
    Ok(())
}
