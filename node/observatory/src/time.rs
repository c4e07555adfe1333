//! Times of entries as files write them.

use jiff::{Timestamp, civil::Date, tz::Offset};

fn timestamp(unix_ms: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(unix_ms).ok()?).ok()
}

/// The day, by the world's clock.
pub(crate) fn civil_day(unix_ms: u64) -> Option<Date> {
    Some(Offset::UTC.to_datetime(timestamp(unix_ms)?).date())
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

/// When a day begins, in milliseconds since 1970, by the world's clock.
pub(crate) fn first_moment(year: u16, month: u8, day: u8) -> Option<u64> {
    let year = i16::try_from(year).ok()?;
    let day = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let moment = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
    u64::try_from(moment.as_millisecond()).ok()
}
