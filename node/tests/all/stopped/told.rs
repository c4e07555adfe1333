//! What is damaged outside the files of logs is told, on a node that runs and on one that does
//! not, and what was mended is told too.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
};

use serde_json::Value;
use wpsx_store::testing::Harm;

use super::node::{ACKNOWLEDGED, Node, OWN, Ran};
use crate::program::until;

const WELL: &str = "every stored byte is what was written";

fn harm(node: &Node, files: &[&str]) {
    for file in files {
        Harm::Flipped.apply(&node.data().join(file));
    }
}

fn findings(node: &Node) -> String {
    let said = node.run(&["status", "--json"]).text;
    let document = said.lines().find(|line| line.starts_with('{')).unwrap();
    let status: Value = serde_json::from_str(document).unwrap();
    status["findings"].to_string()
}

/// The file of the one peer.
fn peer(node: &Node) -> String {
    let files = fs::read_dir(node.data().join("state/peers")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let names: Vec<String> = names.collect();
    assert_eq!(names.len(), 1, "{names:?}");
    format!("state/peers/{}", names[0])
}

fn assert_names(ran: &Ran, files: &[&str]) {
    for file in files {
        assert!(ran.text.contains(file), "{file}: {}", ran.text);
    }
}

#[test]
fn a_node_that_runs_tells_of_every_damaged_file_and_writes_it_again() {
    let node = Node::closed();
    let serving = node.serve();
    let peer = peer(&node);
    let both = [
        "state/cover",
        "state/cover.twin",
        "state/erased-names",
        "state/erased-names.twin",
        "state/logs/0/batches",
        "state/logs/0/batches.twin",
        "state/logs/0/head",
        "state/logs/0/log",
        "wpsx-store",
        &peer,
    ];
    let before = both.map(|file| fs::read(node.data().join(file)).unwrap());
    harm(&node, &both);
    assert!(!findings(&node).contains("DAMAGED"), "nobody looked");
    let verified = node.run(&["verify"]);
    assert!(!verified.is_done, "{}", verified.text);
    assert_names(&verified, &both);
    assert!(findings(&node).contains("DAMAGED"));
    let repaired = node.run(&["repair"]);
    assert!(repaired.is_done, "{}", repaired.text);
    assert_names(&repaired, &both);
    for (file, before) in both.iter().zip(before) {
        // They say how far the node is.
        let is_counted = file.starts_with("state/cover") || file.ends_with("/head");
        let now = fs::read(node.data().join(file)).unwrap();
        assert!(is_counted || now == before, "{file} is not what it was");
    }
    // It was told, and is over.
    assert!(node.done(&["repair"]).contains(WELL));
    node.done(&["verify"]);
    assert!(!findings(&node).contains("DAMAGED"));
    drop(serving);
    node.done(&["verify"]);
}

#[test]
fn a_node_that_runs_tells_of_a_damaged_journal_and_loses_nothing() {
    let node = Node::closed();
    let serving = node.serve();
    for harm in [Harm::Flipped, Harm::Removed] {
        assert!(node.publish(OWN, &format!("before it is {harm:?}")).is_done);
        let files = fs::read_dir(node.data().join("journal")).unwrap();
        let segment = files.map(|file| file.unwrap().path()).max().unwrap();
        harm.apply(&segment);
        let repaired = node.done(&["repair"]);
        assert!(repaired.contains(segment.to_str().unwrap()), "{repaired}");
        assert!(node.done(&["repair"]).contains(WELL));
    }
    drop(serving);
    node.done(&["verify"]);
    assert_eq!(node.size(OWN), Some(ACKNOWLEDGED + 2));
}

#[test]
fn what_a_node_cannot_write_again_stays_a_finding() {
    let node = Node::closed();
    let key = format!("keys/publisher-{OWN}.key");
    let at = node.data().join(&key);
    let kept = fs::read(&at).unwrap();
    let serving = node.serve();
    harm(&node, &[&key]);
    for _ in 0..2 {
        let repaired = node.run(&["repair"]);
        assert!(!repaired.is_done, "{}", repaired.text);
        assert_names(&repaired, &["LEFT", &key, "backup of the keys"]);
        assert!(findings(&node).contains(&key));
        assert!(!node.run(&["verify"]).is_done);
    }
    fs::write(&at, kept).unwrap();
    let repaired = node.done(&["repair"]);
    assert!(repaired.contains("it is what it was again"), "{repaired}");
    assert!(node.done(&["repair"]).contains(WELL));
    drop(serving);
}

#[test]
fn what_nobody_has_is_listed_by_repair_with_its_log_and_its_entries() {
    for (file, told) in [
        ("tile/entries/000", "it is of the entries from 0 on"),
        ("payload/000", "with nobody who was asked: of entr"),
    ] {
        let node = Node::closed();
        let serving = node.serve();
        let path = Node::log(OWN).join(file);
        harm(&node, &[path.to_str().unwrap()]);
        let is_listed = || {
            let repaired = node.run(&["repair"]);
            assert!(!repaired.is_done, "{}", repaired.text);
            let lines: Vec<&str> = repaired.text.lines().collect();
            let left: Vec<_> = lines
                .windows(3)
                .filter(|it| it[0].starts_with("LEFT: "))
                .collect();
            let [[log, _, reason]] = left[..] else {
                panic!("one thing is left: {}", repaired.text);
            };
            assert_eq!(*log, format!("LEFT: {OWN}/wpsx/public"));
            reason.contains(told)
        };
        // As long as payloads are looked for, the file that they stood in is listed.
        until(told, is_listed);
        assert!(is_listed(), "it stays listed: {told}");
        drop(serving);
    }
}

#[test]
fn a_node_that_does_not_run_tells_of_a_peers_damaged_card() {
    let node = Node::closed();
    let peer = peer(&node);
    harm(&node, &[&peer]);
    let status = node.run(&["status"]);
    assert!(
        status.text.contains("1 thing needs attention"),
        "{}",
        status.text
    );
    assert_names(&status, &["DAMAGED: 1 file", &peer]);
    let repaired = node.run(&["repair"]);
    assert!(!repaired.is_done, "{}", repaired.text);
    assert_names(&repaired, &["LEFT", &peer, "wpsx peer add"]);
    assert!(!repaired.text.contains(WELL), "{}", repaired.text);
}

#[test]
fn what_is_lost_and_nothing_hangs_on_is_told_once() {
    let node = Node::closed();
    let files = ["refusals/far.example.json", "scrub"];
    node.put_in_state(&files.map(|file| (file, "{}")));
    let paths = files.map(|file| format!("state/{file}"));
    let paths = [paths[0].as_str(), paths[1].as_str()];
    harm(&node, &paths);
    assert!(!node.run(&["verify"]).is_done);
    let repaired = node.run(&["repair"]);
    assert!(!repaired.is_done, "{}", repaired.text);
    assert_names(&repaired, &paths);
    assert_eq!(repaired.text.matches("not known any more").count(), 2);
    assert!(node.done(&["repair"]).contains(WELL));
    node.done(&["verify"]);
}

fn lost_key(node: &Node, lose: impl Fn(&Path)) {
    let key: PathBuf = node.data().join(format!("keys/publisher-{OWN}.key"));
    lose(&key);
    let status = node.run(&["status"]);
    assert!(status.text.contains("NOT SIGNED"), "{}", status.text);
    assert_names(&status, &[key.to_str().unwrap()]);
    let verified = node.run(&["verify"]);
    assert!(!verified.is_done, "{}", verified.text);
    assert_names(&verified, &[key.to_str().unwrap()]);
}

#[test]
fn a_node_that_does_not_run_says_that_a_publishers_key_is_missing_or_another_one() {
    lost_key(&Node::closed(), |key| fs::remove_file(key).unwrap());
    let other = Node::empty();
    other.done(&["publisher", "add", OWN, "--title", OWN]);
    let another = other.data().join(format!("keys/publisher-{OWN}.key"));
    lost_key(&Node::closed(), |key| {
        fs::copy(&another, key).unwrap();
    });
}

#[test]
fn batches_whose_list_was_lost_are_told_as_damage() {
    let node = Node::closed();
    let history = node.done(&["history", "--json"]);
    let history: Value = serde_json::from_str(&history).unwrap();
    let id = history["batches"][0]["id"].as_str().unwrap().to_owned();
    let both = ["state/logs/0/batches", "state/logs/0/batches.twin"];
    harm(&node, &both);
    let verified = node.run(&["verify"]);
    assert!(!verified.is_done, "{}", verified.text);
    assert_names(&verified, &both);
    let told = |node: &Node| {
        let history = node.done(&["history"]);
        assert!(history.contains("DAMAGED"), "{history}");
        assert!(history.contains(&ACKNOWLEDGED.to_string()), "{history}");
        let reverted = node.run(&["revert", &id, "--dry-run"]);
        assert!(!reverted.is_done, "{}", reverted.text);
        assert!(reverted.text.contains("damaged"), "{}", reverted.text);
    };
    told(&node);
    let repaired = node.run(&["repair"]);
    assert!(!repaired.is_done, "{}", repaired.text);
    assert_names(
        &repaired,
        &["LEFT", both[0], "in no list of batches any more"],
    );
    // It is not forgotten with the file.
    told(&node);
    node.done(&["verify"]);
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a stranger asks over a connection of its own"
)]
fn however_often_strangers_ask_for_what_is_damaged_the_log_says_it_a_few_times() {
    let node = Node::closed();
    let settings = node.data().join("wpsx.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let open = text.replace("http_listen = \"none\"", "http_listen = \"127.0.0.1:0\"");
    assert_ne!(open, text);
    fs::write(&settings, open).unwrap();
    let log = Node::log(OWN);
    let bundle = log.join("tile/entries/000");
    harm(&node, &[bundle.to_str().unwrap()]);
    let serving = node.serve();
    let status: Value = serde_json::from_str(&node.done(&["status", "--json"])).unwrap();
    let address = status["http_listen"].as_str().unwrap();
    let hash = log.file_name().unwrap().to_str().unwrap();
    for _ in 0..40 {
        let mut asking = TcpStream::connect(address).unwrap();
        let request = format!("GET /mirror/{hash}/tile/entries/000 HTTP/1.0\r\nhost: a\r\n\r\n");
        asking.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        asking.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(" 500 "), "{answer}");
    }
    let said = node.told();
    let times = said.matches("cannot serve a tile").count();
    assert!((1..=5).contains(&times), "{times}: {said}");
    drop(serving);
}
