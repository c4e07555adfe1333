//! A text, its translations and its annexes, told once.

use super::*;

/// An entry whose record has this external id, and is a part of the family of another.
fn text(index: u64, name: &str, head: Option<Reference>) -> ViewEntry {
    let mut entry = entry(index, index);
    entry.external_id = Some(name.to_owned());
    if let Some(head) = head {
        entry.content.member_of(&head);
    }
    entry
}

fn named(origin: &str, name: &str) -> Option<Reference> {
    Some(Reference::Named {
        origin: origin.to_owned(),
        external_id: name.to_owned(),
    })
}

#[test]
fn a_family_counts_once_within_a_log_and_across_logs() {
    let views = Views::over(Box::<MemoryTable>::default()).expect("start");
    let mut annex = text(2, "annex", Some(Reference::Record(record(0))));
    annex.content.value("language", "fr");
    let first = vec![
        text(0, "plan", None),
        text(1, "plan-fr", named("", "plan")),
        annex,
        // Both are parts of what is nowhere.
        text(3, "lost-1", named("gone.example/wpsx/public", "lost")),
        text(4, "lost-2", named("gone.example/wpsx/public", "lost")),
        // Each says that it is a part of the other.
        text(5, "round-1", named("", "round-2")),
        text(6, "round-2", named("", "round-1")),
    ];
    let mut other = text(0, "plan-ar", named("a.example/wpsx/public", "plan"));
    other.record_id = record(70);
    views.post(1, 0, first).expect("post");
    views.post(2, 0, vec![other]).expect("post");
    let mut filter = Filter {
        families_once: true,
        origins: [("a.example/wpsx/public".to_owned(), 1)].into(),
        ..Filter::default()
    };
    for _ in 0..2 {
        let list = |filter: &Filter, logs: &Logs| {
            let tally = views.tally(logs, filter, &[], &|| true).expect("tally");
            let listed = views.list(logs, filter, None, 99).expect("list");
            assert_eq!(tally.map(|tally| tally.total), Some(listed.len() as u64));
            listed
        };
        let both = logs([1, 2]);
        assert_eq!(list(&filter, &both), [(1, 0), (1, 3), (1, 5)]);
        // Who cannot see the head sees the part.
        assert_eq!(list(&filter, &logs([2])), [(2, 0)]);
        // Where the head does not match, the part does that matches.
        filter.values = [("language".to_owned(), vec!["fr".to_owned()])].into();
        assert_eq!(list(&filter, &both), [(1, 2)]);
        filter.values.clear();
        views.flush().expect("flush");
    }
    let mut gone = entry(7, 0);
    gone.operation = Operation::Withdraw;
    gone.content = Content::default();
    views.post(1, 7, vec![gone]).expect("post");
    let listed = views.list(&logs([1, 2]), &filter, None, 99).expect("list");
    assert_eq!(
        listed.len(),
        5,
        "parts that refer to their head by other names: {listed:?}"
    );
}
