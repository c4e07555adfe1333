//! What peers have seen of our own logs that this store does not hold: it was set back,
//! or another copy of it runs. It must not sign until the missing part is back.
//!
//! This is remembered over restarts, whether a peer can be reached then or not: a node
//! that forgot it would sign a second history at the first chance. Only the missing
//! entries themselves end it.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use wpsx_client::clock::Clock;
use wpsx_domain::NodeError;
use wpsx_proto::{
    chain, checkpoint::VerifiedCheckpoint, index::TreeSize, origin::Origin, tree::root_at,
};
use wpsx_store::{LogHandle, Store};

const PREFIX: &str = "ahead/";
/// What the second of two files is called that say the same.
const TWIN: &str = ".twin";

/// The largest checkpoint of one own log that a peer showed and this store lacks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    pub(crate) origin: String,
    pub(crate) size: u64,
    /// Hexadecimal.
    root: String,
    pub(crate) peer: String,
    /// Milliseconds since 1970.
    time: u64,
    /// The signed note: it shows that the log's own key signed so far.
    note: String,
}

/// All that was seen and is not here.
pub(crate) struct Ahead {
    store: Store,
    clock: Clock,
    seen: RwLock<BTreeMap<Origin, Seen>>,
    /// Files that cannot be read, with the reason: how far something was seen is not known.
    unreadable: RwLock<BTreeMap<String, String>>,
}

impl Ahead {
    /// Reads what is kept, forgets what is here by now, and stops signing if anything is left,
    /// or cannot be read.
    ///
    /// # Errors
    /// The disk refuses.
    pub(crate) fn open(store: Store, clock: Clock) -> Result<Arc<Self>, NodeError> {
        let mut seen = BTreeMap::new();
        let mut unreadable = BTreeMap::new();
        let names = store.state().list(PREFIX)?.into_iter();
        for name in names.filter(|name| !name.ends_with(TWIN)) {
            match read(&store, &name) {
                Ok(None) => {}
                Ok(Some((origin, one))) => {
                    seen.insert(origin, one);
                }
                Err(reason) => {
                    tracing::error!(name, reason, "what a peer has seen cannot be read");
                    unreadable.insert(name, reason);
                }
            }
        }
        let ahead = Arc::new(Self {
            store,
            clock,
            seen: RwLock::new(seen),
            unreadable: RwLock::new(unreadable),
        });
        ahead.forget_what_is_here()?;
        Ok(ahead)
    }

    /// A peer showed a checkpoint of an own log that reaches further than the store.
    ///
    /// # Errors
    /// It cannot be made durable; nothing is signed even so.
    pub(crate) fn saw(&self, peer: &str, theirs: &VerifiedCheckpoint) -> Result<(), NodeError> {
        let origin = theirs.origin();
        let mut seen = self.seen.write();
        let known = seen.get(origin).map_or(0, |seen| seen.size);
        let one = Seen {
            origin: origin.to_string(),
            size: theirs.size().value(),
            root: theirs.root().to_string(),
            peer: peer.to_owned(),
            time: self.clock.unix_ms(),
            note: String::from_utf8_lossy(&theirs.note_bytes()).into_owned(),
        };
        if one.size <= known {
            return Ok(());
        }
        seen.insert(origin.clone(), one.clone());
        self.stop_signing(&seen);
        tracing::error!(%origin, peer, size = one.size, "read-only: a peer has seen further");
        let bytes = serde_json::to_vec(&one).map_err(|e| NodeError::Internal(e.to_string()))?;
        Ok(self.store.state().put_twice(&file(origin), &bytes)?)
    }

    /// How far an own log was seen beyond this store.
    pub(crate) fn of(&self, origin: &Origin) -> Option<Seen> {
        self.seen.read().get(origin).cloned()
    }

    /// Forgets what is stored by now; without anything left, own logs are signed again.
    ///
    /// # Errors
    /// Our files cannot be read or changed.
    pub(crate) fn forget_what_is_here(&self) -> Result<(), NodeError> {
        let mut seen = self.seen.write();
        let mut here = Vec::new();
        for (origin, one) in seen.iter() {
            if let Some(log) = self.store.log(origin)
                && holds(&log, one)?
            {
                here.push(origin.clone());
            }
        }
        for origin in here {
            self.remove(&file(&origin))?;
            seen.remove(&origin);
        }
        self.stop_signing(&seen);
        Ok(())
    }

    /// All peers that can be reached were asked, and the operator said that these are
    /// enough: what cannot be read is needed no more.
    ///
    /// # Errors
    /// The disk refuses.
    pub(crate) fn give_up_unreadable(&self) -> Result<(), NodeError> {
        let unreadable = std::mem::take(&mut *self.unreadable.write());
        for name in unreadable.keys() {
            self.remove(name)?;
        }
        self.stop_signing(&self.seen.read());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), NodeError> {
        self.store.state().remove(name)?;
        Ok(self.store.state().remove(&format!("{name}{TWIN}"))?)
    }

    fn stop_signing(&self, seen: &BTreeMap<Origin, Seen>) {
        let unreadable = self.unreadable.read();
        let unreadable = unreadable
            .iter()
            .map(|(name, reason)| format!("state/{name} cannot be read ({reason})"));
        let mut reasons: Vec<String> = seen
            .iter()
            .map(|(origin, one)| {
                let held = self.store.log(origin);
                let held = held.map_or(0, |log| log.stored().value());
                format!(
                    "peer {} has seen {} entries of {origin}, this store holds {held}",
                    one.peer, one.size
                )
            })
            .collect();
        reasons.extend(unreadable);
        match reasons.is_empty() {
            true => self.store.allow_signing(),
            false => self.store.set_read_only(format!(
                "{}; the store was restored from an older copy or runs twice, and signing on \
                 would fork the log; stop the other copy if there is one, then run `wpsx recover`",
                reasons.join(", ")
            )),
        }
    }
}

/// All that was seen is stored, and under a head.
fn holds(log: &LogHandle, seen: &Seen) -> Result<bool, NodeError> {
    let Some(head) = log.head() else {
        return Ok(false);
    };
    if head.size().value() < seen.size || head.size() != log.stored() {
        return Ok(false);
    }
    let root = root_at(log, TreeSize::new(seen.size))?;
    Ok(root.to_string() == seen.root)
}

fn read(store: &Store, name: &str) -> Result<Option<(Origin, Seen)>, String> {
    let bytes = store.state().get_twice(name).map_err(|e| chain(&e))?;
    let Some(bytes) = bytes else {
        return Ok(None);
    };
    let one: Seen = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
    let origin = Origin::parse(&one.origin).map_err(|e| e.to_string())?;
    Ok(Some((origin, one)))
}

fn file(origin: &Origin) -> String {
    format!("{PREFIX}{}", origin.hash_hex())
}
