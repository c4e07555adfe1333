//! Every file of `state/`, `logs/`, `journal/` and `keys/`, and `wpsx-store`: removed, cut
//! in half, and with one bit flipped, on a node without peers.
//!
//! Whatever it is: nothing else vanishes, nothing wrong is called correct, no smaller tree
//! is signed, and what is not damaged is published to. What brings back what is damaged
//! may be added to [`judge`] as one more step.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::node::{ACKNOWLEDGED, FAR, Node, OWN, SECOND};

/// What is done to a file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Harm {
    Removed,
    Halved,
    Flipped,
}

pub(crate) const HARMS: [Harm; 3] = [Harm::Removed, Harm::Halved, Harm::Flipped];

impl Harm {
    pub(crate) fn apply(self, path: &Path) {
        let bytes = fs::read(path).unwrap();
        let half = bytes.len() / 2;
        match self {
            Self::Removed => fs::remove_file(path).unwrap(),
            Self::Halved => fs::write(path, &bytes[..half]).unwrap(),
            Self::Flipped => {
                let mut bytes = bytes;
                bytes[half] ^= 1;
                fs::write(path, bytes).unwrap();
            }
        }
    }
}

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

/// Whether the damage may be seen by no check, because something else says the same.
fn is_told_twice(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    ["cover", "journal", "erased-names"].contains(&name.trim_end_matches(".twin"))
        || path.starts_with("state/peers")
        || path.starts_with("state/followers")
}

fn contents(node: &Node) -> BTreeMap<PathBuf, Vec<u8>> {
    let all = node.everything().into_iter();
    all.map(|(path, (bytes, _))| (path, bytes)).collect()
}

fn judge(node: &Node, path: &Path, harm: Harm) {
    let case = format!("{} {harm:?}", path.display());
    let before = contents(node);
    let verified = node.run(&["verify"]);
    node.run(&["status"]);
    node.run(&["list"]);
    assert!(contents(node) == before, "{case}: something changed");
    assert!(!verified.text.trim().is_empty(), "{case}");
    let size = node.size(OWN);
    if verified.is_done {
        // All of it is as it was acknowledged, or it was not called correct.
        assert!(
            is_told_twice(path) || size == Some(ACKNOWLEDGED),
            "{case}: {}",
            verified.text
        );
        assert_eq!(size, Some(ACKNOWLEDGED), "{case}");
        for (other, entries) in [(FAR, 300), (SECOND, 1)] {
            assert_eq!(node.size(other), Some(entries), "{case}: {other}");
        }
    }
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
        assert!(
            !verified.is_done || path.starts_with("keys"),
            "{case}: {}",
            published.text
        );
    }
    // What holds what was acknowledged is still there, or in its last place.
    let after = contents(node);
    let tiles = ["tile/0/000", "tile/entries/000", "payload/000"];
    for log in [OWN, FAR].map(Node::log) {
        for tile in tiles.map(|tile| node.data().join(&log).join(tile)) {
            assert_eq!(
                after.get(&tile),
                before.get(&tile),
                "{case}: {}",
                tile.display()
            );
        }
    }
    for file in before
        .keys()
        .filter(|path| path.starts_with(node.data().join("keys")))
    {
        assert!(after.contains_key(file), "{case}: {}", file.display());
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
        .flat_map(|path| HARMS.map(|harm| (path, harm)))
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
