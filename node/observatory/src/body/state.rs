//! What is so now, of a field that keeps a history: its last part in one line. What was
//! computed is never said as if somebody had stated it.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind as Type, Value};
use wpsx_proto::{api::record::v1::Basis, record::schema::use_of};

use super::writes::Writes as _;
use crate::pen::Pen;

impl Pen<'_> {
    /// The last part of a history, as a line of a list of terms.
    pub(super) fn state(self, field: &FieldDescriptor, value: &Value) -> Markup {
        let last = value.as_list().and_then(|parts| parts.last()?.as_message());
        html! {
            @if let Some(last) = last {
                div {
                    dt { (self.voice.shown(&self.voice.field(field))) }
                    dd { (self.state_of(last)) }
                }
            }
        }
    }

    /// What a part of a history says is so: what it is counted under, since when, and
    /// whether somebody says so.
    pub(super) fn state_of(self, part: &DynamicMessage) -> Markup {
        let fields: Vec<(FieldDescriptor, &Value)> = part.fields().collect();
        html! {
            @for (field, value) in &fields {
                @if is_basis(field) {
                    " " span.mark { "(" (self.plain(field, value)) ")" }
                } @else if !use_of(field).facet.is_empty() {
                    strong { (self.value(field, value)) }
                } @else if is_date(field) {
                    " · " (self.voice.shown(&self.voice.field(field))) ": " (self.value(field, value))
                }
            }
        }
    }
}

fn is_basis(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Type::Enum(values) if values.full_name() == "wpsx.record.v1.Basis")
}

/// Whether a part of a history was computed, and nobody says it.
pub(super) fn is_derived(part: &DynamicMessage) -> bool {
    part.fields().any(|(field, value)| {
        is_basis(&field) && value.as_enum_number() == Some(Basis::Derived as i32)
    })
}

fn is_date(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Type::Message(message) if message.full_name() == "wpsx.record.v1.Date")
}
