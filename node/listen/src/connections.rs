//! Every open connection of this node: how many there are, whose they are, and the
//! means to end them.

use std::{collections::HashMap, fmt, net::SocketAddr, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use parking_lot::{Mutex, MutexGuard};
use tokio::{runtime::Handle, sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;
use wpsx_client::{clock::Clock, tls::TlsKeyHash, transport::Counters};

use crate::{
    allowance::{Allowance, Allowances, Who},
    class::Class,
    limits::{Limits, Share},
    places::{Full, Places},
    refusals::{Refusal, Refusals},
    rooms::Rooms,
};

/// The log is told of one refusal in so many milliseconds.
const LOG_PACE: u64 = 1_000;

/// The registry of open connections. Clones share it, and so do all listeners of a
/// node: the caps count them together.
#[derive(Clone)]
pub struct Connections(Arc<Inner>);

struct Inner {
    limits: Limits,
    clock: Clock,
    stop: CancellationToken,
    state: Mutex<State>,
    open: watch::Sender<usize>,
    allowances: Allowances,
    rooms: Rooms,
}

#[derive(Default)]
struct State {
    next: u64,
    entries: HashMap<u64, Entry>,
    places: Places,
    refusals: Refusals,
    figures: Figures,
    /// When the log was told of a refusal last.
    told: u64,
}

struct Entry {
    key: Option<TlsKeyHash>,
    address: Option<SocketAddr>,
    cut: CancellationToken,
    counters: Arc<Counters>,
}

/// Counts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Connections open now.
    pub open: u64,
    /// Connections let in so far.
    pub accepted: u64,
    /// Connections refused, or ended for what they did, so far.
    pub refused: u64,
    /// Bytes received so far.
    pub received: u64,
    /// Bytes sent so far.
    pub sent: u64,
}

impl Connections {
    /// No connection yet. When `stop` is cancelled, nothing new is accepted and what
    /// is open is asked to end.
    pub fn new(limits: Limits, clock: Clock, stop: CancellationToken) -> Self {
        Self(Arc::new(Inner {
            allowances: Allowances::new(&limits),
            rooms: Rooms::default(),
            limits,
            clock,
            stop,
            state: Mutex::default(),
            open: watch::Sender::new(0),
        }))
    }

    /// The limits that every listener keeps.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Cancelled when the node shuts down.
    pub fn stop(&self) -> &CancellationToken {
        &self.0.stop
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.state().entries.len()
    }

    /// How many are open whose other side holds this key.
    pub fn count_of(&self, key: &TlsKeyHash) -> usize {
        let state = self.state();
        state
            .entries
            .values()
            .filter(|entry| entry.key.as_ref() == Some(key))
            .count()
    }

    /// Ends every connection whose other side holds this key, and says how many.
    pub fn close_all_of(&self, key: &TlsKeyHash) -> usize {
        let state = self.state();
        let theirs = state
            .entries
            .values()
            .filter(|entry| entry.key.as_ref() == Some(key));
        theirs.map(|entry| entry.cut.cancel()).count()
    }

    /// Waits until exactly this many are open.
    pub async fn wait_for_count(&self, count: usize) {
        // Cannot fail: `self` keeps the sender.
        let _ = self
            .0
            .open
            .subscribe()
            .wait_for(|open| *open == count)
            .await;
    }

    /// Accepts nothing more, lets every request end within `bound`, then ends what is
    /// left. Returns how many had to be ended so.
    pub fn drain(&self, bound: Duration) -> BoxFuture<'_, usize> {
        Box::pin(async move {
            self.0.stop.cancel();
            if timeout(bound, self.wait_for_count(0)).await.is_ok() {
                return 0;
            }
            let left = {
                let state = self.state();
                state.entries.values().for_each(|entry| entry.cut.cancel());
                state.entries.len()
            };
            // They have only to notice.
            let _ = timeout(Duration::from_secs(1), self.wait_for_count(0)).await;
            left
        })
    }

    /// The latest refusals, the newest last.
    pub fn refusals(&self) -> Vec<Refusal> {
        self.state().refusals.list()
    }

    /// Counts since the start.
    pub fn figures(&self) -> Figures {
        let state = self.state();
        let mut figures = state.figures;
        figures.open = state.entries.len() as u64;
        for entry in state.entries.values() {
            figures.received += entry.counters.received();
            figures.sent += entry.counters.sent();
        }
        figures
    }

    /// Takes a connection on. Without an address it is one of this machine's user or one
    /// we opened, which are not counted; any other has a place among those that have not
    /// shown who they are, until it is [`identify`](Slot::identify)ed.
    pub(crate) fn admit(
        &self,
        address: Option<SocketAddr>,
        key: Option<TlsKeyHash>,
        counters: Arc<Counters>,
    ) -> Slot {
        let mut state = self.state();
        let id = state.next;
        state.next += 1;
        state.figures.accepted += 1;
        let cut = CancellationToken::new();
        let entry = Entry {
            key,
            address,
            cut: cut.clone(),
            counters,
        };
        state.entries.insert(id, entry);
        let gone = address.and_then(|address| state.give_way(id, address, &self.0.limits));
        self.0.open.send_replace(state.entries.len());
        drop(state);
        if let Some(address) = gone {
            self.refuse(
                Some(address),
                "it said nothing, and gave its place to another",
            );
        }
        Slot {
            id,
            cut,
            connections: self.clone(),
        }
    }

    /// What a caller may hold.
    pub(crate) fn allowance(&self, class: Class, who: Who) -> Allowance {
        self.0.allowances.of(class, who)
    }

    /// What all callers of a class may hold.
    pub(crate) fn share(&self, class: Class) -> &Share {
        self.0.allowances.share(class)
    }

    /// Where it is found out who comes.
    pub(crate) fn door(&self) -> Handle {
        self.0.rooms.door()
    }

    /// Where the calls of a class are answered.
    pub(crate) fn room(&self, class: Class) -> Handle {
        self.0.rooms.of(class, &self.0.limits)
    }

    /// Keeps a refusal for the operator to see.
    pub(crate) fn refuse(&self, address: Option<SocketAddr>, reason: &str) {
        let address = address.map(|address| address.ip());
        let unix_ms = self.0.clock.unix_ms();
        let mut state = self.state();
        state.figures.refused += 1;
        // Whoever knocks, and from however many addresses: the log is not theirs to fill.
        let differs = state.refusals.add(address, reason, unix_ms);
        if differs && unix_ms.abs_diff(state.told) >= LOG_PACE {
            state.told = unix_ms;
            let so_far = state.figures.refused;
            drop(state);
            tracing::info!(address = ?address, reason, so_far, "connection refused");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock()
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("figures", &self.figures())
            .finish_non_exhaustive()
    }
}

impl State {
    /// Gives a new connection its place, and ends the one that has to go for it.
    fn give_way(&mut self, id: u64, address: SocketAddr, limits: &Limits) -> Option<SocketAddr> {
        let entries = &self.entries;
        let is_silent = |id: u64| {
            let entry = entries.get(&id);
            entry.is_none_or(|entry| entry.counters.received() == 0)
        };
        let goes = self.places.open(id, address.ip(), limits, is_silent)?;
        let gone = self.entries.remove(&goes)?;
        gone.cut.cancel();
        self.figures.left(&gone.counters);
        gone.address
    }
}

impl Figures {
    fn left(&mut self, counters: &Counters) {
        self.received += counters.received();
        self.sent += counters.sent();
    }
}

/// The place of one connection in the registry, for as long as it lives.
pub(crate) struct Slot {
    id: u64,
    /// Cancelled when the connection has to end at once.
    pub(crate) cut: CancellationToken,
    pub(crate) connections: Connections,
}

/// Says later whose a connection is, without keeping it.
#[derive(Clone)]
pub(crate) struct Place {
    id: u64,
    connections: Connections,
}

impl Slot {
    /// Its number, which is not used again.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// For whoever finds out later whose it is.
    pub(crate) fn place(&self) -> Place {
        Place {
            id: self.id,
            connections: self.connections.clone(),
        }
    }
}

impl Place {
    /// Notes whose connection it is, once that is proven, or says which bound it met.
    /// What was noted before stays.
    pub(crate) fn identify(&self, key: Option<TlsKeyHash>, is_peer: bool) -> Result<(), Full> {
        let mut state = self.connections.state();
        state
            .places
            .settle(self.id, key.filter(|_| is_peer), self.connections.limits())?;
        if let Some(entry) = state.entries.get_mut(&self.id) {
            entry.key = key;
        }
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.connections.state();
        state.places.leave(self.id);
        if let Some(entry) = state.entries.remove(&self.id) {
            state.figures.left(&entry.counters);
        }
        self.connections.0.open.send_replace(state.entries.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusals::MAX_REFUSALS;

    fn connections(limits: Limits) -> Connections {
        let (clock, _hand) = Clock::manual(1);
        Connections::new(limits, clock, CancellationToken::new())
    }

    #[test]
    fn who_gives_way_is_cut_and_counted_and_its_place_is_free() {
        let all = connections(Limits {
            opening: 2,
            ..Limits::default()
        });
        let admit = |address: &str| all.admit(address.parse().ok(), None, Arc::default());
        let (first, _second) = (admit("10.0.0.1:1"), admit("10.0.0.1:2"));
        let third = admit("10.0.0.2:1");
        assert!(first.cut.is_cancelled() && !third.cut.is_cancelled());
        assert_eq!((all.count(), all.figures().accepted), (2, 3));
        assert!(all.refusals()[0].reason.contains("gave its place"));
        drop(first);
        assert_eq!(all.count(), 2);
        let key = TlsKeyHash::from_bytes([1; 32]);
        assert!(third.place().identify(Some(key), true).is_ok());
        assert_eq!((all.count_of(&key), all.close_all_of(&key)), (1, 1));
        assert!(third.cut.is_cancelled());
    }

    #[test]
    fn equal_refusals_are_counted_not_listed() {
        let all = connections(Limits::default());
        for _ in 0..1000 {
            all.refuse("10.0.0.1:1".parse().ok(), "no");
        }
        all.refuse("10.0.0.2:1".parse().ok(), "no");
        let refusals = all.refusals();
        assert_eq!(refusals.len(), 2);
        assert_eq!(refusals[0].times, 1000);
        assert_eq!(all.figures().refused, 1001);
        for n in 0..200 {
            all.refuse(None, &n.to_string());
        }
        assert_eq!(all.refusals().len(), MAX_REFUSALS);
    }
}
