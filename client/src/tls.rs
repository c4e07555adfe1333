//! TLS between nodes, as the dialling side sees it.
//!
//! Keys are pinned, not certified: a certificate is only the envelope of a public
//! key, and the SHA-256 of that key (its SubjectPublicKeyInfo) is what a node card
//! names. Names, dates and issuers inside a certificate are not looked at; the
//! handshake signature always is. TLS 1.3 only, and no session is ever resumed, so
//! every connection shows its key anew.

use std::{collections::BTreeSet, error::Error as StdError, fmt, sync::Arc};

use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, OtherError,
    SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
    version::TLS13,
};
use tokio::sync::watch;
use wpsx_proto::hash::Hash;
pub use wpsx_proto::origin::TlsKeyHash;

/// The ALPN name of HTTP/2.
pub const ALPN_H2: &[u8] = b"h2";
/// The ALPN name of HTTP/1.1.
pub const ALPN_HTTP1: &[u8] = b"http/1.1";
/// The ALPN name of turned roles: who accepted the connection speaks as HTTP/2
/// client over it.
pub const ALPN_TURN: &[u8] = b"wpsx-turn/1";

/// What can be wrong with TLS material.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate that cannot be read.
    #[error("the certificate cannot be read")]
    Certificate(#[source] Box<dyn StdError + Send + Sync>),
    /// A private key that cannot be read, or that is not the certificate's.
    #[error("the private key cannot be read or does not belong to the certificate")]
    Key(#[source] Box<dyn StdError + Send + Sync>),
}

/// The hash of the key inside a certificate.
///
/// # Errors
/// When the bytes are no X.509 certificate of version 3.
pub fn key_hash(certificate: &CertificateDer<'_>) -> Result<TlsKeyHash, rustls::Error> {
    let parsed = ParsedCertificate::try_from(certificate)?;
    let key = parsed.subject_public_key_info();
    Ok(TlsKeyHash::from_hash(Hash::of(key.as_ref())))
}

/// A TLS key and the self-signed certificate that carries it.
pub struct TlsIdentity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    hash: TlsKeyHash,
}

impl TlsIdentity {
    /// Takes a certificate and its private key, both in PEM.
    ///
    /// # Errors
    /// When either cannot be read.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let certificate = CertificateDer::from_pem_slice(certificate)
            .map_err(|e| TlsError::Certificate(e.into()))?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|e| TlsError::Key(e.into()))?;
        Self::new(certificate, key)
    }

    /// Takes a certificate and its private key.
    ///
    /// # Errors
    /// When either cannot be read.
    pub fn new(
        certificate: CertificateDer<'static>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, TlsError> {
        let hash = key_hash(&certificate).map_err(|e| TlsError::Certificate(e.into()))?;
        Ok(Self {
            certificate,
            key,
            hash,
        })
    }

    /// What others pin.
    pub fn key_hash(&self) -> TlsKeyHash {
        self.hash
    }

    /// The certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The private key.
    pub fn private_key(&self) -> &PrivateKeyDer<'static> {
        &self.key
    }
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsIdentity")
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

/// The keys that are accepted from one peer. Clones share one set, so that a change
/// is felt by the next handshake and by every open connection.
#[derive(Clone, Debug)]
pub struct Pins(Arc<watch::Sender<BTreeSet<TlsKeyHash>>>);

impl Pins {
    /// Accepts this key alone.
    pub fn only(key: TlsKeyHash) -> Self {
        Self::from_iter([key])
    }

    /// Whether the key is accepted.
    pub fn contains(&self, key: &TlsKeyHash) -> bool {
        self.0.borrow().contains(key)
    }

    /// Accepts these keys from now on, and no others.
    pub fn replace(&self, keys: impl IntoIterator<Item = TlsKeyHash>) {
        self.0.send_replace(keys.into_iter().collect());
    }

    /// Accepts nothing any more.
    pub fn clear(&self) {
        self.replace([]);
    }

    /// Waits until the key is no longer accepted.
    pub(crate) async fn dropped(&self, key: &TlsKeyHash) {
        let mut set = self.0.subscribe();
        // Cannot fail: `self` keeps the sender.
        let _ = set.wait_for(|keys| !keys.contains(key)).await;
    }

    fn list(&self) -> String {
        let keys = self.0.borrow();
        if keys.is_empty() {
            return "none".to_owned();
        }
        let keys: Vec<String> = keys.iter().map(TlsKeyHash::to_string).collect();
        keys.join(" or ")
    }
}

impl Default for Pins {
    fn default() -> Self {
        Self::from_iter([])
    }
}

impl FromIterator<TlsKeyHash> for Pins {
    fn from_iter<I: IntoIterator<Item = TlsKeyHash>>(keys: I) -> Self {
        Self(Arc::new(watch::Sender::new(keys.into_iter().collect())))
    }
}

/// The other side proved a key that is not pinned.
#[derive(Clone, Debug, thiserror::Error)]
#[error("it has the TLS key {found}, pinned: {pinned}")]
pub struct WrongKey {
    /// The key it proved to have.
    pub found: TlsKeyHash,
    /// The keys it should have, for people to read.
    pub pinned: String,
}

/// How to open TLS towards one peer: who we are, and which keys it may have.
#[derive(Clone)]
pub struct TlsDialer {
    pub(crate) plain: Arc<ClientConfig>,
    pub(crate) turned: Arc<ClientConfig>,
    pub(crate) pins: Pins,
}

impl TlsDialer {
    /// Dials whoever holds a key of `pins`, showing `identity` if there is one.
    ///
    /// # Errors
    /// When the identity's key cannot be used.
    pub fn new(identity: Option<&TlsIdentity>, pins: Pins) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13])
            .map_err(|e| TlsError::Key(e.into()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(PinnedServer {
                provider,
                pins: pins.clone(),
            }));
        let mut config = match identity {
            Some(own) => builder
                .with_client_auth_cert(vec![own.certificate.clone()], own.key.clone_key())
                .map_err(|e| TlsError::Key(e.into()))?,
            None => builder.with_no_client_auth(),
        };
        config.resumption = Resumption::disabled();
        config.alpn_protocols = vec![ALPN_H2.to_vec()];
        let mut turned = config.clone();
        turned.alpn_protocols = vec![ALPN_TURN.to_vec()];
        Ok(Self {
            plain: Arc::new(config),
            turned: Arc::new(turned),
            pins,
        })
    }

    /// The keys that are accepted.
    pub fn pins(&self) -> &Pins {
        &self.pins
    }
}

impl fmt::Debug for TlsDialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsDialer")
            .field("pins", &self.pins)
            .finish_non_exhaustive()
    }
}

/// Accepts a server by its key alone.
#[derive(Debug)]
struct PinnedServer {
    provider: Arc<CryptoProvider>,
    pins: Pins,
}

impl ServerCertVerifier for PinnedServer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let found = key_hash(end_entity)?;
        if self.pins.contains(&found) {
            return Ok(ServerCertVerified::assertion());
        }
        let wrong = WrongKey {
            found,
            pinned: self.pins.list(),
        };
        Err(CertificateError::Other(OtherError(Arc::new(wrong))).into())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

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
