//! Cosignatures of checkpoints (C2SP tlog-cosignature, type 0x04).
//!
//! A cosigner says: at this time, the largest tree I saw of this log was this one, and
//! it extends every one I saw before. In this protocol it also says that it holds all
//! entries (C2SP tlog-mirror). Checking that before signing is the caller's duty.

use std::fmt;

use ed25519_dalek::Signer as _;
use zeroize::Zeroizing;

use crate::note::{
    KeyType, NamedSecret, NoteError, SignatureLine, VerifierKey, claimed_time, cosigned_message,
};

/// A secret Ed25519 key with a name: it cosigns checkpoints. Wiped when dropped.
#[derive(Clone)]
pub struct Cosigner(NamedSecret);

impl Cosigner {
    /// The cosigner of this name whose secret is the seed.
    ///
    /// # Errors
    /// A name that is none.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        NamedSecret::new(name, KeyType::Cosignature, seed).map(Self)
    }

    /// Reads `PRIVATE+KEY+<name>+<hex key id>+<base64 of type and seed>`.
    ///
    /// # Errors
    /// Which part is malformed.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        NamedSecret::parse(text, KeyType::Cosignature).map(Self)
    }

    /// What [`Cosigner::parse`] reads: the secret itself.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        self.0.to_text()
    }

    /// The cosigner's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The key that checks its cosignatures.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.0.public.clone()
    }

    /// Cosigns the text of a checkpoint at a time in seconds since
    /// 1970-01-01T00:00:00Z; one that the format cannot hold becomes the largest it can.
    #[must_use]
    pub fn sign(&self, text: &str, unix_seconds: u64) -> SignatureLine {
        let time = unix_seconds.min(i64::MAX as u64);
        let signature = self.0.secret.sign(&cosigned_message(text, time));
        let bytes = [&time.to_be_bytes()[..], &signature.to_bytes()].concat();
        self.0.line(bytes)
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosigner({})", self.0.public)
    }
}

/// A cosignature that was checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cosignature {
    /// The cosigner's name.
    pub name: String,
    /// When it saw the checkpoint: seconds since 1970-01-01T00:00:00Z by its own clock.
    pub time: u64,
}

/// The time that a line claims, if it has the form of a cosignature.
pub(crate) fn time_claimed(line: &SignatureLine) -> Option<u64> {
    claimed_time(&line.signature).map(|(time, _)| time)
}
