//! What was erased answers to nothing and is in no file.

use super::*;

#[test]
fn what_was_erased_answers_to_nothing() {
    let table = Lasting::default();
    let views = Views::over(Box::new(table.clone())).expect("start");
    let mut published = entry(0, 1);
    published.external_id = Some("wps:1".to_string());
    views.post(0, 0, vec![published.clone()]).expect("post");
    assert_eq!(views.by_external_id(0, "wps:1").expect("name"), [record(1)]);
    views.flush().expect("flush");
    assert_eq!(views.by_external_id(0, "wps:1").expect("name"), [record(1)]);

    let mut erase = entry(1, 1);
    erase.operation = Operation::Erase;
    erase.state = SlotState::None;
    erase.content = Content::default();
    views.post(0, 1, vec![erase]).expect("post");
    published.state = SlotState::Erased;
    published.content = Content::default();
    published.external_id = None;
    views.refill(0, vec![published]).expect("refill");
    assert_eq!(views.by_external_id(0, "wps:1").expect("name"), []);
    views.leave_no_trace().expect("no trace");
    assert_eq!(views.by_external_id(0, "wps:1").expect("name"), []);
    assert!(
        !views
            .latest(0, &record(1))
            .expect("latest")
            .expect("known")
            .current
    );

    // Not a trace of its content is left in the table.
    table
        .scan(&[0], &[255], &mut |key, value| {
            let row = [key, value].concat();
            assert!(!row.windows(5).any(|part| part == b"wps:1"));
            assert!(!row.windows(2).any(|part| part == b"AL"));
            ControlFlow::Continue(())
        })
        .expect("scan");
}

#[test]
fn what_was_erased_is_in_no_file_even_after_a_crash() {
    let stays = |index: u64| index % 1000 == 999;
    let name = |index: u64| {
        format!(
            "{}-{index:04}",
            if stays(index) { "kept" } else { "secret" }
        )
    };
    for crash in [false, true] {
        let dir = tempfile::tempdir().expect("dir");
        let mut views = Views::open(dir.path()).expect("open");
        // Enough for several blocks, most of which begin with an id that goes.
        let mut entries: Vec<ViewEntry> = (0..3000).map(|index| entry(index, index)).collect();
        for entry in &mut entries {
            entry.external_id = Some(name(entry.index));
            let country = if stays(entry.index) { "AL" } else { "HIDDEN" };
            entry.content = of_country(country);
        }
        views.post(3, 0, entries.clone()).expect("post");
        views.flush().expect("flush");
        for words in ["secret-", "HIDDEN"] {
            assert!(holding(dir.path(), words) > 0, "else this shows nothing");
        }

        entries.retain(|entry| !stays(entry.index));
        for entry in &mut entries {
            entry.state = SlotState::Erased;
            entry.content = Content::default();
            entry.external_id = None;
        }
        views.refill(3, entries).expect("refill");
        if crash {
            // Before the thread had any reason to write; the store hands in again
            // what it finds, and a copy that was not finished lies there.
            drop(views);
            fs::create_dir(dir.path().join("rows-2")).expect("folder");
            fs::write(dir.path().join("rows-2").join("db"), "secret-").expect("write");
            views = Views::open(dir.path()).expect("open");
            for (log, index) in views.unsettled() {
                let mut gone = entry(index, index);
                gone.state = SlotState::Erased;
                gone.content = Content::default();
                views.refill(log, vec![gone]).expect("refill");
            }
        }
        views.leave_no_trace().expect("copied");
        for words in ["secret-", "HIDDEN"] {
            assert_eq!(holding(dir.path(), words), 0, "{words}, crash: {crash}");
        }
        drop(views);
        let views = Views::open(dir.path()).expect("open");
        assert_eq!(views.position(3), 3000);
        assert_eq!(views.counts(3).expect("counts").records, 3000);
        for index in [0, 998, 999, 1000, 2999] {
            let found = views.by_external_id(3, &name(index)).expect("name");
            assert_eq!(found.len(), usize::from(stays(index)), "{index}");
        }
    }
}

/// The step was written and the process died before the table was copied.
#[test]
fn a_copy_that_is_owed_is_made_after_the_next_start() {
    let dir = tempfile::tempdir().expect("dir");
    let views = Views::open(dir.path()).expect("open");
    let mut published = entry(0, 1);
    published.external_id = Some("secret".to_string());
    views.post(0, 0, vec![published]).expect("post");
    views.flush().expect("flush");
    views.forget(0).expect("forget");
    drop(views);
    // As a crash leaves it, whatever the thread had time for.
    fs::write(dir.path().join("stale"), "").expect("mark");
    let rows = |dir: &Path| {
        let format = fs::read_to_string(dir.join("format")).expect("format");
        format.rsplit(' ').next().map(str::to_owned)
    };
    let before = rows(dir.path());
    let views = Views::open(dir.path()).expect("open");
    views.leave_no_trace().expect("copied");
    assert_ne!(rows(dir.path()), before);
    assert!(!dir.path().join("stale").exists());
    assert_eq!(holding(dir.path(), "secret"), 0);
}

#[test]
fn an_erasure_that_nobody_waits_for_is_copied_when_the_last_copy_has_paid() {
    let dir = tempfile::tempdir().expect("dir");
    let views = Views::open(dir.path()).expect("open");
    views
        .post(0, 0, (0..20).map(|index| entry(index, index)).collect())
        .expect("post");
    let erase = |index: u64| {
        let mut erased = entry(index, index);
        erased.state = SlotState::Erased;
        erased.content = Content::default();
        views.refill(0, vec![erased]).expect("refill");
        views.flush().expect("flush");
    };
    erase(3);
    views.leave_no_trace().expect("copy");
    let shared = &views.poster.shared;
    // As if that had taken five seconds.
    shared.gate().copying.ended(0, 5_000);
    erase(4);
    assert!(shared.gate().stale && shared.gate().copying.wait(0).is_some());
    // Who waits for it does not wait that long.
    views.leave_no_trace().expect("copy");
    assert!(!shared.gate().stale);
}
