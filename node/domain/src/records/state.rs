//! What all answers to a reader stand on, in a few signs: they change whenever an answer
//! could, so that who has an answer can ask whether it is still the one.
//!
//! Of records that is how far each log is found and proven, how many of its payloads are
//! missing, and how often its publisher's identity changed: an entry adds to the first, and a
//! payload that comes later or is destroyed changes the second. Who signed a head is a state
//! of its own: a witness that signs later, or signs again each minute, changes what is said of
//! proofs, and of no record.

use wpsx_proto::{checkpoint::VerifiedCheckpoint, hash::Hash};

use super::Records;
use crate::access::Sight;

/// Hexadecimal digits: enough that no two states are confused by mistake.
const DIGITS: usize = 16;

impl Records {
    /// What all that is said of the records that `sight` admits stands on now. Reads no file.
    pub fn state(&self, sight: &Sight) -> String {
        self.digest(sight, |head| format!("{} {}", head.size(), head.root()))
    }

    /// The same with what proofs of them stand on: by whom heads are signed. Reads no file.
    pub fn signed_state(&self, sight: &Sight) -> String {
        self.digest(sight, |head| Hash::of(&head.note_bytes()).to_string())
    }

    fn digest(&self, sight: &Sight, of_head: impl Fn(&VerifiedCheckpoint) -> String) -> String {
        let mut logs: Vec<String> = sight
            .logs()
            .iter()
            .map(|log| {
                let found = self.index.views().position(log.number());
                let proven = log.head().map(|head| of_head(&head));
                let (origin, holes) = (log.origin(), log.holes());
                // Each note of an identity changes what its publisher is called.
                let notes = log.identity().notes().len();
                format!("{origin} {notes} {found} {proven:?} {holes:?}")
            })
            .collect();
        logs.sort_unstable();
        let mut state = hex::encode(Hash::of(logs.join("\n").as_bytes()).as_bytes());
        state.truncate(DIGITS);
        state
    }
}
