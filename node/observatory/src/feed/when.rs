//! When an event is, as calendars have it: whole days, or the clock's time at its place.
//!
//! A time with a zone that is known stands in that zone; without one it is the time of
//! whoever reads it, as calendars say "floating". A day without a time is a whole day.

use jiff::civil::{Date, DateTime, Time};
use wpsx_proto::{
    api::record::v1::{Date as Stated, DateSense, Event},
    record::{Date as Parsed, Precision, Record},
};

use super::{
    lines::raw,
    zones::{Zones, local},
};

/// When an event is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum When {
    /// The first and the last day.
    Days(Date, Date),
    /// From one moment to another, where an end is known, in a zone by its name.
    Clock {
        start: DateTime,
        end: Option<DateTime>,
        zone: String,
    },
}

impl When {
    /// What a record says of it; none without a day.
    pub(super) fn of(record: &Record, event: &Event) -> Option<Self> {
        let period = event.period.as_ref();
        let first = period
            .and_then(|period| day(period.start.as_ref()))
            .or_else(|| day(record.message().date.as_ref()))?;
        let last = period.and_then(|period| day(period.end.as_ref()));
        let last = last.filter(|last| *last > first).unwrap_or(first);
        let Some(start) = time(&event.start_time) else {
            return Some(Self::Days(first, last));
        };
        let start = first.to_datetime(start);
        Some(Self::Clock {
            start,
            end: end(start, last, time(&event.end_time)),
            zone: event.time_zone.clone(),
        })
    }

    /// Adds its lines. Blocks nothing: the rules of zones are in this software.
    pub(super) fn write(&self, out: &mut String, zones: &mut Zones) {
        match self {
            Self::Days(first, last) => {
                let day = |day: &Date| day.strftime("%Y%m%d").to_string();
                raw(out, "DTSTART;VALUE=DATE", &day(first));
                // The day after the last one. There is none after the last of all.
                if let Ok(next) = last.tomorrow() {
                    raw(out, "DTEND;VALUE=DATE", &day(&next));
                }
            }
            Self::Clock { start, end, zone } => {
                let times = [("DTSTART", Some(start)), ("DTEND", end.as_ref())];
                for (name, time) in times {
                    let Some(time) = time else { continue };
                    let name = match zones.at(zone, *time) {
                        Some(zone) => format!("{name};TZID={zone}"),
                        None => name.to_owned(),
                    };
                    raw(out, &name, &local(*time));
                }
            }
        }
    }
}

/// The end of what begins at `start`: at the stated time of the last day, or of the night
/// after it. Over several days without one, the end of the last day; within one, nobody
/// knows.
fn end(start: DateTime, last: Date, stated: Option<Time>) -> Option<DateTime> {
    let next = || last.tomorrow().ok();
    match stated.map(|time| (time, last.to_datetime(time))) {
        Some((_, end)) if end > start => Some(end),
        Some((time, _)) => Some(next()?.to_datetime(time)),
        None if last > start.date() => Some(next()?.to_datetime(Time::midnight())),
        None => None,
    }
}

fn day(date: Option<&Stated>) -> Option<Date> {
    let date = date.filter(|date| date.sense() != DateSense::NotGiven)?;
    let parsed: Parsed = date.value.parse().ok()?;
    let (year, month, day) = parsed.first_day();
    let is_day = parsed.precision() == Precision::Day;
    let whole = || {
        Date::new(
            year.try_into().ok()?,
            month.try_into().ok()?,
            day.try_into().ok()?,
        )
        .ok()
    };
    is_day.then(whole).flatten()
}

/// `09:30`; anything else is no time.
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| -> Option<i8> {
        let is_number = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(event: &str) -> Vec<String> {
        let json = format!(
            r#"{{"external_id": "x", "title": [{{"language": "en", "text": "T"}}], "event": {event}}}"#
        );
        let record = Record::from_json(&json).unwrap();
        let Some(wpsx_proto::api::record::v1::record::Body::Event(event)) = &record.message().body
        else {
            panic!("an event");
        };
        let Some(when) = When::of(&record, event) else {
            return Vec::new();
        };
        let mut out = String::new();
        when.write(&mut out, &mut Zones::default());
        out.lines().map(str::to_owned).collect()
    }

    fn period(start: &str, end: &str, more: &str) -> Vec<String> {
        let end = match end {
            "" => String::new(),
            end => format!(r#", "end": {{"value": "{end}"}}"#),
        };
        lines(&format!(
            r#"{{"period": {{"start": {{"value": "{start}"}}{end}}}{more}}}"#
        ))
    }

    #[test]
    fn a_clock_time_stands_in_its_zone_or_floats_where_none_is_known() {
        let both = r#", "start_time": "09:30", "end_time": "17:00""#;
        let nairobi = format!(r#"{both}, "time_zone": "Africa/Nairobi""#);
        assert_eq!(
            period("2027-03-05", "2027-03-06", &nairobi),
            [
                "DTSTART;TZID=Africa/Nairobi:20270305T093000",
                "DTEND;TZID=Africa/Nairobi:20270306T170000"
            ]
        );
        let floating = ["DTSTART:20270305T093000", "DTEND:20270305T170000"];
        assert_eq!(period("2027-03-05", "", both), floating);
        let mars = format!(r#"{both}, "time_zone": "Mars/Olympus""#);
        assert_eq!(period("2027-03-05", "", &mars), floating);
    }

    #[test]
    fn an_end_that_nobody_stated_is_not_made_up() {
        let start = r#", "start_time": "22:00""#;
        assert_eq!(period("2027-03-05", "", start), ["DTSTART:20270305T220000"]);
        let days = ["DTSTART:20270305T220000", "DTEND:20270307T000000"];
        assert_eq!(period("2027-03-05", "2027-03-06", start), days);
        let night = format!(r#"{start}, "end_time": "02:00""#);
        let night = period("2027-03-05", "", &night);
        assert_eq!(night[1], "DTEND:20270306T020000");
    }

    #[test]
    fn a_day_without_a_time_is_whole_and_less_than_a_day_is_none() {
        let whole = ["DTSTART;VALUE=DATE:20270305", "DTEND;VALUE=DATE:20270306"];
        assert_eq!(period("2027-03-05", "", ""), whole);
        assert_eq!(period("2027-03-05", "2027-03-01", ""), whole);
        assert_eq!(period("2027-03-05", "", r#", "end_time": "17:00""#), whole);
        assert!(period("2027-03", "", r#", "start_time": "09:30""#).is_empty());
        for text in ["", "9:30", "24:00", "09:60", "+9:30", "09:30:00", "0९:30"] {
            assert_eq!(time(text), None, "{text}");
        }
        assert_eq!(time("23:59"), Time::new(23, 59, 0, 0).ok());
    }
}
