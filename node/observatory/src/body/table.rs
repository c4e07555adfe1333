//! Parts with several fields as a table: a caption, a column for each field that any of
//! them fills, the first of which names the row. What is long is folded, without a script.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use wpsx_proto::record::schema::use_of;

use super::{state::is_derived, writes::Writes as _};
use crate::{fields::is_quantity, pen::Pen, texts};

/// Rows of a table that are not folded.
const UNFOLDED: usize = 20;

/// The class of a table with so many columns, by which its rows stand by themselves where it
/// has no room for them beside each other.
pub(crate) fn stacked(columns: usize) -> &'static str {
    match columns {
        0..=3 => "few",
        4 | 5 => "some",
        6 | 7 => "many",
        _ => "most",
    }
}

impl Pen<'_> {
    /// A list of parts.
    pub(super) fn parts(self, field: &FieldDescriptor, values: &[Value]) -> Markup {
        let parts: Vec<&DynamicMessage> = values.iter().filter_map(Value::as_message).collect();
        match parts.as_slice() {
            [] => html! {},
            [only] => self.terms(only),
            parts => self.table(field, parts),
        }
    }

    /// The fields of one part beneath each other.
    pub(super) fn terms(self, part: &DynamicMessage) -> Markup {
        html! {
            dl {
                @for (field, value) in part.fields() { (self.line(&field, value)) }
            }
        }
    }

    fn table(self, field: &FieldDescriptor, parts: &[&DynamicMessage]) -> Markup {
        let Some(first) = parts.first() else {
            return html! {};
        };
        let columns: Vec<FieldDescriptor> = first
            .descriptor()
            .fields()
            .filter(|field| parts.iter().any(|part| part.has_field(field)))
            .collect();
        let (shown, folded) = parts.split_at(parts.len().min(UNFOLDED));
        // Of a history the last part is what is so now.
        let now = use_of(field).newest_last.then(|| parts.len() - 1);
        let count = self.voice.count(parts.len() as u64, &texts::ROWS);
        html! {
            (self.grid(field, &columns, shown, now, &count))
            @if !folded.is_empty() && !self.room.is_full() {
                @let more = self.voice.count(folded.len() as u64, &texts::MORE);
                details {
                    summary { (more) }
                    (self.grid(field, &columns, folded, now.map(|at| at.saturating_sub(UNFOLDED)), &more))
                }
            }
        }
    }

    fn grid(
        self,
        field: &FieldDescriptor,
        columns: &[FieldDescriptor],
        parts: &[&DynamicMessage],
        now: Option<usize>,
        count: &str,
    ) -> Markup {
        let label = self.voice.field(field);
        let columns: Vec<(&FieldDescriptor, Option<&str>)> = columns
            .iter()
            .enumerate()
            // The first one names the row.
            .map(|(at, column)| (column, (at > 0 && is_quantity(column)).then_some("number")))
            .collect();
        html! {
            div.scroll tabindex="0" role="region" aria-label=(format!("{}{}{count}", label.text, self.voice.colon())) {
                table class=(stacked(columns.len())) role="table" {
                    caption { span.heard { (self.voice.shown(&label)) (self.voice.colon()) } (count) }
                    thead role="rowgroup" { tr role="row" {
                        @for (column, class) in &columns { th class=[*class] scope="col" role="columnheader" { (self.voice.shown(&self.voice.field(column))) } }
                    } }
                    tbody role="rowgroup" {
                        @for (at, part) in parts.iter().enumerate() {
                            @if !self.room.is_full() {
                                tr.derived[is_derived(part)] role="row" {
                                    @for (place, (column, class)) in columns.iter().enumerate() {
                                        (self.cell(part, column, *class, place == 0, now == Some(at)))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn cell(
        self,
        part: &DynamicMessage,
        column: &FieldDescriptor,
        class: Option<&str>,
        names: bool,
        is_now: bool,
    ) -> Markup {
        let value = part.has_field(column).then(|| part.get_field(column));
        let said = html! { @if let Some(value) = &value { (self.small(column, value)) } };
        html! {
            @if names && value.is_some() {
                th scope="row" role="rowheader" data-label=(self.voice.field(column).text) { div {
                    (said)
                    @if is_now { " " span.mark { "(" (self.voice.say(&texts::NOW)) ")" } }
                } }
            } @else if value.is_some() {
                td class=[class] role="cell" data-label=(self.voice.field(column).text) { div { (said) } }
            } @else { td role="cell" {} }
        }
    }
}
