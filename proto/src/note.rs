//! Signed notes (C2SP signed-note): text and the lines that sign it, with the keys
//! that make and check them.
//!
//! A [`Note`] is well-formed and nothing more. [`Note::verify`] is the only way to a
//! [`VerifiedNote`]. Lines of keys that nobody here knows are kept as they are.

use std::{collections::HashSet, fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::hash::Hash;

/// The largest note that carries a checkpoint or an identity operation, in bytes.
pub const MAX_NOTE: usize = 16 * 1024;

/// The most signature lines of a note.
pub const MAX_SIGNATURES: usize = 100;

/// The longest key name, in bytes: that of the longest origin.
pub const MAX_KEY_NAME: usize = crate::origin::MAX_ORIGIN;

const LINE_START: &str = "\u{2014} ";

/// Why bytes are not a note, a note not signed, or text not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// More bytes than a note of this sort may have.
    #[error("a note of {length} bytes is longer than the {max} that are allowed")]
    TooLong {
        /// Its bytes.
        length: usize,
        /// The most bytes allowed.
        max: usize,
    },
    /// Bytes that are not UTF-8.
    #[error("a note must be UTF-8")]
    Utf8,
    /// A control character other than newline.
    #[error("a note may not contain control characters")]
    Control,
    /// No blank line, or no signature after it.
    #[error("a note ends in a blank line and signatures")]
    Unsigned,
    /// A line among the signatures that is none.
    #[error("line {line} of the signatures is malformed")]
    SignatureLine {
        /// Counted from 1.
        line: usize,
    },
    /// The same signature line twice.
    #[error("line {line} of the signatures repeats an earlier one")]
    Repeated {
        /// Counted from 1.
        line: usize,
    },
    /// More signature lines than [`MAX_SIGNATURES`].
    #[error("a note may have at most 100 signatures")]
    TooManySignatures,
    /// The signature of a known key does not verify.
    #[error("the signature of {name} is not valid")]
    BadSignature {
        /// The key's name.
        name: String,
    },
    /// No known key signed the note.
    #[error("no trusted key signed this note")]
    NoTrustedSignature,
    /// Not a key name.
    #[error("a key name is 1 to 255 bytes without spaces, plus signs and control characters")]
    KeyName,
    /// Text that is not a key.
    #[error("not a key in signed-note form: {0}")]
    Key(&'static str),
    /// A key of a type that is not used here.
    #[error("keys of type {0:#04x} are not supported")]
    KeyType(u8),
    /// A key that anyone can sign for, or one of two encodings of the same key.
    #[error("the key is weak or not canonically encoded")]
    WeakKey,
}

/// One line under a note: who claims to have signed it, and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SignatureLine {
    /// The key's name.
    pub name: String,
    /// The first four bytes of SHA-256 of name, type and key.
    pub key_id: [u8; 4],
    /// What the signature type says: for Ed25519 64 bytes, for cosignatures 72.
    pub signature: Vec<u8>,
}

impl SignatureLine {
    /// Whether both lines claim the same key.
    #[must_use]
    pub fn is_of_same_key(&self, other: &Self) -> bool {
        self.key_id == other.key_id && self.name == other.name
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(LINE_START)?.split_once(' ')?;
        check_key_name(name).ok()?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (key_id, signature) = bytes.split_first_chunk::<4>()?;
        (!signature.is_empty()).then(|| Self {
            name: name.to_owned(),
            key_id: *key_id,
            signature: signature.to_vec(),
        })
    }
}

impl fmt::Display for SignatureLine {
    /// The line as it stands in a note, without its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id[..], &self.signature].concat();
        write!(f, "{LINE_START}{} {}", self.name, STANDARD.encode(bytes))
    }
}

/// A well-formed note. Nothing is known of its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// Reads a note of at most [`MAX_NOTE`] bytes.
    ///
    /// # Errors
    /// The first rule of SPEC.md, section 7, that the bytes break.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        Self::parse_within(bytes, MAX_NOTE)
    }

    /// Reads a note of at most `max` bytes.
    ///
    /// # Errors
    /// As [`Note::parse`].
    pub fn parse_within(bytes: &[u8], max: usize) -> Result<Self, NoteError> {
        if bytes.len() > max {
            return Err(NoteError::TooLong {
                length: bytes.len(),
                max,
            });
        }
        let all = std::str::from_utf8(bytes).map_err(|_| NoteError::Utf8)?;
        if bytes.iter().any(|b| *b < 0x20 && *b != b'\n') {
            return Err(NoteError::Control);
        }
        let blank = all.rfind("\n\n").ok_or(NoteError::Unsigned)?;
        let lines = all[blank + 2..]
            .strip_suffix('\n')
            .ok_or(NoteError::Unsigned)?;
        let mut signatures = Vec::new();
        let mut seen = HashSet::new();
        for (at, line) in lines.split('\n').enumerate() {
            if at == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            if !seen.insert(line) {
                return Err(NoteError::Repeated { line: at + 1 });
            }
            let parsed = SignatureLine::parse(line);
            signatures.push(parsed.ok_or(NoteError::SignatureLine { line: at + 1 })?);
        }
        Ok(Self {
            text: all[..=blank].to_owned(),
            signatures,
        })
    }

    /// The signed text with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines in their order.
    #[must_use]
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// The note as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_bytes(&self.text, &self.signatures)
    }

    /// Checks the signatures of the keys given; those of other keys are not looked at.
    ///
    /// # Errors
    /// No key signed, or a line that claims one of the keys does not verify: then the
    /// whole note is refused.
    pub fn verify(self, keys: &[VerifierKey]) -> Result<VerifiedNote, NoteError> {
        let mut verified = false;
        for line in &self.signatures {
            for key in keys.iter().filter(|key| key.is_claimed_by(line)) {
                key.verify(&self.text, line)?;
                verified = true;
            }
        }
        match verified {
            true => Ok(VerifiedNote(self)),
            false => Err(NoteError::NoTrustedSignature),
        }
    }

    pub(crate) fn into_parts(self) -> (String, Vec<SignatureLine>) {
        (self.text, self.signatures)
    }
}

pub(crate) fn to_bytes(text: &str, signatures: &[SignatureLine]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 1 + 160 * signatures.len());
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b'\n');
    for line in signatures {
        bytes.extend_from_slice(line.to_string().as_bytes());
        bytes.push(b'\n');
    }
    bytes
}

/// A note that at least one trusted key signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedNote(Note);

impl VerifiedNote {
    /// The signed text with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The note as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }

    pub(crate) fn into_note(self) -> Note {
        self.0
    }
}

/// What a key's signatures say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyType {
    /// Ed25519 over the note's text.
    Ed25519,
    /// Timestamped Ed25519 cosignature of a checkpoint (C2SP tlog-cosignature).
    Cosignature,
}

impl KeyType {
    /// The byte that stands for it in keys and key ids.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    fn of_byte(byte: u8) -> Result<Self, NoteError> {
        match byte {
            0x01 => Ok(Self::Ed25519),
            0x04 => Ok(Self::Cosignature),
            other => Err(NoteError::KeyType(other)),
        }
    }
}

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

    fn of_point(name: &str, key_type: KeyType, key: VerifyingKey) -> Self {
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
        Note::parse_within(&bytes, max).map(VerifiedNote)
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
        let rest = text.trim_end_matches('\n').strip_prefix("PRIVATE+KEY+");
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
        match hex::encode(secret.public.id) == id {
            true => Ok(secret),
            false => Err(NoteError::Key(
                "the key id is not that of this name and key",
            )),
        }
    }

    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([self.public.key_type.byte(); 33]);
        bytes[1..].copy_from_slice(self.secret.as_bytes());
        let material = Zeroizing::new(STANDARD.encode(*bytes));
        let (name, id) = (&self.public.name, hex::encode(self.public.id));
        Zeroizing::new(format!("PRIVATE+KEY+{name}+{id}+{}", *material))
    }

    pub(crate) fn name(&self) -> &str {
        &self.public.name
    }

    pub(crate) fn line(&self, signature: Vec<u8>) -> SignatureLine {
        SignatureLine {
            name: self.public.name.clone(),
            key_id: self.public.id,
            signature,
        }
    }
}

/// The bytes that a cosigner signs (C2SP tlog-cosignature, "Ed25519 signed message").
pub(crate) fn cosigned_message(text: &str, time: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}

/// The time in a signature of 72 bytes and the 64 bytes after it.
pub(crate) fn claimed_time(signature: &[u8]) -> Option<(u64, &[u8])> {
    let (time, rest) = signature.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    (rest.len() == 64 && i64::try_from(time).is_ok()).then_some((time, rest))
}

fn check_key_name(name: &str) -> Result<(), NoteError> {
    let allowed = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    match (1..=MAX_KEY_NAME).contains(&name.len()) && name.chars().all(allowed) {
        true => Ok(()),
        false => Err(NoteError::KeyName),
    }
}

fn decode_material(material: &str) -> Result<(KeyType, Zeroizing<[u8; 32]>), NoteError> {
    let bytes = STANDARD.decode(material).map(Zeroizing::new);
    let bytes = bytes.map_err(|_| NoteError::Key("not canonical base64"))?;
    let (first, key) = bytes.split_first().ok_or(NoteError::Key("no key"))?;
    let key_type = KeyType::of_byte(*first)?;
    let key = key
        .try_into()
        .map_err(|_| NoteError::Key("a key has 32 bytes"))?;
    Ok((key_type, Zeroizing::new(key)))
}

fn key_id(name: &str, key_type: KeyType, public: &[u8; 32]) -> [u8; 4] {
    let hash = Hash::of(&[name.as_bytes(), b"\n", &[key_type.byte()], public].concat());
    let [a, b, c, d, ..] = *hash.as_bytes();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    // C2SP signed-note, "Example".
    const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    #[test]
    fn the_example_of_the_specification_verifies() {
        let key = VerifierKey::parse(VKEY).unwrap();
        assert_eq!(key.to_string(), VKEY);
        let note = Note::parse(NOTE.as_bytes()).unwrap();
        assert_eq!(note.to_bytes(), NOTE.as_bytes());
        let verified = note.verify(&[key]).unwrap();
        assert_eq!(verified.text(), "This is an example message.\n");
    }
}
