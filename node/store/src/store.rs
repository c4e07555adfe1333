//! The store: its logs, and the threads that write them.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::sync::watch;
use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    cosignature::Cosigner,
    note::NoteSigner,
    origin::Origin,
    package::VerifiedPackage,
    payload::{SlotState, VerifiedFrame},
};

use crate::{
    damage::Damage,
    error::{StoreError, chain},
    folder::StoreFolder,
    format::request::RequestId,
    found,
    log::handle::LogHandle,
    source::{Random, Time},
    state::State,
    wait::block_on,
    write::{
        answer::Answered,
        batch::Appended,
        mailbox::Mailbox,
        news::Changes,
        request::{Ask, Asked, Close, CommitHead, Extend, Fill, SetPending, Settle},
        room::Disk,
        shared::Shared,
    },
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
}

impl StoreOptions {
    /// A store that cosigns nothing. The store itself reads neither the time nor
    /// randomness from the system.
    pub fn new(clock: Time, random: Random) -> Self {
        Self {
            cosigner: None,
            clock,
            random,
        }
    }
}

/// A store that is open. Clones are the same store.
#[derive(Clone)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
    _open: Arc<Open>,
}

/// Closes the store when the last clone goes.
struct Open {
    shared: Arc<Shared>,
    threads: Mutex<Option<Threads>>,
    folder: Mutex<Option<StoreFolder>>,
}

/// All threads of a store.
pub(crate) struct Threads {
    pub(crate) committer: JoinHandle<()>,
    pub(crate) poster: JoinHandle<()>,
    /// In the order of the mailboxes.
    pub(crate) feeds: Vec<JoinHandle<()>>,
}

impl Store {
    pub(crate) fn new(shared: Arc<Shared>, threads: Threads, folder: StoreFolder) -> Self {
        let open = Open {
            shared: shared.clone(),
            threads: Mutex::new(Some(threads)),
            folder: Mutex::new(Some(folder)),
        };
        Self {
            shared,
            _open: Arc::new(open),
        }
    }

    /// Finishes all writes, drops the journal and lets go of the lock. Later calls
    /// on any clone are refused. Blocks.
    ///
    /// # Errors
    /// The last files could not be written: the journal keeps what they lack.
    pub fn close(&self) -> Result<(), StoreError> {
        self._open.close()
    }

    /// The folder, for messages.
    pub fn dir(&self) -> &Path {
        &self.shared.dir
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

    /// What is known to be damaged, of any log.
    pub fn damage(&self) -> Vec<Damage> {
        self.shared.damages.all()
    }

    /// Why nothing can be done with a log that is damaged as a whole.
    pub fn refusal(&self, origin: &Origin) -> Option<StoreError> {
        self.shared.damages.refusal(origin)
    }

    /// Whether a log is here and damaged as a whole.
    pub fn stands_still(&self, origin: &Origin) -> bool {
        self.refusal(origin).is_some()
    }

    /// Changes when damage is found or mended.
    pub fn damage_changes(&self) -> watch::Receiver<u64> {
        self.shared.damages.changes()
    }

    /// The logs that change from now on, with every commit.
    pub fn changes(&self) -> Changes {
        self.shared.news.follow()
    }

    /// Why nothing is appended to our own logs, if so.
    pub fn read_only(&self) -> Option<String> {
        self.shared.standing.read_only()
    }

    /// Why nobody can know whether all of our own logs is here that was acknowledged, if
    /// so. It is kept over restarts, and none of them is signed meanwhile.
    pub fn doubt(&self) -> Option<String> {
        self.shared.standing.doubt()
    }

    /// Has our own logs signed again: somebody made sure that nothing is missing. Blocks
    /// shortly.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn dispel_doubt(&self) -> Result<(), StoreError> {
        found::dispel(&self.shared)
    }

    /// What was found in the folder at opening that belongs to nothing: it is left alone.
    pub fn strangers(&self) -> Vec<PathBuf> {
        self.shared.strangers.lock().clone()
    }

    /// Stops signing our own logs, for a reason. Replicas go on.
    pub fn set_read_only(&self, reason: impl Into<String>) {
        self.shared.standing.set_read_only(Some(reason.into()));
    }

    /// Signs our own logs again, if nothing but the reason above stopped it.
    pub fn allow_signing(&self) {
        self.shared.standing.set_read_only(None);
    }

    /// Keeps so many bytes of the disk in reserve from now on, for erasing and closing when
    /// there is no other room; 0: none.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn keep_reserve(&self, bytes: u64) -> Result<(), StoreError> {
        self.shared.room.keep(bytes)
    }

    /// The room on the disk as it was last seen. Answers from memory.
    pub fn disk(&self) -> Disk {
        self.shared.room.disk()
    }

    /// Gives the reserve back if the disk is full, because something has to be erased.
    pub fn make_room_for_erasing(&self) {
        self.shared.room.for_erasing();
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
        *log.inner.signer.lock() = Some(log.inner.signer_of(&signer)?);
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
        let origin = origin.clone();
        self.ask(SetPending { origin, checkpoint }).await
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
        self.submit_extend(package, frames, other).await?.await
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
        self.hand_in_package(Extend {
            package,
            frames,
            other,
            into_own: false,
        })
        .await
    }

    pub(crate) async fn hand_in_package(
        &self,
        extend: Extend,
    ) -> Result<impl Future<Output = Result<(), StoreError>> + Send + use<>, StoreError> {
        let answered = self.hand_in(extend).await?;
        Ok(async move { answered.await.unwrap_or(Err(StoreError::Closed)) })
    }

    /// Fills holes; an erased one never.
    ///
    /// # Errors
    /// The entries are not stored.
    pub async fn fill(&self, origin: &Origin, frame: VerifiedFrame) -> Result<(), StoreError> {
        let origin = origin.clone();
        self.ask(Fill { origin, frame }).await
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
        self.take_head(origin, checkpoint, false).await
    }

    pub(crate) async fn take_head(
        &self,
        origin: &Origin,
        checkpoint: VerifiedCheckpoint,
        into_own: bool,
    ) -> Result<Arc<VerifiedCheckpoint>, StoreError> {
        loop {
            let commit = self.head_of(origin, checkpoint.clone(), into_own).await?;
            if let Some(head) = self.ask(commit).await? {
                return Ok(head);
            }
        }
    }

    /// Hands a checkpoint in like [`Store::commit_head`], behind the packages that were handed
    /// in before; what it returns is ready when the head is durable. So the last package and
    /// its head reach the disk together.
    ///
    /// # Errors
    /// The store is closed or read-only. What is wrong with the checkpoint comes later.
    pub async fn submit_head(
        &self,
        origin: &Origin,
        checkpoint: VerifiedCheckpoint,
    ) -> Result<
        impl Future<Output = Result<Arc<VerifiedCheckpoint>, StoreError>> + Send + use<>,
        StoreError,
    > {
        let commit = self.head_of(origin, checkpoint.clone(), false).await?;
        let answered = self.hand_in(commit).await?;
        let (store, origin) = (self.clone(), origin.clone());
        Ok(async move {
            match answered.await.unwrap_or(Err(StoreError::Closed))? {
                Some(head) => Ok(head),
                None => store.commit_head(&origin, checkpoint).await,
            }
        })
    }

    async fn head_of(
        &self,
        origin: &Origin,
        checkpoint: VerifiedCheckpoint,
        into_own: bool,
    ) -> Result<CommitHead, StoreError> {
        let log = self.known(origin)?;
        let looked = checkpoint.size().min(log.stored());
        Ok(CommitHead {
            origin: origin.clone(),
            losing: log.losing_by(looked).await?,
            checkpoint,
            looked,
            into_own,
        })
    }

    /// Posts all and drops the journal: everything is in its own file then.
    ///
    /// # Errors
    /// The files could not be written.
    pub async fn settle(&self) -> Result<(), StoreError> {
        self.ask(Settle).await
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

    /// Resolves with a sentence when the store has to be opened anew: a thread of it, or
    /// a follower, ended in a panic. What was acknowledged is kept; who runs the store
    /// closes it.
    pub fn stopped(&self) -> impl Future<Output = String> + Send + use<> {
        self.shared.standing.raised()
    }

    pub(crate) fn known(&self, origin: &Origin) -> Result<LogHandle, StoreError> {
        self.shared.known(origin)
    }

    pub(crate) async fn ask<A: Ask>(&self, ask: A) -> Result<A::Answer, StoreError> {
        let answered = self.hand_in(ask).await?;
        answered.await.unwrap_or(Err(StoreError::Closed))
    }

    async fn hand_in<A: Ask>(&self, ask: A) -> Result<Answered<A::Answer>, StoreError> {
        if let Some(refusal) = self.shared.standing.refusal() {
            return Err(refusal);
        }
        let (request, answered) = Asked::by(ask);
        match self.shared.waiting.send(request).await {
            Ok(()) => Ok(answered),
            Err(_) => Err(self.shared.standing.refusal().unwrap_or(StoreError::Closed)),
        }
    }
}

impl Open {
    fn close(&self) -> Result<(), StoreError> {
        let Some(threads) = self.threads.lock().take() else {
            return Ok(());
        };
        self.shared.room.for_closing();
        let (closing, closed) = Asked::by(Close);
        let mut result = match block_on(self.shared.waiting.send(closing)) {
            Ok(()) => block_on(closed).unwrap_or(Err(StoreError::Closed)),
            Err(_) => Err(self.shared.standing.refusal().unwrap_or(StoreError::Closed)),
        };
        for mailbox in &self.shared.mailboxes {
            mailbox.stop();
        }
        // A panic there was told already. Without a committer the poster ends.
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

impl Drop for Open {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(error = chain(&error), "the store was not closed well");
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
