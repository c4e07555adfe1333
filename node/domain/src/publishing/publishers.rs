//! The publishers that this node hosts, each with its own identity, key and logs.

use std::sync::Arc;

use wpsx_client::clock::Clock;
use wpsx_proto::{
    card::MAX_PUBLISHERS,
    identity::{Genesis, Identity},
    note::{NoteSigner, VerifierKey},
    origin::{Audience, Origin, PublisherName},
};
use wpsx_store::{LogHandle, LogRole, Part, Store, StoreError};

use super::licence::Licences;
use crate::error::NodeError;

/// Makes and keeps the secret keys of publishers.
pub trait PublisherKeys: Send + Sync {
    /// A new key for `name`; the one that is there where an earlier attempt was cut short.
    ///
    /// # Errors
    /// It cannot be made, or there is one that may have signed something.
    fn make(&self, name: &PublisherName) -> Result<NoteSigner, NodeError>;

    /// The publisher has a log from now on.
    ///
    /// # Errors
    /// That cannot be kept.
    fn keep(&self, name: &PublisherName) -> Result<(), NodeError>;

    /// The keys that are kept.
    ///
    /// # Errors
    /// One cannot be read.
    fn kept(&self) -> Result<Vec<NoteSigner>, NodeError>;
}

/// A publisher of this node and its public log, as its operator sees them.
#[derive(Clone, Debug)]
pub struct Hosted {
    /// Who it is.
    pub identity: Identity,
    /// The key that signs its log.
    pub key: VerifierKey,
    /// Its log.
    pub origin: Origin,
    /// Entries of the log's head.
    pub tree_size: u64,
}

/// Publishers that are named where one is to be chosen.
const MOST_NAMED: usize = 10;

impl Hosted {
    fn of(log: &LogHandle) -> Self {
        Self {
            identity: log.identity().clone(),
            key: log.key(),
            origin: log.origin().clone(),
            tree_size: log.head().map_or(0, |head| head.size().value()),
        }
    }
}

/// The publishers of one node. Clones are the same.
#[derive(Clone)]
pub struct Publishers {
    store: Store,
    keys: Arc<dyn PublisherKeys>,
    clock: Clock,
    licences: Arc<Licences>,
}

impl Publishers {
    /// The publishers whose logs are in `store`.
    pub fn new(store: Store, keys: Arc<dyn PublisherKeys>, clock: Clock) -> Self {
        Self {
            store,
            keys,
            clock,
            licences: Arc::default(),
        }
    }

    /// The same publishers, with the licences of records that name none.
    #[must_use]
    pub fn with_licences(mut self, licences: Licences) -> Self {
        self.licences = Arc::new(licences);
        self
    }

    /// The licence of that log's records, where they name none.
    pub(super) fn licence(&self, log: &LogHandle) -> Option<&str> {
        self.licences.of(log.identity().name().as_str())
    }

    /// Makes a publisher with its own identity, key and logs. Blocks.
    ///
    /// # Errors
    /// A name that is not well-formed or taken.
    pub fn create(
        &self,
        name: &str,
        title: &str,
        countries: &[String],
    ) -> Result<Hosted, NodeError> {
        let name = PublisherName::parse(name).map_err(|e| NodeError::invalid("name", e))?;
        let origin = Origin::new(&name, Audience::Public);
        if let Some(refusal) = self.store.refusal(&origin) {
            return Err(refusal.into());
        }
        if self.store.log(&origin).is_some() {
            return Err(NodeError::Exists {
                what: "publisher",
                name: name.to_string(),
                detail: String::new(),
            });
        }
        if self.logs().len() >= MAX_PUBLISHERS {
            return Err(NodeError::invalid(
                "name",
                format!("a card holds {MAX_PUBLISHERS} publishers; run another node for more"),
            ));
        }
        let signer = self.keys.make(&name)?;
        let genesis = Genesis {
            name: name.clone(),
            title: title.to_owned(),
            countries: countries.to_vec(),
            recovery_keys: Vec::new(),
            time: self.clock.unix_ms(),
        };
        let identity =
            Identity::create(genesis, &signer).map_err(|e| NodeError::invalid("publisher", e))?;
        let log = self
            .store
            .add_log(&origin, identity, LogRole::Own(signer))?;
        self.keys.keep(&name)?;
        Ok(Hosted::of(&log))
    }

    /// All of them.
    pub fn all(&self) -> Vec<Hosted> {
        self.logs().iter().map(Hosted::of).collect()
    }

    /// The one of that name; the only one where `name` is empty.
    ///
    /// # Errors
    /// No such publisher, or more than one to choose from.
    pub fn named(&self, name: &str) -> Result<Hosted, NodeError> {
        Ok(Hosted::of(&self.log(name)?))
    }

    /// The logs that are signed here.
    pub(crate) fn logs(&self) -> Vec<LogHandle> {
        let logs = self.store.logs().into_iter();
        logs.filter(LogHandle::is_own).collect()
    }

    /// Why the log of that publisher stands still; of any where `name` is empty, since it
    /// may be the one that is meant.
    fn stands_still(&self, name: &str) -> Option<StoreError> {
        let damages = self.store.damage().into_iter();
        let whole = damages.filter(|damage| damage.part == Part::Log);
        let mut ours = whole
            .filter_map(|damage| damage.origin)
            .filter(|origin| self.store.keeps_signer(origin));
        let meant = ours.find(|origin| {
            let publisher = origin.publisher();
            name.is_empty() || publisher.is_some_and(|publisher| publisher.as_str() == name)
        })?;
        self.store.refusal(&meant)
    }

    /// The log of the publisher of that name; the only one where `name` is empty.
    ///
    /// # Errors
    /// No such publisher, or more than one to choose from; or it is damaged.
    pub(crate) fn log(&self, name: &str) -> Result<LogHandle, NodeError> {
        if let Some(refusal) = self.stands_still(name) {
            return Err(refusal.into());
        }
        let mut own = self.logs();
        if !name.is_empty() {
            own.retain(|log| log.identity().name().as_str() == name);
            return own
                .pop()
                .ok_or_else(|| NodeError::not_found("publisher", name));
        }
        match own.len() {
            0 => Err(NodeError::invalid(
                "publisher",
                "this node hosts no publisher yet; make one with `wpsx publisher add`",
            )),
            1 => Ok(own.remove(0)),
            _ => {
                let names = own.iter().map(|log| log.identity().name().to_string());
                let mut names: Vec<String> = names.take(MOST_NAMED).collect();
                if own.len() > names.len() {
                    names.push("…".to_owned());
                }
                let names = names.join(", ");
                let reason = format!("this node hosts several, {names}: say which");
                Err(NodeError::invalid("publisher", reason))
            }
        }
    }
}

impl std::fmt::Debug for Publishers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publishers").finish_non_exhaustive()
    }
}
