//! Serves `wpsx.replication.v1`: heads, packages and payloads of every log that
//! the caller's audience admits, to peers and to readers alike.
//!
//! It sends stored bytes as they are. What it reads from disk runs on blocking
//! threads behind bounded channels, so a slow reader holds one thread's place
//! and a few messages, never more.

use std::{
    collections::{HashMap, HashSet},
    pin::Pin,
    time::Duration,
};

use bytes::Bytes;
use futures::Stream;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use wpsx_proto::{
    api::{
        log::v1::{self as log_api, FrameEncoding},
        replication::v1::{
            GetConsistencyRequest, GetConsistencyResponse, GetIdentityRequest, GetIdentityResponse,
            Head, HelloRequest, HelloResponse, KnownHead, ListHeadsRequest, ListHeadsResponse,
            ReadPackagesRequest, ReadPackagesResponse, ReadPayloadsRequest, ReadPayloadsResponse,
            ReportForkRequest, ReportForkResponse, ReportRefusalRequest, ReportRefusalResponse,
            WatchHeadsRequest, WatchHeadsResponse, replication_service_server::ReplicationService,
        },
    },
    checkpoint::VerifiedCheckpoint,
    fork::ProvenFork,
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    origin::Origin,
    proof::{prove_consistency, prove_subtree},
};

use crate::{
    audience::admits, error::NodeError, listen::Caller, node::Node, payload_filter::CountryFilter,
    refusals::Side, store::LogHandle,
};

/// Heads in one answer.
const MOST_HEADS: usize = 1_000;
/// Heads in one message of a stream.
const MOST_AT_ONCE: usize = 64;
/// Bytes of the heads in one message, whatever their number.
const HEADS_BYTES: usize = 1 << 20;
/// What names and measures one head in its message, at most.
const HEAD_TAG: usize = 6;
/// Ranges and indexes in one call for payloads.
const MOST_RANGES: usize = 4_096;
const MOST_INDEXES: u64 = 65_536;
/// Messages ready to be sent on one stream.
const AHEAD: usize = 4;
/// New cosignatures on a known size are told of at most this often.
const COSIGNATURE_PACE: Duration = Duration::from_secs(1);

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// The service over one node.
#[derive(Clone)]
pub struct Replication {
    node: Node,
}

impl Replication {
    /// Serves `node`'s logs.
    pub fn new(node: Node) -> Self {
        Self { node }
    }

    fn log(&self, caller: &Caller, origin: &str) -> Result<LogHandle, Status> {
        let missing = || Status::from(NodeError::not_found("log", origin));
        let parsed = Origin::parse(origin).map_err(|_| missing())?;
        if !admits(self.node.peers(), caller, &parsed) {
            return Err(missing());
        }
        self.node.store().log(&parsed).ok_or_else(missing)
    }

    fn peer_name(&self, caller: &Caller) -> Result<String, Status> {
        let key = caller.key.as_ref();
        key.and_then(|key| self.node.peers().by_key(key))
            .map(|peer| peer.name().to_owned())
            .ok_or_else(|| Status::permission_denied("only a peer of this node may report"))
    }
}

/// Who asks for heads, and what it was told so far.
struct Asker {
    node: Node,
    caller: Caller,
    /// The logs it asks for; every one if it names none.
    only: HashSet<String>,
    known: HashMap<String, Told>,
}

/// What an asker knows of one log.
#[derive(Clone, Copy)]
struct Told {
    size: u64,
    note_hash: Option<[u8; 8]>,
}

impl Asker {
    fn new(
        node: Node,
        caller: Caller,
        only: Vec<String>,
        known: Vec<KnownHead>,
    ) -> Result<Self, Status> {
        for (field, count) in [("origins", only.len()), ("known", known.len())] {
            if count > MOST_HEADS {
                return Err(NodeError::invalid(field, "at most 1,000 logs in one call").into());
            }
        }
        let known = known.into_iter().map(|k| {
            let note_hash = k.note_hash.as_ref().try_into().ok();
            let size = k.tree_size;
            (k.origin, Told { size, note_hash })
        });
        Ok(Self {
            node,
            caller,
            only: only.into_iter().collect(),
            known: known.collect(),
        })
    }

    /// The head of each log that it asks for, may see, and knows another head of; from
    /// then on it knows these. Proofs are read from disk, hence the blocking thread.
    async fn news(mut self, cosignatures_too: bool) -> Result<(Self, Vec<Head>), Status> {
        tokio::task::spawn_blocking(move || {
            let mut heads = Vec::new();
            for log in self.node.store().logs() {
                heads.extend(self.news_of(&log, cosignatures_too)?);
            }
            Ok((self, heads))
        })
        .await
        .map_err(|e| Status::internal(e.to_string()))?
    }

    fn news_of(&mut self, log: &LogHandle, cosignatures_too: bool) -> Result<Option<Head>, Status> {
        let origin = log.origin();
        let wanted = self.only.is_empty() || self.only.contains(origin.as_str());
        if !wanted || !admits(self.node.peers(), &self.caller, origin) {
            return Ok(None);
        }
        let Some(head) = log.head() else {
            return Ok(None);
        };
        let told = self.known.get(origin.as_str());
        let (size, hash) = (head.size().value(), note_hash(&head.note_bytes()));
        let is_new = told.is_none_or(|told| {
            told.size != size
                || (cosignatures_too && told.note_hash.is_some_and(|held| held != hash))
        });
        if !is_new {
            return Ok(None);
        }
        let from = told.map_or(0, |told| told.size);
        let consistency = consistency(log, from, &head)?;
        let told = Told {
            size,
            note_hash: Some(hash),
        };
        self.known.insert(origin.to_string(), told);
        Ok(Some(Head {
            origin: origin.to_string(),
            checkpoint: head.note_bytes(),
            consistency_from: if consistency.is_empty() { 0 } else { from },
            consistency,
            stopped: self.node.forks().stopped(origin),
        }))
    }
}

/// How many of the first heads go into one message: at least one, at most `most`.
fn fitting(heads: &[Head], most: usize) -> usize {
    let mut bytes = 0;
    let fit = heads.iter().take(most).take_while(|head| {
        bytes += head.encoded_len() + HEAD_TAG;
        bytes <= HEADS_BYTES
    });
    fit.count().max(1).min(heads.len())
}

/// The first 8 bytes of SHA-256 of a signed note.
pub fn note_hash(note: &[u8]) -> [u8; 8] {
    let digest: [u8; 32] = Sha256::digest(note).into();
    let mut short = [0; 8];
    short.copy_from_slice(&digest[..8]);
    short
}

fn consistency(log: &LogHandle, from: u64, head: &VerifiedCheckpoint) -> Result<Bytes, Status> {
    if from == 0 || from >= head.size().value() {
        return Ok(Bytes::new());
    }
    let proof = prove_consistency(log, TreeSize::new(from), head.size())
        .map_err(|e| Status::from(NodeError::Store(e)))?;
    Ok(Hash::list_to_bytes(&proof))
}

fn caller<T>(request: &Request<T>) -> Caller {
    request
        .extensions()
        .get::<Caller>()
        .cloned()
        .unwrap_or_default()
}

/// Runs `work` on a blocking thread that feeds a bounded stream.
fn stream_from<T: Send + 'static>(
    work: impl FnOnce(&mpsc::Sender<Result<T, Status>>) -> Result<(), Status> + Send + 'static,
) -> Answers<T> {
    let (tx, rx) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        if let Err(status) = work(&tx) {
            // The reader may be gone; then nobody wants the reason either.
            let _ = tx.blocking_send(Err(status));
        }
    });
    Box::pin(ReceiverStream::new(rx))
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
            self.node
                .links()
                .set_capabilities(&peer, request.into_inner().capabilities);
        }
        Ok(Response::new(HelloResponse {
            capabilities: crate::capabilities::ours(),
            software: crate::capabilities::SOFTWARE.to_owned(),
            card: self.node.card()?.note_bytes(),
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
        let asker = Asker::new(self.node.clone(), caller, request.origins, request.known)?;
        let (_, mut heads) = asker.news(true).await?;
        heads.sort_by(|a, b| a.origin.cmp(&b.origin));
        heads.retain(|head| head.origin > request.page_token);
        let fitting = fitting(&heads, most);
        let more = heads.len() > fitting;
        heads.truncate(fitting);
        let next_page_token = match heads.last() {
            Some(last) if more => last.origin.clone(),
            _ => String::new(),
        };
        Ok(Response::new(ListHeadsResponse {
            heads,
            next_page_token,
        }))
    }

    async fn watch_heads(
        &self,
        request: Request<WatchHeadsRequest>,
    ) -> Result<Response<Self::WatchHeadsStream>, Status> {
        let caller = caller(&request);
        let request = request.into_inner();
        let mut asker = Asker::new(self.node.clone(), caller, request.origins, request.known)?;
        let (tx, rx) = mpsc::channel(AHEAD);
        let mut changes = self.node.changes();
        let stop = self.node.stopping();
        tokio::spawn(async move {
            let mut paced = tokio::time::interval(COSIGNATURE_PACE);
            paced.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut cosignatures_too = true;
            loop {
                changes.mark_unchanged();
                let mut heads = match asker.news(cosignatures_too).await {
                    Ok((same, heads)) => {
                        asker = same;
                        heads
                    }
                    Err(status) => {
                        let _ = tx.send(Err(status)).await;
                        return;
                    }
                };
                while !heads.is_empty() {
                    let later = heads.split_off(fitting(&heads, MOST_AT_ONCE));
                    if tx.send(Ok(WatchHeadsResponse { heads })).await.is_err() {
                        return;
                    }
                    heads = later;
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
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(rx))))
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
            return Err(NodeError::invalid("to_size", "beyond what this node holds").into());
        }
        if from > to {
            return Err(NodeError::invalid("from_size", "larger than to_size").into());
        }
        let proof = tokio::task::spawn_blocking(move || {
            if from == 0 || from == to {
                return Ok(Vec::new());
            }
            prove_consistency(&log, TreeSize::new(from), TreeSize::new(to))
        })
        .await
        .map_err(|e| Status::internal(e.to_string()))?
        .map_err(|e| Status::from(NodeError::Store(e)))?;
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
            return Err(NodeError::invalid("tree_size", "beyond what this node holds").into());
        }
        let end = if end == 0 { tree_size } else { end };
        if start > end || end > tree_size {
            return Err(NodeError::invalid("start", "start <= end <= tree_size must hold").into());
        }
        Ok(Response::new(stream_from(move |tx| {
            let mut at = start;
            while at < end {
                let aligned = at - at % BUNDLE;
                let stop = end.min(aligned + BUNDLE);
                let entries = log
                    .entries(LeafIndex::new(at), LeafIndex::new(stop))
                    .map_err(NodeError::Store)?;
                let proof = prove_subtree(
                    &log,
                    LeafIndex::new(aligned),
                    TreeSize::new(stop),
                    TreeSize::new(tree_size),
                )
                .map_err(NodeError::Store)?;
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
            return Err(NodeError::invalid("ranges", "at most 4,096 in one call").into());
        }
        let mut next = 0;
        let mut indexes = 0u64;
        for range in &request.ranges {
            if range.start < next || range.end <= range.start || range.end > log.stored().value() {
                return Err(NodeError::invalid(
                    "ranges",
                    "ascending, apart, not empty and within the log",
                )
                .into());
            }
            indexes += range.end - range.start;
            next = range.end;
        }
        if indexes > MOST_INDEXES {
            return Err(NodeError::invalid("ranges", "at most 65,536 indexes in one call").into());
        }
        let zstd = request.encodings.contains(&(FrameEncoding::Zstd as i32));
        let filter = CountryFilter::new(request.countries)?;
        Ok(Response::new(stream_from(move |tx| {
            for range in request.ranges {
                let mut at = range.start;
                while at < range.end {
                    let stop = range.end.min(at - at % BUNDLE + BUNDLE);
                    let frames = log
                        .frames(LeafIndex::new(at), LeafIndex::new(stop), zstd)
                        .map_err(NodeError::Store)?;
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
        self.node.refusals().record(
            &peer,
            Side::Theirs,
            &report.origin,
            &report.code,
            &report.reason,
        );
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
            .ok_or_else(|| Status::from(NodeError::invalid("evidence", "missing")))?;
        let log = self.log(&caller, &evidence.origin)?;
        let fork = ProvenFork::check(&evidence, &log.key())
            .map_err(|e| Status::from(NodeError::invalid("evidence", e)))?;
        self.node.record_fork(fork)?;
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

    fn head(checkpoint: usize) -> Head {
        Head {
            origin: "eu.example/wpsx/public".to_owned(),
            checkpoint: Bytes::from(vec![b'x'; checkpoint]),
            ..Head::default()
        }
    }

    #[test]
    fn a_message_of_heads_is_bounded_by_number_and_by_bytes() {
        assert_eq!(fitting(&[], 64), 0);
        assert_eq!(fitting(&vec![head(200); 100], 64), 64);
        assert_eq!(fitting(&vec![head(200); 10], 64), 10);
        let large = vec![head(16 << 10); 1_000];
        let fit = fitting(&large, 1_000);
        let message = WatchHeadsResponse {
            heads: large[..fit].to_vec(),
        };
        assert!(message.encoded_len() <= HEADS_BYTES);
        assert!(fit > 60, "{fit}");
        // What is too large by itself goes alone and is the receiver's to refuse.
        assert_eq!(fitting(&[head(2 << 20), head(10)], 64), 1);
    }
}
