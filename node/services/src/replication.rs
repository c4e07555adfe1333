//! Serves `wpsx.replication.v1`: heads, packages and payloads of every log that
//! the caller's audience admits, to peers and to readers alike.
//!
//! It sends stored bytes as they are. What it reads from disk runs on blocking
//! threads behind bounded channels, so a slow reader holds one thread's place
//! and a few messages, never more.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use wpsx_domain::{NodeError, access::Access, capabilities, served::ServedLog};
use wpsx_listen::Caller;
use wpsx_proto::{
    api::{
        log::v1::{self as log_api, FrameEncoding},
        replication::v1::{
            GetConsistencyRequest, GetConsistencyResponse, GetIdentityRequest, GetIdentityResponse,
            HelloRequest, HelloResponse, KnownHead, ListHeadsRequest, ListHeadsResponse,
            ReadPackagesRequest, ReadPackagesResponse, ReadPayloadsRequest, ReadPayloadsResponse,
            ReportForkRequest, ReportForkResponse, ReportRefusalRequest, ReportRefusalResponse,
            WatchHeadsRequest, WatchHeadsResponse, replication_service_server::ReplicationService,
        },
    },
    fork::ProvenFork,
    hash::Hash,
    heads::MOST_HEADS,
    index::{BUNDLE, LeafIndex, TreeSize},
};

use crate::{
    calls::{Answers, blocking, caller, stream_from, stream_while},
    codes::refusal,
    heads::Telling,
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
/// Messages ready to be sent on one stream.
const AHEAD: usize = 4;
/// New cosignatures on a known size are told of at most this often.
const COSIGNATURE_PACE: Duration = Duration::from_secs(1);

/// The service over one node. Clones are the same.
#[derive(Clone)]
pub struct Replication {
    access: Access,
    network: Arc<dyn Network>,
    stop: CancellationToken,
}

impl Replication {
    /// Serves the logs to whom `access` lets see them; watches end at `stop`.
    pub fn new(access: Access, network: Arc<dyn Network>, stop: CancellationToken) -> Self {
        Self {
            access,
            network,
            stop,
        }
    }

    fn log(&self, caller: &Caller, origin: &str) -> Result<ServedLog, Status> {
        let name = records::origin("origin", origin).map_err(refusal)?;
        let sight = self.access.reader(caller);
        sight
            .log(&name)
            .ok_or_else(|| refusal(NodeError::not_found("log", origin)))
    }

    fn peer_name(&self, caller: &Caller) -> Result<String, Status> {
        caller
            .key()
            .and_then(|key| self.network.peer_name(key))
            .ok_or_else(|| Status::permission_denied("only a peer of this node may report"))
    }

    fn telling(
        &self,
        caller: &Caller,
        known: Vec<KnownHead>,
        only: Vec<String>,
    ) -> Result<Telling, Status> {
        let sight = self.access.reader(caller);
        Telling::new(sight, self.network.clone(), known, only).map_err(refusal)
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
    refusal(NodeError::invalid(field, reason))
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
        if let Ok(peer) = self.peer_name(&caller) {
            let HelloRequest {
                capabilities, card, ..
            } = request.into_inner();
            let said = self.network.said_hello(&peer, capabilities, &card);
            said.map_err(refusal)?;
        }
        Ok(Response::new(HelloResponse {
            capabilities: capabilities::ours(),
            software: capabilities::SOFTWARE.to_owned(),
            card: self.network.card().map_err(refusal)?,
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
        let after = pages::after(request.page_token, &sight).map_err(refusal)?;
        let telling = self.telling(&caller, request.known, request.origins)?;
        let next = telling.next(after, most, true).await;
        let (_, answer) = next.map_err(refusal)?;
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
        let mut telling = self.telling(&caller, request.known, request.origins)?;
        let mut changes = self.access.changes();
        let stop = self.stop.clone();
        Ok(Response::new(stream_while(AHEAD, |tx| async move {
            let mut paced = tokio::time::interval(COSIGNATURE_PACE);
            paced.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut cosignatures_too = true;
            loop {
                changes.mark_unchanged();
                let mut after = String::new();
                loop {
                    let next = telling.next(after, MOST_HEADS, cosignatures_too);
                    let (same, answer) = match next.await {
                        Ok(next) => next,
                        Err(error) => {
                            let _ = tx.send(Err(refusal(error))).await;
                            return;
                        }
                    };
                    telling = same;
                    let more = answer.more;
                    let heads = telling.tell(answer);
                    let Some(last) = heads.last() else { break };
                    after = last.origin.clone();
                    if tx.send(Ok(WatchHeadsResponse { heads })).await.is_err() {
                        return;
                    }
                    if !more {
                        break;
                    }
                }
                tokio::select! {
                    changed = changes.changed() => {
                        if changed.is_err() {
                            return;
                        }
                        cosignatures_too = false;
                    }
                    _ = paced.tick() => cosignatures_too = true,
                    () = tx.closed() => return,
                    () = stop.cancelled() => return,
                }
            }
        })))
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
        let log = self.log(&caller(&request), &request.get_ref().origin)?;
        let (from, to) = (request.get_ref().from_size, request.get_ref().to_size);
        if to > log.stored().value() {
            return Err(invalid("to_size", "beyond what this node holds"));
        }
        if from > to {
            return Err(invalid("from_size", "larger than to_size"));
        }
        let (from, to) = (TreeSize::new(from), TreeSize::new(to));
        let proof = blocking(move || log.consistency(from, to)).await?;
        Ok(Response::new(GetConsistencyResponse {
            proof: Hash::list_to_bytes(&proof),
        }))
    }

    async fn read_packages(
        &self,
        request: Request<ReadPackagesRequest>,
    ) -> Result<Response<Self::ReadPackagesStream>, Status> {
        let log = self.log(&caller(&request), &request.get_ref().origin)?;
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
        Ok(Response::new(stream_from(AHEAD, move |tx| {
            let mut at = start;
            while at < end {
                let aligned = at - at % BUNDLE;
                let stop = end.min(aligned + BUNDLE);
                let entries = log.entries(LeafIndex::new(at), LeafIndex::new(stop))?;
                let proof = log.subtree(
                    LeafIndex::new(aligned),
                    TreeSize::new(stop),
                    TreeSize::new(tree_size),
                )?;
                let package = log_api::Package {
                    start: at,
                    entries: entries.bytes(),
                    proof: Hash::list_to_bytes(&proof),
                };
                let answer = ReadPackagesResponse {
                    package: Some(package),
                };
                if tx.blocking_send(Ok(answer)).is_err() {
                    return Ok(());
                }
                at = stop;
            }
            Ok(())
        })))
    }

    async fn read_payloads(
        &self,
        request: Request<ReadPayloadsRequest>,
    ) -> Result<Response<Self::ReadPayloadsStream>, Status> {
        let log = self.log(&caller(&request), &request.get_ref().origin)?;
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
        let filter = CountryFilter::new(&request.countries).map_err(refusal)?;
        Ok(Response::new(stream_from(AHEAD, move |tx| {
            for range in request.ranges {
                let mut at = range.start;
                while at < range.end {
                    let stop = range.end.min(at - at % BUNDLE + BUNDLE);
                    let frames = log.frames(LeafIndex::new(at), LeafIndex::new(stop), zstd)?;
                    for frame in frames {
                        let frame = match &filter {
                            None => vec![frame],
                            Some(filter) => filter.apply(&log, frame, zstd)?,
                        };
                        for frame in frame {
                            let answer = ReadPayloadsResponse { frame: Some(frame) };
                            if tx.blocking_send(Ok(answer)).is_err() {
                                return Ok(());
                            }
                        }
                    }
                    at = stop;
                }
            }
            Ok(())
        })))
    }

    async fn report_refusal(
        &self,
        request: Request<ReportRefusalRequest>,
    ) -> Result<Response<ReportRefusalResponse>, Status> {
        let peer = self.peer_name(&caller(&request))?;
        let report = request.into_inner();
        within_bounds(&report).map_err(refusal)?;
        self.network
            .refused_by(&peer, &report.origin, &report.code, &report.reason);
        Ok(Response::new(ReportRefusalResponse {}))
    }

    async fn report_fork(
        &self,
        request: Request<ReportForkRequest>,
    ) -> Result<Response<ReportForkResponse>, Status> {
        let caller = caller(&request);
        self.peer_name(&caller)?;
        let evidence = request
            .into_inner()
            .evidence
            .ok_or_else(|| invalid("evidence", "missing"))?;
        let log = self.log(&caller, &evidence.origin)?;
        let fork = ProvenFork::check(&evidence, &log.key())
            .map_err(|e| refusal(NodeError::invalid("evidence", e)))?;
        self.network.take_fork(fork).map_err(refusal)?;
        Ok(Response::new(ReportForkResponse {}))
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
