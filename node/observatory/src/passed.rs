//! Events and plans whose day has passed while their publisher's last word is still that they are to
//! be, and plans whose period has ended while it is still that they are in force.
//!
//! Nobody said that such an event took place, so none is called held, nor that such a plan was
//! adopted or is no longer used. What the calendar tells is added to what was stated, and marked as computed; what
//! was stated stays as it is.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, ReflectMessage as _};
use wpsx_proto::api::record::v1::{DateSense, Event, EventState, PlanStatus};

use crate::{
    fields::{is_true, part, parts, stated, string},
    plain::begun,
    texts::{self, Said, Voice, dated::ON, passed as says},
};

/// The kinds that are plans, by their messages.
const PLANS: [&str; 2] = [
    "wpsx.record.v1.NationalActionPlan",
    "wpsx.record.v1.RegionalActionPlan",
];
/// States of a plan that is not in use yet.
pub(crate) const IN_PREPARATION: [PlanStatus; 4] = [
    PlanStatus::Announced,
    PlanStatus::InDevelopment,
    PlanStatus::Consultation,
    PlanStatus::Validated,
];
/// States of a plan that say themselves what became of its period.
const SAY_OF_ITS_END: [PlanStatus; 6] = [
    PlanStatus::PeriodEnded,
    PlanStatus::Superseded,
    PlanStatus::Suspended,
    PlanStatus::Withdrawn,
    PlanStatus::ActivePastPeriod,
    PlanStatus::OpenEnded,
];
/// Dates of a plan that may have been planned.
const PLANNED: [&str; 2] = ["launched", "adopted"];

/// What the calendar tells of an event, that its day has passed, where its state was said of a day
/// to come; of a plan, that its period has ended since, or the day for which it was announced.
pub(crate) fn said(body: &DynamicMessage, today: Option<&str>, voice: Voice<'_>) -> Option<String> {
    let today = today?;
    let end = match (ended(body, today), has_passed(body, today)) {
        (None, false) => return None,
        (None, true) => return Some(voice.say(&says::DAY_HAS_PASSED).to_owned()),
        (Some(end), _) => end,
    };
    Some(voice.fill(&says::PERIOD_ENDED, &[&voice.dated(&ON, &end)]))
}

/// The same behind the state, in a row or a list.
pub(crate) fn mark(body: &DynamicMessage, today: Option<&str>, voice: Voice<'_>) -> Markup {
    html! {
        @if let Some(says) = said(body, today, voice) {
            (voice.semicolon()) (says) " " (computed(&texts::COMPUTED, voice))
        }
    }
}

/// The same where no state stands before it.
pub(crate) fn begins(body: &DynamicMessage, today: Option<&str>, voice: Voice<'_>) -> Markup {
    html! {
        @if let Some(says) = said(body, today, voice) {
            (begun(&says)) " " (computed(&texts::COMPUTED, voice))
        }
    }
}

/// The same on a line of its own.
pub(crate) fn line(body: &DynamicMessage, today: Option<&str>, voice: Voice<'_>) -> Markup {
    let says = begins(body, today, voice);
    html! { @if !says.0.is_empty() { div { (says) } } }
}

/// That nobody says it.
pub(crate) fn computed(how: &Said, voice: Voice<'_>) -> Markup {
    html! { span.mark { "(" (voice.say(how)) ")" } }
}

/// The end of a plan's period that is over, where its last state was said of a time before that,
/// or nothing but that somebody names it.
fn ended(plan: &DynamicMessage, today: &str) -> Option<String> {
    let states = parts(plan, "status_history");
    let last = states.last().filter(|_| is_plan(plan))?;
    let status = stated(last, "status").map(|(_, status)| status);
    if SAY_OF_ITS_END.iter().any(|it| status == Some(*it as i32)) {
        return None;
    }
    let end = last_day(plan)?;
    let is_said_after = said_at(last).is_some_and(|said| is_before(&end, &said));
    (is_before(&end, today) && !is_said_after).then_some(end)
}

/// When a state was looked up, else since when it is so.
pub(crate) fn said_at(state: &DynamicMessage) -> Option<String> {
    ["as_of", "date"].into_iter().find_map(|name| {
        let day = string(&part(state, name)?, "value");
        (!day.is_empty()).then_some(day)
    })
}

/// Whether a plan that is not in use yet was announced for a day that has passed.
fn was_planned_for(plan: &DynamicMessage, today: &str) -> bool {
    let last = parts(plan, "status_history").pop();
    let status = last.and_then(|last| stated(&last, "status"));
    let is_awaited = |it: &PlanStatus| status.as_ref().is_some_and(|(_, at)| *at == *it as i32);
    let planned = PLANNED.into_iter().filter_map(|name| part(plan, name));
    let planned = planned.filter(|date| {
        let sense = stated(date, "sense").map(|(_, sense)| sense);
        sense == Some(DateSense::Planned as i32)
    });
    let days = planned.map(|date| string(&date, "value"));
    IN_PREPARATION.iter().any(is_awaited) && days.max().is_some_and(|day| is_before(&day, today))
}

fn is_plan(body: &DynamicMessage) -> bool {
    let descriptor = body.descriptor();
    PLANS.contains(&descriptor.full_name())
}

/// The last day, month or year of a plan's period, with what it was extended by; none where it
/// has no end, or none that is known.
pub(crate) fn last_day(plan: &DynamicMessage) -> Option<String> {
    let period = part(plan, "period")?;
    if is_true(&period, "open_ended") {
        return None;
    }
    let value = |date: Option<DynamicMessage>| {
        let value = date.map(|date| string(&date, "value"));
        value.filter(|value| !value.is_empty())
    };
    let ends = [part(&period, "end"), extended(plan)];
    ends.into_iter().filter_map(value).max()
}

/// The latest end that a plan was given later.
pub(crate) fn extended(plan: &DynamicMessage) -> Option<DynamicMessage> {
    let extensions = parts(plan, "extensions");
    let until = extensions.iter().filter_map(|it| part(it, "until"));
    until.max_by_key(|date| string(date, "value"))
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

fn has_passed(body: &DynamicMessage, today: &str) -> bool {
    if body.descriptor().full_name() != "wpsx.record.v1.Event" {
        return is_plan(body) && was_planned_for(body, today);
    }
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
pub(crate) fn is_before(date: &str, today: &str) -> bool {
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
