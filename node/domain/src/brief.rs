//! Work on files that is mostly short, and then done where it is asked for.
//!
//! What is in memory is read in less time than it takes to hand that to another thread and to be
//! woken by it. So peers and readers, whose threads answer nobody else, have it done on the
//! thread that answers them, as long as that is quick. Once it was not (a disk, a lock, much to
//! unpack), the next one goes to the threads for files, and twice as many each time that it is
//! not quick again; what is quick takes that back slowly. So a thread that now and then has to
//! wait for a processor goes on as before, and a slow disk costs the others of its class one
//! stop in so many.

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
/// At most so many go to the threads for files after one that was not.
const MOST_REST: u32 = 256;
/// What is quick makes the next rest shorter by this part of it: it grows where more than about
/// one in six is not quick.
const TAKEN_BACK: u32 = 8;
/// In such parts of one the next rest is counted.
const PARTS: u32 = 256;

/// Whether one kind of work is quick at present.
#[derive(Debug, Default)]
pub struct Brief {
    readers: Gauge,
    peers: Gauge,
}

/// The same of a class of callers.
#[derive(Debug, Default)]
pub struct Gauge {
    /// So many more go to the threads for files.
    rest: AtomicU32,
    /// How long the last rest was, less what was taken back, in parts of one.
    last: AtomicU32,
}

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
        self.rest.fetch_update(order, order, next).is_err()
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
        let last = self.last.load(Ordering::Relaxed);
        if time <= QUICK {
            let shorter = last - last.div_ceil(TAKEN_BACK);
            self.last.store(shorter, Ordering::Relaxed);
        } else if self.rest.load(Ordering::Relaxed) == 0 {
            // Several that waited for the same count once.
            let longer = (2 * last).clamp(PARTS, MOST_REST * PARTS);
            self.last.store(longer, Ordering::Relaxed);
            self.rest.store(longer / PARTS, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of a reader's work go to the threads for files before one is done here.
    fn rest(brief: &Brief) -> u32 {
        let goes = |_: &u32| brief.is_for(Class::Reader).is_none();
        (0..=2 * MOST_REST).take_while(goes).count() as u32
    }

    const SLOW: Duration = Duration::from_millis(2);

    #[test]
    fn after_what_was_slow_the_next_of_its_class_go_to_the_threads_for_files() {
        let brief = Brief::default();
        brief.readers.took(QUICK);
        assert_eq!(rest(&brief), 0, "it was quick");
        for expected in [1, 2, 4, 8, 16, 32, 64, 128, 256, 256] {
            brief.readers.took(SLOW);
            // Another one that waited for the same.
            brief.readers.took(SLOW);
            assert!(brief.is_for(Class::Peer).is_some());
            assert_eq!(rest(&brief), expected);
        }
        for _ in 0..50 {
            brief.readers.took(QUICK);
        }
        brief.readers.took(SLOW);
        assert_eq!(rest(&brief), 1, "a stop now and then is no slow disk");
    }

    #[test]
    fn a_disk_that_is_slow_at_times_is_a_slow_one() {
        let brief = Brief::default();
        // One of five is slow.
        for n in 0..1_000 {
            let time = if n % 5 == 0 { SLOW } else { QUICK };
            brief.readers.took(time);
            rest(&brief);
        }
        brief.readers.took(SLOW);
        assert!(rest(&brief) > 100);
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
