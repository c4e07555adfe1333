//! What readers ask of a plan first: is it in force, until when, who leads it, is there
//! money, were women's groups heard, how is it watched. What a record does not say is said
//! to be missing, since that is an answer too.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};

use super::{state::is_derived, template::Template, writes::Writes as _};
use crate::{
    fields::{filled, string},
    passed,
    pen::Pen,
    term,
    texts::{
        self,
        dated::{EXTENDED, wording},
    },
};

pub(super) const TEMPLATE: Template = Template {
    lead,
    says: &["period", "lead_bodies"],
    says_of: &[
        ("budget", &["state"]),
        ("civil_society", &["phase", "roles"]),
        ("monitoring", &["framework"]),
    ],
};

fn lead(plan: &DynamicMessage, pen: Pen<'_>) -> Markup {
    html! {
        dl.now {
            (line(plan, "status_history", pen, |_, value, pen| html! {
                (state(value, pen)) (passed::line(plan, pen.links.today().as_deref(), pen.voice))
            }))
            (line(plan, "period", pen, |field, _, pen| period(field, plan, pen)))
            (line(plan, "lead_bodies", pen, |field, value, pen| pen.value(field, value)))
            (line(plan, "budget", pen, |_, value, pen| first_of(value, "state", pen)))
            (line(plan, "civil_society", pen, |_, value, pen| roles(value, pen)))
            (line(plan, "monitoring", pen, |_, value, pen| first_of(value, "framework", pen)))
        }
    }
}

/// A line of what readers ask, whether it is answered or not.
fn line(
    plan: &DynamicMessage,
    name: &str,
    pen: Pen<'_>,
    said: impl Fn(&FieldDescriptor, &Value, Pen<'_>) -> Markup,
) -> Markup {
    let Some(field) = plan.descriptor().get_field_by_name(name) else {
        return html! {};
    };
    let value = plan.has_field(&field).then(|| plan.get_field(&field));
    html! {
        div {
            dt { (pen.voice.shown(&pen.voice.today(&field))) }
            dd {
                @match &value {
                    Some(value) => (said(&field, value, pen)),
                    None => { span.mark { (pen.voice.say(&texts::NOT_STATED)) } }
                }
            }
        }
    }
}

/// The last state, with what came before it where that one was only computed.
fn state(history: &Value, pen: Pen<'_>) -> Markup {
    let states = history.as_list().unwrap_or_default();
    let states: Vec<&DynamicMessage> = states.iter().filter_map(Value::as_message).collect();
    let stated = states.iter().rfind(|state| !is_derived(state));
    html! {
        @if let Some(last) = states.last() {
            div { (pen.state_of(last)) }
            @if is_derived(last) && let Some(stated) = stated {
                div { span.mark { (pen.voice.say(&texts::LAST_STATED)) } " " (pen.state_of(stated)) }
            }
        }
    }
}

/// Its period, and the latest end that it was given later.
pub(crate) fn period(field: &FieldDescriptor, plan: &DynamicMessage, pen: Pen<'_>) -> Markup {
    let until = term::extended(plan);
    html! {
        @if let Some(period) = term::period(plan) { (pen.value(field, &period)) }
        @if let Some(until) = until {
            " · " (pen.voice.fill_in(wording(&EXTENDED, &string(&until, "value")), &pen.date(&until)))
        }
    }
}

/// The field of a part that answers in a word.
fn first_of(part: &Value, name: &str, pen: Pen<'_>) -> Markup {
    match part.as_message().and_then(|part| filled(part, name)) {
        Some((field, value)) => pen.value(&field, &value),
        None => html! { span.mark { (pen.voice.say(&texts::NOT_STATED)) } },
    }
}

/// What civil society does, phase by phase.
fn roles(parts: &Value, pen: Pen<'_>) -> Markup {
    let parts = parts.as_list().unwrap_or_default();
    html! {
        ul {
            @for part in parts.iter().filter_map(Value::as_message).take(6) {
                li { (pen.in_line(part, &["phase", "roles"])) }
            }
        }
    }
}
