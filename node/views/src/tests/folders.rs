//! Directories, whatever is in them.

use super::*;

#[test]
fn views_on_disk_open_where_they_were_closed() {
    let dir = tempfile::tempdir().expect("dir");
    let dir = dir.path().join("views");
    let mut random = Random(7);
    let mut model = Model::default();
    for round in 0..4 {
        let views = Views::open(&dir).expect("open");
        if round > 0 {
            model.check(&views, &mut random);
        }
        for _ in 0..3000 {
            let entry = model.invent(0, &mut random);
            model.push(0, entry);
        }
        catch_up(&views, &model, &mut random);
        model.check(&views, &mut random);
        views.flush().expect("flush");
        assert_eq!(views.behind(), 0);
        model.check(&views, &mut random);
    }
}

/// Where sled's own list of its pages is not written at the end, the next opening reads
/// all that was ever written since.
#[test]
fn after_many_entries_the_next_opening_has_nothing_to_read_again() {
    let dir = tempfile::tempdir().expect("dir");
    let dir = dir.path().join("views");
    let snapshot = || {
        let rows = dir.join("rows-1");
        let files = fs::read_dir(&rows).expect("list").flatten();
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        names
            .filter_map(|name| u64::from_str_radix(name.strip_prefix("snap.")?, 16).ok())
            .max()
    };
    let written = || fs::metadata(dir.join("rows-1/db")).expect("there").len();
    let views = Views::open(&dir).expect("open");
    let entries = (0..20_000).map(|n| entry(n, n)).collect();
    views.post(0, 0, entries).expect("post");
    views.flush().expect("flush");
    views.close().expect("close");
    let (listed, written) = (snapshot().expect("it is written"), written());
    assert!(listed > written / 2, "{listed} of {written} bytes");
    let views = Views::open(&dir).expect("open");
    assert_eq!(views.position(0), 20_000);
}

#[test]
fn a_refill_is_not_forgotten_by_a_crash() {
    let dir = tempfile::tempdir().expect("dir");
    let views = Views::open(dir.path()).expect("open");
    let mut hole = entry(0, 1);
    hole.content = Content::default();
    hole.state = SlotState::NotHeld;
    views.post(4, 0, vec![hole]).expect("post");
    views.flush().expect("flush");
    views.refill(4, vec![entry(0, 1)]).expect("refill");
    drop(views); // before the thread had any reason to write

    let views = Views::open(dir.path()).expect("open");
    assert_eq!(views.unsettled(), [(4, 0)]);
    views.refill(4, vec![entry(0, 1)]).expect("refill");
    views.flush().expect("flush");
    drop(views);

    let views = Views::open(dir.path()).expect("open");
    assert!(views.unsettled().is_empty());
    let filter = countries(&["AL"]);
    assert_eq!(
        views.list(&logs([4]), &filter, None, 9).expect("list"),
        [(4, 0)]
    );
}

#[test]
fn a_damaged_database_is_built_again() {
    let mut random = Random(99);
    let dir = tempfile::tempdir().expect("dir");
    let good = dir.path().join("good");
    let views = Views::open(&good).expect("open");
    let entries: Vec<ViewEntry> = (0..20_000).map(|n| entry(n, n)).collect();
    views.post(0, 0, entries.clone()).expect("post");
    views.flush().expect("flush");
    drop(views);
    let files: Vec<_> = files_below(&good.join("rows-1"));
    assert!(!files.is_empty());

    for round in 0..12 {
        let bad = dir.path().join(format!("bad-{round}"));
        for file in files_below(&good) {
            let to = bad.join(file.strip_prefix(&good).expect("below"));
            fs::create_dir_all(to.parent().expect("parent")).expect("folder");
            fs::copy(&file, &to).expect("copy");
        }
        for file in files_below(&bad.join("rows-1")) {
            let mut bytes = fs::read(&file).expect("read");
            match round % 4 {
                0 => bytes.truncate(bytes.len() / 2),
                1 => bytes.fill(0xa5),
                2 => bytes.clear(),
                _ => {
                    for _ in 0..200 {
                        if let Some(byte) = usize::try_from(random.next())
                            .ok()
                            .and_then(|n| n.checked_rem(bytes.len()))
                        {
                            bytes[byte] ^= 0xff;
                        }
                    }
                }
            }
            fs::write(&file, bytes).expect("write");
        }
        // It may have rolled back to some earlier state, started over, or opened and
        // found the damage later; then the next start is clean.
        let mut views = Views::open(&bad).expect("open");
        for _ in 0..2 {
            let from = views.position(0);
            let posted = views.post(0, from, entries[from as usize..].to_vec());
            let whole = posted.is_ok()
                && views.flush().is_ok()
                && views.counts(0).is_ok_and(|counts| counts.records == 20_000);
            if whole {
                break;
            }
            drop(views);
            fs::write(bad.join("damaged"), b"").expect("mark");
            views = Views::open(&bad).expect("open");
            assert_eq!(views.position(0), 0);
        }
        assert_eq!(views.counts(0).expect("counts").records, 20_000);
    }
}

#[test]
fn a_foreign_directory_is_moved_aside_and_one_of_another_version_is_replaced() {
    let dir = tempfile::tempdir().expect("dir");
    let path = dir.path().join("views");
    fs::create_dir(&path).expect("folder");
    fs::write(path.join("thesis.txt"), "years of work").expect("write");
    drop(Views::open(&path).expect("open"));
    let aside = dir.path().join("views.set-aside-1").join("thesis.txt");
    assert_eq!(fs::read_to_string(aside).expect("kept"), "years of work");

    fs::write(path.join("format"), "wpsx views 900\n").expect("write");
    let views = Views::open(&path).expect("open");
    assert_eq!(views.position(0), 0);
    assert_eq!(
        fs::read_to_string(path.join("format")).expect("format"),
        "wpsx views 11 rows-1\n"
    );
    assert!(!dir.path().join("views.set-aside-2").exists());
}

#[test]
fn a_second_opener_is_told_that_the_views_are_in_use() {
    let dir = tempfile::tempdir().expect("dir");
    let _views = Views::open(dir.path()).expect("open");
    assert!(matches!(
        Views::open(dir.path()),
        Err(ViewsError::Table(TableError::InUse))
    ));
}
