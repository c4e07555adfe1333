//! `wpsx recover`: a publisher's node whose store was lost or set back gets the missing
//! part of its own logs from its peers. Every entry of it is signed by the log's own key.
//!
//! 1. Every peer that can be reached is asked for its heads of our logs, also of those
//!    whose key is here and nothing else (`survey`).
//! 2. Each head is proven to extend what is stored, and all of them to be of one tree.
//!    If they are not, two histories were signed: the evidence is kept, and it ends here.
//! 3. Only when the operator said yes: what the missing part erases is destroyed, then
//!    the part is pulled, then its head is taken, and the log is signed again. Where a peer
//!    breaks off, the next one that shows the log goes on from there.
//!
//! A crash in between costs nothing: what is missing is remembered (`ahead`), nothing is
//! signed, and the command can be given again.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::mpsc;
use wpsx_client::pull::{PayloadFilter, PullOptions, Puller, Step as Pulled};
use wpsx_domain::{NodeError, blocking, publishing::PublisherKeys};
use wpsx_proto::origin::Origin;
use wpsx_store::{LogHandle, LogRole};

use crate::{
    context::Context,
    erasures::{Read, carry_out},
    fill::{Asked, erased, fill_with},
    line::Line,
    survey::{Lost, Survey, Told, held},
    trouble::Trouble,
};

pub use crate::survey::Shown;

/// What is told while it goes on.
#[derive(Clone, Debug)]
pub enum Step {
    /// What one peer shows of one own log, or why it shows nothing.
    Shown(Shown),
    /// How far a log has come back.
    Pulled {
        /// The log.
        origin: Origin,
        /// Entries stored.
        stored: u64,
        /// Entries that there are to be.
        total: u64,
    },
    /// The end: nothing is missing any more, or all that is was shown.
    Done {
        /// Entries that came back, or would.
        entries: u64,
        /// Whether own logs are signed again.
        signs: bool,
    },
}

/// Gets the missing part of own logs back.
pub struct Recovery {
    context: Arc<Context>,
    keys: Arc<dyn PublisherKeys>,
    turn: tokio::sync::Mutex<()>,
}

impl Recovery {
    pub(crate) fn new(context: Arc<Context>, keys: Arc<dyn PublisherKeys>) -> Self {
        Self {
            context,
            keys,
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Asks all peers what they hold of our logs, and with `yes` gets back what is missing.
    ///
    /// # Errors
    /// No peer can be asked; peers show two histories; what was seen before is nowhere.
    pub fn run<'a>(
        &'a self,
        yes: bool,
        tell: &'a mpsc::Sender<Step>,
    ) -> BoxFuture<'a, Result<(), NodeError>> {
        Box::pin(async move {
            let _turn = self.turn.lock().await;
            let survey = Survey::of(&self.context, &*self.keys).await?;
            for shown in survey.shown() {
                // Whoever asked may be gone; what was begun is finished.
                let _ = tell.send(Step::Shown(shown.clone())).await;
            }
            survey.check(&self.context).await?;
            let missing = survey.missing();
            if yes {
                for lost in survey.lost() {
                    self.bring_back(lost, tell).await?;
                }
                self.context.ahead.forget_what_is_here()?;
                self.context.ahead.give_up_unreadable()?;
                // All reachable peers were asked, and the operator said that these are enough.
                let store = self.context.store.clone();
                blocking(move || Ok(store.dispel_doubt()?)).await?;
            }
            let mut own = self
                .context
                .store
                .logs()
                .into_iter()
                .filter(LogHandle::is_own);
            let signs = self.context.store.read_only().is_none()
                && own.all(|log| log.contradiction().is_none());
            let done = Step::Done {
                entries: missing,
                signs: signs && (yes || missing == 0),
            };
            let _ = tell.send(done).await;
            Ok(())
        })
    }

    async fn bring_back(&self, lost: &Lost, tell: &mpsc::Sender<Step>) -> Result<(), NodeError> {
        let context = &self.context;
        let Some(first) = lost.tellers.first() else {
            return Ok(());
        };
        // Before the log is there: a log that is there and empty would be signed from 1 on.
        context.ahead.saw(first.line.peer.name(), &lost.theirs)?;
        let log = self.own_log(lost, first)?;
        let is_whole = || {
            let head = log.head();
            head.is_some_and(|head| head.size() >= lost.theirs.size())
        };
        let mut reasons = Vec::new();
        for told in &lost.tellers {
            if is_whole() {
                break;
            }
            // What the one brought is kept, and the next one goes on behind it.
            if let Err(trouble) = self.take_from(told, &log, tell).await {
                let reason = match trouble {
                    Trouble::Ours(error) => return Err(error),
                    Trouble::Lie(lie) => lie.reason,
                    Trouble::Lost(reason) => reason,
                };
                let peer = told.line.peer.name();
                tracing::warn!(peer, reason, "it did not bring all; another peer is asked");
                reasons.push(format!("{peer}: {reason}"));
            }
        }
        if !is_whole() {
            return Err(NodeError::ReadOnly(format!(
                "{} could not be recovered whole: {}; what came is kept, run `wpsx recover` again",
                log.origin(),
                reasons.join("; ")
            )));
        }
        // What one peer does not hold, another may.
        let lease = context.leases.take(log.origin()).await;
        for line in &lost.lines {
            let options = everything(line);
            let filled = fill_with(line, &log, &lease, &mut Asked::nothing(), options).await;
            if let Err(trouble) = filled {
                tracing::info!(peer = line.peer.name(), ?trouble, "not asked further");
            }
        }
        drop(lease);
        context.store.leave_no_trace().await?;
        Ok(())
    }

    /// Carries out what the missing part erases, as one peer shows it, and pulls that part.
    async fn take_from(
        &self,
        told: &Told,
        log: &LogHandle,
        tell: &mpsc::Sender<Step>,
    ) -> Result<(), Trouble> {
        if !log.stored().is_empty() {
            carry_out(&told.line, log, &told.head, &mut Read::default()).await?;
        }
        self.pull(told, log, tell).await
    }

    /// The own log that is to be filled; begun anew where only its key is left.
    fn own_log(&self, lost: &Lost, told: &Told) -> Result<LogHandle, NodeError> {
        let store = &self.context.store;
        let origin = lost.theirs.origin();
        let signers = self.keys.kept()?;
        let signer = signers
            .into_iter()
            .find(|signer| signer.name() == told.identity.name().as_str())
            .ok_or_else(|| NodeError::not_found("key of publisher", told.identity.name()))?;
        // A copy that was followed before the log was known to be our own.
        if store.log(origin).is_some_and(|log| !log.is_own()) {
            store.drop_replica(origin)?;
        }
        Ok(store.add_log(origin, told.identity.clone(), LogRole::Own(signer))?)
    }

    async fn pull(
        &self,
        told: &Told,
        log: &LogHandle,
        tell: &mpsc::Sender<Step>,
    ) -> Result<(), Trouble> {
        let store = &self.context.store;
        let recovering = store.recovering(log.origin()).map_err(NodeError::Store)?;
        let _lease = self.context.leases.take(log.origin()).await;
        let connection = told.line.connection.clone();
        let puller = Puller::new(connection, log.origin().clone(), log.key())
            .with_options(everything(&told.line));
        let total = told.theirs.size().value();
        let mut steps = puller.pull(held(log)?, told.head.clone(), erased(log));
        while let Some(step) = steps.next().await {
            let step = step.map_err(|error| Trouble::refused(log.origin(), &error))?;
            match step {
                Pulled::Target(_) => {}
                Pulled::Package {
                    package,
                    frames,
                    uncovered,
                } => {
                    let stored = recovering.extend(package, frames, uncovered).await;
                    stored.map_err(NodeError::Store)?;
                    let pulled = Step::Pulled {
                        origin: log.origin().clone(),
                        stored: log.stored().value(),
                        total,
                    };
                    let _ = tell.send(pulled).await;
                }
                Pulled::Head(theirs) => {
                    let head = recovering.commit_head(theirs).await;
                    let size = head.map_err(NodeError::Store)?.size();
                    tracing::info!(origin = %log.origin(), %size, "own log recovered");
                }
            }
        }
        Ok(())
    }
}

/// Own logs are held whole, whatever is fetched of those of others.
fn everything(line: &Line) -> PullOptions {
    PullOptions {
        payloads: PayloadFilter::everything(),
        ..line.pull_options()
    }
}

impl std::fmt::Debug for Recovery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recovery").finish_non_exhaustive()
    }
}
