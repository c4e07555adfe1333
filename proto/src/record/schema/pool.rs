//! The schemas that this process reads by, and the options on their fields.

use std::{collections::HashMap, sync::OnceLock};

use prost_reflect::{DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor};

use crate::api::DESCRIPTORS;

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

/// An option of every field that has it, by message and number, as `read` takes it.
pub(super) fn field_options<T>(
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
pub(super) fn option_of(field: &FieldDescriptor, name: &str) -> Option<DynamicMessage> {
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
pub(super) fn extension(name: &str) -> ExtensionDescriptor {
    pool()
        .get_extension_by_name(name)
        .expect("the schema names its options so")
}
