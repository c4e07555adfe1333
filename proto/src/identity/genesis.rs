//! The first operation of an identity, and how operations are read.

use std::fmt::Write as _;

use crate::{
    decimal::decimal,
    note::{KeyType, NoteError, VerifierKey},
    origin::{NameError, PublisherName},
};

/// The first line of every operation.
pub const HEADER: &str = "wpsx.org/identity/v1";

/// The longest title, in bytes.
pub const MAX_TITLE: usize = 300;

/// The most countries that one identity names.
pub const MAX_COUNTRIES: usize = 300;

/// The most recovery keys of a genesis.
pub const MAX_RECOVERY_KEYS: usize = 16;

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
    /// Too many recovery keys, one twice, or the log key among them.
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
    pub(super) fn check(&self, log_key: &VerifierKey) -> Result<(), IdentityError> {
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
        let all_differ = keys.len() == self.recovery_keys.len();
        // It would be lost with the key that it is to replace.
        let own = keys.contains(&log_key.public_key());
        if !all_differ || own || keys.len() > MAX_RECOVERY_KEYS {
            return Err(IdentityError::RecoveryKeys);
        }
        Ok(())
    }

    pub(super) fn text(&self, log_key: &VerifierKey) -> String {
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
    pub(super) fn parse(text: &str) -> Result<(Self, VerifierKey), IdentityError> {
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
        genesis.check(&log_key)?;
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
pub(super) struct Lines<'a> {
    lines: Vec<&'a str>,
    at: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, IdentityError> {
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

    pub(super) fn next(&mut self, expected: &'static str) -> Result<&'a str, IdentityError> {
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
