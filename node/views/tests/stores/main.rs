//! The views as the record index of a store: what is stored is told of, and what is
//! erased is gone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod erase;
mod lists;
mod revisions;

use std::path::PathBuf;

use bytes::Bytes;
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    envelope::{Operation, Reason},
    index::{LeafIndex, TreeSize},
    package::{Package, VerifiedPackage, prove_package, runs},
    payload::SlotState,
};
use wpsx_store::{Followers, LogHandle, NewEntry, RecordTarget, Store, testing::*};
use wpsx_views::{Filter, Views};

/// Opens the store of a place with views.
fn open(place: &Place) -> (Opened, Views) {
    let mut opened = None;
    let store = place.open_with(|folder| {
        let views = Views::of(folder)?;
        opened = Some(views.clone());
        Ok(Followers::only(views))
    });
    (store.unwrap(), opened.unwrap())
}

#[tokio::test]
async fn the_views_follow_what_is_stored() {
    let (a, b) = (Place::on_disk(), Place::on_disk());
    let publisher = publisher("eu.example");
    let ((from, _), (to, views)) = (open(&a), open(&b));
    let (own, copy) = (own(&from, &publisher), replica(&to, &publisher));
    let batch = (0..300).map(new).collect();
    from.append(own.origin(), batch, None).await.unwrap();
    pull(&own, &to, &copy).await;
    to.followed(&copy).await.unwrap();
    assert_eq!(views.position(copy.number()), 300);
    let latest = views.latest(copy.number(), &id(299)).unwrap().unwrap();
    assert_eq!((latest.index, latest.revision), (299, 1));
    let counts = views.counts(copy.number()).unwrap();
    assert_eq!(counts.records, 300);
    to.reindex(|_, _| {}).unwrap();
    assert_eq!(views.counts(copy.number()).unwrap().records, 300);
}
