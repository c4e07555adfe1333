//! What all clones of a connection, and the answers on it, have in common: why it ended.

use std::{sync::Arc, time::Duration};

use http::uri::Authority;
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{
    counted::Counters,
    error::{Closed, TransportError, stream_status},
};
use crate::tls::{Pins, TlsKeyHash};

/// How long an answer that failed with its connection waits to learn why.
const REASON_WAIT: Duration = Duration::from_millis(200);

pub(super) struct Shared {
    pub(super) place: String,
    pub(super) authority: Authority,
    pub(super) peer: Option<(TlsKeyHash, Pins)>,
    pub(super) counters: Arc<Counters>,
    pub(super) cut: CancellationToken,
    pub(super) closed: watch::Receiver<Option<Closed>>,
    pub(super) reason: Arc<watch::Sender<Option<Closed>>>,
}

impl Shared {
    pub(super) fn end(&self, why: Closed) {
        note(&self.reason, why);
        self.cut.cancel();
    }

    pub(super) fn error(&self, reason: Closed) -> Status {
        TransportError::Closed {
            place: self.place.clone(),
            reason,
        }
        .into()
    }

    /// The error of a call: the connection's, where it ended, else the stream's own.
    pub(super) async fn explain(&self, error: hyper::Error, is_closed: bool) -> Status {
        let mut closed = self.closed.clone();
        if is_closed {
            // The driver is about to say why.
            let _ = timeout(REASON_WAIT, closed.wait_for(Option::is_some)).await;
        }
        let known = closed.borrow_and_update().clone();
        match known {
            Some(reason) => self.error(reason),
            None => stream_status(error),
        }
    }
}

/// Notes why a connection ended; the first reason stays.
pub(super) fn note(reason: &watch::Sender<Option<Closed>>, why: Closed) {
    reason.send_if_modified(|known| {
        let is_first = known.is_none();
        known.get_or_insert(why);
        is_first
    });
}
