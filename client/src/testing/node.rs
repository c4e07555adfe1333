//! A node in memory that serves logs, honestly or not.

use std::{collections::BTreeMap, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;
use tonic::Status;
use wpsx_proto::{
    api::replication::v1::{Head, KnownHead},
    card::NodeCard,
    hash::Hash,
    index::TreeSize,
    origin::{NodeName, Origin, TlsKeyHash},
};

use super::{
    card::{card_at, card_of},
    lie::Lie,
    log::TestLog,
    spoil::flip,
};

pub(super) type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// A node in memory. Clones are the same node.
#[derive(Clone)]
pub struct TestNode {
    state: Arc<Mutex<State>>,
    pub(super) changed: Arc<watch::Sender<u64>>,
}

pub(super) struct State {
    pub(super) logs: BTreeMap<String, TestLog>,
    pub(super) card: Bytes,
    pub(super) capabilities: Vec<String>,
    pub(super) lie: Option<Lie>,
    pub(super) lies: BTreeMap<String, Lie>,
    pub(super) drip: Duration,
    pub(super) sent: Sent,
    pub(super) refusals: Vec<(String, String)>,
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
    /// Sessions that began with a hello.
    pub hellos: u64,
    /// Pieces of evidence of a fork that came in.
    pub fork_reports: u64,
}

impl TestNode {
    /// A node that hosts the publisher of `log` and serves it.
    pub fn new(log: TestLog) -> Self {
        Self::with_logs(vec![log])
    }

    /// A node that hosts the publishers of several logs.
    pub fn with_logs(logs: Vec<TestLog>) -> Self {
        let card = card_of(&logs);
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
                lies: BTreeMap::new(),
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

    /// The same about one log alone.
    pub fn tell_about(&self, origin: &Origin, lie: impl Into<Option<Lie>>) {
        match lie.into() {
            Some(lie) => self.state().lies.insert(origin.to_string(), lie),
            None => self.state().lies.remove(origin.as_str()),
        };
        self.bump();
    }

    /// Serves one more log, whose publisher is not on the card.
    pub fn serve_also(&self, log: TestLog) {
        self.state().logs.insert(log.origin().to_string(), log);
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
        state.card = card_at(&logs, name, tls_key, vec![endpoint.to_owned()]);
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

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    fn bump(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    /// The log as served now, which a fork lie replaces.
    pub(super) fn log(&self, origin: &str) -> Result<(TestLog, Option<Lie>), Status> {
        let mut state = self.state();
        state.sent.calls += 1;
        let lie = state.lies.get(origin).copied().or(state.lie);
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

    pub(super) async fn honest_pace(&self) {
        if self.state().lie == Some(Lie::Stall) {
            std::future::pending::<()>().await;
        }
    }

    pub(super) fn stream<T: Send + 'static>(&self, items: Vec<T>, lie: Option<Lie>) -> Answers<T> {
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

    pub(super) fn heads(&self, known: &[KnownHead], origins: &[String]) -> Vec<Head> {
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
pub(super) fn head(log: &TestLog, known: Option<&KnownHead>, lie: Option<Lie>) -> Option<Head> {
    let true_head = log.head();
    let shown = match lie {
        Some(Lie::RolledBack | Lie::RolledBackWithoutProof) => {
            log.checkpoint_at(TreeSize::new(true_head.size().value() / 2))
        }
        Some(Lie::ForkSmaller) => {
            let size = true_head.size().value() * 3 / 4;
            log.fork(0).checkpoint_at(TreeSize::new(size))
        }
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
    let provable = from > 0 && from < shown.size().value() && lie != Some(Lie::NoConsistency);
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
