//! How far clocks may differ. What is stamped further ahead is a clock's mistake: it never
//! counts as the newest, and says nothing of an age.

/// How far ahead of a reader's clock a stamp may be, in milliseconds.
pub const MOST_AHEAD_MS: u64 = 5 * 60_000;

/// The latest time that a stamp can bear at `now`, both milliseconds since 1970.
#[must_use]
pub const fn latest(now: u64) -> u64 {
    now.saturating_add(MOST_AHEAD_MS)
}
