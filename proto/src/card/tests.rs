//! Cards that are read back, and those that are refused.

use super::*;
use crate::{
    identity::Genesis,
    note::{KeyType, NoteError},
    origin::PublisherName,
};

fn signer() -> NoteSigner {
    NoteSigner::from_seed("node1.eu.example", &[4; 32]).unwrap()
}

fn identity(name: &str) -> Identity {
    identity_of(name, 1)
}

fn identity_of(name: &str, seed: u8) -> Identity {
    let genesis = Genesis {
        name: PublisherName::parse(name).unwrap(),
        title: "A publisher".to_owned(),
        countries: Vec::new(),
        recovery_keys: Vec::new(),
        time: 1_700_000_000_000,
    };
    let signer = NoteSigner::from_seed(name, &[seed; 32]).unwrap();
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
        sequence: 0,
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
fn a_card_has_its_number_behind_its_time_and_one_without_counts_as_none() {
    let numbered = CardParts {
        sequence: 7,
        ..parts()
    };
    let text = numbered.text(&signer().verifier_key());
    assert!(text.contains("\ntime 1700000000000\nsequence 7\npublisher "));
    assert_eq!(signed(&text).unwrap().sequence(), 7);
    assert_eq!(NodeCard::sign(parts(), &signer()).unwrap().sequence(), 0);
    for wrong in [
        "sequence 0",
        "sequence -1",
        "sequence x",
        "sequence 7\nsequence 8",
    ] {
        assert!(
            signed(&text.replacen("sequence 7", wrong, 1)).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn a_card_replaces_another_by_its_number_and_no_clock_wins_for_years() {
    let card = |sequence: u64, time: u64| {
        let parts = CardParts {
            sequence,
            time,
            ..parts()
        };
        NodeCard::sign(parts, &signer()).unwrap()
    };
    let (now, ahead) = (1_000_000, 400_000_000_000);
    for (newer, held) in [
        (card(2, now - 50), card(1, now)),
        (card(2, now), card(1, ahead)),
        (card(1, now), card(0, ahead)),
        // Nodes of before have no number: the time decides, unless it cannot be.
        (card(0, now), card(0, now - 1)),
        (card(0, now - 1), card(0, ahead)),
        (card(3, now), card(3, now - 1)),
    ] {
        assert!(newer.replaces(&held, now), "{newer:?} {held:?}");
        assert!(!held.replaces(&newer, now), "{newer:?} {held:?}");
    }
    assert!(!card(0, ahead + 1).replaces(&card(0, ahead), now));
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
    assert_eq!(card, Err(CardError::SameKey));
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

#[test]
fn a_key_that_a_card_names_for_two_uses_is_refused() {
    let spki = |seed: u8| {
        let key = NoteSigner::from_seed("x", &[seed; 32])
            .unwrap()
            .verifier_key();
        let der = [
            &hex::decode("302a300506032b6570032100").unwrap(),
            &key.public_key()[..],
        ];
        TlsKeyHash::from_hash(Hash::of(&der.concat()))
    };
    let publishers = |seeds: &[u8]| {
        let named = |(n, seed): (usize, &u8)| identity_of(&format!("p{n}.example"), *seed);
        seeds.iter().enumerate().map(named).collect::<Vec<_>>()
    };
    let sign = |change: &dyn Fn(&mut CardParts)| {
        let mut parts = parts();
        change(&mut parts);
        NodeCard::sign(parts, &signer()).map(drop)
    };
    assert_eq!(
        sign(&|parts| parts.publishers = publishers(&[1, 2])),
        Ok(())
    );
    assert_eq!(sign(&|parts| parts.tls_key = spki(9)), Ok(()));
    // A publisher with the node's key, with the cosigner's, and two with one.
    for seeds in [[1, 4], [5, 1], [2, 2]] {
        let twice = sign(&|parts| parts.publishers = publishers(&seeds));
        assert_eq!(twice, Err(CardError::SameKey), "{seeds:?}");
    }
    for seed in [4, 5, 1] {
        let twice = sign(&|parts| parts.tls_key = spki(seed));
        assert_eq!(twice, Err(CardError::SameKey), "{seed}");
    }
}

#[test]
fn upper_case_hexadecimal_on_a_card_is_refused() {
    let mut parts = parts();
    parts.tls_key = TlsKeyHash::from_bytes([0xab; 32]);
    let text = parts.text(&signer().verifier_key());
    assert!(signed(&text).is_ok());
    let hash = "ab".repeat(32);
    let refused = signed(&text.replace(&hash, &hash.to_uppercase()));
    assert!(matches!(refused, Err(CardError::Tls(_))), "{refused:?}");
}
