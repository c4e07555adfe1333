//! The schemas as data, for everything that is derived from them.

mod field_rules;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind as FieldKind,
    MessageDescriptor,
};

use crate::api::{
    DESCRIPTORS,
    record::v1::{KindUse, Use},
};

pub use self::field_rules::{FieldRules, PATTERNS, pattern_of};

static POOL: OnceLock<DescriptorPool> = OnceLock::new();

/// Every schema of the protocol.
#[expect(
    clippy::expect_used,
    reason = "the schema is compiled into the program"
)]
#[must_use]
pub fn pool() -> &'static DescriptorPool {
    POOL.get_or_init(|| {
        DescriptorPool::decode(DESCRIPTORS)
            .expect("the schemas were compiled by our own build script")
    })
}

/// Why schemas were not taken.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// They are no file descriptor set, or it lacks something that it refers to.
    #[error("no schemas: {0}")]
    Unreadable(#[from] prost_reflect::DescriptorError),
    /// Something in this process has read a schema already.
    #[error("schemas are given before the first is read")]
    Late,
}

/// Has this process read records by these schemas, an encoded `FileDescriptorSet`, instead
/// of those that it was built with. A kind of record needs nothing else: it is in the
/// schemas' enum `Kind` and in their message `Record`.
///
/// # Errors
/// They cannot be read, or a schema was read before.
pub fn read_by(schemas: &[u8]) -> Result<(), SchemaError> {
    let pool = DescriptorPool::decode(schemas)?;
    POOL.set(pool).map_err(|_| SchemaError::Late)
}

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

/// An option of every field that has it, by message and number, as `read` takes it.
fn field_options<T>(
    name: &str,
    read: impl Fn(DynamicMessage) -> Option<T>,
) -> HashMap<String, HashMap<u32, T>> {
    let mut found: HashMap<String, HashMap<u32, T>> = HashMap::new();
    let messages = pool()
        .all_messages()
        .filter(|message| message.package_name() == "wpsx.record.v1");
    for field in messages.flat_map(|message| message.fields().collect::<Vec<_>>()) {
        if let Some(stated) = option_of(&field, name).and_then(&read) {
            let message = field.parent_message().full_name().to_owned();
            found
                .entry(message)
                .or_default()
                .insert(field.number(), stated);
        }
    }
    found
}

/// One option of a field, where the field has it.
fn option_of(field: &FieldDescriptor, name: &str) -> Option<DynamicMessage> {
    let (extension, options) = (extension(name), field.options());
    let stated = options
        .has_extension(&extension)
        .then(|| options.get_extension(&extension))?;
    stated.as_message().cloned()
}

#[expect(
    clippy::expect_used,
    reason = "the schema is compiled into the program"
)]
fn extension(name: &str) -> ExtensionDescriptor {
    pool()
        .get_extension_by_name(name)
        .expect("the schema names its options so")
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
