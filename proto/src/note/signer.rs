//! Secret keys that sign notes, and what they have in common with those that cosign.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey};
use zeroize::Zeroizing;

use super::{
    error::NoteError,
    key_type::{KeyType, check_key_name, decode_material},
    line::SignatureLine,
    signed::{Note, VerifiedNote, to_bytes},
    verifier::VerifierKey,
};

/// A secret Ed25519 key with a name: it signs notes. Wiped from memory when dropped.
#[derive(Clone)]
pub struct NoteSigner(NamedSecret);

impl NoteSigner {
    /// The signer of this name whose secret is the seed.
    ///
    /// # Errors
    /// A name that is none.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        NamedSecret::new(name, KeyType::Ed25519, seed).map(Self)
    }

    /// The same key under another name: one key signs several logs.
    ///
    /// # Errors
    /// A name that is none.
    pub fn named(&self, name: &str) -> Result<Self, NoteError> {
        Self::from_seed(name, self.0.secret.as_bytes())
    }

    /// Reads `PRIVATE+KEY+<name>+<hex key id>+<base64 of type and seed>`.
    ///
    /// # Errors
    /// Which part is malformed.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        NamedSecret::parse(text, KeyType::Ed25519).map(Self)
    }

    /// What [`NoteSigner::parse`] reads: the secret itself.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        self.0.to_text()
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The key that checks what this one signs.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.0.public.clone()
    }

    /// Signs a text, which ends in a newline.
    #[must_use]
    pub fn sign(&self, text: &str) -> SignatureLine {
        self.0
            .line(self.0.secret.sign(text.as_bytes()).to_bytes().to_vec())
    }

    /// Makes a note of a text, which ends in a newline and has no control characters.
    ///
    /// # Errors
    /// The text is not one that a note of at most `max` bytes can hold.
    pub fn note(&self, text: &str, max: usize) -> Result<VerifiedNote, NoteError> {
        if !text.ends_with('\n') {
            return Err(NoteError::Unsigned);
        }
        let bytes = to_bytes(text, &[self.sign(text)]);
        Note::parse_within(&bytes, max).map(VerifiedNote::of_signer)
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({})", self.0.public)
    }
}

/// What signers and cosigners have in common.
#[derive(Clone)]
pub(crate) struct NamedSecret {
    pub(crate) secret: SigningKey,
    pub(crate) public: VerifierKey,
}

impl NamedSecret {
    pub(crate) fn new(name: &str, key_type: KeyType, seed: &[u8; 32]) -> Result<Self, NoteError> {
        check_key_name(name)?;
        let secret = SigningKey::from_bytes(seed);
        let public = VerifierKey::of_point(name, key_type, secret.verifying_key());
        Ok(Self { secret, public })
    }

    pub(crate) fn parse(text: &str, expected: KeyType) -> Result<Self, NoteError> {
        let rest = text.strip_prefix("PRIVATE+KEY+");
        let mut parts = rest
            .ok_or(NoteError::Key("not a private key"))?
            .splitn(3, '+');
        let mut part = || parts.next().ok_or(NoteError::Key("a part is missing"));
        let (name, id, material) = (part()?, part()?, part()?);
        let (key_type, seed) = decode_material(material)?;
        if key_type != expected {
            return Err(NoteError::KeyType(key_type.byte()));
        }
        let secret = Self::new(name, key_type, &seed)?;
        match hex::encode(secret.public.id()) == id {
            true => Ok(secret),
            false => Err(NoteError::Key(
                "the key id is not that of this name and key",
            )),
        }
    }

    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([self.public.key_type().byte(); 33]);
        bytes[1..].copy_from_slice(self.secret.as_bytes());
        let material = Zeroizing::new(STANDARD.encode(*bytes));
        let (name, id) = (self.public.name(), hex::encode(self.public.id()));
        Zeroizing::new(format!("PRIVATE+KEY+{name}+{id}+{}", *material))
    }

    pub(crate) fn name(&self) -> &str {
        self.public.name()
    }

    pub(crate) fn line(&self, signature: Vec<u8>) -> SignatureLine {
        SignatureLine {
            name: self.name().to_owned(),
            key_id: self.public.id(),
            signature,
        }
    }
}
