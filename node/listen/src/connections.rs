//! Every open connection of this node: how many there are, whose they are, and the
//! means to end them.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use parking_lot::{Mutex, MutexGuard};
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;
use wpsx_client::{clock::Clock, tls::TlsKeyHash, transport::Counters};

use crate::{
    caller::Caller,
    limits::Limits,
    refusals::{Refusal, Refusals},
};

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
}

#[derive(Default)]
struct State {
    next: u64,
    entries: HashMap<u64, Entry>,
    by_address: HashMap<IpAddr, usize>,
    refusals: Refusals,
    figures: Figures,
}

struct Entry {
    key: Option<TlsKeyHash>,
    group: Option<IpAddr>,
    is_stranger: bool,
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
    pub async fn drain(&self, bound: Duration) -> usize {
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

    /// Lets a connection in, or says which cap it met. Without an address it is one
    /// of this machine's user or one we opened: no cap is meant for those.
    pub(crate) fn admit(
        &self,
        address: Option<SocketAddr>,
        key: Option<TlsKeyHash>,
        counters: Arc<Counters>,
    ) -> Result<Slot, &'static str> {
        let group = address.map(|address| group(address.ip()));
        let mut state = self.state();
        if let Some(group) = group {
            if state.entries.len() >= self.0.limits.connections {
                return Err("this node has as many connections as it takes");
            }
            let held = state.by_address.entry(group).or_default();
            if *held >= self.0.limits.connections_per_address {
                return Err("this address has as many connections as one may have");
            }
            *held += 1;
        }
        let id = state.next;
        state.next += 1;
        state.figures.accepted += 1;
        let cut = CancellationToken::new();
        let entry = Entry {
            key,
            group,
            is_stranger: false,
            cut: cut.clone(),
            counters,
        };
        state.entries.insert(id, entry);
        self.0.open.send_replace(state.entries.len());
        drop(state);
        Ok(Slot {
            id,
            cut,
            connections: self.clone(),
        })
    }

    /// Keeps a refusal for the operator to see.
    pub(crate) fn refuse(&self, address: Option<SocketAddr>, reason: &str) {
        let address = address.map(|address| address.ip());
        let unix_ms = self.0.clock.unix_ms();
        let mut state = self.state();
        state.figures.refused += 1;
        if state.refusals.add(address, reason, unix_ms) {
            drop(state);
            tracing::info!(address = ?address, reason, "connection refused");
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

/// The place of one connection in the registry, for as long as it lives.
pub(crate) struct Slot {
    id: u64,
    /// Cancelled when the connection has to end at once.
    pub(crate) cut: CancellationToken,
    pub(crate) connections: Connections,
}

impl Slot {
    /// Who calls over this connection.
    pub(crate) fn caller(&self, key: Option<TlsKeyHash>, address: Option<SocketAddr>) -> Caller {
        Caller::new(key, address, self.id)
    }

    /// Notes whose connection it is, once that is proven, or says that the places
    /// left are for peers.
    pub(crate) fn identify(
        &self,
        key: Option<TlsKeyHash>,
        is_peer: bool,
    ) -> Result<(), &'static str> {
        let mut state = self.connections.state();
        let strangers = state.entries.values().filter(|e| e.is_stranger).count();
        if !is_peer && strangers >= self.connections.limits().strangers {
            return Err("the places that are left are for peers");
        }
        if let Some(entry) = state.entries.get_mut(&self.id) {
            entry.key = key;
            entry.is_stranger = !is_peer;
        }
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.connections.state();
        if let Some(entry) = state.entries.remove(&self.id) {
            state.figures.received += entry.counters.received();
            state.figures.sent += entry.counters.sent();
            if let Some(group) = entry.group {
                let held = state.by_address.entry(group).or_default();
                *held = held.saturating_sub(1);
                if *held == 0 {
                    state.by_address.remove(&group);
                }
            }
        }
        self.connections.0.open.send_replace(state.entries.len());
    }
}

/// What counts as one address: a whole /64 of IPv6, which one subscriber has.
fn group(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusals::MAX_REFUSALS;

    fn connections(total: usize, per_address: usize) -> Connections {
        let limits = Limits {
            connections: total,
            connections_per_address: per_address,
            ..Limits::default()
        };
        let (clock, _hand) = Clock::manual(1);
        Connections::new(limits, clock, CancellationToken::new())
    }

    fn admit(connections: &Connections, address: &str) -> Result<Slot, &'static str> {
        connections.admit(address.parse().ok(), None, Arc::default())
    }

    #[test]
    fn one_address_cannot_take_every_place() {
        let all = connections(4, 2);
        let first = admit(&all, "10.0.0.1:1").ok().unwrap();
        let _second = admit(&all, "10.0.0.1:2").ok().unwrap();
        assert!(admit(&all, "10.0.0.1:3").is_err());
        let _mapped = admit(&all, "[::ffff:10.0.0.2]:3").ok().unwrap();
        drop(first);
        let _again = admit(&all, "10.0.0.1:4").ok().unwrap();
        let _last = admit(&all, "10.0.0.9:1").ok().unwrap();
        assert!(admit(&all, "10.0.0.8:1").is_err());
        assert_eq!(all.figures().accepted, 5);
    }

    #[test]
    fn strangers_leave_room_for_peers() {
        let limits = Limits {
            strangers: 1,
            ..Limits::default()
        };
        let all = Connections::new(limits, Clock::system(), CancellationToken::new());
        let first = admit(&all, "10.0.0.1:1").ok().unwrap();
        let second = admit(&all, "10.0.0.2:1").ok().unwrap();
        assert!(first.identify(None, false).is_ok());
        assert!(second.identify(None, false).is_err());
        let key = TlsKeyHash::from_bytes([1; 32]);
        assert!(second.identify(Some(key), true).is_ok());
        assert_eq!((all.count_of(&key), all.close_all_of(&key)), (1, 1));
        assert!(second.cut.is_cancelled() && !first.cut.is_cancelled());
    }

    #[test]
    fn a_subscriber_of_ipv6_counts_as_one_address() {
        let all = connections(9, 1);
        let _one = admit(&all, "[2001:db8:1:2::1]:1").ok().unwrap();
        assert!(admit(&all, "[2001:db8:1:2:ffff::9]:1").is_err());
        let _other = admit(&all, "[2001:db8:1:3::1]:1").ok().unwrap();
    }

    #[test]
    fn equal_refusals_are_counted_not_listed() {
        let all = connections(1, 1);
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
