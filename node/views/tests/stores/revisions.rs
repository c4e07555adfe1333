//! The store numbers revisions by what the views say, also when they were lost.

use super::*;

#[tokio::test]
async fn revisions_link_to_the_newest_entry_whether_the_views_know_it_or_were_lost() {
    let place = Place::on_disk();
    let publisher = publisher("eu.example");
    let (store, views) = open(&place);
    let log = own(&store, &publisher);
    let existing = |n| publish(RecordTarget::Existing(id(1)), n);
    let batch = vec![new(1), existing(2), existing(3)];
    store.append(&publisher.origin, batch, None).await.unwrap();
    store.followed(&log).await.unwrap();
    assert_eq!(
        views.latest(log.number(), &id(1)).unwrap().unwrap().index,
        2
    );
    store.close().unwrap();
    let (store, _views) = open(&place);
    let batch = vec![existing(4)];
    let fourth = store.append(&publisher.origin, batch, None).await.unwrap();
    assert_eq!(fourth.entries[0].1.previous, Some(LeafIndex::new(2)));
    store.close().unwrap();
    std::fs::remove_dir_all(place.path().join("views")).unwrap();
    let (store, _views) = open(&place);
    let batch = vec![existing(5)];
    let fifth = store.append(&publisher.origin, batch, None).await.unwrap();
    assert_eq!(fifth.entries[0].1.previous, Some(LeafIndex::new(3)));
    assert_eq!(fifth.entries[0].1.revision, 5);
}
