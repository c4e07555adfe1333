//! TLS as the accepting side sees it.
//!
//! Reading needs no certificate. Whoever shows one proves its key by the handshake
//! signature, and the key's hash goes to the services, which look up what it may
//! do. A connection with turned roles is for known peers alone, so there the key is
//! asked for and looked up during the handshake. TLS 1.3 only; sessions are never
//! resumed, so no connection skips these checks.

use std::{fmt, sync::Arc};

use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, ring, verify_tls13_signature},
    pki_types::{CertificateDer, UnixTime},
    server::{
        NoServerSessionStorage,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    version::TLS13,
};
use wpsx_client::tls::{
    ALPN_H2, ALPN_HTTP1, ALPN_TURN, TlsError, TlsIdentity, TlsKeyHash, key_hash,
};
use zeroize::Zeroizing;

/// Says whether a key belongs to a peer of ours. Asked at each handshake.
pub type IsPeer = Arc<dyn Fn(&TlsKeyHash) -> bool + Send + Sync>;

/// What a listener needs to accept TLS.
#[derive(Clone)]
pub struct ServerTls {
    pub(crate) open: Arc<ServerConfig>,
    pub(crate) turned: Arc<ServerConfig>,
    pub(crate) is_peer: IsPeer,
}

impl ServerTls {
    /// Accepts everyone for reading, and for turned roles whom `is_peer` knows.
    ///
    /// # Errors
    /// When the identity's key cannot be used.
    pub fn new(identity: &TlsIdentity, is_peer: IsPeer) -> Result<Self, TlsError> {
        Ok(Self {
            open: config(identity, None, &[ALPN_H2, ALPN_HTTP1])?,
            turned: config(identity, Some(Arc::clone(&is_peer)), &[ALPN_TURN])?,
            is_peer,
        })
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}

/// A new TLS key and the self-signed certificate that carries it, both in PEM.
pub struct NewTlsIdentity {
    /// The certificate.
    pub certificate: String,
    /// The private key.
    pub key: Zeroizing<String>,
}

impl NewTlsIdentity {
    /// Makes a P-256 key for a node. Nobody looks at the dates or names inside, only
    /// at the key, so the certificate outlives it.
    ///
    /// # Errors
    /// When the name cannot stand in a certificate.
    pub fn generate(node: &str) -> Result<Self, TlsError> {
        let failed = |e: rcgen::Error| TlsError::Certificate(e.into());
        let names = vec![node.to_owned(), "localhost".to_owned()];
        let mut params = CertificateParams::new(names).map_err(failed)?;
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2126, 1, 1);
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, "wpsx node");
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.self_signed(&key).map_err(failed)?;
        Ok(Self {
            certificate: certificate.pem(),
            key: Zeroizing::new(key.serialize_pem()),
        })
    }

    /// The pair, ready for use.
    ///
    /// # Errors
    /// Never for what [`generate`](Self::generate) made.
    pub fn identity(&self) -> Result<TlsIdentity, TlsError> {
        TlsIdentity::from_pem(self.certificate.as_bytes(), self.key.as_bytes())
    }
}

impl fmt::Debug for NewTlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewTlsIdentity").finish_non_exhaustive()
    }
}

fn config(
    identity: &TlsIdentity,
    is_peer: Option<IsPeer>,
    protocols: &[&[u8]],
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let verifier = KeyOfCaller {
        provider: Arc::clone(&provider),
        is_peer,
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .map_err(|e| TlsError::Key(e.into()))?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(
            vec![identity.certificate().clone()],
            identity.private_key().clone_key(),
        )
        .map_err(|e| TlsError::Key(e.into()))?;
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// Takes any certificate whose key signed the handshake; where `is_peer` is given,
/// only of a key that it knows.
struct KeyOfCaller {
    provider: Arc<CryptoProvider>,
    is_peer: Option<IsPeer>,
}

impl ClientCertVerifier for KeyOfCaller {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        self.is_peer.is_some()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let key = key_hash(end_entity)?;
        match &self.is_peer {
            Some(is_peer) if !is_peer(&key) => {
                // Sent as the alert `access_denied`, which the dialling side explains.
                Err(CertificateError::ApplicationVerificationFailure.into())
            }
            _ => Ok(ClientCertVerified::assertion()),
        }
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

impl fmt::Debug for KeyOfCaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyOfCaller")
            .field("peers_only", &self.is_peer.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::CustomExtension;

    use super::*;

    #[test]
    fn a_certificate_with_a_critical_extension_that_nobody_knows_is_refused() {
        let with = |critical: bool| {
            let mut params = CertificateParams::new(vec!["node.example".to_owned()]).unwrap();
            let oid = [1, 3, 6, 1, 4, 1, 55_555, 1];
            let mut extension = CustomExtension::from_oid_content(&oid, vec![5, 0]);
            extension.set_criticality(critical);
            params.custom_extensions.push(extension);
            let key = KeyPair::generate().unwrap();
            key_hash(params.self_signed(&key).unwrap().der())
        };
        assert!(with(false).is_ok());
        assert!(with(true).is_err());
    }
}
