//! The program as these tests start it: in a data directory of their own, with nothing of
//! their environment.

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
    path::Path,
    process::{Child, Command, Output},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long something may take to come about.
const BOUND: Duration = Duration::from_secs(60);

/// `wpsx <args>` on a data directory.
pub(crate) fn command(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wpsx"));
    command.arg("--data-dir").arg(data).args(args).env_clear();
    command
}

/// The same, once it has ended.
pub(crate) fn run(data: &Path, args: &[&str]) -> Output {
    command(data, args).output().expect("the binary runs")
}

/// What it prints when it has done what it was asked.
pub(crate) fn done(data: &Path, args: &[&str]) -> String {
    let output = run(data, args);
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// A new node on this address of each kind: `none`, or a port of the system's choice.
pub(crate) fn init(data: &Path, address: &str) {
    let name = ["init", "--name", "node.example"];
    let addresses = [
        "--listen",
        address,
        "--http-listen",
        address,
        "--metrics-listen",
        address,
    ];
    done(data, &[&name[..], &addresses].concat());
}

/// Waits for a state.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < BOUND, "{what}");
        sleep(Duration::from_millis(20));
    }
}

/// A process that serves until this goes.
pub(crate) struct Serving(pub(crate) Child);

impl Serving {
    /// Starts it.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.spawn().expect("the binary runs"))
    }

    /// The same, once commands reach it.
    pub(crate) fn reached(command: &mut Command, data: &Path) -> Self {
        let serving = Self::start(command);
        until("commands reach the node", || {
            data.join("admin.sock").exists()
        });
        serving
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
