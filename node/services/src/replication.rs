//! Serves `wpsx.replication.v1`: heads, packages and payloads of every log that
//! the caller's audience admits, to peers and to readers alike.
//!
//! It sends stored bytes as they are, and reads them one message at a time, when the one
//! before was taken: a slow reader holds a message, and no thread.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use wpsx_domain::{Brief, NodeError, Wanted, access::Access, capabilities, served::ServedLog};
use wpsx_listen::Caller;
use wpsx_proto::{
    api::{
        log::v1::{self as log_api, FrameEncoding, PayloadFrame},
        replication::v1::{
            GetConsistencyRequest, GetConsistencyResponse, GetIdentityRequest, GetIdentityResponse,
            HelloRequest, HelloResponse, IndexRange, KnownHead, ListHeadsRequest,
            ListHeadsResponse, ReadPackagesRequest, ReadPackagesResponse, ReadPayloadsRequest,
            ReadPayloadsResponse, ReportErasureRequest, ReportErasureResponse, ReportForkRequest,
            ReportForkResponse, ReportRefusalRequest, ReportRefusalResponse, Standing,
            WatchHeadsRequest, WatchHeadsResponse, replication_service_server::ReplicationService,
        },
    },
    chain,
    erasure::ProvenErasure,
    fork::ProvenFork,
    hash::Hash,
    heads::MOST_HEADS,
    index::{BUNDLE, LeafIndex, TreeSize},
};

use crate::{
    calls::{Answers, Cost, brief_answer, caller, parts},
    codes::public_refusal,
    heads::{Telling, Watching},
    network::Network,
    pages,
    payload_filter::CountryFilter,
    records,
};

/// Ranges and indexes in one call for payloads.
const MOST_RANGES: usize = 4_096;
const MOST_INDEXES: u64 = 65_536;
/// Bytes of the fields of a report.
const REFUSAL_FIELDS: [(&str, usize); 3] = [("origin", 255), ("code", 64), ("reason", 1_000)];

/// The service over one node. Clones are the same.
#[derive(Clone)]
pub struct Replication {
    access: Access,
    network: Arc<dyn Network>,
    stop: CancellationToken,
    brief: Briefly,
}

/// How quick reading is, for each of what is read.
#[derive(Clone, Default)]
struct Briefly {
    proofs: Arc<Brief>,
    packages: Arc<Brief>,
    frames: Arc<Brief>,
}

impl Replication {
    /// Serves the logs to whom `access` lets see them; watches end at `stop`.
    pub fn new(access: Access, network: Arc<dyn Network>, stop: CancellationToken) -> Self {
        Self {
            access,
            network,
            stop,
            brief: Briefly::default(),
        }
    }

    fn log(&self, caller: &Caller, origin: &str) -> Result<ServedLog, Status> {
        let name = records::origin("origin", origin).map_err(public_refusal)?;
        let sight = self.access.reader(caller);
        sight
            .log(&name)
            .ok_or_else(|| public_refusal(NodeError::not_found("log", origin)))
    }

    fn peer_name(&self, caller: &Caller) -> Result<String, Status> {
        caller
            .key()
            .and_then(|key| self.network.peer_name(key))
            .ok_or_else(|| Status::permission_denied("only a peer of this node may report"))
    }

    /// What a peer hands in to prove something.
    fn evidence<T>(&self, caller: &Caller, evidence: Option<T>) -> Result<T, Status> {
        self.peer_name(caller)?;
        evidence.ok_or_else(|| invalid("evidence", "missing"))
    }

    fn telling(
        &self,
        caller: &Caller,
        known: Vec<KnownHead>,
        only: Vec<String>,
    ) -> Result<Telling, Status> {
        let sight = self.access.reader(caller);
        Telling::new(caller.clone(), sight, self.network.clone(), known, only)
            .map_err(public_refusal)
    }
}

/// Payloads that are being read.
struct Frames {
    log: ServedLog,
    ranges: VecDeque<IndexRange>,
    filter: Option<CountryFilter>,
    zstd: bool,
    ready: VecDeque<PayloadFrame>,
}

impl Frames {
    /// Bytes that were read with what came before them.
    fn waiting(&self) -> usize {
        self.ready.iter().map(|frame| frame.data.len()).sum()
    }

    /// The next frame. Reads as little as one holds.
    fn next(&mut self, wanted: &Wanted) -> Result<Option<PayloadFrame>, NodeError> {
        while self.ready.is_empty() {
            wanted.check()?;
            let Some(range) = self.ranges.front_mut() else {
                return Ok(None);
            };
            let (start, end) = (LeafIndex::new(range.start), LeafIndex::new(range.end));
            let (frames, stop) = self.log.some_frames(start, end, self.zstd)?;
            range.start = stop.value();
            if range.start == range.end {
                self.ranges.pop_front();
            }
            for frame in frames {
                match &self.filter {
                    None => self.ready.push_back(frame),
                    Some(filter) => {
                        let left = filter.apply(&self.log, frame, self.zstd)?;
                        self.ready.extend(left);
                    }
                }
            }
        }
        Ok(self.ready.pop_front())
    }
}

/// Refuses a report that would have to be cut.
fn within_bounds(report: &ReportRefusalRequest) -> Result<(), NodeError> {
    let fields = [&report.origin, &report.code, &report.reason];
    for ((field, most), said) in REFUSAL_FIELDS.into_iter().zip(fields) {
        if said.len() > most {
            return Err(NodeError::invalid(field, format!("at most {most} bytes")));
        }
    }
    Ok(())
}

fn invalid(field: &'static str, reason: &str) -> Status {
    public_refusal(NodeError::invalid(field, reason))
}

#[tonic::async_trait]
impl ReplicationService for Replication {
    type WatchHeadsStream = Answers<WatchHeadsResponse>;
    type ReadPackagesStream = Answers<ReadPackagesResponse>;
    type ReadPayloadsStream = Answers<ReadPayloadsResponse>;

    async fn hello(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloResponse>, Status> {
        let caller = caller(&request);
        let mut standing = Standing::Stranger;
        let mut your_card = Bytes::new();
        if let Ok(peer) = self.peer_name(&caller) {
            standing = Standing::Peer;
            let HelloRequest {
                capabilities, card, ..
            } = request.into_inner();
            let said = self.network.said_hello(&peer, capabilities, &card);
            your_card = said.map_err(public_refusal)?;
        }
        Ok(Response::new(HelloResponse {
            capabilities: capabilities::ours(),
            software: capabilities::SOFTWARE.to_owned(),
            card: self.network.card().map_err(public_refusal)?,
            standing: standing.into(),
            your_card,
        }))
    }

    async fn list_heads(
        &self,
        request: Request<ListHeadsRequest>,
    ) -> Result<Response<ListHeadsResponse>, Status> {
        let caller = caller(&request);
        let request = request.into_inner();
        let most = match request.page_size as usize {
            0 => MOST_HEADS,
            n => n.min(MOST_HEADS),
        };
        let sight = self.access.reader(&caller);
        let after = pages::after(request.page_token, &sight).map_err(public_refusal)?;
        let telling = self.telling(&caller, request.known, request.origins)?;
        caller.hold(caller.allowance().memory(Cost::HEADS.memory).await);
        let next = telling.all(after, most).await;
        let (_, answer) = next.map_err(public_refusal)?;
        let next_page_token = match answer.heads.last() {
            Some(last) if answer.more => last.origin.clone(),
            _ => String::new(),
        };
        Ok(Response::new(ListHeadsResponse {
            heads: answer.heads,
            next_page_token,
        }))
    }

    async fn watch_heads(
        &self,
        request: Request<WatchHeadsRequest>,
    ) -> Result<Response<Self::WatchHeadsStream>, Status> {
        let caller = caller(&request);
        let request = request.into_inner();
        let telling = self.telling(&caller, request.known, request.origins)?;
        let watching = Watching::begin(telling, self.access.changes(), self.stop.clone());
        Ok(Response::new(watching.answers()))
    }

    async fn get_identity(
        &self,
        request: Request<GetIdentityRequest>,
    ) -> Result<Response<GetIdentityResponse>, Status> {
        let log = self.log(&caller(&request), &request.get_ref().origin)?;
        Ok(Response::new(GetIdentityResponse {
            operations: log.identity().notes().to_vec(),
        }))
    }

    async fn get_consistency(
        &self,
        request: Request<GetConsistencyRequest>,
    ) -> Result<Response<GetConsistencyResponse>, Status> {
        let caller = caller(&request);
        let log = self.log(&caller, &request.get_ref().origin)?;
        let (from, to) = (request.get_ref().from_size, request.get_ref().to_size);
        if to > log.stored().value() {
            return Err(invalid("to_size", "beyond what this node holds"));
        }
        if from > to {
            return Err(invalid("from_size", "larger than to_size"));
        }
        let (from, to) = (TreeSize::new(from), TreeSize::new(to));
        let work = move |_: &Wanted| log.consistency(from, to);
        let proof = brief_answer(&caller, Cost::SMALL, &self.brief.proofs, work).await?;
        Ok(Response::new(GetConsistencyResponse {
            proof: Hash::list_to_bytes(&proof),
        }))
    }

    async fn read_packages(
        &self,
        request: Request<ReadPackagesRequest>,
    ) -> Result<Response<Self::ReadPackagesStream>, Status> {
        let caller = caller(&request);
        let log = self.log(&caller, &request.get_ref().origin)?;
        let ReadPackagesRequest {
            start,
            end,
            tree_size,
            ..
        } = request.into_inner();
        let held = log.stored().value();
        if tree_size > held {
            return Err(invalid("tree_size", "beyond what this node holds"));
        }
        let end = if end == 0 { tree_size } else { end };
        if start > end || end > tree_size {
            return Err(invalid("start", "start <= end <= tree_size must hold"));
        }
        let next = move |at: &mut u64, _: &Wanted| {
            if *at == end {
                return Ok(None);
            }
            let aligned = *at - *at % BUNDLE;
            let stop = end.min(aligned + BUNDLE);
            let entries = log.entries(LeafIndex::new(*at), LeafIndex::new(stop))?;
            let proof = log.subtree(
                LeafIndex::new(aligned),
                TreeSize::new(stop),
                TreeSize::new(tree_size),
            )?;
            let package = log_api::Package {
                start: *at,
                entries: entries.bytes(),
                proof: Hash::list_to_bytes(&proof),
            };
            *at = stop;
            let bytes = package.entries.len() + package.proof.len();
            let package = Some(package);
            Ok(Some((ReadPackagesResponse { package }, bytes)))
        };
        let cost = (Cost::PACKAGE, self.brief.packages.clone());
        Ok(Response::new(parts(caller, cost, start, next)))
    }

    async fn read_payloads(
        &self,
        request: Request<ReadPayloadsRequest>,
    ) -> Result<Response<Self::ReadPayloadsStream>, Status> {
        let caller = caller(&request);
        let log = self.log(&caller, &request.get_ref().origin)?;
        let request = request.into_inner();
        if request.ranges.len() > MOST_RANGES {
            return Err(invalid("ranges", "at most 4,096 in one call"));
        }
        let mut next = 0;
        let mut indexes = 0u64;
        for range in &request.ranges {
            if range.start < next || range.end <= range.start || range.end > log.stored().value() {
                return Err(invalid(
                    "ranges",
                    "ascending, apart, not empty and within the log",
                ));
            }
            indexes += range.end - range.start;
            next = range.end;
        }
        if indexes > MOST_INDEXES {
            return Err(invalid("ranges", "at most 65,536 indexes in one call"));
        }
        let zstd = request.encodings.contains(&(FrameEncoding::Zstd as i32));
        let filter = CountryFilter::new(&request.countries).map_err(public_refusal)?;
        let frames = Frames {
            log,
            ranges: request.ranges.into(),
            filter,
            zstd,
            ready: VecDeque::new(),
        };
        let next = |frames: &mut Frames, wanted: &Wanted| {
            let frame = frames.next(wanted)?;
            Ok(frame.map(|frame| {
                let bytes = frame.data.len() + frame.states.len() + frames.waiting();
                (ReadPayloadsResponse { frame: Some(frame) }, bytes)
            }))
        };
        let cost = (Cost::FRAMES, self.brief.frames.clone());
        Ok(Response::new(parts(caller, cost, frames, next)))
    }

    async fn report_refusal(
        &self,
        request: Request<ReportRefusalRequest>,
    ) -> Result<Response<ReportRefusalResponse>, Status> {
        let peer = self.peer_name(&caller(&request))?;
        let report = request.into_inner();
        within_bounds(&report).map_err(public_refusal)?;
        if report.resolved {
            self.network.refused_no_more(&peer, &report.origin);
            return Ok(Response::new(ReportRefusalResponse {}));
        }
        self.network
            .refused_by(&peer, &report.origin, &report.code, &report.reason);
        Ok(Response::new(ReportRefusalResponse {}))
    }

    async fn report_fork(
        &self,
        request: Request<ReportForkRequest>,
    ) -> Result<Response<ReportForkResponse>, Status> {
        let caller = caller(&request);
        let evidence = self.evidence(&caller, request.into_inner().evidence)?;
        let log = self.log(&caller, &evidence.origin)?;
        let fork = ProvenFork::check(&evidence, &log.key())
            .map_err(|e| public_refusal(NodeError::invalid("evidence", e)))?;
        self.network.take_fork(fork).map_err(public_refusal)?;
        Ok(Response::new(ReportForkResponse {}))
    }

    async fn report_erasure(
        &self,
        request: Request<ReportErasureRequest>,
    ) -> Result<Response<ReportErasureResponse>, Status> {
        let caller = caller(&request);
        let evidence = self.evidence(&caller, request.into_inner().evidence)?;
        let log = self.log(&caller, &evidence.origin)?;
        let erasure = ProvenErasure::check(&evidence, &log.key())
            .map_err(|e| public_refusal(NodeError::invalid("evidence", chain(&e))))?;
        let taken = self.network.take_erasure(erasure).await;
        taken.map_err(public_refusal)?;
        Ok(Response::new(ReportErasureResponse {}))
    }
}

impl std::fmt::Debug for Replication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replication").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_with_a_longer_field_is_refused_and_not_cut() {
        let report = |origin: usize, code: usize, reason: usize| ReportRefusalRequest {
            origin: "o".repeat(origin),
            code: "c".repeat(code),
            reason: "r".repeat(reason),
            resolved: false,
        };
        assert!(within_bounds(&report(255, 64, 1_000)).is_ok());
        for (longer, named) in [
            (report(256, 0, 0), "origin"),
            (report(0, 65, 0), "code"),
            (report(0, 0, 1_001), "reason"),
        ] {
            let Err(NodeError::Invalid { field, .. }) = within_bounds(&longer) else {
                panic!("{named} was taken");
            };
            assert_eq!(field, named);
        }
    }
}
