//! Events whose day has passed while their publisher's last word is still that they are to be.
//!
//! Nobody said that they took place, so none is called held. What the calendar tells is added
//! to what was stated, and marked as computed; what was stated stays as it is.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, ReflectMessage as _};
use wpsx_proto::api::record::v1::{Event, EventState};

use crate::{
    fields::{part, stated, string},
    texts::{self, Voice, passed as says},
};

/// Behind the state of an event: that its day has passed, where its state was said of a day
/// to come.
pub(crate) fn mark(body: &DynamicMessage, today: Option<&str>, voice: Voice<'_>) -> Markup {
    html! {
        @if has_passed(body, today) {
            (voice.semicolon()) (voice.say(&says::DAY_HAS_PASSED)) " "
            span.mark { "(" (voice.say(&texts::COMPUTED)) ")" }
        }
    }
}

/// The same in plain words, for calendars.
pub(crate) fn words(event: &Event, today: Option<&str>, voice: Voice<'_>) -> Option<String> {
    let period = event.period.as_ref()?;
    let value = |date: &Option<_>| date.as_ref().map(value_of);
    let last = value(&period.end).or_else(|| value(&period.start))?;
    let is_over = is_open(event.state) && is_before(&last, today?);
    let [says, computed] = [&says::DAY_HAS_PASSED, &texts::COMPUTED].map(|said| voice.say(said));
    is_over.then(|| format!("{says} ({computed})"))
}

fn value_of(date: &wpsx_proto::api::record::v1::Date) -> String {
    date.value.clone()
}

fn has_passed(body: &DynamicMessage, today: Option<&str>) -> bool {
    let is_event = body.descriptor().full_name() == "wpsx.record.v1.Event";
    let (Some(today), true) = (today, is_event) else {
        return false;
    };
    let state = stated(body, "state").map_or(0, |(_, number)| number);
    let period = part(body, "period");
    let day = |name: &str| part(period.as_ref()?, name).map(|date| string(&date, "value"));
    let last = day("end").or_else(|| day("start"));
    is_open(state) && last.is_some_and(|last| is_before(&last, today))
}

/// It was said of a day to come.
fn is_open(state: i32) -> bool {
    [EventState::Planned, EventState::Confirmed]
        .iter()
        .any(|open| state == *open as i32)
}

/// Whether all of a day, a month or a year is over.
fn is_before(date: &str, today: &str) -> bool {
    let same = today.get(..date.len());
    !date.is_empty() && same.is_some_and(|same| date < same)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
