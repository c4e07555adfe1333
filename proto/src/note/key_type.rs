//! What a key's name, its type and its text form have to be, for public and secret
//! keys alike.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::error::NoteError;

/// The longest key name, in bytes: that of the longest origin.
pub const MAX_KEY_NAME: usize = crate::origin::MAX_ORIGIN;

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

pub(super) fn check_key_name(name: &str) -> Result<(), NoteError> {
    let allowed = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    match (1..=MAX_KEY_NAME).contains(&name.len()) && name.chars().all(allowed) {
        true => Ok(()),
        false => Err(NoteError::KeyName),
    }
}

pub(super) fn decode_material(material: &str) -> Result<(KeyType, Zeroizing<[u8; 32]>), NoteError> {
    let bytes = STANDARD.decode(material).map(Zeroizing::new);
    let bytes = bytes.map_err(|_| NoteError::Key("not canonical base64"))?;
    let (first, key) = bytes.split_first().ok_or(NoteError::Key("no key"))?;
    let key_type = KeyType::of_byte(*first)?;
    let key = key
        .try_into()
        .map_err(|_| NoteError::Key("a key has 32 bytes"))?;
    Ok((key_type, Zeroizing::new(key)))
}
