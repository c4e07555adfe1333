//! What one follower still has to be told, and how it takes it: between those who
//! store and the one thread that tells it.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use parking_lot::{Condvar, Mutex};
use tokio::sync::watch;

use super::{standing::Standing, threads::words};
use crate::{
    error::{StoreError, chain},
    follow::{FollowError, Follower},
    format::owed::{self, Slots},
    log::handle::LogHandle,
    state::State,
};

/// How long until a follower that refused something is told once more.
const RETRY: Duration = Duration::from_secs(5);
/// How long the journal waits for a follower to take what changed, before it is noted
/// that it has to be told of it after the next start.
const GRACE: Duration = Duration::from_millis(200);

/// What one follower is to be told.
pub(crate) struct Mailbox {
    follower: Arc<dyn Follower>,
    /// What it lacked at the last end is not known.
    pub(crate) is_lost: bool,
    standing: Arc<Standing>,
    work: Mutex<Work>,
    /// Something to do for the thread.
    more: Condvar,
    /// Something done by it.
    done: Condvar,
    /// The same for those who wait in a task.
    moved: watch::Sender<u64>,
}

#[derive(Default)]
struct Work {
    /// Something was stored since the thread last looked.
    news: bool,
    /// More than that: something changed of what was told before.
    urgent: bool,
    /// Slots of stored entries that changed.
    refills: Slots,
    /// Those that are being told now.
    refilling: Slots,
    /// Logs that it is to forget.
    forgets: BTreeSet<u32>,
    /// Why it lacks something of a log.
    failures: BTreeMap<u32, Arc<str>>,
    /// Why it is told nothing any more.
    gone: Option<Arc<str>>,
    stop: bool,
    /// The thread has ended.
    ended: bool,
    /// A file says what it has to be told after the next start.
    noted: bool,
}

/// What changed of what was told before.
pub(crate) struct Changes {
    pub(crate) forgets: BTreeSet<u32>,
    pub(crate) refills: Slots,
}

impl Mailbox {
    /// With what `state` says that the follower was not told before.
    pub(crate) fn open(
        follower: Arc<dyn Follower>,
        state: &State,
        standing: &Arc<Standing>,
    ) -> Result<Self, StoreError> {
        let note = note(&*follower);
        let mut work = Work::default();
        let mut is_lost = false;
        match state
            .get(&note)
            .map(|bytes| bytes.map(|b| owed::from_text(&b)))
        {
            Ok(None) => {}
            Ok(Some(Some(refills))) => {
                work.refills = refills;
                work.noted = !work.refills.is_empty();
            }
            // What it lacks is not known: it is told all anew.
            Ok(Some(None)) | Err(StoreError::Damaged { .. }) => {
                (is_lost, work.noted) = (true, true)
            }
            Err(error) => return Err(error),
        }
        for (log, index) in follower.unsettled() {
            work.refills.entry(log).or_default().insert(index);
        }
        Ok(Self {
            follower,
            standing: standing.clone(),
            is_lost,
            work: Mutex::new(work),
            more: Condvar::new(),
            done: Condvar::new(),
            moved: watch::Sender::new(0),
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.follower.name()
    }

    /// Something was stored.
    pub(crate) fn wake(&self) {
        self.work.lock().news = true;
        self.more.notify_one();
    }

    /// Slots of stored entries changed.
    pub(crate) fn refill(&self, log: u32, indexes: impl IntoIterator<Item = u64>) {
        let mut work = self.work.lock();
        work.refills.entry(log).or_default().extend(indexes);
        (work.news, work.urgent) = (true, true);
        self.more.notify_one();
    }

    /// All of these logs is to be forgotten. Of those that are still there it is told
    /// anew, also where it refused something before.
    pub(crate) fn forget(&self, logs: impl IntoIterator<Item = u32>) {
        let mut work = self.work.lock();
        for log in logs {
            work.failures.remove(&log);
            work.forgets.insert(log);
        }
        (work.news, work.urgent) = (true, true);
        self.more.notify_one();
    }

    /// Waits until it was told the first entries of logs, so many of each; `progress`
    /// gets how many it was told. A log that is dropped meanwhile needs no more.
    pub(crate) async fn told_all(
        &self,
        sizes: &[(u64, LogHandle)],
        mut progress: impl FnMut(u64),
    ) -> Result<(), StoreError> {
        self.until(|| {
            let (mut told, mut all) = (0, true);
            for (size, log) in sizes {
                let position = match log.inner.is_dropped() {
                    true => *size,
                    false => self.position(log.number())?.min(*size),
                };
                if position < *size {
                    self.check(&self.work.lock(), log.number())?;
                    all = false;
                }
                told += position;
            }
            progress(told);
            Ok(all)
        })
        .await
    }

    /// Waits until it knows all that changed of what it was told before.
    pub(crate) async fn settled(&self) -> Result<(), StoreError> {
        self.until(|| {
            let work = self.work.lock();
            for log in work.unsettled() {
                self.check(&work, log)?;
            }
            Ok(work.is_settled())
        })
        .await
    }

    /// Waits until it has forgotten a log.
    pub(crate) async fn forgotten(&self, log: u32) -> Result<(), StoreError> {
        self.until(|| {
            let work = self.work.lock();
            if !work.forgets.contains(&log) {
                return Ok(true);
            }
            self.check(&work, log)?;
            Ok(false)
        })
        .await
    }

    /// How far it was told; 0 while it is to forget the log.
    ///
    /// # Errors
    /// It is told nothing any more.
    pub(crate) fn position(&self, log: u32) -> Result<u64, StoreError> {
        {
            let work = self.work.lock();
            if work.forgets.contains(&log) {
                return Ok(0);
            }
            if let Some(reason) = &work.gone {
                return Err(self.error(reason.clone()));
            }
        }
        self.call(|follower| Ok(follower.position(log)))
    }

    /// Resolves when something moved since the receiver last looked.
    pub(crate) fn moves(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    async fn until(
        &self,
        mut there: impl FnMut() -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut moved = self.moves();
        while !there()? {
            moved.changed().await.map_err(|_| StoreError::Closed)?;
        }
        Ok(())
    }

    /// Whether waiting for something of a log makes sense.
    fn check(&self, work: &Work, log: u32) -> Result<(), StoreError> {
        match work.gone.as_ref().or(work.failures.get(&log)) {
            Some(reason) => Err(self.error(reason.clone())),
            None if work.stop => Err(StoreError::Closed),
            None => Ok(()),
        }
    }

    pub(crate) fn error(&self, reason: Arc<str>) -> StoreError {
        StoreError::Follower {
            name: self.name(),
            source: FollowError::new(&*reason),
        }
    }

    /// Asks something of the follower. If it panics it is told nothing any more.
    pub(crate) fn call<T>(
        &self,
        call: impl FnOnce(&dyn Follower) -> Result<T, FollowError>,
    ) -> Result<T, StoreError> {
        self.guard(|| call(&*self.follower))
    }

    /// The same of something else that the follower does.
    pub(crate) fn guard<T>(
        &self,
        call: impl FnOnce() -> Result<T, FollowError>,
    ) -> Result<T, StoreError> {
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(Err(source)) if source.is_final() => Err(self.lose(&chain(&source))),
            Ok(result) => result.map_err(|source| StoreError::Follower {
                name: self.name(),
                source,
            }),
            Err(panic) => Err(self.lose(words(&*panic))),
        }
    }

    /// It is told nothing any more, and who runs the store hears it: what it tells gets
    /// older and older.
    fn lose(&self, why: &str) -> StoreError {
        let reason: Arc<str> = format!("they gave up: {why}").into();
        self.work.lock().gone = Some(reason.clone());
        self.standing.raise(&format!(
            "the {} gave up: {why}; the logs are whole, and a new start tells them from \
             where they were",
            self.name()
        ));
        self.tell_all();
        self.error(reason)
    }

    /// Has it kept on the disk which slots it was not told of, if there are any: the
    /// journal, which has them, is about to go.
    ///
    /// # Errors
    /// The state cannot be written.
    pub(crate) fn note_what_is_owed(&self, state: &State) -> Result<(), StoreError> {
        let owed = {
            let mut work = self.work.lock();
            if !work.is_settled() && work.gone.is_none() && work.failures.is_empty() {
                self.done
                    .wait_while_for(&mut work, |work| !work.is_settled() && !work.stop, GRACE);
            }
            let mut owed = work.refills.clone();
            for (log, indexes) in &work.refilling {
                owed.entry(*log).or_default().extend(indexes);
            }
            if owed.is_empty() && !work.noted {
                return Ok(());
            }
            work.noted = !owed.is_empty();
            owed
        };
        // An empty one stays: which files there are changes as seldom as can be.
        state.put(&note(&*self.follower), owed::to_text(&owed).as_bytes())
    }

    /// The thread is to end.
    pub(crate) fn stop(&self) {
        self.work.lock().stop = true;
        self.more.notify_all();
        self.tell_all();
    }

    /// Waits for the thread's end; false if it does not come.
    pub(crate) fn has_ended(&self, within: Duration) -> bool {
        let mut work = self.work.lock();
        self.done
            .wait_while_for(&mut work, |work| !work.ended, within);
        work.ended
    }

    fn tell_all(&self) {
        self.done.notify_all();
        self.moved.send_modify(|n| *n += 1);
    }
}

/// What the thread calls.
impl Mailbox {
    /// Waits for work. None: end.
    pub(crate) fn next(&self) -> Option<Changes> {
        let mut work = self.work.lock();
        while !work.news && !work.stop {
            if work.failures.is_empty() {
                self.more.wait(&mut work);
            } else if self.more.wait_for(&mut work, RETRY).timed_out() {
                break;
            }
        }
        if work.is_at_end() {
            return None;
        }
        (work.news, work.urgent) = (false, false);
        work.refilling = std::mem::take(&mut work.refills);
        Some(Changes {
            forgets: work.forgets.clone(),
            refills: work.refilling.clone(),
        })
    }

    /// Waits a while, unless something comes that new entries wait for; true if nothing did.
    pub(crate) fn rests(&self, pause: Duration) -> bool {
        let mut work = self.work.lock();
        let calm = |work: &mut Work| !work.urgent && !work.is_at_end();
        self.more.wait_while_for(&mut work, calm, pause).timed_out()
    }

    /// Something waits that comes before new entries.
    pub(crate) fn is_interrupted(&self) -> bool {
        let work = self.work.lock();
        work.urgent || work.is_at_end()
    }

    /// It is told nothing more.
    pub(crate) fn is_at_end(&self) -> bool {
        self.work.lock().is_at_end()
    }

    /// It has not forgotten a log yet that it is to forget.
    pub(crate) fn is_forgetting(&self, log: u32) -> bool {
        self.work.lock().forgets.contains(&log)
    }

    /// It took entries from `start` on, and says that it did not.
    pub(crate) fn stands_still(&self, start: u64) -> StoreError {
        let reason = format!("they took entries and still want the one at {start}");
        self.error(reason.into())
    }

    /// It took something of a log.
    pub(crate) fn took(&self, log: u32) {
        self.work.lock().failures.remove(&log);
        self.tell_all();
    }

    pub(crate) fn refilled(&self, log: u32) {
        self.work.lock().refilling.remove(&log);
        self.took(log);
    }

    pub(crate) fn forgot(&self, log: u32) {
        let mut work = self.work.lock();
        work.forgets.remove(&log);
        drop(work);
        self.took(log);
    }

    /// It did not take something of a log.
    pub(crate) fn failed(&self, log: u32, error: &StoreError) {
        let reason: Arc<str> = match error {
            // Its name is said with every answer.
            StoreError::Follower { source, .. } => chain(source).into(),
            other => chain(other).into(),
        };
        let mut work = self.work.lock();
        if let Some(slots) = work.refilling.remove(&log) {
            work.refills.entry(log).or_default().extend(slots);
        }
        let known = work.failures.insert(log, reason.clone());
        let is_new = known.is_none_or(|known| known != reason) && work.gone.is_none();
        drop(work);
        if is_new {
            let name = self.name();
            tracing::error!(
                reason = &*reason,
                "the {name} cannot be kept up; `wpsx reindex` builds them anew"
            );
        }
        self.tell_all();
    }

    /// The thread's end, in a panic too, is known to all who wait.
    pub(crate) fn watch_end(&self) -> impl Drop {
        WatchEnd(self)
    }
}

struct WatchEnd<'m>(&'m Mailbox);

impl Drop for WatchEnd<'_> {
    fn drop(&mut self) {
        let mut work = self.0.work.lock();
        work.ended = true;
        if std::thread::panicking() {
            work.gone = Some("the thread that tells them ended in a panic".into());
        }
        drop(work);
        self.0.tell_all();
    }
}

impl Work {
    fn is_at_end(&self) -> bool {
        self.stop || self.gone.is_some()
    }

    fn is_settled(&self) -> bool {
        self.unsettled().next().is_none()
    }

    /// The logs of which something changed that it was not told.
    fn unsettled(&self) -> impl Iterator<Item = u32> {
        let slots = self.refills.keys().chain(self.refilling.keys());
        slots.chain(&self.forgets).copied()
    }
}

/// The state file with the slots that a follower was not told of.
fn note(follower: &dyn Follower) -> String {
    format!("followers/{}", follower.name())
}
