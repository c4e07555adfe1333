//! Checkpoints and cosignatures: known answers of others, and everything a hostile
//! sender might try.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{fs, path::Path};

use bytes::Bytes;
use proptest::prelude::*;
use wpsx_proto::{
    checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint, VerifiedCheckpoint},
    hash::{EMPTY_ROOT, Hash},
    index::TreeSize,
    note::{
        KeyType, MAX_NOTE, MAX_SIGNATURES, Note, NoteError, NoteSigner, SignatureLine, VerifierKey,
    },
    origin::Origin,
};

use super::signed::{LOG, cosigner, signer, unknown};

// C2SP tlog-cosignature: a checkpoint with a cosignature. Its keys are not printed there.
const COSIGNED: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

fn checkpoint() -> VerifiedCheckpoint {
    let checkpoint = Checkpoint {
        origin: Origin::parse(LOG).expect("an origin"),
        size: TreeSize::new(3),
        root: Hash::of(b"root"),
    };
    VerifiedCheckpoint::sign(checkpoint, &signer()).expect("the log's own key signs")
}

fn with_lines(checkpoint: &VerifiedCheckpoint, lines: &[String]) -> Vec<u8> {
    let mut note = checkpoint.note_bytes().to_vec();
    lines
        .iter()
        .for_each(|line| note.extend_from_slice(format!("{line}\n").as_bytes()));
    note
}

fn read(note: &[u8]) -> Result<VerifiedCheckpoint, CheckpointError> {
    SignedCheckpoint::parse(note)?.verify(&signer().verifier_key())
}

#[test]
fn the_example_of_tlog_cosignature_is_read_with_its_claims() {
    let note = Note::parse(COSIGNED.as_bytes()).expect("a well-formed note");
    assert_eq!(note.to_bytes(), COSIGNED.as_bytes());
    assert_eq!(note.signatures()[0].key_id, [0x03, 0x3d, 0xe0, 0xae]);
    assert_eq!(note.signatures()[1].key_id, [0x8d, 0x66, 0xcf, 0x3f]);
    // Eight bytes of time before the signature: "time 1679315147" in the specification.
    assert_eq!(
        note.signatures()[1].signature[..8],
        1_679_315_147_u64.to_be_bytes()
    );
    let signed = SignedCheckpoint::parse(COSIGNED.as_bytes()).expect("a checkpoint");
    assert_eq!(signed.origin().as_str(), "example.com/behind-the-sofa");
    assert_eq!(signed.size(), TreeSize::new(20_852_163));
}

#[test]
fn every_checkpoint_of_the_vectors_verifies_with_its_key_alone() {
    let key = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
    let key = VerifierKey::parse(key).expect("the key of the vectors");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/tlog-log");
    for size in 0..=15 {
        let note = fs::read(folder.join(format!("checkpoint.{size}"))).expect("a vector");
        let signed = SignedCheckpoint::parse(&note).expect("a checkpoint");
        let verified = signed.clone().verify(&key).expect("signed by its log");
        assert_eq!(verified.note_bytes(), note);
        assert_eq!(verified.size(), TreeSize::new(size));
        assert_eq!(verified.size().is_empty(), verified.root() == EMPTY_ROOT);
        let other = NoteSigner::from_seed(key.name(), &[1; 32]).expect("a name");
        let refused = signed.verify(&other.verifier_key());
        assert_eq!(refused, Err(NoteError::NoTrustedSignature.into()));
    }
}

#[test]
fn the_bytes_of_a_cosigned_checkpoint_are_pinned() {
    let mut checkpoint = checkpoint();
    checkpoint.cosign(&cosigner(2), 1_679_315_147);
    let parts = [
        // Origin, size and base64 of the root: this is what the log signs.
        "eu.example/wpsx/public\n3\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n",
        "\n",
        // Dash, the log's name, base64 of key id and Ed25519 signature of those lines.
        "\u{2014} eu.example/wpsx/public WOCfB0xQoiFfByi30jHOx0kb7kTdcTVmtlYFuANgqmpHD857Vl2ldXMO3Jqb0uSTDGvebnmiSAW5A+4a0lHcZAeNZAY=\n",
        // The same with 8 bytes of time between id and signature, which is over
        // "cosignature/v1\ntime 1679315147\n" and those lines.
        "\u{2014} node2.example ppMogQAAAABkGFDLbwYtyQBNH3diiuHv3kSQAfWMr8chAN3DfDdVv8BAWt7R19GGYVooXszy7Dq0K6u5ZO7TeP8M//D+VBUGS3AHCw==\n",
    ];
    let note = checkpoint.note_bytes();
    assert_eq!(std::str::from_utf8(&note), Ok(&*parts.concat()));
    let line = Note::parse(&note).expect("a note").signatures()[1].clone();
    assert_eq!(line.signature[..8], [0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb]);
    assert_eq!(line.signature.len(), 72);
}

#[test]
fn a_signed_checkpoint_is_read_back() {
    let mut checkpoint = checkpoint();
    checkpoint.cosign(&cosigner(2), 1_679_315_147);
    let found = read(&checkpoint.note_bytes()).expect("the log signed");
    assert_eq!(found, checkpoint);
    let cosignatures = found.cosignatures(&[cosigner(2).verifier_key()]);
    assert_eq!(cosignatures.len(), 1);
    assert_eq!(cosignatures[0].time, 1_679_315_147);
}

#[test]
fn what_is_not_a_checkpoint_is_refused() {
    let good = checkpoint().text().to_owned();
    let root = good.lines().nth(2).expect("three lines").to_owned();
    let signed = |text: &str| {
        let note = signer().note(text, MAX_NOTE).expect("a text");
        read(&note.to_bytes())
    };
    assert!(signed(&good).is_ok());
    assert_eq!(
        signed(&[&good, "an extension\n"].concat())
            .expect("allowed")
            .size()
            .value(),
        3
    );
    for size in [
        "03",
        "+3",
        "-3",
        "3.0",
        " 3",
        "3 ",
        "0x3",
        "",
        "\u{663}",
        "9223372036854775808",
        "18446744073709551616",
    ] {
        assert!(
            signed(&good.replacen("\n3\n", &format!("\n{size}\n"), 1)).is_err(),
            "{size:?}"
        );
    }
    let largest = signed(&good.replacen("\n3\n", "\n9223372036854775807\n", 1));
    assert_eq!(largest.expect("2^63 - 1").size().value(), i64::MAX as u64);
    for wrong in [
        "",
        "AAAA",
        &root.replace("I=", "I"),
        &root.replace("I=", "J="),
        &format!("{root} "),
    ] {
        assert!(
            signed(&good.replacen(&root, wrong, 1)).is_err(),
            "{wrong:?}"
        );
    }
    for text in [
        "\n",
        "\n\n\n",
        "a\n3\n",
        &good.replacen(LOG, "", 1),
        &[&good, "\n"].concat(),
    ] {
        assert!(signed(text).is_err(), "{text:?}");
    }
    let empty = |root: Hash| signed(&format!("{LOG}\n0\n{}\n", root.to_base64()));
    assert!(empty(EMPTY_ROOT).is_ok());
    assert_eq!(empty(Hash::of(b"root")), Err(CheckpointError::EmptyRoot));
}

#[test]
fn a_key_verifies_the_log_of_its_name_only() {
    let note = checkpoint().note_bytes();
    let parsed = || SignedCheckpoint::parse(&note).expect("a checkpoint");
    let other = signer()
        .named("eu.example/wpsx/network")
        .expect("a name")
        .verifier_key();
    assert!(matches!(
        parsed().verify(&other),
        Err(CheckpointError::OtherKey { .. })
    ));
    let public = *signer().verifier_key().public_key();
    let cosigning = VerifierKey::new(LOG, KeyType::Cosignature, &public).expect("a key");
    assert!(matches!(
        parsed().verify(&cosigning),
        Err(CheckpointError::OtherKey { .. })
    ));
    let origin = Origin::parse("au.example/wpsx/public").expect("an origin");
    let (size, root) = (TreeSize::new(3), Hash::of(b"root"));
    let refused = VerifiedCheckpoint::sign(Checkpoint { origin, size, root }, &signer());
    assert!(matches!(refused, Err(CheckpointError::OtherKey { .. })));
    // A true signature of another log, put under this log's name.
    let line = signer().sign("au.example/wpsx/public\n3\nx\n");
    let forged = [checkpoint().text(), "\n", &line.to_string(), "\n"].concat();
    assert!(matches!(
        read(forged.as_bytes()),
        Err(CheckpointError::Note(NoteError::BadSignature { .. }))
    ));
}

#[test]
fn only_valid_cosignatures_of_known_keys_are_reported() {
    let (known, other) = (cosigner(2), cosigner(3));
    let mut checkpoint = checkpoint();
    checkpoint.cosign(&known, 100);
    checkpoint.cosign(&other, 200);
    let keys = [known.verifier_key(), other.verifier_key()];
    let names = |checkpoint: &VerifiedCheckpoint, keys: &[VerifierKey]| -> Vec<(String, u64)> {
        checkpoint
            .cosignatures(keys)
            .into_iter()
            .map(|c| (c.name, c.time))
            .collect()
    };
    assert_eq!(
        names(&checkpoint, &keys[..1]),
        [("node2.example".to_owned(), 100)]
    );
    assert_eq!(
        checkpoint.claimed_cosigners(),
        ["node3.example", "node2.example"]
    );
    // A signature of an earlier time cannot be given a later one.
    let mut forged = known.sign(checkpoint.text(), 100);
    forged.signature[7] += 1;
    let note = with_lines(&self::checkpoint(), &[forged.to_string()]);
    assert_eq!(names(&read(&note).expect("the log signed"), &keys), []);
    // The key that signs the log is no cosigner.
    assert_eq!(names(&checkpoint, &[signer().verifier_key()]), []);
    // A time beyond 2^63 - 1 is no cosignature, whatever was signed.
    let mut beyond = known.sign(checkpoint.text(), 100);
    beyond.signature[0] = 0x80;
    let note = with_lines(&self::checkpoint(), &[beyond.to_string()]);
    let read = read(&note).expect("the log signed");
    assert!(read.claimed_cosigners().is_empty() && names(&read, &keys).is_empty());
}

#[test]
fn the_logs_own_line_comes_first_and_each_key_has_one_line() {
    let log = signer().sign(checkpoint().text());
    let (first, second) = (
        unknown("a", 64),
        SignatureLine {
            signature: vec![8; 64],
            ..unknown("a", 64)
        },
    );
    let note = format!("{}\n{first}\n{log}\n{second}\n", checkpoint().text());
    let verified = read(note.as_bytes()).expect("the log signed");
    let expected = with_lines(&checkpoint(), &[first.to_string()]);
    assert_eq!(verified.note_bytes(), expected);
}

#[test]
fn merging_takes_the_newest_line_of_a_known_key() {
    let node = cosigner(2);
    let keys = [node.verifier_key()];
    let at = |time: u64| {
        let mut checkpoint = checkpoint();
        checkpoint.cosign(&node, time);
        checkpoint
    };
    let mut held = at(100);
    assert!(!held.merge(&at(100), &keys), "nothing new");
    assert!(!held.merge(&at(99), &keys), "older");
    assert!(held.merge(&at(101), &keys));
    assert_eq!(held, at(101));
    // Newer in what it claims, but not signed so.
    let mut forged = node.sign(held.text(), 101);
    forged.signature[7] += 1;
    let forged = read(&with_lines(&checkpoint(), &[forged.to_string()])).expect("the log signed");
    assert!(!held.merge(&forged, &keys));
    // What is held is the forgery: the valid line takes its place, though it is older.
    let mut held = forged;
    assert!(held.merge(&at(100), &keys));
    assert_eq!(held, at(100));
}

#[test]
fn a_line_from_the_future_never_wins_and_gives_way_to_one_that_can_be_true() {
    let node = cosigner(2);
    let keys = [node.verifier_key()];
    let at = |time: u64| {
        let mut checkpoint = checkpoint();
        checkpoint.cosign(&node, time);
        checkpoint
    };
    let (now, ahead) = (1_000, 400_000);
    let mut held = at(now - 10);
    assert!(!held.merge_until(&at(ahead), &keys, now));
    let mut held = at(ahead);
    assert!(!held.merge_until(&at(ahead + 1), &keys, now));
    assert!(held.merge_until(&at(now - 10), &keys, now));
    assert_eq!(held, at(now - 10));
}

#[test]
fn merging_keeps_lines_of_unknown_keys_and_the_first_of_each() {
    let (a, b) = (unknown("a", 64), unknown("b", 2420));
    let other_a = SignatureLine {
        signature: vec![8; 64],
        ..a.clone()
    };
    let mut held = read(&with_lines(&checkpoint(), &[a.to_string()])).expect("signed");
    let other = read(&with_lines(
        &checkpoint(),
        &[other_a.to_string(), b.to_string()],
    ))
    .expect("signed");
    assert!(held.merge(&other, &[]));
    assert_eq!(
        held.note_bytes(),
        with_lines(&checkpoint(), &[a.to_string(), b.to_string()])
    );
    assert!(!held.merge(&other, &[]));
    assert_eq!(read(&held.note_bytes()).as_ref(), Ok(&held));
    let text = Checkpoint {
        size: TreeSize::new(4),
        ..Checkpoint::parse(held.text()).expect("one")
    };
    let longer = VerifiedCheckpoint::sign(text, &signer()).expect("signed");
    assert!(!held.merge(&longer, &[]), "of another size");
}

#[test]
fn a_full_note_has_room_for_known_cosigners_only() {
    let filler: Vec<String> = (0..5)
        .map(|n| unknown(&format!("filler{n}"), 2420).to_string())
        .collect();
    let flooded = read(&with_lines(&checkpoint(), &filler[..4])).expect("signed");
    let mut held = flooded.clone();
    let more = read(&with_lines(&checkpoint(), &filler[4..])).expect("signed");
    assert!(!held.merge(&more, &[]) || held.note_bytes().len() <= MAX_NOTE);
    let many: Vec<String> = (0..MAX_SIGNATURES - 1)
        .map(|n| unknown(&format!("n{n}"), 9).to_string())
        .collect();
    let mut held = read(&with_lines(&checkpoint(), &many)).expect("signed");
    let mut cosigned = checkpoint();
    cosigned.cosign(&cosigner(2), 100);
    let keys = [cosigner(2).verifier_key()];
    assert!(
        !held.merge(&cosigned, &[]),
        "an unknown newcomer is dropped"
    );
    assert!(held.merge(&cosigned, &keys), "a known one takes a place");
    assert_eq!(held.cosignatures(&keys).len(), 1);
    held.cosign(&cosigner(3), 100);
    let keys = [keys[0].clone(), cosigner(3).verifier_key()];
    assert_eq!(held.cosignatures(&keys).len(), 2);
    assert_eq!(read(&held.note_bytes()), Ok(held));
}

#[test]
fn our_own_cosignature_always_fits() {
    let mut lines: Vec<String> = (0..5)
        .map(|n| unknown(&format!("f{n}"), 2300).to_string())
        .collect();
    let left = MAX_NOTE - with_lines(&checkpoint(), &lines).len();
    lines.push(unknown("rest", (left - 12) / 4 * 3 - 4).to_string());
    let mut held = read(&with_lines(&checkpoint(), &lines)).expect("signed");
    assert!(held.note_bytes().len() > MAX_NOTE - 8);
    for time in 1..=3 {
        held.cosign(&cosigner(2), time);
        let found = held.cosignatures(&[cosigner(2).verifier_key()]);
        assert_eq!(found[0].time, time);
        assert!(held.note_bytes().len() <= MAX_NOTE);
        assert_eq!(read(&held.note_bytes()).as_ref(), Ok(&held));
    }
}

proptest! {
    #[test]
    fn no_damage_to_a_note_makes_parsing_panic(at in 0..400_usize, with in any::<[u8; 3]>()) {
        let mut bytes = COSIGNED.as_bytes().to_vec();
        let at = at % bytes.len();
        bytes.splice(at..(at + 2).min(COSIGNED.len()), with);
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_bytes(), bytes, "what parses is kept byte for byte");
        }
        let _ = SignedCheckpoint::parse(&COSIGNED.as_bytes()[..at]);
    }

    #[test]
    fn a_checkpoint_is_read_back(size in 1..=i64::MAX as u64, root in any::<[u8; 32]>(), time in 0..=i64::MAX as u64) {
        let origin = Origin::parse(LOG).expect("an origin");
        let (size, root) = (TreeSize::new(size), Hash::from_bytes(root));
        let mut signed = VerifiedCheckpoint::sign(Checkpoint { origin, size, root }, &signer()).expect("signed");
        signed.cosign(&cosigner(2), time);
        let note: Bytes = signed.note_bytes();
        let found = read(&note).expect("signed");
        prop_assert_eq!(found.cosignatures(&[cosigner(2).verifier_key()])[0].time, time);
        prop_assert_eq!(found, signed);
    }
}
