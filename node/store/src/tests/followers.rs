//! Followers that are slow, refuse, or panic: neither the log nor another follower
//! waits for them, who waits is told why, and nothing that was erased is forgotten.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::AtomicBool},
};

use parking_lot::{Condvar, Mutex};

use super::*;

/// What a follower does when it is told something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mood {
    #[default]
    Willing,
    Blocked,
    Refusing,
    Panicking,
}

/// A follower with moods, over an index that keeps all that it takes.
#[derive(Clone, Default)]
struct Moody {
    name: Option<&'static str>,
    kept: MemoryIndex,
    mood: Arc<(Mutex<Mood>, Condvar)>,
    /// It was told something while it was blocked.
    held: Arc<AtomicBool>,
    closed: Arc<AtomicBool>,
}

impl Moody {
    fn named(name: &'static str) -> Self {
        Self {
            name: Some(name),
            ..Self::default()
        }
    }

    fn becomes(&self, mood: Mood) {
        *self.mood.0.lock() = mood;
        self.mood.1.notify_all();
    }

    fn act(&self) -> Result<(), FollowError> {
        let mut mood = self.mood.0.lock();
        self.held.store(*mood == Mood::Blocked, Ordering::SeqCst);
        self.mood
            .1
            .wait_while(&mut mood, |mood| *mood == Mood::Blocked);
        match *mood {
            Mood::Refusing => Err(FollowError::new("there is no room")),
            Mood::Panicking => {
                drop(mood);
                panic!("a bug of its own")
            }
            _ => Ok(()),
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

impl Follower for Moody {
    fn name(&self) -> &'static str {
        self.name.unwrap_or("index")
    }

    fn position(&self, log: u32) -> u64 {
        self.kept.position(log)
    }

    fn unsettled(&self) -> Vec<(u32, u64)> {
        Vec::new()
    }

    fn post(&self, log: u32, start: u64, entries: &[StoredEntry]) -> Result<(), FollowError> {
        self.act()?;
        self.kept.post(log, start, entries)
    }

    fn refill(&self, log: u32, entries: &[StoredEntry]) -> Result<(), FollowError> {
        self.act()?;
        self.kept.refill(log, entries)
    }

    fn forget(&self, log: u32) -> Result<(), FollowError> {
        self.act()?;
        self.kept.forget(log)
    }

    fn leave_no_trace(&self) -> Result<(), FollowError> {
        self.act()
    }

    fn flush(&self) -> Result<(), FollowError> {
        self.act()
    }

    fn close(&self) -> Result<(), FollowError> {
        self.closed.store(true, Ordering::SeqCst);
        Ok(())
    }
}

/// Opens a store whose index is willing, with another follower.
fn open(place: &Place, other: &Moody) -> Opened {
    let followers = Followers {
        index: Arc::new(place.index.clone()),
        others: vec![Arc::new(other.clone())],
    };
    place.open_with(|_| Ok(followers)).unwrap()
}

async fn told(store: &Store, log: &LogHandle) -> Result<(), StoreError> {
    store.followed_by("others", log).unwrap().await
}

fn sentence(error: &StoreError) -> String {
    crate::error::chain(error)
}

#[tokio::test]
async fn a_follower_that_rests_is_told_at_once_what_was_erased_meanwhile() {
    let place = Place::new();
    let other = Moody::named("others");
    let store = open(&place, &other);
    let publisher = publisher("eu.example");
    let log = own(&store, &publisher);
    let append = |batch| store.append(&publisher.origin, batch, None);
    let mailbox = &store.shared.mailboxes[1];
    // While it is held, its thread takes nothing that comes.
    other.becomes(Mood::Blocked);
    append((0..600).map(new).collect()).await.unwrap();
    while !other.held.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    append((600..700).map(new).collect()).await.unwrap();
    let moment = Duration::from_millis(1);
    assert!(mailbox.rests(moment), "new entries can wait");
    append(vec![without_payload(5, Operation::Erase)])
        .await
        .unwrap();
    assert!(!mailbox.rests(Duration::MAX), "an erasure cannot");
    other.becomes(Mood::Willing);
    told(&store, &log).await.unwrap();
}

#[tokio::test]
async fn a_follower_is_told_all_that_is_stored_and_all_that_changes() {
    let place = Place::new();
    let other = Moody::named("others");
    let store = open(&place, &other);
    let publisher = publisher("eu.example");
    let log = own(&store, &publisher);
    let append = |batch| store.append(&publisher.origin, batch, None);
    append((0..600).map(new).collect()).await.unwrap();
    store.followed(&log).await.unwrap();
    told(&store, &log).await.unwrap();
    append(vec![without_payload(5, Operation::Erase)])
        .await
        .unwrap();
    store.leave_no_trace().await.unwrap();
    told(&store, &log).await.unwrap();
    for kept in [&place.index, &other.kept] {
        let entries = kept.entries(log.number());
        assert_eq!(entries.len(), 601);
        for (entry, index) in entries.iter().zip(0..) {
            assert_eq!(entry.index, index);
            assert_eq!(entry.leaf, log.entry(LeafIndex::new(index)).unwrap());
            let (state, slot) = log.slot(LeafIndex::new(index)).unwrap();
            assert_eq!(entry.state, state);
            assert_eq!(entry.payload, slot.map(|slot| slot.slice(32..)));
        }
        assert_eq!(entries[5].state, SlotState::Erased);
    }
    assert!(store.followed_by("nobody", &log).is_none());
    let twice = Place::new().open_with(|_| {
        let index = Arc::new(MemoryIndex::default());
        Ok(Followers {
            index: index.clone(),
            others: vec![index],
        })
    });
    assert!(matches!(twice, Err(StoreError::SameName)));
    store.close().unwrap();
    assert!(other.is_closed());
    assert!(matches!(
        store.followed(&log).await,
        Ok(()) | Err(StoreError::Closed)
    ));
}

#[tokio::test]
async fn a_blocked_follower_delays_neither_the_log_nor_another_follower() {
    let place = Place::new();
    let other = Moody::named("others");
    let store = open(&place, &other);
    let publisher = publisher("eu.example");
    let log = own(&store, &publisher);
    let append = |batch| store.append(&publisher.origin, batch, None);
    append((0..300).map(new).collect()).await.unwrap();
    told(&store, &log).await.unwrap();
    other.becomes(Mood::Blocked);
    append((300..400).map(new).collect()).await.unwrap();
    append(vec![without_payload(5, Operation::Erase)])
        .await
        .unwrap();
    // The files are written, the journal goes, and the others know it.
    store.settle().await.unwrap();
    store.followed(&log).await.unwrap();
    check(&store, &log);
    assert_eq!(
        place.index.entries(log.number())[5].state,
        SlotState::Erased
    );
    assert_eq!(other.kept.entries(log.number()).len(), 300);
    // Who needs the blocked one to have it gone waits.
    let gone = store.leave_no_trace();
    let waited = tokio::time::timeout(Duration::from_millis(300), gone).await;
    assert!(waited.is_err());
    other.becomes(Mood::Willing);
    store.leave_no_trace().await.unwrap();
    told(&store, &log).await.unwrap();
    let entries = other.kept.entries(log.number());
    assert_eq!((entries.len(), entries[5].state), (401, SlotState::Erased));
    store.close().unwrap();
}

#[tokio::test]
async fn a_follower_that_refuses_is_told_again_and_who_waits_hears_why() {
    let place = Place::new();
    let other = Moody::named("others");
    let store = open(&place, &other);
    let publisher = publisher("eu.example");
    let log = own(&store, &publisher);
    other.becomes(Mood::Refusing);
    let batch = (0..300).map(new).collect();
    store.append(&publisher.origin, batch, None).await.unwrap();
    store.followed(&log).await.unwrap();
    let error = told(&store, &log).await.unwrap_err();
    assert_eq!(
        sentence(&error),
        "the others cannot be used: there is no room"
    );
    store.settle().await.unwrap();
    check(&store, &log);
    other.becomes(Mood::Willing);
    // The next entries bring it, and what it lacks with them.
    store
        .append(&publisher.origin, vec![new(300)], None)
        .await
        .unwrap();
    wait(|| other.kept.position(log.number()) == 301).await;
    told(&store, &log).await.unwrap();
    store.close().unwrap();
}

#[tokio::test]
async fn a_follower_that_panics_is_told_nothing_more_until_the_next_start() {
    let place = Place::new();
    let other = Moody::named("others");
    let store = open(&place, &other);
    let publisher = publisher("eu.example");
    let log = own(&store, &publisher);
    other.becomes(Mood::Panicking);
    let batch = (0..300).map(new).collect();
    store.append(&publisher.origin, batch, None).await.unwrap();
    for _ in 0..2 {
        let error = told(&store, &log).await.unwrap_err();
        assert_eq!(
            sentence(&error),
            "the others cannot be used: they gave up: a bug of its own"
        );
        other.becomes(Mood::Willing);
    }
    // All else goes on.
    store.followed(&log).await.unwrap();
    let more = vec![without_payload(5, Operation::Erase), new(300)];
    store.append(&publisher.origin, more, None).await.unwrap();
    store.settle().await.unwrap();
    store.followed(&log).await.unwrap();
    check(&store, &log);
    assert!(store.leave_no_trace().await.is_err());
    store.reindex(|_, _| {}).unwrap_err();
    assert_eq!(other.kept.entries(log.number()).len(), 0);
    store.close().unwrap();
    let store = open(&place, &other);
    let log = store.log(&publisher.origin).unwrap();
    told(&store, &log).await.unwrap();
    assert_eq!(other.kept.entries(log.number()).len(), 302);
    store.leave_no_trace().await.unwrap();
}

/// The journal, which has it, goes meanwhile: what a follower was not told of an
/// erasure it is told after the next start, kill or not.
#[tokio::test]
async fn an_erasure_that_a_follower_did_not_take_is_told_after_the_next_start() {
    let moods = [Mood::Blocked, Mood::Refusing, Mood::Panicking];
    for (mood, note_is_lost) in moods
        .map(|mood| (mood, false))
        .into_iter()
        .chain([(Mood::Refusing, true)])
    {
        let place = Place::new();
        let other = Moody::named("others");
        let store = open(&place, &other);
        let publisher = publisher("eu.example");
        let log = own(&store, &publisher);
        let append = |batch| store.append(&publisher.origin, batch, None);
        append((0..300).map(new).collect()).await.unwrap();
        told(&store, &log).await.unwrap();
        other.becomes(mood);
        append(vec![without_payload(5, Operation::Erase)])
            .await
            .unwrap();
        store.settle().await.unwrap();
        let entries = other.kept.entries(log.number());
        assert_eq!(entries[5].state, SlotState::Full, "{mood:?}");
        let killed = place.copy();
        if note_is_lost {
            // Then it is told all of it once more.
            killed.memory().lose("state/followers/others");
        }
        let survivor = Moody {
            kept: other.kept.copy(),
            ..Moody::named("others")
        };
        let again = open(&killed, &survivor);
        let log = again.log(&publisher.origin).unwrap();
        again.leave_no_trace().await.unwrap();
        told(&again, &log).await.unwrap();
        let entries = survivor.kept.entries(log.number());
        assert_eq!(entries[5].state, SlotState::Erased, "{mood:?}");
        assert_eq!(entries.len(), 301);
        // Once it was told, nothing is noted any more.
        again.settle().await.unwrap();
        assert_eq!(again.state().get("followers/others").unwrap().unwrap(), "");
        other.becomes(Mood::Willing);
    }
}

#[tokio::test]
async fn a_dropped_replica_is_forgotten_also_when_the_process_ends_before() {
    let (a, b) = (Place::new(), Place::new());
    let publisher = publisher("eu.example");
    let other = Moody::named("others");
    let (from, to) = (a.open(), open(&b, &other));
    let (log, copy) = (own(&from, &publisher), replica(&to, &publisher));
    let batch = (0..300).map(new).collect();
    from.append(&publisher.origin, batch, None).await.unwrap();
    pull(&log, &to, &copy).await;
    to.followed(&copy).await.unwrap();
    told(&to, &copy).await.unwrap();
    other.becomes(Mood::Refusing);
    let dropping = to.clone();
    let origin = publisher.origin.clone();
    let dropped = tokio::task::spawn_blocking(move || dropping.drop_replica(&origin));
    let error = dropped.await.unwrap().unwrap_err();
    assert_eq!(
        sentence(&error),
        "the others cannot be used: there is no room"
    );
    assert!(b.index.logs().is_empty());
    assert_eq!(other.kept.logs(), [copy.number()]);
    to.close().unwrap();
    other.becomes(Mood::Willing);
    let to = open(&b, &other);
    wait(|| other.kept.logs().is_empty()).await;
    to.close().unwrap();
}

/// Revisions are numbered rightly while the index is built anew.
#[tokio::test(flavor = "multi_thread")]
async fn revisions_are_numbered_while_the_index_is_built_anew() {
    let place = Place::new();
    let publisher = publisher("eu.example");
    let store = place.open();
    let log = own(&store, &publisher);
    let append = |batch| store.append(&publisher.origin, batch, None);
    append((0..1000).map(new).collect()).await.unwrap();
    let building = store.clone();
    let stop = Arc::new(AtomicBool::new(false));
    let until = stop.clone();
    let building = tokio::task::spawn_blocking(move || {
        let mut built = 0;
        while !until.load(Ordering::SeqCst) || built < 3 {
            building.reindex(|_, _| {}).unwrap();
            built += 1;
        }
    });
    let mut seen = BTreeSet::new();
    for n in 1..=100 {
        let batch = vec![publish(RecordTarget::Existing(id(7)), n)];
        let appended = append(batch).await.unwrap();
        let envelope = appended.entries[0].1;
        assert_eq!(u64::from(envelope.revision), n + 1);
        assert!(seen.insert(envelope.previous));
    }
    stop.store(true, Ordering::SeqCst);
    building.await.unwrap();
    store.followed(&log).await.unwrap();
    assert_eq!(place.index.entries(log.number()).len(), 1100);
}
