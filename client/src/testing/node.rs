//! A node in memory that serves logs, honestly or not.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures::{FutureExt as _, Stream, StreamExt as _, future::BoxFuture, stream};
use tokio::sync::watch;
use tonic::{Request, Response, Status, body::Body};
use tower::Service;
use wpsx_proto::{
    api::{
        exchange::v1::{
            GetNodeRequest, GetNodeResponse, GetRecordRequest, GetRecordResponse,
            ListOriginsRequest, ListOriginsResponse, ListRecordsRequest, ListRecordsResponse,
            Origin as ApiOrigin, ProvenEntry, RecordFilter, WatchRecordsRequest,
            WatchRecordsResponse,
            exchange_service_server::{ExchangeService, ExchangeServiceServer},
        },
        log::v1::FrameEncoding,
        replication::v1::{
            GetConsistencyRequest, GetConsistencyResponse, GetIdentityRequest, GetIdentityResponse,
            Head, HelloRequest, HelloResponse, KnownHead, ListHeadsRequest, ListHeadsResponse,
            ReadPackagesRequest, ReadPackagesResponse, ReadPayloadsRequest, ReadPayloadsResponse,
            ReportForkRequest, ReportForkResponse, ReportRefusalRequest, ReportRefusalResponse,
            WatchHeadsRequest, WatchHeadsResponse,
            replication_service_server::{ReplicationService, ReplicationServiceServer},
        },
    },
    card::NodeCard,
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    origin::{NodeName, Origin, RecordId, TlsKeyHash},
};

use super::{Lie, TestLog, log::flip};

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// A node in memory. Clones are the same node.
#[derive(Clone)]
pub struct TestNode {
    state: Arc<Mutex<State>>,
    changed: Arc<watch::Sender<u64>>,
}

struct State {
    logs: BTreeMap<String, TestLog>,
    card: Bytes,
    capabilities: Vec<String>,
    lie: Option<Lie>,
    drip: Duration,
    sent: Sent,
    refusals: Vec<(String, String)>,
}

/// What a test node has sent so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Calls answered.
    pub calls: u64,
    /// Entries, in packages.
    pub entries: u64,
    /// Payload slots, in frames.
    pub slots: u64,
    /// Frames that went compressed.
    pub compressed: u64,
}

impl TestNode {
    /// A node that hosts the publisher of `log` and serves it.
    pub fn new(log: TestLog) -> Self {
        Self::with_logs(vec![log])
    }

    /// A node that hosts the publishers of several logs.
    pub fn with_logs(logs: Vec<TestLog>) -> Self {
        let card = super::log::card_of(&logs);
        let logs = logs
            .into_iter()
            .map(|log| (log.origin().to_string(), log))
            .collect();
        Self {
            state: Arc::new(Mutex::new(State {
                logs,
                card,
                capabilities: vec!["zstd".to_owned()],
                lie: None,
                drip: Duration::from_secs(1),
                sent: Sent::default(),
                refusals: Vec::new(),
            })),
            changed: Arc::new(watch::Sender::new(0)),
        }
    }

    /// From now on, tells this lie; `None` for the truth.
    pub fn tell(&self, lie: impl Into<Option<Lie>>) {
        self.state().lie = lie.into();
        self.bump();
    }

    /// Changes or reads the log with this origin, and tells those who watch.
    pub fn with_log<R>(&self, origin: &Origin, act: impl FnOnce(&mut TestLog) -> R) -> R {
        let result = act(self
            .state()
            .logs
            .get_mut(origin.as_str())
            .expect("the test node serves this log"));
        self.bump();
        result
    }

    /// Says in its card that this is its name, its TLS key and where to dial it.
    pub fn stand_at(&self, name: &NodeName, tls_key: TlsKeyHash, endpoint: &str) {
        let mut state = self.state();
        let logs: Vec<TestLog> = state.logs.values().cloned().collect();
        state.card = super::log::card_at(&logs, name, tls_key, vec![endpoint.to_owned()]);
    }

    /// From now on, lists these capabilities.
    pub fn list_capabilities(&self, names: &[&str]) {
        self.state().capabilities = names.iter().map(|name| (*name).to_owned()).collect();
    }

    /// How long each message takes while the lie is [`Lie::Drip`].
    pub fn drip(&self, pause: Duration) {
        self.state().drip = pause;
    }

    /// What was sent so far.
    pub fn sent(&self) -> Sent {
        self.state().sent
    }

    /// The codes and reasons of refusals that were reported here.
    pub fn refusals(&self) -> Vec<(String, String)> {
        self.state().refusals.clone()
    }

    /// The node's card.
    pub fn card(&self) -> NodeCard {
        NodeCard::verify(&self.state().card).expect("the test node signs its own card")
    }

    /// Carries calls to this node.
    pub fn transport(&self) -> TestTransport {
        TestTransport {
            replication: ReplicationServiceServer::new(self.clone())
                .max_encoding_message_size(usize::MAX),
            exchange: ExchangeServiceServer::new(self.clone())
                .max_encoding_message_size(usize::MAX),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn bump(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    /// The log as served now, which a fork lie replaces.
    fn log(&self, origin: &str) -> Result<(TestLog, Option<Lie>), Status> {
        let mut state = self.state();
        state.sent.calls += 1;
        let lie = state.lie;
        let log = state
            .logs
            .get(origin)
            .ok_or_else(|| Status::not_found("no such log"))?;
        let log = match lie {
            Some(Lie::ForkEqual) => log.fork(0),
            Some(Lie::ForkLarger) => log.fork(10),
            _ => log.clone(),
        };
        Ok((log, lie))
    }

    async fn honest_pace(&self) {
        if self.state().lie == Some(Lie::Stall) {
            std::future::pending::<()>().await;
        }
    }

    fn stream<T: Send + 'static>(&self, items: Vec<T>, lie: Option<Lie>) -> Answers<T> {
        let pause = self.state().drip;
        let cut = lie == Some(Lie::Cut);
        let whole = items.len();
        let items = items.into_iter().map(Ok);
        match lie {
            Some(Lie::Drip) => Box::pin(stream::iter(items).then(move |item| async move {
                tokio::time::sleep(pause).await;
                item
            })),
            _ if cut => {
                let broken = [Err(Status::unavailable("the connection broke"))];
                Box::pin(stream::iter(items.take(whole / 2).chain(broken)))
            }
            _ => Box::pin(stream::iter(items)),
        }
    }

    fn heads(&self, known: &[KnownHead], origins: &[String]) -> Vec<Head> {
        let served: Vec<String> = self.state().logs.keys().cloned().collect();
        served
            .into_iter()
            .filter(|origin| origins.is_empty() || origins.contains(origin))
            .filter_map(|origin| {
                let (log, lie) = self.log(&origin).ok()?;
                let known = known.iter().find(|known| known.origin == origin);
                head(&log, known, lie)
            })
            .collect()
    }
}

/// The head of a log for someone who knows a smaller one; `None` if it is the one known.
fn head(log: &TestLog, known: Option<&KnownHead>, lie: Option<Lie>) -> Option<Head> {
    let true_head = log.head();
    let shown = match lie {
        Some(Lie::RolledBack) => log.checkpoint_at(TreeSize::new(true_head.size().value() / 2)),
        Some(Lie::ForgedCheckpoint) => log.forged_head(),
        Some(Lie::OtherLog) => TestLog::new("other.example").head(),
        _ => true_head,
    };
    let mut note = shown.note_bytes();
    if lie == Some(Lie::GarbledCheckpoint) {
        note = note.slice(..note.len() / 2);
    }
    let from = known.map_or(0, |known| known.tree_size);
    if known.is_some_and(|known| {
        known.tree_size == shown.size().value()
            && (known.note_hash.is_empty()
                || known.note_hash[..] == Hash::of(&note).as_bytes()[..8])
    }) {
        return None;
    }
    let provable = from > 0 && from < shown.size().value();
    let mut consistency = Bytes::new();
    if provable {
        let proof = log.consistency(TreeSize::new(from), shown.size());
        consistency = Hash::list_to_bytes(&proof);
        if lie == Some(Lie::BadConsistency) {
            consistency = flip(&consistency, 0);
        }
    }
    Some(Head {
        origin: log.origin().to_string(),
        checkpoint: note,
        consistency_from: if provable { from } else { 0 },
        consistency,
        stopped: false,
    })
}

#[tonic::async_trait]
impl ReplicationService for TestNode {
    async fn hello(&self, _: Request<HelloRequest>) -> Result<Response<HelloResponse>, Status> {
        self.honest_pace().await;
        let state = self.state();
        Ok(Response::new(HelloResponse {
            capabilities: state.capabilities.clone(),
            software: "test".to_owned(),
            card: state.card.clone(),
        }))
    }

    async fn list_heads(
        &self,
        request: Request<ListHeadsRequest>,
    ) -> Result<Response<ListHeadsResponse>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        Ok(Response::new(ListHeadsResponse {
            heads: self.heads(&request.known, &request.origins),
            next_page_token: String::new(),
        }))
    }

    type WatchHeadsStream = Answers<WatchHeadsResponse>;

    async fn watch_heads(
        &self,
        request: Request<WatchHeadsRequest>,
    ) -> Result<Response<Self::WatchHeadsStream>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let node = self.clone();
        let mut changed = self.changed.subscribe();
        let answers = async_stream::stream! {
            let mut known = request.known;
            loop {
                changed.borrow_and_update();
                let heads = node.heads(&known, &request.origins);
                for head in &heads {
                    known.retain(|known| known.origin != head.origin);
                    known.push(KnownHead {
                        origin: head.origin.clone(),
                        tree_size: size_of(&head.checkpoint),
                        note_hash: Bytes::copy_from_slice(
                            &Hash::of(&head.checkpoint).as_bytes()[..8],
                        ),
                    });
                }
                for head in heads {
                    yield Ok(WatchHeadsResponse { heads: vec![head] });
                }
                if changed.changed().await.is_err() {
                    return;
                }
            }
        };
        Ok(Response::new(Box::pin(answers)))
    }

    async fn get_identity(
        &self,
        request: Request<GetIdentityRequest>,
    ) -> Result<Response<GetIdentityResponse>, Status> {
        let (log, _) = self.log(&request.into_inner().origin)?;
        Ok(Response::new(GetIdentityResponse {
            operations: log.identity().notes().to_vec(),
        }))
    }

    async fn get_consistency(
        &self,
        request: Request<GetConsistencyRequest>,
    ) -> Result<Response<GetConsistencyResponse>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let (log, lie) = self.log(&request.origin)?;
        let (from, to) = (
            TreeSize::new(request.from_size),
            TreeSize::new(request.to_size),
        );
        if from > to || to > log.size() {
            return Err(Status::out_of_range("the log is smaller"));
        }
        let mut proof = Hash::list_to_bytes(&log.consistency(from, to));
        if lie == Some(Lie::BadConsistency) {
            proof = flip(&proof, 0);
        }
        Ok(Response::new(GetConsistencyResponse { proof }))
    }

    type ReadPackagesStream = Answers<ReadPackagesResponse>;

    async fn read_packages(
        &self,
        request: Request<ReadPackagesRequest>,
    ) -> Result<Response<Self::ReadPackagesStream>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let (log, lie) = self.log(&request.origin)?;
        let size = TreeSize::new(request.tree_size);
        let end = match request.end {
            0 => request.tree_size,
            end => end,
        };
        if end > request.tree_size || size > log.size() || request.start > end {
            return Err(Status::out_of_range("the log is smaller"));
        }
        let mut packages = Vec::new();
        let mut next = request.start;
        while next < end {
            let until = end.min((next / BUNDLE + 1) * BUNDLE);
            let short = u64::from(lie == Some(Lie::ShortPackages));
            let until_told = (until - short).max(next + 1);
            let mut package = log.package(LeafIndex::new(next), LeafIndex::new(until_told), size);
            self.state().sent.entries += until - next;
            // The last package lies, so that those before it are taken.
            match lie.filter(|_| until == end) {
                // Behind the length of the first entry.
                Some(Lie::ChangedEntry) => package.entries = flip(&package.entries, 8),
                Some(Lie::BadSubtreeProof) if package.proof.is_empty() => {
                    package.proof = Bytes::copy_from_slice(&[7; 32]);
                }
                Some(Lie::BadSubtreeProof) => package.proof = flip(&package.proof, 0),
                Some(Lie::OversizedPackage) => package.proof = vec![0; 2 << 20].into(),
                _ => {}
            }
            packages.push(ReadPackagesResponse {
                package: Some(package),
            });
            next = until;
        }
        match lie {
            Some(Lie::ReorderedPackages) => packages.reverse(),
            Some(Lie::TruncatedPackages) => {
                packages.pop();
            }
            Some(Lie::ExtraPackages) => packages.extend(packages.last().cloned()),
            _ => {}
        }
        Ok(Response::new(self.stream(packages, lie)))
    }

    type ReadPayloadsStream = Answers<ReadPayloadsResponse>;

    async fn read_payloads(
        &self,
        request: Request<ReadPayloadsRequest>,
    ) -> Result<Response<Self::ReadPayloadsStream>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let (log, lie) = self.log(&request.origin)?;
        let plain = matches!(lie, Some(Lie::ChangedPayload | Lie::ChangedSalt));
        let zstd = request.encodings.contains(&FrameEncoding::Zstd.into()) && !plain;
        let mut frames = Vec::new();
        for range in &request.ranges {
            if range.end > log.size().value() || range.start >= range.end {
                return Err(Status::out_of_range("the log is smaller"));
            }
            frames.extend(log.frames(range.start, range.end, &request.countries, zstd));
        }
        {
            let sent = &mut self.state().sent;
            for frame in &frames {
                sent.slots += frame.states.len() as u64;
                sent.compressed += u64::from(frame.encoding() == FrameEncoding::Zstd);
            }
        }
        match lie {
            Some(Lie::ReorderedFrames) => frames.reverse(),
            Some(Lie::TruncatedPayloads) => {
                frames.pop();
            }
            Some(Lie::ExtraFrames) => frames.extend(frames.last().cloned()),
            Some(lie) => {
                if let Some(frame) = frames.last_mut() {
                    super::log::spoil(frame, lie);
                }
            }
            None => {}
        }
        let frames = frames
            .into_iter()
            .map(|frame| ReadPayloadsResponse { frame: Some(frame) })
            .collect();
        Ok(Response::new(self.stream(frames, lie)))
    }

    async fn report_refusal(
        &self,
        request: Request<ReportRefusalRequest>,
    ) -> Result<Response<ReportRefusalResponse>, Status> {
        let request = request.into_inner();
        self.state().refusals.push((request.code, request.reason));
        Ok(Response::new(ReportRefusalResponse {}))
    }

    async fn report_fork(
        &self,
        _: Request<ReportForkRequest>,
    ) -> Result<Response<ReportForkResponse>, Status> {
        Ok(Response::new(ReportForkResponse {}))
    }
}

/// The size that a signed note's third line states.
fn size_of(note: &[u8]) -> u64 {
    std::str::from_utf8(note)
        .ok()
        .and_then(|text| text.lines().nth(1))
        .and_then(|line| line.parse().ok())
        .unwrap_or(0)
}

#[tonic::async_trait]
impl ExchangeService for TestNode {
    async fn get_node(
        &self,
        _: Request<GetNodeRequest>,
    ) -> Result<Response<GetNodeResponse>, Status> {
        self.honest_pace().await;
        let state = self.state();
        Ok(Response::new(GetNodeResponse {
            card: state.card.clone(),
            capabilities: state.capabilities.clone(),
            software: "test".to_owned(),
        }))
    }

    async fn list_origins(
        &self,
        _: Request<ListOriginsRequest>,
    ) -> Result<Response<ListOriginsResponse>, Status> {
        self.honest_pace().await;
        let logs: Vec<String> = self.state().logs.keys().cloned().collect();
        let mut origins = Vec::new();
        let mut endless = false;
        for origin in logs {
            let (log, lie) = self.log(&origin)?;
            endless |= lie == Some(Lie::EndlessList);
            let checkpoint = head(&log, None, lie)
                .map(|head| head.checkpoint)
                .unwrap_or_default();
            origins.push(ApiOrigin {
                origin,
                checkpoint,
                local: true,
                identity: log.identity().notes().to_vec(),
                records: log.records(&RecordFilter::default(), None).len() as u64,
                ..ApiOrigin::default()
            });
        }
        Ok(Response::new(ListOriginsResponse {
            origins,
            next_page_token: if endless { "again" } else { "" }.to_owned(),
        }))
    }

    async fn get_record(
        &self,
        request: Request<GetRecordRequest>,
    ) -> Result<Response<GetRecordResponse>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let id = RecordId::try_from(&request.record_id[..])
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        let origins: Vec<String> = self.state().logs.keys().cloned().collect();
        for origin in origins {
            if !request.origin.is_empty() && request.origin != origin {
                continue;
            }
            let (log, lie) = self.log(&origin)?;
            let Some(index) = log.newest(&id) else {
                continue;
            };
            let head = head(&log, None, lie).unwrap_or_default();
            return Ok(Response::new(GetRecordResponse {
                entry: Some(proven(&log, index, lie)),
                checkpoint: head.checkpoint,
            }));
        }
        Err(Status::not_found("no such record"))
    }

    async fn list_records(
        &self,
        request: Request<ListRecordsRequest>,
    ) -> Result<Response<ListRecordsResponse>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let filter = request.filter.unwrap_or_default();
        let page = match request.page_size {
            0 => 100,
            size => size.min(1000) as usize,
        };
        let after: usize = request.page_token.parse().unwrap_or(0);
        let mut entries = Vec::new();
        let mut checkpoints = Vec::new();
        let origins: Vec<String> = self.state().logs.keys().cloned().collect();
        let mut lie_told = None;
        for origin in origins {
            let (log, lie) = self.log(&origin)?;
            lie_told = lie;
            checkpoints.push(head(&log, None, lie).unwrap_or_default().checkpoint);
            let records = log.records(&filter, lie);
            entries.extend(records.into_iter().map(|index| proven(&log, index, lie)));
        }
        let total = entries.len();
        let endless = lie_told == Some(Lie::EndlessList);
        let after = if endless { 0 } else { after };
        let entries: Vec<_> = entries.into_iter().skip(after).take(page).collect();
        let next = after + entries.len();
        Ok(Response::new(ListRecordsResponse {
            next_page_token: match next < total || endless {
                true => next.to_string(),
                false => String::new(),
            },
            checkpoints: if entries.is_empty() {
                Vec::new()
            } else {
                checkpoints
            },
            entries,
        }))
    }

    type WatchRecordsStream = Answers<WatchRecordsResponse>;

    async fn watch_records(
        &self,
        request: Request<WatchRecordsRequest>,
    ) -> Result<Response<Self::WatchRecordsStream>, Status> {
        self.honest_pace().await;
        let filter = request.into_inner().filter.unwrap_or_default();
        let node = self.clone();
        let mut changed = self.changed.subscribe();
        let origins: Vec<String> = self.state().logs.keys().cloned().collect();
        let mut sizes = BTreeMap::new();
        for origin in origins {
            sizes.insert(origin.clone(), self.log(&origin)?.0.size());
        }
        let answers = async_stream::stream! {
            while changed.changed().await.is_ok() {
                for (origin, seen) in &mut sizes {
                    let Ok((log, lie)) = node.log(origin) else { continue };
                    let checkpoint = head(&log, None, lie).unwrap_or_default().checkpoint;
                    for index in log.records(&filter, lie) {
                        if index.value() >= seen.value() {
                            yield Ok(WatchRecordsResponse {
                                entry: Some(proven(&log, index, lie)),
                                checkpoint: checkpoint.clone(),
                            });
                        }
                    }
                    *seen = log.size();
                }
            }
        };
        Ok(Response::new(Box::pin(answers)))
    }
}

/// The entry at an index with what proves it, or what pretends to.
fn proven(log: &TestLog, index: LeafIndex, lie: Option<Lie>) -> ProvenEntry {
    let last = LeafIndex::new(log.size().value() - 1);
    let other = match index == last {
        true => LeafIndex::new(0),
        false => last,
    };
    let index = match lie {
        Some(Lie::OtherRecord) => other,
        Some(Lie::OldRevision) => log.first_of_same_record(index),
        _ => index,
    };
    let (state, slot) = log.slot(index);
    let mut entry = log.entry(index);
    let mut slot = slot.unwrap_or_default();
    let mut inclusion = log.inclusion(index);
    match lie {
        Some(Lie::ChangedRecord) => entry = flip(&entry, entry.len() - 1),
        Some(Lie::ChangedRecordPayload) => slot = flip(&slot, slot.len().saturating_sub(1)),
        Some(Lie::OtherInclusion) => inclusion = log.inclusion(other),
        _ => {}
    }
    ProvenEntry {
        origin: log.origin().to_string(),
        index: index.value(),
        entry,
        state: i32::from(state.number()),
        slot,
        inclusion: Hash::list_to_bytes(&inclusion),
    }
}

/// Calls a [`TestNode`] in the same process.
#[derive(Clone)]
pub struct TestTransport {
    replication: ReplicationServiceServer<TestNode>,
    exchange: ExchangeServiceServer<TestNode>,
}

impl Service<http::Request<Body>> for TestTransport {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        match request.uri().path().starts_with("/wpsx.exchange.") {
            true => self.exchange.call(request).boxed(),
            false => self.replication.call(request).boxed(),
        }
    }
}
