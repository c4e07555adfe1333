//! Times of entries as files write them, and whether a date is over.

use jiff::{Timestamp, civil::Date, tz::Offset};

fn timestamp(unix_ms: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(unix_ms).ok()?).ok()
}

/// For what cannot do without a time: of one that no calendar has, the last that they have.
fn nearest(unix_ms: u64) -> Timestamp {
    timestamp(unix_ms).unwrap_or(Timestamp::MAX)
}

/// The day, by the world's clock, or the nearest that there is.
pub(crate) fn nearest_day(unix_ms: u64) -> Date {
    Offset::UTC.to_datetime(nearest(unix_ms)).date()
}

/// `2026-11-28`.
pub(crate) fn day(unix_ms: u64) -> Option<String> {
    Some(timestamp(unix_ms)?.strftime("%Y-%m-%d").to_string())
}

/// `2026-11-28T09:30:00Z`, as RFC 3339 has it.
pub(crate) fn moment(unix_ms: u64) -> Option<String> {
    Some(rfc3339(timestamp(unix_ms)?))
}

/// The same, or the nearest that there is.
pub(crate) fn nearest_moment(unix_ms: u64) -> String {
    rfc3339(nearest(unix_ms))
}

fn rfc3339(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `20261128T093000Z`, as calendars have it, or the nearest that there is.
pub(crate) fn nearest_basic(unix_ms: u64) -> String {
    nearest(unix_ms).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// When a day begins, in milliseconds since 1970, by the world's clock: of days before that, at
/// its beginning; of those that no clock reaches, after all that it does.
pub(crate) fn first_moment(year: u16, month: u8, day: u8) -> u64 {
    let moment = || {
        let (year, month, day) = (
            year.try_into().ok()?,
            month.try_into().ok()?,
            day.try_into().ok()?,
        );
        let day = Date::new(year, month, day).ok()?;
        Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()
    };
    match moment() {
        Some(moment) => u64::try_from(moment.as_millisecond()).unwrap_or_default(),
        None => u64::MAX,
    }
}

/// Whether all of a day, a month or a year is over; today may be known no better than that.
pub(crate) fn is_before(date: &str, today: &str) -> bool {
    let known = date.len().min(today.len());
    date.as_bytes()[..known] < today.as_bytes()[..known]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_no_calendar_has_is_none_or_the_last_one_and_never_the_first() {
        assert_eq!(moment(1_795_910_400_000).unwrap(), "2026-11-29T00:00:00Z");
        assert_eq!(nearest_basic(1_795_910_400_000), "20261129T000000Z");
        assert_eq!((moment(u64::MAX), day(u64::MAX)), (None, None));
        for last in [nearest_moment(u64::MAX), nearest_basic(u64::MAX)] {
            assert!(last.starts_with("9999"), "{last}");
        }
        assert_eq!(nearest_day(u64::MAX).year(), 9999);
    }

    #[test]
    fn a_day_begins_at_midnight_and_is_never_taken_for_no_day() {
        assert_eq!(first_moment(2026, 11, 29), 1_795_910_400_000);
        assert_eq!(first_moment(1900, 1, 1), 0);
        assert_eq!(first_moment(9999, 12, 31), u64::MAX);
    }

    #[test]
    fn a_day_a_month_or_a_year_has_passed_when_all_of_it_has() {
        for (date, passed) in [
            ("2026-11-28", true),
            ("2026-11-29", false),
            ("2026-11-30", false),
            ("2026-10", true),
            ("2026-11", false),
            ("2025", true),
            ("2026", false),
            ("", false),
            ("2026-11-29T10", false),
        ] {
            assert_eq!(is_before(date, "2026-11-29"), passed, "{date}");
        }
    }

    #[test]
    fn a_day_has_passed_in_a_later_year_or_month_and_not_within_one() {
        assert!(is_before("2020-12-31", "2026"));
        assert!(is_before("2020-12-31", "2021-01"));
        assert!(!is_before("2026-12-31", "2026"));
        assert!(!is_before("2026-12-31", ""));
    }
}
