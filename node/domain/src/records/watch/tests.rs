#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::sync::atomic::{AtomicUsize, Ordering};

use wpsx_client::tls::TlsKeyHash;
use wpsx_proto::origin::{Audience, Origin};
use wpsx_store::testing::*;

use super::*;
use crate::{
    access::{Access, Membership},
    index::Index,
    records::{Records, testing::with_views},
};

/// Says that everybody is a peer, and counts how often it is asked: once for each log of the
/// network that somebody looks at.
#[derive(Default)]
struct Asked(AtomicUsize);

impl Membership for Asked {
    fn is_peer(&self, _: &TlsKeyHash) -> bool {
        self.0.fetch_add(1, Ordering::SeqCst);
        true
    }
}

/// How many logs each of two watches of a store with so many looks at for one change.
async fn looked_at(logs: usize) -> [usize; 2] {
    let place = Place::on_disk();
    let (store, views) = with_views(&place);
    let mut all = Vec::new();
    for number in 0..logs {
        let mut publisher = publisher(&format!("p{number}.example"));
        publisher.origin = Origin::new(publisher.identity.name(), Audience::Network);
        all.push(own(&store, &publisher));
    }
    let index = Index::new((*store).clone(), views);
    let records = Records::new((*store).clone(), index);
    let members = Arc::new(Asked::default());
    let access = Access::new((*store).clone(), members.clone());
    let sight = access.of_key(TlsKeyHash::from_bytes([7; 32]));
    let mut watches = [(); 2].map(|()| {
        let watch = records.watch(sight.clone(), Question::default(), None);
        watch.unwrap()
    });
    let changed = all.last().unwrap();
    store
        .append(changed.origin(), vec![new(1)], None)
        .await
        .unwrap();
    let mut counts = [0; 2];
    for (watch, count) in watches.iter_mut().zip(&mut counts) {
        let before = members.0.load(Ordering::SeqCst);
        let told = watch.next(&Allowance::default()).await.unwrap().unwrap();
        assert_eq!(told.0.origin, *changed.origin());
        *count = members.0.load(Ordering::SeqCst) - before;
    }
    counts
}

#[tokio::test]
async fn what_a_change_costs_each_watcher_does_not_grow_with_the_number_of_logs() {
    let few = looked_at(1).await;
    assert!(few.iter().all(|count| *count > 0), "it is counted: {few:?}");
    assert_eq!(looked_at(200).await, few);
}
