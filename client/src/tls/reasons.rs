//! What went wrong in TLS, for people to read.

use std::error::Error as StdError;

use rustls::{AlertDescription, CertificateError};

use super::pins::WrongKey;

/// Finds the TLS error in a chain of errors, if there is one.
pub fn tls_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        // `io::Error` answers `source` with the source of what it wraps.
        let wrapped = error
            .downcast_ref::<std::io::Error>()
            .and_then(|e| e.get_ref())
            .and_then(|e| e.downcast_ref::<rustls::Error>());
        if wrapped.is_some() {
            return wrapped;
        }
        next = error.source();
    }
    None
}

/// The pin that failed, if that is what the error is about.
pub fn wrong_key(error: &rustls::Error) -> Option<&WrongKey> {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) => {
            other.0.downcast_ref::<WrongKey>()
        }
        _ => None,
    }
}

/// What the other side's alert means between two nodes, with the remedy.
pub fn alert_reason(error: &rustls::Error) -> Option<&'static str> {
    let rustls::Error::AlertReceived(alert) = error else {
        return None;
    };
    Some(match alert {
        AlertDescription::AccessDenied => {
            "it does not know our TLS key: its operator has to add this node's card"
        }
        AlertDescription::CertificateUnknown => {
            "it expected another TLS key of us: it has to be given this node's current card"
        }
        AlertDescription::CertificateRequired => {
            "it wants a client certificate, and none was shown"
        }
        AlertDescription::NoApplicationProtocol => {
            "it does not offer this use of the port: it may run other or older software"
        }
        AlertDescription::ProtocolVersion => "it does not speak TLS 1.3",
        _ => "it broke off the TLS handshake",
    })
}
