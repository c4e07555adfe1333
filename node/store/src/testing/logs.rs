//! Publishers, their entries, and replicas that are brought up to date.

use bytes::Bytes;
use wpsx_proto::{
    checkpoint::{SignedCheckpoint, VerifiedCheckpoint},
    envelope::{Leaf, Operation, Reason},
    hash::Hash,
    identity::{Genesis, Identity},
    index::{LeafIndex, TreeSize},
    note::NoteSigner,
    origin::{Audience, Origin, PublisherName, RecordId},
    package::{Package, VerifiedPackage, prove_package, runs},
    payload::{Frame, SlotState, VerifiedFrame},
};

use crate::{LogHandle, LogRole, NewEntry, RecordTarget, Store};

/// Milliseconds since 1970: when tests begin.
pub const START: u64 = 1_700_000_000_000;

/// A publisher's name, key and identity.
pub struct Publisher {
    pub origin: Origin,
    pub identity: Identity,
    pub signer: NoteSigner,
}

pub fn publisher(name: &str) -> Publisher {
    let seed = Hash::of(name.as_bytes());
    let name = PublisherName::parse(name).unwrap();
    let signer = NoteSigner::from_seed(name.as_str(), seed.as_bytes()).unwrap();
    let genesis = Genesis {
        name: name.clone(),
        title: "A publisher".to_owned(),
        countries: vec!["KEN".to_owned()],
        recovery_keys: Vec::new(),
        time: START,
    };
    let identity = Identity::create(genesis, &signer).unwrap();
    Publisher {
        origin: Origin::new(&name, Audience::Public),
        identity,
        signer,
    }
}

pub fn own(store: &Store, publisher: &Publisher) -> LogHandle {
    let role = LogRole::Own(publisher.signer.clone());
    store
        .add_log(&publisher.origin, publisher.identity.clone(), role)
        .unwrap()
}

pub fn replica(store: &Store, publisher: &Publisher) -> LogHandle {
    store
        .add_log(
            &publisher.origin,
            publisher.identity.clone(),
            LogRole::Replica,
        )
        .unwrap()
}

pub fn id(n: u64) -> RecordId {
    let mut bytes = [0xab; 16];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    RecordId::from_bytes(bytes)
}

/// A payload that says its number, of a length that depends on it.
pub fn payload(n: u64) -> Bytes {
    let mut text = format!("payload {n} ").into_bytes();
    let length = 20 + (n * 37 % 600) as usize;
    while text.len() < length {
        let words = format!("words {} and more, ", text.len() as u64 * n % 91);
        text.extend_from_slice(words.as_bytes());
    }
    text.into()
}

pub fn publish(target: RecordTarget, n: u64) -> NewEntry {
    NewEntry {
        target,
        operation: Operation::Publish,
        kind: 1,
        payload: Some(payload(n)),
        reason: Reason::Unspecified,
        salt: *Hash::of(&n.to_be_bytes()).as_bytes(),
    }
}

pub fn new(n: u64) -> NewEntry {
    publish(RecordTarget::New(id(n)), n)
}

pub fn without_payload(n: u64, operation: Operation) -> NewEntry {
    NewEntry {
        target: RecordTarget::Existing(id(n)),
        operation,
        kind: 1,
        payload: None,
        reason: Reason::Mistake,
        salt: [0; 32],
    }
}

pub fn check(store: &Store, log: &LogHandle) {
    let report = store.verify(log, |_| {}).unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!(report.checked, log.stored().value());
}

/// The head of a log as its bytes travel.
pub fn carried(log: &LogHandle) -> VerifiedCheckpoint {
    let note = log.head().unwrap().note_bytes();
    SignedCheckpoint::parse(&note)
        .unwrap()
        .verify(&log.key())
        .unwrap()
}

/// The packages of `[from, size)` of a log, verified as a puller does, with their
/// payload frames.
pub fn packages(
    log: &LogHandle,
    from: u64,
    head: &VerifiedCheckpoint,
    erased: impl Fn(LeafIndex) -> bool,
) -> Vec<(VerifiedPackage, Vec<VerifiedFrame>)> {
    let size = head.size();
    let mut all = Vec::new();
    for run in runs(LeafIndex::new(from), size) {
        let (start, end) = (LeafIndex::new(run.start), LeafIndex::new(run.end));
        let proof = prove_package(log, start, TreeSize::new(run.end), size).unwrap();
        let package = Package::new(start, log.entries(start, end).unwrap(), proof).unwrap();
        let package = Package::from_api(package.to_api()).unwrap();
        let before = if start.in_bundle() > 0 {
            log.leaf_hashes(start.bundle_start(), start).unwrap()
        } else {
            Vec::new()
        };
        let package = package.verify(&before, head).unwrap();
        let frames = verified_frames(log, package.leaves(), run.start, run.end, &erased);
        all.push((package, frames));
    }
    all
}

pub fn verified_frames(
    log: &LogHandle,
    leaves: &[Leaf],
    from: u64,
    to: u64,
    erased: impl Fn(LeafIndex) -> bool,
) -> Vec<VerifiedFrame> {
    let frames = log
        .frames(LeafIndex::new(from), LeafIndex::new(to), true)
        .unwrap();
    frames
        .into_iter()
        .map(|frame| {
            let first = (frame.start - from) as usize;
            let leaves = &leaves[first..first + frame.states.len()];
            Frame::from_api(frame)
                .unwrap()
                .verify(leaves, &erased)
                .unwrap()
        })
        .collect()
}

/// Brings a replica up to its origin's head, with all payloads.
pub async fn pull(from: &LogHandle, store: &Store, to: &LogHandle) {
    let head = carried(from);
    let all = packages(from, to.stored().value(), &head, |i| to.is_erased(i));
    take(store, head, all).await;
}

/// Takes packages and the head that they lead to as a puller does: all is handed in before any
/// of it is awaited.
pub async fn take(
    store: &Store,
    head: VerifiedCheckpoint,
    packages: Vec<(VerifiedPackage, Vec<VerifiedFrame>)>,
) {
    let origin = head.origin().clone();
    store.set_pending(&origin, head.clone()).await.unwrap();
    let mut handed_in = Vec::new();
    for (package, frames) in packages {
        let stored = store.submit_extend(package, frames, SlotState::NotHeld);
        handed_in.push(stored.await.unwrap());
    }
    let committed = store.submit_head(&origin, head).await.unwrap();
    for stored in handed_in {
        stored.await.unwrap();
    }
    committed.await.unwrap();
}

/// Both logs hold the same entries, and the same payloads where both have them.
pub fn same(a: &LogHandle, b: &LogHandle) {
    assert_eq!(a.stored(), b.stored());
    for index in (0..a.stored().value()).map(LeafIndex::new) {
        assert_eq!(
            a.entry(index).unwrap(),
            b.entry(index).unwrap(),
            "entry {index}"
        );
        assert_eq!(
            a.slot(index).unwrap(),
            b.slot(index).unwrap(),
            "slot {index}"
        );
    }
}
