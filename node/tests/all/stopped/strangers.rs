//! What is not ours in a node's folder: left alone, and said unless every system leaves it.

use std::fs;

use super::node::{ACKNOWLEDGED, Node, OWN, init};

/// What systems, desktops and editors leave.
const LEFTOVERS: [&str; 6] = [".DS_Store", "._x", "Thumbs.db", "x~", ".x.swp", "#x#"];

#[test]
fn a_node_is_made_in_a_fresh_mount_and_not_where_other_files_are() {
    let node = Node::empty();
    fs::remove_dir_all(node.data()).unwrap();
    fs::create_dir_all(node.data().join("lost+found")).unwrap();
    fs::write(node.data().join(".DS_Store"), "x").unwrap();
    node.done(&init("node.example"));
    node.done(&["verify"]);
    assert!(node.data().join("lost+found").exists());
    fs::remove_dir_all(node.data()).unwrap();
    fs::create_dir_all(node.data()).unwrap();
    fs::write(node.data().join("letter.txt"), "dear reader").unwrap();
    assert!(!node.run(&init("node.example")).is_done);
}

#[test]
fn what_systems_and_editors_leave_is_nobodys_business_in_any_folder() {
    let node = Node::killed();
    let own = Node::log(OWN);
    let folders = [
        "",
        "state",
        "state/logs",
        "state/logs/0",
        "state/peers",
        "logs",
        "journal",
        "keys",
        "views",
    ];
    let inside = ["", "tile", "tile/0", "tile/entries", "payload"].map(|part| own.join(part));
    let folders = folders.iter().map(std::path::PathBuf::from).chain(inside);
    let folders: Vec<_> = folders.map(|folder| node.data().join(folder)).collect();
    for folder in &folders {
        fs::create_dir_all(folder.join("lost+found")).unwrap();
        for name in LEFTOVERS {
            fs::write(folder.join(name), "x").unwrap();
        }
    }
    node.done(&["verify"]);
    let status = node.done(&["status"]);
    assert!(!status.contains("belongs to nothing"), "{status}");
    assert!(node.publish(OWN, "one more").is_done);
    node.done(&["verify"]);
    assert_eq!(node.size(OWN), Some(ACKNOWLEDGED + 1));
    for folder in &folders {
        for name in LEFTOVERS {
            assert!(folder.join(name).exists(), "{}/{name}", folder.display());
        }
    }
}

#[test]
fn copies_and_other_files_are_left_and_named() {
    let node = Node::killed();
    let data = node.data();
    let own = Node::log(OWN);
    let copy = own.with_extension("bak");
    fs::create_dir(data.join(&copy)).unwrap();
    fs::copy(
        data.join(&own).join("origin"),
        data.join(&copy).join("origin"),
    )
    .unwrap();
    fs::copy(data.join("state/cover"), data.join("state/cover.bak")).unwrap();
    fs::copy(
        data.join("state/logs/0/log"),
        data.join("state/logs/0/log.bak"),
    )
    .unwrap();
    let segment = fs::read_dir(data.join("journal"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    fs::copy(segment.path(), segment.path().with_extension("bak")).unwrap();
    let bak = segment.path().with_extension("bak");
    let strangers = [
        data.join(&copy),
        data.join("state/cover.bak"),
        data.join("state/logs/0/log.bak"),
        bak,
    ];
    for command in [&["status"][..], &["reindex"], &["status"]] {
        let said = node.done(command);
        for stranger in &strangers {
            let name = stranger.display().to_string();
            assert!(stranger.exists(), "{name} is gone after {command:?}");
            assert!(command == ["reindex"] || said.contains(&name), "{said}");
        }
    }
    node.done(&["verify"]);
    assert_eq!(node.size(OWN), Some(ACKNOWLEDGED));
}
