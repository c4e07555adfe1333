//! Reads keys again that are open: a disk may have lost what the node still knows.

use wpsx_client::tls::TlsIdentity;
use wpsx_proto::{cosignature::Cosigner, note::NoteSigner};

use super::{
    COSIGNER, Damage, Keys, KeysError, NODE, TLS_CERTIFICATE, TLS_KEY, damaged, read, read_text,
};

impl Keys {
    /// Reads the node's own keys again: why one is not what it was when they were opened.
    pub fn look_over(&self) -> Vec<KeysError> {
        let again = |file: &str, found: Result<bool, KeysError>| match found {
            Ok(true) => None,
            Ok(false) => Some(damaged(self.folder.join(file), Damage::Another)),
            Err(error) => Some(error),
        };
        let folder = &self.folder;
        let is_same = |key: &NoteSigner| key.verifier_key() == self.node.verifier_key();
        let node = read(folder, NODE, NoteSigner::parse).map(|key| is_same(&key));
        let is_same = |key: &Cosigner| key.verifier_key() == self.cosigner.verifier_key();
        let cosigner = read(folder, COSIGNER, Cosigner::parse).map(|key| is_same(&key));
        let certificate = read_text(&folder.join(TLS_CERTIFICATE));
        let certificate = certificate.map(|text| *text == self.tls_certificate);
        let tls = read_text(&folder.join(TLS_KEY)).and_then(|key| {
            let tls = TlsIdentity::from_pem(self.tls_certificate.as_bytes(), key.as_bytes());
            let tls = tls.map_err(|e| damaged(folder.join(TLS_KEY), e))?;
            Ok(tls.private_key() == self.tls.private_key())
        });
        let looks = [
            again(NODE, node),
            again(COSIGNER, cosigner),
            again(TLS_CERTIFICATE, certificate),
            again(TLS_KEY, tls),
        ];
        looks.into_iter().flatten().collect()
    }
}
