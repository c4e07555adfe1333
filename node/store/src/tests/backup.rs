//! Backups: of one moment, whole or refused, and restored where they belong.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{PermissionsExt as _, symlink},
    sync::Arc,
};

use tar::{EntryType, Header};
use tempfile::TempDir;
use tokio::runtime::Handle;

use super::*;
use crate::archive::{Archive, HEAD, LINE};

const PATIENCE: Duration = Duration::from_secs(60);
const ABOUT: &str = "node node.example\n";

/// A backup in a file of its own.
struct Made {
    dir: TempDir,
    copied: Copied,
}

impl Made {
    fn path(&self) -> PathBuf {
        self.dir.path().join("backup.tar")
    }

    fn to(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

/// Makes a backup; `between` is called with every piece that is written.
async fn back_up(store: &Opened, between: impl FnMut(usize) + Send + 'static) -> Made {
    let dir = tempfile::tempdir().unwrap();
    let file = fs::File::create(dir.path().join("backup.tar")).unwrap();
    let store = store.clone();
    let written = tokio::task::spawn_blocking(move || {
        let to = Between {
            file,
            pieces: 0,
            between,
        };
        store.backup(to, ABOUT, &[], |_, _| {})
    });
    let copied = tokio::time::timeout(PATIENCE, written).await;
    Made {
        dir,
        copied: copied.expect("it ends").unwrap().unwrap(),
    }
}

struct Between<F> {
    file: fs::File,
    pieces: usize,
    between: F,
}

impl<F: FnMut(usize)> Write for Between<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.between)(self.pieces);
        self.pieces += 1;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

async fn filled(place: &Place, entries: u64) -> (Opened, Publisher) {
    let store = place.open();
    let publisher = publisher("eu.example");
    own(&store, &publisher);
    let batch = (0..entries).map(new).collect();
    store.append(&publisher.origin, batch, None).await.unwrap();
    (store, publisher)
}

fn open_restored(made: &Made, name: &str) -> Opened {
    let to = made.to(name);
    let restored = restore(&made.path(), &to).unwrap();
    assert_eq!(restored.about, ABOUT);
    Place::on_disk().try_open_at(&to).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_store_that_is_written_to_is_the_store_of_one_moment() {
    let place = Place::on_disk();
    let (store, publisher) = filled(&place, 700).await;
    for round in 0..3u64 {
        let before = store.log(&publisher.origin).unwrap().stored().value();
        let (writing, origin) = (store.clone(), publisher.origin.clone());
        let here = Handle::current();
        let made = back_up(&store, move |piece| {
            // Full and partial bundles, holes in old ones, and logs that are new.
            let at = 1_000 * (round + 1) + 300 * piece as u64;
            if piece % 3 == 0 && piece < 60 {
                here.block_on(async {
                    let batch = (at..at + 40).map(new).collect();
                    writing.append(&origin, batch, None).await.unwrap();
                    let gone = without_payload(at + 1, Operation::Erase);
                    writing.append(&origin, vec![gone], None).await.unwrap();
                });
            }
            if piece == 7 {
                let name = format!("new-{round}.example");
                own(&writing, &super::publisher(&name));
            }
        })
        .await;
        let restored = open_restored(&made, "restored");
        let logs = restored.logs();
        for log in &logs {
            check(&restored, log);
        }
        let entries: u64 = logs.iter().map(|log| log.stored().value()).sum();
        assert_eq!(made.copied.logs, logs.len() as u64);
        assert_eq!(made.copied.entries, entries);
        let log = restored.log(&publisher.origin).unwrap();
        assert!(log.stored().value() >= before, "round {round}");
        assert_eq!(log.head().unwrap().size(), log.stored(), "round {round}");
        // It goes on from there, as one that was merely stopped does.
        let more = vec![new(900_000 + round)];
        restored
            .append(&publisher.origin, more, None)
            .await
            .unwrap();
        check(&restored, &log);
        check(&store, &store.log(&publisher.origin).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_whoever_takes_a_backup_slowly() {
    let place = Place::on_disk();
    let (store, publisher) = filled(&place, 600).await;
    let (writing, origin) = (store.clone(), publisher.origin.clone());
    let here = Handle::current();
    // Each piece is only taken once a record was published and is in its file: were the
    // store held while somebody has to take something, this would never end.
    back_up(&store, move |piece| {
        here.block_on(async {
            let n = 10_000 + piece as u64;
            writing.append(&origin, vec![new(n)], None).await.unwrap();
            writing.settle().await.unwrap();
        });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_while_a_backup_is_made_is_not_restored() {
    let place = Place::on_disk();
    let (store, publisher) = filled(&place, 300).await;
    store.settle().await.unwrap();
    let (writing, origin) = (store.clone(), publisher.origin.clone());
    let here = Handle::current();
    let last = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = last.clone();
    // With the payload bundle: when its first bytes were written already.
    let made = back_up(&store, move |piece| {
        seen.store(piece, Ordering::SeqCst);
        if piece == 6 {
            here.block_on(async {
                let gone = without_payload(5, Operation::Erase);
                writing.append(&origin, vec![gone], None).await.unwrap();
                writing.leave_no_trace().await.unwrap();
            });
        }
    })
    .await;
    assert!(last.load(Ordering::SeqCst) > 6, "it was erased meanwhile");
    let restored = open_restored(&made, "restored");
    let log = restored.log(&publisher.origin).unwrap();
    check(&restored, &log);
    assert_eq!(log.holes().erased, 1);
    let slot = log.slot(LeafIndex::new(5)).unwrap();
    assert_eq!(slot, (SlotState::Erased, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_has_no_views_and_no_journal_and_what_is_beside_the_store() {
    let place = Place::on_disk();
    let (store, _) = filled(&place, 10).await;
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("keys")).unwrap();
    fs::write(dir.path().join("keys/node.key"), "secret").unwrap();
    fs::write(place.path().join("views"), "an index").unwrap();
    let path = dir.path().join("backup.tar");
    let beside = [("keys", "keys"), ("wpsx.toml", "none.toml")].map(|(name, at)| Beside {
        name: name.to_owned(),
        path: dir.path().join(at),
    });
    let file = fs::File::create(&path).unwrap();
    let copied = store.backup(file, ABOUT, &beside, |_, _| {}).unwrap();
    assert_eq!(copied.beside, 1, "what is missing is passed over");

    let to = dir.path().join("restored");
    let restored = restore(&path, &to).unwrap();
    assert_eq!((restored.keys, restored.beside), (1, 0));
    let key = to.join("keys/node.key");
    assert_eq!(fs::read(&key).unwrap(), b"secret");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&key), 0o600, "whatever it was");
    for folder in ["", "keys", "logs", "state"] {
        assert_eq!(mode(&to.join(folder)), 0o700, "{folder}");
    }
    assert!(!to.join("views").exists() && !to.join("lock").exists());
    assert_eq!(fs::read_dir(to.join("journal")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_cut_or_changed_is_refused_and_leaves_nothing() {
    let place = Place::on_disk();
    let (store, _) = filled(&place, 300).await;
    let made = back_up(&store, |_| {}).await;
    let good = fs::read(made.path()).unwrap();
    let refused = |bytes: &[u8], what: String| {
        fs::write(made.path(), bytes).unwrap();
        let refusal = restore(&made.path(), &made.to("none")).unwrap_err();
        assert!(
            matches!(refusal, StoreError::NotABackup { .. }),
            "{what}: {refusal}"
        );
        assert!(!made.to("none").exists(), "{what}");
    };
    let lengths = [0, 1, 511, 512, 2047, 2048, good.len() / 2];
    for length in lengths.into_iter().chain(good.len() - 2050..good.len()) {
        refused(&good[..length], format!("{length} bytes"));
    }
    for at in (0..good.len()).step_by(good.len() / 50) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        refused(&bad, format!("byte {at}"));
    }
    refused(&[&good[..], b"more"].concat(), "more".to_owned());
    fs::write(made.path(), &good).unwrap();
    restore(&made.path(), &made.to("whole")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_restored_into_an_empty_folder_alone() {
    let place = Place::on_disk();
    let (store, _) = filled(&place, 3).await;
    let made = back_up(&store, |_| {}).await;
    let taken = made.to("taken");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("mine"), "mine").unwrap();
    let refusal = restore(&made.path(), &taken).unwrap_err();
    assert!(matches!(refusal, StoreError::Foreign(_)), "{refusal}");
    assert_eq!(fs::read(taken.join("mine")).unwrap(), b"mine");
    assert_eq!(fs::read_dir(&taken).unwrap().count(), 1);
    fs::create_dir(made.to("empty")).unwrap();
    restore(&made.path(), &made.to("empty")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_restored_beside_what_systems_and_editors_leave() {
    let place = Place::on_disk();
    let (store, _) = filled(&place, 3).await;
    let made = back_up(&store, |_| {}).await;
    let fresh = made.to("fresh");
    fs::create_dir_all(fresh.join("lost+found")).unwrap();
    for name in [".DS_Store", "x~"] {
        fs::write(fresh.join(name), "left").unwrap();
    }
    let good = fs::read(made.path()).unwrap();
    let left = || ["lost+found", ".DS_Store", "x~"].map(|name| fresh.join(name).exists());
    fs::write(made.path(), &good[..good.len() - 1]).unwrap();
    restore(&made.path(), &fresh).unwrap_err();
    assert_eq!(left(), [true; 3]);
    fs::write(made.path(), &good).unwrap();
    restore(&made.path(), &fresh).unwrap();
    assert_eq!(left(), [true; 3]);
}

#[test]
fn a_restore_never_leads_out_of_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let outside = dir.path().join("outside");
    fs::create_dir(&outside).unwrap();
    symlink(&outside, dir.path().join("link")).unwrap();
    let link = |name: &str, kind, to: &Path| {
        let mut header = plain(name, 0);
        header.set_entry_type(kind);
        header.set_link_name(to).unwrap();
        header.set_cksum();
        header
    };
    let mut cases: Vec<Header> = [
        "../outside/x",
        "/tmp/x",
        "logs/../../outside/x",
        "logs//x",
        "./wpsx-store",
        "views/x",
        "journal/x",
        "lock",
        "admin.sock",
        "keys",
    ]
    .map(|name| plain(name, 1))
    .into();
    cases.push(link("logs", EntryType::Symlink, &outside));
    cases.push(link("state/x", EntryType::Link, &outside));
    cases.push(link("keys", EntryType::Directory, &outside));
    for (n, header) in cases.into_iter().enumerate() {
        let path = dir.path().join(format!("{n}.tar"));
        let mut archive = Archive::new(fs::File::create(&path).unwrap());
        let head = format!("{LINE}\n{ABOUT}");
        let head = head.as_bytes();
        archive.add(HEAD, 0o600, head.len() as u64, head).unwrap();
        let length = header.size().unwrap() as usize;
        archive.add_raw(&header, &b"x"[..length]).unwrap();
        archive.end().unwrap();
        let to = dir.path().join("restored");
        let refusal = restore(&path, &to).unwrap_err();
        let name = String::from_utf8_lossy(&header.path_bytes()).into_owned();
        assert!(
            matches!(refusal, StoreError::NotABackup { .. }),
            "{name}: {refusal}"
        );
        assert!(!to.exists(), "{name}");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "{name}");
    }
}

/// The header of a plain file with whatever name.
fn plain(name: &str, length: u64) -> Header {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_mode(0o644);
    header.set_size(length);
    header.set_cksum();
    header
}
