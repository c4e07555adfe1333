//! The store: its logs, and the threads that write them.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread::JoinHandle,
};

use parking_lot::{Mutex, RwLock};
use tokio::sync::{mpsc, oneshot, watch};
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    cosignature::Cosigner,
    note::{NoteSigner, VerifierKey},
    origin::Origin,
    package::VerifiedPackage,
    payload::{SlotState, VerifiedFrame},
};

use super::{
    append::{Append, Appended, NewEntry},
    committer::sentence,
    error::StoreError,
    feed::Feed,
    log::LogHandle,
    plan::{Answer, Request},
    poster::Backlog,
    read::Caches,
    request::RequestId,
    state::State,
};
use crate::{
    clock::Clock,
    views::{MemoryTable, Views, ViewsError},
};

/// Milliseconds since 1970.
pub type Time = Arc<dyn Fn() -> u64 + Send + Sync>;

/// How a store is opened.
#[derive(Clone)]
pub struct StoreOptions {
    /// Signs that we stored what we cosign; none: nothing is cosigned.
    pub cosigner: Option<Cosigner>,
    /// The time: information in entries and cosignatures, never order.
    pub clock: Time,
    /// Failures that a test asks for.
    #[cfg(debug_assertions)]
    pub faults: super::crash::Faults,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            cosigner: None,
            clock: Clock::system().as_fn(),
            #[cfg(debug_assertions)]
            faults: super::crash::Faults::default(),
        }
    }
}

/// A store that is open. Clones are the same store.
#[derive(Clone)]
pub struct Store {
    pub(super) shared: Arc<Shared>,
    _open: Arc<Open>,
}

/// What the threads and the handles share.
pub(super) struct Shared {
    pub(super) dir: PathBuf,
    pub(super) state: State,
    pub(super) views: RwLock<Views>,
    pub(super) feed: Feed,
    pub(super) backlog: Backlog,
    pub(super) caches: Arc<Caches>,
    pub(super) cosigner: Option<Cosigner>,
    pub(super) changed: watch::Sender<u64>,
    pub(super) logs: RwLock<BTreeMap<u32, LogHandle>>,
    pub(super) next_number: AtomicU32,
    pub(super) waiting: mpsc::Sender<Request>,
    pub(super) jobs: Mutex<std::sync::mpsc::Sender<super::poster::Job>>,
    pub(super) clock: Time,
    /// Why nothing is written any more.
    pub(super) failure: RwLock<Option<String>>,
    /// Why our own logs are not signed.
    pub(super) read_only: RwLock<Option<String>>,
    /// Adding and dropping logs, one at a time.
    pub(super) turn: Mutex<()>,
    /// Held by who changes which files the state names, and by who needs it to stay.
    pub(super) named: Mutex<()>,
}

/// Closes the store when the last clone goes.
pub(super) struct Open {
    pub(super) shared: Arc<Shared>,
    pub(super) threads: Mutex<Vec<JoinHandle<()>>>,
    pub(super) lock: Mutex<Option<std::fs::File>>,
}

impl Store {
    pub(super) fn from_open(open: Arc<Open>) -> Self {
        Self {
            shared: open.shared.clone(),
            _open: open,
        }
    }

    /// Makes an empty store in a directory that is empty or not there.
    ///
    /// # Errors
    /// Something is there, or it cannot be written.
    pub fn create(dir: &Path) -> Result<(), StoreError> {
        super::open::create(dir)
    }

    /// Opens a store for this process alone, and finishes what a crash interrupted.
    ///
    /// # Errors
    /// No store is there, another process has it, it was written by newer
    /// software, or its files are damaged.
    pub fn open(dir: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        super::open::open(dir, options)
    }

    /// Finishes all writes, drops the journal and lets go of the lock. Later calls
    /// on any clone are refused. Blocks.
    ///
    /// # Errors
    /// The last files could not be written: the journal keeps what they lack.
    pub fn close(&self) -> Result<(), StoreError> {
        self._open.close()
    }

    /// Small files that are made durable before a call returns.
    pub fn state(&self) -> &State {
        &self.shared.state
    }

    /// What can be asked about records.
    pub fn views(&self) -> Views {
        self.shared.views()
    }

    /// All logs, by number.
    pub fn logs(&self) -> Vec<LogHandle> {
        self.shared.logs()
    }

    /// The log of an origin.
    pub fn log(&self, origin: &Origin) -> Option<LogHandle> {
        self.shared.log(origin)
    }

    /// The log that the views call `number`.
    pub fn log_numbered(&self, number: u32) -> Option<LogHandle> {
        self.shared.log_numbered(number)
    }

    /// Changes with every commit to any log.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changed.subscribe()
    }

    /// Why nothing is appended to our own logs, if so.
    pub fn read_only(&self) -> Option<String> {
        self.shared.read_only()
    }

    /// Stops signing our own logs, for a reason. Replicas go on.
    pub fn set_read_only(&self, reason: impl Into<String>) {
        *self.shared.read_only.write() = Some(reason.into());
    }

    /// Hands in the key of an own log.
    ///
    /// # Errors
    /// The log is not ours, or the key is not its key.
    pub fn set_signer(&self, origin: &Origin, signer: NoteSigner) -> Result<(), StoreError> {
        let log = self.known(origin)?;
        if !log.is_own() {
            return Err(StoreError::NotOurs(origin.clone()));
        }
        *log.inner.signer.lock() = Some(signer_of(origin, &log.key(), &signer)?);
        Ok(())
    }

    /// Appends a batch to an own log: all of it under one checkpoint, or nothing.
    /// It is durable when this returns.
    ///
    /// # Errors
    /// A bad entry, an unknown record, a log that is not ours, a read-only store.
    pub async fn append(
        &self,
        origin: &Origin,
        entries: Vec<NewEntry>,
        request: Option<RequestId>,
    ) -> Result<Appended, StoreError> {
        let append = Append::prepare(entries, request)?;
        self.ask(|answer| Request::Append(origin.clone(), append, answer))
            .await
    }

    /// What a request appended, if it was carried out before.
    pub fn seen_request(&self, origin: &Origin, request: &RequestId) -> Option<Appended> {
        self.log(origin)?.seen_request(request).ok().flatten()
    }

    /// Keeps the checkpoint that is to be pulled. The caller has proved that it
    /// extends the one before.
    ///
    /// # Errors
    /// It is smaller than the one before or than what is stored.
    pub async fn set_pending(
        &self,
        origin: &Origin,
        checkpoint: VerifiedCheckpoint,
    ) -> Result<(), StoreError> {
        self.ask(|answer| Request::SetPending(origin.clone(), checkpoint, answer))
            .await
    }

    /// Appends the entries of a package to a replica; what is stored already is
    /// skipped. Payload slots that no frame covers become holes `other`.
    ///
    /// # Errors
    /// The package starts beyond what is stored, or differs from it.
    pub async fn extend(
        &self,
        package: VerifiedPackage,
        frames: Vec<VerifiedFrame>,
        other: SlotState,
    ) -> Result<(), StoreError> {
        self.ask(|answer| Request::Extend(package, frames, other, answer))
            .await
    }

    /// Hands a package in like [`Store::extend`] and returns once it has its place;
    /// what it returns is ready when the package is durable. So packages can follow
    /// each other without each waiting for the disk.
    ///
    /// # Errors
    /// The store is closed or read-only. What is wrong with the package comes later.
    pub async fn submit_extend(
        &self,
        package: VerifiedPackage,
        frames: Vec<VerifiedFrame>,
        other: SlotState,
    ) -> Result<impl Future<Output = Result<(), StoreError>> + Send + use<>, StoreError> {
        let answered = self
            .hand_in(|answer| Request::Extend(package, frames, other, answer))
            .await?;
        Ok(async move { answered.await.map_err(|_| StoreError::Closed)? })
    }

    /// Fills holes; an erased one never.
    ///
    /// # Errors
    /// The entries are not stored.
    pub async fn fill(&self, origin: &Origin, frame: VerifiedFrame) -> Result<(), StoreError> {
        self.ask(|answer| Request::Fill(origin.clone(), frame, answer))
            .await
    }

    /// Makes a checkpoint the head of a replica, all of whose entries are stored,
    /// and cosigns it.
    ///
    /// # Errors
    /// Its size or root is not that of what is stored.
    pub async fn commit_head(
        &self,
        origin: &Origin,
        checkpoint: VerifiedCheckpoint,
    ) -> Result<Arc<VerifiedCheckpoint>, StoreError> {
        self.ask(|answer| Request::CommitHead(origin.clone(), checkpoint, answer))
            .await
    }

    /// Posts all and drops the journal: everything is in its own file then.
    ///
    /// # Errors
    /// The files could not be written.
    pub async fn settle(&self) -> Result<(), StoreError> {
        self.ask(Request::Settle).await
    }

    /// Returns when no file of the store holds anything of the payloads that were
    /// erased before: not the journal, not the bundles, not the views.
    ///
    /// # Errors
    /// The files could not be written. The erasure stands, and what is left of it
    /// is removed after the next start.
    pub async fn leave_no_trace(&self) -> Result<(), StoreError> {
        self.settle().await?;
        let views = self.views();
        tokio::task::spawn_blocking(move || views.leave_no_trace())
            .await
            .map_err(|_| StoreError::Closed)?
            .map_err(StoreError::Views)
    }

    pub(super) fn known(&self, origin: &Origin) -> Result<LogHandle, StoreError> {
        self.log(origin)
            .ok_or_else(|| StoreError::UnknownLog(origin.clone()))
    }

    async fn ask<T>(&self, request: impl FnOnce(Answer<T>) -> Request) -> Result<T, StoreError> {
        self.hand_in(request)
            .await?
            .await
            .map_err(|_| StoreError::Closed)?
    }

    async fn hand_in<T>(
        &self,
        request: impl FnOnce(Answer<T>) -> Request,
    ) -> Result<oneshot::Receiver<Result<T, StoreError>>, StoreError> {
        if let Some(reason) = self.shared.failure() {
            return Err(StoreError::ReadOnly(reason));
        }
        let (answer, answered) = oneshot::channel();
        self.shared
            .waiting
            .send(request(answer))
            .await
            .map_err(|_| StoreError::Closed)?;
        Ok(answered)
    }
}

impl Shared {
    pub(super) fn now(&self) -> u64 {
        (self.clock)()
    }

    pub(super) fn views(&self) -> Views {
        self.views.read().clone()
    }

    pub(super) fn logs(&self) -> Vec<LogHandle> {
        self.logs.read().values().cloned().collect()
    }

    pub(super) fn log(&self, origin: &Origin) -> Option<LogHandle> {
        self.logs
            .read()
            .values()
            .find(|log| log.origin() == origin)
            .cloned()
    }

    pub(super) fn log_numbered(&self, number: u32) -> Option<LogHandle> {
        self.logs.read().get(&number).cloned()
    }

    /// The number that the next new log gets.
    pub(super) fn numbers(&self) -> u32 {
        self.next_number.load(Ordering::Acquire)
    }

    pub(super) fn failure(&self) -> Option<String> {
        self.failure.read().clone()
    }

    pub(super) fn read_only(&self) -> Option<String> {
        self.failure().or_else(|| self.read_only.read().clone())
    }

    /// Something could not be written: nothing more is.
    pub(super) fn fail(&self, error: &StoreError) {
        let mut failure = self.failure.write();
        if failure.is_none() {
            let reason = sentence(error);
            tracing::error!(reason, "the store is read-only");
            *failure = Some(reason);
        }
    }
}

impl Open {
    fn close(&self) -> Result<(), StoreError> {
        let mut threads = self.threads.lock();
        if threads.is_empty() {
            return Ok(());
        }
        let (done, closed) = oneshot::channel();
        let result = match send_blocking(&self.shared.waiting, Request::Close(done)) {
            true => wait_blocking(closed),
            false => Err(StoreError::Closed),
        };
        self.shared.feed.stop();
        let (gone, _) = std::sync::mpsc::channel();
        *self.shared.jobs.lock() = gone;
        for thread in threads.drain(..) {
            // A panic there was printed already.
            let _ = thread.join();
        }
        let views = self.let_go_of_views().map_err(StoreError::Views);
        drop(self.lock.lock().take());
        result.and(views)
    }

    /// Flushes and closes the database, though someone may still hold the store.
    fn let_go_of_views(&self) -> Result<(), ViewsError> {
        let none = Views::over(Box::new(MemoryTable::default()))?;
        let views = std::mem::replace(&mut *self.shared.views.write(), none);
        views.flush()
    }
}

/// The signer under the log's name, if it has the log's key.
pub(super) fn signer_of(
    origin: &Origin,
    key: &VerifierKey,
    signer: &NoteSigner,
) -> Result<NoteSigner, StoreError> {
    signer
        .named(origin.as_str())
        .ok()
        .filter(|signer| signer.verifier_key() == *key)
        .ok_or_else(|| StoreError::WrongSigner(origin.clone()))
}

/// Sends from any thread; false if nobody receives any more.
pub(super) fn send_blocking(waiting: &mpsc::Sender<Request>, mut request: Request) -> bool {
    loop {
        match waiting.try_send(request) {
            Ok(()) => return true,
            Err(mpsc::error::TrySendError::Closed(_)) => return false,
            Err(mpsc::error::TrySendError::Full(back)) => {
                request = back;
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        }
    }
}

/// Waits on any thread, a runtime's too.
pub(super) fn wait_blocking(
    mut answer: oneshot::Receiver<Result<(), StoreError>>,
) -> Result<(), StoreError> {
    loop {
        match answer.try_recv() {
            Ok(result) => return result,
            Err(oneshot::error::TryRecvError::Closed) => return Err(StoreError::Closed),
            Err(oneshot::error::TryRecvError::Empty) => {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(
                error = super::error::chain(&error),
                "the store was not closed well"
            );
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("dir", &self.shared.dir)
            .finish_non_exhaustive()
    }
}
