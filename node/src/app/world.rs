//! What a node takes from the system it runs on, so that a test can give it another.

use wpsx_client::{clock::Clock, random::Random};

/// Time and randomness.
#[derive(Clone, Debug)]
pub struct World {
    /// The time, for what is signed and shown.
    pub clock: Clock,
    /// Random bytes, for ids, salts and keys.
    pub random: Random,
}

impl World {
    /// The system's.
    pub fn real() -> Self {
        Self {
            clock: Clock::system(),
            random: Random::system(),
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::real()
    }
}
