//! A whole log taken by a node that has nothing yet.

use std::{path::Path, time::Instant};

use anyhow::{Context as _, Result};
use wpsx_client::{
    pull::{Held, PullOptions, Puller, nothing_erased},
    tls::{Pins, TlsDialer},
    transport::{Connection, Settings},
};
use wpsx_doors::{
    app::App,
    config::Config,
    serve::{self, Listeners, Running},
};
use wpsx_federation::peers::{PayloadFilter, Peer};
use wpsx_tests::ceiling::Ceiling;

use crate::{
    measure::{forget_peak, peak_mb, reaches, views_current},
    publisher::{Publisher, name_of},
    records::RECORD,
};

/// The node that pulls; it listens on nothing.
pub(crate) async fn replica(dir: &Path) -> Result<Running> {
    if !dir.exists() {
        App::create(dir, &name_of(dir)?)?;
    }
    let node = wpsx_node::app::open(dir, Config::default())?;
    Ok(serve::start(node, Listeners::default()).await?)
}

/// A new replica takes everything: both processes on this machine, mutual TLS.
pub(crate) async fn bootstrap(
    folder: &Path,
    dir: &Path,
    records: usize,
    ceiling: &Ceiling,
) -> Result<()> {
    let mut publisher = Publisher::start(dir)?;
    let running = replica(&folder.join("replica")).await?;
    let node = running.node().clone();
    publisher.tell(&hex::encode(node.card()?.note_bytes()))?;
    let origin = publisher.origin()?;
    forget_peak()?;
    let since = Instant::now();
    let peer = node.federation().peering().add(Peer {
        card: publisher.card.clone(),
        introduces: false,
        filter: PayloadFilter::default(),
        turn: false,
    })?;
    let log = reaches(&node, &origin, records as u64).await?;
    let durable = since.elapsed();
    let wire = node.federation().links().of(peer.name()).bytes();
    views_current(&log, &node).await?;
    let current = since.elapsed();
    let payload = (log.stored().value() as usize * RECORD) as f64;
    let rate = log.stored().value() as f64 / durable.as_secs_f64();
    println!(
        "bootstrap (zstd): {rate:.0} records/s verified and durable ({:.2} s), {:.0} % of the ceiling; \
         views current after {:.1} s; {:.1} % of the payload on the wire; \
         peak {:.0} MB here, {:.0} MB at the publisher",
        durable.as_secs_f64(),
        rate / ceiling.records_per_second(RECORD as u64) * 100.0,
        current.as_secs_f64(),
        wire as f64 / payload * 100.0,
        peak_mb(std::process::id())?,
        publisher.peak_mb()?,
    );
    running.stop().await?;
    publisher.stop()
}

/// The same stream without compression, verified but not stored, for its size.
pub(crate) async fn uncompressed(dir: &Path, records: usize, ceiling: &Ceiling) -> Result<()> {
    let publisher = Publisher::start(dir)?;
    let identity = publisher.card.publishers().first().context("a publisher")?;
    let origin = publisher.origin()?;
    let key = identity.log_key(&origin).context("its log's key")?;
    let tls = TlsDialer::new(None, Pins::only(publisher.card.tls_key()))?;
    let connection = Connection::dial(&publisher.endpoint()?, &tls, &Settings::default()).await?;
    let options = PullOptions {
        zstd: false,
        ..PullOptions::default()
    };
    let puller = Puller::new(connection.clone(), origin, key).with_options(options);
    let held = Held::nothing();
    let head = puller.head(&held).await?.context("a head")?;
    let since = Instant::now();
    let mut steps = puller.pull(held, head, nothing_erased());
    while let Some(step) = steps.next().await {
        step?;
    }
    let rate = records as f64 / since.elapsed().as_secs_f64();
    println!(
        "pull (uncompressed): {rate:.0} records/s verified, not stored, {:.0} % of the ceiling; \
         {:.1} % of the payload on the wire",
        rate / ceiling.records_per_second(RECORD as u64) * 100.0,
        connection.counters().received() as f64 / (records * RECORD) as f64 * 100.0
    );
    connection.close();
    publisher.stop()
}
