//! One line under a note.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::key_type::check_key_name;

const LINE_START: &str = "\u{2014} ";

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

    pub(super) fn parse(line: &str) -> Option<Self> {
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
