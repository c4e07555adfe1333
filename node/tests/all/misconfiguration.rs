//! What is set up wrongly ends the program with one sentence that says what to do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "it runs another program, in real time and with real ports"
)]

use std::{
    fs,
    io::Read as _,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::program::{command, init, run};

/// A new node that listens on ports of the system's choice.
fn node(dir: &Path) {
    init(dir, "127.0.0.1:0");
}

/// The command ends by itself, not with 0, and its last words have all of `parts`.
fn refused(mut command: Command, parts: &[&str]) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let Some(code) = ended(&mut child) else {
        child.kill().expect("it runs");
        panic!("it runs, though {parts:?} was expected");
    };
    let mut told = String::new();
    let mut stderr = child.stderr.take().expect("piped");
    stderr.read_to_string(&mut told).expect("text");
    assert_ne!(code, 0, "{told}");
    for part in parts {
        assert!(told.contains(part), "{part:?} is not in: {told}");
    }
    assert!(!told.contains("panicked"), "{told}");
}

fn ended(child: &mut Child) -> Option<i32> {
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(30) {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            return Some(status.code().unwrap_or(-1));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

#[test]
fn a_taken_port_is_named_whichever_listener_wants_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("data");
    node(&dir);
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("bound").to_string();
    for (variable, key) in [
        ("WPSX_NODE_LISTEN", "listen"),
        ("WPSX_NODE_HTTP_LISTEN", "http_listen"),
        ("WPSX_NODE_METRICS_LISTEN", "metrics_listen"),
    ] {
        let mut serve = command(&dir, &["serve"]);
        serve.env(variable, &address);
        refused(
            serve,
            &[
                key,
                &address,
                "is taken; stop the other program or choose another",
            ],
        );
    }
}

#[test]
fn a_folder_of_something_else_or_of_newer_software_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("other");
    fs::create_dir(&other).expect("made");
    fs::write(other.join("letter.txt"), "dear reader").expect("written");
    refused(
        command(&other, &["serve"]),
        &["there is no node in", "init --name"],
    );
    refused(
        command(&other, &["init", "--name", "node.example"]),
        &["choose an empty or new directory"],
    );
    let files: Vec<_> = fs::read_dir(&other).expect("a folder").collect();
    assert_eq!(files.len(), 1, "nothing was added");

    let dir = folder.path().join("data");
    node(&dir);
    let version = dir.join("wpsx-store");
    let line = fs::read_to_string(&version).expect("init wrote it");
    let newer = line.replace(char::is_numeric, "99");
    fs::write(&version, newer).expect("written");
    refused(
        command(&dir, &["serve"]),
        &["store format 99, this software reads format 5; use the newer wpsx"],
    );
}

#[test]
fn settings_that_mean_nothing_are_named_with_what_would_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("data");
    node(&dir);
    let file = dir.join("wpsx.toml");
    let sound = fs::read_to_string(&file).expect("init wrote it");
    for (text, parts) in [
        (
            "[node]\nlisen = \"127.0.0.1:1\"\n",
            ["node.lisen", "did you mean node.listen?"],
        ),
        (
            "[node]\nlisten = \"nowhere\"\n",
            ["node.listen", "but it must be"],
        ),
        ("[node\n", ["line 1", "not valid TOML"]),
    ] {
        fs::write(&file, text).expect("written");
        refused(command(&dir, &["serve"]), &parts);
    }
    fs::write(&file, sound).expect("written");
    let mut serve = command(&dir, &["serve"]);
    serve.env("WPSX_LIMITS_STREAMS", "many");
    refused(serve, &["WPSX_LIMITS_STREAMS", "but it must be"]);
}

#[test]
fn a_second_process_on_the_same_folder_is_told_of_the_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("data");
    node(&dir);
    let mut first = command(&dir, &["serve"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let since = Instant::now();
    while !dir.join("admin.sock").exists() && since.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(20));
    }
    refused(
        command(&dir, &["serve"]),
        &[
            "a node runs on",
            "two nodes on one folder would fork its logs",
        ],
    );
    first.kill().expect("it runs");
    first.wait().expect("it ends");
}

#[test]
fn init_refuses_an_endpoint_without_a_port_before_anything_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("data");
    for endpoint in [
        "https://node.example",
        "https://node.example:7443/path",
        "http://node.example:7443",
        "node.example:7443",
        "https://:7443",
        "https://node.example:70000",
    ] {
        let args = ["init", "--name", "node.example", "--advertise", endpoint];
        refused(
            command(&dir, &args),
            &[
                "an address with its port, such as https://host.example.org:7443",
                "wpsx init --help",
            ],
        );
        assert!(!dir.exists(), "{endpoint} left a folder");
    }
}

#[test]
fn a_card_that_mail_has_changed_is_read_and_a_peer_that_is_refused_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    for (dir, name) in [(&here, "here.example"), (&there, "there.example")] {
        let args = ["init", "--name", name, "--listen", "127.0.0.1:0"];
        let made = run(dir, &args);
        assert!(made.status.success(), "{made:?}");
    }
    let publisher = ["publisher", "add", "pub.example", "--title", "A publisher"];
    assert!(run(&there, &publisher).status.success());
    let card = folder.path().join("there.card");
    let written = run(&there, &["card", "-o", card.to_str().expect("text")]);
    assert!(written.status.success(), "{written:?}");

    // The name of its publisher is taken here.
    let third = folder.path().join("third");
    assert!(
        run(&third, &["init", "--name", "third.example"])
            .status
            .success()
    );
    assert!(run(&third, &publisher).status.success());
    let other = folder.path().join("third.card");
    let written = run(&third, &["card", "-o", other.to_str().expect("text")]);
    assert!(written.status.success(), "{written:?}");

    let text = fs::read_to_string(&card).expect("written");
    let mailed = format!("\u{feff}{}", text.trim_end().replace('\n', "\r\n"));
    fs::write(&card, mailed).expect("writable");
    let added = run(&here, &["peer", "add", card.to_str().expect("text")]);
    assert!(added.status.success(), "{added:?}");

    let before = run(&here, &["peer", "list"]).stdout;
    refused(
        command(&here, &["peer", "add", other.to_str().expect("text")]),
        &["pub.example", "keys of a known name are never replaced"],
    );
    assert_eq!(run(&here, &["peer", "list"]).stdout, before);
}
