//! When `wpsx erase` has answered, no file of the data directory holds a word of
//! the record, whether a node was running or the command did it alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

fn wpsx(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wpsx"));
    command.arg("--data-dir").arg(dir.join("data")).args(args);
    command.env_clear();
    command
}

fn done(dir: &Path, args: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = wpsx(dir, args).output().expect("the binary runs");
    let errors = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{args:?}: {errors}");
    String::from_utf8(stdout).expect("text")
}

/// The files that hold the words.
fn holding(dir: &Path, words: &str, found: &mut Vec<PathBuf>) {
    for file in fs::read_dir(dir).expect("a folder") {
        let path = file.expect("a file").path();
        if path.is_dir() {
            holding(&path, words, found);
        } else if let Ok(bytes) = fs::read(&path)
            && bytes
                .windows(words.len())
                .any(|part| part == words.as_bytes())
        {
            found.push(path);
        }
    }
}

/// A node that serves until it is dropped.
struct Serving(Child);

impl Serving {
    fn start(dir: &Path) -> Self {
        let mut command = wpsx(dir, &["serve"]);
        let node = Self(command.stderr(Stdio::null()).spawn().expect("it starts"));
        let socket = dir.join("data").join("admin.sock");
        for _ in 0..500 {
            if socket.exists() {
                return node;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the node does not serve");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_was_erased_is_in_no_file_when_the_command_answers() {
    for serving in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path();
        done(
            dir,
            &[
                "init",
                "--name",
                "erase.example",
                "--listen",
                "none",
                "--http-listen",
                "none",
                "--metrics-listen",
                "none",
            ],
        );
        let publisher = ["publisher", "add", "erase.example", "--title", "Erase"];
        done(dir, &publisher);
        let rows = (0..300).map(|n| {
            format!(
                "{{\"externalId\":\"words-{n}-of\",\"title\":[{{\"language\":\"en\",\"text\":\"Practice {n}\"}}],\
                 \"goodPractice\":{{}}}}\n"
            )
        });
        let file = dir.join("practices.jsonl");
        fs::write(&file, rows.collect::<String>()).expect("written");
        done(dir, &["import", file.to_str().expect("text")]);
        fs::remove_file(&file).expect("removed");
        let data = dir.join("data");
        let mut found = Vec::new();
        holding(&data, "words-17-of", &mut found);
        assert!(!found.is_empty(), "else this shows nothing");
        let node = serving.then(|| Serving::start(dir));

        let listed = done(dir, &["list", "--limit", "300", "--json"]);
        let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
        let records = listed["records"].as_array().expect("a list");
        let record = records
            .iter()
            .find(|record| record["title"] == "Practice 17");
        let id = record.expect("it is listed")["id"].as_str().expect("text");
        done(dir, &["erase", id, "--reason", "protection", "--yes"]);
        let mut found = Vec::new();
        holding(&data, "words-17-of", &mut found);
        assert_eq!(found, Vec::<PathBuf>::new(), "serving: {serving}");
        drop(node);
        done(dir, &["verify"]);
    }
}
