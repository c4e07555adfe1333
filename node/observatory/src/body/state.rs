//! What is so now, of a field that keeps a history: its last part in one line. What was
//! computed is never said as if somebody had stated it.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind as Type, ReflectMessage as _, Value};
use wpsx_proto::{api::record::v1::Basis, record::schema::use_of};

use super::writes::Writes as _;
use crate::{fields::parts, pen::Pen, texts};

impl Pen<'_> {
    /// The last part of a history, as a line of a list of terms.
    pub(super) fn state(self, field: &FieldDescriptor, value: &Value) -> Markup {
        let last = value.as_list().and_then(|parts| parts.last()?.as_message());
        html! {
            @if let Some(last) = last {
                div {
                    dt { (self.voice.shown(&self.voice.today(field))) }
                    dd { (self.state_of(last)) }
                }
            }
        }
    }

    /// What a part of a history says is so: what it is counted under, and smaller whether
    /// somebody says so and since when.
    pub(crate) fn state_of(self, part: &DynamicMessage) -> Markup {
        let (told, beside): (Vec<_>, Vec<_>) = part
            .fields()
            .filter(|(field, _)| is_told(field))
            .partition(|(field, _)| !is_basis(field) && !is_date(field));
        html! {
            // Somebody names it, and says no more than that; what is noted of it is no state.
            @if told.is_empty() && has_basis(part) { span.mark { (self.voice.say(&texts::NO_STATE)) } " " }
            @else if told.is_empty() { (self.best_text(&parts(part, "note"))) " " }
            @for (field, value) in &told { strong { (self.value(field, value)) } " " }
            @if !beside.is_empty() {
                span.mark {
                    @for (at, (field, value)) in beside.iter().enumerate() {
                        @if at > 0 { " · " }
                        @if is_date(field) { (self.voice.shown(&self.voice.field(field))) (self.voice.colon()) }
                        (self.value(field, value))
                    }
                }
            }
        }
    }
}

/// Whether the line on the state says all of a history: it has one part, and that no more.
pub(super) fn tells_all(history: &Value) -> bool {
    match history.as_list() {
        Some([only]) => only
            .as_message()
            .is_some_and(|part| part.fields().all(|(field, _)| is_told(&field))),
        _ => false,
    }
}

/// What a line on the state says of it; all else stands in the table of the history.
fn is_told(field: &FieldDescriptor) -> bool {
    !use_of(field).facet.is_empty() || is_basis(field) || is_date(field)
}

pub(crate) fn is_basis(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Type::Enum(values) if values.full_name() == "wpsx.record.v1.Basis")
}

/// Whether parts of this history tell a state, and who says it.
pub(crate) fn has_basis(part: &DynamicMessage) -> bool {
    part.descriptor().fields().any(|field| is_basis(&field))
}

/// Whether a part of a history was computed, and nobody says it.
pub(crate) fn is_derived(part: &DynamicMessage) -> bool {
    part.fields().any(|(field, value)| {
        is_basis(&field) && value.as_enum_number() == Some(Basis::Derived as i32)
    })
}

fn is_date(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Type::Message(message) if message.full_name() == "wpsx.record.v1.Date")
}
