//! Node cards: what operators exchange so that their nodes know each other.
//!
//! A card is signed by the node key that it names, so nobody but the node can change
//! it; that it is the card of the right node is what the operator vouches for. Lines
//! that are not known here are passed over, so that newer nodes can say more.

use std::fmt::{self, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;

use crate::{
    checkpoint::decimal,
    hash::{Hash, HashError},
    identity::{Identity, IdentityError},
    note::{KeyType, Note, NoteError, NoteSigner, VerifierKey},
    origin::{NameError, NodeName, PeerId, TlsKeyHash},
};

/// The first line of every card.
pub const HEADER: &str = "wpsx.org/card/v1";

/// The largest card, in bytes.
pub const MAX_CARD: usize = 64 * 1024;

/// The most endpoints, and the most mirrors, on one card.
pub const MAX_ADDRESSES: usize = 16;

/// The longest endpoint or mirror, in bytes.
pub const MAX_ADDRESS: usize = 1000;

/// The most publishers on one card.
pub const MAX_PUBLISHERS: usize = 64;

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
}

impl CardParts {
    fn check(&self, key: &VerifierKey) -> Result<(), CardError> {
        if key.name() != self.name.as_str() || key.key_type() != KeyType::Ed25519 {
            return Err(CardError::Key(self.name.clone()));
        }
        let own = self.cosigner.public_key() == key.public_key();
        if self.cosigner.key_type() != KeyType::Cosignature || own {
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
        Ok(())
    }

    fn text(&self, key: &VerifierKey) -> String {
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
    fn parse(text: &str) -> Result<(Self, VerifierKey), CardError> {
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
            _ => Ok(all(word).map(str::to_owned).collect()),
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

/// The card of one node, signed by its own key.
#[derive(Clone, PartialEq, Eq)]
pub struct NodeCard {
    parts: CardParts,
    key: VerifierKey,
    note: Bytes,
}

impl NodeCard {
    /// Signs a card with the node's key, which is named like the node.
    ///
    /// # Errors
    /// The parts break a rule that a reader would check.
    pub fn sign(parts: CardParts, signer: &NoteSigner) -> Result<Self, CardError> {
        let key = signer.verifier_key();
        parts.check(&key)?;
        let note = signer.note(&parts.text(&key), MAX_CARD)?;
        Self::verify(&note.to_bytes())
    }

    /// Reads a card of at most 64 KiB and checks that the key on it signed it.
    ///
    /// # Errors
    /// The first rule that the card breaks.
    pub fn verify(bytes: &[u8]) -> Result<Self, CardError> {
        let note = Note::parse_within(bytes, MAX_CARD)?;
        let (parts, key) = CardParts::parse(note.text())?;
        let note = note.verify(std::slice::from_ref(&key))?;
        Ok(Self {
            parts,
            key,
            note: note.to_bytes().into(),
        })
    }

    /// The node's name.
    #[must_use]
    pub fn name(&self) -> &NodeName {
        &self.parts.name
    }

    /// The key that signed the card.
    #[must_use]
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// SHA-256 of the node's public key.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        PeerId::from_hash(Hash::of(self.key.public_key()))
    }

    /// The hash that pins the node's TLS key.
    #[must_use]
    pub fn tls_key(&self) -> TlsKeyHash {
        self.parts.tls_key
    }

    /// The key of its cosignatures.
    #[must_use]
    pub fn cosigner(&self) -> &VerifierKey {
        &self.parts.cosigner
    }

    /// Where it can be dialled; empty for a node that cannot be.
    #[must_use]
    pub fn endpoints(&self) -> &[String] {
        &self.parts.endpoints
    }

    /// Where its static logs are served over HTTP.
    #[must_use]
    pub fn mirrors(&self) -> &[String] {
        &self.parts.mirrors
    }

    /// The publishers that it hosts.
    #[must_use]
    pub fn publishers(&self) -> &[Identity] {
        &self.parts.publishers
    }

    /// When the card was made: milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn time(&self) -> u64 {
        self.parts.time
    }

    /// The card as a note.
    #[must_use]
    pub fn note_bytes(&self) -> Bytes {
        self.note.clone()
    }
}

impl fmt::Debug for NodeCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeCard")
            .field("name", self.name())
            .field("key", &self.key)
            .field("time", &self.time())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{identity::Genesis, origin::PublisherName};

    fn signer() -> NoteSigner {
        NoteSigner::from_seed("node1.eu.example", &[4; 32]).unwrap()
    }

    fn identity(name: &str) -> Identity {
        let genesis = Genesis {
            name: PublisherName::parse(name).unwrap(),
            title: "A publisher".to_owned(),
            countries: Vec::new(),
            recovery_keys: Vec::new(),
            time: 1_700_000_000_000,
        };
        let signer = NoteSigner::from_seed(name, &[1; 32]).unwrap();
        Identity::create(genesis, &signer).unwrap()
    }

    fn parts() -> CardParts {
        let cosigner = crate::cosignature::Cosigner::from_seed("node1.eu.example", &[5; 32]);
        CardParts {
            name: NodeName::parse("node1.eu.example").unwrap(),
            tls_key: TlsKeyHash::from_bytes([6; 32]),
            cosigner: cosigner.unwrap().verifier_key(),
            endpoints: vec!["https://node1.eu.example:8443".to_owned()],
            mirrors: vec!["http://node1.eu.example:8080/mirror/".to_owned()],
            publishers: vec![identity("eu.example")],
            time: 1_700_000_000_000,
        }
    }

    fn signed(text: &str) -> Result<NodeCard, CardError> {
        NodeCard::verify(&signer().note(text, MAX_CARD).unwrap().to_bytes())
    }

    #[test]
    fn a_card_is_read_back() {
        let card = NodeCard::sign(parts(), &signer()).unwrap();
        let read = NodeCard::verify(&card.note_bytes()).unwrap();
        assert_eq!(read, card);
        assert_eq!(read.parts, parts());
        assert_eq!(
            read.peer_id().hash(),
            Hash::of(signer().verifier_key().public_key())
        );
    }

    #[test]
    fn the_bytes_of_a_card_are_pinned() {
        let mut parts = parts();
        parts.publishers.clear();
        let lines = [
            "wpsx.org/card/v1",
            "node node1.eu.example",
            // The node's key, of seed 04…04, in signed-note form.
            "key node1.eu.example+7e044af2+AcqTrBcFGHBx1nuDx/8O/oEI6OxFMFdddyaHkzPb2r58",
            // SHA-256 of the SubjectPublicKeyInfo of its TLS key.
            "tls 0606060606060606060606060606060606060606060606060606060606060606",
            // Its cosigner's key, of seed 05…05, type 0x04.
            "cosigner node1.eu.example+9e988eae+BG56HN0psLeP0Tr0xVmP7/TvKpcWbjym8uT7/M2AUFvx",
            "endpoint https://node1.eu.example:8443",
            "mirror http://node1.eu.example:8080/mirror/",
            // Milliseconds.
            "time 1700000000000",
            "",
        ];
        assert_eq!(parts.text(&signer().verifier_key()), lines.join("\n"));
    }

    #[test]
    fn a_node_that_cannot_be_dialled_has_no_endpoint() {
        let parts = CardParts {
            endpoints: Vec::new(),
            mirrors: Vec::new(),
            ..parts()
        };
        let card = NodeCard::sign(parts, &signer()).unwrap();
        assert!(card.endpoints().is_empty());
    }

    #[test]
    fn lines_of_newer_nodes_are_passed_over() {
        let text = parts().text(&signer().verifier_key());
        let newer = text.replacen("time ", "colour blue\ntime ", 1) + "nodes 3\n";
        let card = signed(&newer).unwrap();
        assert_eq!(card.parts, parts());
        assert!(
            card.note_bytes().windows(6).any(|bytes| bytes == b"colour"),
            "they are kept"
        );
    }

    #[test]
    fn every_line_has_its_form() {
        let good = parts().text(&signer().verifier_key());
        assert!(signed(&good).is_ok());
        for (from, to) in [
            ("wpsx.org/card/v1", "wpsx.org/card/v2"),
            ("node node1", "node Node1"),
            ("node node1.eu.example\n", ""),
            ("node node1.eu.example\n", "node node2.eu.example\n"),
            ("tls 06", "tls 0g"),
            ("tls 06", "tls "),
            ("endpoint https://", "endpoint http://"),
            (":8443", ""),
            (":8443", ":0"),
            (":8443", ":65536"),
            (":8443", ":8443/path"),
            ("mirror http://", "mirror ftp://"),
            ("time 1700000000000", "time now"),
            ("time 1700000000000\n", ""),
            (
                "time 1700000000000\n",
                "time 1700000000000\ntime 1700000000001\n",
            ),
            ("publisher ", "publisher !"),
            ("publisher ", "publisher  "),
        ] {
            assert!(good.contains(from), "{from:?}");
            assert!(
                signed(&good.replacen(from, to, 1)).is_err(),
                "{from:?} as {to:?}"
            );
        }
    }

    #[test]
    fn a_card_that_another_key_signed_is_refused() {
        let text = parts().text(&signer().verifier_key());
        let forger = NoteSigner::from_seed("node1.eu.example", &[9; 32]).unwrap();
        let note = forger.note(&text, MAX_CARD).unwrap();
        let refused = NodeCard::verify(&note.to_bytes());
        assert_eq!(refused, Err(NoteError::NoTrustedSignature.into()));
    }

    #[test]
    fn keys_have_their_types() {
        let card = NodeCard::sign(
            CardParts {
                cosigner: signer().verifier_key(),
                ..parts()
            },
            &signer(),
        );
        assert_eq!(card, Err(CardError::Cosigner));
        let own = VerifierKey::new(
            "node1.eu.example",
            KeyType::Cosignature,
            signer().verifier_key().public_key(),
        );
        let card = NodeCard::sign(
            CardParts {
                cosigner: own.unwrap(),
                ..parts()
            },
            &signer(),
        );
        assert_eq!(card, Err(CardError::Cosigner));
        let other = signer().named("other.example").unwrap();
        assert!(matches!(
            NodeCard::sign(parts(), &other),
            Err(CardError::Key(_))
        ));
    }

    #[test]
    fn too_much_of_anything_is_refused() {
        let twice = vec![identity("eu.example"), identity("eu.example")];
        let card = NodeCard::sign(
            CardParts {
                publishers: twice,
                ..parts()
            },
            &signer(),
        );
        assert_eq!(
            card,
            Err(CardError::PublisherTwice("eu.example".to_owned()))
        );
        let endpoints = vec!["https://a.example:1".to_owned(); MAX_ADDRESSES + 1];
        let card = NodeCard::sign(
            CardParts {
                endpoints,
                ..parts()
            },
            &signer(),
        );
        assert!(matches!(
            card,
            Err(CardError::TooMany {
                word: "endpoint",
                ..
            })
        ));
        let refused = NodeCard::verify(&vec![b'a'; MAX_CARD + 1]);
        assert!(matches!(
            refused,
            Err(CardError::Note(NoteError::TooLong { .. }))
        ));
    }
}
