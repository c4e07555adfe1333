//! The store alone: bulk publishing, one record at a time, replicas, reopening.
//! `cargo bench -p wpsx-tests --bench store`; `WPSX_BENCH_RECORDS` sets the size.
//!
//! Every figure is of the whole write order: signed, journalled, one fdatasync a
//! group, files and views written by their threads meanwhile.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use wpsx_client::{clock::Clock, random::Random};
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    cosignature::Cosigner,
    envelope::{Operation, Reason},
    hash::Hash,
    identity::{Genesis, Identity},
    index::{LeafIndex, TreeSize},
    note::NoteSigner,
    origin::{Audience, Origin, PublisherName, RecordId},
    package::{Package, VerifiedPackage, prove_package, runs},
    payload::{Frame, SlotState, VerifiedFrame},
};
use wpsx_store::{
    Appender, Followers, LogHandle, LogRole, NewEntry, RecordTarget, Store, StoreFolder,
    StoreOptions,
};
use wpsx_views::Views;

const BATCH: u64 = 1_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let records = match std::env::var("WPSX_BENCH_RECORDS") {
        Ok(n) => n.parse().context("WPSX_BENCH_RECORDS")?,
        Err(_) => 200_000,
    };
    let dir = tempfile::tempdir()?;
    let (identity, signer, origin) = publisher()?;
    let first = dir.path().join("publisher");
    Store::create(&first)?;
    let (store, appender) = open(&first)?;
    let log = store.add_log(&origin, identity.clone(), LogRole::Own(signer.clone()))?;

    println!("{records} records of 1 KB in batches of {BATCH}, each batch durable");
    let begun = Instant::now();
    let mut slowest = Duration::ZERO;
    let mut appending = Duration::ZERO;
    for start in (0..records).step_by(BATCH as usize) {
        let batch = (start..records.min(start + BATCH)).map(entry).collect();
        let sent = Instant::now();
        appender.append(&origin, batch, None).await?;
        let took = sent.elapsed();
        slowest = slowest.max(took);
        appending += took;
    }
    rate("publish", records, begun.elapsed());
    println!(
        "  in append {appending:.2?}, slowest batch {slowest:.1?}, peak memory {} MB",
        peak()
    );
    views(&store, &log, begun).await?;
    println!("  peak memory with the views {} MB", peak());
    let begun = Instant::now();
    store.settle().await?;
    println!("settle: {:.2?}", begun.elapsed());

    let mut single = Vec::new();
    for n in 0..500 {
        let batch = vec![entry(records + n)];
        let begun = Instant::now();
        appender.append(&origin, batch, None).await?;
        single.push(begun.elapsed());
    }
    single.sort();
    println!(
        "one record, publish to durable answer: median {:.2?}, 99 of 100 within {:.2?}",
        single[single.len() / 2],
        single[single.len() * 99 / 100],
    );

    let begun = Instant::now();
    store.close()?;
    drop((store, appender, log));
    println!("close: {:.2?}", begun.elapsed());
    let begun = Instant::now();
    let (store, _appender) = open(&first)?;
    println!("reopen: {:.2?}", begun.elapsed());
    store.set_signer(&origin, signer)?;
    let log = store.log(&origin).context("the log")?;

    let second = dir.path().join("replica");
    Store::create(&second)?;
    let (replica, _appender) = open(&second)?;
    let copy = replica.add_log(&origin, identity, LogRole::Replica)?;
    let head = log.head().context("a head")?;
    let begun = Instant::now();
    pull(&log, &replica, &copy, &head).await?;
    rate(
        "replica, read and verified in this process",
        head.size().value(),
        begun.elapsed(),
    );
    println!("  peak memory of both stores {} MB", peak());
    views(&replica, &copy, begun).await?;
    let begun = Instant::now();
    let report = tokio::task::spawn_blocking(move || replica.verify(&copy, |_| {})).await??;
    anyhow::ensure!(report.problems.is_empty(), "{:?}", report.problems);
    rate("verify from raw bytes", report.checked, begun.elapsed());
    Ok(())
}

fn open(dir: &Path) -> anyhow::Result<(Store, Appender)> {
    let cosigner = Cosigner::from_seed("bench.example", &[7; 32])?;
    let options = StoreOptions {
        cosigner: Some(cosigner),
        ..StoreOptions::new(Clock::system().as_fn(), Random::system().as_fn())
    };
    let folder = StoreFolder::lock(dir)?;
    let views = Views::of(&folder)?;
    Ok(Store::open(folder, options, Followers::only(views))?)
}

fn publisher() -> anyhow::Result<(Identity, NoteSigner, Origin)> {
    let name = PublisherName::parse("bench.example")?;
    let signer = NoteSigner::from_seed(name.as_str(), &[1; 32])?;
    let genesis = Genesis {
        name: name.clone(),
        title: "A benchmark".to_owned(),
        countries: vec!["KEN".to_owned()],
        recovery_keys: Vec::new(),
        time: 1_700_000_000_000,
    };
    let identity = Identity::create(genesis, &signer)?;
    Ok((identity, signer, Origin::new(&name, Audience::Public)))
}

/// A record of 1 KB: half of it text from a small vocabulary, 96 random bytes.
fn entry(n: u64) -> NewEntry {
    const WORDS: [&str; 8] = [
        "women ",
        "peace ",
        "security ",
        "action ",
        "plan ",
        "review ",
        "national ",
        "region ",
    ];
    let random = [n, n + 1, n + 2].map(|k| Hash::of(&k.to_be_bytes()));
    let mut record = Vec::with_capacity(1024);
    field(&mut record, 1, format!("bench-{n}").as_bytes());
    field(&mut record, 4, [b"KEN", b"UGA", b"ALB"][(n % 3) as usize]);
    let mut text = Vec::with_capacity(900);
    for word in random.iter().flat_map(|hash| hash.as_bytes()).cycle() {
        if text.len() > 860 {
            break;
        }
        text.extend_from_slice(WORDS[(*word % 8) as usize].as_bytes());
    }
    for hash in random {
        text.extend_from_slice(hash.as_bytes());
    }
    field(&mut record, 200, &text);
    let id = Hash::of(&(n ^ 0xabcd).to_be_bytes());
    let mut record_id = [0; 16];
    record_id.copy_from_slice(&id.as_bytes()[..16]);
    NewEntry {
        target: RecordTarget::New(RecordId::from_bytes(record_id)),
        operation: Operation::Publish,
        kind: 1 + (n % 3) as u32,
        payload: Some(Bytes::from(record)),
        reason: Reason::Unspecified,
        salt: *id.as_bytes(),
    }
}

/// A protobuf field of bytes.
fn field(record: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    for mut n in [number << 3 | 2, bytes.len() as u64] {
        while n >= 0x80 {
            record.push(n as u8 | 0x80);
            n >>= 7;
        }
        record.push(n as u8);
    }
    record.extend_from_slice(bytes);
}

/// Reads and verifies on a thread, as a puller does; the store takes what came.
async fn pull(
    from: &LogHandle,
    store: &Store,
    to: &LogHandle,
    head: &VerifiedCheckpoint,
) -> anyhow::Result<()> {
    store.set_pending(to.origin(), head.clone()).await?;
    let (sender, receiver) = tokio::sync::mpsc::channel(16);
    let (source, checkpoint) = (from.clone(), head.clone());
    let reading = tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
        for run in runs(LeafIndex::new(0), checkpoint.size()) {
            sender.blocking_send(package(&source, &checkpoint, run)?)?;
        }
        Ok(())
    });
    let packages = stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|next| (next, receiver))
    });
    let stored = packages
        .map(|(package, frames)| store.extend(package, frames, SlotState::NotHeld))
        .buffered(32);
    let mut stored = std::pin::pin!(stored);
    while let Some(result) = stored.next().await {
        result?;
    }
    reading.await??;
    store.commit_head(to.origin(), head.clone()).await?;
    Ok(())
}

fn package(
    log: &LogHandle,
    head: &VerifiedCheckpoint,
    run: std::ops::Range<u64>,
) -> anyhow::Result<(VerifiedPackage, Vec<VerifiedFrame>)> {
    let (start, end) = (LeafIndex::new(run.start), LeafIndex::new(run.end));
    let proof = prove_package(log, start, TreeSize::new(run.end), head.size())?;
    let package = Package::new(start, log.entries(start, end)?, proof)?;
    let package = package.verify(&[], head)?;
    let mut frames = Vec::new();
    for frame in log.frames(start, end, true)? {
        let first = (frame.start - run.start) as usize;
        let leaves = &package.leaves()[first..first + frame.states.len()];
        frames.push(Frame::from_api(frame)?.verify(leaves, |_| false)?);
    }
    Ok((package, frames))
}

async fn views(store: &Store, log: &LogHandle, begun: Instant) -> anyhow::Result<()> {
    store.followed(log).await?;
    println!("  views current {:.2?} after the start", begun.elapsed());
    Ok(())
}

fn rate(what: &str, records: u64, took: Duration) {
    let rate = records as f64 / took.as_secs_f64();
    println!("{what}: {rate:.0} records/s ({records} in {took:.2?})");
}

/// The most memory this process had, in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| {
        line.trim()
            .trim_end_matches(" kB")
            .trim()
            .parse::<u64>()
            .ok()
    })
    .unwrap_or(0)
        / 1024
}
