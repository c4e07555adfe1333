//! Field paths: from the name of a column to a place in a record.
//!
//! A path names fields of the record or of its kind's own part: `period.start`,
//! `countries`. A text takes its language (`title.en`), a list of parts a number
//! (`sources.0.url`) or none: then each of the cell's values goes to a part of its own.

#[cfg(test)]
mod tests;

use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind as FieldKind, MessageDescriptor, Value};
use wpsx_proto::{
    api::record::v1 as api,
    record::{
        Kind, LanguageTag, check_form, normal_external_id,
        schema::{FieldRules, short_value_name},
    },
};

use super::{
    bad::reason_alone,
    codes,
    nearest::hint,
    several,
    shape::{Shape, message_of},
    understand::Asked,
};

/// More parts are given as values of one cell.
pub(super) const MAX_INDEX: usize = 99;
/// The end of a path to a whole field in its JSON form: `budget.json`.
pub(super) const WHOLE: &str = ".json";

/// A place in a record, found once for a column and then filled for each row.
#[derive(Clone, Debug)]
pub(super) struct Target {
    steps: Vec<Step>,
    leaf: Leaf,
    /// The path with list positions left out, to find the column of an error.
    plain: String,
}

#[derive(Clone, Debug)]
enum Step {
    /// Into a single part.
    Part(FieldDescriptor),
    /// Into one part of a list.
    Item(FieldDescriptor, usize),
    /// Into the part that belongs to each value.
    Each(FieldDescriptor),
    /// Into the text of one language.
    Language(FieldDescriptor, String),
}

#[derive(Clone, Debug)]
enum Leaf {
    /// Text, number, truth or a name of a list.
    Scalar(FieldDescriptor),
    /// The part that the steps lead to, written as one text.
    Written(Form),
    /// All that a field says, in the JSON form of the schema: for what no cells of its
    /// own can hold.
    Whole(FieldDescriptor),
}

/// Parts that people write as one text.
#[derive(Clone, Copy, Debug)]
enum Form {
    Date,
    Source,
    Amount,
    Pillar,
    Reference,
}

impl Target {
    /// Finds the place that a path names in records of a kind.
    pub(super) fn find(kind: Kind, path: &str) -> Result<Self, String> {
        let shape = Shape::of(kind).ok_or_else(|| format!("{kind} needs newer software"))?;
        Self::find_in(&shape, path)
    }

    /// The same for a kind whose descriptors are at hand.
    pub(super) fn find_in(shape: &Shape, path: &str) -> Result<Self, String> {
        let mut names = path.split('.').peekable();
        let first = names.next().unwrap_or_default();
        let mut steps = Vec::new();
        let mut plain = Vec::new();
        let (mut field, own) = shape.field(first).ok_or_else(|| {
            let known: Vec<String> = shape.fields().map(|it| it.name().to_owned()).collect();
            let near = hint(first, known.iter().map(String::as_str));
            let name = shape.name();
            let article = match name.starts_with(['a', 'e', 'i', 'o', 'u']) {
                true => "an",
                false => "a",
            };
            format!("{article} {name} has no field {first:?}{near}")
        })?;
        if own {
            plain.push(shape.body().name().to_owned());
            steps.push(Step::Part(shape.body().clone()));
        }
        loop {
            plain.push(field.name().to_owned());
            if path.ends_with(WHOLE) && names.peek() == Some(&"json") {
                names.next();
                return Ok(Self {
                    steps,
                    leaf: Leaf::Whole(field),
                    plain: plain.join("."),
                });
            }
            let Some(message) = message_of(&field) else {
                if let Some(rest) = names.next() {
                    return Err(format!("{} has no part {rest:?}", field.name()));
                }
                return Ok(Self {
                    steps,
                    leaf: Leaf::Scalar(field),
                    plain: plain.join("."),
                });
            };
            if !field.is_list() {
                steps.push(Step::Part(field.clone()));
            } else if message.name() == "Text" {
                let language = names
                    .next()
                    .ok_or_else(|| format!("{path} needs a language, such as {path}.en"))?;
                // What was published under a tag that is a word comes back under it.
                let tag = match codes::language(language) {
                    Some(tag) => tag,
                    None => {
                        let tag = language.parse::<LanguageTag>();
                        tag.map_err(|error| format!("{path}: {error}"))?.to_string()
                    }
                };
                steps.push(Step::Language(field.clone(), tag));
                if names.peek().is_none() {
                    let text = message
                        .get_field_by_name("text")
                        .ok_or("a text has no field text")?;
                    return Ok(Self {
                        steps,
                        leaf: Leaf::Scalar(text),
                        plain: plain.join("."),
                    });
                }
            } else if let Some(index) = names.peek().and_then(|name| name.parse::<usize>().ok()) {
                if index > MAX_INDEX {
                    return Err(format!("{path}: at most {MAX_INDEX} as a number"));
                }
                names.next();
                steps.push(Step::Item(field.clone(), index));
            } else {
                steps.push(Step::Each(field.clone()));
            }
            let Some(name) = names.next() else {
                let leaf = Form::of(&message).ok_or_else(|| {
                    let parts: Vec<String> = message
                        .fields()
                        .map(|part| format!("{path}.{}", part.name()))
                        .collect();
                    format!("{path} has parts; name one of them: {}", parts.join(", "))
                })?;
                return Ok(Self {
                    steps,
                    leaf: Leaf::Written(leaf),
                    plain: plain.join("."),
                });
            };
            field = message.get_field_by_name(name).ok_or_else(|| {
                let known: Vec<String> = message.fields().map(|it| it.name().to_owned()).collect();
                let near = hint(name, known.iter().map(String::as_str));
                format!("{} has no part {name:?}{near}", plain.join("."))
            })?;
        }
    }

    /// The path without list positions and languages.
    pub(super) fn plain(&self) -> &str {
        &self.plain
    }

    /// The whole path, the same for every way to write it: the language is in its one
    /// form, and the part that says the kind is named.
    pub(super) fn place(&self) -> String {
        let mut place = self.plain.clone();
        if matches!(self.leaf, Leaf::Whole(_)) {
            place.push_str(WHOLE);
        }
        for step in &self.steps {
            match step {
                Step::Language(_, language) => place = format!("{place} {language}"),
                Step::Item(_, index) => place = format!("{place} {index}"),
                Step::Part(_) | Step::Each(_) => {}
            }
        }
        place
    }

    /// The field that a draft speaks of when something fills this place. A list of
    /// parts is one field: its parts are known by their order alone.
    pub(super) fn field_path(&self) -> String {
        let mut names = Vec::new();
        for step in &self.steps {
            match step {
                Step::Part(field) => names.push(field.name().to_owned()),
                Step::Language(field, language) => {
                    names.push(field.name().to_owned());
                    names.push(language.clone());
                }
                Step::Item(field, _) | Step::Each(field) => {
                    names.push(field.name().to_owned());
                    return names.join(".");
                }
            }
        }
        if let Leaf::Scalar(field) | Leaf::Whole(field) = &self.leaf {
            names.push(field.name().to_owned());
        }
        names.join(".")
    }

    /// What a cell of this place is asked for.
    pub(super) fn asked(&self) -> Asked {
        match &self.leaf {
            Leaf::Scalar(field) => Asked::Field(field.clone()),
            Leaf::Written(Form::Date) => Asked::Date,
            Leaf::Written(Form::Amount) => Asked::Amount(Form::Amount.remedy()),
            Leaf::Written(form) => Asked::Part(form.remedy()),
            Leaf::Whole(_) => Asked::Part("correct the JSON, or leave it as it was exported"),
        }
    }

    /// The same place in another part of its list.
    pub(super) fn at(&self, index: usize) -> Self {
        let mut moved = self.clone();
        let item = moved.steps.iter_mut().find_map(|step| match step {
            Step::Item(_, at) => Some(at),
            _ => None,
        });
        if let Some(at) = item {
            *at = index;
        }
        moved
    }

    /// How many parts the list has by now that the place is in.
    pub(super) fn parts_in(&self, record: &DynamicMessage) -> usize {
        fn parts(steps: &[Step], here: &DynamicMessage) -> usize {
            match steps.split_first() {
                Some((Step::Part(field), rest)) => {
                    let inner = here.get_field(field);
                    inner.as_message().map_or(0, |inner| parts(rest, inner))
                }
                Some((Step::Item(field, _), _)) => {
                    here.get_field(field).as_list().map_or(0, <[Value]>::len)
                }
                _ => 0,
            }
        }
        parts(&self.steps, record)
    }

    /// The names on the way to the place, with the number of a part where one is said.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, Option<usize>)> {
        let steps = self.steps.iter().flat_map(|step| match step {
            Step::Part(field) | Step::Each(field) => [Some((field.name(), None)), None],
            Step::Item(field, at) => [Some((field.name(), Some(*at))), None],
            Step::Language(field, language) => {
                [Some((field.name(), None)), Some((language.as_str(), None))]
            }
        });
        let last = match &self.leaf {
            // The words of a text stand at the text's own path; what is said of them does not.
            Leaf::Scalar(field) if !is_words(field) => Some(field),
            Leaf::Whole(field) => Some(field),
            _ => None,
        };
        let last = last.map(|field| (field.name(), None));
        steps.flatten().chain(last)
    }

    /// A cell of this place may hold several values.
    pub(super) fn takes_several(&self) -> bool {
        self.lists() || self.steps.iter().any(|step| matches!(step, Step::Each(_)))
    }

    fn lists(&self) -> bool {
        matches!(&self.leaf, Leaf::Scalar(field) if field.is_list())
    }

    /// Writes the values of one cell.
    pub(super) fn fill(
        &self,
        record: &mut DynamicMessage,
        values: &[String],
    ) -> Result<(), String> {
        for (at, value) in values.iter().enumerate() {
            if value.is_empty() {
                continue;
            }
            let at = if self.lists() { 0 } else { at };
            self.fill_one(record, at, value)?;
        }
        Ok(())
    }

    /// Writes a cell whose values have the usual sign between them.
    pub(super) fn fill_cell(&self, record: &mut DynamicMessage, text: &str) -> Result<(), String> {
        let values: Vec<String> = if self.takes_several() {
            several::apart(text)
        } else {
            vec![text.to_owned()]
        };
        self.fill(record, &values)
    }

    fn fill_one(&self, record: &mut DynamicMessage, at: usize, value: &str) -> Result<(), String> {
        let mut here = record;
        for step in &self.steps {
            here = step.enter(here, at).ok_or("the schema changed its mind")?;
        }
        match &self.leaf {
            Leaf::Written(form) => {
                let bytes = form.read(value)?;
                here.merge(bytes.as_slice()).map_err(|e| e.to_string())
            }
            Leaf::Whole(field) => whole(here, field, value),
            Leaf::Scalar(field) => {
                let value = read_scalar(field, value)?;
                match here.get_field_mut(field) {
                    Value::List(values) => values.push(value),
                    single => *single = value,
                }
                Ok(())
            }
        }
    }
}

fn is_words(field: &FieldDescriptor) -> bool {
    field.parent_message().name() == "Text" && field.name() == "text"
}

impl Step {
    fn enter<'a>(&self, here: &'a mut DynamicMessage, at: usize) -> Option<&'a mut DynamicMessage> {
        let (field, index) = match self {
            Self::Part(field) => return here.get_field_mut(field).as_message_mut(),
            Self::Item(field, index) => (field, *index),
            Self::Each(field) => (field, at),
            Self::Language(field, language) => {
                let texts = here.get_field_mut(field).as_list_mut()?;
                let is_in = |text: &Value| {
                    text.as_message()
                        .and_then(|text| text.get_field_by_name("language"))
                        .is_some_and(|tag| tag.as_str() == Some(language))
                };
                if !texts.iter().any(is_in) {
                    let mut text = DynamicMessage::new(message_of(field)?);
                    text.set_field_by_name("language", Value::String(language.clone()));
                    texts.push(Value::Message(text));
                }
                return texts.iter_mut().find(|text| is_in(text))?.as_message_mut();
            }
        };
        let items = here.get_field_mut(field).as_list_mut()?;
        let empty = DynamicMessage::new(message_of(field)?);
        if items.len() <= index {
            items.resize(index + 1, Value::Message(empty));
        }
        items.get_mut(index)?.as_message_mut()
    }
}

impl Form {
    fn of(message: &MessageDescriptor) -> Option<Self> {
        match message.name() {
            "Date" => Some(Self::Date),
            "Source" => Some(Self::Source),
            "Amount" => Some(Self::Amount),
            "Pillar" => Some(Self::Pillar),
            "RecordReference" => Some(Self::Reference),
            _ => None,
        }
    }

    /// How it is written.
    fn remedy(self) -> &'static str {
        match self {
            Self::Date => "write 2017-04-03, 2017-04, April 2017 or 2017",
            Self::Source => "write an address, a document symbol, or the source in words",
            Self::Amount => "write the code of a currency and a number: EUR 40000",
            Self::Pillar => {
                "write prevention, protection, participation, relief-recovery or a code"
            }
            Self::Reference => "write the id of a record",
        }
    }

    fn read(self, text: &str) -> Result<Vec<u8>, String> {
        Ok(match self {
            Self::Date => text
                .parse::<api::Date>()
                .map_err(|error| format!("{text:?} is no date: {error}"))?
                .encode_to_vec(),
            Self::Source => source(text).encode_to_vec(),
            Self::Amount => amount(text)?.encode_to_vec(),
            Self::Pillar => pillar(text)?.encode_to_vec(),
            Self::Reference => api::RecordReference {
                external_id: normal_external_id(text).into_owned(),
                ..Default::default()
            }
            .encode_to_vec(),
        })
    }
}

/// An address, a UN document symbol, or else the source in words.
fn source(text: &str) -> api::Source {
    let organs = ["A/", "S/", "E/", "ST/", "CEDAW/"];
    let is_symbol = organs.iter().any(|organ| text.starts_with(organ))
        && check_form(api::Form::Symbol, text).is_ok();
    let mut source = api::Source::default();
    if check_form(api::Form::Url, text).is_ok() {
        source.url = text.to_owned();
    } else if is_symbol {
        source.symbol = text.to_owned();
    } else {
        source.citation = text.to_owned();
    }
    source
}

/// `EUR 40000`, `about EUR 40000000`.
fn amount(text: &str) -> Result<api::Amount, String> {
    let (approximate, amount) = match text.strip_prefix("about ") {
        Some(amount) => (true, amount),
        None => (false, text),
    };
    let (currency, value) = amount
        .split_once(' ')
        .ok_or_else(|| format!("{text:?} is no amount such as EUR 40000"))?;
    check_form(api::Form::Currency, currency)?;
    check_form(api::Form::Decimal, value)?;
    Ok(api::Amount {
        currency: currency.to_owned(),
        value: value.to_owned(),
        approximate,
        ..Default::default()
    })
}

/// One of the four core pillars, or a plan's own code.
fn pillar(text: &str) -> Result<api::Pillar, String> {
    let name = format!("CORE_PILLAR_{}", text.to_uppercase().replace('-', "_"));
    if let Some(core) = api::CorePillar::from_str_name(&name) {
        return Ok(api::Pillar {
            core: core.into(),
            ..Default::default()
        });
    }
    check_form(api::Form::Code, text)?;
    Ok(api::Pillar {
        code: text.to_owned(),
        ..Default::default()
    })
}

fn read_scalar(field: &FieldDescriptor, text: &str) -> Result<Value, String> {
    Ok(match field.kind() {
        FieldKind::String => {
            let rules = FieldRules::of(field);
            if text.len() > rules.max_bytes {
                return Err(format!("{} bytes; at most {}", text.len(), rules.max_bytes));
            }
            check_form(rules.form, text)?;
            Value::String(text.to_owned())
        }
        FieldKind::Bool => match text.to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" => Value::Bool(true),
            "no" | "false" | "0" => Value::Bool(false),
            _ => return Err(format!("{text:?} is neither yes nor no")),
        },
        FieldKind::Uint32 => Value::U32(
            text.parse()
                .map_err(|_| format!("{text:?} is no whole number"))?,
        ),
        FieldKind::Bytes => Value::Bytes(
            hex::decode(text)
                .map_err(|_| format!("{text:?} is not hexadecimal"))?
                .into(),
        ),
        FieldKind::Enum(names) => {
            let wanted = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
            let number = names.values().map(|value| value.number()).find(|number| {
                *number != 0 && short_value_name(field, *number).as_deref() == Some(wanted.as_str())
            });
            let full = names.get_value_by_name(text).map(|value| value.number());
            Value::EnumNumber(number.or(full).ok_or_else(|| {
                let known: Vec<String> = names
                    .values()
                    .filter(|value| value.number() != 0)
                    .filter_map(|value| short_value_name(field, value.number()))
                    .collect();
                format!("{text:?} is none of {}", known.join(", "))
            })?)
        }
        _ => return Err(format!("{} is not read from tables", field.name())),
    })
}

/// Reads a field as a whole.
fn whole(here: &mut DynamicMessage, field: &FieldDescriptor, text: &str) -> Result<(), String> {
    let object = format!("{{{:?}:{text}}}", field.name());
    let mut source = serde_json::Deserializer::from_str(&object);
    let read = DynamicMessage::deserialize(field.parent_message().clone(), &mut source)
        .and_then(|read| source.end().map(|()| read))
        .map_err(|error| format!("is not {} in JSON: {}", field.name(), reason_alone(&error)))?;
    if read.fields().any(|(other, _)| other != *field) {
        return Err(format!("holds more than {}", field.name()));
    }
    here.set_field(field, read.get_field(field).into_owned());
    Ok(())
}

/// Drops the parts of lists that no cell has filled.
pub(super) fn drop_empty_items(message: &mut DynamicMessage) {
    let filled: Vec<FieldDescriptor> = message.fields().map(|(field, _)| field).collect();
    for field in filled.iter().filter(|field| message_of(field).is_some()) {
        match message.get_field_mut(field) {
            Value::Message(inner) => drop_empty_items(inner),
            Value::List(items) => {
                for item in items.iter_mut().filter_map(Value::as_message_mut) {
                    drop_empty_items(item);
                }
                items.retain(|item| {
                    item.as_message()
                        .is_none_or(|item| item.fields().next().is_some())
                });
            }
            _ => {}
        }
    }
}
