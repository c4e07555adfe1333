//! The schemas as data, for everything that is derived from them.

use std::{collections::HashMap, sync::LazyLock};

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind as FieldKind, MessageDescriptor, Value};

use crate::api::{DESCRIPTORS, record::v1::Form};

#[expect(
    clippy::expect_used,
    reason = "the schema is compiled into the program"
)]
static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(DESCRIPTORS).expect("the schemas were compiled by our own build script")
});

static RULES: LazyLock<HashMap<String, HashMap<u32, FieldRules>>> = LazyLock::new(read_rules);

/// Every schema of the protocol.
#[must_use]
pub fn pool() -> &'static DescriptorPool {
    &POOL
}

/// The message around records of all kinds.
#[expect(
    clippy::expect_used,
    reason = "the schema is compiled into the program"
)]
#[must_use]
pub fn record_message() -> MessageDescriptor {
    POOL.get_message_by_name("wpsx.record.v1.Record")
        .expect("the schema names its record message so")
}

/// What a field must look like; the schema's `rules` option with its defaults filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRules {
    /// The form of each text.
    pub form: Form,
    /// At least one value.
    pub required: bool,
    /// Bytes of each text.
    pub max_bytes: usize,
    /// Values of a repeated field.
    pub max_items: usize,
}

impl Default for FieldRules {
    fn default() -> Self {
        Self {
            form: Form::Unspecified,
            required: false,
            max_bytes: 2_000,
            max_items: 1_000,
        }
    }
}

impl FieldRules {
    /// The rules of a field.
    #[must_use]
    pub fn of(field: &FieldDescriptor) -> Self {
        RULES
            .get(field.parent_message().full_name())
            .and_then(|fields| fields.get(&field.number()))
            .copied()
            .unwrap_or_default()
    }
}

#[expect(
    clippy::expect_used,
    reason = "the schema is compiled into the program"
)]
fn read_rules() -> HashMap<String, HashMap<u32, FieldRules>> {
    let extension = POOL
        .get_extension_by_name("wpsx.record.v1.rules")
        .expect("the schema names its rules so");
    let mut rules: HashMap<String, HashMap<u32, FieldRules>> = HashMap::new();
    let messages = POOL
        .all_messages()
        .filter(|message| message.package_name() == "wpsx.record.v1");
    for field in messages.flat_map(|message| message.fields().collect::<Vec<_>>()) {
        let options = field.options();
        if !options.has_extension(&extension) {
            continue;
        }
        let stated = options.get_extension(&extension);
        let Some(stated) = stated.as_message() else {
            continue;
        };
        let number = |name| {
            stated
                .get_field_by_name(name)
                .and_then(|value| value.as_u32())
        };
        let bound = |name, default| match number(name) {
            None | Some(0) => default,
            Some(bound) => bound as usize,
        };
        let form = stated
            .get_field_by_name("form")
            .and_then(|value| value.as_enum_number())
            .and_then(|number| Form::try_from(number).ok());
        let required = stated
            .get_field_by_name("required")
            .is_some_and(|value| matches!(*value, Value::Bool(true)));
        let default = FieldRules::default();
        let message = field.parent_message().full_name().to_owned();
        rules.entry(message).or_default().insert(
            field.number(),
            FieldRules {
                form: form.unwrap_or_default(),
                required,
                max_bytes: bound("max_bytes", default.max_bytes),
                max_items: bound("max_items", default.max_items),
            },
        );
    }
    rules
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_the_schema_reach_the_program() {
        let record = record_message();
        let rules = |name: &str| FieldRules::of(&record.get_field_by_name(name).unwrap());
        assert_eq!(rules("countries").form, Form::Country);
        assert_eq!(rules("countries").max_items, 300);
        assert!(rules("title").required);
        assert_eq!(rules("external_id").max_bytes, 256);
        assert_eq!(rules("note"), FieldRules::default());
    }

    #[test]
    fn every_kind_has_its_body_at_100_plus_its_number() {
        let kinds = pool().get_enum_by_name("wpsx.record.v1.Kind").unwrap();
        for value in kinds.values().filter(|value| value.number() != 0) {
            let number = 100 + u32::try_from(value.number()).unwrap();
            let body = record_message().get_field(number).unwrap();
            let name = value.name().strip_prefix("KIND_").unwrap();
            assert_eq!(body.name(), name.to_ascii_lowercase());
            assert_eq!(body.containing_oneof().unwrap().name(), "body");
        }
    }
}
