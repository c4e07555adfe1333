//! Commands that read change nothing: no file, no time of a file.

use std::process::Command;

use serde_json::Value;

use super::node::{ACKNOWLEDGED, Node, OWN, Ran, record};

/// Every command that only looks.
const LOOKS: &[&[&str]] = &[
    &["status"],
    &["verify"],
    &["list", "--limit", "1000"],
    &["card"],
    &["key"],
    &["publisher", "list"],
    &["peer", "list"],
    &["origin", "list"],
    &["fork", "list"],
    &["count", "--by", "kind"],
    &[
        "export",
        "--format",
        "jsonl",
        "--origin",
        "own.example/wpsx/public",
    ],
    &["history"],
];

fn any_id(node: &Node) -> String {
    let listed = node.done(&["list", "--limit", "1", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    listed["records"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_command_that_reads_changes_nothing_in_the_folder_of_a_node_that_does_not_run() {
    for node in [Node::killed(), Node::closed()] {
        let before = node.everything();
        for look in LOOKS {
            node.done(look);
            assert!(node.everything() == before, "{look:?} changed something");
        }
        let id = any_id(&node);
        for look in ["get", "history"] {
            node.done(&[look, &id]);
            assert!(node.everything() == before, "{look} changed something");
        }
    }
}

/// One publisher's mistake keeps nobody from the records of all others.
#[test]
fn a_record_that_nobody_can_read_is_left_out_of_an_export_and_named() {
    let node = Node::killed();
    let file = node.data().with_file_name("all.jsonl");
    let out = file.display().to_string();
    let said = node.done(&["export", "--out", &out]);
    assert!(said.contains("since nobody can read it"), "{said}");
    assert!(said.contains("not a record"), "{said}");
    let listed = node.done(&["count"]);
    let listed: usize = listed.trim().parse().unwrap();
    let exported = std::fs::read_to_string(file).unwrap().lines().count();
    assert!(
        exported > 300 && exported < listed,
        "{exported} of {listed}"
    );
}

/// What finds out what it would do takes no lock either: it goes on beside who looks, and
/// while nobody may write.
#[test]
fn a_preview_and_a_backup_change_nothing_in_the_folder_of_a_node_that_does_not_run() {
    for node in [Node::killed(), Node::closed()] {
        let before = node.everything();
        for (preview, said) in previews(&node) {
            let preview: Vec<&str> = preview.iter().map(String::as_str).collect();
            let text = node.done(&preview);
            assert!(text.contains(said), "{preview:?}: {text}");
            assert!(node.everything() == before, "{preview:?} changed something");
        }
    }
}

/// What is in the journal alone is in a backup, too.
#[test]
fn a_backup_of_a_node_that_was_killed_is_restored_with_all_that_was_acknowledged() {
    let node = Node::killed();
    let file = node.file("node.backup", "");
    node.done(&["backup", &file, "--with-keys", "--force"]);
    let restored = node.beside("restored");
    restored.done(&["restore", &file]);
    assert_eq!(restored.size(OWN), Some(ACKNOWLEDGED));
    let listed = restored.done(&["list", "--limit", "1000"]);
    assert!(listed.contains("last but one"), "{listed}");
}

/// Commands that find out what they would do, and what they say.
fn previews(node: &Node) -> Vec<(Vec<String>, &'static str)> {
    let rows = node.file("preview.jsonl", &record("row 1000"));
    let history = node.done(&["history", "--json"]);
    let history: Value = serde_json::from_str(&history).unwrap();
    let batch = history["batches"][0]["id"].as_str().unwrap();
    let backup = node.file("looked.backup", "");
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    vec![
        (
            words(&["import", &rows, "--publisher", OWN, "--dry-run"]),
            "Nothing was written",
        ),
        (words(&["revert", batch, "--dry-run"]), "would"),
        (words(&["backup", &backup, "--force"]), "log"),
    ]
}

#[test]
fn what_the_journal_alone_has_is_seen_by_who_only_looks() {
    let node = Node::killed();
    assert_eq!(node.size(OWN), Some(ACKNOWLEDGED));
    let verified = node.done(&["verify", "--json"]);
    let verified: Value = serde_json::from_str(&verified).unwrap();
    let origins = verified["origins"].as_array().unwrap();
    let of_own = |o: &&Value| o["origin"].as_str().unwrap().starts_with(OWN);
    let own = origins.iter().find(of_own).unwrap();
    assert_eq!(own["entries"], ACKNOWLEDGED);
    assert_eq!(verified["verified"], true);
    let listed = node.done(&["list", "--limit", "1000"]);
    assert!(listed.contains("last but one"), "{listed}");
}

/// Who looks waits for nobody who looks, and not while somebody writes.
#[test]
fn two_may_look_at_the_same_time() {
    let node = Node::killed();
    let looking: Vec<_> = (0..3)
        .map(|_| node.command(&["verify"]).spawn().unwrap())
        .collect();
    for mut look in looking {
        assert!(look.wait().unwrap().success());
    }
}

#[test]
fn commands_that_read_work_on_a_file_system_that_is_read_only() {
    let node = Node::killed();
    let id = any_id(&node);
    let get = ["get", &id].map(str::to_owned).to_vec();
    let previews = previews(&node).into_iter().map(|(words, _)| words);
    let looks = LOOKS
        .iter()
        .map(|look| look.iter().map(|word| (*word).to_owned()).collect());
    let all: Vec<Vec<String>> = looks.chain([get]).chain(previews).collect();
    for look in &all {
        let look: Vec<&str> = look.iter().map(String::as_str).collect();
        // A namespace of its own keeps the mount from everybody else.
        let script = "mount -o bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" || exit 77; \
                      if touch \"$0/x\" 2>/dev/null; then exit 77; fi; exec \"$@\"";
        let wpsx = node.command(&look);
        let mut command = Command::new("unshare");
        command.args(["--mount", "--map-root-user", "sh", "-c", script]);
        command.arg(node.data());
        command.arg(wpsx.get_program()).args(wpsx.get_args());
        let Ok(output) = command.output() else {
            eprintln!("skipped: this system has no unshare");
            return;
        };
        if output.status.code() != Some(0) && cannot_mount(&output) {
            eprintln!("skipped: nothing can be mounted here");
            return;
        }
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert!(output.status.success(), "{look:?}: {text}");
    }
}

fn cannot_mount(output: &std::process::Output) -> bool {
    let errors = String::from_utf8_lossy(&output.stderr);
    output.status.code() == Some(77) || errors.contains("unshare:") || errors.contains("mount:")
}

#[test]
fn a_variable_of_somebody_else_that_is_no_text_stops_no_command() {
    use std::os::unix::ffi::OsStrExt as _;
    let node = Node::closed();
    let strange = std::ffi::OsStr::from_bytes(b"caf\xe9");
    for (name, value) in [(strange, strange), ("SOMEBODY".as_ref(), strange)] {
        let ran = Ran::of(node.command(&["status"]).env(name, value));
        assert!(ran.is_done, "{}", ran.text);
    }
}
