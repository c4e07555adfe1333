//! What commands print, against a made-up node: tables, columns, JSON, failures.
//!
//! After a wanted change: `WPSX_TEST_UPDATE=1 cargo test -p wpsx-cli --test rendering`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod made_up;
mod pinned;
mod shapes;

use std::{io, path::Path, sync::Arc};

use clap::{CommandFactory as _, Parser as _};
use parking_lot::Mutex;
use tonic::service::Routes;
use wpsx_cli::{Cli, Desk, Failure, Output, with_desk, without_desk};
use wpsx_proto::{
    api::admin::v1::{admin_service_server::AdminServiceServer, batch_service_server},
    envelope::Envelope,
    hash::Hash,
    payload::Slot,
    tlog_proof::TlogProof,
};

use self::{
    made_up::{log, node::MadeUp},
    shapes::Documented,
};

const NOW: u64 = 1_800_000_000_000;
const HOUR: u64 = 3_600_000;

/// What a command wrote.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn written(&self) -> String {
        String::from_utf8(self.0.lock().clone()).unwrap()
    }
}

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn typed(node: MadeUp, line: &str, terminal: bool) -> (String, Result<(), Failure>) {
    typed_at(160, node, line, terminal).await
}

async fn typed_at(
    width: u16,
    node: MadeUp,
    line: &str,
    terminal: bool,
) -> (String, Result<(), Failure>) {
    let cli = Cli::try_parse_from(line.split(' ')).unwrap();
    let paper = Paper::default();
    let mut out =
        Output::to(Box::new(paper.clone()), cli.global.json, terminal, NOW).at_width(width);
    let command = match without_desk(cli.command, Path::new("none"), &mut out).await {
        Ok(Some(command)) => command,
        done => return (paper.written(), done.map(|_| ())),
    };
    let batches = batch_service_server::BatchServiceServer::new(node.clone());
    let router = Routes::new(AdminServiceServer::new(node)).add_service(batches);
    let router = router.into_axum_router();
    let mut desk = Desk::before(router, async { Ok(()) }).await.unwrap();
    let done = with_desk(command, &mut desk, &mut out).await;
    desk.close().await.unwrap();
    (paper.written(), done)
}

const ID: &str = "00112233445566778899aabbccddeeff";

#[tokio::test]
async fn answers_are_as_pinned() {
    let lines = [
        "publisher add eu.example --title EU",
        "publisher list",
        "peer list",
        "peer remove node.au.example",
        "origin list",
        "origin drop au.example/wpsx/public",
        "origin drop un.example/wpsx/public",
        "status",
        "list --lang sw",
        "get 01010101010101010101010101010101",
        "get 02020202020202020202020202020202",
        "get 03030303030303030303030303030303",
        "get 0505050505",
        "history 050505",
        "count --country Kenya",
        "verify",
        "repair",
        "reindex",
        "recover --yes",
        "fork list",
        "fork show au.example/wpsx/public",
        "fork accept au.example/wpsx/public switch",
        &format!("withdraw {ID} --reason outdated"),
        &format!("supersede {ID} --by ke.example/wpsx/public/{ID}"),
        &format!("erase {ID} --reason protection --yes"),
    ];
    let mut wrong = Vec::new();
    for line in lines {
        for (form, terminal) in [("terminal", true), ("pipe", false), ("json", false)] {
            let json = if form == "json" { " --json" } else { "" };
            let (text, done) =
                typed(MadeUp::default(), &format!("wpsx {line}{json}"), terminal).await;
            done.unwrap();
            assert!(!text.contains('\u{1b}'), "{line}");
            if form == "json" {
                wrong.extend(undocumented(line, &text));
            }
            let name = line.split(" --").next().unwrap_or(line);
            let name = name
                .replace([' ', '/', '.'], "-")
                .replace(&format!("-{ID}"), "");
            pinned::compare(&format!("expected/{name}.{form}.txt"), &text, &mut wrong);
        }
    }
    pinned::settle(&wrong);
}

/// Where what a line printed is not what `deploy/JSON.md` says.
fn undocumented(line: &str, text: &str) -> Vec<String> {
    let page = Documented::read();
    let document: serde_json::Value = serde_json::from_str(text).unwrap();
    page.compare(&page.named(line), &document)
}

/// A folder with a file for each command that takes one.
fn desk() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let plan = r#"{"external_id": "a", "title": [{"language": "en", "text": "A plan"}],
        "countries": ["KEN"], "national_action_plan": {}}"#;
    let table = format!("{HEADER}a,national-action-plan,A plan,KEN,2016,2018\n");
    let card = made_up::card();
    for (name, text) in [
        ("plan.json", plan),
        ("plans.csv", table.as_str()),
        ("peer.card", card.as_str()),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Every command that writes, but for those of whole programs, in its folder.
fn writing(folder: &std::path::Path) -> Vec<String> {
    let at = |name: &str| folder.join(name).display().to_string();
    vec![
        "publisher add eu.example --title EU".to_owned(),
        format!("card --output {}", at("own.card")),
        format!("card --tls-cert --output {}", at("own.crt")),
        format!("peer add {}", at("peer.card")),
        "peer remove node.au.example".to_owned(),
        format!("origin add {}", at("peer.card")),
        "origin drop au.example/wpsx/public".to_owned(),
        "origin drop un.example/wpsx/public".to_owned(),
        format!("import {}", at("plans.csv")),
        format!("import {} --dry-run", at("plans.csv")),
        "revert 5eed --dry-run".to_owned(),
        "revert 5eed".to_owned(),
        format!("publish {}", at("plan.json")),
        format!("withdraw {ID} --reason outdated"),
        format!("supersede {ID} --by ke.example/wpsx/public/{ID}"),
        format!("erase {ID} --reason protection --yes"),
        format!("export --kind national-action-plan --out {}", at("out.csv")),
        format!("template event --out {}", at("event.csv")),
        "fork accept au.example/wpsx/public switch".to_owned(),
        "repair".to_owned(),
        "reindex".to_owned(),
        "recover --yes".to_owned(),
        format!("man --dir {}", at("man")),
    ]
}

#[tokio::test]
async fn a_command_that_writes_says_what_to_do_next_and_fits_80_columns() {
    let folder = desk();
    let place = format!("{}/", folder.path().display());
    let (mut told, mut wrong) = (String::new(), Vec::new());
    for line in writing(folder.path()) {
        let typed = format!("wpsx {line}");
        let (text, done) = typed_at(80, MadeUp::default(), &typed, true).await;
        done.unwrap_or_else(|failure| panic!("{line}: {failure}"));
        let (line, text) = (line.replace(&place, ""), text.replace(&place, ""));
        let long = text.lines().find(|line| line.chars().count() > 80);
        assert_eq!(long, None, "wpsx {line}");
        assert!(text.contains("Next: "), "wpsx {line} ends with\n{text}");
        told.push_str(&format!("$ wpsx {line}\n{text}\n"));
    }
    pinned::compare("expected/at-80/writing.txt", &told, &mut wrong);
    pinned::settle(&wrong);
}

#[tokio::test]
async fn every_document_is_as_the_page_about_json_says() {
    let folder = desk();
    let mut lines = writing(folder.path());
    lines.extend(
        [
            "card",
            "key",
            "history",
            "status",
            "fields event --all",
            "completions bash",
            "publisher list",
            "peer list",
            "origin list",
            "list",
            "count --by theme",
            "count --by status",
            "get 0505050505",
            "history 050505",
            "verify",
            "fork list",
            "fork show au.example/wpsx/public",
        ]
        .map(str::to_owned),
    );
    lines.push(format!(
        "map {} --kind national-action-plan",
        folder.path().join("plans.csv").display()
    ));
    lines.push(format!(
        "import {} --dry-run --allow-removals",
        folder.path().join("plans.csv").display()
    ));
    let page = Documented::read();
    let (mut wrong, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
    for line in lines {
        let force = if line.contains("--out ") {
            " --force"
        } else {
            ""
        };
        let typed = format!("wpsx {line}{force} --json");
        let (text, done) = typed_at(80, MadeUp::default(), &typed, false).await;
        done.unwrap_or_else(|failure| panic!("{line}: {failure}"));
        wrong.extend(undocumented(&line, &text));
        seen.insert(page.plain(&page.named(&line)));
    }
    let damaged = MadeUp { damaged: true };
    for line in ["verify", "repair"] {
        let (text, done) = typed(damaged.clone(), &format!("wpsx {line} --json"), false).await;
        wrong.extend(undocumented(line, &text));
        let failure = done.unwrap_err().to_json();
        wrong.extend(page.compare_shape("failure", &failure));
    }
    pinned::settle(&wrong);

    // Each command has its row, and each row was compared here or where it is said.
    let mut commands = std::collections::BTreeSet::new();
    leaves(&Cli::command(), "", &mut commands);
    assert_eq!(page.commands(), commands);
    let elsewhere = shapes::OF_PROGRAMS.iter().chain(&shapes::OF_A_TYPE);
    seen.extend(elsewhere.map(ToString::to_string));
    assert_eq!(seen, commands);
}

/// The commands that do something, by their names.
fn leaves(command: &clap::Command, name: &str, found: &mut std::collections::BTreeSet<String>) {
    for below in command
        .get_subcommands()
        .filter(|it| it.get_name() != "help")
    {
        let name = format!("{name} {}", below.get_name()).trim().to_owned();
        match below.has_subcommands() {
            true => leaves(below, &name, found),
            false => _ = found.insert(name),
        }
    }
}

#[tokio::test]
async fn what_is_read_most_reads_well_at_80_columns() {
    let mut wrong = Vec::new();
    for line in [
        "list",
        "get 050505",
        "get 050505 --lang fr",
        "history 050505",
        "count --by theme",
        "count --by status",
        "count --by status --by country",
    ] {
        let line = format!("wpsx {line}");
        let (text, done) = typed_at(80, MadeUp::default(), &line, true).await;
        done.unwrap();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}\nin\n{text}");
        }
        let name = line.strip_prefix("wpsx ").unwrap();
        let name = name.replace(" 050505", "").replace(" --by theme", "");
        let name = name.replace(" --", "-").replace(' ', "-");
        pinned::compare(&format!("expected/at-80/{name}.txt"), &text, &mut wrong);
    }
    pinned::settle(&wrong);
}

#[tokio::test]
async fn a_list_has_the_columns_that_are_asked_for() {
    let line = "wpsx list --columns id,source-id,title.sw,publisher";
    let (text, done) = typed(MadeUp::default(), line, false).await;
    done.unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("id\tsource-id\ttitle.sw\tpublisher"));
    let id = "01".repeat(16);
    let row = format!("{id}\tnap-ken-2\tMpango wa pili\teu.example");
    assert_eq!(lines.next(), Some(row.as_str()));
}

const HEADER: &str = "external_id,kind,title.en,countries,period.start,period.end\n";

#[tokio::test]
async fn imports_tell_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, rows: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{HEADER}{rows}")).unwrap();
        path.display().to_string()
    };
    let plan = |id: &str| format!("{id},national-action-plan,A plan,KEN,2016,2018\n");
    let sound = file(
        "sound.csv",
        &format!("{}{}{}", plan("a"), plan("b"), plan("same")),
    );
    let other = file(
        "other.csv",
        &format!("{}{}{}", plan("other"), plan("a"), plan("removed")),
    );
    let same = file("same.csv", &plan("same"));
    let bad = file(
        "bad.csv",
        &format!(
            "{}b,national-action-plan,A plan,Kenya,2016,2018\nc,plan,A plan,KEN,2016,2018\n",
            plan("a")
        ),
    );
    let mut told = String::new();
    for line in [
        format!("import {sound}"),
        format!("import {sound} --dry-run"),
        format!("import {sound} --json"),
        format!("import {sound} --dry-run --publisher unlicensed.example"),
        format!("import {other}"),
        format!("import {other} --dry-run"),
        format!("import {other} --dry-run --json --allow-removals"),
        "history".to_owned(),
        "history --json".to_owned(),
        "revert 5eed --dry-run".to_owned(),
        "revert 5eed".to_owned(),
        "revert 5eed --json".to_owned(),
        "revert beef".to_owned(),
        format!("import {same}"),
        format!("import {bad}"),
        format!("import {bad} --json"),
        format!("import {sound} --publisher old.example"),
        "import plans.xlsx".to_owned(),
    ] {
        let (text, done) = typed(MadeUp::default(), &format!("wpsx {line}"), true).await;
        told.push_str(&format!("$ wpsx {line}\n{text}"));
        if let Err(failure) = done {
            let failure = match line.ends_with("--json") {
                true => failure.to_json().to_string(),
                false => format!("{failure}\n(exit {})", failure.exit()),
            };
            told.push_str(&format!("{failure}\n"));
        }
        told.push('\n');
    }
    let told = told.replace(&format!("{}/", folder.path().display()), "");
    let mut wrong = Vec::new();
    pinned::compare("expected/import.txt", &told, &mut wrong);
    pinned::settle(&wrong);
}

#[tokio::test]
async fn failures_are_as_pinned() {
    let damaged = MadeUp { damaged: true };
    let sound = MadeUp::default();
    let lines = [
        (damaged.clone(), "verify".to_owned()),
        (damaged.clone(), "verify --json".to_owned()),
        (damaged.clone(), "repair".to_owned()),
        (damaged.clone(), "repair --json".to_owned()),
        (damaged.clone(), format!("get {}", "01".repeat(16))),
        (sound.clone(), "peer remove nobody".to_owned()),
        (sound.clone(), "peer add no-such-file.card".to_owned()),
        (sound.clone(), "fork show eu.example/wpsx/public".to_owned()),
        (damaged, "card".to_owned()),
        (sound.clone(), "key nobody".to_owned()),
        (sound.clone(), format!("get {ID}")),
        (sound.clone(), "get 777777".to_owned()),
        (sound.clone(), "get ABABABAB".to_owned()),
        (sound.clone(), format!("history {ID}")),
        (sound, "list --columns title,€".to_owned()),
    ];
    let mut told = String::new();
    for (node, line) in lines {
        let (text, done) = typed(node, &format!("wpsx {line}"), true).await;
        let failure = done.unwrap_err();
        told.push_str(&format!(
            "$ wpsx {line}\n{text}{failure}\n(exit {})\n\n",
            failure.exit()
        ));
    }
    let mut wrong = Vec::new();
    pinned::compare("expected/failures.txt", &told, &mut wrong);
    pinned::settle(&wrong);
}

#[tokio::test]
async fn a_proof_file_needs_nothing_but_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let (proof, payload) = (
        folder.path().join("plan.tlog-proof"),
        folder.path().join("plan"),
    );
    let line = format!(
        "wpsx get {} --proof {} --payload {}",
        "01".repeat(16),
        proof.display(),
        payload.display()
    );
    typed(MadeUp::default(), &line, true).await.1.unwrap();
    let proof = TlogProof::parse(&std::fs::read_to_string(proof).unwrap()).unwrap();
    let extra = proof.extra().unwrap().clone();
    let length = usize::from(u16::from_be_bytes([extra[0], extra[1]]));
    let (entry, slot) = (extra.slice(2..2 + length), extra.slice(2 + length..));
    proof.verify(Hash::leaf(&entry), &log().key).unwrap();
    let slot = Slot::new(slot).unwrap();
    slot.verify(&Envelope::parse(&entry).unwrap().payload.unwrap())
        .unwrap();
    assert_eq!(std::fs::read(payload).unwrap(), slot.payload());
}

#[test]
fn what_is_typed_wrongly_is_refused_with_what_would_do() {
    let lines = [
        "get 1234".to_owned(),
        "history not-an-id".to_owned(),
        "list --sort size".to_owned(),
        "list --years 2020..2018".to_owned(),
        "count --facet theme".to_owned(),
        "list --since yesterday".to_owned(),
        "check-proof plan.tlog-proof".to_owned(),
        "completions tcsh".to_owned(),
        "list --kind plan".to_owned(),
        "list --limit 0".to_owned(),
        "list --lang swahili_".to_owned(),
        format!("withdraw {ID}"),
        "fork accept eu.example/wpsx/public maybe".to_owned(),
        "peer ad x".to_owned(),
    ];
    let mut told = String::new();
    for line in lines {
        let error = Cli::try_parse_from(format!("wpsx {line}").split(' ')).unwrap_err();
        told.push_str(&format!(
            "$ wpsx {line}\n{error}(exit {})\n\n",
            error.exit_code()
        ));
    }
    let mut wrong = Vec::new();
    pinned::compare("expected/usage.txt", &told, &mut wrong);
    pinned::settle(&wrong);
}
