//! Runs the commands of the operator's guide, as they stand there, against the real program.
//!
//! A block marked with the name of a machine (```` ```sh ministry ````) runs in that
//! machine's data directory; one that is also marked `eventually` is repeated until it
//! succeeds. Addresses of the guide become ports of this machine, and `systemctl`
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

use std::{
    collections::BTreeSet,
    fs,
    net::TcpListener,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use wpsx_node::config::Config;

const GUIDE: &str = include_str!("../../deploy/OPERATING.md");
const EXAMPLE: &str = include_str!("../../deploy/wpsx.example.toml");
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
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
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
        let mut words = info.split(' ');
        if let (Some("sh"), Some(machine)) = (words.next(), words.next()) {
            blocks.push(Block {
                line: at + 1,
                machine: machine.to_owned(),
                eventually: words.next() == Some("eventually"),
                script: script.join("\n"),
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
