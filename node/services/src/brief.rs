//! Work that is mostly done from memory, and then where it is asked for.
//!
//! To look up one record that is in memory takes less than to hand that to another thread and
//! to be woken by it. So readers, whose threads are theirs alone, have it done on the thread
//! that answers them, as long as that is quick. Once it was not (a disk, a lock), the next
//! ones go to the threads for files: what is slow costs the other readers one stop in so many.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use wpsx_client::clock::monotonic;
use wpsx_domain::NodeError;
use wpsx_listen::Class;

/// Work that takes longer is not quick.
const QUICK: Duration = Duration::from_millis(1);
/// So many go to the threads for files after one that was not.
const REST: u32 = 256;

/// Whether one kind of work is quick at present.
#[derive(Debug, Default)]
pub(crate) struct Brief {
    /// So many more go to the threads for files.
    rest: AtomicU32,
}

impl Brief {
    /// Whether the next work of such a caller is done on the thread that asks.
    pub(crate) fn is_for(&self, class: Class) -> bool {
        let next = |rest: u32| rest.checked_sub(1);
        let order = Ordering::Relaxed;
        class == Class::Reader && self.rest.fetch_update(order, order, next).is_err()
    }

    /// Does it here.
    ///
    /// # Errors
    /// What `work` says; [`NodeError::Internal`] if it panicked.
    pub(crate) fn here<T>(
        &self,
        work: impl FnOnce() -> Result<T, NodeError>,
    ) -> Result<T, NodeError> {
        let begun = monotonic();
        let done = catch_unwind(AssertUnwindSafe(work));
        self.took(monotonic() - begun);
        done.unwrap_or_else(|_| Err(NodeError::Internal("it ended in a panic".to_owned())))
    }

    fn took(&self, time: Duration) {
        if time > QUICK {
            self.rest.store(REST, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_what_was_slow_the_next_go_to_the_threads_for_files() {
        let brief = Brief::default();
        assert!(brief.is_for(Class::Reader));
        brief.took(QUICK);
        assert!(brief.is_for(Class::Reader), "it was quick");
        brief.took(QUICK + Duration::from_millis(1));
        for _ in 0..REST {
            assert!(!brief.is_for(Class::Reader));
        }
        assert!(brief.is_for(Class::Reader), "it is tried again");
    }

    #[test]
    fn peers_and_the_operator_share_their_threads_with_more_than_answers() {
        let brief = Brief::default();
        assert!(!brief.is_for(Class::Peer));
        assert!(!brief.is_for(Class::Operator));
    }

    #[test]
    fn what_the_work_says_is_the_answer() {
        assert_eq!(Brief::default().here(|| Ok(7)).unwrap(), 7);
    }

    #[test]
    fn work_that_panics_is_an_error_of_its_call() {
        let broken = Brief::default().here(|| -> Result<(), _> { panic!("of the work") });
        assert!(matches!(broken, Err(NodeError::Internal(_))));
    }
}
