//! Who may read which log.
//!
//! One rule for every call, at hop one and at hop five: the log's audience and who
//! asks decide, nothing else. The answer is a [`Sight`], and every question about
//! records takes one. It cannot be made but here:
//!
//! ```compile_fail
//! let mine = wpsx_domain::access::Sight { ..wpsx_domain::access::Sight::nothing() };
//! ```
//!
//! ```
//! let none = wpsx_domain::access::Sight::nothing();
//! assert!(none.logs().is_empty());
//! ```
//!
//! ```
//! fn count(sight: &wpsx_domain::access::Sight) -> usize {
//!     sight.logs().len()
//! }
//! assert_eq!(count(&wpsx_domain::access::Sight::nothing()), 0);
//! ```
//!
//! The operator's needs the token that only a listener makes:
//!
//! ```compile_fail
//! fn operator(access: &wpsx_domain::access::Access) -> wpsx_domain::access::Sight {
//!     access.operator(&wpsx_listen::Caller::default())
//! }
//! ```
//!
//! ```
//! fn operator(
//!     access: &wpsx_domain::access::Access,
//!     token: &wpsx_listen::Operator,
//! ) -> wpsx_domain::access::Sight {
//!     access.operator(token)
//! }
//! # let _ = operator;
//! ```

use std::{fmt, sync::Arc};

use wpsx_client::tls::TlsKeyHash;
use wpsx_listen::{Caller, Operator};
use wpsx_proto::origin::{Audience, Origin};
use wpsx_store::{Damage, DamagedFile, Store};

use crate::served::ServedLog;

/// The logs that change from now on, by their numbers.
pub use wpsx_store::Changes;

/// Says which keys are those of peers.
pub trait Membership: Send + Sync {
    /// Whether a peer of this node has that TLS key, now.
    fn is_peer(&self, key: &TlsKeyHash) -> bool;
}

/// Of a store that is exchanged with nobody.
#[derive(Clone, Copy, Debug)]
pub struct NoPeers;

impl Membership for NoPeers {
    fn is_peer(&self, _: &TlsKeyHash) -> bool {
        false
    }
}

/// Makes a [`Sight`] for whoever asks.
#[derive(Clone)]
pub struct Access {
    store: Store,
    members: Arc<dyn Membership>,
}

impl Access {
    /// Decides over the logs of `store`; `members` says who is a peer.
    pub fn new(store: Store, members: Arc<dyn Membership>) -> Self {
        Self { store, members }
    }

    /// What a caller over the network may read: public logs, and those of the network
    /// while the key that it proved is a peer's.
    pub fn reader(&self, caller: &Caller) -> Sight {
        let reader = Reader::Caller(caller.key().copied(), self.members.clone());
        self.sight(reader)
    }

    /// What everybody may read.
    pub fn public(&self) -> Sight {
        self.reader(&Caller::default())
    }

    /// What the operator of this node may read: every log that it holds.
    pub fn operator(&self, _: &Operator) -> Sight {
        self.sight(Reader::Operator)
    }

    /// The logs that change from now on, by number; a sight says which of them may be read.
    pub fn changes(&self) -> Changes {
        self.store.changes()
    }

    /// The same for a test, which has no operator.
    #[cfg(test)]
    pub(crate) fn of_all(&self) -> Sight {
        self.sight(Reader::Operator)
    }

    /// Of whoever has proved that key, for a test.
    #[cfg(test)]
    pub(crate) fn of_key(&self, key: TlsKeyHash) -> Sight {
        self.sight(Reader::Caller(Some(key), self.members.clone()))
    }

    fn sight(&self, reader: Reader) -> Sight {
        Sight {
            logs: Some(self.store.clone()),
            reader,
        }
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").finish_non_exhaustive()
    }
}

/// The logs that one reader may read.
///
/// It is asked anew at every question: a log that is added, and a peer that is removed,
/// count from then on, also for a watch that is under way. What it does not admit is
/// answered exactly like what is not there.
#[derive(Clone)]
pub struct Sight {
    logs: Option<Store>,
    reader: Reader,
}

#[derive(Clone)]
enum Reader {
    Nobody,
    Caller(Option<TlsKeyHash>, Arc<dyn Membership>),
    Operator,
}

impl Sight {
    /// Sees no log: every question is answered with nothing.
    pub fn nothing() -> Self {
        Self {
            logs: None,
            reader: Reader::Nobody,
        }
    }

    /// The logs that the reader may read now, by number.
    pub fn logs(&self) -> Vec<ServedLog> {
        let logs = self.logs.iter().flat_map(Store::logs);
        logs.filter(|log| self.admits(log.origin()))
            .map(ServedLog::new)
            .collect()
    }

    /// What is damaged of any log: for the operator alone.
    pub fn damage(&self) -> Vec<Damage> {
        match self.reader {
            Reader::Operator => self.logs.iter().flat_map(Store::damage).collect(),
            Reader::Nobody | Reader::Caller(..) => Vec::new(),
        }
    }

    /// All files that were found damaged, with what became of them: for the operator alone.
    pub fn damaged_files(&self) -> Vec<DamagedFile> {
        match self.reader {
            Reader::Operator => self.logs.iter().flat_map(Store::damaged_files).collect(),
            Reader::Nobody | Reader::Caller(..) => Vec::new(),
        }
    }

    /// The log of that origin, if the reader may read it.
    pub fn log(&self, origin: &Origin) -> Option<ServedLog> {
        if !self.admits(origin) {
            return None;
        }
        self.logs.as_ref()?.log(origin).map(ServedLog::new)
    }

    /// The log of that number, if the reader may read it.
    pub fn numbered(&self, number: u32) -> Option<ServedLog> {
        let log = self.logs.as_ref()?.log_numbered(number)?;
        self.admits(log.origin()).then(|| ServedLog::new(log))
    }

    /// Whether logs of the network can be read now. This is all that changes what a sight
    /// admits, besides logs that come and go.
    pub fn reaches_the_network(&self) -> bool {
        match &self.reader {
            Reader::Nobody => false,
            Reader::Operator => true,
            Reader::Caller(key, members) => key.as_ref().is_some_and(|key| members.is_peer(key)),
        }
    }

    /// The log of that name, if the reader may read it.
    pub fn named(&self, origin: &str) -> Option<ServedLog> {
        self.log(&Origin::parse(origin).ok()?)
    }

    fn admits(&self, origin: &Origin) -> bool {
        match &self.reader {
            Reader::Nobody => false,
            Reader::Operator => true,
            Reader::Caller(..) => match origin.audience() {
                Some(Audience::Public) => true,
                Some(Audience::Network) => self.reaches_the_network(),
                Some(Audience::Group | Audience::Internal) | None => false,
            },
        }
    }
}

impl fmt::Debug for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reader = match &self.reader {
            Reader::Nobody => "nobody",
            Reader::Caller(None, _) => "stranger",
            Reader::Caller(Some(_), _) => "key",
            Reader::Operator => "operator",
        };
        f.debug_tuple("Sight").field(&reader).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Members(Vec<TlsKeyHash>);

    impl Membership for Members {
        fn is_peer(&self, key: &TlsKeyHash) -> bool {
            self.0.contains(key)
        }
    }

    fn sight(key: Option<TlsKeyHash>, peers: Vec<TlsKeyHash>) -> Sight {
        Sight {
            logs: None,
            reader: Reader::Caller(key, Arc::new(Members(peers))),
        }
    }

    fn origin(name: &str) -> Origin {
        Origin::parse(name).unwrap()
    }

    #[test]
    fn strangers_see_public_logs_and_peers_those_of_the_network_too() {
        let key = TlsKeyHash::from_bytes([1; 32]);
        let (public, network) = (
            origin("a.example/wpsx/public"),
            origin("a.example/wpsx/network"),
        );
        let internal = origin("a.example/wpsx/internal");
        for stranger in [sight(None, vec![key]), sight(Some(key), vec![])] {
            assert!(stranger.admits(&public));
            assert!(!stranger.admits(&network) && !stranger.admits(&internal));
        }
        let peer = sight(Some(key), vec![key]);
        assert!(peer.admits(&public) && peer.admits(&network));
        assert!(!peer.admits(&internal));
    }

    #[test]
    fn nobody_sees_anything() {
        let nobody = Sight::nothing();
        assert!(!nobody.admits(&origin("a.example/wpsx/public")));
        assert!(nobody.logs().is_empty());
        assert!(nobody.named("a.example/wpsx/public").is_none());
    }
}
