//! The rounds that read all stored files: when one is due, how quick it is at most, and where
//! it goes on. Time stands still unless a test moves it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and moves the time"
)]

use std::{fs, time::Duration};

use tokio::{task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;
use wpsx_client::clock::Clock;
use wpsx_doors::{config::Config, scrub::Scrub};
use wpsx_store::{
    LogHandle, Store,
    testing::{Opened, Place, START, new, own, publisher},
};

/// Entries of each log: three bundles.
const ENTRIES: u64 = 600;
const BUNDLES: u32 = 3;
/// A bundle of 256 entries rests for as long: some 10,000 entries in a second.
const PER_BUNDLE: Duration = Duration::from_millis(25);
const DAY: u64 = 24 * 3600 * 1000;

/// A store of two logs, all of which are files.
async fn two_logs(place: &Place) -> (Opened, [LogHandle; 2]) {
    let store = place.open();
    let mut logs = Vec::new();
    for (name, from) in [("one.example", 0), ("two.example", ENTRIES)] {
        let log = own(&store, &publisher(name));
        let entries = (from..from + ENTRIES).map(new).collect();
        store.append(log.origin(), entries, None).await.unwrap();
        logs.push(log);
    }
    store.settle().await.unwrap();
    let logs = logs.try_into().expect("two logs");
    (store, logs)
}

fn rounds(store: &Store) -> Scrub {
    let (clock, _) = Clock::manual(START + DAY);
    Scrub::new(store.clone(), clock, 30 * Duration::from_millis(DAY))
}

fn begin(scrub: &Scrub, stop: &CancellationToken) -> JoinHandle<()> {
    let (scrub, stop) = (scrub.clone(), stop.clone());
    tokio::spawn(async move { scrub.round(&stop).await.unwrap() })
}

/// Moves the time on until the state has come about: so much more slowly than it goes that
/// hardly any of it passes but in rests.
async fn moving_on_until(state: impl Fn() -> bool) {
    while !state() {
        tokio::time::advance(Duration::from_millis(1)).await;
        std::thread::sleep(Duration::from_millis(3));
    }
}

async fn whole_round(scrub: &Scrub) {
    let round = begin(scrub, &CancellationToken::new());
    moving_on_until(|| round.is_finished()).await;
    round.await.unwrap();
}

/// Which log is read, as it is kept for who starts again.
fn is_read(store: &Store, log: &LogHandle) -> bool {
    let kept = store.state().get("scrub").unwrap().unwrap_or_default();
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap_or_default();
    kept["next"] == log.number()
}

#[tokio::test(start_paused = true)]
async fn a_round_that_was_stopped_goes_on_where_it_was_left_and_not_anew() {
    let place = Place::on_disk();
    let (store, [first, second]) = two_logs(&place).await;
    let (scrub, stop) = (rounds(&store), CancellationToken::new());
    let round = begin(&scrub, &stop);
    moving_on_until(|| is_read(&store, &second)).await;
    stop.cancel();
    moving_on_until(|| round.is_finished()).await;
    round.await.unwrap();
    assert_eq!(scrub.ended(), 0, "it was stopped midway");
    // Whoever reads both now sees both.
    let files = [&first, &second].map(|log| store.path_of(log).join("tile/entries/001"));
    for file in &files {
        let mut bytes = fs::read(file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(file, bytes).unwrap();
    }
    let found = || -> Vec<_> {
        let damage = store.damage().into_iter();
        damage.map(|damage| damage.path).collect()
    };
    // As after a start: what was reached is kept.
    let scrub = rounds(&store);
    whole_round(&scrub).await;
    assert!(scrub.ended() > 0);
    assert_eq!(found(), files[1..], "the first log was read before");
    whole_round(&scrub).await;
    assert_eq!(found(), files, "the next round begins with it");
}

#[tokio::test(start_paused = true)]
async fn a_round_reads_no_more_than_a_bundle_between_two_rests() {
    let place = Place::new();
    let (store, _) = two_logs(&place).await;
    let since = Instant::now();
    whole_round(&rounds(&store)).await;
    let took = since.elapsed();
    assert!(took >= 2 * BUNDLES * PER_BUNDLE, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_round_begins_once_in_30_days_unless_it_is_set_otherwise() {
    let place = Place::new();
    let store = place.open();
    let (clock, hand) = Clock::manual(START);
    let every = Config::default().store.scrub_every;
    let scrub = Scrub::new((*store).clone(), clock, every);
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (scrub, stop) = (scrub.clone(), stop.clone());
        async move { scrub.run(stop).await }
    });
    // Looks are a minute apart; while a round is under way the time stands still.
    let looks = || tokio::time::sleep(Duration::from_secs(150));
    assert_eq!(scrub.ended(), 0);
    looks().await;
    assert_eq!(scrub.ended(), START, "there never was one");
    hand.set(START + 30 * DAY - 1);
    looks().await;
    assert_eq!(scrub.ended(), START, "it is not due");
    hand.set(START + 30 * DAY);
    looks().await;
    assert_eq!(scrub.ended(), START + 30 * DAY);
    stop.cancel();
    running.await.unwrap();
}
