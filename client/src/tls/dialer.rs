//! Opening TLS towards a peer, which is known by its key alone.

use std::{fmt, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    version::TLS13,
};

use super::{
    identity::{TlsError, TlsIdentity, key_hash},
    pins::{Pins, WrongKey},
};

/// The ALPN name of HTTP/2.
pub const ALPN_H2: &[u8] = b"h2";

/// The ALPN name of turned roles: who accepted the connection speaks as HTTP/2
/// client over it.
pub const ALPN_TURN: &[u8] = b"wpsx-turn/1";

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
                .with_client_auth_cert(
                    vec![own.certificate().clone()],
                    own.private_key().clone_key(),
                )
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
