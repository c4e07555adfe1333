//! Every file of `state/`, `logs/`, `journal/` and `keys/`, and `wpsx-store`: removed, cut
//! in half, and with one bit flipped, on a node without peers.
//!
//! Whatever it is: it is told by who only reads and by who repairs, nothing else vanishes, no
//! smaller tree is signed, and what is not damaged is published to.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use wpsx_store::testing::Harm;

use super::node::{ACKNOWLEDGED, FAR, Node, OWN, SECOND};

/// The files that are harmed, as paths below the data directory.
pub(crate) fn targets(node: &Node) -> Vec<PathBuf> {
    let data = node.data();
    let everything = node.everything();
    let files = everything.into_iter().filter(|(path, _)| path.is_file());
    let inside = files.filter_map(|(path, (bytes, _))| {
        let path = path.strip_prefix(&data).ok()?.to_owned();
        let part = path.iter().next()?.to_str()?;
        let wanted = ["state", "logs", "journal", "keys", "wpsx-store"].contains(&part);
        (wanted && !bytes.is_empty()).then_some(path)
    });
    inside.collect()
}

/// Whether the file is of nothing but somebody else's log, or of a peer.
fn is_foreign(path: &Path) -> bool {
    path.starts_with(Node::log(FAR))
        || path.starts_with("state/logs/2")
        || path.starts_with("state/peers")
        || path.starts_with("state/followers")
        || path.starts_with("state/refusals")
}

/// Whether the file is of nothing but the log of `SECOND`.
fn is_second(path: &Path) -> bool {
    path.starts_with(Node::log(SECOND)) || path.starts_with("state/logs/1")
}

fn contents(node: &Node) -> BTreeMap<PathBuf, Vec<u8>> {
    let all = node.everything().into_iter();
    all.map(|(path, (bytes, _))| (path, bytes)).collect()
}

/// Whether a file may change or go with what is published: it is a part of what is not full
/// yet, or says how far something is.
fn moves_on(path: &Path) -> bool {
    let own = Node::log(OWN);
    ["journal", "views", "state"]
        .iter()
        .any(|part| path.starts_with(part))
        || path.to_str().unwrap().contains(".p/")
        || *path == own.join("checkpoint")
}

/// What is wrong is told before anything is mended, by who only reads.
fn is_told(node: &Node, path: &Path, case: &str) {
    let before = contents(node);
    let verified = node.run(&["verify"]);
    let status = node.run(&["status"]);
    node.run(&["list"]);
    assert!(contents(node) == before, "{case}: something changed");
    assert!(!verified.is_done, "{case}: {}", verified.text);
    // Full files of a log are read by who checks or needs them.
    let is_read = !path.starts_with("logs");
    assert!(
        !is_read || !status.text.contains("nothing in its store"),
        "{case}: {}",
        status.text
    );
}

/// What repairs says what it found, and what it left; and it leaves nothing unsaid.
fn is_repaired(node: &Node, case: &str) {
    let repaired = node.run(&["repair"]);
    assert!(
        !repaired.text.contains("every stored byte"),
        "{case}: {}",
        repaired.text
    );
    if !repaired.is_done {
        return;
    }
    assert!(
        repaired.text.contains("mended: "),
        "{case}: {}",
        repaired.text
    );
    assert!(
        node.done(&["repair"]).contains("every stored byte"),
        "{case}"
    );
    assert!(node.run(&["verify"]).is_done, "{case}");
    for (publisher, entries) in [(OWN, ACKNOWLEDGED), (FAR, 300), (SECOND, 1)] {
        assert_eq!(node.size(publisher), Some(entries), "{case}: {publisher}");
    }
}

fn judge(node: &Node, path: &Path, harm: Harm) {
    let case = format!("{} {harm:?}", path.display());
    is_told(node, path, &case);
    is_repaired(&node.copy(), &case);
    let before = contents(node);
    let published = node.publish(OWN, "after the damage");
    if published.is_done {
        assert_eq!(
            node.size(OWN),
            Some(ACKNOWLEDGED + 1),
            "{case}: a smaller tree"
        );
    } else {
        assert!(
            !is_foreign(path) && !is_second(path),
            "{case}: {}",
            published.text
        );
    }
    // What was there and is not damaged is there, and what moves on was not taken away.
    let after = contents(node);
    for (file, bytes) in before {
        let below = file.strip_prefix(node.data()).unwrap();
        let is_left = file.is_dir() || below == path;
        if is_left || below.starts_with("journal") || below.to_str().unwrap().contains(".p/") {
            continue;
        }
        let there = after.get(&file);
        assert!(there.is_some(), "{case}: {} is gone", below.display());
        assert!(
            moves_on(below) || there == Some(&bytes),
            "{case}: {} changed",
            below.display()
        );
    }
}

#[test]
fn a_file_that_is_harmed_takes_nothing_with_it() {
    let node = Node::killed();
    let targets = targets(&node);
    let parts = ["state/", "journal/", "keys/", "wpsx-store"];
    for part in parts
        .into_iter()
        .map(String::from)
        .chain([OWN, FAR].map(|name| Node::log(name).display().to_string()))
    {
        let any = targets
            .iter()
            .any(|path| path.display().to_string().starts_with(&part));
        assert!(any, "no file of {part}");
    }
    let cases: Vec<(&PathBuf, Harm)> = targets
        .iter()
        .flat_map(|path| Harm::ALL.map(|harm| (path, harm)))
        .collect();
    let workers = 4;
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let cases = cases.iter().skip(worker).step_by(workers);
            scope.spawn(move || {
                for (path, harm) in cases {
                    let hurt = Node::killed();
                    harm.apply(&hurt.data().join(path));
                    judge(&hurt, path, *harm);
                }
            });
        }
    });
}
