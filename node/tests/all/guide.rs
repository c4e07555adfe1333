//! Runs the commands of the operator's guide, as they stand there, against the real program.
//!
//! A block marked with the name of a machine (```` ```sh ministry ````) runs in that
//! machine's data directory; one that is also marked `eventually` is repeated until it
//! succeeds. A block marked `says` holds lines that the block before it prints. Addresses of the guide become ports of this machine, and `systemctl`
//! starts and stops `wpsx serve`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "it runs another program, in real time and with real ports"
)]

#[path = "../../cli/tests/shapes/mod.rs"]
mod shapes;

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use wpsx_doors::{
    config::Config,
    demo::{NodeReport, OriginReport, Report},
};

use self::shapes::Documented;

const GUIDE: &str = include_str!("../../../deploy/OPERATING.md");
const EXAMPLE: &str = include_str!("../../../deploy/wpsx.example.toml");
/// How long two nodes may take to find each other.
const EVENTUALLY: Duration = Duration::from_secs(90);

const SUDO: &str = "#!/bin/sh\nexec \"$@\"\n";
const SYSTEMCTL: &str = r#"#!/bin/sh
pid=$WPSX_DATA_DIR.pid
log=$WPSX_DATA_DIR.log
case " $* " in
*" start wpsx "* | *" enable --now wpsx "*)
    rm -f "$WPSX_DATA_DIR/admin.sock"
    wpsx serve >>"$log" 2>&1 </dev/null &
    echo $! >"$pid"
    for _ in $(seq 600); do
        [ -S "$WPSX_DATA_DIR/admin.sock" ] && exit 0
        kill -0 "$(cat "$pid")" 2>/dev/null || break
        sleep 0.1
    done
    cat "$log" >&2
    exit 1
    ;;
*" restart wpsx "*)
    systemctl stop wpsx
    exec systemctl start wpsx
    ;;
*" stop wpsx "*)
    kill -TERM "$(cat "$pid")"
    for _ in $(seq 600); do
        kill -0 "$(cat "$pid")" 2>/dev/null || { rm "$pid"; exit 0; }
        sleep 0.1
    done
    exit 1
    ;;
*) exit 2 ;;
esac
"#;

#[derive(Debug)]
struct Block {
    line: usize,
    machine: String,
    eventually: bool,
    script: String,
    /// Lines that it prints.
    says: Vec<String>,
}

fn blocks() -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = GUIDE.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let script: Vec<&str> = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| *line != "```")
            .collect();
        if info == "says" {
            let said = script.into_iter().map(str::to_owned).collect();
            blocks.last_mut().expect("a block before it").says = said;
            continue;
        }
        let mut words = info.split(' ');
        if let (Some("sh"), Some(machine)) = (words.next(), words.next()) {
            blocks.push(Block {
                line: at + 1,
                machine: machine.to_owned(),
                eventually: words.next() == Some("eventually"),
                script: script.join("\n"),
                says: Vec::new(),
            });
        }
    }
    blocks
}

/// The machines of the guide, in one folder; whatever still runs is killed at the end.
struct Machines {
    folder: tempfile::TempDir,
    port: u16,
}

impl Machines {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::create_dir_all(folder.path().join("desk")).unwrap();
        symlink(env!("CARGO_BIN_EXE_wpsx"), bin.join("wpsx")).unwrap();
        for (name, script) in [("sudo", SUDO), ("systemctl", SYSTEMCTL)] {
            let path = bin.join(name);
            fs::write(&path, script).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { folder, port }
    }

    fn data_dir(&self, machine: &str) -> PathBuf {
        self.folder.path().join(machine)
    }

    fn run(&self, block: &Block) -> Output {
        let here = format!("127.0.0.1:{}", self.port);
        let script = block.script.replace("secretariat.example.org:7443", &here);
        let path = format!(
            "{}:{}",
            self.folder.path().join("bin").display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let mut command = Command::new("bash");
        command
            .args(["-euo", "pipefail", "-c", &script])
            .current_dir(self.folder.path().join("desk"))
            .env("PATH", path)
            .env("WPSX_DATA_DIR", self.data_dir(&block.machine))
            .env("WPSX_NODE_METRICS_LISTEN", "127.0.0.1:0");
        if block.machine == "secretariat" {
            command
                .env("WPSX_NODE_LISTEN", here)
                .env("WPSX_NODE_HTTP_LISTEN", "127.0.0.1:0");
        }
        command.output().unwrap()
    }

    fn log(&self, machine: &str) -> String {
        let path = self.data_dir(machine).with_extension("log");
        fs::read_to_string(path).unwrap_or_default()
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        for entry in fs::read_dir(self.folder.path())
            .into_iter()
            .flatten()
            .flatten()
        {
            if entry.path().extension().is_some_and(|end| end == "pid")
                && let Ok(pid) = fs::read_to_string(entry.path())
            {
                let _ = Command::new("kill").args(["-KILL", pid.trim()]).status();
            }
        }
    }
}

#[test]
fn the_guide_does_what_it_says() {
    let machines = Machines::new();
    for block in blocks() {
        let started = Instant::now();
        let output = loop {
            let output = machines.run(&block);
            if output.status.success() || !block.eventually || started.elapsed() > EVENTUALLY {
                break output;
            }
            thread::sleep(Duration::from_millis(200));
        };
        assert!(
            output.status.success(),
            "deploy/OPERATING.md, line {}, on {}:\n{}\nstdout: {}\nstderr: {}\nits node says:\n{}",
            block.line,
            block.machine,
            block.script,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            machines.log(&block.machine),
        );
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        for line in &block.says {
            assert!(
                told.lines().any(|told| told == line),
                "deploy/OPERATING.md, line {}, does not print\n{line}\nbut\n{told}",
                block.line
            );
        }
    }
}

/// A block that no test runs says so in the lines before it; settings are not typed.
#[test]
fn a_block_that_is_not_run_is_marked_by_hand() {
    let mut paragraph = Vec::new();
    let mut is_ended = false;
    let mut lines = GUIDE.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            match line {
                "" => is_ended = true,
                line => {
                    if std::mem::take(&mut is_ended) {
                        paragraph.clear();
                    }
                    paragraph.push(line);
                }
            }
            continue;
        };
        let is_typed = matches!(info, "" | "sh");
        assert!(
            !is_typed || paragraph.iter().any(|line| line.contains("by hand")),
            "deploy/OPERATING.md, line {}: it is neither run nor marked by hand",
            at + 1
        );
        lines.by_ref().find(|(_, line)| *line == "```");
    }
}

#[test]
fn the_guide_covers_what_an_operator_must_do() {
    let blocks = blocks();
    let machines: BTreeSet<&str> = blocks.iter().map(|block| block.machine.as_str()).collect();
    assert_eq!(machines, BTreeSet::from(["ministry", "secretariat"]));
    let all: String = blocks.iter().map(|block| block.script.as_str()).collect();
    for command in [
        "init",
        "publisher add",
        "import",
        "list",
        "get",
        "card",
        "peer add",
        "peer remove",
        "status",
        "verify",
        "repair",
        "reindex",
        "erase",
        "fork list",
        "backup",
        "restore",
        "recover --keys",
        "template",
        "fields",
        "--dry-run",
        "export",
        "history",
        "revert",
        "--allow-removals",
        "--allow-contact",
        "--ids-from",
        "--write-ids",
        "--backfill",
        "--profile",
        "--news",
    ] {
        assert!(all.contains(command), "no block runs {command}");
    }
}

#[test]
fn each_block_of_the_guide_is_typed_by_one_user() {
    for block in blocks() {
        let by_root = block
            .script
            .lines()
            .filter(|line| line.starts_with("sudo "));
        let lines = block.script.lines().count();
        assert!(
            [0, lines].contains(&by_root.count()),
            "line {}: whoever may use sudo is not the node's user",
            block.line
        );
    }
}

#[test]
fn links_of_the_guide_lead_somewhere() {
    let anchors: BTreeSet<String> = GUIDE
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|title| title.to_lowercase().replace(' ', "-"))
        .collect();
    for link in GUIDE.split("](#").skip(1) {
        let anchor = link.split(')').next().unwrap_or_default();
        assert!(anchors.contains(anchor), "#{anchor} is no section");
    }
}

#[test]
fn the_example_settings_are_those_of_this_version() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/wpsx.example.toml");
    let text = Config::file_text(&[]);
    if std::env::var_os("WPSX_TEST_UPDATE").is_some() {
        fs::write(path, &text).unwrap();
        return;
    }
    assert_eq!(EXAMPLE, text, "write it again with WPSX_TEST_UPDATE=1");
}

/// What a demo of one node would print.
fn report() -> Report {
    let origin = OriginReport {
        origin: "eu/wpsx/public".to_owned(),
        records: 1,
        tree_size: 1,
        verified: true,
        payload_bytes: 100,
    };
    let node = NodeReport {
        name: "eu".to_owned(),
        origins: vec![origin],
        proofs: 2,
        bytes_in: 0,
        listen: "127.0.0.1:7443".to_owned(),
        http: "127.0.0.1:7480".to_owned(),
    };
    Report {
        converged: true,
        nodes: vec![node],
        kinds: [("event".to_owned(), 1)].into(),
        seconds: 1.5,
    }
}

/// A node that runs, killed when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_whole_programs_print_with_json_is_as_the_page_about_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let command = |data: &str, line: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wpsx"));
        command
            .current_dir(folder.path())
            .args(["--json", "--data-dir", data])
            .args(line.split(' '))
            .env_clear();
        command
    };
    let page = Documented::read();
    let mut wrong = Vec::new();
    let mut compared = BTreeSet::new();
    let mut compare = |line: &str, text: &str| -> Value {
        let document: Value = serde_json::from_str(text).unwrap();
        let row = page.named(line);
        wrong.extend(page.compare(&row, &document));
        compared.insert(page.plain(&row));
        document
    };
    let mut typed = |data: &str, line: &str| -> Value {
        let output = command(data, line).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        compare(line, &String::from_utf8(output.stdout).unwrap())
    };
    let anywhere = "--listen 127.0.0.1:0 --http-listen none --metrics-listen none";
    typed("node", &format!("init --name node.example {anywhere}"));
    typed("node", "publisher add node.example --title Node");
    let rows = "external_id,kind,title.en\na,event,A meeting\nb,event,Another\n";
    fs::write(folder.path().join("events.csv"), rows).unwrap();
    typed("node", "import events.csv");
    let listed = typed("node", "list");
    let id = listed["records"][0]["id"].as_str().unwrap().to_owned();
    typed("node", &format!("get {id} --proof a.tlog-proof"));
    typed("node", "card --output node.card");
    typed("node", "card --tls-cert");
    typed("node", "key");
    typed("node", "check-proof a.tlog-proof --card node.card");
    typed("node", "export --out out.jsonl");
    typed("node", "backup node.backup --with-keys");
    typed("restored", "restore node.backup");
    typed("restored", "verify");

    let mut serving = command("node", "serve")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let mut told = BufReader::new(serving.stdout.take().unwrap());
    let _running = Running(serving);
    told.read_line(&mut said).unwrap();
    let runs: Value = serde_json::from_str(&said).unwrap();
    let listen = runs["listen"].as_str().unwrap().to_owned();
    typed("node", "status");
    typed("node", "status --check");
    typed(
        "node",
        &format!("mirror node.card --output copy --connect https://{listen}"),
    );
    compare("serve", &said);
    compare("demo", &serde_json::to_string(&report()).unwrap());
    assert_eq!(wrong, [""; 0]);
    for command in shapes::OF_PROGRAMS.iter().chain(&shapes::OF_A_TYPE) {
        let command = *command;
        assert!(compared.contains(command), "{command} was not compared");
    }
}
