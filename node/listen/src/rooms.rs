//! The threads that answer, apart for each class of callers.
//!
//! Strangers have a room of their own before the handshake and another behind it, peers
//! have one, and what the operator asks runs where the node itself does. Each room has its
//! own threads, for answering and for work on files, so that nobody stands behind a
//! queue of those further down. The threads of strangers are nicer to the rest of the
//! machine, where the system lets each thread be so: they get what the others leave.

use std::{
    io,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::{class::Class, limits::Limits};

/// By how much the thread at the door stands back, to which peers come too.
const NICE_AT_THE_DOOR: i32 = 5;
/// By how much strangers' threads stand back. There are as many as processors, so that what
/// nobody else needs is theirs: with half as many and half of this, the node waited longer for
/// them and they for it (`tests/benches/README.md`).
const NICE: i32 = 10;
/// How long a thread for files waits for more to do.
const REST: Duration = Duration::from_secs(10);

/// The rooms, each opened when somebody comes.
#[derive(Default)]
pub(crate) struct Rooms {
    door: Room,
    readers: Room,
    peers: Room,
}

/// Threads, once somebody needs them.
#[derive(Default)]
struct Room(OnceLock<Option<Runtime>>);

impl Rooms {
    /// Where it is found out who comes.
    pub(crate) fn door(&self) -> Handle {
        self.door.open("wpsx-door", 1, 1, NICE_AT_THE_DOOR)
    }

    /// Where the calls of a class are answered.
    pub(crate) fn of(&self, class: Class, limits: &Limits) -> Handle {
        let processors = available_parallelism().map_or(1, usize::from);
        match class {
            Class::Operator => Handle::current(),
            Class::Peer => self
                .peers
                .open("wpsx-peers", processors, limits.peers.places, 0),
            Class::Reader => {
                let places = limits.readers.places;
                self.readers.open("wpsx-readers", processors, places, NICE)
            }
        }
    }
}

impl Room {
    fn open(&self, name: &'static str, drivers: usize, places: usize, nice: i32) -> Handle {
        let opened = self.0.get_or_init(|| {
            build(name, drivers, places, nice)
                .inspect_err(|error| {
                    tracing::error!(%error, name, "no threads for this; the node's own answer");
                })
                .ok()
        });
        match opened {
            Some(runtime) => runtime.handle().clone(),
            None => Handle::current(),
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // Also where this is dropped by a task, which may not wait for threads.
        if let Some(Some(runtime)) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn build(name: &'static str, drivers: usize, places: usize, nice: i32) -> io::Result<Runtime> {
    let count = AtomicUsize::new(0);
    Builder::new_multi_thread()
        .worker_threads(drivers)
        .max_blocking_threads(places.max(1))
        .thread_keep_alive(REST)
        .thread_name_fn(move || format!("{name}-{}", count.fetch_add(1, Ordering::Relaxed)))
        .on_thread_start(move || stand_back(nice))
        .enable_all()
        .build()
}

#[cfg(target_os = "linux")]
fn stand_back(nice: i32) {
    if nice > 0 {
        // Of this thread alone, on this system. Without it all is fair, which also works.
        let _ = rustix::process::setpriority_process(None, nice);
    }
}

#[cfg(not(target_os = "linux"))]
fn stand_back(_: i32) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_room_that_is_full_of_work_leaves_the_others_alone() {
        let limits = Limits::default();
        let rooms = Rooms::default();
        let (full, released) = (std::sync::Arc::new(OnceLock::<()>::new()), 16);
        let readers = rooms.of(Class::Reader, &limits);
        for _ in 0..released {
            let full = full.clone();
            readers.spawn_blocking(move || {
                full.wait();
            });
        }
        for other in [
            rooms.door(),
            rooms.of(Class::Peer, &limits),
            Handle::current(),
        ] {
            assert_eq!(other.spawn_blocking(|| 7).await.unwrap(), 7);
        }
        let _ = full.set(());
        assert_eq!(readers.spawn_blocking(|| 8).await.unwrap(), 8);
    }
}
