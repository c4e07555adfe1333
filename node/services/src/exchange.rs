//! Serves `wpsx.exchange.v1`: records with their proofs, to whoever reads.

use std::sync::Arc;

use prost::Message as _;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use wpsx_domain::{
    Brief, NodeError,
    access::{Access, Sight},
    capabilities,
    records::{Records, Watch},
    served::ServedLog,
};
use wpsx_listen::Caller;
use wpsx_proto::api::exchange::v1::{
    CountRecordsRequest, CountRecordsResponse, GetHistoryRequest, GetHistoryResponse,
    GetNodeRequest, GetNodeResponse, GetRecordRequest, GetRecordResponse, ListOriginsRequest,
    ListOriginsResponse, ListRecordsRequest, ListRecordsResponse, Origin as OriginMessage,
    WatchRecordsRequest, WatchRecordsResponse, exchange_service_server::ExchangeService,
};

use crate::{
    calls::{Answers, Cost, answer, brief_answer, caller, parts_while},
    codes::public_refusal,
    network::Network,
    pages, records,
};

const MOST_ORIGINS: usize = 1_000;
const USUAL_ORIGINS: usize = 100;
/// Bytes of origins in one answer; one has at most some 30 KiB.
const MOST_BYTES: usize = 1 << 20;

/// The service over one node. Clones are the same.
#[derive(Clone)]
pub struct Exchange {
    access: Access,
    records: Records,
    network: Arc<dyn Network>,
    stop: CancellationToken,
    /// Of looking up one record.
    brief: Arc<Brief>,
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
            brief: Arc::default(),
        }
    }
}

impl Exchange {
    /// A page of the logs that `sight` admits.
    fn origins(
        &self,
        sight: &Sight,
        request: ListOriginsRequest,
    ) -> Result<ListOriginsResponse, NodeError> {
        let most = match request.page_size as usize {
            0 => USUAL_ORIGINS,
            n => n.min(MOST_ORIGINS),
        };
        let after = pages::after(request.page_token, sight)?;
        let mut logs: Vec<ServedLog> = sight.logs();
        logs.retain(|log| log.origin().as_str() > after.as_str());
        logs.sort_by(|a, b| a.origin().as_str().cmp(b.origin().as_str()));
        let all = logs.len();
        let mut bytes = 0;
        let mut origins: Vec<OriginMessage> = Vec::new();
        for log in logs.into_iter().take(most) {
            let origin = self.origin(sight, &log)?;
            bytes += origin.encoded_len() + 8;
            if bytes > MOST_BYTES && !origins.is_empty() {
                break;
            }
            origins.push(origin);
        }
        let next_page_token = match origins.last() {
            Some(last) if origins.len() < all => last.origin.clone(),
            _ => String::new(),
        };
        Ok(ListOriginsResponse {
            origins,
            next_page_token,
        })
    }

    fn origin(&self, sight: &Sight, log: &ServedLog) -> Result<OriginMessage, NodeError> {
        let counts = self.records.kept_count(sight, log)?;
        let holes = log.holes();
        Ok(OriginMessage {
            origin: log.origin().to_string(),
            checkpoint: log.head().map(|head| head.note_bytes()).unwrap_or_default(),
            local: log.is_own(),
            identity: log.identity().notes().to_vec(),
            records: counts.records,
            filtered: holes.filtered,
            erased: holes.erased,
            not_held: holes.not_held,
            stopped: self.network.is_stopped(log.origin()),
        })
    }
}

/// Entries that are told as they come.
struct Told {
    watch: Watch,
    positions: Positions,
    caller: Caller,
    stop: CancellationToken,
}

/// Whether a watch tells its positions.
#[derive(PartialEq, Eq)]
enum Positions {
    Untold,
    /// Where it begins is told first.
    Begin,
    Told,
}

impl Told {
    async fn next(mut self) -> Result<Option<(WatchRecordsResponse, Self)>, Status> {
        if self.positions == Positions::Begin {
            self.positions = Positions::Told;
            let begin = WatchRecordsResponse {
                position: self.watch.position().to_string(),
                ..WatchRecordsResponse::default()
            };
            return Ok(Some((begin, self)));
        }
        let next = tokio::select! {
            next = self.watch.next(self.caller.allowance()) => next,
            () = self.stop.cancelled() => None,
        };
        let Some(next) = next else { return Ok(None) };
        let (proven, head) = next.map_err(public_refusal)?;
        let position = match self.positions {
            Positions::Untold => String::new(),
            _ => self.watch.position_after(&proven).to_string(),
        };
        let answer = WatchRecordsResponse {
            entry: Some(records::entry(proven)),
            checkpoint: head.note_bytes(),
            position,
        };
        Ok(Some((answer, self)))
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
            card: self.network.card().map_err(public_refusal)?,
            capabilities: capabilities::ours(),
            software: capabilities::SOFTWARE.to_owned(),
        }))
    }

    async fn list_origins(
        &self,
        request: Request<ListOriginsRequest>,
    ) -> Result<Response<ListOriginsResponse>, Status> {
        let caller = caller(&request);
        let sight = self.access.reader(&caller);
        let request = request.into_inner();
        let service = self.clone();
        let page = answer(&caller, Cost::HEADS, move |_| {
            service.origins(&sight, request)
        });
        Ok(Response::new(page.await?))
    }

    async fn get_record(
        &self,
        request: Request<GetRecordRequest>,
    ) -> Result<Response<GetRecordResponse>, Status> {
        let caller = caller(&request);
        let sight = self.access.reader(&caller);
        let request = request.into_inner();
        let records = self.records.clone();
        let (entry, checkpoint) = brief_answer(&caller, Cost::RECORD, &self.brief, move |_| {
            records::get(&records, &sight, &request.record_id, &request.origin)
        })
        .await?;
        Ok(Response::new(GetRecordResponse {
            entry: Some(entry),
            checkpoint,
        }))
    }

    async fn count_records(
        &self,
        request: Request<CountRecordsRequest>,
    ) -> Result<Response<CountRecordsResponse>, Status> {
        let caller = caller(&request);
        let sight = self.access.reader(&caller);
        let request = request.into_inner();
        let records = self.records.clone();
        let counts = answer(&caller, Cost::PAGE, move |wanted| {
            records::count(&records, &sight, request, wanted)
        });
        Ok(Response::new(counts.await?))
    }

    async fn get_history(
        &self,
        request: Request<GetHistoryRequest>,
    ) -> Result<Response<GetHistoryResponse>, Status> {
        let caller = caller(&request);
        let sight = self.access.reader(&caller);
        let request = request.into_inner();
        let records = self.records.clone();
        let history = answer(&caller, Cost::PAGE, move |wanted| {
            records::history(&records, &sight, &request, wanted)
        });
        Ok(Response::new(history.await?))
    }

    async fn list_records(
        &self,
        request: Request<ListRecordsRequest>,
    ) -> Result<Response<ListRecordsResponse>, Status> {
        let caller = caller(&request);
        let sight = self.access.reader(&caller);
        let request = request.into_inner();
        let records = self.records.clone();
        let page = answer(&caller, Cost::PAGE, move |wanted| {
            let part = records::part(request.page_size, request.page_token);
            let mut question = records::question(request.filter)?;
            question.order = records::order(request.order, request.descending)?;
            records.list(&sight, &question, &part, wanted)
        })
        .await?;
        Ok(Response::new(ListRecordsResponse {
            entries: page.entries.into_iter().map(records::entry).collect(),
            checkpoints: page.heads.iter().map(|head| head.note_bytes()).collect(),
            next_page_token: page.next_token,
            position: page.position.to_string(),
        }))
    }

    async fn watch_records(
        &self,
        request: Request<WatchRecordsRequest>,
    ) -> Result<Response<Self::WatchRecordsStream>, Status> {
        let caller = caller(&request);
        let sight = self.access.reader(&caller);
        let request = request.into_inner();
        let question = records::question(request.filter).map_err(public_refusal)?;
        let position = records::position(&request.position).map_err(public_refusal)?;
        let watch = self
            .records
            .watch(sight, question, position)
            .map_err(public_refusal)?;
        let told = Told {
            watch,
            positions: match request.tell_positions {
                true => Positions::Begin,
                false => Positions::Untold,
            },
            caller,
            stop: self.stop.clone(),
        };
        Ok(Response::new(parts_while(told, Told::next)))
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}
