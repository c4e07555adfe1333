//! Serves HTTP over one connection until it ends: by itself, with the node, or because
//! the other side stalls.

use std::{
    convert::Infallible,
    error::Error as StdError,
    future::{Future, ready},
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use axum::{Router, response::IntoResponse as _};
use hyper::{
    HeaderMap, Request, Response, StatusCode, Version,
    body::{Body as _, Incoming},
    header::{CONNECTION, CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER},
    http::uri::Authority,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    time::{MissedTickBehavior, interval, sleep},
};
use tonic::Status;
use tower::ServiceExt as _;
use wpsx_client::{
    tls::{TlsKeyHash, alert_reason, tls_error},
    transport::{Counted, Counters},
};

use crate::{
    allowance::Who,
    caller::Caller,
    class::Class,
    connections::{Connections, Place, Slot},
    error::ListenError,
    half::Half,
    operator::Operator,
    panics::Tasks,
    places::{Full, group},
    pulse::{Answer, Busy, Pulse, Verdict},
    punctual::Punctual,
    tls::IsPeer,
    whose::{OnRefused, Whose},
};

/// How long a reader that asks for too much at once waits for being told so.
const HELD_BACK: Duration = Duration::from_secs(1);

/// The client preface of HTTP/2 (RFC 9113, 3.4) has this many bytes.
const PREFACE: u64 = 24;

/// What a connection gives, and to whom.
pub(crate) struct Served {
    class: Class,
    key: Option<TlsKeyHash>,
    address: Option<SocketAddr>,
    id: u64,
    connections: Connections,
    operator: Option<Operator>,
    router: Router,
    is_peer: Option<IsPeer>,
    place: Option<Place>,
    full: Option<Full>,
    refusing: Option<OnRefused>,
    /// Told when the connection ends with the answer that it is given now.
    last: Arc<Notify>,
}

impl Served {
    /// Requests are those of this class, and nobody is the operator.
    pub(crate) fn to(
        class: Class,
        key: Option<TlsKeyHash>,
        address: Option<SocketAddr>,
        slot: &Slot,
        router: Router,
    ) -> Self {
        Self {
            class,
            key,
            address,
            id: slot.id(),
            connections: slot.connections.clone(),
            operator: None,
            router,
            is_peer: None,
            place: None,
            full: None,
            refusing: None,
            last: Arc::default(),
        }
    }

    /// Every request is the operator's.
    pub(crate) fn to_operator(operator: Operator, slot: &Slot, router: Router) -> Self {
        Self {
            operator: Some(operator),
            ..Self::to(Class::Operator, None, None, slot, router)
        }
    }

    /// Requests are a peer's from when on `is_peer` knows the key.
    pub(crate) fn once_a_peer(self, is_peer: IsPeer) -> Self {
        Self {
            is_peer: Some(is_peer),
            ..self
        }
    }

    /// Who connects has not shown who it is before it asks something, and may be a proxy
    /// that asks for somebody. Who finds no room hears it from `refusing`.
    pub(crate) fn by_its_requests(self, slot: &Slot, refusing: Option<OnRefused>) -> Self {
        Self {
            place: Some(slot.place()),
            refusing,
            ..self
        }
    }

    /// It met this bound: what is asked first is answered by that, and it ends.
    pub(crate) fn without_room(self, full: Option<Full>) -> Self {
        Self { full, ..self }
    }

    /// Whether there is room for the connection on which somebody asks now.
    fn room(&self) -> Result<(), Full> {
        self.full.map_or(Ok(()), Err)?;
        self.place
            .as_ref()
            .map_or(Ok(()), |place| place.identify(None, false))
    }

    /// Who asks this.
    fn caller_of(&self, headers: &HeaderMap) -> Caller {
        let spoken_for = self.place.as_ref().and(self.address).map(|from| {
            let proxies = &self.connections.limits().proxies;
            match proxies.caller(from.ip(), headers) {
                address if address == from.ip() => from,
                address => SocketAddr::new(address, 0),
            }
        });
        self.caller_at(spoken_for.or(self.address))
    }

    /// Who calls, now.
    pub(crate) fn caller(&self) -> Caller {
        self.caller_at(self.address)
    }

    fn caller_at(&self, address: Option<SocketAddr>) -> Caller {
        let is_peer = |key: &TlsKeyHash| self.is_peer.as_ref().is_some_and(|known| known(key));
        let class = match (self.class, &self.key) {
            (Class::Reader, Some(key)) if is_peer(key) => Class::Peer,
            (class, _) => class,
        };
        // Any key can be made; an address cannot, and a peer's key was named by the operator.
        let who = match (class, self.key, address) {
            (Class::Peer, Some(key), _) => Who::Key(key),
            (_, _, Some(address)) => Who::Address(group(address.ip())),
            _ => Who::Own,
        };
        let allowance = self.connections.allowance(class, who);
        Caller::new(self.key, address, self.id, class, allowance)
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
    let last = Arc::clone(&served.last);
    let tasks = Tasks::new(served.address, slot.cut.clone());
    let send_buffer = slot.connections.share(served.class).send_buffer;
    let service = service_fn(answer(&pulse, served, limits.request));
    let connection = http2::Builder::new(tasks)
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .initial_stream_window_size(limits.stream_window)
        .initial_connection_window_size(limits.connection_window)
        .max_header_list_size(limits.header_list)
        .max_send_buf_size(send_buffer)
        .keep_alive_interval(limits.ping_interval)
        .keep_alive_timeout(limits.ping_timeout)
        .serve_connection(TokioIo::new(io), service);
    let connection = pin!(connection);
    drive(
        connection,
        http2::Connection::graceful_shutdown,
        &pulse,
        slot,
        Beside {
            preface: Some(counters),
            last,
        },
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
    let last = Arc::clone(&served.last);
    let io = Half::new(io, Arc::clone(&pulse), limits.half_closed, last.clone());
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
        Beside {
            preface: None,
            last,
        },
    )
    .await
}

type Answering = Pin<Box<dyn Future<Output = Result<Response<Answer>, Infallible>> + Send>>;

/// Turns a request of hyper's into one of the router's, watched from both ends, at the cost
/// of its caller.
fn answer(
    pulse: &Arc<Pulse>,
    served: Served,
    limit: Duration,
) -> impl Fn(Request<Incoming>) -> Answering + use<> {
    let pulse = Arc::clone(pulse);
    move |request| {
        if !names_its_host(&request) {
            return unnamed(pulse.request(served.connections.share(served.class).send_buffer));
        }
        let caller = served.caller_of(request.headers());
        let share = served.connections.share(caller.class());
        let busy = pulse.request(share.send_buffer);
        let refusing = served.refusing.as_ref();
        if let Err(full) = served.room() {
            served.connections.refuse(served.address, full.reason);
            served.last.notify_one();
            return ending(&request, refused(busy, &request, refusing, full));
        }
        let holding = match caller.allowance().call(share.call()) {
            Ok(holding) => holding,
            Err(whose) => {
                let reason =
                    "this node has as many calls at once as it takes from here; try again soon";
                let refusal = refused(busy, &request, refusing, Full { whose, reason });
                // Who asks again at once would keep the threads of all readers busy with
                // being refused: it waits a moment, at the cost of one of its streams.
                return match caller.allowance().refusal() {
                    Some(held_back) => Box::pin(async move {
                        sleep(HELD_BACK).await;
                        drop(held_back);
                        refusal.await
                    }),
                    None => refusal,
                };
            }
        };
        let held = busy.holds(holding);
        // A batch of the operator's has its own bound.
        let at_cost = (caller.class() != Class::Operator).then(|| caller.allowance().clone());
        let mut request = request.map(|body| {
            if body.is_end_stream() {
                axum::body::Body::empty()
            } else {
                axum::body::Body::new(Punctual::new(body, limit, at_cost, held.clone()))
            }
        });
        request.extensions_mut().insert(caller.in_call(held));
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

/// A request over HTTP/1.1 names the host that it asks, once and well (RFC 9112, 3.2).
fn names_its_host(request: &Request<Incoming>) -> bool {
    if request.version() != Version::HTTP_11 {
        return true;
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let is_well = |host: &str| host.parse::<Authority>().is_ok() && !host.contains('@');
    host.is_empty() || host.to_str().is_ok_and(is_well)
}

/// Answers that it does not.
fn unnamed(busy: Busy) -> Answering {
    const WHY: &str = "a request over HTTP/1.1 names one host in its header Host\n";
    let response = (StatusCode::BAD_REQUEST, WHY).into_response();
    Box::pin(ready(Ok(response.map(|body| busy.answer(body)))))
}

/// Answers that the node is busy, in the caller's language.
fn refused(
    busy: Busy,
    request: &Request<Incoming>,
    refusing: Option<&OnRefused>,
    full: Full,
) -> Answering {
    let Full { whose, reason } = full;
    let content = request.headers().get(CONTENT_TYPE);
    let is_grpc = content.is_some_and(|c| c.as_bytes().starts_with(b"application/grpc"));
    let response = if is_grpc {
        Status::resource_exhausted(reason).into_http::<axum::body::Body>()
    } else if let Some(refusing) = refusing {
        refusing(whose, request.uri(), request.headers())
    } else {
        let status = match whose {
            Whose::Callers => StatusCode::TOO_MANY_REQUESTS,
            Whose::Everybodys => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, [(RETRY_AFTER, "1")], reason.to_owned()).into_response()
    };
    Box::pin(ready(Ok(response.map(|body| busy.answer(body)))))
}

/// The same answer as the last one on its connection; HTTP/2 has another way to say so.
fn ending(request: &Request<Incoming>, answer: Answering) -> Answering {
    if request.version() > Version::HTTP_11 {
        return answer;
    }
    Box::pin(async move {
        let mut answer = answer.await?;
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(CONNECTION, close);
        Ok(answer)
    })
}

/// What is known of a connection beside its requests.
struct Beside {
    /// The bytes of one that has to say something first.
    preface: Option<Arc<Counters>>,
    /// Tells that it ends with the answer that is under way.
    last: Arc<Notify>,
}

/// Runs a connection to its end: its own, the node's, or that of our patience.
async fn drive<C>(
    mut connection: Pin<&mut C>,
    end_gracefully: impl Fn(Pin<&mut C>),
    pulse: &Arc<Pulse>,
    slot: &Slot,
    Beside { preface, last }: Beside,
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
            () = last.notified(), if !ending => {
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
