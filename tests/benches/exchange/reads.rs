//! One record by its id, over TLS: as it comes, and verified.
//!
//! The node and sixteen readers share one process and its cores; each reader has a
//! connection of its own and one call under way. All readers run on one thread, as the node
//! answers them on one where there are two processors: more would only wake each other.
//! *Bare* is a call that looks nothing up, which
//! is what connections, TLS and gRPC take of the machine; *raw* is the call and the decoded answer;
//! *verified* is `Client::get`, which checks the inclusion and the commitment of each
//! answer and judges a checkpoint's signatures once, since it knows a note that it has
//! judged by its bytes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use wpsx_client::{
    Client,
    tls::{Pins, TlsDialer},
    transport::{Connection, Endpoint, Settings},
};
use wpsx_proto::{
    api::exchange::v1::{
        GetNodeRequest, GetRecordRequest, exchange_service_client::ExchangeServiceClient,
    },
    card::NodeCard,
    origin::RecordId,
};
use wpsx_tests::federation::{TestNode, practices};

const CONNECTIONS: usize = 16;
const RECORDS: usize = 10_000;
/// Calls of each connection, after as many tenths of it to warm up.
const CALLS: usize = 4_000;

pub(crate) async fn reads() -> Result<()> {
    let node = TestNode::start("reads").await?;
    let published = node.publish(practices("reads", RECORDS, 300)).await?;
    let ids = published.records.iter().filter_map(|it| it.record_id);
    let ids: Arc<Vec<RecordId>> = Arc::new(ids.collect());
    node.node().records().index().settled(&node.own()?).await?;
    println!(
        "get by id of {RECORDS} records, {CONNECTIONS} connections over TLS, {CALLS} calls each, \
         node and readers in one process:"
    );
    let card = Arc::new(node.card()?);
    let reading = std::thread::Builder::new().name("readers".to_owned());
    let reading = reading.spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(read(&card, &ids))
    })?;
    let read = tokio::task::spawn_blocking(|| reading.join()).await?;
    read.map_err(|_| anyhow::anyhow!("the readers panicked"))?
}

async fn read(card: &NodeCard, ids: &Arc<Vec<RecordId>>) -> Result<()> {
    let mut readers = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let endpoint: Endpoint = card.endpoints().first().context("an endpoint")?.parse()?;
        let dialer = TlsDialer::new(None, Pins::only(card.tls_key()))?;
        let connection = Connection::dial(&endpoint, &dialer, &Settings::default()).await?;
        readers.push(ExchangeServiceClient::new(connection));
    }
    let bare = readers.clone().into_iter().map(|reader| {
        move |_| {
            let mut reader = reader.clone();
            async move {
                let answer = reader.get_node(GetNodeRequest::default()).await?;
                anyhow::Ok(!answer.into_inner().card.is_empty())
            }
        }
    });
    measured("bare", bare, ids).await?;
    let raw = readers.into_iter().map(|reader| {
        move |id: RecordId| {
            let mut reader = reader.clone();
            async move {
                let request = GetRecordRequest {
                    record_id: Bytes::copy_from_slice(id.as_bytes()),
                    origin: String::new(),
                };
                let answer = reader.get_record(request).await?.into_inner();
                anyhow::Ok(answer.entry.is_some())
            }
        }
    });
    measured("raw", raw, ids).await?;
    let mut readers = Vec::new();
    for _ in 0..CONNECTIONS {
        readers.push(Client::connect(card).await?);
    }
    let verified = readers.into_iter().map(|reader| {
        move |id: RecordId| {
            let reader = reader.clone();
            async move { anyhow::Ok(reader.get(&id).await?.is_some()) }
        }
    });
    measured("verified", verified, ids).await
}

/// Runs one task for each way to ask, all at once.
async fn measured<A, F>(
    name: &str,
    asks: impl Iterator<Item = A>,
    ids: &Arc<Vec<RecordId>>,
) -> Result<()>
where
    A: Fn(RecordId) -> F + Send + 'static,
    F: Future<Output = Result<bool>> + Send + 'static,
{
    let mut tasks = Vec::new();
    let begin = Arc::new(tokio::sync::Barrier::new(CONNECTIONS + 1));
    for (number, ask) in asks.enumerate() {
        let (ids, begin) = (Arc::clone(ids), Arc::clone(&begin));
        tasks.push(tokio::spawn(async move {
            // Each in an order of its own, which is the same in every run.
            let id = |n: usize| ids[(n * 7_919 + number * 613) % ids.len()];
            for n in 0..CALLS / 10 {
                anyhow::ensure!(ask(id(n)).await?, "a record is missing");
            }
            begin.wait().await;
            let mut took = Vec::with_capacity(CALLS);
            for n in 0..CALLS {
                let since = Instant::now();
                anyhow::ensure!(ask(id(n)).await?, "a record is missing");
                took.push(since.elapsed());
            }
            anyhow::Ok(took)
        }));
    }
    begin.wait().await;
    let since = Instant::now();
    let mut took: Vec<Duration> = Vec::new();
    for task in tasks {
        took.extend(task.await??);
    }
    let all = since.elapsed();
    took.sort_unstable();
    println!(
        "  {name:<9} {:>7.0}/s, median {:.2?}, p99 {:.2?}",
        took.len() as f64 / all.as_secs_f64(),
        took[took.len() / 2],
        took[took.len() * 99 / 100]
    );
    Ok(())
}
