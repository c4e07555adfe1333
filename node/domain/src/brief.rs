//! Work on files that is mostly short, and then done where it is asked for.
//!
//! What is in memory is read in less time than it takes to hand that to another thread and to be
//! woken by it. So peers and readers, whose threads answer nobody else, have it done on the
//! thread that answers them, as long as that is quick. Once it was not (a disk, a lock, much to
//! unpack), the next ones go to the threads for files: what is slow costs the others of its
//! class one stop in so many.

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
/// So many go to the threads for files after one that was not.
const REST: u32 = 256;

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
            self.0.store(REST, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_what_was_slow_the_next_of_its_class_go_to_the_threads_for_files() {
        let brief = Brief::default();
        brief.is_for(Class::Reader).unwrap().took(QUICK);
        let readers = brief.is_for(Class::Reader).expect("it was quick");
        readers.took(QUICK + Duration::from_millis(1));
        assert!(brief.is_for(Class::Peer).is_some());
        for _ in 0..REST {
            assert!(brief.is_for(Class::Reader).is_none());
        }
        assert!(brief.is_for(Class::Reader).is_some(), "it is tried again");
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
