//! Of what was erased, the views keep nothing either.

use prost::Message as _;
use wpsx_proto::api::record::v1::{
    Date, PublishedDocument, Record, RecordReference, Relation, Text, record::Body,
};
use wpsx_words::{Language, sort_key};

use super::*;

const RECORD: u64 = 5;

/// No file of the store holds the bytes.
fn nowhere(place: &Place, needle: &[u8]) {
    assert_eq!(holding(&place.path(), needle), Vec::<PathBuf>::new());
}

/// A record that the views can read, with words of its own.
fn telling(n: u64, words: &str, country: &str) -> NewEntry {
    let title = Text {
        language: "en".to_owned(),
        text: format!("Title {words}"),
        ..Text::default()
    };
    let record = Record {
        external_id: format!("id-{words}"),
        title: vec![title],
        countries: vec![country.to_owned()],
        themes: vec![format!("theme-{words}")],
        date: Some(Date {
            value: format!("{}", 1_901 + n % 90),
            ..Date::default()
        }),
        relations: vec![Relation {
            record: Some(RecordReference {
                record_id: vec![0xEE; 16].into(),
                external_id: format!("to-{words}"),
                ..RecordReference::default()
            }),
            ..Relation::default()
        }],
        body: Some(Body::Document(PublishedDocument {
            family: Some(RecordReference {
                external_id: format!("head-{words}"),
                ..RecordReference::default()
            }),
            ..PublishedDocument::default()
        })),
        ..Record::default()
    };
    NewEntry {
        kind: 9,
        payload: Some(record.encode_to_vec().into()),
        ..new(n)
    }
}

/// The journal, the bundles, the views, and what lies beside them.
#[tokio::test]
async fn no_file_holds_a_word_of_an_erased_record_at_its_publisher_and_at_a_replica() {
    let (a, b) = (Place::on_disk(), Place::on_disk());
    let publisher = publisher("eu.example");
    let ((from, from_views), (to, to_views)) = (open(&a), open(&b));
    let (log, copy) = (own(&from, &publisher), replica(&to, &publisher));
    let append = |batch| from.append(&publisher.origin, batch, None);
    let mut batch: Vec<_> = (0..400)
        .map(|n| telling(n, &format!("plain-{n}"), "KEN"))
        .collect();
    batch[RECORD as usize] = telling(RECORD, "secret-one", "QZX");
    append(batch).await.unwrap();
    pull(&log, &to, &copy).await;
    for (views, log) in [(&from_views, &log), (&to_views, &copy)] {
        wait(|| views.position(log.number()) == 400).await;
        views.flush().unwrap();
    }
    let revised = NewEntry {
        target: RecordTarget::Existing(id(RECORD)),
        ..telling(RECORD, "secret-two", "QZY")
    };
    append(vec![revised]).await.unwrap();
    pull(&log, &to, &copy).await;
    // Of facets, words of titles, titles in order, heads of families.
    let titles =
        ["title secret one", "title secret two"].map(|title| sort_key(Language::English, title));
    let words: [&[u8]; 9] = [
        b"secret-one",
        b"secret-two",
        b"\x05country\0QZX",
        b"\x05country\0QZY",
        b"theme\0theme-secret-one",
        b"\x06secret",
        &titles[0],
        &titles[1],
        b"head-secret-one",
    ];
    for (store, views, place, log) in [(&from, &from_views, &a, &log), (&to, &to_views, &b, &copy)]
    {
        wait(|| views.position(log.number()) == 401).await;
        store.settle().await.unwrap();
        views.flush().unwrap();
        for words in words {
            let found = holding(&place.path().join("views"), words);
            assert!(!found.is_empty(), "else this shows nothing");
        }
    }

    append(vec![without_payload(RECORD, Operation::Erase)])
        .await
        .unwrap();
    from.leave_no_trace().await.unwrap();
    for words in words {
        nowhere(&a, words);
    }
    // A replica does it by itself.
    pull(&log, &to, &copy).await;
    for words in words {
        wait(|| holding(&b.path(), words).is_empty()).await;
    }
    for (store, views, place, log) in [(&from, &from_views, &a, &log), (&to, &to_views, &b, &copy)]
    {
        check(store, log);
        assert_eq!(views.counts(log.number()).unwrap().records, 399);
        let kept = views.by_external_id(log.number(), "id-plain-7");
        assert_eq!(kept.unwrap(), [id(7)]);
        // Nor is it found again by a new start.
        store.close().unwrap();
        let (store, _views) = open(place);
        store.leave_no_trace().await.unwrap();
        for words in words {
            nowhere(place, words);
        }
    }
}
