//! Serves `wpsx.exchange.v1`: records with their proofs, to whoever reads.

use std::{collections::HashMap, pin::Pin};

use futures::Stream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use wpsx_proto::{
    api::exchange::v1::{
        GetNodeRequest, GetNodeResponse, GetRecordRequest, GetRecordResponse, ListOriginsRequest,
        ListOriginsResponse, ListRecordsRequest, ListRecordsResponse, Origin as OriginMessage,
        WatchRecordsRequest, WatchRecordsResponse, exchange_service_server::ExchangeService,
    },
    envelope::Leaf,
    index::LeafIndex,
    payload::SALT,
    record::Header,
};

use crate::{
    audience::admits,
    calls::{blocking, caller},
    error::NodeError,
    node::Node,
    records,
    store::LogHandle,
};

const MOST_ORIGINS: usize = 1_000;
const USUAL_ORIGINS: usize = 100;
/// Messages ready to be sent on one stream.
const AHEAD: usize = 16;

/// The service over one node.
#[derive(Clone)]
pub struct Exchange {
    node: Node,
}

impl Exchange {
    /// Serves `node`'s records.
    pub fn new(node: Node) -> Self {
        Self { node }
    }
}

#[tonic::async_trait]
impl ExchangeService for Exchange {
    async fn get_node(
        &self,
        _: Request<GetNodeRequest>,
    ) -> Result<Response<GetNodeResponse>, Status> {
        Ok(Response::new(GetNodeResponse {
            card: self.node.card()?.note_bytes(),
            capabilities: crate::capabilities::ours(),
            software: crate::capabilities::SOFTWARE.to_owned(),
        }))
    }

    async fn list_origins(
        &self,
        request: Request<ListOriginsRequest>,
    ) -> Result<Response<ListOriginsResponse>, Status> {
        let caller = caller(&request);
        let request = request.into_inner();
        let most = match request.page_size as usize {
            0 => USUAL_ORIGINS,
            n => n.min(MOST_ORIGINS),
        };
        let mut logs: Vec<LogHandle> = self.node.store().logs();
        logs.retain(|log| {
            admits(self.node.peers(), &caller, log.origin())
                && log.origin().as_str() > request.page_token.as_str()
        });
        logs.sort_by(|a, b| a.origin().as_str().cmp(b.origin().as_str()));
        let more = logs.len() > most;
        logs.truncate(most);
        let mut origins = Vec::with_capacity(logs.len());
        for log in &logs {
            let counts = self
                .node
                .views()
                .counts(log.number())
                .map_err(NodeError::from)?;
            let holes = log.holes();
            origins.push(OriginMessage {
                origin: log.origin().to_string(),
                checkpoint: log.head().map(|head| head.note_bytes()).unwrap_or_default(),
                local: log.is_own(),
                identity: log.identity().notes().to_vec(),
                records: counts.records,
                filtered: holes.filtered,
                erased: holes.erased,
                not_held: holes.not_held,
                stopped: self.node.forks().stopped(log.origin()),
            });
        }
        let next_page_token = match origins.last() {
            Some(last) if more => last.origin.clone(),
            _ => String::new(),
        };
        Ok(Response::new(ListOriginsResponse {
            origins,
            next_page_token,
        }))
    }

    async fn get_record(
        &self,
        request: Request<GetRecordRequest>,
    ) -> Result<Response<GetRecordResponse>, Status> {
        let caller = caller(&request);
        let node = self.node.clone();
        let request = request.into_inner();
        let (entry, head) = blocking(move || {
            records::record(&node, &request.record_id, &request.origin, |origin| {
                admits(node.peers(), &caller, origin)
            })
        })
        .await?;
        Ok(Response::new(GetRecordResponse {
            entry: Some(entry),
            checkpoint: head.note_bytes(),
        }))
    }

    async fn list_records(
        &self,
        request: Request<ListRecordsRequest>,
    ) -> Result<Response<ListRecordsResponse>, Status> {
        let caller = caller(&request);
        let node = self.node.clone();
        let request = request.into_inner();
        let page = blocking(move || {
            records::list(
                &node,
                request.filter,
                request.page_size,
                &request.page_token,
                |origin| admits(node.peers(), &caller, origin),
            )
        })
        .await?;
        Ok(Response::new(ListRecordsResponse {
            entries: page.entries,
            checkpoints: page.heads.iter().map(|head| head.note_bytes()).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    type WatchRecordsStream =
        Pin<Box<dyn Stream<Item = Result<WatchRecordsResponse, Status>> + Send>>;

    async fn watch_records(
        &self,
        request: Request<WatchRecordsRequest>,
    ) -> Result<Response<Self::WatchRecordsStream>, Status> {
        let caller = caller(&request);
        let filter = request.into_inner().filter.unwrap_or_default();
        records::view_filter(&self.node, filter.clone(), |_| true)?;
        let (tx, rx) = mpsc::channel(AHEAD);
        let node = self.node.clone();
        let mut changes = node.changes();
        let stop = node.stopping();
        let mut seen: HashMap<u32, u64> = HashMap::new();
        for log in node.store().logs() {
            seen.insert(
                log.number(),
                log.head().map_or(0, |head| head.size().value()),
            );
        }
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    changed = changes.changed() => if changed.is_err() { return },
                    () = tx.closed() => return,
                    () = stop.cancelled() => return,
                }
                for log in node.store().logs() {
                    if !admits(node.peers(), &caller, log.origin())
                        || !(filter.origins.is_empty()
                            || filter.origins.iter().any(|o| o == log.origin().as_str()))
                    {
                        continue;
                    }
                    let Some(head) = log.head() else { continue };
                    let from = seen.entry(log.number()).or_default();
                    while *from < head.size().value() {
                        let index = LeafIndex::new(*from);
                        *from += 1;
                        let answer = watched(&log, &head, index, &filter);
                        let Some(answer) = answer.transpose() else {
                            continue;
                        };
                        if tx.send(answer.map_err(Status::from)).await.is_err() {
                            return;
                        }
                    }
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(rx))))
    }
}

/// The answer for one new entry, if it passes the filter.
fn watched(
    log: &LogHandle,
    head: &wpsx_proto::checkpoint::VerifiedCheckpoint,
    index: LeafIndex,
    filter: &wpsx_proto::api::exchange::v1::RecordFilter,
) -> Result<Option<WatchRecordsResponse>, NodeError> {
    let entry = log.entry(index).map_err(NodeError::Store)?;
    let Leaf::Known(envelope) = Leaf::read(&entry) else {
        return Ok(None);
    };
    if !(filter.kinds.is_empty() || filter.kinds.contains(&envelope.kind)) {
        return Ok(None);
    }
    if !filter.countries.is_empty() {
        let (_, slot) = log.slot(index).map_err(NodeError::Store)?;
        let Some(slot) = slot else { return Ok(None) };
        let payload = slot.get(SALT..).unwrap_or_default();
        let Ok(header) = Header::read(payload) else {
            return Ok(None);
        };
        if !header
            .countries()
            .iter()
            .any(|country| filter.countries.contains(country))
        {
            return Ok(None);
        }
    }
    let entry = records::prove(log, head, index)?;
    Ok(Some(WatchRecordsResponse {
        entry: Some(entry),
        checkpoint: head.note_bytes(),
    }))
}
