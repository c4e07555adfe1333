//! What all answers to a reader stand on, in a few signs: they change whenever an answer
//! could, so that who has an answer can ask whether it is still the one.
//!
//! It is how far each log is found and proven and by whose signatures, how many of its
//! payloads are missing, and how often its publisher's identity changed: an entry adds to the
//! first, a witness that signs later to the second, and a payload that comes later or is
//! destroyed changes the third.

use wpsx_proto::hash::Hash;

use super::Records;
use crate::access::Sight;

/// Hexadecimal digits: enough that no two states are confused by mistake.
const DIGITS: usize = 16;

impl Records {
    /// What all that `sight` admits stands on now. Reads no file.
    pub fn state(&self, sight: &Sight) -> String {
        let mut logs: Vec<String> = sight
            .logs()
            .iter()
            .map(|log| {
                let found = self.index.views().position(log.number());
                let proven = log.head().map(|head| Hash::of(&head.note_bytes()));
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
