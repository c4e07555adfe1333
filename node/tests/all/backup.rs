//! `wpsx backup` and `wpsx restore` as an operator types them.

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
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use serde_json::Value;

use super::program::{Serving, command, done, init, run};

const NODE: &str = "node.example";

fn refused(dir: &Path, args: &[&str]) -> String {
    let output = run(dir, args);
    assert_eq!(output.status.code(), Some(1), "{args:?}: {output:?}");
    String::from_utf8(output.stderr).expect("text")
}

/// A node with a publisher and some records, in a folder of its own.
struct Machine {
    folder: tempfile::TempDir,
    serving: Option<Serving>,
}

impl Machine {
    fn new() -> Self {
        let machine = Self {
            folder: tempfile::tempdir().expect("a folder"),
            serving: None,
        };
        init(&machine.data(), "none");
        done(
            &machine.data(),
            &["publisher", "add", NODE, "--title", "A title"],
        );
        machine.import(0..50);
        machine
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.at("data")
    }

    fn import(&self, numbers: std::ops::Range<u32>) {
        let file = self.at(&format!("{}.csv", numbers.start));
        let rows = numbers.map(|n| format!("x-{n},national-action-plan,Plan {n},KEN\n"));
        let rows: String = rows.collect();
        fs::write(
            &file,
            format!("external_id,kind,title.en,countries\n{rows}"),
        )
        .unwrap();
        done(&self.data(), &["import", file.to_str().unwrap()]);
    }

    fn serve(&mut self) {
        let mut serve = command(&self.data(), &["serve"]);
        serve.stdout(Stdio::null()).stderr(Stdio::null());
        self.serving = Some(Serving::reached(&mut serve, &self.data()));
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Entries of the node's log that are stored and whose bytes are right.
fn verified(dir: &Path) -> u64 {
    let told: Value = serde_json::from_str(&done(dir, &["verify", "--json"])).unwrap();
    assert_eq!(told["verified"], true, "{told}");
    told["origins"][0]["entries"].as_u64().unwrap()
}

#[test]
fn a_running_node_is_copied_while_it_publishes_and_restored() {
    let mut machine = Machine::new();
    machine.serve();
    let backup = machine.at("backup.tar");
    let args = ["backup", backup.to_str().unwrap(), "--with-keys", "--json"];
    let told = thread::scope(|scope| {
        let publishing = scope.spawn(|| {
            for n in 1..6 {
                machine.import(n * 100..n * 100 + 60);
            }
        });
        let told = done(&machine.data(), &args);
        publishing.join().unwrap();
        told
    });
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["keys"], true, "{told}");
    assert_eq!(told["settings"], true, "{told}");
    assert_eq!(mode(&backup), 0o600);

    let to = machine.at("restored");
    let said = done(&to, &["restore", backup.to_str().unwrap()]);
    assert!(said.contains(&format!("restored {NODE}")), "{said}");
    assert!(said.contains("off for good"), "{said}");
    let entries = verified(&to);
    assert_eq!(told["entries"], entries, "as it said");
    assert!(entries >= 50, "what was there before is in it");
    assert_eq!((mode(&to), mode(&to.join("keys"))), (0o700, 0o700));
    let records = done(&to, &["list", "--limit", "1000"]);
    assert_eq!(records.lines().count() as u64, entries + 1);
    let settings = |dir: &Path| fs::read_to_string(dir.join("wpsx.toml")).unwrap();
    assert_eq!(settings(&to), settings(&machine.data()));
}

#[test]
fn batches_are_in_a_backup_and_can_be_reverted_in_the_restored_copy() {
    let machine = Machine::new();
    machine.import(100..103);
    let backup = machine.at("backup.tar");
    let backup = backup.to_str().unwrap();
    done(&machine.data(), &["backup", backup, "--with-keys"]);
    let to = machine.at("restored");
    done(&to, &["restore", backup]);
    let history =
        |dir: &Path| -> Value { serde_json::from_str(&done(dir, &["history", "--json"])).unwrap() };
    let told = history(&to);
    assert_eq!(told, history(&machine.data()));
    let batches = told["batches"].as_array().unwrap();
    let titles: Vec<&Value> = batches.iter().map(|batch| &batch["title"]).collect();
    assert_eq!(titles, ["100.csv", "0.csv"]);

    let id = batches[0]["id"].as_str().unwrap();
    let said = done(&to, &["revert", id]);
    assert!(said.contains("0 records as before, 3 withdrawn"), "{said}");
    let records = done(&to, &["list", "--limit", "1000"]);
    assert_eq!(records.lines().count(), 51, "what the other one brought");
    assert_eq!(history(&to)["batches"][0]["reverts"], id);
    verified(&to);
}

#[test]
fn keys_are_in_a_backup_only_where_they_are_asked_for() {
    let machine = Machine::new();
    let backup = machine.at("backup.tar");
    let file = backup.to_str().unwrap();
    let said = done(&machine.data(), &["backup", file]);
    assert!(said.contains("keys are not in it"), "{said}");
    let bytes = fs::read(&backup).unwrap();
    let key = fs::read_to_string(machine.data().join("keys/node.key")).unwrap();
    let secret = key.trim().as_bytes();
    assert!(!bytes.windows(secret.len()).any(|window| window == secret));

    // With the folder that was kept apart, it is the node again.
    let to = machine.at("restored");
    let said = done(&to, &["restore", file]);
    assert!(said.contains("the backup has none"), "{said}");
    let copied = Command::new("cp")
        .args(["-a", machine.data().join("keys").to_str().unwrap()])
        .arg(&to)
        .status();
    assert!(copied.unwrap().success());
    assert_eq!(verified(&to), 50);
}

#[test]
fn a_backup_overwrites_nothing_that_it_is_not_told_to() {
    let machine = Machine::new();
    let backup = machine.at("backup.tar");
    let file = backup.to_str().unwrap();
    fs::write(&backup, "mine").unwrap();
    let told = refused(&machine.data(), &["backup", file]);
    assert!(told.contains("is there already"), "{told}");
    assert_eq!(fs::read(&backup).unwrap(), b"mine");
    done(&machine.data(), &["backup", file, "--force"]);
    assert_eq!(mode(&backup), 0o600);
    done(&machine.at("restored"), &["restore", file]);
    let left = fs::read_dir(machine.folder.path()).unwrap().flatten();
    let left: Vec<String> = left
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".wpsx-backup-"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn what_is_no_whole_backup_is_refused_and_a_folder_with_files_too() {
    let machine = Machine::new();
    let backup = machine.at("backup.tar");
    let file = backup.to_str().unwrap();
    done(&machine.data(), &["backup", file]);
    let told = refused(&machine.data(), &["restore", file]);
    assert!(told.contains("holds other files"), "{told}");
    assert_eq!(verified(&machine.data()), 50);

    let whole = fs::read(&backup).unwrap();
    fs::write(&backup, &whole[..whole.len() - 512]).unwrap();
    let to = machine.at("restored");
    let told = refused(&to, &["restore", file]);
    assert!(told.contains("no whole backup"), "{told}");
    assert!(told.contains("older backup"), "{told}");
    assert!(!to.exists());
    let nowhere = Command::new(env!("CARGO_BIN_EXE_wpsx"))
        .args(["restore", file])
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(nowhere.status.code(), Some(2), "{nowhere:?}");
}

#[test]
fn the_certificate_for_clients_in_other_languages_is_the_one_that_the_card_pins() {
    let machine = Machine::new();
    let pem = done(&machine.data(), &["card", "--tls-cert"]);
    let kept = fs::read_to_string(machine.data().join("keys/tls.crt")).unwrap();
    assert_eq!(pem, kept);
    let told = done(&machine.data(), &["card", "--tls-cert", "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let card: Value = serde_json::from_str(&done(&machine.data(), &["card", "--json"])).unwrap();
    assert_eq!(told["tls"], card["tls"]);
    assert_eq!(told["tls_certificate"], pem.as_str());
    assert!(!pem.contains("PRIVATE"), "{pem}");
}
