//! What is told by what payloads say.

use super::*;

/// All that match, by log and index.
fn list(views: &Views, filter: &Filter) -> Vec<(u32, u64)> {
    views.list(&logs([0]), filter, None, 99).expect("list")
}

fn withdrawn(index: u64, number: u64) -> ViewEntry {
    let mut entry = entry(index, number);
    entry.operation = Operation::Withdraw;
    entry.state = SlotState::None;
    entry.content = Content::default();
    entry
}

#[test]
fn a_withdrawn_record_is_found_by_what_it_was_last_however_often_it_was_withdrawn() {
    let table = Lasting::default();
    for flushes in 0..8 {
        let views = Views::over(Box::new(Lasting::default())).expect("start");
        let mut revised = entry(1, 7);
        revised.content = of_country("BA");
        for (place, entry) in [entry(0, 7), revised, withdrawn(2, 7), withdrawn(3, 7)]
            .into_iter()
            .enumerate()
        {
            views.post(0, place as u64, vec![entry]).expect("post");
            if flushes & (1 << place) != 0 {
                views.flush().expect("flush");
            }
        }
        let mut filter = countries(&["BA"]);
        assert_eq!(list(&views, &filter), []);
        filter.include_withdrawn = true;
        assert_eq!(list(&views, &filter), [(0, 3)]);
        let tally = views.tally(&logs([0]), &filter, &["country".to_owned()], &|| true);
        let tally = tally.expect("tally").expect("wanted");
        assert_eq!(tally.facets["country"], [("BA".to_owned(), 1)].into());
        filter.values = [("country".to_owned(), vec!["AL".to_owned()])].into();
        assert_eq!(list(&views, &filter), [], "it was that once");
        assert_eq!(views.stood(0, &record(7), 3).expect("stood"), Some(1));
    }
    drop(table);
}

#[test]
fn an_entry_that_is_told_of_again_keeps_the_time_at_which_it_was_seen_first() {
    let views = Views::over(Box::<MemoryTable>::default()).expect("start");
    let mut early = entry(0, 1);
    early.change = 500;
    early.state = SlotState::NotHeld;
    early.content = Content::default();
    views.post(0, 0, vec![early.clone()]).expect("post");
    views.flush().expect("flush");
    early.state = SlotState::Full;
    early.content = of_country("AL");
    early.change = 900;
    views.refill(0, vec![early]).expect("refill");
    for _ in 0..2 {
        let since = |time| Filter {
            changed_since: Some(time),
            ..Filter::default()
        };
        assert_eq!(list(&views, &since(501)), []);
        assert_eq!(list(&views, &since(500)), [(0, 0)]);
        views.flush().expect("flush");
    }
}

#[test]
fn a_publisher_that_says_as_much_as_it_can_is_kept_within_bounds() {
    let mut content = Content::default();
    for n in 0..5_000 {
        content.value("theme", &format!("theme-{n}"));
        content.title(&format!("word-{n} other-{n}"));
        content.refers_to(&Reference::Record(record(n)));
    }
    assert!(content.sets().count() <= 1_500);
    content.member_of(&Reference::Named {
        origin: "o".repeat(600),
        external_id: "x".to_owned(),
    });
    assert!(content.keys(0).weight() < 1_000);
}

#[test]
fn counts_that_are_kept_are_those_of_all_records_after_every_change() {
    let views = Views::over(Box::<MemoryTable>::default()).expect("start");
    let facets = ["country".to_owned()];
    let counted = |expected: &[(&str, u64)]| {
        for _ in 0..2 {
            let tally = views.tally(&logs([0]), &Filter::default(), &facets, &|| true);
            let tally = tally.expect("tally").expect("wanted");
            let expected = expected
                .iter()
                .map(|(code, count)| (code.to_string(), *count));
            assert_eq!(tally.facets["country"], expected.collect());
        }
    };
    views
        .post(0, 0, vec![entry(0, 1), entry(1, 2)])
        .expect("post");
    counted(&[("AL", 2)]);
    views.flush().expect("flush");
    counted(&[("AL", 2)]);
    let mut revised = entry(2, 1);
    revised.content = of_country("BA");
    views.post(0, 2, vec![revised]).expect("post");
    counted(&[("AL", 1), ("BA", 1)]);
    views.flush().expect("flush");
    counted(&[("AL", 1), ("BA", 1)]);
    views.post(0, 3, vec![withdrawn(3, 2)]).expect("post");
    counted(&[("BA", 1)]);
    views.flush().expect("flush");
    counted(&[("BA", 1)]);
    views.forget(0).expect("forget");
    counted(&[]);
}
