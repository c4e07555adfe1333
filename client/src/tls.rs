//! TLS between nodes, as the dialling side sees it.
//!
//! Keys are pinned, not certified: a certificate is only the envelope of a public
//! key, and the SHA-256 of that key (its SubjectPublicKeyInfo) is what a node card
//! names. Names, dates and issuers inside a certificate are not looked at; the
//! handshake signature always is. TLS 1.3 only, and no session is ever resumed, so
//! every connection shows its key anew.

mod dialer;
mod identity;
mod pins;
mod reasons;

pub use wpsx_proto::origin::TlsKeyHash;

pub use self::{
    dialer::{ALPN_H2, ALPN_TURN, TlsDialer},
    identity::{TlsError, TlsIdentity, key_hash},
    pins::{Pins, WrongKey},
    reasons::{alert_reason, tls_error, wrong_key},
};

/// The ALPN name of HTTP/1.1.
pub const ALPN_HTTP1: &[u8] = b"http/1.1";
