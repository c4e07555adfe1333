//! TLS on a connection that was accepted, with the reason where it fails.

use std::{io, sync::Arc};

use tokio::{net::TcpStream, time::timeout_at};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};
use wpsx_client::{
    clock::monotonic,
    tls::{ALPN_TURN, TlsKeyHash, alert_reason, key_hash, tls_error},
    transport::Counted,
};

use crate::{class::Class, connections::Slot, error::ListenError, places::Full, tls::ServerTls};

/// A connection after its handshake.
pub(crate) struct Shaken {
    /// What is spoken over from here.
    pub(crate) stream: TlsStream<Counted<TcpStream>>,
    /// The key that the other side proved to have, if it showed one.
    pub(crate) key: Option<TlsKeyHash>,
    /// Whose calls come over it.
    pub(crate) class: Class,
    /// The bound that it met: it is one too many, and has to be told.
    pub(crate) full: Option<Full>,
}

/// Agrees on TLS within the limits and notes whose connection it is. `None` if it was
/// cut meanwhile.
pub(crate) async fn shake(
    stream: Counted<TcpStream>,
    slot: &Slot,
    tls: &ServerTls,
    takes_turned: bool,
) -> Result<Option<Shaken>, ListenError> {
    let limits = slot.connections.limits();
    let handshake = async {
        let hello = LazyConfigAcceptor::new(Default::default(), stream).await?;
        let wants_turn = hello
            .client_hello()
            .alpn()
            .is_some_and(|mut names| names.any(|name| name == ALPN_TURN));
        let config = if wants_turn && takes_turned {
            &tls.turned
        } else {
            &tls.open
        };
        hello.into_stream(Arc::clone(config)).await
    };
    let stream = tokio::select! {
        () = slot.cut.cancelled() => return Ok(None),
        done = timeout_at(monotonic() + limits.handshake, handshake) => match done {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(ListenError::Refused(reason_of(&error))),
            Err(_) => {
                let reason = "it did not finish the TLS handshake in time".to_owned();
                return Err(ListenError::Refused(reason));
            }
        },
    };
    let session = stream.get_ref().1;
    let shown = session.peer_certificates().and_then(|chain| chain.first());
    let key = match shown.map(key_hash).transpose() {
        Ok(key) => key,
        // The handshake has read this certificate already.
        Err(error) => return Err(ListenError::Refused(error.to_string())),
    };
    let is_peer = key.is_some_and(|key| (tls.is_peer)(&key));
    let full = slot.place().identify(key, is_peer).err();
    let class = if is_peer { Class::Peer } else { Class::Reader };
    Ok(Some(Shaken {
        stream,
        key,
        class,
        full,
    }))
}

/// What a failed handshake says about the other side.
fn reason_of(error: &io::Error) -> String {
    let Some(tls) = tls_error(error) else {
        return "it left during the TLS handshake".to_owned();
    };
    if let Some(reason) = alert_reason(tls) {
        return reason.to_owned();
    }
    match tls {
        rustls::Error::InvalidMessage(_) => "it does not speak TLS on a TLS port".to_owned(),
        rustls::Error::NoCertificatesPresented => {
            "it wanted to turn the roles and showed no TLS key".to_owned()
        }
        rustls::Error::InvalidCertificate(
            rustls::CertificateError::ApplicationVerificationFailure,
        ) => "it wanted to turn the roles, but its TLS key is no peer's; add its card".to_owned(),
        rustls::Error::PeerIncompatible(_) => "it does not speak TLS 1.3".to_owned(),
        other => format!("its TLS handshake failed: {other}"),
    }
}
