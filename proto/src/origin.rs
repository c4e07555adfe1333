//! Names: of publishers, nodes, logs and records, each a type of its own.
//!
//! A value of these types has passed the rules of SPEC.md, section 2. Names carry no
//! authority: who may speak under one is a matter of keys.

mod ids;
mod names;

use std::{fmt, str::FromStr, sync::Arc};

use self::names::text_form;
pub use self::{
    ids::{IdentityId, PeerId, RecordId, TlsKeyHash},
    names::{MAX_NODE_NAME, MAX_PUBLISHER_NAME, NameError, NodeName, PublisherName},
};
use crate::hash::Hash;

/// The longest origin line, in bytes.
pub const MAX_ORIGIN: usize = 255;

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
        assert!("AB".repeat(16).parse::<RecordId>().is_err());
        assert!("ab".repeat(16).parse::<RecordId>().is_ok());
        assert!(RecordId::try_from(&[0; 15][..]).is_err());
    }
}
