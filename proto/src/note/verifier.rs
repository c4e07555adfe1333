//! Public keys that notes are checked with.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};

use super::{
    cosigned::{claimed_time, cosigned_message},
    error::NoteError,
    key_type::{KeyType, check_key_name, decode_material},
    line::SignatureLine,
};
use crate::hash::Hash;

/// A named public key that notes are checked with: a "vkey". Never a weak one.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key_type: KeyType,
    key: VerifyingKey,
    id: [u8; 4],
}

impl VerifierKey {
    /// The key with this name, type and these 32 bytes.
    ///
    /// # Errors
    /// A name that is none; bytes that are no key, a weak key, or not canonical.
    pub fn new(name: &str, key_type: KeyType, public: &[u8; 32]) -> Result<Self, NoteError> {
        check_key_name(name)?;
        let key = VerifyingKey::from_bytes(public).map_err(|_| NoteError::Key("no such point"))?;
        if key.is_weak() || key.to_edwards().compress().as_bytes() != public {
            return Err(NoteError::WeakKey);
        }
        Ok(Self::of_point(name, key_type, key))
    }

    pub(super) fn of_point(name: &str, key_type: KeyType, key: VerifyingKey) -> Self {
        Self {
            id: key_id(name, key_type, key.as_bytes()),
            name: name.to_owned(),
            key_type,
            key,
        }
    }

    /// Reads `<name>+<hex key id>+<base64 of type and key>`.
    ///
    /// # Errors
    /// Which part is malformed, of another type, or weak.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let (name, rest) = text.split_once('+').ok_or(NoteError::Key("no key id"))?;
        let (id, material) = rest.split_once('+').ok_or(NoteError::Key("no key"))?;
        let key = Self::from_material(name, material)?;
        match hex::encode(key.id) == id {
            true => Ok(key),
            false => Err(NoteError::Key(
                "the key id is not that of this name and key",
            )),
        }
    }

    /// Reads the base64 of type and key, as [`VerifierKey::material`] writes it.
    ///
    /// # Errors
    /// As [`VerifierKey::parse`].
    pub fn from_material(name: &str, material: &str) -> Result<Self, NoteError> {
        let (key_type, public) = decode_material(material)?;
        Self::new(name, key_type, &public)
    }

    /// Base64 of the type byte and the key: the last part of its text form.
    #[must_use]
    pub fn material(&self) -> String {
        let mut bytes = [self.key_type.byte(); 33];
        bytes[1..].copy_from_slice(self.key.as_bytes());
        STANDARD.encode(bytes)
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256 of name, type and key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// What its signatures say.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// The 32 bytes of the public key.
    #[must_use]
    pub fn public_key(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Whether a line names this key.
    #[must_use]
    pub fn is_claimed_by(&self, line: &SignatureLine) -> bool {
        self.id == line.key_id && self.name == line.name
    }

    /// Checks one line under `text`. For a cosignature the answer is its time, in
    /// seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// The line does not name this key, or its signature is not valid.
    pub fn verify(&self, text: &str, line: &SignatureLine) -> Result<Option<u64>, NoteError> {
        let bad = || NoteError::BadSignature {
            name: self.name.clone(),
        };
        if !self.is_claimed_by(line) {
            return Err(bad());
        }
        let strictly = |message: &[u8], signature: &[u8]| {
            let signature = Signature::from_slice(signature).map_err(|_| bad())?;
            self.key
                .verify_strict(message, &signature)
                .map_err(|_| bad())
        };
        match self.key_type {
            KeyType::Ed25519 => {
                strictly(text.as_bytes(), &line.signature)?;
                Ok(None)
            }
            KeyType::Cosignature => {
                let (time, signature) = claimed_time(&line.signature).ok_or_else(bad)?;
                strictly(&cosigned_message(text, time), signature)?;
                Ok(Some(time))
            }
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}+{}+{}",
            self.name,
            hex::encode(self.id),
            self.material()
        )
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        Self::parse(text)
    }
}

fn key_id(name: &str, key_type: KeyType, public: &[u8; 32]) -> [u8; 4] {
    let hash = Hash::of(&[name.as_bytes(), b"\n", &[key_type.byte()], public].concat());
    let [a, b, c, d, ..] = *hash.as_bytes();
    [a, b, c, d]
}
