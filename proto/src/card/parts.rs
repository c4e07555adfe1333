//! What stands on a card: its lines and their rules.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;

use crate::{
    decimal::decimal,
    hash::{Hash, HashError},
    identity::{Identity, IdentityError},
    note::{KeyType, NoteError, VerifierKey},
    origin::{Audience, NameError, NodeName, TlsKeyHash},
};

/// The first line of every card.
pub const HEADER: &str = "wpsx.org/card/v1";

/// The most endpoints, and the most mirrors, on one card.
pub const MAX_ADDRESSES: usize = 16;

/// The longest endpoint or mirror, in bytes.
pub const MAX_ADDRESS: usize = 1000;

/// The most publishers on one card.
pub const MAX_PUBLISHERS: usize = 64;

/// What stands before an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410).
const ED25519_KEY: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];

/// Why a note is no card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Not a note, or not signed by the key it names.
    #[error("not a note that the node's own key signed")]
    Note(#[from] NoteError),
    /// The node's name is none.
    #[error("the node's name is not well-formed")]
    Name(#[from] NameError),
    /// The first line is another one.
    #[error("not a node card: the first line is not wpsx.org/card/v1")]
    Header,
    /// A line that must stand once.
    #[error("a card has exactly one {0:?} line")]
    Once(&'static str),
    /// Too many lines of one sort.
    #[error("a card has at most {max} {word:?} lines")]
    TooMany {
        /// The word they begin with.
        word: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// A key that is not the node's signing key.
    #[error("the node's key must be an Ed25519 key (type 0x01) named {0}")]
    Key(NodeName),
    /// A key that is not a cosigner's.
    #[error("the cosigner's key must be of type 0x04, and not the node's own")]
    Cosigner,
    /// The TLS key hash is none.
    #[error("the hash of the TLS key is malformed")]
    Tls(#[source] HashError),
    /// The time is none.
    #[error("the time must be decimal milliseconds")]
    Time,
    /// The sequence number is none.
    #[error("the sequence number must be a decimal number above 0")]
    Sequence,
    /// Not an address of the sort that belongs there.
    #[error("{address:?} is not a well-formed {word}")]
    Address {
        /// Endpoint or mirror.
        word: &'static str,
        /// What stands there.
        address: String,
    },
    /// Base64 that is not canonical.
    #[error("a publisher line must be canonical base64")]
    Base64,
    /// A publisher whose identity is not usable.
    #[error("publisher {number} on the card is not usable")]
    Publisher {
        /// Counted from 1.
        number: usize,
        /// Why.
        source: IdentityError,
    },
    /// One key for two uses.
    #[error(
        "the node, its cosigner, its TLS and each publisher have a key of their own; one of these is used twice"
    )]
    SameKey,
    /// Two publishers of one name.
    #[error("the card names the publisher {0} twice")]
    PublisherTwice(String),
}

/// What a card says beside the node's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardParts {
    /// The node's name.
    pub name: NodeName,
    /// SHA-256 of the SubjectPublicKeyInfo of its TLS key.
    pub tls_key: TlsKeyHash,
    /// The key of its cosignatures.
    pub cosigner: VerifierKey,
    /// Where it can be dialled, `https://host:port`; none if it cannot be.
    pub endpoints: Vec<String>,
    /// Where its static logs are served over HTTP.
    pub mirrors: Vec<String>,
    /// The publishers that it hosts.
    pub publishers: Vec<Identity>,
    /// When the card was made: milliseconds since 1970-01-01T00:00:00Z.
    pub time: u64,
    /// Which of the node's cards it is, each higher than those before; 0: it does not say.
    pub sequence: u64,
}

impl CardParts {
    pub(super) fn check(&self, key: &VerifierKey) -> Result<(), CardError> {
        if key.name() != self.name.as_str() || key.key_type() != KeyType::Ed25519 {
            return Err(CardError::Key(self.name.clone()));
        }
        if self.cosigner.key_type() != KeyType::Cosignature {
            return Err(CardError::Cosigner);
        }
        for (word, addresses) in [("endpoint", &self.endpoints), ("mirror", &self.mirrors)] {
            if addresses.len() > MAX_ADDRESSES {
                return Err(CardError::TooMany {
                    word,
                    max: MAX_ADDRESSES,
                });
            }
            if let Some(address) = addresses.iter().find(|address| !is_address(word, address)) {
                return Err(CardError::Address {
                    word,
                    address: address.clone(),
                });
            }
        }
        if self.publishers.len() > MAX_PUBLISHERS {
            return Err(CardError::TooMany {
                word: "publisher",
                max: MAX_PUBLISHERS,
            });
        }
        for (at, publisher) in self.publishers.iter().enumerate() {
            if self.publishers[..at]
                .iter()
                .any(|other| other.name() == publisher.name())
            {
                return Err(CardError::PublisherTwice(publisher.name().to_string()));
            }
        }
        self.check_keys(key)
    }

    /// Each key has one use: a signature of one would else count as one of another.
    fn check_keys(&self, key: &VerifierKey) -> Result<(), CardError> {
        let logs = self.publishers.iter().filter_map(|publisher| {
            let key = publisher.log_key(&publisher.origin(Audience::Public))?;
            Some(*key.public_key())
        });
        let own = [*key.public_key(), *self.cosigner.public_key()];
        let keys: Vec<[u8; 32]> = own.into_iter().chain(logs).collect();
        let twice = (1..keys.len()).any(|at| keys[..at].contains(&keys[at]));
        // A TLS key may be of the same sort; the card has the hash of its encoding.
        let tls = |key: &[u8; 32]| Hash::of(&[&ED25519_KEY[..], key].concat());
        let for_tls = keys
            .iter()
            .any(|key| TlsKeyHash::from_hash(tls(key)) == self.tls_key);
        match twice || for_tls {
            true => Err(CardError::SameKey),
            false => Ok(()),
        }
    }

    pub(super) fn text(&self, key: &VerifierKey) -> String {
        let mut text = format!(
            "{HEADER}\nnode {}\nkey {key}\ntls {}\ncosigner {}\n",
            self.name, self.tls_key, self.cosigner
        );
        for endpoint in &self.endpoints {
            let _ = writeln!(text, "endpoint {endpoint}");
        }
        for mirror in &self.mirrors {
            let _ = writeln!(text, "mirror {mirror}");
        }
        let _ = writeln!(text, "time {}", self.time);
        if self.sequence > 0 {
            let _ = writeln!(text, "sequence {}", self.sequence);
        }
        for publisher in &self.publishers {
            text.push_str("publisher");
            for note in publisher.notes() {
                let _ = write!(text, " {}", STANDARD.encode(note));
            }
            text.push('\n');
        }
        text
    }

    /// Reads a card's text and the node's key in it.
    pub(super) fn parse(text: &str) -> Result<(Self, VerifierKey), CardError> {
        let (header, rest) = text.split_once('\n').ok_or(CardError::Header)?;
        if header != HEADER {
            return Err(CardError::Header);
        }
        let all = |word: &'static str| {
            rest.lines()
                .filter_map(move |line| line.strip_prefix(word)?.strip_prefix(' '))
        };
        let once = |word: &'static str| {
            let mut lines = all(word);
            match (lines.next(), lines.next()) {
                (Some(value), None) => Ok(value),
                _ => Err(CardError::Once(word)),
            }
        };
        let many = |word: &'static str, max: usize| match all(word).count() {
            count if count > max => Err(CardError::TooMany { word, max }),
            _ => Ok(all(word).map(str::to_owned).collect::<Vec<String>>()),
        };
        let key = VerifierKey::parse(once("key")?)?;
        let parts = Self {
            name: NodeName::parse(once("node")?)?,
            tls_key: once("tls")?.parse().map_err(CardError::Tls)?,
            cosigner: VerifierKey::parse(once("cosigner")?)?,
            endpoints: many("endpoint", MAX_ADDRESSES)?,
            mirrors: many("mirror", MAX_ADDRESSES)?,
            publishers: publishers(&many("publisher", MAX_PUBLISHERS)?)?,
            time: decimal(once("time")?).ok_or(CardError::Time)?,
            sequence: match many("sequence", 1)?.first() {
                None => 0,
                Some(number) => decimal(number)
                    .filter(|number| *number > 0)
                    .ok_or(CardError::Sequence)?,
            },
        };
        parts.check(&key)?;
        Ok((parts, key))
    }
}

fn publishers(lines: &[String]) -> Result<Vec<Identity>, CardError> {
    let mut publishers = Vec::with_capacity(lines.len());
    for (line, number) in lines.iter().zip(1..) {
        let notes = line
            .split(' ')
            .map(|note| STANDARD.decode(note).map(Bytes::from));
        let notes: Vec<Bytes> = notes
            .collect::<Result<_, _>>()
            .map_err(|_| CardError::Base64)?;
        let identity = Identity::verify(&notes);
        publishers.push(identity.map_err(|source| CardError::Publisher { number, source })?);
    }
    Ok(publishers)
}

/// An endpoint is `https://host:port`, a mirror any `http://` or `https://` address.
fn is_address(word: &str, address: &str) -> bool {
    let plain = address.len() <= MAX_ADDRESS && address.bytes().all(|b| b.is_ascii_graphic());
    let host_and_port = |rest: &str| {
        rest.rsplit_once(':').is_some_and(|(host, port)| {
            !host.is_empty()
                && !host.contains(['/', '?', '#', '@', '\\'])
                && decimal(port).is_some_and(|port| (1..=65_535).contains(&port))
        })
    };
    let rest = address.strip_prefix("https://");
    plain
        && match word {
            "endpoint" => rest.is_some_and(host_and_port),
            _ => rest
                .or(address.strip_prefix("http://"))
                .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')),
        }
}
