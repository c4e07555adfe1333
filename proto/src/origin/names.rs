//! Names made of DNS labels, and what all names have in common.

use std::{fmt, str::FromStr, sync::Arc};

/// The longest node name, in bytes.
pub const MAX_NODE_NAME: usize = 253;

/// The longest publisher name, in bytes: its longest origin line still fits.
pub const MAX_PUBLISHER_NAME: usize = 240;

/// Why text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing at all.
    #[error("a name may not be empty")]
    Empty,
    /// Longer than a name of its sort may be.
    #[error("a name of {length} bytes is longer than the {max} that are allowed")]
    TooLong {
        /// Its bytes.
        length: usize,
        /// The most bytes allowed.
        max: usize,
    },
    /// Not made of lower-case DNS labels.
    #[error(
        "a name is made of lower-case letters, digits and hyphens, in parts of at most 63 separated by dots; {part:?} is not such a part"
    )]
    Label {
        /// The part that breaks the rule.
        part: String,
    },
    /// A control character in an origin line.
    #[error("an origin line may not contain control characters")]
    Control,
    /// Not hexadecimal digits of the right number.
    #[error("not {0} hexadecimal digits")]
    Hex(usize),
    /// Not the bytes of an id.
    #[error("an id of this sort has {expected} bytes, not {found}")]
    Length {
        /// Bytes of such an id.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
}

fn check_labels(text: &str, max: usize) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if text.len() > max {
        return Err(NameError::TooLong {
            length: text.len(),
            max,
        });
    }
    let fits = |part: &&str| {
        (1..=63).contains(&part.len())
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    match text.split('.').find(|part| !fits(part)) {
        None => Ok(()),
        Some(part) => Err(NameError::Label {
            part: part.to_owned(),
        }),
    }
}

macro_rules! text_form {
    ($name:ident) => {
        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::parse(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }
    };
}

pub(super) use text_form;

macro_rules! dns_like {
    ($(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks a name: lower-case DNS labels.
            ///
            /// # Errors
            /// [`NameError`] says which rule it breaks.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                check_labels(text, $max)?;
                Ok(Self(text.into()))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        text_form!($name);
    };
}

dns_like! {
    /// The name of a publisher, such as `eu.example`.
    PublisherName, MAX_PUBLISHER_NAME
}

dns_like! {
    /// The name of a node, such as `node1.eu.example`.
    NodeName, MAX_NODE_NAME
}
