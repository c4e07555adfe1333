//! Serves `wpsx.exchange.v1`: records with their proofs, to whoever reads.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use wpsx_domain::{
    access::Access,
    capabilities,
    records::{Records, record_id},
    served::ServedLog,
};
use wpsx_proto::api::exchange::v1::{
    GetNodeRequest, GetNodeResponse, GetRecordRequest, GetRecordResponse, ListOriginsRequest,
    ListOriginsResponse, ListRecordsRequest, ListRecordsResponse, Origin as OriginMessage,
    WatchRecordsRequest, WatchRecordsResponse, exchange_service_server::ExchangeService,
};

use crate::{
    calls::{Answers, blocking, caller, stream_while},
    codes::refusal,
    network::Network,
    pages, records,
};

const MOST_ORIGINS: usize = 1_000;
const USUAL_ORIGINS: usize = 100;
/// Messages ready to be sent on one stream.
const AHEAD: usize = 16;

/// The service over one node. Clones are the same.
#[derive(Clone)]
pub struct Exchange {
    access: Access,
    records: Records,
    network: Arc<dyn Network>,
    stop: CancellationToken,
}

impl Exchange {
    /// Serves `records` to whom `access` lets see them; watches end at `stop`.
    pub fn new(
        access: Access,
        records: Records,
        network: Arc<dyn Network>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            access,
            records,
            network,
            stop,
        }
    }
}

#[tonic::async_trait]
impl ExchangeService for Exchange {
    type WatchRecordsStream = Answers<WatchRecordsResponse>;

    async fn get_node(
        &self,
        _: Request<GetNodeRequest>,
    ) -> Result<Response<GetNodeResponse>, Status> {
        Ok(Response::new(GetNodeResponse {
            card: self.network.card().map_err(refusal)?,
            capabilities: capabilities::ours(),
            software: capabilities::SOFTWARE.to_owned(),
        }))
    }

    async fn list_origins(
        &self,
        request: Request<ListOriginsRequest>,
    ) -> Result<Response<ListOriginsResponse>, Status> {
        let sight = self.access.reader(&caller(&request));
        let request = request.into_inner();
        let most = match request.page_size as usize {
            0 => USUAL_ORIGINS,
            n => n.min(MOST_ORIGINS),
        };
        let mut logs: Vec<ServedLog> = sight.logs();
        let after = pages::after(request.page_token, &sight).map_err(refusal)?;
        logs.retain(|log| log.origin().as_str() > after.as_str());
        logs.sort_by(|a, b| a.origin().as_str().cmp(b.origin().as_str()));
        let more = logs.len() > most;
        logs.truncate(most);
        let mut origins = Vec::with_capacity(logs.len());
        for log in &logs {
            let counts = self.records.count(&sight, log).map_err(refusal)?;
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
                stopped: self.network.is_stopped(log.origin()),
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
        let sight = self.access.reader(&caller(&request));
        let request = request.into_inner();
        let records = self.records.clone();
        let (entry, head) = blocking(move || {
            let id = record_id(&request.record_id)?;
            if !request.origin.is_empty() {
                records::origin("origin", &request.origin)?;
            }
            records.get(&sight, &id, &request.origin)
        })
        .await?;
        Ok(Response::new(GetRecordResponse {
            entry: Some(records::entry(entry)),
            checkpoint: head.note_bytes(),
        }))
    }

    async fn list_records(
        &self,
        request: Request<ListRecordsRequest>,
    ) -> Result<Response<ListRecordsResponse>, Status> {
        let sight = self.access.reader(&caller(&request));
        let request = request.into_inner();
        let records = self.records.clone();
        let page = blocking(move || {
            let part = records::part(request.page_size, request.page_token);
            records.list(&sight, &records::question(request.filter)?, &part)
        })
        .await?;
        Ok(Response::new(ListRecordsResponse {
            entries: page.entries.into_iter().map(records::entry).collect(),
            checkpoints: page.heads.iter().map(|head| head.note_bytes()).collect(),
            next_page_token: page.next_token,
        }))
    }

    async fn watch_records(
        &self,
        request: Request<WatchRecordsRequest>,
    ) -> Result<Response<Self::WatchRecordsStream>, Status> {
        let sight = self.access.reader(&caller(&request));
        let question = records::question(request.into_inner().filter).map_err(refusal)?;
        let mut watch = self.records.watch(sight, question).map_err(refusal)?;
        let stop = self.stop.clone();
        Ok(Response::new(stream_while(AHEAD, |tx| async move {
            loop {
                let next = tokio::select! {
                    next = watch.next() => next,
                    () = tx.closed() => return,
                    () = stop.cancelled() => return,
                };
                let Some(next) = next else { return };
                let answer = next.map(|(proven, head)| WatchRecordsResponse {
                    entry: Some(records::entry(proven)),
                    checkpoint: head.note_bytes(),
                });
                if tx.send(answer.map_err(refusal)).await.is_err() {
                    return;
                }
            }
        })))
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}
