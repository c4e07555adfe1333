//! State that its own keys, checkpoints and tiles contradict: nothing is signed with it,
//! and it is said what to do.

use std::fs;

use super::node::{ACKNOWLEDGED, Node, OWN, SECOND, record};

/// Nothing is signed for the publisher, and both commands say why and fail.
fn refuses(node: &Node, publisher: &str, sentence: &str) {
    for command in ["verify", "status"] {
        let ran = node.run(&[command]);
        assert!(!ran.is_done, "{command}: {}", ran.text);
        let text = ran.text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(sentence), "{command}: {text}");
    }
    let ran = node.publish(publisher, "too small");
    assert!(!ran.is_done, "{}", ran.text);
}

#[test]
fn a_log_without_its_state_is_not_lost_and_not_verified() {
    let node = Node::closed();
    fs::remove_file(node.data().join("state/logs/0/log")).unwrap();
    let before = node.everything();
    let ran = node.run(&["verify"]);
    assert!(
        !ran.is_done && ran.text.contains("state/logs/0/log"),
        "{}",
        ran.text
    );
    assert!(
        ran.text.contains(OWN),
        "it is known whose it is: {}",
        ran.text
    );
    assert!(node.everything() == before, "nothing vanished");
    assert!(node.publish(SECOND, "another").is_done, "others go on");
    let after = node.everything();
    let log = node.data().join(Node::log(OWN));
    for (path, (bytes, _)) in before.iter().filter(|(path, _)| path.starts_with(&log)) {
        assert_eq!(after.get(path).map(|(bytes, _)| bytes), Some(bytes));
    }
}

/// Its files say what the head was, and all of them are checked.
#[test]
fn a_log_whose_head_is_missing_is_not_empty_and_signs_no_smaller_tree() {
    let node = Node::closed();
    fs::remove_file(node.data().join("state/logs/0/head")).unwrap();
    let verified = node.run(&["verify"]);
    assert!(!verified.is_done, "{}", verified.text);
    for said in ["303", "state/logs/0/head: it is missing"] {
        assert!(verified.text.contains(said), "{}", verified.text);
    }
    assert_eq!(node.size(OWN), Some(ACKNOWLEDGED));
    assert!(node.publish(OWN, "one more").is_done);
    node.done(&["verify"]);
    assert_eq!(node.size(OWN), Some(ACKNOWLEDGED + 1));
}

/// What an operator has who restores an old `state/` beside newer logs.
#[test]
fn a_state_that_is_older_than_the_checkpoint_on_the_disk_signs_nothing() {
    let node = Node::empty();
    let state = node.data().join("state");
    for name in [OWN, SECOND] {
        node.done(&["publisher", "add", name, "--title", name]);
    }
    // Full bundles alone: the files of which the old state knows are all there.
    let rows: String = (0..256).map(|n| record(&format!("row {n}"))).collect();
    let rows = node.file("rows.jsonl", &rows);
    node.done(&["import", &rows, "--publisher", OWN]);
    let kept = node.copy();
    for n in 0..3 {
        assert!(node.publish(OWN, &format!("newer {n}")).is_done);
    }
    fs::remove_dir_all(&state).unwrap();
    fs::rename(kept.data().join("state"), &state).unwrap();
    refuses(&node, OWN, "a checkpoint of size 259");
    // And again: the evidence is not gone with the first look.
    refuses(&node, OWN, "a checkpoint of size 259");
    assert!(node.publish(SECOND, "another").is_done, "others go on");
    assert_eq!(node.size(OWN), Some(256));
}

#[test]
fn a_second_publisher_never_gets_the_number_of_the_first() {
    let node = Node::closed();
    for file in ["cover", "cover.twin"] {
        fs::remove_file(node.data().join("state").join(file)).unwrap();
    }
    node.done(&["publisher", "add", "third.example", "--title", "Third"]);
    assert_eq!(node.size(OWN), Some(ACKNOWLEDGED));
    assert_eq!(node.size("third.example"), Some(0));
    refuses(&node, OWN, "wpsx recover");
}

/// Without its state and its logs, a key says that something was signed.
#[test]
fn a_key_that_no_log_knows_signs_nothing_new() {
    let node = Node::closed();
    let fresh = Node::empty();
    let key = format!("keys/publisher-{OWN}.key");
    fs::copy(node.data().join(&key), fresh.data().join(&key)).unwrap();
    for command in ["verify", "status"] {
        let ran = fresh.run(&[command]);
        assert!(
            !ran.is_done && ran.text.contains("wpsx recover"),
            "{}",
            ran.text
        );
    }
    let again = fresh.run(&["publisher", "add", OWN, "--title", "Own"]);
    assert!(
        !again.is_done && again.text.contains("knows no log"),
        "{}",
        again.text
    );
    fresh.done(&["publisher", "add", SECOND, "--title", "Second"]);
}

/// One key that is lost stops its own log.
#[test]
fn a_publisher_whose_key_is_missing_stops_no_other() {
    let node = Node::closed();
    fs::remove_file(node.data().join(format!("keys/publisher-{OWN}.key"))).unwrap();
    let ran = node.publish(OWN, "without a key");
    assert!(
        !ran.is_done && ran.text.contains("backup of the keys"),
        "{}",
        ran.text
    );
    assert!(node.publish(SECOND, "another").is_done);
}

/// The ids of erased records lie there twice, and without both nothing is taken by an id.
#[test]
fn what_was_erased_does_not_come_back_where_the_list_of_it_is_lost() {
    let node = Node::closed();
    let file = |name: &str| node.data().join("state").join(name);
    let rows: String = (0..300).map(|n| record(&format!("row {n}"))).collect();
    let rows = node.file("rows.jsonl", &rows);
    let import = ["import", &rows, "--publisher", OWN];
    for name in ["erased-names", "erased-names.twin"] {
        fs::remove_file(file(name)).unwrap();
        let ran = node.run(&import);
        assert!(
            !ran.is_done && ran.text.contains("was erased"),
            "{}",
            ran.text
        );
        assert!(file(name).exists(), "it is written again");
    }
    for name in ["erased-names", "erased-names.twin"] {
        fs::remove_file(file(name)).unwrap();
    }
    let ran = node.run(&import);
    assert!(
        !ran.is_done && ran.text.contains("nobody can know"),
        "{}",
        ran.text
    );
    assert_eq!(node.size(OWN), Some(ACKNOWLEDGED));
}
