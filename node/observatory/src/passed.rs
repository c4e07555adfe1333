//! Events and plans whose day has passed while their publisher's last word is still that they are to
//! be, and plans whose time stands otherwise than it says.
//!
//! Nobody said that such an event took place, so none is called held, nor that such a plan was
//! adopted or is no longer used. What the calendar tells is added to what was stated, and marked as computed; what
//! was stated stays as it is.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, ReflectMessage as _};
use wpsx_proto::api::record::v1::{DateSense, Event, EventState};

use crate::{
    fields::{part, stated, string},
    plain::begun,
    term::{IN_PREPARATION, Term, is_plan, last_state, status_of},
    texts::{
        self, Said, Voice,
        dated::{Day, ON, UNTIL},
        passed as says,
    },
    time::is_before,
};

/// Dates of a plan that may have been planned.
const PLANNED: [&str; 2] = ["launched", "adopted"];

/// What the calendar tells of an event, that its day has passed, where its state was said of a day
/// to come; of a plan, how its time stands where its state says otherwise, or that the day for which
/// it was announced has passed.
pub(crate) fn said(body: &DynamicMessage, today: Option<&str>, voice: Voice<'_>) -> Option<String> {
    let today = today?;
    let beside = Term::beside(body, today);
    let beside = beside.and_then(|term| stands(&term, voice));
    let passed = has_passed(body, today).then(|| voice.say(&says::DAY_HAS_PASSED).to_owned());
    beside.or(passed)
}

/// How the time of a plan stands, in words that go on; nothing where it is not known.
pub(crate) fn stands(term: &Term, voice: Voice<'_>) -> Option<String> {
    Some(match term {
        Term::Begins(day) => voice.fill(&says::PERIOD_BEGINS, &[&voice.dated_as(&ON, day)]),
        Term::Until(day) => voice.fill(&says::PERIOD_GOES_ON, &[&voice.dated_as(&UNTIL, day)]),
        Term::Ended(day) => voice.fill(&says::PERIOD_ENDED, &[&voice.dated_as(&ON, day)]),
        Term::Open => voice.say(&says::PERIOD_IS_OPEN).to_owned(),
        Term::Unknown => return None,
    })
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

/// Whether a plan that is not in use yet was announced for a day that has passed.
fn was_planned_for(plan: &DynamicMessage, today: &str) -> bool {
    let status = last_state(plan).as_ref().and_then(status_of);
    let is_awaited = status.is_some_and(|status| IN_PREPARATION.contains(&status));
    let planned = PLANNED.into_iter().filter_map(|name| part(plan, name));
    let planned = planned.filter(|date| {
        let sense = stated(date, "sense").map(|(_, sense)| sense);
        sense == Some(DateSense::Planned as i32)
    });
    let day = planned
        .filter_map(|date| Day::of(&date))
        .max_by_key(Day::last);
    is_awaited && day.is_some_and(|day| is_before(&day.value, today))
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
