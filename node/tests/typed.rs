//! How the program gets on with the shell around it: pipes, signals, scripts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "it runs another program, in real time"
)]

use std::{
    io::{self, BufRead as _, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wpsx"));
    command.arg("--data-dir").arg(dir).args(args).env_clear();
    command
}

fn run(dir: &Path, args: &[&str]) -> Output {
    command(dir, args).output().expect("the binary runs")
}

fn node(dir: &Path) {
    let made = run(dir, &["init", "--name", "node.example", "--listen", "none"]);
    assert!(made.status.success(), "{made:?}");
}

#[test]
fn a_reader_that_has_enough_ends_a_command_quietly() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("data");
    node(&dir);
    for args in [&["list"][..], &["status"], &["status", "--json"]] {
        let (reader, writer) = io::pipe().expect("a pipe");
        drop(reader);
        let ended = command(&dir, args)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .expect("the binary runs");
        let told = String::from_utf8_lossy(&ended.stderr);
        assert_eq!((ended.status.code(), &*told), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_hangup_does_not_stop_a_node() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("data");
    node(&dir);
    let mut serve = command(&dir, &["serve", "--json"])
        .env("WPSX_NODE_HTTP_LISTEN", "none")
        .env("WPSX_NODE_METRICS_LISTEN", "none")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let tell = |signal: &str, child: u32| {
        let sent = Command::new("kill")
            .args([signal, &child.to_string()])
            .status()
            .expect("kill runs");
        assert!(sent.success());
    };
    // Its first line comes when it serves.
    let mut line = String::new();
    let out = serve.stdout.take().expect("piped");
    BufReader::new(out).read_line(&mut line).expect("text");
    tell("-HUP", serve.id());
    let mut log = BufReader::new(serve.stderr.take().expect("piped")).lines();
    let said = log.find(|line| {
        line.as_ref()
            .is_ok_and(|line| line.contains("SIGHUP is ignored"))
    });
    assert!(said.is_some(), "it ended without a word");
    assert!(run(&dir, &["status"]).status.success());
    tell("-TERM", serve.id());
    // The rest of its log is read, so that it can write it.
    log.for_each(drop);
    assert!(serve.wait().expect("it ends").success());
}

#[test]
fn usage_errors_are_json_where_json_was_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    for args in [
        &["list", "--json", "--colour"][..],
        &["--json", "lits"],
        &["--json", "withdraw"],
        &["init", "--json", "--name"],
    ] {
        let refused = run(folder.path(), args);
        assert_eq!(refused.status.code(), Some(2), "{args:?}");
        assert!(refused.stdout.is_empty(), "{args:?}");
        let told: Value = serde_json::from_slice(&refused.stderr).expect("one object");
        assert_eq!(told["exit"], 2, "{args:?}");
        for key in ["error", "remedy"] {
            let text = told[key].as_str().expect("a sentence");
            assert!(
                !text.is_empty() && !text.contains('\n'),
                "{args:?}: {text:?}"
            );
        }
    }
    let plain = run(folder.path(), &["list", "--colour"]);
    assert_eq!(plain.status.code(), Some(2));
    let told = String::from_utf8_lossy(&plain.stderr).into_owned();
    assert!(told.contains("unexpected argument"), "{told}");
}
