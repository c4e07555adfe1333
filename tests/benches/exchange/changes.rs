//! What a replica pays for little news, and for none.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use bytes::Bytes;
use wpsx_client::{
    tls::{Pins, TlsDialer},
    transport::{Connection, Settings},
};
use wpsx_doors::app::App;
use wpsx_federation::peers::{PayloadFilter, Peer};
use wpsx_proto::api::replication::v1::{
    KnownHead, ListHeadsRequest, replication_service_client::ReplicationServiceClient,
};

use crate::{
    bootstrap::replica,
    measure::{median, ms, reaches},
    publisher::Publisher,
    records::RECORD,
};

/// 100 new records on top of `records`, then a question when nothing is new.
pub(crate) async fn changes(folder: &Path, dir: &Path, records: usize) -> Result<()> {
    let mut publisher = Publisher::start(dir)?;
    let running = replica(&folder.join(format!("changes-{records}"))).await?;
    let node = running.node().clone();
    publisher.tell(&hex::encode(node.card()?.note_bytes()))?;
    let origin = publisher.origin()?;
    let peer = node.federation().peering().add(Peer {
        card: publisher.card.clone(),
        introduces: false,
        filter: PayloadFilter::default(),
        turn: false,
    })?;
    let before = reaches(&node, &origin, records as u64)
        .await?
        .stored()
        .value();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let link = node.federation().links().of(peer.name());
    let mut times = Vec::new();
    let mut bytes = Vec::new();
    for round in 1..=11u64 {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let wire = link.bytes();
        let since = Instant::now();
        publisher.tell("100")?;
        reaches(&node, &origin, before + round * 100).await?;
        times.push(since.elapsed());
        bytes.push(link.bytes() - wire);
    }
    println!(
        "changes: 100 on top of {records}: {:.1} ms median from asking the publisher to the replica's head, \
         {} bytes received ({} bytes of payload)",
        ms(median(&mut times)),
        median(&mut bytes),
        100 * RECORD
    );
    nothing_new(&node, &peer, &publisher, records).await?;
    running.stop().await?;
    publisher.stop()
}

/// Heads that differ from what is held, asked for on an open connection.
async fn nothing_new(node: &App, peer: &Peer, publisher: &Publisher, records: usize) -> Result<()> {
    let pins = Pins::only(peer.card.tls_key());
    let dialer = TlsDialer::new(Some(node.keys().tls_identity()), pins)?;
    let endpoint = publisher.endpoint()?;
    let connection = Connection::dial(&endpoint, &dialer, &Settings::default()).await?;
    let known: Vec<KnownHead> = node
        .store()
        .logs()
        .into_iter()
        .map(|log| KnownHead {
            origin: log.origin().to_string(),
            tree_size: log.stored().value(),
            note_hash: Bytes::new(),
        })
        .collect();
    let mut client = ReplicationServiceClient::new(connection.clone());
    let request = ListHeadsRequest {
        known,
        ..Default::default()
    };
    client.list_heads(request.clone()).await?;
    let (mut times, mut bytes) = (Vec::new(), Vec::new());
    for _ in 0..100 {
        let counters = connection.counters();
        let before = counters.received() + counters.sent();
        let since = Instant::now();
        let heads = client.list_heads(request.clone()).await?.into_inner().heads;
        times.push(since.elapsed());
        let counters = connection.counters();
        bytes.push(counters.received() + counters.sent() - before);
        anyhow::ensure!(heads.is_empty(), "nothing was published meanwhile");
    }
    println!(
        "nothing new at {records}: one call, {:.2} ms, {} bytes both ways (TLS included)",
        ms(median(&mut times)),
        median(&mut bytes)
    );
    connection.close();
    Ok(())
}
