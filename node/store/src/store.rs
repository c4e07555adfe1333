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
    time::Duration,
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

use crate::{
    error::StoreError,
    folder::StoreFolder,
    follow::Followers,
    format::request::RequestId,
    log::handle::LogHandle,
    log::read::Caches,
    source::{Random, Time},
    state::State,
    wait::block_on,
    write::append::{Appended, Appender},
    write::committer::sentence,
    write::mailbox::Mailbox,
    write::plan::{Answer, Request},
    write::poster::Backlog,
};

/// How long the close waits for a follower that is being told something.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a store is opened.
#[derive(Clone)]
pub struct StoreOptions {
    /// Signs that we stored what we cosign; none: nothing is cosigned.
    pub cosigner: Option<Cosigner>,
    /// The time: information in entries and cosignatures, never order.
    pub clock: Time,
    /// Randomness, for what nobody may foresee.
    pub random: Random,
    /// Failures that a test asks for.
    #[cfg(debug_assertions)]
    pub faults: crate::crash::Faults,
}

impl StoreOptions {
    /// A store that cosigns nothing. The store itself reads neither the time nor
    /// randomness from the system.
    pub fn new(clock: Time, random: Random) -> Self {
        Self {
            cosigner: None,
            clock,
            random,
            #[cfg(debug_assertions)]
            faults: crate::crash::Faults::default(),
        }
    }
}

/// A store that is open. Clones are the same store.
#[derive(Clone)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
    _open: Arc<Open>,
}

/// What the threads and the handles share.
pub(crate) struct Shared {
    pub(crate) dir: PathBuf,
    pub(crate) state: State,
    pub(crate) followers: Followers,
    /// One for each follower; the first is that of the record index.
    pub(crate) mailboxes: Vec<Arc<Mailbox>>,
    pub(crate) backlog: Backlog,
    pub(crate) caches: Arc<Caches>,
    pub(crate) cosigner: Option<Cosigner>,
    pub(crate) changed: watch::Sender<u64>,
    pub(crate) logs: RwLock<BTreeMap<u32, LogHandle>>,
    pub(crate) next_number: AtomicU32,
    pub(crate) waiting: mpsc::Sender<Request>,
    pub(crate) jobs: Mutex<std::sync::mpsc::Sender<crate::write::poster::Job>>,
    pub(crate) clock: Time,
    /// Why nothing is written any more.
    pub(crate) failure: RwLock<Option<String>>,
    /// Why our own logs are not signed.
    pub(crate) read_only: RwLock<Option<String>>,
    /// Adding and dropping logs, one at a time.
    pub(crate) turn: Mutex<()>,
    /// Held by who changes which files the state names, and by who needs it to stay.
    pub(crate) named: Mutex<()>,
}

/// Closes the store when the last clone goes.
pub(crate) struct Open {
    pub(crate) shared: Arc<Shared>,
    pub(crate) threads: Mutex<Option<Threads>>,
    pub(crate) folder: Mutex<Option<StoreFolder>>,
}

/// All threads of a store.
pub(crate) struct Threads {
    pub(crate) committer: JoinHandle<()>,
    pub(crate) poster: JoinHandle<()>,
    /// In the order of the mailboxes.
    pub(crate) feeds: Vec<JoinHandle<()>>,
}

impl Store {
    pub(crate) fn from_open(open: Arc<Open>) -> Self {
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
        crate::folder::create(dir)
    }

    /// Opens the store in a folder, and finishes what a crash interrupted. The
    /// [`Appender`] alone appends to its own logs; there is one.
    ///
    /// # Errors
    /// Its files are damaged or cannot be read.
    pub fn open(
        folder: StoreFolder,
        options: StoreOptions,
        followers: Followers,
    ) -> Result<(Self, Appender), StoreError> {
        let store = crate::open::open(folder, options, followers)?;
        let appender = Appender::of(&store);
        Ok((store, appender))
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

    /// All logs, by number.
    pub fn logs(&self) -> Vec<LogHandle> {
        self.shared.logs()
    }

    /// The log of an origin.
    pub fn log(&self, origin: &Origin) -> Option<LogHandle> {
        self.shared.log(origin)
    }

    /// The log that the followers call `number`.
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
    /// erased before: not the journal, not the bundles, not what any follower keeps.
    ///
    /// # Errors
    /// The files could not be written. The erasure stands, and what is left of it
    /// is removed after the next start.
    pub async fn leave_no_trace(&self) -> Result<(), StoreError> {
        self.settle().await?;
        // Each by itself: one that fails or takes its time keeps no other from it.
        let each: Vec<_> = self
            .shared
            .mailboxes
            .iter()
            .map(|mailbox| tokio::spawn(leave_no_trace(mailbox.clone())))
            .collect();
        let mut all = Ok(());
        for one in each {
            let left = one.await.unwrap_or(Err(StoreError::Closed));
            all = all.and(left);
        }
        all
    }

    /// Waits until the record index was told all that is stored of a log by now.
    ///
    /// # Errors
    /// It cannot be told, or the store is closed.
    pub fn followed(
        &self,
        log: &LogHandle,
    ) -> impl Future<Output = Result<(), StoreError>> + Send + use<> {
        followed(self.shared.mailboxes[0].clone(), log.clone())
    }

    /// The same of another follower, by the name that it gives itself.
    pub fn followed_by(
        &self,
        name: &str,
        log: &LogHandle,
    ) -> Option<impl Future<Output = Result<(), StoreError>> + Send + use<>> {
        let mut mailboxes = self.shared.mailboxes.iter();
        let mailbox = mailboxes.find(|mailbox| mailbox.name() == name)?;
        Some(followed(mailbox.clone(), log.clone()))
    }

    pub(crate) fn known(&self, origin: &Origin) -> Result<LogHandle, StoreError> {
        self.log(origin)
            .ok_or_else(|| StoreError::UnknownLog(origin.clone()))
    }

    pub(crate) async fn ask<T>(
        &self,
        request: impl FnOnce(Answer<T>) -> Request,
    ) -> Result<T, StoreError> {
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
    pub(crate) fn now(&self) -> u64 {
        (self.clock)()
    }

    /// The mailbox of the record index.
    pub(crate) fn index(&self) -> &Mailbox {
        &self.mailboxes[0]
    }

    pub(crate) fn logs(&self) -> Vec<LogHandle> {
        self.logs.read().values().cloned().collect()
    }

    pub(crate) fn log(&self, origin: &Origin) -> Option<LogHandle> {
        self.logs
            .read()
            .values()
            .find(|log| log.origin() == origin)
            .cloned()
    }

    pub(crate) fn log_numbered(&self, number: u32) -> Option<LogHandle> {
        self.logs.read().get(&number).cloned()
    }

    /// The number that the next new log gets.
    pub(crate) fn numbers(&self) -> u32 {
        self.next_number.load(Ordering::Acquire)
    }

    pub(crate) fn failure(&self) -> Option<String> {
        self.failure.read().clone()
    }

    pub(crate) fn read_only(&self) -> Option<String> {
        self.failure().or_else(|| self.read_only.read().clone())
    }

    /// Something could not be written: nothing more is.
    pub(crate) fn fail(&self, error: &StoreError) {
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
        let Some(threads) = self.threads.lock().take() else {
            return Ok(());
        };
        let (done, closed) = oneshot::channel();
        let closing = self.shared.waiting.send(Request::Close(done));
        let mut result = match block_on(closing) {
            Ok(()) => block_on(closed).unwrap_or(Err(StoreError::Closed)),
            Err(_) => Err(StoreError::Closed),
        };
        for mailbox in &self.shared.mailboxes {
            mailbox.stop();
        }
        let (gone, _) = std::sync::mpsc::channel();
        *self.shared.jobs.lock() = gone;
        // A panic there was printed already.
        let _ = threads.committer.join();
        let _ = threads.poster.join();
        for (mailbox, thread) in self.shared.mailboxes.iter().zip(threads.feeds) {
            result = result.and(let_go(mailbox, thread));
        }
        drop(self.folder.lock().take());
        result
    }
}

/// Has a follower write what it took and close its files, though someone may still
/// hold it.
fn let_go(mailbox: &Mailbox, thread: JoinHandle<()>) -> Result<(), StoreError> {
    if !mailbox.has_ended(PATIENCE) {
        return Err(mailbox.error("they still take what they were told before".into()));
    }
    // A panic there was printed already.
    let _ = thread.join();
    mailbox.call(|follower| follower.close())
}

async fn followed(mailbox: Arc<Mailbox>, log: LogHandle) -> Result<(), StoreError> {
    let size = log.stored().value();
    mailbox.told_all(&[(size, log)], |_| {}).await
}

async fn leave_no_trace(mailbox: Arc<Mailbox>) -> Result<(), StoreError> {
    mailbox.settled().await?;
    tokio::task::spawn_blocking(move || mailbox.call(|follower| follower.leave_no_trace()))
        .await
        .map_err(|_| StoreError::Closed)?
}

/// The signer under the log's name, if it has the log's key.
pub(crate) fn signer_of(
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

impl Drop for Open {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(
                error = crate::error::chain(&error),
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
