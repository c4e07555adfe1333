//! The fields that stand at the top of a record.

use prost_reflect::{FieldDescriptor, MessageDescriptor};

/// What stands at the top of a record of a kind: the fields of all records, without the
/// parts that kinds add, and the fields of this kind's part.
#[must_use]
pub fn top_fields(
    record: &MessageDescriptor,
    body: Option<&MessageDescriptor>,
) -> Vec<FieldDescriptor> {
    let common = record
        .fields()
        .filter(|field| field.containing_oneof().is_none());
    let own = body.into_iter().flat_map(MessageDescriptor::fields);
    common.chain(own).collect()
}
