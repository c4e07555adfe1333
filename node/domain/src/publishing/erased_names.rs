//! The sources' own ids of erased records, so that no file brings them back.
//!
//! A record is known to a second import by the id that its source gave it. That id goes
//! with the content when the record is erased, and the same file would publish it anew.
//! What is kept here is a hash of the id under a secret of this node: enough to know it
//! again, and no trace of it for anyone else.
//!
//! Who has the whole folder can confirm a guess of such an id, never of content: ids of
//! sources are no secrets in practice. Keeping nothing would leave it to hope that nobody
//! imports the same spreadsheet again, which is the likeliest way back.

use std::collections::BTreeSet;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use wpsx_proto::{
    chain,
    envelope::Leaf,
    hash::Hash,
    origin::{Origin, RecordId},
    payload::{SALT, SlotState},
    record::{Record, normal_external_id},
};
use wpsx_store::{LogHandle, State, StoreError};

use crate::error::NodeError;

const FILE: &str = "erased-names";
const VERSION: u32 = 1;

/// The ids, in one small fsynced file in `state/`.
pub struct ErasedNames {
    state: State,
    /// Or why they cannot be read: it must not be as if nothing had been erased.
    kept: Mutex<Result<Kept, String>>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    /// Hexadecimal.
    secret: String,
    names: BTreeSet<String>,
}

impl Kept {
    fn hash(&self, origin: &Origin, external_id: &str) -> String {
        let name = normal_external_id(external_id);
        let parts = [&self.secret, origin.as_str(), &name];
        Hash::of(parts.join("\n").as_bytes()).to_string()
    }
}

impl ErasedNames {
    /// Reads the file, or begins one under `secret`. Where it cannot be read, what names a
    /// record by an id of its source is refused, and all else goes on.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn open(state: State, secret: [u8; 32]) -> Result<Self, NodeError> {
        let kept = match state.get_twice(FILE) {
            Ok(None) => Ok(Kept {
                version: VERSION,
                secret: hex::encode(secret),
                names: BTreeSet::new(),
            }),
            Ok(Some(bytes)) => serde_json::from_slice(&bytes)
                .map_err(|error| error.to_string())
                .and_then(|kept: Kept| match kept.version {
                    VERSION => Ok(kept),
                    newer => Err(format!("version {newer} needs newer software")),
                })
                .map_err(|reason| format!("state/{FILE} cannot be read: {reason}")),
            Err(error @ StoreError::Damaged { .. }) => Err(chain(&error)),
            Err(error) => return Err(error.into()),
        };
        if let Err(reason) = &kept {
            tracing::error!(
                reason,
                "which records were erased is not known by their sources' ids"
            );
        }
        Ok(Self {
            state,
            kept: Mutex::new(kept),
        })
    }

    /// Remembers, durably, that a record of this log was erased that had this id.
    ///
    /// # Errors
    /// The disk refuses; nothing is remembered then. Where it is not known what was erased
    /// before, nothing is remembered either: then no id is taken at all.
    pub fn remember(&self, origin: &Origin, external_id: &str) -> Result<(), NodeError> {
        let mut held = self.kept.lock();
        let Ok(kept) = &*held else {
            // Content is destroyed whatever else is lost, and no id is taken meanwhile.
            return Ok(());
        };
        let mut next = kept.clone();
        if !next.names.insert(kept.hash(origin, external_id)) {
            return Ok(());
        }
        let bytes = serde_json::to_vec(&next).map_err(|e| NodeError::Internal(e.to_string()))?;
        self.state.put_twice(FILE, &bytes)?;
        *held = Ok(next);
        Ok(())
    }

    /// Remembers the ids of all records of `log` among `records` whose content is here.
    /// Blocks.
    ///
    /// # Errors
    /// Our files cannot be read, or the disk refuses.
    pub fn remember_all_of(
        &self,
        log: &LogHandle,
        records: Vec<RecordId>,
    ) -> Result<(), NodeError> {
        for index in log.entries_of(&records)? {
            let entry = log.entry(index)?;
            if let Leaf::Known(envelope) = Leaf::read(&entry)
                && let (SlotState::Full, Some(slot)) = log.slot(index)?
            {
                let record = Record::read(envelope.kind, &slot[SALT..]);
                if let Some(name) = record.header().external_id() {
                    self.remember(log.origin(), name)?;
                }
            }
        }
        Ok(())
    }

    /// Nothing is remembered of any log, and that is known.
    pub fn is_empty(&self) -> bool {
        self.kept
            .lock()
            .as_ref()
            .is_ok_and(|kept| kept.names.is_empty())
    }

    /// Whether a record of this log was erased that had this id, however it is written.
    ///
    /// # Errors
    /// Nobody can know.
    pub fn contains(&self, origin: &Origin, external_id: &str) -> Result<bool, NodeError> {
        let held = self.kept.lock();
        let kept = held.as_ref().map_err(|reason| unknown(reason))?;
        Ok(!kept.names.is_empty() && kept.names.contains(&kept.hash(origin, external_id)))
    }
}

fn unknown(reason: &str) -> NodeError {
    NodeError::Internal(format!(
        "nobody can know whether a record with an id of its source was erased before: {reason}; \
         restore that file or its twin from a backup, and start the node again"
    ))
}
