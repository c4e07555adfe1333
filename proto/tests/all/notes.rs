//! Notes and keys: known answers of others, and everything a hostile sender might try.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use wpsx_proto::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    cosignature::Cosigner,
    note::{KeyType, MAX_NOTE, Note, NoteError, NoteSigner, SignatureLine, VerifierKey},
};

use super::signed::{cosigner, signer, unknown};

// C2SP signed-note, "Example".
const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const TEXT: &str = "This is an example message.\n";
const LINE: &str = "\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn key() -> VerifierKey {
    VerifierKey::parse(VKEY).expect("the key of the specification")
}

fn example() -> String {
    [TEXT, "\n", LINE].concat()
}

#[test]
fn the_example_of_signed_note_verifies_and_no_changed_byte_does() {
    let note = example().into_bytes();
    let parsed = Note::parse(&note).expect("the example");
    assert_eq!(parsed.to_bytes(), note);
    let verified = parsed.verify(&[key()]).expect("the example");
    assert_eq!((verified.text(), verified.to_bytes()), (TEXT, note.clone()));
    for at in 0..note.len() {
        for bit in 0..8 {
            let mut changed = note.clone();
            changed[at] ^= 1 << bit;
            let verified = Note::parse(&changed).and_then(|note| note.verify(&[key()]));
            assert!(verified.is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn what_is_not_a_note_is_refused_with_its_reason() {
    let blank = [TEXT, "\n"].concat();
    let note = |lines: &str| Note::parse([&blank, lines].concat().as_bytes());
    let line = |at: usize| Err(NoteError::SignatureLine { line: at });
    assert_eq!(Note::parse(b""), Err(NoteError::Unsigned));
    assert_eq!(Note::parse(TEXT.as_bytes()), Err(NoteError::Unsigned));
    assert_eq!(note(""), line(1).or(Err(NoteError::Unsigned)));
    assert_eq!(
        note(LINE.trim_end()),
        Err(NoteError::Unsigned),
        "no final newline"
    );
    assert_eq!(Note::parse(&[0xff, b'\n', b'\n']), Err(NoteError::Utf8));
    assert_eq!(note(&LINE.replace(" Uw", "\tUw")), Err(NoteError::Control));
    assert_eq!(note(&LINE.replace('\n', "\r\n")), Err(NoteError::Control));
    assert_eq!(
        note(&[LINE, LINE].concat()),
        Err(NoteError::Repeated { line: 2 })
    );
    assert_eq!(note(&[LINE, "a word\n"].concat()), line(2));
    for (from, to) in [
        ("\u{2014} ", "- "),
        ("\u{2014} ", "\u{2014}"),
        ("\u{2014} ", "\u{2014}  "),
        ("example.com/foo ", "example.com/foo  "),
        ("example.com/foo ", "example.com+foo "),
        ("example.com/foo ", "example.com\u{a0}foo "),
        ("example.com/foo ", ""),
        ("aQM=", "aQM"),   // without padding
        ("aQM=", "aQN="),  // with bits that must be zero
        ("aQM=", "aQM= "), // with something after it
        ("aQM=", "aQM=="),
        ("Uw2Q", "U-2Q"), // of another alphabet
    ] {
        assert!(LINE.contains(from));
        assert_eq!(
            note(&LINE.replacen(from, to, 1)),
            line(1),
            "{from:?} as {to:?}"
        );
    }
    // A key id and nothing after it.
    assert_eq!(note("\u{2014} a AAAAAA==\n"), line(1));
    let long = "a".repeat(MAX_NOTE);
    let refused = Note::parse([&long, "\n\n", LINE].concat().as_bytes());
    assert!(matches!(
        refused,
        Err(NoteError::TooLong { max: MAX_NOTE, .. })
    ));
}

#[test]
fn a_note_is_split_at_its_last_empty_line() {
    let signer = NoteSigner::from_seed("a", &[1; 32]).expect("a name");
    let text = "first\n\nsecond\n\n\nthird\n";
    let note = signer.note(text, MAX_NOTE).expect("a text").to_bytes();
    let parsed = Note::parse(&note).expect("a note");
    assert_eq!(parsed.text(), text);
    assert!(parsed.verify(&[signer.verifier_key()]).is_ok());
}

#[test]
fn thousands_of_lines_are_refused() {
    let mut lines = String::new();
    for number in 0..10_000 {
        lines += &format!("{}\n", unknown(&format!("n{number}"), 1));
    }
    let all = [TEXT, "\n", &lines].concat();
    assert!(matches!(
        Note::parse(all.as_bytes()),
        Err(NoteError::TooLong { .. })
    ));
    // Short lines, so that the bytes fit and only the number does not.
    let few = [
        TEXT,
        "\n",
        lines[..10_000].rsplit_once('\n').expect("lines").0,
        "\n",
    ]
    .concat();
    assert_eq!(
        Note::parse(few.as_bytes()),
        Err(NoteError::TooManySignatures)
    );
}

#[test]
fn lines_of_unknown_keys_are_kept_and_do_not_count() {
    let same_name = SignatureLine {
        key_id: [1; 4],
        ..unknown("example.com/foo", 64)
    };
    let same_id = SignatureLine {
        key_id: key().id(),
        ..unknown("example.com/bar", 64)
    };
    let post_quantum = unknown("example.com/pq", 2420);
    let lines = format!("{same_name}\n{same_id}\n{post_quantum}\n");
    let note = [TEXT, "\n", &lines].concat();
    let refused = Note::parse(note.as_bytes())
        .expect("well-formed")
        .verify(&[key()]);
    assert_eq!(refused, Err(NoteError::NoTrustedSignature));
    let note = [TEXT, "\n", &lines, LINE].concat();
    let verified = Note::parse(note.as_bytes())
        .expect("well-formed")
        .verify(&[key()]);
    assert_eq!(verified.expect("signed").to_bytes(), note.as_bytes());
}

#[test]
fn a_known_key_with_a_bad_signature_spoils_the_note() {
    let bad = SignatureLine {
        key_id: key().id(),
        ..unknown("example.com/foo", 64)
    };
    let short = SignatureLine {
        key_id: key().id(),
        ..unknown("example.com/foo", 63)
    };
    for bad in [bad, short] {
        for lines in [format!("{bad}\n{LINE}"), format!("{LINE}{bad}\n")] {
            let note = [TEXT, "\n", &lines].concat();
            let refused = Note::parse(note.as_bytes())
                .expect("well-formed")
                .verify(&[key()]);
            let name = "example.com/foo".to_owned();
            assert_eq!(refused, Err(NoteError::BadSignature { name }));
        }
    }
}

#[test]
fn keys_are_read_in_one_form_only() {
    assert_eq!(key().to_string(), VKEY);
    assert_eq!(key().key_type(), KeyType::Ed25519);
    for (from, to) in [
        ("example.com/foo", "example.com/bar"),
        ("example.com/foo", ""),
        ("example.com/foo", "example.com/ foo"),
        ("530d903a", "530D903A"),
        ("530d903a", "530d903b"),
        ("530d903a", "0530d903a"),
        ("530d903a", "530d90"),
        ("+Aeky", "Aeky"),
        ("3U2k", "3U2"),
        ("3U2k", "3U2kAA=="),
        ("3U2k", "3U2k\n"),
    ] {
        assert!(VKEY.contains(from));
        assert!(
            VerifierKey::parse(&VKEY.replacen(from, to, 1)).is_err(),
            "{from:?} as {to:?}"
        );
    }
    let material = key().material();
    for (byte, first) in [(0x00, "AO"), (0x02, "Au"), (0x06, "Bu"), (0xff, "/+")] {
        let refused = VerifierKey::from_material("a", &material.replacen("Ae", first, 1));
        assert_eq!(refused, Err(NoteError::KeyType(byte)), "{first}");
    }
}

#[test]
fn weak_and_twofold_keys_are_refused() {
    let small_order = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        // The same points, encoded with a coordinate that is not reduced.
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0100000000000000000000000000000000000000000000000000000000000080",
        // A point of large order in such an encoding.
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    for text in small_order {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).expect("hexadecimal");
        for key_type in [KeyType::Ed25519, KeyType::Cosignature] {
            let refused = VerifierKey::new("a", key_type, &bytes);
            assert_eq!(refused, Err(NoteError::WeakKey), "{text}");
        }
    }
    // No point of the curve at all.
    let refused = VerifierKey::new("a", KeyType::Ed25519, &[2; 32]);
    assert!(matches!(
        refused,
        Err(NoteError::Key(_) | NoteError::WeakKey)
    ));
}

#[test]
fn secrets_are_read_back_and_never_shown() {
    let text = signer().to_text();
    assert!(text.starts_with("PRIVATE+KEY+eu.example/wpsx/public+"));
    let read = NoteSigner::parse(&text).expect("its own text");
    assert_eq!(read.verifier_key(), signer().verifier_key());
    assert!(
        Cosigner::parse(&text).is_err(),
        "a log's key cosigns nothing"
    );
    let cosigner = cosigner(2);
    assert!(NoteSigner::parse(&cosigner.to_text()).is_err());
    let read = Cosigner::parse(&cosigner.to_text()).expect("its own text");
    assert_eq!(read.verifier_key(), cosigner.verifier_key());
    for shown in [format!("{:?}", signer()), format!("{cosigner:?}")] {
        assert!(!shown.contains("PRIVATE"), "{shown}");
    }
    for broken in [
        "",
        "PRIVATE+KEY+a",
        "PRIVATE+KEY+a+00000000+AQ==",
        &text[..text.len() - 1],
        &format!("{}\n", *text),
        &format!(" {}", *text),
    ] {
        assert!(NoteSigner::parse(broken).is_err(), "{broken:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_parsing_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Note::parse(&bytes);
        let _ = SignedCheckpoint::parse(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let _ = VerifierKey::parse(&text);
        let _ = NoteSigner::parse(&text);
        let _ = Checkpoint::parse(&text);
    }

    #[test]
    fn what_is_signed_verifies(
        text in "[^\\x00-\\x1f]{0,40}(\n[^\\x00-\\x1f]{0,40}){0,4}\n",
        name in "[a-z/.]{1,40}",
        seed in any::<[u8; 32]>(),
    ) {
        let signer = NoteSigner::from_seed(&name, &seed).expect("a name");
        let note = signer.note(&text, MAX_NOTE).expect("a text").to_bytes();
        let parsed = Note::parse(&note).expect("a note");
        prop_assert_eq!(parsed.text(), &*text);
        prop_assert!(parsed.verify(&[signer.verifier_key()]).is_ok());
        let vkey = signer.verifier_key().to_string();
        prop_assert_eq!(VerifierKey::parse(&vkey), Ok(signer.verifier_key()));
    }
}
