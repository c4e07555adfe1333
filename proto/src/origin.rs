//! Names: of publishers, nodes, logs and records, each a type of its own.
//!
//! A value of these types has passed the rules of SPEC.md, section 2. Names carry no
//! authority: who may speak under one is a matter of keys.

use std::{fmt, str::FromStr, sync::Arc};

use crate::hash::{Hash, HashError};

/// The longest origin line, in bytes.
pub const MAX_ORIGIN: usize = 255;

/// The longest node name, in bytes.
pub const MAX_NODE_NAME: usize = 253;

/// The longest publisher name, in bytes: its longest origin line still fits.
pub const MAX_PUBLISHER_NAME: usize = 240;

/// Who may read a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// Only the publisher's own node; never served.
    Internal,
    /// The nodes of the network.
    Network,
    /// Everybody.
    Public,
    /// The members of a sharing group.
    Group,
}

impl Audience {
    /// The last part of an origin line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Network => "network",
            Self::Public => "public",
            Self::Group => "group",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Internal, Self::Network, Self::Public, Self::Group]
            .into_iter()
            .find(|audience| audience.as_str() == text)
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

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

dns_like! {
    /// The name of a publisher, such as `eu.example`.
    PublisherName, MAX_PUBLISHER_NAME
}

dns_like! {
    /// The name of a node, such as `node1.eu.example`.
    NodeName, MAX_NODE_NAME
}

/// The name of one log: the first line of its checkpoints, and the name of its key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(Arc<str>);

impl Origin {
    /// The origin of a publisher's log for one audience: `<publisher>/wpsx/<audience>`.
    ///
    /// A sharing group's log says nothing of its publisher: its name is a random
    /// opaque one, given here in the publisher's place.
    #[must_use]
    pub fn new(publisher: &PublisherName, audience: Audience) -> Self {
        Self(format!("{publisher}/wpsx/{audience}").into())
    }

    /// Checks an origin line, ours or a foreign log's.
    ///
    /// # Errors
    /// An empty line, more than [`MAX_ORIGIN`] bytes, or a control character.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > MAX_ORIGIN {
            return Err(NameError::TooLong {
                length: text.len(),
                max: MAX_ORIGIN,
            });
        }
        if text.chars().any(char::is_control) {
            return Err(NameError::Control);
        }
        Ok(Self(text.into()))
    }

    /// The line, without a newline.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Who may read the log; `None` when the origin is not in our form.
    #[must_use]
    pub fn audience(&self) -> Option<Audience> {
        self.parts().map(|(_, audience)| audience)
    }

    /// Who publishes the log; `None` when the origin does not tell: a group's, or
    /// one that is not in our form.
    #[must_use]
    pub fn publisher(&self) -> Option<PublisherName> {
        match self.parts()? {
            (_, Audience::Group) => None,
            (publisher, _) => Some(publisher),
        }
    }

    /// Lower-case hexadecimal SHA-256 of the line: the log's folder on a mirror.
    #[must_use]
    pub fn hash_hex(&self) -> String {
        Hash::of(self.0.as_bytes()).to_string()
    }

    fn parts(&self) -> Option<(PublisherName, Audience)> {
        let (publisher, audience) = self.0.split_once("/wpsx/")?;
        Some((
            PublisherName::parse(publisher).ok()?,
            Audience::parse(audience)?,
        ))
    }
}

text_form!(Origin);

/// The 16 random bytes that name a record for its whole life.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId([u8; Self::LENGTH]);

impl RecordId {
    /// Bytes of a record id.
    pub const LENGTH: usize = 16;

    /// The id with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl TryFrom<&[u8]> for RecordId {
    type Error = NameError;

    fn try_from(bytes: &[u8]) -> Result<Self, NameError> {
        bytes.try_into().map(Self).map_err(|_| NameError::Length {
            expected: Self::LENGTH,
            found: bytes.len(),
        })
    }
}

impl FromStr for RecordId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let mut bytes = [0; Self::LENGTH];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NameError::Hex(2 * Self::LENGTH))?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(self.0))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! hash_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Hash);

        impl $name {
            /// The id that is this hash.
            #[must_use]
            pub const fn from_hash(hash: Hash) -> Self {
                Self(hash)
            }

            /// The id with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; Hash::LENGTH]) -> Self {
                Self(Hash::from_bytes(bytes))
            }

            /// The hash that it is.
            #[must_use]
            pub const fn hash(&self) -> Hash {
                self.0
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; Hash::LENGTH] {
                self.0.as_bytes()
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = HashError;

            fn try_from(bytes: &[u8]) -> Result<Self, HashError> {
                Hash::try_from(bytes).map(Self)
            }
        }

        impl FromStr for $name {
            type Err = HashError;

            fn from_str(text: &str) -> Result<Self, HashError> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

hash_id! {
    /// SHA-256 of a node's public key: who a peer is, whatever it is called.
    PeerId
}

hash_id! {
    /// SHA-256 of a publisher's genesis text.
    IdentityId
}

hash_id! {
    /// SHA-256 of the DER SubjectPublicKeyInfo of a node's TLS key.
    TlsKeyHash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_says_who_publishes_for_whom() {
        let name = PublisherName::parse("eu.example").unwrap();
        let origin = Origin::new(&name, Audience::Public);
        assert_eq!(origin.as_str(), "eu.example/wpsx/public");
        assert_eq!(origin.audience(), Some(Audience::Public));
        assert_eq!(origin.publisher(), Some(name));
        assert_eq!(Origin::parse(origin.as_str()), Ok(origin));
    }

    #[test]
    fn a_foreign_origin_is_a_name_without_an_audience() {
        for line in [
            "example.com/log",
            "EU/wpsx/public",
            "eu/wpsx/all",
            "eu/wpsx/public/",
            "/wpsx/public",
        ] {
            let origin = Origin::parse(line).unwrap();
            assert_eq!(
                (origin.audience(), origin.publisher()),
                (None, None),
                "{line}"
            );
        }
    }

    #[test]
    fn an_origin_hash_is_the_mirror_folder() {
        // printf %s eu.example/wpsx/public | sha256sum
        let origin = Origin::parse("eu.example/wpsx/public").unwrap();
        assert_eq!(
            origin.hash_hex(),
            "86a6df63a2a51b6e062661da99e67c3c7082f6285e5a88961e50d62cf54cb66f"
        );
    }

    #[test]
    fn the_longest_publisher_name_has_an_origin_for_each_audience() {
        let name = [&"a".repeat(59), "."].concat().repeat(4);
        let name = PublisherName::parse(&name[..MAX_PUBLISHER_NAME - 1]).unwrap();
        for audience in [
            Audience::Internal,
            Audience::Network,
            Audience::Public,
            Audience::Group,
        ] {
            let origin = Origin::new(&name, audience);
            assert_eq!(Origin::parse(origin.as_str()), Ok(origin.clone()));
            assert_eq!(origin.audience(), Some(audience));
        }
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        for name in [
            "", ".", "a.", ".a", "a..b", "-a", "a-", "A", "ä", "a b", "a/b", "a_b", "a\n",
        ] {
            assert!(NodeName::parse(name).is_err(), "{name:?}");
        }
        assert!(NodeName::parse(&"a".repeat(64)).is_err());
        assert!(PublisherName::parse(&"a.".repeat(200)).is_err());
        for origin in ["", "a\nb", "a\tb", "a\u{7f}", "a\u{85}b"] {
            assert!(Origin::parse(origin).is_err(), "{origin:?}");
        }
        assert!(Origin::parse(&"a".repeat(256)).is_err());
    }

    #[test]
    fn a_record_id_is_32_hexadecimal_digits() {
        let text = "00112233445566778899aabbccddeeff";
        let id: RecordId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(RecordId::try_from(&id.as_bytes()[..]), Ok(id));
        assert!("0011".parse::<RecordId>().is_err());
        assert!(RecordId::try_from(&[0; 15][..]).is_err());
    }
}
