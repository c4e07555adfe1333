//! What a field must look like: the options of `buf.validate` and our own `rules`.

use std::{collections::HashMap, sync::LazyLock};

use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage as _};

use super::pool::{field_options, option_of};
use crate::api::record::v1::{Form, Rules};

/// What a field must look like, with what the specification says where the schema is silent.
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
    /// Exactly so many bytes, of a field of bytes that is not empty.
    pub bytes: Option<usize>,
}

impl Default for FieldRules {
    fn default() -> Self {
        Self {
            form: Form::Unspecified,
            required: false,
            max_bytes: 2_000,
            max_items: 1_000,
            bytes: None,
        }
    }
}

/// The pattern by which the schema says a form on a field. Each is what the form is,
/// but for what no pattern can know: that April has 30 days.
pub const PATTERNS: [(Form, &str); 7] = [
    (
        Form::Url,
        r#"^([Hh][Tt][Tt][Pp][Ss]?://[^:./?#@\s<>"{}|\\^`][^/?#@\s<>"{}|\\^`]*([/?#][^\s<>"{}|\\^`]*)?)?$"#,
    ),
    (
        Form::Date,
        "^([0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?)?$",
    ),
    (Form::Decimal, r"^([0-9]+(\.[0-9]+)?)?$"),
    (Form::Code, "^([a-z0-9]+(-[a-z0-9]+)*)?$"),
    (
        Form::Symbol,
        r"^([A-Z][A-Za-z0-9 .()*\[\]-]*(/[A-Za-z0-9 .()*\[\]-]+)+)?$",
    ),
    (Form::Number, r"^(-?[0-9]+(\.[0-9]+)?)?$"),
    (Form::Time, "^(([01][0-9]|2[0-3]):[0-5][0-9])?$"),
];

static RULES: LazyLock<HashMap<String, MessageRules>> = LazyLock::new(read_rules);

/// What the fields of one message must look like.
#[derive(Debug, Default)]
pub(crate) struct MessageRules {
    fields: HashMap<u32, FieldRules>,
    /// The numbers of those that are required.
    required: Vec<u32>,
}

impl MessageRules {
    pub(crate) fn of(&self, number: u32) -> FieldRules {
        self.fields.get(&number).copied().unwrap_or_default()
    }

    /// The fields that the message lacks.
    pub(crate) fn required(
        &self,
        message: &DynamicMessage,
    ) -> impl Iterator<Item = FieldDescriptor> {
        let lacks = |number: &u32| {
            let field = message.descriptor().get_field(*number)?;
            (!message.has_field(&field)).then_some(field)
        };
        self.required.iter().filter_map(lacks)
    }
}

/// Of a message whose schema says nothing.
static NO_RULES: LazyLock<MessageRules> = LazyLock::new(MessageRules::default);

impl FieldRules {
    /// The rules of a field.
    #[must_use]
    pub fn of(field: &FieldDescriptor) -> Self {
        Self::of_message(field.parent_message()).of(field.number())
    }

    /// The rules of all fields of a message.
    pub(crate) fn of_message(message: &MessageDescriptor) -> &'static MessageRules {
        RULES.get(message.full_name()).unwrap_or(&NO_RULES)
    }

    /// Takes over what `buf.validate.FieldRules` says, of one value or of a list.
    fn take(&mut self, said: &DynamicMessage) {
        self.required |= flag(said, "required");
        if let Some(texts) = part(said, "string") {
            self.max_bytes = number(&texts, "max_bytes").unwrap_or(self.max_bytes);
            self.form = form_of(&texts).unwrap_or(self.form);
        }
        if let Some(bytes) = part(said, "bytes") {
            self.bytes = number(&bytes, "len");
        }
        if let Some(list) = part(said, "repeated") {
            self.max_items = number(&list, "max_items").unwrap_or(self.max_items);
            if let Some(items) = part(&list, "items") {
                self.take(&items);
            }
        }
    }
}

/// The pattern that the schema gives a field's texts, where it gives one.
#[must_use]
pub fn pattern_of(field: &FieldDescriptor) -> Option<String> {
    let said = option_of(field, "buf.validate.field")?;
    let items = part(&said, "repeated").and_then(|list| part(&list, "items"));
    pattern_in(&part(&items.unwrap_or(said), "string")?)
}

fn read_rules() -> HashMap<String, MessageRules> {
    let mut found: HashMap<String, MessageRules> = HashMap::new();
    for (message, fields) in field_options::<DynamicMessage>("buf.validate.field", Some) {
        let of_message = found.entry(message).or_default();
        for (number, said) in fields {
            of_message.fields.entry(number).or_default().take(&said);
        }
    }
    for (message, fields) in
        field_options::<Rules>("wpsx.record.v1.rules", |said| said.transcode_to().ok())
    {
        let of_message = found.entry(message).or_default();
        for (number, said) in fields {
            of_message.fields.entry(number).or_default().form = said.form();
        }
    }
    for of_message in found.values_mut() {
        let required = of_message.fields.iter().filter(|(_, rules)| rules.required);
        of_message.required = required.map(|(number, _)| *number).collect();
        of_message.required.sort_unstable();
    }
    found
}

fn form_of(texts: &DynamicMessage) -> Option<Form> {
    let pattern = pattern_in(texts)?;
    let known = PATTERNS.iter().find(|(_, known)| *known == pattern);
    known.map(|(form, _)| *form)
}

fn pattern_in(texts: &DynamicMessage) -> Option<String> {
    let pattern = texts.get_field_by_name("pattern")?;
    pattern
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn part(message: &DynamicMessage, name: &str) -> Option<DynamicMessage> {
    let field = message.descriptor().get_field_by_name(name)?;
    let value = message
        .has_field(&field)
        .then(|| message.get_field(&field))?;
    value.as_message().cloned()
}

fn number(message: &DynamicMessage, name: &str) -> Option<usize> {
    let field = message.descriptor().get_field_by_name(name)?;
    let value = message
        .has_field(&field)
        .then(|| message.get_field(&field))?;
    usize::try_from(value.as_u64()?).ok()
}

fn flag(message: &DynamicMessage, name: &str) -> bool {
    let value = message.get_field_by_name(name);
    value.is_some_and(|value| value.as_bool() == Some(true))
}
