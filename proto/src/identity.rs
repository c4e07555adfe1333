//! A publisher's identity: a chain of signed notes that begins with its genesis.
//!
//! The genesis names the publisher and the key that signs its logs, and is signed by
//! that key; its hash is the publisher's id for ever. Whether to trust an identity is
//! for the reader to decide: this says only that it is consistent in itself.

mod genesis;

use std::fmt;

use bytes::Bytes;

use self::genesis::Lines;
pub use self::genesis::{
    Genesis, HEADER, IdentityError, MAX_COUNTRIES, MAX_RECOVERY_KEYS, MAX_TITLE,
};
use crate::{
    hash::Hash,
    note::{KeyType, MAX_NOTE, Note, NoteSigner, VerifierKey},
    origin::{Audience, IdentityId, Origin, PublisherName},
};

/// The most operations of one identity.
pub const MAX_OPERATIONS: usize = 256;

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
        genesis.check(&signer.verifier_key())?;
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
    use crate::note::NoteError;

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
    fn the_log_key_is_no_recovery_key() {
        let log = signer([1; 32]);
        let own = Genesis {
            recovery_keys: vec![signer([3; 32]).verifier_key(), log.verifier_key()],
            ..genesis()
        };
        assert_eq!(
            signed(&own.text(&log.verifier_key())),
            Err(IdentityError::RecoveryKeys)
        );
        assert_eq!(
            Identity::create(own, &log),
            Err(IdentityError::RecoveryKeys)
        );
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
