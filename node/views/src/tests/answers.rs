//! What is told, of entries that are told of at once.

use super::*;

#[test]
fn an_external_id_given_twice_names_both_records_until_one_loses_it() {
    let views = Views::over(Box::<MemoryTable>::default()).expect("start");
    let named = |log| views.by_external_id(log, "same").expect("name");
    let mut given = Vec::new();
    for (index, number) in [(0, 5), (1, 3), (2, 9)] {
        let mut entry = entry(index, number);
        entry.external_id = Some("same".to_string());
        views.post(0, index, vec![entry]).expect("post");
        given.push(record(number));
        assert_eq!(named(0), given);
    }
    views.flush().expect("flush");
    assert_eq!(named(0), given);
    assert_eq!(named(1), []);
    let mut renamed = entry(3, 5);
    renamed.external_id = Some("other".to_string());
    views.post(0, 3, vec![renamed]).expect("post");
    for _ in 0..2 {
        assert_eq!(named(0), given[1..]);
        views.flush().expect("flush");
    }
}

#[test]
fn oversized_content_is_left_out_and_the_entry_is_not() {
    let views = Views::over(Box::<MemoryTable>::default()).expect("start");
    let mut big = entry(0, 1);
    big.external_id = Some("x".repeat(257));
    big.content = Content::default();
    for country in [
        String::new(),
        "A\0".to_owned(),
        "A".repeat(201),
        "A".repeat(200),
    ] {
        big.content.value("country", &country);
    }
    views.post(0, 0, vec![big]).expect("post");
    for _ in 0..2 {
        assert_eq!(views.by_external_id(0, &"x".repeat(257)).expect("name"), []);
        let list = |country: &str| {
            let filter = countries(&[country]);
            views.list(&logs([0]), &filter, None, 9).expect("list")
        };
        assert_eq!(list(&"A".repeat(200)), [(0, 0)]);
        assert!(list(&"A".repeat(201)).is_empty());
        assert!(list("").is_empty());
        assert_eq!(views.counts(0).expect("counts").records, 1);
        views.flush().expect("flush");
    }
}

#[test]
fn entries_that_leave_a_gap_are_refused() {
    let views = Views::over(Box::<MemoryTable>::default()).expect("start");
    views
        .post(0, 0, vec![entry(0, 1), entry(1, 2)])
        .expect("post");
    assert!(matches!(
        views.post(0, 3, vec![entry(3, 3)]),
        Err(ViewsError::Gap {
            posted: 2,
            start: 3,
            ..
        })
    ));
    assert!(matches!(
        views.post(0, 2, vec![entry(2, 3), entry(4, 4)]),
        Err(ViewsError::OutOfOrder { index: 4, .. })
    ));
    views.post(0, 0, vec![entry(0, 1)]).expect("already there");
    assert_eq!(views.position(0), 2);
}

#[test]
fn paging_beside_a_writer_shows_no_record_twice_and_misses_none_that_stays() {
    let dir = tempfile::tempdir().expect("dir");
    let views = Views::open(dir.path()).expect("open");
    let first: Vec<ViewEntry> = (0..2000).map(|n| entry(n, n)).collect();
    views.post(0, 0, first).expect("post");
    // Revises every second of the first thousand, and adds new ones.
    let number = |index: u64| match index {
        ..2000 => index,
        _ if index.is_multiple_of(4) => (index % 1000) / 2 * 2,
        _ => index,
    };
    let writer = {
        let views = views.clone();
        std::thread::spawn(move || {
            for index in 2000..6000 {
                views
                    .post(0, index, vec![entry(index, number(index))])
                    .expect("post");
                if index % 500 == 0 {
                    views.flush().expect("flush");
                }
            }
        })
    };
    while !writer.is_finished() {
        let seen = page_through(&views, &logs([0]), &Filter::default(), 37);
        assert!(seen.windows(2).all(|pair| pair[0] < pair[1]));
        let seen: BTreeSet<u64> = seen.into_iter().map(|(_, index)| index).collect();
        for stays in 1000..2000 {
            assert!(seen.contains(&stays));
        }
        for odd in (1..1000).step_by(2) {
            assert!(seen.contains(&odd));
        }
        // What was revised meanwhile was seen before or after, or both.
        let records: BTreeSet<u64> = seen.into_iter().map(number).collect();
        for revised in (0..1000).step_by(2) {
            assert!(records.contains(&revised), "{revised}");
        }
    }
    writer.join().expect("writer");
    views.flush().expect("flush");
    assert_eq!(
        page_through(&views, &logs([0]), &Filter::default(), 999).len() as u64,
        views.counts(0).expect("counts").records
    );
}

#[test]
fn who_asks_no_log_is_told_nothing() {
    let views = Views::over(Box::<MemoryTable>::default()).expect("start");
    views.post(0, 0, vec![entry(0, 1)]).expect("post");
    views.post(1, 0, vec![entry(0, 1)]).expect("post");
    let everything = Filter {
        include_withdrawn: true,
        ..Filter::default()
    };
    for (asked, told) in [(logs([]), vec![]), (logs([1, 7]), vec![(1, 0)])] {
        let listed = views.list(&asked, &everything, None, 9).expect("list");
        assert_eq!(listed, told);
        let found = views.find(&asked, &record(1)).expect("find");
        let found: Vec<_> = found.into_iter().map(|(log, l)| (log, l.index)).collect();
        assert_eq!(found, told);
    }
}

#[test]
fn the_newest_entry_decides_whatever_its_operation_is() {
    let views = Views::over(Box::<MemoryTable>::default()).expect("start");
    let operations = (2..=8).chain([99]).map(Operation::from);
    let mut next = 0;
    let mut post = |number: u64, operation: Operation| {
        let mut entry = entry(next, number);
        entry.operation = operation;
        views.post(0, next, vec![entry]).expect("post");
        next += 1;
        next - 1
    };
    for (number, operation) in (0..).zip(operations) {
        post(number, Operation::Publish);
        let ended = post(number, operation);
        for _ in 0..2 {
            let latest = views.latest(0, &record(number)).expect("latest");
            let latest = latest.expect("known");
            assert_eq!(
                (latest.index, latest.current),
                (ended, false),
                "{operation}"
            );
            assert_eq!(
                views.counts(0).expect("counts").records,
                number,
                "{operation}"
            );
            views.flush().expect("flush");
        }
        let again = post(number, Operation::Publish);
        let latest = views.latest(0, &record(number)).expect("latest");
        let latest = latest.expect("known");
        assert_eq!((latest.index, latest.current), (again, true), "{operation}");
    }
}
