//! An honest publisher's log in memory.

mod answers;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use bytes::Bytes;
use wpsx_proto::{
    checkpoint::{Checkpoint, SignedCheckpoint, VerifiedCheckpoint},
    envelope::{Envelope, Leaf, Operation, Reason},
    hash::Hash,
    identity::{Genesis, Identity},
    index::{LeafIndex, TreeSize},
    note::{MAX_NOTE, MAX_SIGNATURES, NoteSigner, VerifierKey},
    origin::{Audience, Origin, PublisherName, RecordId},
    payload::{SALT, Slot, SlotState},
    tree::{MemoryTree, root_at},
};

/// A log whose publisher signs whenever asked. The same calls make the same bytes.
#[derive(Clone)]
pub struct TestLog {
    identity: Arc<Identity>,
    origin: Origin,
    signer: Arc<NoteSigner>,
    tree: MemoryTree,
    entries: Vec<Bytes>,
    slots: Vec<(SlotState, Option<Bytes>)>,
    newest: HashMap<RecordId, (LeafIndex, u32, u32)>,
    checkpoints: BTreeMap<TreeSize, VerifiedCheckpoint>,
    branch: u64,
}

impl TestLog {
    /// An empty public log of a publisher with this DNS-like name.
    pub fn new(name: &str) -> Self {
        Self::with_seed(name, "seed")
    }

    /// The same with other keys.
    pub fn with_seed(name: &str, seed: &str) -> Self {
        let name = PublisherName::parse(name).expect("test names are DNS-like");
        let origin = Origin::new(&name, Audience::Public);
        let signer = signer(name.as_str(), seed);
        let genesis = Genesis {
            name,
            title: "A ministry".to_owned(),
            countries: vec!["ALB".to_owned()],
            recovery_keys: Vec::new(),
            time: 1_700_000_000_000,
        };
        let identity = Identity::create(genesis, &signer).expect("a sound genesis");
        let signer = signer
            .named(origin.as_str())
            .expect("an origin is a key name");
        Self {
            identity: Arc::new(identity),
            origin,
            signer: Arc::new(signer),
            tree: MemoryTree::new(),
            entries: Vec::new(),
            slots: Vec::new(),
            newest: HashMap::new(),
            checkpoints: BTreeMap::new(),
            branch: 0,
        }
    }

    /// A log with `records` records of `bytes` bytes each, all under one checkpoint.
    pub fn with_records(name: &str, records: u64, bytes: usize) -> Self {
        let mut log = Self::new(name);
        for number in 0..records {
            log.publish(record_id(number), 1, &filler(number, bytes));
        }
        log.sign();
        log
    }

    /// The publisher's identity.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The log's name.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key that signs the log.
    pub fn key(&self) -> VerifierKey {
        self.signer.verifier_key()
    }

    /// The hash tree over all entries, signed or not.
    pub fn tree(&self) -> &MemoryTree {
        &self.tree
    }

    /// Appends a revision of a record. It shows with the next [`sign`](Self::sign).
    pub fn publish(&mut self, id: RecordId, kind: u32, payload: &[u8]) -> LeafIndex {
        let mut salt = [0; SALT];
        let seed = format!("salt {} {}", self.branch, self.entries.len());
        salt.copy_from_slice(Hash::of(seed.as_bytes()).as_bytes());
        self.append(
            id,
            Operation::Publish,
            kind,
            Some(Slot::seal(&salt, payload)),
        )
    }

    /// Appends that a record is no longer current.
    pub fn withdraw(&mut self, id: RecordId) -> LeafIndex {
        let kind = self.newest.get(&id).map_or(0, |newest| newest.2);
        self.append(id, Operation::Withdraw, kind, None)
    }

    /// Destroys the payloads of a record and appends that they are.
    pub fn erase(&mut self, id: RecordId) -> LeafIndex {
        for at in 0..self.entries.len() {
            if self.record_of(at) == Some(id) && self.slots[at].0 == SlotState::Full {
                self.slots[at] = (SlotState::Erased, None);
            }
        }
        let kind = self.newest.get(&id).map_or(0, |newest| newest.2);
        self.append(id, Operation::Erase, kind, None)
    }

    /// The next entry of a record says that it is its first: what a publisher might write
    /// that does not chain its entries.
    pub fn unchain(&mut self, id: RecordId) {
        self.newest.remove(&id);
    }

    /// Appends bytes as they are: what a newer publisher might write.
    pub fn append_raw(&mut self, entry: Bytes) -> LeafIndex {
        self.push(entry, (SlotState::None, None))
    }

    fn append(
        &mut self,
        id: RecordId,
        operation: Operation,
        kind: u32,
        slot: Option<Slot>,
    ) -> LeafIndex {
        let previous = self.newest.get(&id).copied();
        let revision = previous.map_or(1, |(_, revision, _)| revision + 1);
        let envelope = Envelope {
            operation,
            record_id: id,
            revision,
            previous: previous.map(|(index, ..)| index),
            kind,
            payload: slot.as_ref().map(Slot::claim),
            publish_time: 1_700_000_000_000 + self.entries.len() as u64,
            reason: Reason::default(),
        };
        let slot = match slot {
            Some(slot) => (SlotState::Full, Some(slot.bytes().clone())),
            None => (SlotState::None, None),
        };
        let index = self.push(envelope.encode(), slot);
        self.newest.insert(id, (index, revision, kind));
        index
    }

    fn push(&mut self, entry: Bytes, slot: (SlotState, Option<Bytes>)) -> LeafIndex {
        let index = LeafIndex::new(self.entries.len() as u64);
        self.tree.push(Hash::leaf(&entry));
        self.entries.push(entry);
        self.slots.push(slot);
        index
    }

    /// Signs a checkpoint over everything appended so far.
    pub fn sign(&mut self) -> VerifiedCheckpoint {
        let checkpoint = self.checkpoint_at(TreeSize::new(self.entries.len() as u64));
        self.checkpoints
            .insert(checkpoint.size(), checkpoint.clone());
        checkpoint
    }

    /// Adds signature lines of keys that nobody knows to the head, until the note is
    /// as long as a note may be.
    pub fn crowd(&mut self) {
        let head = self.head();
        let mut note = head.note_bytes().to_vec();
        for number in 0..MAX_SIGNATURES - 1 {
            let signature = BASE64.encode([number as u8; 68]);
            let name = format!("{:0>64}", number);
            let line = format!("\u{2014} {name} {signature}\n");
            if note.len() + line.len() <= MAX_NOTE {
                note.extend_from_slice(line.as_bytes());
            }
        }
        let crowded = SignedCheckpoint::parse(&note).expect("unknown lines are allowed");
        let crowded = crowded.verify(&self.key()).expect("the log's line stays");
        self.checkpoints.insert(crowded.size(), crowded);
    }

    /// The newest signed checkpoint; one of the empty tree if nothing was signed.
    pub fn head(&self) -> VerifiedCheckpoint {
        match self.checkpoints.last_key_value() {
            Some((_, head)) => head.clone(),
            None => self.checkpoint_at(TreeSize::new(0)),
        }
    }

    /// The size of the newest signed checkpoint.
    pub fn size(&self) -> TreeSize {
        self.head().size()
    }

    /// A signed checkpoint of the first entries.
    pub fn checkpoint_at(&self, size: TreeSize) -> VerifiedCheckpoint {
        self.signed(size, self.root(size), &self.signer)
    }

    /// The head, signed by a key that is not the log's.
    pub fn forged_head(&self) -> VerifiedCheckpoint {
        let size = self.size();
        self.signed(
            size,
            self.root(size),
            &signer(self.origin.as_str(), "forger"),
        )
    }

    fn root(&self, size: TreeSize) -> Hash {
        root_at(&self.tree, size).expect("the tree holds every entry")
    }

    fn signed(&self, size: TreeSize, root: Hash, signer: &NoteSigner) -> VerifiedCheckpoint {
        let checkpoint = Checkpoint {
            origin: self.origin.clone(),
            size,
            root,
        };
        VerifiedCheckpoint::sign(checkpoint, signer).expect("a test key signs its own log")
    }

    /// Another history under the same key: the second half is replaced, and `more`
    /// entries follow.
    #[must_use]
    pub fn fork(&self, more: u64) -> Self {
        let size = self.size().value();
        let mut fork = self.clone();
        fork.branch += 1;
        fork.truncate(TreeSize::new(size / 2));
        for number in size / 2..size + more {
            fork.publish(record_id(1_000_000 + number), 1, b"another history");
        }
        fork.sign();
        fork
    }

    /// Forgets everything from an index on, checkpoints too, and signs what is left.
    pub fn truncate(&mut self, size: TreeSize) {
        let left = size.value() as usize;
        self.tree = self.tree.leaves()[..left].iter().copied().collect();
        self.entries.truncate(left);
        self.slots.truncate(left);
        self.newest.retain(|_, newest| size.contains(newest.0));
        self.checkpoints.retain(|signed, _| *signed <= size);
        self.sign();
    }

    fn record_of(&self, at: usize) -> Option<RecordId> {
        Some(Leaf::read(&self.entries[at]).envelope()?.record_id)
    }
}

pub(super) fn signer(name: &str, seed: &str) -> NoteSigner {
    let seed = Hash::of(format!("{seed} {name}").as_bytes());
    NoteSigner::from_seed(name, seed.as_bytes()).expect("test names are key names")
}

/// The id of the record with this number.
pub fn record_id(number: u64) -> RecordId {
    let mut id = [0; 16];
    id.copy_from_slice(&Hash::of(&number.to_be_bytes()).as_bytes()[..16]);
    RecordId::from_bytes(id)
}

/// Text that compresses about as records do.
fn filler(number: u64, bytes: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes + 80);
    let mut line = 0_u64;
    while text.len() < bytes {
        let word = Hash::of(&[number.to_be_bytes(), line.to_be_bytes()].concat());
        text.extend_from_slice(&word.to_string().as_bytes()[..24]);
        text.extend_from_slice(b" women, peace and security action plan; ");
        line += 1;
    }
    text.truncate(bytes);
    text
}
