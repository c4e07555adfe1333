//! What a kind says in its own way.

use maud::Markup;
use prost_reflect::{DynamicMessage, FieldDescriptor, Value};

use crate::pen::Pen;

/// Overrides a part of the page that the schema's places would give.
pub(super) struct Template {
    /// Answers what readers of this kind ask first, from the kind's own part of the record.
    /// It stands above the other fields of the heading.
    pub(super) lead: fn(&DynamicMessage, Pen<'_>) -> Markup,
    /// The fields that it says whole; they are not said again.
    pub(super) says: &'static [&'static str],
    /// Fields of which it says some parts: one that has no others is not said again.
    pub(super) says_of: &'static [(&'static str, &'static [&'static str])],
}

impl Template {
    /// Whether it says all that a field says.
    pub(super) fn says_all(&self, field: &FieldDescriptor, value: &Value) -> bool {
        if self.says.contains(&field.name()) {
            return true;
        }
        let mut some = self.says_of.iter();
        let Some((_, told)) = some.find(|(name, _)| *name == field.name()) else {
            return false;
        };
        let only_told = |part: &Value| {
            let part = part.as_message();
            part.is_some_and(|part| part.fields().all(|(field, _)| told.contains(&field.name())))
        };
        // Of several parts, one line cannot say all.
        match value.as_list() {
            Some([only]) => only_told(only),
            Some(_) => false,
            None => only_told(value),
        }
    }
}
