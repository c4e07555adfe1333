//! Who a node is in TLS: a key, and the certificate that carries it.

use std::{error::Error as StdError, fmt};

use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::ParsedCertificate,
};
use wpsx_proto::{hash::Hash, origin::TlsKeyHash};

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
