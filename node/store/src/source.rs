//! Where the store gets the time and randomness from: whoever opens it says so, and a
//! test that runs twice runs the same twice.

use std::sync::Arc;

/// Milliseconds since 1970.
pub type Time = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Fills bytes so that nobody can guess them.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;
