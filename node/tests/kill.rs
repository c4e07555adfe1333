//! Kills the real binary at each step of the write order and looks at what is
//! left: what was acknowledged is there, nothing is torn, and the same import
//! runs through afterwards.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

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

fn wpsx(dir: &Path, crash_at: Option<&str>, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wpsx"));
    command
        .args(["--data-dir"])
        .arg(dir.join("data"))
        .args(args)
        .env_clear();
    if let Some(step) = crash_at {
        command.env("WPSX_CRASH_AT", step);
    }
    command.output().expect("the binary runs")
}

fn done(dir: &Path, args: &[&str]) -> String {
    let output = wpsx(dir, None, args);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
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

#[test]
fn a_kill_at_any_step_loses_nothing_that_was_acknowledged() {
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
        let killed = wpsx(dir, Some(step), &["import", &second]);
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
        if step != "journal-written" {
            assert_eq!(after, 600, "{step}: it was durable");
        }
        done(dir, &["import", &second]);
        assert_eq!(records(dir), 600, "{step}");
        done(dir, &["verify"]);
        done(dir, &["reindex"]);
        assert_eq!(records(dir), 600, "{step}: after reindex");
    }
}
