//! The schemas as data, for everything that is derived from them.

use std::{collections::HashMap, sync::LazyLock};

use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind as FieldKind,
    MessageDescriptor,
};

use crate::api::{
    DESCRIPTORS,
    record::v1::{Form, KindUse, Rules, Use},
};

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
    fn stated(rules: &Rules) -> Self {
        let bound = |stated: u32, default| match stated {
            0 => default,
            bound => bound as usize,
        };
        let default = Self::default();
        Self {
            form: rules.form(),
            required: rules.required,
            max_bytes: bound(rules.max_bytes, default.max_bytes),
            max_items: bound(rules.max_items, default.max_items),
        }
    }

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

/// The `use` option of every field that has one, by message and number.
static USES: LazyLock<HashMap<String, HashMap<u32, Use>>> =
    LazyLock::new(|| field_options("wpsx.record.v1.use"));

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

fn read_rules() -> HashMap<String, HashMap<u32, FieldRules>> {
    let stated: HashMap<String, HashMap<u32, Rules>> = field_options("wpsx.record.v1.rules");
    let of_message = |(message, fields): (String, HashMap<u32, Rules>)| {
        let fields = fields
            .into_iter()
            .map(|(number, rules)| (number, FieldRules::stated(&rules)));
        (message, fields.collect())
    };
    stated.into_iter().map(of_message).collect()
}

/// An option of ours, of every field that has it, by message and number.
fn field_options<T: prost::Message + Default>(name: &str) -> HashMap<String, HashMap<u32, T>> {
    let extension = extension(name);
    let mut found: HashMap<String, HashMap<u32, T>> = HashMap::new();
    let messages = POOL
        .all_messages()
        .filter(|message| message.package_name() == "wpsx.record.v1");
    for field in messages.flat_map(|message| message.fields().collect::<Vec<_>>()) {
        let options = field.options();
        if !options.has_extension(&extension) {
            continue;
        }
        let stated = options.get_extension(&extension);
        let stated = stated.as_message().map(DynamicMessage::transcode_to);
        if let Some(Ok(stated)) = stated {
            let message = field.parent_message().full_name().to_owned();
            found
                .entry(message)
                .or_default()
                .insert(field.number(), stated);
        }
    }
    found
}

#[expect(
    clippy::expect_used,
    reason = "the schema is compiled into the program"
)]
fn extension(name: &str) -> ExtensionDescriptor {
    POOL.get_extension_by_name(name)
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
        let themes = record.get_field_by_name("themes").unwrap();
        assert_eq!(use_of(&themes).vocabulary, "themes");
        assert_eq!(use_of(&themes).facet, "theme");
        let event = pool().get_message_by_name("wpsx.record.v1.Event").unwrap();
        assert_eq!(kind_use_of(&event).terms, ["schema:Event"]);
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
