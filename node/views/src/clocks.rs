//! The time, as it is handed in: nothing here reads a clock.

use std::{fmt, sync::Arc};

use wpsx_store::Time;

/// Tells the views the time. Clones tell the same.
#[derive(Clone)]
pub struct Clocks {
    /// Milliseconds since 1970 in UTC: no entry counts as changed later than it was seen.
    pub unix_ms: Time,
    /// Milliseconds since some moment, by a clock that nobody sets: how long work took, by
    /// which it is paced.
    pub steady_ms: Time,
}

impl Default for Clocks {
    /// Clocks that stand still, at a time that no entry is later than: work costs nothing.
    fn default() -> Self {
        Self {
            unix_ms: Arc::new(|| u64::MAX),
            steady_ms: Arc::new(|| 0),
        }
    }
}

impl fmt::Debug for Clocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unix, steady) = ((self.unix_ms)(), (self.steady_ms)());
        write!(f, "Clocks({unix}, {steady})")
    }
}
