//! Work on files that is mostly short, and then done where it is asked for.
//!
//! What is in memory is read in less time than it takes to hand that to another thread and to be
//! woken by it. So peers and readers, whose threads answer nobody else, have it done on the
//! thread that answers them, as long as that is quick. Once it was not (a disk, a lock, much to
//! unpack), so many of the next ones go to the threads for files as could have been handed on in
//! the time that it took: a thread that had to wait for a processor goes on soon, and what is slow
//! costs the others of its class no more than handing all of it on would.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use wpsx_client::clock::monotonic;
use wpsx_listen::Class;

use crate::error::NodeError;

/// Work that takes longer is not quick.
const QUICK: Duration = Duration::from_millis(1);
/// What it costs to hand work on, and to be woken by it: about what processors stand idle then.
const HANDED_ON: Duration = Duration::from_micros(100);

/// Whether one kind of work is quick at present.
#[derive(Debug, Default)]
pub struct Brief {
    readers: Gauge,
    peers: Gauge,
}

/// The same of a class of callers: so many more go to the threads for files.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU32);

impl Brief {
    /// By what the next work of such a caller is measured, if that is done on the thread that
    /// asks. The operator's runs where the node itself does: it is never done there.
    pub fn is_for(&self, class: Class) -> Option<&Gauge> {
        match class {
            Class::Operator => None,
            Class::Peer => Some(&self.peers),
            Class::Reader => Some(&self.readers),
        }
        .filter(|gauge| gauge.is_quick())
    }
}

impl Gauge {
    fn is_quick(&self) -> bool {
        let next = |rest: u32| rest.checked_sub(1);
        let order = Ordering::Relaxed;
        self.0.fetch_update(order, order, next).is_err()
    }

    /// Does the work here.
    ///
    /// # Errors
    /// What `work` says; [`NodeError::Internal`] if it panicked.
    pub fn here<T>(&self, work: impl FnOnce() -> Result<T, NodeError>) -> Result<T, NodeError> {
        let begun = monotonic();
        let done = catch_unwind(AssertUnwindSafe(work));
        self.took(monotonic() - begun);
        done.unwrap_or_else(|_| Err(NodeError::Internal("it ended in a panic".to_owned())))
    }

    fn took(&self, time: Duration) {
        if time > QUICK {
            let handed_on = time.as_micros() / HANDED_ON.as_micros();
            let rest = u32::try_from(handed_on).unwrap_or(u32::MAX);
            self.0.fetch_max(rest, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of a reader's work go to the threads for files before one is done here.
    fn rest(brief: &Brief) -> usize {
        let goes = |_: &u32| brief.is_for(Class::Reader).is_none();
        (0..=1_000_000).take_while(goes).count()
    }

    #[test]
    fn after_what_was_slow_as_many_go_to_the_threads_for_files_as_that_would_have_cost() {
        let brief = Brief::default();
        let took = |millis| brief.readers.took(Duration::from_millis(millis));
        took(1);
        assert_eq!(rest(&brief), 0, "it was quick");
        for (millis, expected) in [(2, 20), (10, 100), (2, 20), (60_000, 600_000)] {
            took(millis);
            assert!(brief.is_for(Class::Peer).is_some());
            assert_eq!(rest(&brief), expected, "{millis} ms");
        }
        // Neither a shorter stop beside it nor a quick one makes it less.
        took(10);
        took(2);
        took(1);
        assert_eq!(rest(&brief), 100);
    }

    #[test]
    fn nothing_is_done_where_the_operator_is_answered() {
        assert!(Brief::default().is_for(Class::Operator).is_none());
    }

    #[test]
    fn what_the_work_says_is_the_answer() {
        assert_eq!(Gauge::default().here(|| Ok(7)).unwrap(), 7);
    }

    #[test]
    fn work_that_panics_is_an_error_of_its_call() {
        let broken = Gauge::default().here(|| -> Result<(), _> { panic!("of the work") });
        assert!(matches!(broken, Err(NodeError::Internal(_))));
    }
}
