//! Writes the seeds in `corpus/` anew, from bytes that are printed, committed or made
//! elsewhere in the repository: the specification's worked example, the vectors of
//! C2SP, and what the protocol's own types write.
//!
//! `cargo run --bin seeds` from this folder. Run it after a form has changed.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use prost::Message as _;
use wpsx_fuzz::corpus;
use wpsx_proto::{
    api::log::v1 as api,
    bundle::EntryBundle,
    card::{CardParts, NodeCard},
    checkpoint::{Checkpoint, VerifiedCheckpoint},
    cosignature::Cosigner,
    envelope::{Envelope, Operation, Reason},
    erasure::ProvenErasure,
    fork::ProvenFork,
    hash::Hash,
    index::{LeafIndex, TreeSize},
    note::NoteSigner,
    origin::{NodeName, Origin, RecordId, TlsKeyHash},
    package::{Package, prove_package},
    payload::{SALT, Slot, SlotState, encode_frames},
    proof::{prove_consistency, prove_inclusion},
    record::Record,
    tlog_proof::TlogProof,
    tree::{MemoryTree, root_at},
};
use wpsx_store::{
    RequestId,
    testing::{Place, decoders, files, new, own, publisher, without_payload},
};

const LOG: &str = "eu.example/wpsx/public";
const TIME: u64 = 1_700_000_000_000;

fn main() {
    let printed = printed();
    notes(&printed);
    entries(&printed);
    checkpoints(&printed);
    frames(&printed);
    records();
    rows();
    put("state", "owed", b"0 3\n0 300\n7 12\n");
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(stored());
}

fn notes(printed: &BTreeMap<String, Vec<u8>>) {
    put("note", "genesis", &printed["genesis"]);
    put("note", "checkpoint", &printed["checkpoint"]);
    put("note", "foreign", &read("tlog-log/checkpoint.3"));
    let keys = text(&printed["keys"]);
    for (name, key) in ["log", "cosigner"].into_iter().zip(keys.lines()) {
        put("key", name, key.as_bytes());
    }
    put("identity", "genesis", &printed["genesis"]);

    let signer = signer("node.example");
    let parts = CardParts {
        name: NodeName::parse("node.example").expect("a name"),
        tls_key: TlsKeyHash::from_bytes([9; 32]),
        cosigner: cosigner().verifier_key(),
        endpoints: vec!["https://node.example:7443".to_owned()],
        mirrors: vec!["http://mirror.example/wpsx".to_owned()],
        // The printed one has the key that signs this card, which no node does.
        publishers: vec![publisher("eu.example").identity],
        time: TIME,
        sequence: 0,
    };
    let card = NodeCard::sign(parts, &signer).expect("a card");
    put("card", "whole", &card.note_bytes());
    let note = text(&card.note_bytes());
    let (known, _) = note.split_once("\n\n").expect("a note");
    put("card", "newer", format!("{known}\nphone 1\n").as_bytes());
}

fn entries(printed: &BTreeMap<String, Vec<u8>>) {
    let envelopes: Vec<_> = (0..4)
        .map(|at| &printed[&format!("envelope-{at}")])
        .collect();
    for (at, envelope) in envelopes.iter().enumerate() {
        put("envelope", &at.to_string(), envelope);
    }
    let bundle = EntryBundle::from_entries(&envelopes).expect("small entries");
    put("bundle", "envelopes", &bundle.bytes());
    put("bundle", "foreign", &read("tlog-log/tile/entries/000.p/15"));
    put("package", "printed", &printed["package"]);
    let proven = api::Package {
        start: 256,
        entries: bundle.bytes(),
        proof: Hash::list_to_bytes(&[Hash::leaf(b"a"), Hash::leaf(b"b")]),
    };
    put("package", "proven", &proven.encode_to_vec());
    for (name, path) in [
        ("entries", "tile/entries/000"),
        ("partial", "tile/0/x001/x234/067.p/12"),
    ] {
        put("tile", name, path.as_bytes());
    }
    put("tile", "hashes", &read("tlog-log/tile/0/000.p/3"));
}

fn checkpoints(printed: &BTreeMap<String, Vec<u8>>) {
    put("checkpoint", "printed", &printed["checkpoint"]);
    put("checkpoint", "foreign", &read("tlog-log/checkpoint.3"));
    let extended = format!("{LOG}\n1\n{}\nmore\n", Hash::leaf(b"a").to_base64());
    put("checkpoint", "extended", extended.as_bytes());

    let (ours, theirs) = (tree(b"abcdef"), tree(b"abcxef"));
    let sizes = (TreeSize::new(4), TreeSize::new(6));
    let equal = ProvenFork::equal(head(&ours, sizes.0), head(&theirs, sizes.0));
    let equal = equal.expect("two roots").to_api(TIME);
    put("fork", "equal", &equal.encode_to_vec());
    let proof = prove_consistency(&theirs, sizes.0, sizes.1).expect("held");
    let root = root_at(&theirs, sizes.0).expect("held");
    let path = ProvenFork::evidence_path(sizes.0, root, &proof);
    let unequal = ProvenFork::path(head(&ours, sizes.0), head(&theirs, sizes.1), &path);
    let unequal = unequal.expect("another history").to_api(TIME);
    put("fork", "unequal", &unequal.encode_to_vec());

    put("erasure", "two", &erasure().encode_to_vec());

    let proof = prove_inclusion(&ours, LeafIndex::new(1), sizes.1).expect("held");
    let head = head(&ours, sizes.1);
    for (name, extra) in [("plain", None), ("extra", Some(Bytes::from("extra data")))] {
        let file = TlogProof::new(extra, LeafIndex::new(1), proof.clone(), &head);
        let file = file.expect("a short proof").to_string();
        put("tlog_proof", name, file.as_bytes());
    }
}

/// Evidence that the second of three entries erases, without the first.
fn erasure() -> api::ErasureEvidence {
    let entries = [Operation::Publish, Operation::Erase, Operation::Withdraw];
    let entries = entries.map(|operation| {
        let envelope = Envelope {
            operation,
            record_id: RecordId::from_bytes([7; 16]),
            revision: 1,
            previous: None,
            kind: 1,
            payload: None,
            publish_time: TIME,
            reason: Reason::Unspecified,
        };
        envelope.encode()
    });
    let mut tree = MemoryTree::default();
    entries
        .iter()
        .for_each(|entry| tree.push(Hash::leaf(entry)));
    let (start, size) = (LeafIndex::new(1), TreeSize::new(3));
    let head = head(&tree, size);
    let before = [Hash::leaf(&entries[0])];
    let proof = prove_package(&tree, start, size, size).expect("held");
    let bundle = EntryBundle::from_entries(&entries[1..]).expect("small entries");
    let package = Package::new(start, bundle, proof).expect("a short proof");
    let package = package.verify(&before, &head).expect("proven");
    let erasure = ProvenErasure::of(&head, &before, &package);
    erasure.expect("one erases").to_api()
}

/// As the decoder's target reads them: how many full slots, the lengths of their
/// payloads, the frame.
fn frames(printed: &BTreeMap<String, Vec<u8>>) {
    let with_lengths = |lengths: &[u16], frame: &[u8]| {
        let mut bytes = vec![u8::try_from(lengths.len()).expect("few slots")];
        bytes.extend(lengths.iter().flat_map(|length| length.to_be_bytes()));
        bytes.extend_from_slice(frame);
        bytes
    };
    put("frame", "printed", &with_lengths(&[10], &printed["frame"]));
    let slot = |payload: &[u8]| Some(Slot::seal(&[0x50; SALT], payload).bytes().clone());
    let slots = [
        (SlotState::Full, slot(&[b'a'; 300])),
        (SlotState::NotHeld, None),
        (SlotState::None, None),
        (SlotState::Full, slot(b"")),
        (SlotState::Full, slot(&[b'b'; 200])),
    ];
    let frames = encode_frames(LeafIndex::new(256), &slots, 3);
    let [frame] = &frames[..] else {
        panic!("small slots are one frame");
    };
    assert_eq!(frame.encoding, api::FrameEncoding::Zstd as i32);
    let frame = with_lengths(&[300, 0, 200], &frame.encode_to_vec());
    put("frame", "compressed", &frame);
}

fn records() {
    for (name, json) in [("plan", PLAN), ("practice", PRACTICE)] {
        let record = Record::from_json(json).expect("a record");
        assert_eq!(record.check(), Ok(()), "{name} keeps the rules");
        put("record_json", name, json.as_bytes());
        let kind = u8::try_from(record.kind().number()).expect("a small kind");
        let bytes = [&[kind][..], record.payload()].concat();
        put("record", name, &bytes);
    }
}

/// The files of a store that published, withdrew and erased.
async fn stored() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let store = place.open();
    own(&store, &publisher);
    let request = RequestId::parse("request 1").expect("an id");
    let batches = [
        (vec![new(1), new(2), new(3)], Some(request)),
        (vec![without_payload(2, Operation::Withdraw)], None),
        (vec![without_payload(1, Operation::Erase)], None),
    ];
    for (entries, request) in batches {
        let words = request
            .is_some()
            .then(|| Bytes::from_static(b"what the batch was"));
        let appended = store.append_remembered(&publisher.origin, entries, request, words);
        appended.await.expect("entries of an own log");
    }
    let mut backup = Vec::new();
    let about = "node node.example\n";
    let copied = store.backup(&mut backup, about, &[], |_, _| {});
    copied.expect("a backup");
    put("backup", "whole", &backup[..backup.len() - 2048]);
    for path in files(&place.path().join("journal")) {
        let segment = fs::read(path).expect("a segment");
        put("journal", "whole", &segment);
        put("journal", "torn", &segment[..segment.len() - 5]);
        for (at, body) in decoders::groups(&segment).iter().enumerate() {
            put("group", &at.to_string(), body);
        }
    }
    store.close().expect("a store that rests");
    for path in files(&place.path()) {
        let bytes = fs::read(&path).expect("a file of the store");
        let name = path.file_name().and_then(OsStr::to_str).expect("a name");
        if bytes.starts_with(b"wpsxpay1") {
            put("payloads", "published", &bytes);
        }
        // The other copy says the same.
        if name.ends_with(".twin") {
            continue;
        }
        // What stands behind the first line of a file of the state.
        if let Some(line) = bytes.strip_prefix(b"wpsx state 2 ") {
            let end = line.iter().position(|b| *b == b'\n').expect("a line");
            put("state", name, &line[end + 1..]);
        }
    }
}

/// Real files, cut so that each stays small, and files of field paths.
fn rows() {
    for (name, lines) in [("nap_editions", 6), ("regional_action_plans", 4)] {
        let file = data(&format!("{name}.csv"));
        let first: Vec<_> = file.split_inclusive('\n').take(lines).collect();
        put("csv", name, first.concat().as_bytes());
    }
    put("csv", "paths", PATHS.as_bytes());
    let practices = data("seed_good_practices.json");
    let (two, _) = practices
        .match_indices("\n  },")
        .nth(1)
        .expect("two records");
    let two = format!("{}\n  }}\n ]\n}}\n", &practices[..two]);
    put("json", "seed_good_practices", two.as_bytes());
    put(
        "json",
        "records",
        format!("[{PLAN}, {PRACTICE}]").as_bytes(),
    );
    let one_line = PLAN.replace('\n', "");
    let lines = format!("{one_line}\n\n{PRACTICE}\n");
    put("json_lines", "records", lines.as_bytes());
}

const PATHS: &str = "\u{feff}external_id;kind;title.en;countries;period.start;period.end
a-1;national-action-plan;\"A plan; with\n\"\"two\"\" lines\";ALB | XKX;2018;by 2020
a-2;good-practice;A practice;;;
";

const PLAN: &str = r#"{
 "external_id": "nap-alb-1",
 "title": [{"language": "en", "text": "First plan"}, {"language": "sq", "text": "Plani i parë", "kind": "TEXT_KIND_ORIGINAL"}],
 "countries": ["ALB", "XKX"],
 "sources": [{"url": "https://www.example.org/x", "opened": {"value": "2024-02"}, "locator": "page 3"}, {"symbol": "S/2017/889"}],
 "themes": ["security-sector"],
 "national_action_plan": {
  "edition": {"order": 1},
  "adopted": {"value": "2018-09-11"},
  "period": {"start": {"value": "2018"}, "end": {"value": "2020", "sense": "DATE_SENSE_BY"}},
  "status_history": [{"status": "PLAN_STATUS_SUPERSEDED", "basis": "BASIS_DERIVED"}],
  "budget": {"state": "BUDGET_STATE_DEDICATED", "amounts": [{"currency": "EUR", "value": "27680907.5", "year": "2019", "approximate": true}]},
  "civil_society": [{"phase": "PLAN_PHASE_MONITORING", "roles": ["CIVIL_SOCIETY_ROLE_DRAFTED", "CIVIL_SOCIETY_ROLE_FUNDED"]}],
  "objectives": [{"code": "1.1", "text": [{"language": "en", "text": "Take part"}], "pillars": [{"core": "CORE_PILLAR_PARTICIPATION"}]}]
 }
}"#;

const PRACTICE: &str = r#"{"externalId": "x-1", "title": [{"language": "en", "text": "T"}], "countries": ["XKX"], "goodPractice": {}}"#;

fn signer(name: &str) -> NoteSigner {
    NoteSigner::from_seed(name, &wpsx_fuzz::SEED).expect("a name")
}

fn cosigner() -> Cosigner {
    Cosigner::from_seed("node.example", &[2; 32]).expect("a name")
}

fn tree(entries: &[u8]) -> MemoryTree {
    entries.iter().map(|entry| Hash::leaf(&[*entry])).collect()
}

fn head(tree: &MemoryTree, size: TreeSize) -> VerifiedCheckpoint {
    let root = root_at(tree, size).expect("held");
    let origin = Origin::parse(LOG).expect("an origin");
    let checkpoint = Checkpoint { origin, size, root };
    let mut head = VerifiedCheckpoint::sign(checkpoint, &signer(LOG)).expect("its own key");
    head.cosign(&cosigner(), TIME / 1000);
    head
}

fn data(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node/data");
    fs::read_to_string(folder.join(file)).expect("a file of real records")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn put(decoder: &str, name: &str, bytes: &[u8]) {
    let folder = corpus(decoder);
    fs::create_dir_all(&folder).expect("a folder of the corpus");
    fs::write(folder.join(name), bytes).expect("a seed is written");
}

fn proto() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto")
}

fn read(vector: &str) -> Vec<u8> {
    fs::read(proto().join("tests/vectors").join(vector)).expect("a vector")
}

/// The named blocks of the specification's worked example.
fn printed() -> BTreeMap<String, Vec<u8>> {
    let specification = fs::read_to_string(proto().join("SPEC.md")).expect("the specification");
    let mut blocks = BTreeMap::new();
    for block in specification.split("\n```").skip(1).step_by(2) {
        let (info, content) = block.split_once('\n').expect("a block has lines");
        let bytes = match info.split_once(' ') {
            Some(("text", name)) => (name, format!("{content}\n").into_bytes()),
            Some(("hex", name)) => (name, bytes_of(content)),
            _ => continue,
        };
        blocks.insert(bytes.0.to_owned(), bytes.1);
    }
    blocks
}

/// The bytes at the left of each line; words about them stand behind two spaces.
fn bytes_of(content: &str) -> Vec<u8> {
    let left = content.lines().filter_map(|line| line.split("  ").next());
    let digits: Vec<u8> = left.flat_map(str::bytes).filter(|b| *b != b' ').collect();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("ASCII");
        u8::from_str_radix(pair, 16).expect("two hexadecimal digits")
    };
    digits.chunks(2).map(byte).collect()
}
