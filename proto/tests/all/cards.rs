//! Cards and identities that were damaged on their way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use bytes::Bytes;
use proptest::prelude::*;
use wpsx_proto::{
    card::{CardParts, NodeCard},
    cosignature::Cosigner,
    identity::{Genesis, Identity},
    note::NoteSigner,
    origin::{NodeName, PublisherName, TlsKeyHash},
};

fn identity(title: String, countries: Vec<String>) -> Identity {
    let genesis = Genesis {
        name: PublisherName::parse("eu.example").expect("a name"),
        title,
        countries,
        recovery_keys: Vec::new(),
        time: 1_700_000_000_000,
    };
    let signer = NoteSigner::from_seed("eu.example", &[1; 32]).expect("a name");
    Identity::create(genesis, &signer).expect("a genesis")
}

fn card(endpoints: Vec<String>, publishers: Vec<Identity>) -> NodeCard {
    let signer = NoteSigner::from_seed("node.example", &[4; 32]).expect("a name");
    let cosigner = Cosigner::from_seed("node.example", &[5; 32]).expect("a name");
    let parts = CardParts {
        name: NodeName::parse("node.example").expect("a name"),
        tls_key: TlsKeyHash::from_bytes([6; 32]),
        cosigner: cosigner.verifier_key(),
        endpoints,
        mirrors: Vec::new(),
        publishers,
        time: 1_700_000_000_000,
        sequence: 0,
    };
    NodeCard::sign(parts, &signer).expect("a card")
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = NodeCard::verify(&bytes);
        let _ = Identity::verify(&[Bytes::from(bytes)]);
    }

    #[test]
    fn nothing_damaged_is_taken(at in any::<prop::sample::Index>(), with in any::<[u8; 2]>()) {
        let identity = identity("A publisher".to_owned(), vec!["AUT".to_owned()]);
        let card = card(vec!["https://a.example:1".to_owned()], vec![identity.clone()]);
        let note = card.note_bytes();
        let spoil = |note: &Bytes| {
            let mut bytes = note.to_vec();
            let at = at.index(bytes.len());
            bytes.splice(at..(at + 1).min(note.len()), with);
            bytes
        };
        prop_assert!(NodeCard::verify(&spoil(&note)).is_err());
        prop_assert!(Identity::verify(&[spoil(&identity.notes()[0]).into()]).is_err());
    }

    #[test]
    fn cards_and_identities_are_read_back(
        title in "[^\\pC]{1,60}",
        countries in prop::collection::btree_set("[A-Z]{3}", 0..5),
        hosts in prop::collection::vec("[a-z]{1,20}", 0..4),
    ) {
        let identity = identity(title, countries.into_iter().collect());
        prop_assert_eq!(Identity::verify(identity.notes()), Ok(identity.clone()));
        let endpoints = hosts.iter().map(|host| format!("https://{host}:443")).collect();
        let card = card(endpoints, vec![identity]);
        prop_assert_eq!(NodeCard::verify(&card.note_bytes()), Ok(card));
    }
}
