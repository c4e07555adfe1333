//! Times of entries as files write them.

use jiff::Timestamp;

fn timestamp(unix_ms: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(unix_ms).ok()?).ok()
}

/// `2026-11-28`.
pub(crate) fn day(unix_ms: u64) -> Option<String> {
    Some(timestamp(unix_ms)?.strftime("%Y-%m-%d").to_string())
}

/// `2026-11-28T09:30:00Z`, as RFC 3339 has it.
pub(crate) fn moment(unix_ms: u64) -> Option<String> {
    let moment = timestamp(unix_ms)?.strftime("%Y-%m-%dT%H:%M:%SZ");
    Some(moment.to_string())
}

/// `20261128T093000Z`, as calendars have it.
pub(crate) fn basic(unix_ms: u64) -> Option<String> {
    let moment = timestamp(unix_ms)?.strftime("%Y%m%dT%H%M%SZ");
    Some(moment.to_string())
}
