//! A node in a folder: own logs, a replica, a peer, an erased record; and what was
//! acknowledged last is in the journal alone, because the process was killed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use serde_json::Value;
use tempfile::TempDir;
use wpsx_store::{
    Followers, Store, StoreFolder, StoreOptions,
    testing::{MemoryIndex, Place, new, nonce, own, publisher, pull, replica},
};

use crate::program::{self, Serving};

/// The publishers of the node.
pub(crate) const OWN: &str = "own.example";
pub(crate) const SECOND: &str = "second.example";
/// That of the replica.
pub(crate) const FAR: &str = "far.example";
/// Entries of the own log that were acknowledged.
pub(crate) const ACKNOWLEDGED: u64 = 303;

/// A folder with a node in `data`.
pub(crate) struct Node(TempDir);

impl Node {
    /// A node without anything in it.
    pub(crate) fn empty() -> Self {
        Self::listening("node.example", "none")
    }

    /// The same with a name, and an address where peers reach it.
    pub(crate) fn listening(name: &str, address: &str) -> Self {
        let node = Self(tempfile::tempdir().unwrap());
        let mut init = init(name);
        init[4] = address;
        node.done(&init);
        node
    }

    /// A copy of the node that was killed.
    pub(crate) fn killed() -> Self {
        static KILLED: OnceLock<Node> = OnceLock::new();
        KILLED.get_or_init(make).copy()
    }

    /// The same, closed well.
    pub(crate) fn closed() -> Self {
        static CLOSED: OnceLock<Node> = OnceLock::new();
        CLOSED
            .get_or_init(|| {
                let node = Self::killed();
                node.done(&["reindex"]);
                node
            })
            .copy()
    }

    pub(crate) fn copy(&self) -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        copy_tree(self.0.path(), copy.0.path());
        copy
    }

    /// A folder for another node beside this one's.
    pub(crate) fn beside(&self, name: &str) -> Self {
        let folder = tempfile::Builder::new().prefix(name).tempdir().unwrap();
        Self(folder)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// A file beside the node.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        program::command(&self.data(), args)
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&mut self.command(args))
    }

    pub(crate) fn done(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert!(ran.is_done, "{args:?}: {}", ran.text);
        ran.text
    }

    /// Publishes one more record of a publisher.
    pub(crate) fn publish(&self, publisher: &str, name: &str) -> Ran {
        let file = self.file("more.json", &record(name));
        self.run(&["publish", &file, "--publisher", publisher])
    }

    /// The size of a log's head, as the node says it.
    pub(crate) fn size(&self, publisher: &str) -> Option<u64> {
        let ran = self.run(&["status", "--json"]);
        let json = ran.text.lines().find(|line| line.starts_with('{'))?;
        let status: Value = serde_json::from_str(json).ok()?;
        let origins = status["origins"].as_array()?.iter();
        let mut of_publisher = origins.filter(|o| {
            o["origin"]
                .as_str()
                .is_some_and(|name| name.starts_with(publisher))
        });
        of_publisher.next()?["tree_size"].as_u64()
    }

    /// The folder of a publisher's log, below the data directory.
    pub(crate) fn log(publisher: &str) -> PathBuf {
        let origin = self::publisher(publisher).origin;
        Path::new("logs").join(origin.hash_hex())
    }

    /// All files with their content and times.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        let mut found = BTreeMap::new();
        look(&self.data(), &mut found);
        found
    }

    /// Puts files in the state of the node, which does not run.
    pub(crate) fn put_in_state(&self, files: &[(&str, &str)]) {
        let store = open(&self.data());
        for (name, text) in files {
            store.state().put(name, text.as_bytes()).unwrap();
        }
        store.close().unwrap();
    }

    /// The node serves until it is killed.
    pub(crate) fn serve(&self) -> Serving {
        let mut command = self.command(&["serve"]);
        let told = fs::File::create(self.serve_log()).unwrap();
        Serving::reached(command.stderr(told), &self.data())
    }

    /// What the node that served last told.
    pub(crate) fn told(&self) -> String {
        fs::read_to_string(self.serve_log()).unwrap()
    }

    fn serve_log(&self) -> PathBuf {
        self.0.path().join("serve.log")
    }
}

/// What a command said, and whether it did what it was asked.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) is_done: bool,
    pub(crate) text: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        let text = [stdout, stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(!text.contains("panicked"), "{text}");
        Self {
            is_done: status.success(),
            text,
        }
    }
}

pub(crate) fn init(name: &str) -> [&str; 9] {
    let none = "none";
    [
        "init",
        "--name",
        name,
        "--listen",
        none,
        "--http-listen",
        none,
        "--metrics-listen",
        none,
    ]
}

pub(crate) fn record(name: &str) -> String {
    format!(
        "{{\"externalId\":\"{name}\",\"title\":[{{\"language\":\"en\",\"text\":\"{name}\"}}],\
         \"goodPractice\":{{}}}}\n"
    )
}

fn make() -> Node {
    let node = Node::empty();
    for name in [OWN, SECOND] {
        node.done(&["publisher", "add", name, "--title", name]);
    }
    let rows: String = (0..300).map(|n| record(&format!("row {n}"))).collect();
    let rows = node.file("rows.jsonl", &rows);
    node.done(&["import", &rows, "--publisher", OWN]);
    assert!(node.publish(SECOND, "first").is_done);
    let listed = node.done(&["list", "--limit", "1", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let id = listed["records"][0]["id"].as_str().unwrap();
    node.done(&["erase", id, "--reason", "mistake", "--yes"]);
    add_replica(&node.data());
    let peer = Node::empty();
    fs::remove_dir_all(peer.data()).unwrap();
    peer.done(&init("peer.example"));
    let card = peer.done(&["card"]);
    let card = node.file("peer.card", &card);
    node.done(&["peer", "add", &card]);
    node.done(&["reindex"]);
    let serving = node.serve();
    for name in ["last but one", "last"] {
        assert!(node.publish(OWN, name).is_done);
    }
    drop(serving);
    // Its leftovers are no part of what is looked at.
    let _ = fs::remove_file(node.data().join("admin.sock"));
    node
}

fn open(data: &Path) -> Store {
    let folder = StoreFolder::lock(data).unwrap();
    let options = StoreOptions::new(Arc::new(|| 1_800_000_000_000), Arc::new(nonce));
    let followers = Followers::only(MemoryIndex::default());
    Store::open(folder, options, followers).unwrap().0
}

/// A log of somebody else, as it was pulled.
fn add_replica(data: &Path) {
    let far = publisher(FAR);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let elsewhere = Place::new();
        let from = elsewhere.open();
        let log = own(&from, &far);
        let batch = (0..300).map(new).collect();
        from.append(&far.origin, batch, None).await.unwrap();
        let store = open(data);
        pull(&log, &store, &replica(&store, &far)).await;
        store.close().unwrap();
    });
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let path = file.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &to);
        } else if path.is_file() {
            fs::copy(&path, &to).unwrap();
        }
    }
}

fn look(dir: &Path, found: &mut BTreeMap<PathBuf, (Vec<u8>, SystemTime)>) {
    let modified = fs::metadata(dir).unwrap().modified().unwrap();
    found.insert(dir.to_owned(), (Vec::new(), modified));
    for file in fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            look(&path, found);
        } else {
            let modified = fs::metadata(&path).unwrap().modified().unwrap();
            let bytes = fs::read(&path).unwrap_or_default();
            found.insert(path, (bytes, modified));
        }
    }
}
