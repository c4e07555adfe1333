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
use wpsx_proto::{hash::Hash, origin::Origin, record::normal_external_id};
use wpsx_store::State;

use crate::error::NodeError;

const FILE: &str = "erased-names";
const VERSION: u32 = 1;

/// The ids, in one small fsynced file in `state/`.
pub struct ErasedNames {
    state: State,
    kept: Mutex<Kept>,
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
    /// Reads the file, or begins one under `secret`.
    ///
    /// # Errors
    /// The file cannot be read, or is of newer software.
    pub fn open(state: State, secret: [u8; 32]) -> Result<Self, NodeError> {
        let kept = match state.get(FILE)? {
            None => Kept {
                version: VERSION,
                secret: hex::encode(secret),
                names: BTreeSet::new(),
            },
            Some(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| error.to_string())
                .and_then(|kept: Kept| match kept.version {
                    VERSION => Ok(kept),
                    newer => Err(format!("version {newer} needs newer software")),
                })
                .map_err(|reason| {
                    NodeError::Internal(format!("state/{FILE} cannot be read: {reason}"))
                })?,
        };
        Ok(Self {
            state,
            kept: Mutex::new(kept),
        })
    }

    /// Remembers, durably, that a record of this log was erased that had this id.
    ///
    /// # Errors
    /// The disk refuses; nothing is remembered then.
    pub fn remember(&self, origin: &Origin, external_id: &str) -> Result<(), NodeError> {
        let mut kept = self.kept.lock();
        let mut next = kept.clone();
        if !next.names.insert(kept.hash(origin, external_id)) {
            return Ok(());
        }
        let bytes = serde_json::to_vec(&next).map_err(|e| NodeError::Internal(e.to_string()))?;
        self.state.put(FILE, &bytes)?;
        *kept = next;
        Ok(())
    }

    /// Whether a record of this log was erased that had this id, however it is written.
    pub fn contains(&self, origin: &Origin, external_id: &str) -> bool {
        let kept = self.kept.lock();
        !kept.names.is_empty() && kept.names.contains(&kept.hash(origin, external_id))
    }
}
