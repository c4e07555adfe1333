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
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;
use wpsx_store::testing::Harm;

use super::{
    matrix::targets,
    node::{Node, record},
};
use crate::program::{Serving, until};

/// Seeds of a usual run.
const SEEDS: u64 = 3;
/// Stories at a time.
const TELLERS: usize = 3;
const OURS: &str = "ours.example";
const THEIRS: &str = "theirs.example";
/// Records of each publisher that both nodes have before anything happens.
const BEFORE: u64 = 300;
const BOUND: Duration = Duration::from_secs(60);
/// How long peers are asked again for what they may not have.
const PATIENCE: Duration = Duration::from_secs(8);

/// Two nodes that have exchanged all, and do not run.
struct Pair {
    ours: Node,
    theirs: Node,
}

impl Pair {
    fn copy(&self) -> Self {
        Self {
            ours: self.ours.copy(),
            theirs: self.theirs.copy(),
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

fn card(node: &Node) -> String {
    let card = node.done(&["card"]);
    node.file("card", &card)
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

/// How a running node came back.
#[derive(Debug, PartialEq, Eq)]
enum Back {
    /// All of it is there.
    Whole,
    /// Payloads are gone that no peer had.
    Lacking,
    /// Entries of its own log are gone that no peer had: it says so, and signs no other.
    Damaged,
}

fn bring_back(ours: &Node, case: &str) -> Back {
    let since = Instant::now();
    loop {
        let repaired = ours.run(&["repair"]);
        let recovered = ours.run(&["recover", "--yes"]);
        let verified = ours.run(&["verify"]);
        if recovered.is_done && repaired.is_done && verified.is_done {
            return Back::Whole;
        }
        let mut problems = verified.text.lines().filter(|line| line.contains(": "));
        let lost = |line: &str| line.contains("payload") && line.contains("missing");
        let is_lost = problems.all(|line| lost(line) || line.starts_with("wpsx: "));
        let is_patient = since.elapsed() < PATIENCE;
        if recovered.is_done && is_lost && !is_patient {
            return Back::Lacking;
        }
        let is_left = repaired.text.contains("LEFT: ") && !is_patient;
        if is_left && repaired.text.contains(&format!("LEFT: {THEIRS}/")) {
            // The remedy that repair names: it is pulled anew.
            ours.run(&["origin", "drop", &format!("{THEIRS}/wpsx/public")]);
        } else if is_left {
            return Back::Damaged;
        }
        assert!(
            since.elapsed() < BOUND,
            "{case}: not back to work: {repaired:?} {recovered:?} {verified:?}"
        );
        sleep(Duration::from_millis(200));
    }
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

/// Whether the file may hold what no peer has of the own log.
fn is_own(path: &Path) -> bool {
    let places = [Node::log(OURS), "state/logs/0".into(), "journal".into()];
    places.iter().any(|place| path.starts_with(place))
}

fn story(pair: &Pair, seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let Pair { ours, theirs } = pair.copy();
    let acknowledged = BEFORE * (1 + u64::from(publish_and_die(&ours, &mut dice)));
    let targets = targets(&ours);
    let path: &PathBuf = &targets[dice.below(targets.len() as u64) as usize];
    let harm = Harm::ALL[dice.below(Harm::ALL.len() as u64) as usize];
    let case = format!(
        "seed {seed}: {} {harm:?}, {acknowledged} acknowledged",
        path.display()
    );
    let harmed = ours.data().join(path);
    let whole = ours.data().with_file_name("whole");
    fs::copy(&harmed, &whole).unwrap();
    harm.apply(&harmed);
    println!("{case}");

    if ours.run(&["verify"]).is_done {
        let size = ours.size(OURS);
        assert!(
            size >= Some(acknowledged),
            "{case}: {size:?} was called correct"
        );
    }
    if is_needed(path) {
        // Nobody has these but their owner, who keeps a copy.
        fs::copy(&whole, &harmed).unwrap();
    }
    let _serving: [Serving; 2] = [theirs.serve(), ours.serve()];
    if path.starts_with("state/peers") {
        // The remedy that status names.
        ours.done(&["peer", "add", &card(&theirs), "--turn"]);
    }
    let came = bring_back(&ours, &case);
    println!("  {came:?}");
    if came == Back::Damaged {
        // Nobody but this node had them; its own files or its journal did.
        assert!(is_own(path), "{case}");
        let status = ours.run(&["status"]);
        let is_said = ["DAMAGED", "that it published"].map(|words| status.text.contains(words));
        assert!(is_said.contains(&true), "{case}: {}", status.text);
        assert_eq!((forks(&ours), forks(&theirs)), (0, 0), "{case}");
        return;
    }
    let back = ours.size(OURS).unwrap();
    // What no peer had and a harmed file held may be gone; what was exchanged is not.
    assert!(back >= BEFORE, "{case}: {back}");
    let published = ours.publish(OURS, "after");
    assert!(published.is_done, "{case}: {}", published.text);
    until(&format!("{case}: the peer has all"), || {
        theirs.size(OURS) == Some(back + 1) && ours.size(THEIRS) == Some(BEFORE)
    });
    assert_eq!((forks(&ours), forks(&theirs)), (0, 0), "{case}");
    theirs.done(&["verify"]);
    assert_eq!(ours.run(&["verify"]).is_done, came == Back::Whole, "{case}");
}

fn number(name: &str, usual: u64) -> u64 {
    let set = env::var(name).ok();
    set.map_or(usual, |text| text.parse().expect("a number"))
}

#[test]
fn a_node_that_is_killed_and_damaged_comes_back_to_work() {
    let first = number("WPSX_FIRST_SEED", 1);
    let seeds: Vec<u64> = (first..first + number("WPSX_SEEDS", SEEDS)).collect();
    // Most of a story is waiting. Each teller has ports of its own.
    std::thread::scope(|scope| {
        for teller in 0..TELLERS.min(seeds.len()) {
            let seeds = seeds.iter().skip(teller).step_by(TELLERS);
            scope.spawn(move || {
                let pair = make();
                for seed in seeds {
                    story(&pair, *seed);
                }
            });
        }
    });
}
