//! What `kill.rs` leaves out: a replica and erasures, and the same stores killed
//! again and again, at each step of the write order and between any two answers.
//! After each kill everything acknowledged is there, nothing is torn, and nothing
//! erased is back.
//!
//! The process is this test itself, started anew with another filter. The steps
//! exist in debug builds only.
#![cfg(debug_assertions)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "the test tells its own process by the environment what to do"
)]

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use wpsx_client::{clock::Clock, random::Random};
use wpsx_proto::{
    cosignature::Cosigner,
    envelope::{Operation, Reason},
    hash::Hash,
    identity::{Genesis, Identity},
    index::{LeafIndex, TreeSize},
    note::NoteSigner,
    origin::{Audience, Origin, PublisherName, RecordId},
    package::{Package, prove_package, runs},
    payload::{Frame, SlotState},
};
use wpsx_store::{
    Appender, Followers, LogHandle, LogRole, NewEntry, RecordTarget, Store, StoreFolder,
    StoreOptions,
};
use wpsx_views::Views;

const STEPS: [&str; 8] = [
    "journal-written",
    "journal-synced",
    "answered",
    "files-written",
    "views-posted",
    "partials-written",
    "files-synced",
    "journal-dropped",
];
const DIR: &str = "WPSX_CRASH_DIR";

#[test]
fn a_process_killed_at_any_step_loses_nothing_that_it_acknowledged() {
    let dir = places();
    for round in 1..=2 {
        for step in STEPS {
            // The first group of the child, and a later one.
            let child = start(dir.path(), &format!("{step}:{}", round * round));
            assert!(killed(child), "{step} was not reached in round {round}");
            look(dir.path(), step);
        }
    }
}

#[test]
fn a_process_killed_after_any_answer_loses_nothing_that_it_acknowledged() {
    let dir = places();
    for more in [1, 2, 3, 5, 8, 13] {
        let before = answers(dir.path());
        let mut child = start(dir.path(), "");
        while answers(dir.path()) < before + more && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().unwrap();
        assert!(answers(dir.path()) >= before + more);
        look(dir.path(), "any moment");
    }
}

fn places() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for part in ["own", "replica"] {
        Store::create(&dir.path().join(part)).unwrap();
    }
    dir
}

fn start(dir: &Path, crash_at: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::work_until_killed",
            "--ignored",
            "--test-threads=1",
        ])
        .env(DIR, dir)
        .env("WPSX_CRASH_AT", crash_at)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn killed(mut child: Child) -> bool {
    !child.wait().unwrap().success()
}

fn answers(dir: &Path) -> usize {
    let acked = std::fs::read_to_string(dir.join("acked"));
    acked.unwrap_or_default().lines().count()
}

/// What must be there after a kill.
fn look(dir: &Path, step: &str) {
    let acked = Acked::read(dir);
    let publisher = publisher();
    let mut erased = BTreeSet::new();
    for part in ["own", "replica"] {
        let (store, _) = open(&dir.join(part));
        let Some(log) = store.log(&publisher.2) else {
            assert_eq!(acked.size(part), 0, "{step}");
            continue;
        };
        let stored = log.stored().value();
        assert!(
            stored >= acked.size(part),
            "{step}: {part} has {stored}, acknowledged {acked:?}"
        );
        for index in 0..stored {
            let at = LeafIndex::new(index);
            match log.slot(at).unwrap() {
                (SlotState::Full, Some(slot)) => {
                    assert_eq!(slot[32..], payload(index), "{step}: {part} {index}");
                    let gone = part == "own" && acked.erased.contains(&index);
                    assert!(!gone, "{step}: {index} is back");
                }
                (SlotState::Erased, None) => drop(erased.insert(index)),
                (SlotState::None, None) => {}
                // Killed before it had the entry that erases what did not come any more.
                (SlotState::NotHeld, None) if part == "replica" && erased.contains(&index) => {}
                other => panic!("{step}: {part} {index}: {other:?}"),
            }
        }
        let report = store.verify(&log, |_| {}).unwrap();
        assert_eq!(report.problems, Vec::<String>::new(), "{step}: {part}");
        assert_eq!(report.checked, stored);
        store.close().unwrap();
    }
}

/// The child: appends, erases, settles and replicates until it is killed.
#[test]
#[ignore = "started by the tests above"]
fn work_until_killed() {
    let Some(dir) = std::env::var_os(DIR).map(PathBuf::from) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(work(&dir));
}

async fn work(dir: &Path) {
    let (identity, signer, origin) = publisher();
    let (store, appender) = open(&dir.join("own"));
    let log = store
        .add_log(&origin, identity.clone(), LogRole::Own(signer))
        .unwrap();
    let (replica, _) = open(&dir.join("replica"));
    let copy = replica
        .add_log(&origin, identity, LogRole::Replica)
        .unwrap();
    let mut acks = OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.join("acked"))
        .unwrap();
    for round in 0..12 {
        let first = log.stored().value();
        let count = [3, 257, 1, 90][round % 4];
        let batch = (first..first + count).map(new).collect();
        appender.append(&origin, batch, None).await.unwrap();
        ack(&mut acks, &format!("own {}", first + count));
        if round % 4 == 1 {
            let gone = first + count / 2;
            let erase = NewEntry {
                target: RecordTarget::Existing(id(gone)),
                operation: Operation::Erase,
                payload: None,
                ..new(gone)
            };
            appender.append(&origin, vec![erase], None).await.unwrap();
            ack(&mut acks, &format!("erased {gone}"));
            ack(&mut acks, &format!("own {}", first + count + 1));
        }
        pull(&log, &replica, &copy).await;
        ack(&mut acks, &format!("replica {}", copy.stored()));
        if round % 3 == 2 {
            store.settle().await.unwrap();
            replica.settle().await.unwrap();
        }
    }
    store.close().unwrap();
    replica.close().unwrap();
}

/// A line that the kernel has when this returns: a kill does not take it back.
fn ack(acks: &mut File, line: &str) {
    acks.write_all(format!("{line}\n").as_bytes()).unwrap();
}

#[derive(Debug, Default)]
struct Acked {
    own: u64,
    replica: u64,
    erased: Vec<u64>,
}

impl Acked {
    fn read(dir: &Path) -> Self {
        let mut acked = Self::default();
        for line in std::fs::read_to_string(dir.join("acked"))
            .unwrap_or_default()
            .lines()
        {
            let (what, n) = line.split_once(' ').unwrap();
            let n = n.parse().unwrap();
            match what {
                "own" => acked.own = n,
                "replica" => acked.replica = n,
                _ => acked.erased.push(n),
            }
        }
        acked
    }

    fn size(&self, part: &str) -> u64 {
        if part == "own" {
            self.own
        } else {
            self.replica
        }
    }
}

async fn pull(from: &LogHandle, store: &Store, to: &LogHandle) {
    let head = from.head().unwrap();
    store
        .set_pending(to.origin(), (*head).clone())
        .await
        .unwrap();
    for run in runs(to.stored().next_index(), head.size()) {
        let (start, end) = (LeafIndex::new(run.start), LeafIndex::new(run.end));
        let proof = prove_package(from, start, TreeSize::new(run.end), head.size()).unwrap();
        let package = Package::new(start, from.entries(start, end).unwrap(), proof).unwrap();
        let before = match start.in_bundle() {
            0 => Vec::new(),
            _ => to.leaf_hashes(start.bundle_start(), start).unwrap(),
        };
        let package = package.verify(&before, &head).unwrap();
        let mut frames = Vec::new();
        for frame in from.frames(start, end, true).unwrap() {
            let first = (frame.start - run.start) as usize;
            let leaves = &package.leaves()[first..first + frame.states.len()];
            let verified = Frame::from_api(frame)
                .unwrap()
                .verify(leaves, |i| to.is_erased(i));
            frames.push(verified.unwrap());
        }
        store
            .extend(package, frames, SlotState::NotHeld)
            .await
            .unwrap();
    }
    store
        .commit_head(to.origin(), (*head).clone())
        .await
        .unwrap();
}

fn open(dir: &Path) -> (Store, Appender) {
    let cosigner = Cosigner::from_seed("node.example", &[7; 32]).unwrap();
    let options = StoreOptions {
        cosigner: Some(cosigner),
        ..StoreOptions::new(Clock::system().as_fn(), Random::system().as_fn())
    };
    let folder = StoreFolder::lock(dir).unwrap();
    let views = Views::of(&folder).unwrap();
    Store::open(folder, options, Followers::only(views)).unwrap()
}

fn publisher() -> (Identity, NoteSigner, Origin) {
    let name = PublisherName::parse("eu.example").unwrap();
    let signer = NoteSigner::from_seed(name.as_str(), &[1; 32]).unwrap();
    let genesis = Genesis {
        name: name.clone(),
        title: "A publisher".to_owned(),
        countries: vec!["KEN".to_owned()],
        recovery_keys: Vec::new(),
        time: 1_700_000_000_000,
    };
    let identity = Identity::create(genesis, &signer).unwrap();
    (identity, signer, Origin::new(&name, Audience::Public))
}

fn id(n: u64) -> RecordId {
    let mut bytes = [0xcd; 16];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    RecordId::from_bytes(bytes)
}

fn payload(n: u64) -> Vec<u8> {
    format!("record {n}, ")
        .repeat(10 + n as usize % 40)
        .into_bytes()
}

fn new(n: u64) -> NewEntry {
    NewEntry {
        target: RecordTarget::New(id(n)),
        operation: Operation::Publish,
        kind: 1,
        payload: Some(payload(n).into()),
        reason: Reason::Unspecified,
        salt: *Hash::of(&n.to_be_bytes()).as_bytes(),
    }
}
