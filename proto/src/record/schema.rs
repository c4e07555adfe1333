//! The schemas as data, for everything that is derived from them.

mod field_rules;
mod pool;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::LazyLock};

use prost_reflect::{FieldDescriptor, Kind as FieldKind, MessageDescriptor};

use crate::api::record::v1::{KindUse, Use};

use self::pool::{extension, field_options};
pub use self::{
    field_rules::{FieldRules, PATTERNS, pattern_of},
    pool::{SchemaError, pool, read_by},
};

/// The message around records of all kinds.
#[expect(
    clippy::expect_used,
    reason = "the schema is compiled into the program"
)]
#[must_use]
pub fn record_message() -> MessageDescriptor {
    pool()
        .get_message_by_name("wpsx.record.v1.Record")
        .expect("the schema names its record message so")
}

/// The `use` option of every field that has one, by message and number.
static USES: LazyLock<HashMap<String, HashMap<u32, Use>>> =
    LazyLock::new(|| field_options("wpsx.record.v1.use", |said| said.transcode_to().ok()));

/// What a field is for; all left open where the schema says nothing.
#[must_use]
pub fn use_of(field: &FieldDescriptor) -> &'static Use {
    static NONE: LazyLock<Use> = LazyLock::new(Use::default);
    USES.get(field.parent_message().full_name())
        .and_then(|fields| fields.get(&field.number()))
        .unwrap_or(&NONE)
}

/// What a kind as a whole is, by its own message.
#[must_use]
pub fn kind_use_of(message: &MessageDescriptor) -> KindUse {
    let extension = extension("wpsx.record.v1.kind_use");
    let options = message.options();
    let stated = options.get_extension(&extension);
    let stated = stated
        .as_message()
        .filter(|_| options.has_extension(&extension));
    stated
        .and_then(|stated| stated.transcode_to().ok())
        .unwrap_or_default()
}

/// The name of an enum's value as people write it: `in_force` for `PLAN_STATUS_IN_FORCE`.
#[must_use]
pub fn short_value_name(field: &FieldDescriptor, number: i32) -> Option<String> {
    let FieldKind::Enum(descriptor) = field.kind() else {
        return None;
    };
    let value = descriptor.get_value(number)?;
    let zero = descriptor.default_value();
    let prefix = zero.name().strip_suffix("UNSPECIFIED").unwrap_or_default();
    let short = value.name().strip_prefix(prefix).unwrap_or(value.name());
    Some(short.to_ascii_lowercase())
}
