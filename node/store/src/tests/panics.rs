//! A thread that ends in a panic stops the store with a sentence: nobody waits for ever,
//! nothing more is taken, and a new start finds all that was acknowledged.

use std::sync::{Arc, atomic::AtomicBool};

use super::*;

/// As long as anybody may have to wait.
const BOUND: Duration = Duration::from_secs(20);

async fn soon<T>(future: impl Future<Output = T>) -> T {
    let answer = tokio::time::timeout(BOUND, future).await;
    answer.expect("nobody waits for ever")
}

/// All calls are refused with the sentence that was told to who runs the store.
async fn is_stopped(store: &Opened, what: &str) {
    let told = soon(store.stopped()).await;
    for part in [what, "ended in a panic", "start the node again"] {
        assert!(told.contains(part), "{part:?} is not in {told:?}");
    }
    assert_eq!(soon(store.stopped()).await, told);
    let publisher = publisher("eu.example");
    let refused = [
        soon(store.append(&publisher.origin, vec![new(9_999)], None))
            .await
            .map(drop),
        soon(store.settle()).await,
        soon(store.leave_no_trace()).await,
        store.drop_replica(&publisher.origin),
    ];
    for refused in refused {
        let error = refused.unwrap_err().to_string();
        assert!(
            error.contains(&told) || error.contains("is our own"),
            "{error}"
        );
    }
    assert_eq!(store.read_only().unwrap(), told);
    let closing = store.clone();
    let closed = tokio::task::spawn_blocking(move || closing.close());
    assert!(soon(closed).await.unwrap().is_err());
}

#[tokio::test]
async fn a_committer_that_panics_answers_who_waits_and_stops_the_store() {
    let mut place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    own(&store, &publisher);
    let batch = (0..300).map(new).collect();
    store.append(&publisher.origin, batch, None).await.unwrap();
    place.memory().panic_at("journal/");
    let waiting: Vec<_> = (0..5)
        .map(|n| {
            let (store, origin) = (store.clone(), publisher.origin.clone());
            tokio::spawn(async move { store.append(&origin, vec![new(1_000 + n)], None).await })
        })
        .collect();
    for waiting in waiting {
        let error = soon(waiting).await.unwrap().unwrap_err();
        assert!(
            matches!(error, StoreError::Stopped(_) | StoreError::Closed),
            "{error}"
        );
    }
    is_stopped(&store, "writes the journal").await;
    drop(store);
    place = place.copy();
    let store = place.open();
    let log = store.log(&publisher.origin).unwrap();
    assert_eq!(log.stored().value(), 300);
    check(&store, &log);
}

/// The clock is whoever opens the store's; one that panics is no reason to wait.
#[tokio::test]
async fn a_panic_while_nothing_is_asked_stops_the_store_too() {
    let place = Place::new();
    let broken = Arc::new(AtomicBool::new(false));
    let clock = {
        let broken = broken.clone();
        Arc::new(move || match broken.load(Ordering::SeqCst) {
            true => panic!("no time"),
            false => START,
        })
    };
    let options = StoreOptions::new(clock, Arc::new(nonce));
    let followers = Followers::only(MemoryIndex::default());
    let (store, _appender) = Store::open(place.folder().unwrap(), options, followers).unwrap();
    broken.store(true, Ordering::SeqCst);
    let told = soon(store.stopped()).await;
    assert!(told.contains("no time"), "{told}");
    assert!(matches!(
        soon(store.settle()).await,
        Err(StoreError::Stopped(_))
    ));
}

#[tokio::test]
async fn a_poster_that_panics_answers_who_waits_and_stops_the_store() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    place.memory().panic_at(&log.inner.dir);
    let batch = (0..300).map(new).collect();
    store.append(&publisher.origin, batch, None).await.unwrap();
    assert!(soon(store.settle()).await.is_err());
    is_stopped(&store, "writes files").await;
    drop((store, log));
    let store = place.copy().open();
    let log = store.log(&publisher.origin).unwrap();
    assert_eq!(log.stored().value(), 300);
    check(&store, &log);
}

#[tokio::test]
async fn a_thread_that_tells_a_follower_and_panics_stops_the_store() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    own(&store, &publisher);
    let batch = (0..300).map(new).collect();
    store.append(&publisher.origin, batch, None).await.unwrap();
    store.close().unwrap();
    // What was told before is told again, from the files.
    let place = place.without_index();
    let log = format!("{}/tile/entries/000", log_dir(&place));
    place.memory().panic_at(&log);
    let store = place.open();
    let log = store.log(&publisher.origin).unwrap();
    assert!(soon(store.followed(&log)).await.is_err());
    is_stopped(&store, "tells a follower").await;
}

fn log_dir(place: &Place) -> String {
    let name = place.names("logs/").remove(0);
    let (dir, _) = name.strip_prefix("logs/").unwrap().split_once('/').unwrap();
    format!("logs/{dir}")
}

#[tokio::test]
async fn a_follower_that_panics_is_told_to_who_runs_the_store_which_goes_on_until_then() {
    struct Broken(MemoryIndex);

    impl Follower for Broken {
        fn name(&self) -> &'static str {
            "others"
        }
        fn position(&self, log: u32) -> u64 {
            self.0.position(log)
        }
        fn unsettled(&self) -> Vec<(u32, u64)> {
            self.0.unsettled()
        }
        fn post(&self, _: u32, _: u64, _: &[StoredEntry]) -> Result<(), FollowError> {
            Err(FollowError::last("their thread ended in a panic"))
        }
        fn refill(&self, _: u32, _: &[StoredEntry]) -> Result<(), FollowError> {
            panic!("a bug of its own")
        }
        fn forget(&self, log: u32) -> Result<(), FollowError> {
            self.0.forget(log)
        }
        fn leave_no_trace(&self) -> Result<(), FollowError> {
            self.0.leave_no_trace()
        }
        fn flush(&self) -> Result<(), FollowError> {
            self.0.flush()
        }
        fn close(&self) -> Result<(), FollowError> {
            self.0.close()
        }
    }

    let place = Place::new();
    let publisher = publisher("eu.example");
    let followers = Followers {
        index: Arc::new(place.index.clone()),
        others: vec![Arc::new(Broken(MemoryIndex::default()))],
    };
    let store = place.open_with(|_| Ok(followers)).unwrap();
    let log = own(&store, &publisher);
    let append = |n| store.append(&publisher.origin, vec![new(n)], None);
    append(0).await.unwrap();
    let told = soon(store.stopped()).await;
    assert!(
        told.starts_with("the others gave up: their thread ended in a panic"),
        "{told}"
    );
    append(1).await.unwrap();
    soon(store.followed(&log)).await.unwrap();
    assert!(
        soon(store.followed_by("others", &log).unwrap())
            .await
            .is_err()
    );
    check(&store, &log);
    store.close().unwrap();
}
