//! Mirrors a whole log into a folder and keeps it current from a node.

mod bundle;
mod folder;
mod local;
mod lock;

use std::{ops::Deref, path::Path, sync::Arc};

use parking_lot::Mutex;
use wpsx_proto::origin::Origin;

pub use self::local::LocalLog;
use self::lock::FolderLock;
use crate::{
    Client, ClientError, Connection,
    follow::Heads,
    pull::{Held, PullError, Step, Transport, nothing_erased},
};

/// How far an update has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Entries that are here.
    pub entries: u64,
    /// Entries of the checkpoint that is being fetched.
    pub of: u64,
    /// Payload bytes taken by this update.
    pub payload_bytes: u64,
}

/// Keeps a [`LocalLog`] current from a node.
pub struct Mirror<T = Connection> {
    client: Client<T>,
    heads: Heads<T>,
    log: Arc<Mutex<LocalLog>>,
    _lock: FolderLock,
}

impl<T: Transport> Client<T> {
    /// Mirrors a log into a folder, or goes on where an earlier mirror stopped. Nobody
    /// else can mirror into the folder until the [`Mirror`] is dropped.
    ///
    /// # Errors
    ///
    /// If the log's publisher is not known, what is in the folder is damaged, or another
    /// mirror writes to it: [`ClientError::InUse`].
    pub async fn mirror(
        &self,
        origin: &Origin,
        folder: impl AsRef<Path>,
    ) -> Result<Mirror<T>, ClientError> {
        let key = self.trust().key(origin)?;
        let (folder, log) = (folder.as_ref().to_owned(), origin.clone());
        let (log, lock) = blocking(move || {
            let lock = FolderLock::take(&folder, &log)?;
            Ok((LocalLog::open(folder, log, key)?, lock))
        })
        .await?;
        Ok(Mirror {
            _lock: lock,
            client: self.clone(),
            heads: Heads::new(self.clone(), origin.clone()),
            log: Arc::new(Mutex::new(log)),
        })
    }
}

impl<T: Transport> Mirror<T> {
    /// The log as it is here now. Updates wait while it is looked at.
    pub fn log(&self) -> impl Deref<Target = LocalLog> {
        self.log.lock()
    }

    /// Fetches everything up to the node's newest head, if it has a newer one, and
    /// payloads that were missing, if it has them now. The first update after the log
    /// was opened also checks every payload that is here.
    ///
    /// # Errors
    ///
    /// If an answer is refused, the connection fails more often than allowed, or the
    /// disk fails. What was proven stays; the next update goes on from there.
    pub async fn update(&mut self) -> Result<(), ClientError> {
        self.update_with(|_| {}).await
    }

    /// The same, telling how far it has come.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub async fn update_with(
        &mut self,
        mut progress: impl FnMut(Progress),
    ) -> Result<(), ClientError> {
        let mut tried = 0;
        loop {
            let before = self.log().stored();
            let done = match self.fetch(&mut progress).await {
                Ok(()) | Err(ClientError::Pull(PullError::Behind { .. })) => self.fill().await,
                Err(error) => Err(error),
            };
            let Err(error) = done else {
                return Ok(());
            };
            let after = self.log().stored();
            // What an interrupted update had left was wrong: it is fetched again.
            if matches!(error, ClientError::Damaged { .. }) && after < before {
                continue;
            }
            tried = match after > before {
                true => 1,
                false => tried + 1,
            };
            self.client.pause_after(error, tried).await?;
        }
    }

    /// How many payloads are missing that the node did not hold when it was last asked.
    ///
    /// # Errors
    ///
    /// The first payload that cannot be read or was changed.
    pub async fn missing(&self) -> Result<u64, ClientError> {
        let (mut missing, mut from) = (0, 0);
        loop {
            let (runs, next) = self.change(move |log| log.holes(from)).await?;
            if runs.is_empty() {
                return Ok(missing);
            }
            missing += runs.iter().map(|run| run.leaves.len() as u64).sum::<u64>();
            from = next;
        }
    }

    /// Waits until the node has a newer head, then fetches everything up to it.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub async fn next_update(&mut self) -> Result<(), ClientError> {
        let mut tried = 0;
        loop {
            let held = self.log().held();
            match self.heads.next(&held).await {
                Ok(_) => return self.update().await,
                Err(error) => {
                    self.heads.close();
                    tried += 1;
                    self.client.pause_after(error, tried).await?;
                }
            }
        }
    }

    async fn fetch(&self, progress: &mut impl FnMut(Progress)) -> Result<(), ClientError> {
        let (origin, mut held) = {
            let log = self.log();
            (log.origin().clone(), log.held())
        };
        if let Some(kept) = self.client.kept(&origin)?
            && held
                .verified
                .as_ref()
                .is_none_or(|verified| verified.size() < kept.size())
        {
            held.verified = Some(kept);
        }
        let puller = self.client.puller(&origin).await?;
        let mut shown = puller.head(&held).await?;
        if shown.is_none() {
            // The node has nothing newer than what an interrupted update has seen.
            let interrupted = self.log().interrupted();
            match interrupted {
                None => return Ok(()),
                Some(target) if target.size() == held.stored() => {
                    return self.change(move |log| log.commit(target)).await;
                }
                Some(_) => shown = puller.head(&Held::nothing()).await?,
            }
        }
        let Some(head) = shown else {
            return Ok(());
        };
        // An erase entry stands after what it erases, so nothing new is erased yet.
        let mut pull = puller.pull(held, head, nothing_erased());
        let (mut of, mut payload_bytes) = (0, 0);
        while let Some(step) = pull.next().await {
            match step? {
                Step::Target(target) => {
                    of = target.size().value();
                    self.client.keep(&target)?;
                    self.change(move |log| {
                        log.set_target(target).map_err(|source| log.kept(source))
                    })
                    .await?;
                }
                Step::Package {
                    package, frames, ..
                } => {
                    payload_bytes += frames
                        .iter()
                        .map(|frame| frame.decoded().len() as u64)
                        .sum::<u64>();
                    let entries = package.end().value();
                    self.change(move |log| {
                        log.extend(&package, &frames)
                            .map_err(|source| log.kept(source))
                    })
                    .await?;
                    progress(Progress {
                        entries,
                        of,
                        payload_bytes,
                    });
                }
                Step::Head(head) => self.change(move |log| log.commit(head)).await?,
            }
        }
        Ok(())
    }

    /// Asks for the payloads that are missing.
    async fn fill(&self) -> Result<(), ClientError> {
        let mut from = 0;
        loop {
            let (runs, next) = self.change(move |log| log.holes(from)).await?;
            if runs.is_empty() {
                return Ok(());
            }
            let origin = self.log().origin().clone();
            let puller = self.client.puller(&origin).await?;
            let mut filled = puller.fill(runs, nothing_erased());
            while let Some(frame) = filled.next().await {
                let frame = frame?;
                self.change(move |log| log.fill(&frame)).await?;
            }
            self.change(LocalLog::sync).await?;
            from = next;
        }
    }

    async fn change<R: Send + 'static>(
        &self,
        change: impl FnOnce(&mut LocalLog) -> Result<R, ClientError> + Send + 'static,
    ) -> Result<R, ClientError> {
        let log = Arc::clone(&self.log);
        blocking(move || change(&mut log.lock())).await
    }
}

/// Runs work on files off the network's task.
async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, ClientError> + Send + 'static,
) -> Result<R, ClientError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(ClientError::Pull(PullError::Interrupted)))
}
