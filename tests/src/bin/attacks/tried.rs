//! How much this process has tried, so that an attack which is none does not pass for one.

use std::sync::atomic::{AtomicU64, Ordering};

static TRIED: AtomicU64 = AtomicU64::new(0);

/// One more call or connection is tried.
pub(crate) fn one() {
    TRIED.fetch_add(1, Ordering::Relaxed);
}

/// How many were.
pub(crate) fn all() -> u64 {
    TRIED.load(Ordering::Relaxed)
}
