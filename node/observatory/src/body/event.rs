//! What readers ask of an event first: does it take place, when, where, and how to take
//! part. A date that is not known yet is an answer.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, Value};
use wpsx_proto::api::record::v1::EventState;

use super::{template::Template, writes::Writes as _};
use crate::{fields::filled, passed, pen::Pen, texts};

pub(super) const TEMPLATE: Template = Template {
    lead,
    says: &[
        "state",
        "period",
        "start_time",
        "end_time",
        "time_zone",
        "location",
        "url",
        "registration",
    ],
    says_of: &[],
};

fn lead(event: &DynamicMessage, pen: Pen<'_>) -> Markup {
    let of = |name: &str| filled(event, name);
    let state = of("state");
    let number = state.as_ref().and_then(|(_, state)| state.as_enum_number());
    let is_off = [EventState::Cancelled, EventState::Postponed]
        .iter()
        .any(|off| number == Some(*off as i32));
    html! {
        @if is_off && let Some((field, state)) = &state {
            p.note role="note" { strong { (pen.value(field, state)) } }
        }
        dl.now {
            @if let Some((field, state)) = &state {
                div {
                    dt { (pen.voice.shown(&pen.voice.field(field))) }
                    dd { (pen.value(field, state)) (passed::mark(event, pen.links.today().as_deref(), pen.voice)) }
                }
            }
            div {
                dt { (pen.voice.say(&texts::WHEN)) }
                dd { (when(of("period"), [of("start_time"), of("end_time"), of("time_zone")], pen)) }
            }
            @for name in ["location", "url", "registration"] {
                @if let Some((field, value)) = of(name) { (pen.line(&field, &value)) }
            }
        }
    }
}

type Said = Option<(FieldDescriptor, Value)>;

/// The days, the hours and the clock that they are of, in one line.
fn when(period: Said, [start, end, zone]: [Said; 3], pen: Pen<'_>) -> Markup {
    let said = |it: &Said| it.as_ref().map(|(field, value)| pen.value(field, value));
    // Of an event with one date, the other is not missing.
    let period = period.map(|(field, value)| match value.as_message().map(only_date) {
        Some(Some(date)) => date,
        _ => (field, value),
    });
    html! {
        @match said(&period) {
            Some(days) => (days),
            None => { span.mark { (pen.voice.say(&texts::NO_DATE_YET)) } }
        }
        @if let Some(start) = said(&start) {
            " · " bdi { (start) @if let Some(end) = said(&end) { "–" (end) } }
        }
        @if let Some(zone) = said(&zone) { " (" (zone) ")" }
    }
}

/// The one date of a period that has no other.
fn only_date(period: &DynamicMessage) -> Option<(FieldDescriptor, Value)> {
    match (filled(period, "start"), filled(period, "end")) {
        (Some(one), None) | (None, Some(one)) if period.fields().count() == 1 => Some(one),
        _ => None,
    }
}
