//! What can go wrong on the way to a node, sorted by whose fault it is.

use std::{error::Error as StdError, fmt, io, path::PathBuf, sync::Arc, time::Duration};

use tonic::{Code, Status};

use crate::tls::{TlsKeyHash, alert_reason, tls_error, wrong_key};

/// Why a connection could not be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The text is no endpoint.
    #[error("\"{text}\" is not the address of a node: {reason}; write https://host:port")]
    BadEndpoint {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The text is no proxy.
    #[error("the proxy's address cannot be used: {reason}; write http://host:port")]
    BadProxy {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Nobody answers there.
    #[error("{place} cannot be reached; check the address, the firewall and that the node runs")]
    Unreachable {
        /// The endpoint, proxy or socket.
        place: String,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody answered in time.
    #[error("{place} did not answer within {} s while {step}", .after.as_secs_f32())]
    Timeout {
        /// The endpoint or proxy.
        place: String,
        /// What was being done.
        step: &'static str,
        /// How long we waited.
        after: Duration,
    },
    /// The proxy answered, but did not open the way.
    #[error("the proxy {proxy} refused to connect to {endpoint}: {answer}")]
    ProxyRefused {
        /// The proxy.
        proxy: String,
        /// Where we wanted to go.
        endpoint: String,
        /// The first line of its answer.
        answer: String,
    },
    /// The node has another key than its card says.
    #[error(
        "{place} has the TLS key {found}, but its card names {pinned}; ask its operator for the \
         current card, and do not go on if they know of no change"
    )]
    WrongKey {
        /// The endpoint.
        place: String,
        /// The key it proved to have.
        found: TlsKeyHash,
        /// The keys that were expected.
        pinned: String,
    },
    /// The other side refused us, and said how.
    #[error("{place} refused the connection: {reason}")]
    Refused {
        /// The endpoint.
        place: String,
        /// What its answer means.
        reason: &'static str,
    },
    /// TLS or HTTP/2 could not be agreed on.
    #[error("{place} does not speak TLS 1.3 and HTTP/2 as a node does")]
    Handshake {
        /// The endpoint.
        place: String,
        /// What happened.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The path of a Unix socket is longer than the system allows.
    #[error("the socket path {path} is longer than 100 bytes; choose a shorter data directory")]
    SocketPath {
        /// The path.
        path: PathBuf,
    },
    /// The connection is over.
    #[error("the connection to {place} is closed: {reason}")]
    Closed {
        /// The other side.
        place: String,
        /// Why.
        reason: Closed,
    },
}

impl TransportError {
    /// Sorts what a TLS handshake ended with.
    pub(super) fn from_handshake(place: &str, error: io::Error) -> Self {
        let place = place.to_owned();
        if let Some(tls) = tls_error(&error) {
            if let Some(wrong) = wrong_key(tls) {
                return Self::WrongKey {
                    place,
                    found: wrong.found,
                    pinned: wrong.pinned.clone(),
                };
            }
            if let Some(reason) = alert_reason(tls) {
                return Self::Refused { place, reason };
            }
        }
        Self::Handshake {
            place,
            source: error.into(),
        }
    }
}

/// Why a connection ended.
#[derive(Clone, Debug)]
pub enum Closed {
    /// We closed it.
    ByUs,
    /// The other side closed it in order.
    ByPeer,
    /// Its key is pinned no more: the peer was removed or has a new card.
    Unpinned,
    /// The other side refused us, and said how.
    Refused(&'static str),
    /// It answered no ping.
    Silent,
    /// It broke.
    Lost(Arc<str>),
}

impl Closed {
    /// Sorts what an HTTP/2 connection ended with.
    pub(super) fn from_hyper(error: &hyper::Error) -> Self {
        if error.is_timeout() {
            return Self::Silent;
        }
        let h2 = error.source().and_then(|e| e.downcast_ref::<h2::Error>());
        let io = h2.and_then(h2::Error::get_io);
        let deepest: &(dyn StdError + 'static) = match (io, h2) {
            (Some(io), _) => io,
            (None, Some(h2)) => h2,
            (None, None) => error,
        };
        if let Some(reason) = tls_error(deepest).and_then(alert_reason) {
            return Self::Refused(reason);
        }
        Self::Lost(deepest.to_string().into())
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByUs => f.write_str("closed from here"),
            Self::ByPeer => f.write_str("the other side closed it"),
            Self::Unpinned => f.write_str("its TLS key is no longer accepted"),
            Self::Refused(reason) => f.write_str(reason),
            Self::Silent => f.write_str("it no longer answers"),
            Self::Lost(what) => f.write_str(what),
        }
    }
}

impl From<TransportError> for Status {
    fn from(error: TransportError) -> Self {
        let code = match error {
            TransportError::BadEndpoint { .. }
            | TransportError::BadProxy { .. }
            | TransportError::SocketPath { .. } => Code::InvalidArgument,
            TransportError::Closed {
                reason: Closed::ByUs,
                ..
            } => Code::Cancelled,
            TransportError::WrongKey { .. }
            | TransportError::Refused { .. }
            | TransportError::Closed {
                reason: Closed::Unpinned | Closed::Refused(_),
                ..
            } => Code::Unauthenticated,
            _ => Code::Unavailable,
        };
        let mut status = Self::new(code, error.to_string());
        status.set_source(Arc::new(error));
        status
    }
}

/// What a failed stream means, where the connection itself goes on.
pub(super) fn stream_status(error: hyper::Error) -> Status {
    let reason = error
        .source()
        .and_then(|e| e.downcast_ref::<h2::Error>())
        .and_then(h2::Error::reason);
    let code = match reason {
        Some(h2::Reason::CANCEL) => Code::Cancelled,
        Some(h2::Reason::ENHANCE_YOUR_CALM) => Code::ResourceExhausted,
        Some(h2::Reason::PROTOCOL_ERROR | h2::Reason::INTERNAL_ERROR) => Code::Internal,
        _ => Code::Unavailable,
    };
    let mut status = Status::new(code, "the other side broke off the answer");
    status.set_source(Arc::new(error));
    status
}
