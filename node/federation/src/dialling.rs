//! Opening lines to peers, with this node's own certificate and pinned to theirs.

use std::{collections::HashMap, future::Future, sync::Arc};

use parking_lot::Mutex;
use wpsx_client::{
    tls::{Pins, TlsDialer, TlsIdentity},
    transport::{Connection, Endpoint, Proxy, Settings, TransportError, TurnedStream, dial_turned},
};
use wpsx_domain::NodeError;
use wpsx_listen::{AcceptedTurn, Caller};
use wpsx_proto::{chain, origin::PeerId};

use crate::peers::Peer;

/// Dials peers.
pub struct Dialling {
    identity: Arc<TlsIdentity>,
    proxy: Option<String>,
    /// The TLS keys that connections with a peer must show, until it is removed.
    pins: Mutex<HashMap<PeerId, Pins>>,
}

impl Dialling {
    /// Dials with this certificate, through an HTTP CONNECT proxy where one is set.
    pub fn new(identity: Arc<TlsIdentity>, proxy: Option<String>) -> Self {
        Self {
            identity,
            proxy,
            pins: Mutex::default(),
        }
    }

    /// A connection on which we ask.
    ///
    /// # Errors
    /// Why the last endpoint of its card could not be reached.
    pub async fn dial(&self, peer: &Peer) -> Result<Connection, String> {
        let (dialer, settings) = &self.means(peer)?;
        each_endpoint(peer, |endpoint| async move {
            Connection::dial(&endpoint, dialer, settings).await
        })
        .await
    }

    /// A connection with turned roles: the peer asks.
    ///
    /// # Errors
    /// As [`Dialling::dial`].
    pub async fn dial_turned(&self, peer: &Peer) -> Result<TurnedStream, String> {
        let (dialer, settings) = &self.means(peer)?;
        each_endpoint(peer, |endpoint| async move {
            dial_turned(&endpoint, dialer, settings).await
        })
        .await
    }

    /// A connection on which we ask, over one that the peer opened and turned.
    ///
    /// # Errors
    /// The peer does not answer on it.
    pub async fn over_turned(
        &self,
        io: AcceptedTurn,
        caller: &Caller,
        peer: &Peer,
    ) -> Result<Connection, String> {
        let settings = self.settings().map_err(|e| chain(&e))?;
        let key = *caller
            .key()
            .ok_or("a connection with turned roles shows a key")?;
        let counters = io.counters();
        Connection::over_turned(io.into_io(), key, self.pins(peer), counters, &settings)
            .await
            .map_err(|e| chain(&e))
    }

    /// Forgets a removed peer, which ends the connections with it.
    pub fn forget(&self, peer: &Peer) {
        if let Some(pins) = self.pins.lock().remove(&peer.id()) {
            pins.clear();
        }
    }

    fn means(&self, peer: &Peer) -> Result<(TlsDialer, Settings), String> {
        let dialer =
            TlsDialer::new(Some(&self.identity), self.pins(peer)).map_err(|e| chain(&e))?;
        let settings = self.settings().map_err(|e| chain(&e))?;
        Ok((dialer, settings))
    }

    /// The TLS keys that a connection with `peer` must show. Emptied when the
    /// peer is removed, which ends the connections that look at them.
    fn pins(&self, peer: &Peer) -> Pins {
        let mut pins = self.pins.lock();
        let of_peer = pins
            .entry(peer.id())
            .or_insert_with(|| Pins::only(peer.card.tls_key()));
        of_peer.replace([peer.card.tls_key()]);
        of_peer.clone()
    }

    fn settings(&self) -> Result<Settings, NodeError> {
        let proxy = match &self.proxy {
            None => None,
            Some(proxy) => Some(
                proxy
                    .parse::<Proxy>()
                    .map_err(|e| NodeError::invalid("proxy", e))?,
            ),
        };
        Ok(Settings {
            proxy,
            ..Settings::default()
        })
    }
}

/// The first endpoint of the peer's card that can be dialled.
async fn each_endpoint<T, F>(peer: &Peer, dial: impl Fn(Endpoint) -> F) -> Result<T, String>
where
    F: Future<Output = Result<T, TransportError>>,
{
    let mut last = "its card names no endpoint".to_owned();
    for endpoint in peer.card.endpoints() {
        let dialled = match endpoint.parse::<Endpoint>() {
            Ok(parsed) => dial(parsed).await,
            Err(error) => Err(error),
        };
        match dialled {
            Ok(open) => return Ok(open),
            Err(error) => last = format!("{endpoint}: {}", chain(&error)),
        }
    }
    Err(last)
}

impl std::fmt::Debug for Dialling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialling").finish_non_exhaustive()
    }
}
