//! How far a log is, is asked from tasks that must not wait.

use std::{
    sync::mpsc,
    thread::{self, ThreadId},
    time::Duration,
};

use parking_lot::Mutex;

use super::*;

/// As long as anybody may have to wait for something that waits for nothing.
const BOUND: Duration = Duration::from_secs(20);

/// A table in which one thread's read stands still until it is let go.
struct Slow {
    table: MemoryTable,
    whose: Arc<Mutex<Option<ThreadId>>>,
    reading: mpsc::SyncSender<()>,
    go_on: Mutex<mpsc::Receiver<()>>,
}

impl Table for Slow {
    fn floor(&self, low: &[u8], high: &[u8]) -> Result<Option<Pair>, TableError> {
        if *self.whose.lock() == Some(thread::current().id()) {
            let _ = self.reading.try_send(());
            let _ = self.go_on.lock().recv_timeout(BOUND);
        }
        self.table.floor(low, high)
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<(), TableError> {
        self.table.scan(from, to, visit)
    }

    fn apply(&self, batch: Vec<Change>) -> Result<(), TableError> {
        self.table.apply(batch)
    }

    fn flush(&self) -> Result<(), TableError> {
        self.table.flush()
    }
}

/// A list holds the entries in memory while it reads the table. Whoever stores waits for
/// it, and holds the gate: nobody who only asks how far a log is may stand behind them.
#[test]
fn a_position_is_told_while_a_post_waits_for_a_list() {
    let (reading, starts) = mpsc::sync_channel(1);
    let (let_go, go_on) = mpsc::sync_channel(1);
    let whose = Arc::new(Mutex::new(None));
    let views = Views::over(Box::new(Slow {
        table: MemoryTable::default(),
        whose: whose.clone(),
        reading,
        go_on: Mutex::new(go_on),
    }))
    .expect("start");
    views.post(0, 0, vec![entry(0, 1)]).expect("post");
    thread::scope(|scope| {
        let listing = scope.spawn(|| {
            *whose.lock() = Some(thread::current().id());
            let counts = views.counts(0);
            *whose.lock() = None;
            counts
        });
        starts.recv_timeout(BOUND).expect("it reads");
        let posting = scope.spawn(|| views.post(0, 1, vec![entry(1, 2)]));
        while !views.poster.shared.is_held() {
            thread::yield_now();
        }
        let (answer, told) = mpsc::sync_channel(1);
        let asked = &views;
        scope.spawn(move || answer.send(asked.position(0)));
        let position = told.recv_timeout(BOUND / 2);
        // A table that is let go waits no more.
        drop(let_go);
        assert_eq!(position.expect("it does not wait"), 1);
        posting.join().expect("no panic").expect("post");
        listing.join().expect("no panic").expect("counts");
    });
    assert_eq!(views.position(0), 2);
}
