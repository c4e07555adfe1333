//! A publisher's identity: a chain of signed notes that begins with its genesis.
//!
//! The genesis names the publisher and the key that signs its logs, and is signed by
//! that key; its hash is the publisher's id for ever. Whether to trust an identity is
//! for the reader to decide: this says only that it is consistent in itself.

use std::fmt::{self, Write as _};

use bytes::Bytes;

use crate::{
    checkpoint::decimal,
    hash::Hash,
    note::{KeyType, MAX_NOTE, Note, NoteError, NoteSigner, VerifierKey},
    origin::{Audience, IdentityId, NameError, Origin, PublisherName},
};

/// The first line of every operation.
pub const HEADER: &str = "wpsx.org/identity/v1";

/// The longest title, in bytes.
pub const MAX_TITLE: usize = 300;

/// The most countries that one identity names.
pub const MAX_COUNTRIES: usize = 300;

/// The most recovery keys of a genesis.
pub const MAX_RECOVERY_KEYS: usize = 16;

/// The most operations of one identity.
pub const MAX_OPERATIONS: usize = 256;

/// Why notes are no identity that can be used here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// There is no genesis.
    #[error("an identity begins with its genesis, but there is no note")]
    Empty,
    /// More operations than an identity may have.
    #[error("an identity of {0} operations is longer than 256")]
    TooMany(usize),
    /// Not a note, or not signed by the key it names.
    #[error("not a note that its own log key signed")]
    Note(#[from] NoteError),
    /// The publisher's name is none.
    #[error("the publisher's name is not well-formed")]
    Name(#[from] NameError),
    /// The first line is another one.
    #[error("not an identity: the first line is not wpsx.org/identity/v1")]
    Header,
    /// A line that does not stand where it should, or is malformed.
    #[error("line {line} of the genesis is not a well-formed {expected:?} line")]
    Line {
        /// Counted from 1.
        line: usize,
        /// The word that it should begin with.
        expected: &'static str,
    },
    /// A title that is empty, too long, or has control characters.
    #[error("a title has 1 to 300 bytes without control characters")]
    Title,
    /// Too many countries, one twice, or not a code of three capital letters.
    #[error("{0:?} is not a country code of three capital letters, or is named twice")]
    Country(String),
    /// Too many recovery keys, or one twice.
    #[error("a genesis names at most 16 recovery keys, each once")]
    RecoveryKeys,
    /// An operation that this software does not know.
    #[error("operation {operation:?} of this identity needs newer software")]
    NewerOperation {
        /// Its name.
        operation: String,
    },
}

/// What a genesis says beside the log key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesis {
    /// The publisher's name.
    pub name: PublisherName,
    /// For people to read.
    pub title: String,
    /// ISO 3166-1 alpha-3 or user-assigned codes the publisher speaks for.
    pub countries: Vec<String>,
    /// Offline keys that can repair the identity later, in order of priority.
    pub recovery_keys: Vec<VerifierKey>,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub time: u64,
}

impl Genesis {
    fn check(&self) -> Result<(), IdentityError> {
        let title = &self.title;
        if !(1..=MAX_TITLE).contains(&title.len()) || title.chars().any(char::is_control) {
            return Err(IdentityError::Title);
        }
        for (at, code) in self.countries.iter().enumerate() {
            let fits = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
            if !fits || at == MAX_COUNTRIES || self.countries[..at].contains(code) {
                return Err(IdentityError::Country(code.clone()));
            }
        }
        let mut keys: Vec<_> = self
            .recovery_keys
            .iter()
            .map(VerifierKey::public_key)
            .collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.len() != self.recovery_keys.len() || keys.len() > MAX_RECOVERY_KEYS {
            return Err(IdentityError::RecoveryKeys);
        }
        Ok(())
    }

    fn text(&self, log_key: &VerifierKey) -> String {
        let mut text = format!(
            "{HEADER}\ngenesis\nname {}\ntitle {}\n",
            self.name, self.title
        );
        for country in &self.countries {
            let _ = writeln!(text, "country {country}");
        }
        let _ = writeln!(text, "log-key {}", log_key.material());
        for key in &self.recovery_keys {
            let _ = writeln!(text, "recovery-key {}", key.material());
        }
        let _ = writeln!(text, "time {}", self.time);
        text
    }

    /// Reads a genesis and the log key in it.
    fn parse(text: &str) -> Result<(Self, VerifierKey), IdentityError> {
        let mut lines = Lines::new(text)?;
        let operation = lines.next("genesis")?;
        if operation != "genesis" {
            let operation = operation.split(' ').next().unwrap_or_default().to_owned();
            return Err(IdentityError::NewerOperation { operation });
        }
        let name = PublisherName::parse(lines.value("name")?)?;
        let title = lines.value("title")?.to_owned();
        let mut countries = Vec::new();
        while let Some(code) = lines.optional("country") {
            countries.push(code.to_owned());
        }
        let log_key = key_of(&name, lines.value("log-key")?)?;
        let mut recovery_keys = Vec::new();
        while let Some(material) = lines.optional("recovery-key") {
            recovery_keys.push(key_of(&name, material)?);
        }
        let time = decimal(lines.value("time")?).ok_or(lines.wrong("time"))?;
        lines.end()?;
        let genesis = Self {
            name,
            title,
            countries,
            recovery_keys,
            time,
        };
        genesis.check()?;
        Ok((genesis, log_key))
    }
}

fn key_of(name: &PublisherName, material: &str) -> Result<VerifierKey, IdentityError> {
    let key = VerifierKey::from_material(name.as_str(), material)?;
    match key.key_type() {
        KeyType::Ed25519 => Ok(key),
        other => Err(NoteError::KeyType(other.byte()).into()),
    }
}

/// The lines of an operation, one after the other.
struct Lines<'a> {
    lines: Vec<&'a str>,
    at: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Result<Self, IdentityError> {
        let lines: Vec<_> = text
            .strip_suffix('\n')
            .unwrap_or(text)
            .split('\n')
            .collect();
        match lines[0] == HEADER {
            true => Ok(Self { lines, at: 1 }),
            false => Err(IdentityError::Header),
        }
    }

    fn wrong(&self, expected: &'static str) -> IdentityError {
        IdentityError::Line {
            line: self.at,
            expected,
        }
    }

    fn next(&mut self, expected: &'static str) -> Result<&'a str, IdentityError> {
        self.at += 1;
        let line = self.lines.get(self.at - 1);
        line.copied().ok_or(self.wrong(expected))
    }

    fn value(&mut self, word: &'static str) -> Result<&'a str, IdentityError> {
        let line = self.next(word)?;
        value_of(line, word).ok_or(self.wrong(word))
    }

    fn optional(&mut self, word: &'static str) -> Option<&'a str> {
        let value = value_of(self.lines.get(self.at)?, word)?;
        self.at += 1;
        Some(value)
    }

    fn end(mut self) -> Result<(), IdentityError> {
        match self.at == self.lines.len() {
            true => Ok(()),
            false => {
                self.at += 1;
                Err(self.wrong("time"))
            }
        }
    }
}

fn value_of<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    line.strip_prefix(word)?.strip_prefix(' ')
}

/// A publisher's identity, consistent in itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    genesis: Genesis,
    log_key: VerifierKey,
    id: IdentityId,
    notes: Vec<Bytes>,
}

impl Identity {
    /// Makes and signs a genesis. The signer's key becomes the key of the publisher's
    /// logs; what the signer is named makes no difference here.
    ///
    /// # Errors
    /// The genesis breaks a rule that a reader would check.
    pub fn create(genesis: Genesis, signer: &NoteSigner) -> Result<Self, IdentityError> {
        genesis.check()?;
        let signer = signer.named(genesis.name.as_str())?;
        let note = signer.note(&genesis.text(&signer.verifier_key()), MAX_NOTE)?;
        Self::verify(&[note.to_bytes().into()])
    }

    /// Checks an identity: its notes in order, the genesis first.
    ///
    /// # Errors
    /// The first rule that the notes break, or an operation that needs newer software.
    pub fn verify(notes: &[Bytes]) -> Result<Self, IdentityError> {
        let (first, further) = notes.split_first().ok_or(IdentityError::Empty)?;
        if notes.len() > MAX_OPERATIONS {
            return Err(IdentityError::TooMany(notes.len()));
        }
        let note = Note::parse(first)?;
        let (genesis, log_key) = Genesis::parse(note.text())?;
        let note = note.verify(std::slice::from_ref(&log_key))?;
        if let Some(operation) = further.first() {
            let operation = Note::parse(operation)?;
            let operation = Lines::new(operation.text())?.next("previous")?;
            let operation = operation.split(' ').next().unwrap_or_default().to_owned();
            return Err(IdentityError::NewerOperation { operation });
        }
        Ok(Self {
            id: IdentityId::from_hash(Hash::of(note.text().as_bytes())),
            genesis,
            log_key,
            notes: notes.to_vec(),
        })
    }

    /// SHA-256 of the genesis text.
    #[must_use]
    pub fn id(&self) -> IdentityId {
        self.id
    }

    /// The publisher's name.
    #[must_use]
    pub fn name(&self) -> &PublisherName {
        &self.genesis.name
    }

    /// For people to read.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.genesis.title
    }

    /// Codes of the countries that the publisher speaks for.
    #[must_use]
    pub fn countries(&self) -> &[String] {
        &self.genesis.countries
    }

    /// When the identity was made: milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn time(&self) -> u64 {
        self.genesis.time
    }

    /// Offline keys that can repair the identity, in order of priority.
    #[must_use]
    pub fn recovery_keys(&self) -> &[VerifierKey] {
        &self.genesis.recovery_keys
    }

    /// The origin of the publisher's log for one audience.
    #[must_use]
    pub fn origin(&self, audience: Audience) -> Origin {
        Origin::new(self.name(), audience)
    }

    /// The key that signs a log, named like the log; `None` for a log that is not this
    /// publisher's.
    #[must_use]
    pub fn log_key(&self, origin: &Origin) -> Option<VerifierKey> {
        let own = origin
            .publisher()
            .is_some_and(|publisher| publisher == *self.name());
        let key = self.log_key.public_key();
        own.then(|| VerifierKey::new(origin.as_str(), KeyType::Ed25519, key).ok())?
    }

    /// The signed notes, the genesis first.
    #[must_use]
    pub fn notes(&self) -> &[Bytes] {
        &self.notes
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("name", self.name())
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genesis() -> Genesis {
        Genesis {
            name: PublisherName::parse("eu.example").unwrap(),
            title: "European Union".to_owned(),
            countries: vec!["AUT".to_owned(), "BEL".to_owned()],
            recovery_keys: vec![signer([3; 32]).verifier_key()],
            time: 1_700_000_000_000,
        }
    }

    fn signer(seed: [u8; 32]) -> NoteSigner {
        NoteSigner::from_seed("eu.example", &seed).unwrap()
    }

    fn signed(text: &str) -> Result<Identity, IdentityError> {
        let note = signer([1; 32]).note(text, MAX_NOTE).unwrap();
        Identity::verify(&[note.to_bytes().into()])
    }

    fn text() -> String {
        genesis().text(&signer([1; 32]).verifier_key())
    }

    #[test]
    fn an_identity_is_read_back() {
        // The signer may be named like a log: the genesis is signed as the publisher.
        let log = signer([1; 32]).named("eu.example/wpsx/public").unwrap();
        let identity = Identity::create(genesis(), &log).unwrap();
        assert_eq!(Identity::verify(identity.notes()), Ok(identity.clone()));
        assert_eq!(identity.title(), "European Union");
        assert_eq!(identity.countries(), ["AUT", "BEL"]);
        assert_eq!(identity.recovery_keys(), genesis().recovery_keys);
        assert_eq!(identity.id().hash(), Hash::of(text().as_bytes()));
        let origin = identity.origin(Audience::Public);
        assert_eq!(identity.log_key(&origin), Some(log.verifier_key()));
    }

    #[test]
    fn the_bytes_of_a_genesis_are_pinned() {
        let lines = [
            "wpsx.org/identity/v1",
            "genesis",
            // The publisher's name, and its title for people.
            "name eu.example",
            "title European Union",
            // One line for each country.
            "country AUT",
            "country BEL",
            // Base64 of 0x01 and the Ed25519 key of seed 01…01.
            "log-key AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
            // The same of seed 03…03.
            "recovery-key Ae1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR",
            // Milliseconds.
            "time 1700000000000",
            "",
        ];
        assert_eq!(text(), lines.join("\n"));
    }

    #[test]
    fn a_key_is_given_for_the_publishers_own_logs_only() {
        let identity = signed(&text()).unwrap();
        for line in [
            "au.example/wpsx/public",
            "example.com/log",
            "eu.example/wpsx/group",
        ] {
            assert_eq!(
                identity.log_key(&Origin::parse(line).unwrap()),
                None,
                "{line}"
            );
        }
        assert!(
            identity
                .log_key(&identity.origin(Audience::Network))
                .is_some()
        );
    }

    #[test]
    fn every_line_has_its_place_and_form() {
        let good = text();
        assert!(signed(&good).is_ok());
        for (from, to) in [
            ("wpsx.org/identity/v1", "wpsx.org/identity/v2"),
            ("name eu.example", "name EU.example"),
            ("name eu.example\n", ""),
            ("title European Union\n", "title \n"),
            ("title European Union", "title European\u{85}Union"),
            ("country AUT", "country aut"),
            ("country AUT", "country BEL"),
            ("country AUT\n", "country AUT \n"),
            ("log-key AY", "log-key BI"),
            ("recovery-key Ae", "recovery-key BO"),
            ("time 1700000000000", "time 01700000000000"),
            ("time 1700000000000", "time -1"),
            ("time 1700000000000\n", ""),
            ("time 1700000000000\n", "time 1700000000000\nmore\n"),
            ("genesis\n", "genesis\n\n"),
        ] {
            assert!(good.contains(from), "{from:?}");
            assert!(
                signed(&good.replacen(from, to, 1)).is_err(),
                "{from:?} as {to:?}"
            );
        }
    }

    #[test]
    fn an_identity_signed_by_another_key_is_refused() {
        let note = signer([2; 32]).note(&text(), MAX_NOTE).unwrap();
        let refused = Identity::verify(&[note.to_bytes().into()]);
        assert_eq!(refused, Err(NoteError::NoTrustedSignature.into()));
        assert_eq!(Identity::verify(&[]), Err(IdentityError::Empty));
    }

    #[test]
    fn later_operations_ask_for_newer_software() {
        let first = signed(&text()).unwrap().notes()[0].clone();
        let later = format!("{HEADER}\nrotate-log-key\nprevious {}\n", Hash::of(b""));
        let later = signer([1; 32]).note(&later, MAX_NOTE).unwrap();
        let newer = IdentityError::NewerOperation {
            operation: "rotate-log-key".to_owned(),
        };
        assert_eq!(
            Identity::verify(&[first, later.to_bytes().into()]),
            Err(newer)
        );
    }

    #[test]
    fn a_weak_log_key_is_refused() {
        // The neutral element: any signature would verify.
        let mut weak = [0_u8; 33];
        weak[..2].copy_from_slice(&[1, 1]);
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let material = signer([1; 32]).verifier_key().material();
        let refused = signed(&text().replace(&material, &STANDARD.encode(weak)));
        assert_eq!(refused, Err(NoteError::WeakKey.into()));
    }
}
