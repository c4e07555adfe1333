//! What the calls of one caller hold, against its own share and that of its class.
//!
//! A caller is a key that was proved, or else an address. It takes from its own share
//! first and only then waits for that of its class, in turn with the other callers: so
//! one that asks for everything stands in its own way.

use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wpsx_client::tls::TlsKeyHash;

use crate::{
    class::Class,
    limits::{Limits, Share},
    whose::Whose,
};

/// Memory is counted in parts of so many bytes.
const PART: usize = 1024;
/// Callers that are gone are looked for when so many are known.
const MANY: usize = 1024;

/// Refusals that are held back at once, of all callers of a class.
const HELD_BACK: usize = 4096;

/// What one caller may hold. Clones hold from the same.
#[derive(Clone, Default)]
pub struct Allowance {
    shares: Option<[Arc<Stock>; 2]>,
    held_back: Option<Arc<Semaphore>>,
    /// The most that may be asked for at once.
    most: Stocked,
}

/// What is held, until this is dropped.
#[derive(Debug, Default)]
pub struct Holding {
    permits: Vec<OwnedSemaphorePermit>,
    /// Who holds something is known, though it asks for nothing now.
    caller: Option<Arc<Stock>>,
}

impl Holding {
    /// Holds what `other` held, too.
    pub fn join(&mut self, other: Self) {
        self.permits.extend(other.permits);
        self.caller = self.caller.take().or(other.caller);
    }

    /// Gives back all but so many bytes of memory that were asked for at once.
    pub fn shrink(&mut self, bytes: usize) {
        let keep = bytes.div_ceil(PART);
        for permit in &mut self.permits {
            let back = permit.num_permits().saturating_sub(keep);
            drop(permit.split(back));
        }
    }
}

#[derive(Debug)]
struct Stock {
    calls: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

#[derive(Clone, Copy, Default)]
struct Stocked {
    memory: usize,
    places: usize,
}

impl Allowance {
    /// Holds so many bytes for an answer, once there is room for them. Who asks for more than one
    /// caller may have gets what one may have.
    pub async fn memory(&self, bytes: usize) -> Holding {
        let parts = bytes.div_ceil(PART).min(self.most.memory);
        self.take(parts, |stock| &stock.memory).await
    }

    /// Holds so many bytes for a call or its request, if there is room now. They come from
    /// another half than those of answers, so that calls which wait for their answers
    /// cannot take the memory that would answer them.
    ///
    /// # Errors
    /// There is none, and whose share is used up.
    pub fn call(&self, bytes: usize) -> Result<Holding, Whose> {
        let Some([own, all]) = &self.shares else {
            return Ok(Holding::default());
        };
        let parts = u32::try_from(bytes.div_ceil(PART)).map_err(|_| Whose::Callers)?;
        let take = |stock: &Stock, whose| {
            let permit = stock.calls.clone().try_acquire_many_owned(parts);
            permit.map_err(|_| whose)
        };
        Ok(Holding {
            permits: vec![take(own, Whose::Callers)?, take(all, Whose::Everybodys)?],
            caller: Some(own.clone()),
        })
    }

    /// The right to hold a refusal back, while there are not too many of them.
    pub(crate) fn refusal(&self) -> Option<OwnedSemaphorePermit> {
        self.held_back.clone()?.try_acquire_owned().ok()
    }

    /// Holds so many of the threads for work that reads or writes files, once they are free.
    pub async fn places(&self, count: usize) -> Holding {
        let count = count.clamp(1, self.most.places.max(1));
        self.take(count, |stock| &stock.places).await
    }

    async fn take(&self, count: usize, of: impl Fn(&Stock) -> &Arc<Semaphore>) -> Holding {
        let mut holding = Holding {
            permits: Vec::new(),
            caller: self.shares.as_ref().map(|[caller, _]| caller.clone()),
        };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        for stock in self.shares.iter().flatten() {
            // Nobody closes a stock.
            holding
                .permits
                .extend(of(stock).clone().acquire_many_owned(count).await);
        }
        holding
    }
}

impl fmt::Debug for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Allowance").finish_non_exhaustive()
    }
}

/// Who shares one allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// Whoever has this key.
    Key(TlsKeyHash),
    /// Whoever comes from there.
    Address(IpAddr),
    /// Somebody of this machine, or whom we dialled.
    Own,
}

/// The allowances of all callers of a node.
pub(crate) struct Allowances {
    classes: [(Share, Arc<Stock>); 3],
    held_back: Arc<Semaphore>,
    callers: Mutex<HashMap<(Class, Who), Weak<Stock>>>,
}

impl Allowances {
    pub(crate) fn new(limits: &Limits) -> Self {
        let class = |share: &Share| {
            let all = Stock::new(share.memory, share.places);
            (share.clone(), Arc::new(all))
        };
        Self {
            classes: [&limits.operator, &limits.peers, &limits.readers].map(class),
            held_back: Arc::new(Semaphore::new(HELD_BACK)),
            callers: Mutex::default(),
        }
    }

    /// What this caller may hold.
    pub(crate) fn of(&self, class: Class, who: Who) -> Allowance {
        let (share, all) = &self.classes[place(class)];
        let mut callers = self.callers.lock();
        if callers.len() >= MANY {
            callers.retain(|_, stock| stock.strong_count() > 0);
        }
        let known = callers.get(&(class, who)).and_then(Weak::upgrade);
        let own = known.unwrap_or_else(|| {
            let own = Arc::new(Stock::new(share.memory_per_caller, share.places_per_caller));
            callers.insert((class, who), Arc::downgrade(&own));
            own
        });
        Allowance {
            shares: Some([own, all.clone()]),
            held_back: (class == Class::Reader).then(|| self.held_back.clone()),
            most: Stocked {
                memory: half(share.memory_per_caller.min(share.memory)),
                places: share.places_per_caller.min(share.places),
            },
        }
    }

    /// The share of a class.
    pub(crate) fn share(&self, class: Class) -> &Share {
        &self.classes[place(class)].0
    }
}

impl Stock {
    fn new(memory: usize, places: usize) -> Self {
        Self {
            calls: Arc::new(Semaphore::new(half(memory))),
            memory: Arc::new(Semaphore::new(half(memory))),
            places: Arc::new(Semaphore::new(places)),
        }
    }
}

/// Half of so many bytes, in parts.
fn half(bytes: usize) -> usize {
    bytes / 2 / PART
}

fn place(class: Class) -> usize {
    match class {
        Class::Operator => 0,
        Class::Peer => 1,
        Class::Reader => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        let readers = Share {
            memory: 16 * PART,
            memory_per_caller: 8 * PART,
            places: 2,
            places_per_caller: 1,
            send_buffer: 0,
        };
        Limits {
            readers,
            ..Limits::default()
        }
    }

    fn address(last: u8) -> Who {
        Who::Address(IpAddr::from([10, 0, 0, last]))
    }

    #[tokio::test]
    async fn who_has_its_share_waits_for_itself_and_nobody_else_does() {
        let all = Allowances::new(&limits());
        let (greedy, other) = (
            all.of(Class::Reader, address(1)),
            all.of(Class::Reader, address(2)),
        );
        let held = (greedy.memory(1_000 * PART).await, greedy.call(4 * PART));
        assert!(greedy.call(1).is_err());
        let place = greedy.places(5).await;
        // The same address over another connection waits, also when the first is gone.
        drop(greedy);
        let again = all.of(Class::Reader, address(1));
        let mut waiting = Box::pin(again.places(1));
        assert!(futures::poll!(waiting.as_mut()).is_pending());
        assert!(other.call(4 * PART).is_ok());
        drop((other.places(1).await, other.memory(4 * PART).await));
        assert!(futures::poll!(waiting.as_mut()).is_pending());
        drop((held, place));
        waiting.await;
        let mut less = again.memory(4 * PART).await;
        less.shrink(PART);
        drop(again.memory(3 * PART).await);
        let mut more = Box::pin(again.memory(4 * PART));
        assert!(futures::poll!(more.as_mut()).is_pending());
    }

    #[tokio::test]
    async fn readers_have_nothing_of_what_peers_and_the_operator_have() {
        let all = Allowances::new(&limits());
        let first = all.of(Class::Reader, address(1));
        let second = all.of(Class::Reader, address(2));
        let _held = (first.call(4 * PART), second.call(4 * PART));
        assert!(all.of(Class::Reader, address(3)).call(1).is_err());
        // Calls that wait leave room for the answers that they wait for.
        drop(first.memory(4 * PART).await);
        assert!(all.of(Class::Peer, address(1)).call(1 << 20).is_ok());
        assert!(all.of(Class::Operator, Who::Own).call(1 << 20).is_ok());
    }
}
