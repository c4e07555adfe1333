//! What a kind says in its own way.

use maud::Markup;
use prost_reflect::DynamicMessage;

use crate::pen::Pen;

/// Overrides a part of the page that the schema's places would give.
pub(super) struct Template {
    /// Answers what readers of this kind ask first, from the kind's own part of the record.
    /// It stands above the other fields of the heading.
    pub(super) lead: fn(&DynamicMessage, Pen<'_>) -> Markup,
    /// The fields that it says whole; they are not said again.
    pub(super) says: &'static [&'static str],
}
