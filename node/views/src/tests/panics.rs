//! The thread that writes the table panics: nobody waits for it, and who runs the store
//! is told that the views are at their end.

use wpsx_store::Follower;

use super::*;

/// A table that panics when it is flushed, where nobody expects it.
struct Fragile(MemoryTable);

impl Table for Fragile {
    fn floor(&self, low: &[u8], high: &[u8]) -> Result<Option<Pair>, TableError> {
        self.0.floor(low, high)
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<(), TableError> {
        self.0.scan(from, to, visit)
    }

    fn apply(&self, batch: Vec<Change>) -> Result<(), TableError> {
        self.0.apply(batch)
    }

    fn flush(&self) -> Result<(), TableError> {
        panic!("a bug of its own")
    }
}

#[test]
fn a_panic_of_the_thread_is_told_to_all_who_wait_and_is_final() {
    let table = Fragile(MemoryTable::default());
    let views = Views::over(Box::new(table)).expect("start");
    views.post(0, 0, vec![entry(0, 1)]).expect("post");
    // The thread flushes after it has written what was refilled.
    views.refill(0, vec![entry(0, 1)]).expect("refill");
    for _ in 0..2 {
        let error = views.leave_no_trace().expect_err("it is gone");
        assert_eq!(
            error.to_string(),
            "their thread ended in a panic: a bug of its own"
        );
    }
    let error = Follower::leave_no_trace(&views).expect_err("it is gone");
    assert!(error.is_final());
    // What was taken still answers.
    assert!(views.latest(0, &record(1)).expect("latest").is_some());
}
