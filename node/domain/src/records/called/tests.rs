#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use wpsx_proto::{
    envelope::{Operation, Reason},
    origin::{Audience, Origin, RecordId},
    record::Record,
};
use wpsx_store::{NewEntry, RecordTarget, testing::*};

use super::*;
use crate::{
    access::{Access, NoPeers},
    index::Index,
    records::{Part, Records, testing::with_views},
    work::Wanted,
};

fn record(number: u64, json: &str) -> NewEntry {
    let record = Record::from_json(json).unwrap();
    NewEntry {
        target: RecordTarget::New(id(number)),
        operation: Operation::Publish,
        kind: record.kind().number(),
        payload: Some(record.payload().clone()),
        reason: Reason::Unspecified,
        salt: [7; 32],
    }
}

fn indicator(name: &str, title: &str) -> String {
    format!(
        r#"{{"external_id": "{name}", "title": [{{"language": "en", "text": "{title}"}}], "indicator": {{}}}}"#
    )
}

fn series(indicator: &str) -> String {
    format!(
        r#"{{"title": [{{"language": "en", "text": "Values"}}], "series": {{"indicator": {indicator}}}}}"#
    )
}

/// A log of the audience, with these records.
async fn publish(store: &Opened, audience: Audience, records: Vec<NewEntry>) -> Origin {
    let mut publisher = publisher("a.example");
    publisher.origin = Origin::new(publisher.identity.name(), audience);
    let log = own(store, &publisher);
    store.append(log.origin(), records, None).await.unwrap();
    store.followed(&log).await.unwrap();
    publisher.origin
}

#[tokio::test]
async fn a_series_is_found_by_its_indicator_only_where_that_may_be_seen() {
    let place = Place::on_disk();
    let (store, views) = with_views(&place);
    let hidden = vec![record(1, &indicator("hidden", "Secret seats"))];
    let hidden = publish(&store, Audience::Network, hidden).await;
    let mut all = vec![record(2, &indicator("shown", "Open seats"))];
    let by_name = format!(r#"{{"origin": "{hidden}", "external_id": "hidden"}}"#);
    for (number, of) in (3..).zip([r#"{"external_id": "shown"}"#, by_name.as_str()]) {
        all.push(record(number, &series(of)));
    }
    publish(&store, Audience::Public, all).await;
    let index = Index::new((*store).clone(), views);
    let records = Records::new((*store).clone(), index);
    let access = Access::new((*store).clone(), Arc::new(NoPeers));
    let found = |sight: &Sight, words: &str| -> Vec<RecordId> {
        let question = Question {
            kinds: vec![SERIES],
            title: words.to_owned(),
            ..Question::default()
        };
        let (part, wanted) = (Part::default(), Wanted::default());
        let page = records.list(sight, &question, &part, &wanted).unwrap();
        let count = records.tally(sight, &question, &[], &wanted).unwrap().total;
        assert_eq!(count, page.entries.len() as u64);
        let ids = page
            .entries
            .iter()
            .map(|entry| match Leaf::read(&entry.entry) {
                Leaf::Known(envelope) => envelope.record_id,
                _ => panic!("a leaf that this software wrote"),
            });
        ids.collect()
    };
    let (everybody, operator) = (access.public(), access.of_all());
    for (words, public, all) in [
        ("open", vec![id(3)], vec![id(3)]),
        ("secret", vec![], vec![id(4)]),
        ("secret seats", vec![], vec![id(4)]),
        ("seats", vec![id(3)], vec![id(3), id(4)]),
        ("values", vec![id(3), id(4)], vec![id(3), id(4)]),
        ("shown", vec![], vec![]),
    ] {
        assert_eq!(found(&everybody, words), public, "{words}");
        assert_eq!(found(&operator, words), all, "{words}");
    }
    assert!(found(&Sight::nothing(), "open").is_empty());
}
