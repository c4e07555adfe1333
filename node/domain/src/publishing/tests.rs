#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::sync::atomic::{AtomicU32, Ordering};

use futures::FutureExt as _;
use wpsx_client::clock::Clock;
use wpsx_proto::{
    note::NoteSigner,
    origin::{Origin, PublisherName},
    record::Record,
};
use wpsx_store::{
    FollowError, Follower, Followers, Newest, RecordIndex, StoreOptions, StoredEntry,
    testing::{Place, new, nonce, own, publisher, pull, replica},
};
use wpsx_views::Views;

use super::*;
use crate::access::{Access, NoPeers};

/// Views that take nothing of one log.
#[derive(Clone)]
struct Without {
    views: Arc<dyn RecordIndex>,
    log: Arc<AtomicU32>,
}

impl Follower for Without {
    fn name(&self) -> &'static str {
        self.views.name()
    }

    fn position(&self, log: u32) -> u64 {
        self.views.position(log)
    }

    fn unsettled(&self) -> Vec<(u32, u64)> {
        self.views.unsettled()
    }

    fn post(&self, log: u32, start: u64, entries: &[StoredEntry]) -> Result<(), FollowError> {
        match log == self.log.load(Ordering::SeqCst) {
            true => Err(FollowError::new("not this one")),
            false => self.views.post(log, start, entries),
        }
    }

    fn refill(&self, log: u32, entries: &[StoredEntry]) -> Result<(), FollowError> {
        self.views.refill(log, entries)
    }

    fn forget(&self, log: u32) -> Result<(), FollowError> {
        self.views.forget(log)
    }

    fn leave_no_trace(&self) -> Result<(), FollowError> {
        self.views.leave_no_trace()
    }

    fn flush(&self) -> Result<(), FollowError> {
        self.views.flush()
    }

    fn close(&self) -> Result<(), FollowError> {
        self.views.close()
    }
}

impl RecordIndex for Without {
    fn newest(&self, log: u32, record: &RecordId) -> Result<Option<Newest>, FollowError> {
        self.views.newest(log, record)
    }
}

/// Keys that are made from the names.
struct Made;

impl PublisherKeys for Made {
    fn make(&self, name: &PublisherName) -> Result<NoteSigner, NodeError> {
        Ok(publisher(name.as_str()).signer)
    }

    fn keep(&self, _: &PublisherName) -> Result<(), NodeError> {
        Ok(())
    }

    fn kept(&self) -> Result<Vec<NoteSigner>, NodeError> {
        Ok(Vec::new())
    }
}

/// All may be signed.
struct Open;

impl MaySign for Open {
    fn settle(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }

    fn refusal(&self, _: &Origin) -> Option<NodeError> {
        None
    }
}

#[tokio::test]
async fn a_command_that_changes_one_record_does_not_wait_for_the_logs_of_others() {
    let place = Place::on_disk();
    let folder = place.folder().unwrap();
    let views = Views::of(&folder).unwrap();
    let follower = Without {
        views: Arc::new(views.clone()),
        log: Arc::new(AtomicU32::new(u32::MAX)),
    };
    let options = StoreOptions::new(Arc::new(|| 1_700_000_000_000), Arc::new(nonce));
    let followers = Followers::only(follower.clone());
    let (store, appender) = Store::open(folder, options, followers).unwrap();
    let index = Index::new(store.clone(), views);
    let publishers = Publishers::new(store.clone(), Arc::new(Made), Clock::system());
    publishers.create("own.example", "Its own", &[]).unwrap();
    let publishing = Publishing::new(PublishingParts {
        store: store.clone(),
        appender,
        index: index.clone(),
        publishers,
        erased_names: Arc::new(ErasedNames::open(store.state().clone(), [7; 32]).unwrap()),
        gate: Arc::new(Open),
        random: Random::seeded(7),
    });

    // The copy of another's log stands behind: who waits for it is told so.
    let elsewhere = Place::new();
    let (from, far) = (elsewhere.open(), publisher("far.example"));
    let theirs = own(&from, &far);
    from.append(theirs.origin(), (0..300).map(new).collect(), None)
        .await
        .unwrap();
    let copy = replica(&store, &far);
    follower.log.store(copy.number(), Ordering::SeqCst);
    pull(&theirs, &store, &copy).await;
    let all = Access::new(store.clone(), Arc::new(NoPeers)).of_all();
    assert!(index.settled_in(&all).await.is_err());

    let draft = |title: &str| {
        let json = format!(
            r#"{{"title": [{{"language": "en", "text": "{title}"}}], "good_practice": {{}}}}"#
        );
        let record = Record::from_json(&json).unwrap();
        Draft {
            kind: record.kind().number(),
            payload: record.payload().clone(),
            ..Draft::default()
        }
    };
    let drafts = ["one", "two"].map(draft).to_vec();
    let done = publishing.publish(Batch::default(), drafts).await.unwrap();
    let ids = done.records.iter().map(|it| it.record_id.unwrap());
    let operations = [Operation::Withdraw, Operation::Erase];
    for (id, operation) in ids.zip(operations) {
        let retired = publishing.retire(operation, &id, Reason::Mistake, "").await;
        assert!(!retired.unwrap().0.unchanged, "{operation:?}");
    }
    assert!(
        index.settled_in(&all).await.is_err(),
        "it stands behind still"
    );
}
