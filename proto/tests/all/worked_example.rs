//! SPEC.md, section 15: every byte printed there is made again here and compared.
//!
//! Its code blocks are named. In a `hex` block a line holds bytes and, behind two
//! spaces, words about them; a `text` block is compared as it stands.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{collections::BTreeMap, fs, path::Path};

use bytes::Bytes;
use prost::Message as _;
use wpsx_proto::{
    bundle::EntryBundle,
    checkpoint::{Checkpoint, SignedCheckpoint, VerifiedCheckpoint},
    cosignature::Cosigner,
    envelope::{Envelope, Leaf, Operation, Reason},
    hash::Hash,
    identity::{Genesis, Identity},
    index::{LeafIndex, TreeSize},
    note::NoteSigner,
    origin::{Audience, Origin, PublisherName, RecordId},
    package::Package,
    payload::{Frame, SALT, Slot, SlotState, encode_frames},
    proof::{prove_consistency, prove_inclusion},
    tree::{MemoryTree, root_at},
};

const TIME: u64 = 1_700_000_000_000;
const SIZE: TreeSize = TreeSize::new(4);

struct Example {
    identity: Identity,
    origin: Origin,
    log_key: NoteSigner,
    cosigner: Cosigner,
    slots: [Slot; 3],
    envelopes: [Envelope; 4],
}

impl Example {
    fn new() -> Self {
        let name = PublisherName::parse("eu.example").expect("a name");
        let origin = Origin::new(&name, Audience::Public);
        let log_key = NoteSigner::from_seed(origin.as_str(), &[1; 32]).expect("a name");
        let genesis = Genesis {
            name,
            title: "European Union".to_owned(),
            countries: vec!["BEL".to_owned()],
            recovery_keys: Vec::new(),
            time: TIME,
        };
        let (a, b) = (
            RecordId::from_bytes([0xaa; 16]),
            RecordId::from_bytes([0xbb; 16]),
        );
        let slots = [
            Slot::seal(&[0x50; SALT], b"a plan"),
            Slot::seal(&[0x51; SALT], b"a practice"),
            Slot::seal(&[0x52; SALT], b"a plan, extended"),
        ];
        let first = Envelope {
            operation: Operation::Publish,
            record_id: a,
            revision: 1,
            previous: None,
            kind: 1,
            payload: Some(slots[0].claim()),
            publish_time: TIME,
            reason: Reason::Unspecified,
        };
        let envelopes = [
            first,
            Envelope {
                record_id: b,
                kind: 3,
                payload: Some(slots[1].claim()),
                publish_time: TIME + 1,
                ..first
            },
            Envelope {
                revision: 2,
                previous: Some(LeafIndex::new(0)),
                payload: Some(slots[2].claim()),
                publish_time: TIME + 2,
                ..first
            },
            Envelope {
                operation: Operation::Erase,
                revision: 3,
                previous: Some(LeafIndex::new(2)),
                payload: None,
                publish_time: TIME + 3,
                reason: Reason::Protection,
                ..first
            },
        ];
        Self {
            identity: Identity::create(genesis, &log_key).expect("a genesis"),
            origin,
            log_key,
            cosigner: Cosigner::from_seed("node.example", &[2; 32]).expect("a name"),
            slots,
            envelopes,
        }
    }

    fn tree(&self) -> MemoryTree {
        let mut tree = MemoryTree::default();
        for envelope in &self.envelopes {
            tree.push(Hash::leaf(&envelope.encode()));
        }
        tree
    }

    fn checkpoint(&self) -> VerifiedCheckpoint {
        let checkpoint = Checkpoint {
            origin: self.origin.clone(),
            size: SIZE,
            root: root_at(&self.tree(), SIZE).expect("all leaves are there"),
        };
        let signed = VerifiedCheckpoint::sign(checkpoint, &self.log_key);
        let mut signed = signed.expect("the log's own key");
        signed.cosign(&self.cosigner, TIME / 1000 + 60);
        signed
    }

    /// Entries 2 and 3 for a reader who holds 0 and 1: the subtree is the whole tree.
    fn package(&self) -> Package {
        let entries = self.envelopes[2..].iter().map(Envelope::encode);
        let entries = EntryBundle::from_entries(entries).expect("small entries");
        Package::new(LeafIndex::new(2), entries, Vec::new()).expect("one bundle")
    }

    /// All four slots after the erasure.
    fn frame(&self) -> Frame {
        let slots = [
            (SlotState::Erased, None),
            (SlotState::Full, Some(self.slots[1].bytes().clone())),
            (SlotState::Erased, None),
            (SlotState::None, None),
        ];
        let frame = encode_frames(LeafIndex::new(0), &slots, 0).remove(0);
        Frame::from_api(frame).expect("what was packed")
    }

    /// Name and content of each block.
    fn blocks(&self) -> BTreeMap<String, String> {
        let tree = self.tree();
        let root = |size| root_at(&tree, TreeSize::new(size)).expect("held");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let mut blocks = BTreeMap::new();
        let mut put = |name: String, content: String| {
            assert!(blocks.insert(name, content).is_none());
        };
        put(
            "keys".into(),
            format!(
                "{}\n{}\n",
                self.log_key.verifier_key(),
                self.cosigner.verifier_key()
            ),
        );
        put("genesis".into(), text(&self.identity.notes()[0]));
        put("identity".into(), self.identity.id().to_string());
        put("folder".into(), self.origin.hash_hex());
        for (at, slot) in self.slots.iter().enumerate() {
            put(format!("slot-{at}"), hex::encode(slot.bytes()));
            put(format!("commitment-{at}"), slot.commitment().to_string());
        }
        for (at, envelope) in self.envelopes.iter().enumerate() {
            put(format!("envelope-{at}"), hex::encode(envelope.encode()));
            put(
                format!("leaf-{at}"),
                Hash::leaf(&envelope.encode()).to_string(),
            );
        }
        let inclusion = prove_inclusion(&tree, LeafIndex::new(1), SIZE).expect("held");
        let consistency = prove_consistency(&tree, TreeSize::new(2), SIZE).expect("held");
        put("root-2".into(), root(2).to_string());
        put("root-4".into(), root(4).to_string());
        put(
            "inclusion-1".into(),
            hex::encode(Hash::list_to_bytes(&inclusion)),
        );
        put(
            "consistency-2".into(),
            hex::encode(Hash::list_to_bytes(&consistency)),
        );
        put("checkpoint".into(), text(&self.checkpoint().note_bytes()));
        put(
            "package".into(),
            hex::encode(self.package().to_api().encode_to_vec()),
        );
        put(
            "frame".into(),
            hex::encode(self.frame().to_api().encode_to_vec()),
        );
        blocks
    }
}

/// The named blocks of section 15 as they are printed.
fn printed() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("SPEC.md");
    let spec = fs::read_to_string(path).expect("SPEC.md is part of the crate");
    let (_, section) = spec.split_once("\n## 15. ").expect("a section 15");
    let section = section.split("\n## ").next().expect("the section's text");
    let mut blocks = BTreeMap::new();
    let mut parts = section.split("\n```");
    parts.next();
    while let Some(block) = parts.next() {
        let (info, content) = block.split_once('\n').expect("a block has lines");
        let (form, name) = info.split_once(' ').expect("a block has a form and a name");
        let content = match form {
            "hex" => bytes_of(content),
            "text" => format!("{content}\n"),
            other => panic!("{name} is {other}, neither hex nor text"),
        };
        assert!(
            blocks.insert(name.to_owned(), content).is_none(),
            "{name} is printed twice"
        );
        let after = parts.next().expect("a block has an end");
        assert!(
            after.is_empty() || after.starts_with('\n'),
            "{name} ends in {after:?}"
        );
    }
    blocks
}

fn bytes_of(content: &str) -> String {
    let bytes = content
        .lines()
        .map(|line| line.split("  ").next().unwrap_or_default());
    bytes
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .collect()
}

#[test]
fn every_byte_of_the_worked_example_is_what_the_code_makes() {
    let (made, printed) = (Example::new().blocks(), printed());
    for (name, content) in &made {
        let found = printed.get(name).map(String::as_str);
        assert_eq!(
            found,
            Some(content.as_str()),
            "block {name} of SPEC.md, section 15"
        );
    }
    let more: Vec<_> = printed
        .keys()
        .filter(|name| !made.contains_key(*name))
        .collect();
    assert!(
        more.is_empty(),
        "SPEC.md prints blocks that nothing makes: {more:?}"
    );
}

#[test]
fn the_worked_example_verifies_from_its_printed_bytes() {
    let (example, printed) = (Example::new(), printed());
    let bytes = |name: &str| Bytes::from(hex::decode(&printed[name]).expect("hexadecimal"));
    let identity = Identity::verify(&[printed["genesis"].clone().into()]).expect("a genesis");
    assert_eq!(identity.id().to_string(), printed["identity"]);
    let key = identity
        .log_key(&example.origin)
        .expect("the publisher's own log");
    let checkpoint = SignedCheckpoint::parse(printed["checkpoint"].as_bytes());
    let checkpoint = checkpoint
        .and_then(|signed| signed.verify(&key))
        .expect("signed");
    let cosigners = [example.cosigner.verifier_key()];
    assert_eq!(
        checkpoint.cosignatures(&cosigners)[0].time,
        TIME / 1000 + 60
    );

    let leaves: Vec<Leaf> = (0..4)
        .map(|at| Leaf::read(&bytes(&format!("envelope-{at}"))))
        .collect();
    let before = [0, 1].map(|at| printed[&format!("leaf-{at}")].parse().expect("a hash"));
    let package = wpsx_proto::api::log::v1::Package::decode(bytes("package")).expect("a message");
    let package = Package::from_api(package).expect("a package");
    let package = package
        .verify(&before, &checkpoint)
        .expect("part of the log");
    assert_eq!(package.leaves(), &leaves[2..]);

    let frame = wpsx_proto::api::log::v1::PayloadFrame::decode(bytes("frame")).expect("a message");
    let frame = Frame::from_api(frame).expect("a frame");
    let frame = frame.verify(&leaves, |index| [0, 2].contains(&index.value()));
    let slot = frame
        .expect("what the entries commit to")
        .slot(1)
        .expect("a full slot");
    assert_eq!(Slot::new(slot).expect("a slot").payload(), b"a practice");
}
