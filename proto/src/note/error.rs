//! What can be wrong with a note, a key or a signature.

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
    /// More signature lines than [`MAX_SIGNATURES`](super::MAX_SIGNATURES).
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
