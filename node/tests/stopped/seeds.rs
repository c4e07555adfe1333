//! Kills and damage together, by seeds: a node is killed while it publishes, a file of it
//! is harmed, and then it has a peer. Whatever happened, nothing wrong is called correct,
//! no second history is signed, and `repair` and `recover` bring it back to work.
//!
//! `WPSX_SEEDS` says how many seeds are tried and `WPSX_FIRST_SEED` where they begin; each
//! is the same story again, but for when the kill comes.

#![allow(
    clippy::disallowed_methods,
    reason = "it takes a port, waits for other programs, and is told how often by the environment"
)]

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    sync::OnceLock,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    matrix::{HARMS, targets},
    node::{Node, Serving, record},
};

/// Seeds of a usual run.
const SEEDS: u64 = 3;
const OURS: &str = "ours.example";
const THEIRS: &str = "theirs.example";
/// Records of each publisher that both nodes have before anything happens.
const BEFORE: u64 = 300;
const BOUND: Duration = Duration::from_secs(90);

/// Two nodes that have exchanged all, and do not run.
struct Pair {
    ours: Node,
    theirs: Node,
}

impl Pair {
    fn copy() -> Self {
        static PAIR: OnceLock<Pair> = OnceLock::new();
        let pair = PAIR.get_or_init(make);
        Self {
            ours: pair.ours.copy(),
            theirs: pair.theirs.copy(),
        }
    }
}

fn make() -> Pair {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = port.local_addr().unwrap().to_string();
    drop(port);
    let theirs = Node::listening("their.example", &address);
    let ours = Node::listening("our.example", "none");
    for (node, publisher) in [(&ours, OURS), (&theirs, THEIRS)] {
        node.done(&["publisher", "add", publisher, "--title", publisher]);
        import(node, publisher, "before");
    }
    let card = |node: &Node| {
        let card = node.done(&["card"]);
        node.file("card", &card)
    };
    let serving = theirs.serve();
    let (our_card, their_card) = (card(&ours), card(&theirs));
    ours.done(&["peer", "add", &their_card, "--turn"]);
    theirs.done(&["peer", "add", &our_card]);
    let also = ours.serve();
    until("both have all", || {
        ours.size(THEIRS) == Some(BEFORE) && theirs.size(OURS) == Some(BEFORE)
    });
    drop((serving, also));
    Pair { ours, theirs }
}

fn import(node: &Node, publisher: &str, name: &str) {
    let rows = rows(node, name);
    node.done(&["import", &rows, "--publisher", publisher]);
}

fn rows(node: &Node, name: &str) -> String {
    let rows: String = (0..BEFORE)
        .map(|n| record(&format!("{name} {n}")))
        .collect();
    node.file(&format!("{name}.jsonl"), &rows)
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < BOUND, "{what}");
        sleep(Duration::from_millis(50));
    }
}

/// The numbers of one seed.
struct Dice(u64);

impl Dice {
    /// A number below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % bound
    }
}

/// Publishes and is killed; whether it was acknowledged.
fn publish_and_die(node: &Node, dice: &mut Dice) -> bool {
    let rows = rows(node, "during");
    let mut command = node.command(&["import", &rows, "--publisher", OURS]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    sleep(Duration::from_millis(dice.below(500)));
    // It may have ended by itself.
    let _ = child.kill();
    child.wait().unwrap().success()
}

/// A running node that is brought back to work, or why it is not.
fn bring_back(ours: &Node) -> Result<(), String> {
    let mut said = String::new();
    let since = Instant::now();
    while since.elapsed() < BOUND {
        let mut all_done = true;
        for command in [&["repair"][..], &["recover", "--yes"], &["verify"]] {
            let ran = ours.run(command);
            all_done &= ran.is_done;
            said = format!("{said}\n$ {command:?} {}\n{}", ran.is_done, ran.text);
        }
        if all_done && ours.size(OURS).is_some() {
            return Ok(());
        }
        said = said
            .chars()
            .rev()
            .take(6_000)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        sleep(Duration::from_millis(200));
    }
    Err(said)
}

fn forks(node: &Node) -> u64 {
    let ran = node.run(&["status", "--json"]);
    let json = ran.text.lines().find(|line| line.starts_with('{'));
    let status: Value = serde_json::from_str(json.unwrap()).unwrap();
    status["forks"].as_u64().unwrap()
}

/// Whether the node cannot be opened without the file.
fn is_needed(path: &Path) -> bool {
    path.starts_with("keys") || path.starts_with("wpsx-store")
}

fn story(seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let Pair { ours, theirs } = Pair::copy();
    let acknowledged = BEFORE * (1 + u64::from(publish_and_die(&ours, &mut dice)));
    let targets = targets(&ours);
    let path: &PathBuf = &targets[dice.below(targets.len() as u64) as usize];
    let harm = HARMS[dice.below(HARMS.len() as u64) as usize];
    let case = format!(
        "seed {seed}: {} {harm:?}, {acknowledged} acknowledged",
        path.display()
    );
    let harmed = ours.data().join(path);
    let whole = fs::read(&harmed).unwrap();
    harm.apply(&harmed);

    if ours.run(&["verify"]).is_done {
        let size = ours.size(OURS);
        assert!(
            size >= Some(acknowledged),
            "{case}: {size:?} was called correct"
        );
    }
    if is_needed(path) {
        // Nobody has these but their owner, who keeps a copy.
        fs::write(&harmed, whole).unwrap();
    }
    let _serving: [Serving; 2] = [theirs.serve(), ours.serve()];
    bring_back(&ours).unwrap_or_else(|said| panic!("{case}: not back to work: {said}"));
    let back = ours.size(OURS).unwrap();
    // What no peer had and a harmed file held may be gone; what was exchanged is not.
    assert!(back >= BEFORE, "{case}: {back}");
    let published = ours.publish(OURS, "after");
    assert!(published.is_done, "{case}: {}", published.text);
    until(&format!("{case}: the peer has all"), || {
        theirs.size(OURS) == Some(back + 1) && ours.size(THEIRS) == Some(BEFORE)
    });
    assert_eq!((forks(&ours), forks(&theirs)), (0, 0), "{case}");
    for node in [&ours, &theirs] {
        node.done(&["verify"]);
    }
}

fn number(name: &str, usual: u64) -> u64 {
    let set = env::var(name).ok();
    set.map_or(usual, |text| text.parse().expect("a number"))
}

#[test]
fn a_node_that_is_killed_and_damaged_comes_back_to_work() {
    let first = number("WPSX_FIRST_SEED", 1);
    for seed in first..first + number("WPSX_SEEDS", SEEDS) {
        story(seed);
    }
}
