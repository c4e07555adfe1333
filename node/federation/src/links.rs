//! The lines to all peers. Nothing of it outlives the process.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;
use wpsx_client::clock::Clock;

pub use crate::link::{Link, LinkState, Standing};

/// The lines to all peers, by peer name.
pub struct Links {
    clock: Clock,
    links: Mutex<BTreeMap<String, Arc<Link>>>,
}

impl Links {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            links: Mutex::default(),
        }
    }

    /// The line to `peer`, made on first use.
    pub fn of(&self, peer: &str) -> Arc<Link> {
        let mut links = self.links.lock();
        let link = links
            .entry(peer.to_owned())
            .or_insert_with(|| Arc::new(Link::new(self.clock.clone())));
        link.clone()
    }

    /// Forgets a removed peer.
    pub fn remove(&self, peer: &str) {
        if let Some(link) = self.links.lock().remove(peer) {
            link.dismiss();
        }
    }

    /// What the peer said it can do; a bounded part of it.
    pub fn set_capabilities(&self, peer: &str, capabilities: Vec<String>) {
        self.of(peer).set_capabilities(capabilities);
    }
}
