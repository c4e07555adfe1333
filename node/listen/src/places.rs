//! Who has a place: those who have not shown who they are, readers and peers.
//!
//! They are counted apart, so that none takes a place of those it should not hold up. Who
//! connects and says nothing is never refused, it gives way: of those that have not shown
//! who they are, the oldest silent one of the address that has most of them. So whoever
//! fills these places does it at the cost of its own, and somebody else's handshake goes on.
//!
//! Who has shown who it is and is one too many keeps its place among these until it has
//! been told: so many may wait for that answer, and who came before is not cut for it.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv6Addr},
};

use wpsx_client::tls::TlsKeyHash;

use crate::{allowance::Who, limits::Limits, whose::Whose};

/// The places of all connections that are counted.
#[derive(Default)]
pub(crate) struct Places {
    /// By number, and so by age, with what each counts for.
    opening: BTreeMap<u64, IpAddr>,
    settled: HashMap<u64, Who>,
    readers: usize,
    /// How many places of each there are, settled ones.
    of: HashMap<Who, usize>,
}

/// Which bound a connection or a call met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    pub(crate) whose: Whose,
    pub(crate) reason: &'static str,
}

impl Places {
    /// Gives a new connection its place. The number of the one that has to go for it.
    pub(crate) fn open(
        &mut self,
        id: u64,
        address: IpAddr,
        limits: &Limits,
        is_silent: impl Fn(u64) -> bool,
    ) -> Option<u64> {
        let address = match limits.proxies.are_trusted(address) {
            true => address.to_canonical(),
            false => group(address),
        };
        self.opening.insert(id, address);
        if self.opening.len() <= limits.opening {
            return None;
        }
        let goes = self.silent_of(self.most()?, is_silent)?;
        self.opening.remove(&goes);
        Some(goes)
    }

    /// Notes whose a connection is: a peer's, by its key, or a reader's.
    ///
    /// # Errors
    /// There is no place of that kind; it keeps the one it has.
    pub(crate) fn settle(
        &mut self,
        id: u64,
        peer: Option<TlsKeyHash>,
        limits: &Limits,
    ) -> Result<(), Full> {
        let Some(address) = self.opening.get(&id) else {
            return Ok(());
        };
        let who = peer.map_or(Who::Address(*address), Who::Key);
        let is_proxy = peer.is_none() && limits.proxies.are_trusted(*address);
        if !is_proxy
            && self.of.get(&who).copied().unwrap_or_default() >= limits.connections_per_address
        {
            return Err(Full {
                whose: Whose::Callers,
                reason: "it has as many connections as one may have",
            });
        }
        let of_all = |reason| {
            Err(Full {
                whose: Whose::Everybodys,
                reason,
            })
        };
        if peer.is_none() && self.readers >= limits.strangers {
            return of_all("the places that are left are for peers");
        }
        if self.settled.len() >= limits.connections {
            return of_all("this node has as many connections as it takes");
        }
        self.opening.remove(&id);
        self.readers += usize::from(peer.is_none());
        *self.of.entry(who).or_default() += 1;
        self.settled.insert(id, who);
        Ok(())
    }

    /// The connection has ended.
    pub(crate) fn leave(&mut self, id: u64) {
        self.opening.remove(&id);
        let Some(who) = self.settled.remove(&id) else {
            return;
        };
        if let Who::Address(_) = who {
            self.readers -= 1;
        }
        if let Some(count) = self.of.get_mut(&who) {
            *count -= 1;
            if *count == 0 {
                self.of.remove(&who);
            }
        }
    }

    /// The address of most of those that have not shown who they are.
    fn most(&self) -> Option<IpAddr> {
        let mut counts: HashMap<IpAddr, usize> = HashMap::new();
        for address in self.opening.values() {
            *counts.entry(*address).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.map(|(address, _)| address)
    }

    /// The oldest silent connection from there; the oldest, if none is silent.
    fn silent_of(&self, address: IpAddr, is_silent: impl Fn(u64) -> bool) -> Option<u64> {
        let from_there = || {
            let opening = self.opening.iter();
            opening.filter(|(_, a)| **a == address).map(|(id, _)| *id)
        };
        from_there()
            .find(|id| is_silent(*id))
            .or_else(|| from_there().next())
    }
}

/// What counts as one address: a whole /64 of IPv6, which one subscriber has.
pub(crate) fn group(address: IpAddr) -> IpAddr {
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

    fn limits(connections: usize, strangers: usize, opening: usize, each: usize) -> Limits {
        Limits {
            connections,
            strangers,
            opening,
            connections_per_address: each,
            ..Limits::default()
        }
    }

    fn from(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    #[test]
    fn one_address_cannot_take_every_place() {
        let limits = limits(4, 4, 9, 2);
        let mut places = Places::default();
        let mut settle = |id: u64, address: &str| {
            assert_eq!(places.open(id, from(address), &limits, |_| true), None);
            let settled = places.settle(id, None, &limits);
            settled.inspect_err(|_| places.leave(id))
        };
        settle(1, "10.0.0.1").unwrap();
        settle(2, "10.0.0.1").unwrap();
        assert!(settle(3, "10.0.0.1").is_err());
        settle(4, "::ffff:10.0.0.2").unwrap();
        settle(5, "10.0.0.9").unwrap();
        assert!(settle(6, "10.0.0.8").is_err());
        places.leave(1);
        places.open(7, from("10.0.0.1"), &limits, |_| true);
        assert!(places.settle(7, None, &limits).is_ok());
    }

    #[test]
    fn the_readers_behind_a_trusted_proxy_do_not_count_as_one() {
        let mut limits = limits(9, 6, 9, 2);
        limits.proxies.trust(&["10.0.0.1"]).unwrap();
        let mut places = Places::default();
        let mut settle = |id: u64, address: &str| {
            assert_eq!(places.open(id, from(address), &limits, |_| true), None);
            let settled = places.settle(id, None, &limits);
            settled.inspect_err(|_| places.leave(id))
        };
        for id in 0..5 {
            settle(id, "10.0.0.1").unwrap();
        }
        settle(5, "10.0.0.2").unwrap();
        let full = settle(6, "10.0.0.1").unwrap_err();
        assert_eq!(
            full.whose,
            Whose::Everybodys,
            "what all may have still holds"
        );
    }

    #[test]
    fn strangers_leave_room_for_peers_also_from_their_own_address() {
        let limits = limits(3, 2, 9, 2);
        let mut places = Places::default();
        for id in 0..4 {
            places.open(id, from("10.0.0.1"), &limits, |_| true);
            let reader = places.settle(id, None, &limits);
            assert_eq!(reader.is_ok(), id < 2);
        }
        let key = TlsKeyHash::from_bytes([1; 32]);
        assert!(places.settle(2, Some(key), &limits).is_ok());
        assert!(places.settle(3, Some(key), &limits).is_err());
    }

    #[test]
    fn a_thousand_silent_connections_of_twenty_addresses_push_out_each_other() {
        let limits = Limits::default();
        let mut places = Places::default();
        places.open(0, from("192.0.2.1"), &limits, |_| true);
        let mut gone = Vec::new();
        for id in 1..=1024 {
            let address = format!("10.0.0.{}", id % 20);
            gone.extend(places.open(id, from(&address), &limits, |_| true));
        }
        assert_eq!(gone.len(), 1025 - limits.opening);
        assert!(!gone.contains(&0), "the one that was there before them");
        assert!(gone.contains(&1) && !gone.contains(&1024), "the oldest go");
        let key = TlsKeyHash::from_bytes([1; 32]);
        assert!(places.settle(0, Some(key), &limits).is_ok());
    }

    #[test]
    fn who_has_said_something_stays_longer_than_who_is_silent() {
        let limits = limits(9, 9, 2, 9);
        let mut places = Places::default();
        let speaks = |id: u64| id != 0;
        places.open(0, from("10.0.0.1"), &limits, speaks);
        places.open(1, from("10.0.0.1"), &limits, speaks);
        assert_eq!(places.open(2, from("10.0.0.1"), &limits, speaks), Some(1));
    }

    #[test]
    fn a_subscriber_of_ipv6_counts_as_one_address() {
        assert_eq!(
            group(from("2001:db8:1:2::1")),
            group(from("2001:db8:1:2:ffff::9"))
        );
        assert_ne!(
            group(from("2001:db8:1:2::1")),
            group(from("2001:db8:1:3::1"))
        );
    }
}
