use std::fs;

use super::*;
use crate::{disk::state::DiskState, told::DamagedFile};

fn state() -> (tempfile::TempDir, State) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let files = DiskState::new(dir.path().join("state"));
    State::create(&files).unwrap();
    let (state, found) = open(&dir).unwrap();
    assert!(found.strangers.is_empty() && found.doubt.is_none());
    (dir, state)
}

fn open(dir: &tempfile::TempDir) -> Result<(State, Found), StoreError> {
    State::open(
        Arc::new(DiskState::new(dir.path().join("state"))),
        Arc::default(),
    )
}

#[test]
fn what_was_put_is_there_and_can_be_listed_and_removed() {
    let (dir, state) = state();
    state.put("peers/a", b"one").unwrap();
    state.put("peers/b", b"two").unwrap();
    state.put("peers/b", b"three").unwrap();
    state.put("other", b"").unwrap();
    let files = [("peers/d", "4"), ("peers/b", "3")];
    let files = files.map(|(name, text)| (name.to_owned(), text.into()));
    state.put_all(&files).unwrap();
    let again = open(&dir).unwrap().0;
    for state in [&state, &again] {
        assert_eq!(state.get("peers/b").unwrap().unwrap(), "3");
        assert_eq!(state.get("other").unwrap().unwrap(), "");
        assert_eq!(state.get("peers/c").unwrap(), None);
        let all = ["other", "peers/a", "peers/b", "peers/d"];
        assert_eq!(state.list("peers/").unwrap(), all[1..]);
        assert_eq!(state.list("").unwrap(), all);
    }
    state.remove("peers/a").unwrap();
    state.remove("peers/a").unwrap();
    assert_eq!(state.list("p").unwrap(), ["peers/b", "peers/d"]);
    assert_eq!(open(&dir).unwrap().0.get("peers/a").unwrap(), None);
}

#[test]
fn a_name_cannot_leave_the_directory() {
    let (_dir, state) = state();
    for name in [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "a/",
        "x.tmp",
        "ü",
        ".hidden",
        "cover",
    ] {
        assert!(
            matches!(state.put(name, b"x"), Err(StoreError::BadName(_))),
            "{name}"
        );
    }
}

#[test]
fn any_flipped_bit_is_noticed() {
    let (_dir, state) = state();
    state.put("x", b"something to keep").unwrap();
    let path = state.path_of("x");
    let good = fs::read(&path).unwrap();
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, bad).unwrap();
        assert!(
            matches!(state.get("x"), Err(StoreError::Damaged { .. })),
            "bit {bit}"
        );
    }
}

#[test]
fn a_file_that_is_missing_is_damage_and_one_that_never_was_is_not() {
    let (dir, state) = state();
    state.put("x", b"something to keep").unwrap();
    state
        .put_noted("logs/0/log", b"a log", "own ple.example/public")
        .unwrap();
    fs::remove_file(state.path_of("x")).unwrap();
    fs::remove_file(state.path_of("logs/0/log")).unwrap();
    for state in [&state, &open(&dir).unwrap().0] {
        for name in ["x", "logs/0/log"] {
            let error = state.get(name).unwrap_err().to_string();
            assert!(error.contains("it is missing"), "{error}");
        }
        assert_eq!(state.list("").unwrap(), ["logs/0/log", "x"]);
        assert_eq!(state.note("logs/0/log").unwrap(), "own ple.example/public");
        assert_eq!(state.get("y").unwrap(), None);
    }
}

#[test]
fn files_that_were_never_put_are_left_and_named_and_what_systems_leave_is_not() {
    let (dir, state) = state();
    state.put("peers/a", b"one").unwrap();
    let path = |name: &str| state.path_of(name);
    fs::copy(path("peers/a"), path("peers/a.bak")).unwrap();
    fs::write(path("notes.txt"), "buy milk").unwrap();
    fs::create_dir(path("lost+found")).unwrap();
    fs::write(path("lost+found/#17"), "x").unwrap();
    fs::write(path("peers/.DS_Store"), "x").unwrap();
    fs::write(path("peers/a~"), "x").unwrap();
    let (again, found) = open(&dir).unwrap();
    let mut strangers = found.strangers;
    strangers.sort();
    assert_eq!(strangers, ["notes.txt", "peers/a.bak"]);
    assert_eq!(again.list("").unwrap(), ["peers/a"]);
    assert!(path("peers/a.bak").exists() && path("notes.txt").exists());
    assert!(path("lost+found/#17").exists() && path("peers/a~").exists());
}

#[test]
fn a_file_that_a_crash_left_without_a_cover_is_taken_in() {
    let (dir, state) = state();
    let covers = COVERS.map(|name| fs::read(state.path_of(name)).unwrap());
    state.put("peers/a", b"one").unwrap();
    for (name, bytes) in COVERS.iter().zip(&covers) {
        fs::write(state.path_of(name), bytes).unwrap();
    }
    let (again, _) = open(&dir).unwrap();
    assert_eq!(again.get("peers/a").unwrap().unwrap(), "one");
    fs::remove_file(state.path_of("peers/a")).unwrap();
    assert!(open(&dir).unwrap().0.get("peers/a").is_err());
}

#[test]
fn one_cover_of_two_may_be_lost_and_both_together_leave_a_doubt() {
    let (dir, state) = state();
    state.put("peers/a", b"one").unwrap();
    state.put("peers/b", b"two").unwrap();
    let paths = COVERS.map(|name| state.path_of(name));
    let good = fs::read(&paths[0]).unwrap();
    for path in &paths {
        fs::remove_file(path).unwrap();
        assert!(open(&dir).unwrap().1.doubt.is_none());
        assert!(path.exists(), "it is written again");
        for bit in 0..good.len() * 8 {
            let mut bad = fs::read(path).unwrap();
            bad[bit / 8] ^= 1 << (bit % 8);
            fs::write(path, bad).unwrap();
            assert!(open(&dir).unwrap().1.doubt.is_none());
        }
    }
    fs::remove_file(state.path_of("peers/a")).unwrap();
    let lost = |path: &PathBuf| fs::remove_file(path).unwrap();
    paths.iter().for_each(lost);
    let (again, found) = open(&dir).unwrap();
    assert!(found.doubt.unwrap().contains("nobody can say"));
    assert_eq!(again.list("").unwrap(), ["peers/b"]);
    assert!(!paths[0].exists(), "opening alone does not hide it");
    fs::remove_file(state.path_of("peers/b")).unwrap();
    assert!(
        open(&dir).is_err(),
        "an empty state is not that of a new store"
    );
}

#[test]
fn what_was_ordered_to_go_goes_after_a_crash_and_nothing_else() {
    let (dir, state) = state();
    for name in ["logs/3/log", "logs/3/head", "logs/30/log", "peers/a"] {
        state.put(name, b"x").unwrap();
    }
    let removed = ["logs/3/log", "logs/3/head", "peers/a"].map(|name| state.path_of(name));
    let bytes = removed.each_ref().map(|path| fs::read(path).unwrap());
    state.drop_replica(3, "9f86").unwrap();
    state.remove("peers/a").unwrap();
    assert!(removed.iter().all(|path| !path.exists()));
    for (path, bytes) in removed.iter().zip(bytes) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let (again, _) = open(&dir).unwrap();
    assert_eq!(again.list("").unwrap(), ["logs/30/log"]);
    assert_eq!(again.finish_orders().unwrap(), ["9f86"]);
    assert!(removed.iter().all(|path| !path.exists()));
    assert!(again.is_to_remove("9f86"));
    again.is_removed("9f86").unwrap();
    assert!(!open(&dir).unwrap().0.is_to_remove("9f86"));
}

#[test]
fn what_is_put_twice_outlives_either_of_its_files() {
    let (_dir, state) = state();
    assert_eq!(state.get_twice("x").unwrap(), None);
    state.put_twice("x", b"something to keep").unwrap();
    for name in ["x", "x.twin"] {
        let path = state.path_of(name);
        let good = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(state.get_twice("x").unwrap().unwrap(), "something to keep");
        assert_eq!(fs::read(&path).unwrap(), good);
        fs::write(&path, "wpsx state 2 what").unwrap();
        assert_eq!(state.get_twice("x").unwrap().unwrap(), "something to keep");
        assert_eq!(fs::read(&path).unwrap(), good);
    }
    for name in ["x", "x.twin"] {
        fs::remove_file(state.path_of(name)).unwrap();
    }
    assert!(state.get_twice("x").is_err());
}

#[test]
fn what_is_damaged_while_it_is_open_is_found_and_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let files = DiskState::new(dir.path().join("state"));
    State::create(&files).unwrap();
    let damages = Arc::new(Damages::default());
    let (state, _) = State::open(Arc::new(files), damages.clone()).unwrap();
    let large = vec![7; 1 << 20];
    state.put("small", b"in memory").unwrap();
    state.put_twice("large", &large).unwrap();
    state.put("large-alone", &large).unwrap();
    state.look_over();
    assert!(damages.files().is_empty());
    let hurt = ["cover", "cover.twin", "small", "large", "large-alone"];
    let good = hurt.map(|name| fs::read(state.path_of(name)).unwrap());
    for name in hurt {
        fs::write(state.path_of(name), "wpsx state 2 what").unwrap();
    }
    state.look_over();
    assert_eq!(damages.files().len(), hurt.len());
    for name in hurt {
        assert_eq!(state.mend(name).unwrap(), name != "large-alone", "{name}");
    }
    for (name, good) in hurt.iter().zip(good).skip(2).take(2) {
        assert_eq!(fs::read(state.path_of(name)).unwrap(), good, "{name}");
    }
    // All of it is told, and what was mended once.
    let left = |files: Vec<_>| {
        let left = files.iter().filter(|file: &&DamagedFile| !file.is_mended());
        (files.len(), left.count())
    };
    assert_eq!(left(damages.take_files()), (hurt.len(), 1));
    state.look_over();
    assert_eq!(left(damages.take_files()), (1, 1));
    // Whoever puts it anew mends it too.
    state.put("large-alone", b"something else").unwrap();
    assert_eq!(left(damages.take_files()), (1, 0));
    state.look_over();
    assert!(damages.files().is_empty());
}

#[test]
fn a_number_is_never_given_twice() {
    let (dir, state) = state();
    assert_eq!(state.next_number(), 0);
    for number in 0..3u32 {
        state.put(&format!("logs/{number}/log"), b"x").unwrap();
    }
    state.drop_replica(2, "9f86").unwrap();
    assert_eq!(open(&dir).unwrap().0.next_number(), 3);
    for name in COVERS {
        fs::remove_file(state.path_of(name)).unwrap();
    }
    assert!(open(&dir).unwrap().0.next_number() > 3);
}
