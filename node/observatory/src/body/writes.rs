//! What all parts of a record are written by. A part holds values and a value parts, so that
//! each file here needs what another one does; they meet in this trait.

use maud::Markup;
use prost_reflect::{FieldDescriptor, Value};

/// Writes values of fields.
pub(crate) trait Writes: Copy {
    /// A value with room around it.
    fn value(self, field: &FieldDescriptor, value: &Value) -> Markup;
    /// A value within a cell of a table or a line.
    fn small(self, field: &FieldDescriptor, value: &Value) -> Markup;
    /// A term with its value.
    fn line(self, field: &FieldDescriptor, value: &Value) -> Markup;
    /// A value without parts.
    fn plain(self, field: &FieldDescriptor, value: &Value) -> Markup;
}
