//! Kills the real binary at each step of the write order and looks at what is
//! left: what was acknowledged is there, nothing is torn, and the same import or
//! pull runs through afterwards.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "it waits for another program, in real time"
)]

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use super::program::{self, Serving, until};

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

/// `wpsx <args>`, killed at a step of the write order where one is given.
fn wpsx(dir: &Path, crash_at: Option<&str>, args: &[&str]) -> Command {
    let mut command = program::command(&dir.join("data"), args);
    if let Some(step) = crash_at {
        command.env("WPSX_CRASH_AT", step);
    }
    command
}

/// `wpsx serve`; its log is in `serve.log`.
fn serve(dir: &Path, crash_at: Option<&str>) -> Serving {
    let log = File::create(dir.join("serve.log")).expect("a file");
    Serving::start(wpsx(dir, crash_at, &["serve"]).stderr(log))
}

fn done(dir: &Path, args: &[&str]) -> String {
    program::done(&dir.join("data"), args)
}

/// A file of good practices with ids of their own, more than one bundle of them.
fn file(dir: &Path, name: &str) -> String {
    let path = dir.join(format!("{name}.jsonl"));
    let rows = (0..300).map(|n| {
        format!(
            "{{\"externalId\":\"{name}-{n}\",\"title\":[{{\"language\":\"en\",\"text\":\"Practice {n} of {name}\"}}],\
             \"goodPractice\":{{}}}}\n"
        )
    });
    fs::write(&path, rows.collect::<String>()).expect("written");
    path.display().to_string()
}

fn records(dir: &Path) -> usize {
    let listed = done(dir, &["origin", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let text = listed.to_string();
    let at = text.find("\"records\":").expect("a count of records");
    let digits: String = text[at + 10..]
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().expect("a number")
}

/// How many entries each batch has that is told of.
fn batches(dir: &Path) -> Vec<u64> {
    let told = done(dir, &["history", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    let batches = told["batches"].as_array().expect("a list");
    let counts = batches.iter().map(|batch| batch["count"].as_u64());
    counts.map(|count| count.expect("a number")).collect()
}

#[test]
fn a_replica_that_is_killed_while_it_pulls_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("source");
    fs::create_dir(&source).expect("a folder");
    let anywhere = [
        "--listen",
        "127.0.0.1:0",
        "--http-listen",
        "none",
        "--metrics-listen",
        "none",
    ];
    let init = [&["init", "--name", "source.example"], &anywhere[..]].concat();
    done(&source, &init);
    done(
        &source,
        &["publisher", "add", "source.example", "--title", "Source"],
    );
    done(&source, &["import", &file(&source, "first")]);
    done(&source, &["import", &file(&source, "second")]);
    let _serving = serve(&source, None);
    until("the source serves", || {
        done(&source, &["status", "--json"]).contains("\"running\":true")
    });
    let card = source.join("card").display().to_string();
    done(&source, &["card", "--output", &card]);

    // What comes after these waits for more entries; `crash.rs` has those steps too.
    for step in ["journal-written", "journal-synced"] {
        let replica = folder.path().join(step);
        fs::create_dir(&replica).expect("a folder");
        let nowhere = [
            "--listen",
            "none",
            "--http-listen",
            "none",
            "--metrics-listen",
            "none",
        ];
        done(
            &replica,
            &[&["init", "--name", "replica.example"], &nowhere[..]].concat(),
        );
        let own = replica.join("card").display().to_string();
        done(&replica, &["card", "--output", &own]);
        done(&source, &["peer", "add", &own]);
        done(&replica, &["peer", "add", &card]);

        let mut killed = serve(&replica, Some(step));
        until(&format!("{step}: the replica was to die there"), || {
            killed
                .0
                .try_wait()
                .expect("ours")
                .is_some_and(|ended| !ended.success())
        });
        done(&replica, &["verify"]);
        let again = serve(&replica, None);
        until(&format!("{step}: the replica goes on"), || {
            records(&replica) == 600
        });
        drop(again);
        done(&replica, &["verify"]);
        assert_eq!(records(&replica), 600, "{step}");
        done(&source, &["peer", "remove", "replica.example"]);
    }
}

#[test]
fn a_kill_at_any_step_leaves_a_whole_batch_or_none_and_loses_nothing_that_was_acknowledged() {
    for step in STEPS {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path();
        let nowhere = [
            "init",
            "--name",
            "kill.example",
            "--listen",
            "none",
            "--http-listen",
            "none",
            "--metrics-listen",
            "none",
        ];
        done(dir, &nowhere);
        done(
            dir,
            &["publisher", "add", "kill.example", "--title", "Kill"],
        );
        done(dir, &["import", &file(dir, "first")]);
        let second = file(dir, "second");
        let killed = wpsx(dir, Some(step), &["import", &second]).output();
        let killed = killed.expect("the binary runs");
        assert!(
            !killed.status.success(),
            "{step}: the process was to die there"
        );
        done(dir, &["verify"]);
        let after = records(dir);
        assert!(
            after == 300 || after == 600,
            "{step}: all or none, not {after}"
        );
        // What `wpsx history` says of it is there with its records, or not at all.
        let whole = vec![300_u64; after / 300];
        assert_eq!(batches(dir), whole, "{step}");
        if step != "journal-written" {
            assert_eq!(after, 600, "{step}: it was durable");
        }
        done(dir, &["import", &second]);
        assert_eq!(records(dir), 600, "{step}");
        assert_eq!(batches(dir), [300_u64; 2], "{step}");
        done(dir, &["verify"]);
        done(dir, &["reindex"]);
        assert_eq!(records(dir), 600, "{step}: after reindex");
    }
}
