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
    process::{Command, Stdio},
};

use serde_json::Value;

use super::program::{command, done, init, run};

#[test]
fn a_reader_that_has_enough_ends_a_command_quietly() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("data");
    init(&dir, "none");
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

/// A node with a publisher, in a folder of a test's own.
fn publisher() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("data");
    init(&dir, "none");
    done(
        &dir,
        &["publisher", "add", "pub.example", "--title", "A title"],
    );
    (folder, dir)
}

#[test]
fn a_withdrawn_record_does_not_come_back_by_importing_its_file_again() {
    let (folder, dir) = publisher();
    let file = folder.path().join("plans.csv");
    let text = "external_id,kind,title.en,countries\n\
                one,national-action-plan,One,KEN\ntwo,national-action-plan,Two,KEN\n";
    std::fs::write(&file, text).expect("writable");
    let file = file.to_str().expect("text");
    let import = |more: &[&str]| -> Value {
        let mut args = vec!["import", file, "--json"];
        args.extend(more);
        let done = run(&dir, &args);
        assert!(done.status.success(), "{done:?}");
        serde_json::from_slice(&done.stdout).expect("one object")
    };
    let first = import(&[]);
    let id = first["records"][0]["id"].as_str().expect("an id");
    let withdrawn = run(&dir, &["withdraw", id, "--reason", "outdated"]);
    assert!(withdrawn.status.success(), "{withdrawn:?}");

    let counts = |told: &Value| {
        ["published", "unchanged", "left_withdrawn"]
            .map(|key| told[key].as_u64().expect("a number"))
    };
    assert_eq!(counts(&import(&[])), [0, 1, 1]);
    let said = String::from_utf8(run(&dir, &["import", file]).stdout).expect("text");
    assert!(said.contains("1 record left withdrawn"), "{said}");
    assert!(said.contains("--reinstate"), "{said}");
    assert_eq!(counts(&import(&["--reinstate", "--dry-run"])), [1, 1, 0]);
    assert_eq!(counts(&import(&["--reinstate"])), [1, 1, 0]);
    assert_eq!(counts(&import(&[])), [0, 2, 0]);
}

#[test]
fn a_table_with_ids_replaces_no_file_unasked_and_a_preview_writes_none() {
    let (folder, dir) = publisher();
    let file = folder.path().join("visits.csv");
    std::fs::write(&file, "title,date\n=2+2,2025-01-12\n").expect("writable");
    let ids = folder.path().join("ids.csv");
    let import = |ids: &Path, more: &[&str]| {
        let (file, ids) = (file.to_str().expect("text"), ids.to_str().expect("text"));
        let mut args = vec!["import", file, "--kind", "event"];
        args.extend(["--ids-from", "visit-{date}", "--write-ids", ids]);
        args.extend(more);
        run(&dir, &args)
    };
    let preview = import(&ids, &["--dry-run"]);
    assert!(preview.status.success() && !ids.exists(), "{preview:?}");
    let workbook = folder.path().join("ids.xlsx");
    assert!(!import(&workbook, &[]).status.success() && !workbook.exists());

    std::fs::write(&ids, "somebody's work").expect("writable");
    let refused = import(&ids, &[]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && told.contains("--force"),
        "{told}"
    );
    assert_eq!(
        std::fs::read_to_string(&ids).expect("there"),
        "somebody's work"
    );
    let done = import(&ids, &["--force"]);
    assert!(done.status.success(), "{done:?}");
    let written = std::fs::read_to_string(&ids).expect("there");
    assert!(
        written.contains("visit-2025-01-12,'=2+2,2025-01-12"),
        "{written}"
    );
}

#[test]
fn a_file_with_fewer_columns_leaves_the_fields_of_the_others_alone() {
    let (folder, dir) = publisher();
    let file = folder.path().join("plans.csv");
    let tried = |text: &str, more: &[&str]| {
        std::fs::write(&file, text).expect("writable");
        let mut args = vec!["import", file.to_str().expect("text"), "--json"];
        args.extend(more);
        run(&dir, &args)
    };
    let import = |text: &str| -> Value {
        let done = tried(text, &[]);
        assert!(done.status.success(), "{done:?}");
        serde_json::from_slice(&done.stdout).expect("one object")
    };
    let head = "external_id,kind,title.en,countries";
    let row = "one,national-action-plan,One,KEN";
    let first = import(&format!(
        "{head},title.fr,period.start,period.end\n{row},Un,2018,2020\n"
    ));
    let id = first["records"][0]["id"].as_str().expect("an id");
    let shown = || {
        let shown = run(&dir, &["get", id]);
        assert!(shown.status.success(), "{shown:?}");
        String::from_utf8(shown.stdout).expect("text")
    };
    // Nothing of what it speaks of is new.
    let fewer = import(&format!("{head}\n{row}\n"));
    assert_eq!(
        (&fewer["published"], &fewer["unchanged"]),
        (&0.into(), &1.into())
    );
    let other = import(&format!("{head},period.end\n{row},2024\n"));
    assert_eq!(other["records"][0]["revision"], 2);
    for kept in ["Un", "2018", "2024"] {
        assert!(shown().contains(kept), "{kept}: {}", shown());
    }
    // A column that is there and empty clears its field, if that is meant.
    let emptied = format!("{head},title.fr\n{row},\n");
    assert!(!tried(&emptied, &[]).status.success());
    assert!(shown().contains("Un"), "{}", shown());
    let cleared = tried(&emptied, &["--allow-removals"]);
    assert!(cleared.status.success(), "{cleared:?}");
    assert!(!shown().contains("title.fr"), "{}", shown());
    assert!(shown().contains("2018"), "{}", shown());
}

#[test]
fn a_hangup_does_not_stop_a_node() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("data");
    init(&dir, "none");
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
        &["list", "--json", "--limit", "0"],
    ] {
        let refused = run(folder.path(), args);
        assert_eq!(refused.status.code(), Some(2), "{args:?}");
        assert!(refused.stdout.is_empty(), "{args:?}");
        let told: Value = serde_json::from_slice(&refused.stderr).expect("one object");
        assert_eq!(told["exit"], 2, "{args:?}");
        for key in ["error", "remedy"] {
            let text = told[key].as_str().expect("a sentence");
            assert!(
                !text.is_empty() && !text.contains('\n') && !text.contains("For more"),
                "{args:?}: {text:?}"
            );
        }
    }
    let plain = run(folder.path(), &["list", "--colour"]);
    assert_eq!(plain.status.code(), Some(2));
    let told = String::from_utf8_lossy(&plain.stderr).into_owned();
    assert!(told.contains("unexpected argument"), "{told}");
}

/// The entries of the publisher's log.
fn entries(dir: &Path) -> u64 {
    let told = run(dir, &["origin", "list", "--json"]);
    let told: Value = serde_json::from_slice(&told.stdout).expect("one object");
    told["origins"][0]["tree_size"].as_u64().expect("a number")
}

#[test]
fn an_import_that_is_interrupted_says_whether_it_was_published() {
    const ROWS: u64 = 2_000;
    let (folder, dir) = publisher();
    let serving = command(&dir, &["serve"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut serving = serving.expect("the binary runs");
    let write = |name: &str, rows: u64| {
        let file = folder.path().join(format!("{name}.csv"));
        let rows = (0..rows).map(|n| format!("{name}-{n},national-action-plan,Plan {n},KEN\n"));
        let rows: String = rows.collect();
        let text = format!("external_id,kind,title.en,countries\n{rows}");
        std::fs::write(&file, text).expect("writable");
        file.to_str().expect("text").to_owned()
    };
    let mut size = entries(&dir);
    for wait in [0, 30, 60, 120, 250, 500, 1_000, 2_000, 8_000] {
        let file = write(&format!("r{wait}"), ROWS);
        let importing = command(&dir, &["import", &file])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let pid = importing.id().to_string();
        // It may be gone by now.
        let _ = Command::new("kill").args(["-INT", &pid]).status();
        let ended = importing.wait_with_output().expect("it ends");
        let (said, told) = (
            String::from_utf8_lossy(&ended.stdout),
            String::from_utf8_lossy(&ended.stderr),
        );
        match ended.status.code() {
            Some(0) => {
                assert!(said.contains("published"), "{wait} ms: {said}");
                size += ROWS;
            }
            Some(1) => assert!(told.contains("nothing was published"), "{wait} ms: {told}"),
            // While it still read the file: the node has not heard of it.
            code => assert_eq!(code, None, "{wait} ms: {told}"),
        }
        assert_eq!(entries(&dir), size, "{wait} ms: {said}{told}");
        // What came later would come before this.
        let after = write(&format!("a{wait}"), 1);
        assert!(run(&dir, &["import", &after]).status.success());
        size += 1;
        assert_eq!(entries(&dir), size, "{wait} ms: it came later");
    }
    let _ = serving.kill();
    let _ = serving.wait();
}
