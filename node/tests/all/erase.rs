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
    process::Stdio,
};

use super::program::{Serving, command, done, init};

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

#[test]
fn what_was_erased_is_in_no_file_when_the_command_answers() {
    for serving in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let data = &folder.path().join("data");
        init(data, "none");
        let publisher = ["publisher", "add", "erase.example", "--title", "Erase"];
        done(data, &publisher);
        let rows = (0..300).map(|n| {
            format!(
                "{{\"externalId\":\"words-{n}-of\",\"title\":[{{\"language\":\"en\",\"text\":\"Practice {n}\"}}],\
                 \"goodPractice\":{{}}}}\n"
            )
        });
        let file = folder.path().join("practices.jsonl");
        fs::write(&file, rows.collect::<String>()).expect("written");
        done(data, &["import", file.to_str().expect("text")]);
        fs::remove_file(&file).expect("removed");
        let mut found = Vec::new();
        holding(data, "words-17-of", &mut found);
        assert!(!found.is_empty(), "else this shows nothing");
        let node = serving.then(|| {
            let mut serve = command(data, &["serve"]);
            Serving::reached(serve.stderr(Stdio::null()), data)
        });

        let listed = done(data, &["list", "--limit", "300", "--json"]);
        let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
        let records = listed["records"].as_array().expect("a list");
        let record = records
            .iter()
            .find(|record| record["title"] == "Practice 17");
        let id = record.expect("it is listed")["id"].as_str().expect("text");
        done(data, &["erase", id, "--reason", "protection", "--yes"]);
        let mut found = Vec::new();
        holding(data, "words-17-of", &mut found);
        assert_eq!(found, Vec::<PathBuf>::new(), "serving: {serving}");
        drop(node);
        done(data, &["verify"]);
    }
}
