//! A record as cells: the inverse of reading a row.
//!
//! What is written is read again at once, with what reads a row. A field whose cells do
//! not give back exactly what the record says goes as a whole into one cell, in the JSON
//! form of the schema. So a round trip loses nothing, whatever a record holds.

use std::collections::{BTreeMap, HashMap, btree_map::Entry};

use prost::Message as _;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind as FieldKind, ReflectMessage as _, SerializeOptions,
    Value,
};
use wpsx_proto::{
    api::record::v1 as api,
    record::{
        LanguageTag,
        schema::{FieldRules, short_value_name},
    },
};

use super::safe;
use crate::{
    shape::{Shape, is_text, message_of},
    target::{MAX_INDEX, Target, WHOLE, drop_empty_items},
};

/// One cell of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// Sorts cells as their columns stand: fields by number, English before other languages.
    pub(super) key: String,
    /// The field's path: `period.start`.
    pub(super) path: String,
    pub(super) text: String,
    /// Software may count with it.
    pub(super) number: bool,
}

/// What a record says in one field.
#[derive(Clone, Debug)]
pub(super) struct Flat {
    /// Where the field stands among the fields of its kind.
    pub(super) order: u32,
    pub(super) name: String,
    pub(super) said: Said,
    /// All of it in one cell, where cells of its own have no room.
    pub(super) whole: String,
}

#[derive(Clone, Debug)]
pub(super) enum Said {
    /// In cells of its own.
    Cells(Vec<Cell>),
    /// A list of parts: the cells of each, with paths that leave the position out.
    Parts(Vec<Vec<Cell>>),
    /// In one cell.
    Whole,
}

/// A record as cells.
#[derive(Clone, Debug)]
pub(super) struct FlatRecord {
    pub(super) external_id: String,
    pub(super) fields: Vec<Flat>,
    /// It holds fields that these descriptors do not have.
    pub(super) has_unread: bool,
}

/// Turns records of one kind into cells.
pub(super) struct Flattener {
    shape: Shape,
    /// Only the fields that all kinds have.
    shared_alone: bool,
    /// Every path is looked up once.
    targets: HashMap<String, Option<Target>>,
}

impl Flattener {
    pub(super) fn new(shape: Shape) -> Self {
        Self {
            shape,
            shared_alone: false,
            targets: HashMap::new(),
        }
    }

    /// One that leaves out what a kind adds, so that records of several kinds have the same
    /// fields.
    pub(super) fn of_shared(shape: Shape) -> Self {
        Self {
            shared_alone: true,
            ..Self::new(shape)
        }
    }

    pub(super) fn record(&mut self, payload: &[u8]) -> Result<FlatRecord, String> {
        let mut message = DynamicMessage::decode(self.shape.record().clone(), payload)
            .map_err(|error| error.to_string())?;
        let has_unread = drop_unread(&mut message);
        let body = message.get_field(self.shape.body()).into_owned();
        let mut fields = Vec::new();
        let shape = self.shape.clone();
        for (order, field) in (0..).zip(shape.fields()) {
            let own = field.parent_message() != shape.record();
            if own && self.shared_alone {
                continue;
            }
            let holder = match body.as_message() {
                Some(body) if own => body,
                _ => &message,
            };
            if holder.has_field(&field) && !is_id(&shape, &field) {
                fields.push(self.field(order, holder, &field)?);
            }
        }
        let external_id = message
            .get_field_by_name("external_id")
            .and_then(|id| id.as_str().map(str::to_owned))
            .unwrap_or_default();
        Ok(FlatRecord {
            external_id,
            fields,
            has_unread,
        })
    }

    fn field(
        &mut self,
        order: u32,
        holder: &DynamicMessage,
        field: &FieldDescriptor,
    ) -> Result<Flat, String> {
        let value = holder.get_field(field);
        let name = self.shape.path_of(field);
        Ok(Flat {
            order,
            said: self.said(field, &name, &value).unwrap_or(Said::Whole),
            name,
            whole: whole_text(field, &value)?,
        })
    }

    /// None when cells cannot say it.
    fn said(&mut self, field: &FieldDescriptor, name: &str, value: &Value) -> Option<Said> {
        let items = match value {
            Value::List(items) if message_of(field).is_some() && !is_text(field) => items,
            value => {
                let mut cells = Vec::new();
                add(field, value, "", name, &mut cells)?;
                cells.sort_by(|a, b| a.key.cmp(&b.key));
                let read = self.read(field, &cells, |cell| cell.path.clone())?;
                let same = bytes_of(field, &in_order(&read)) == bytes_of(field, &in_order(value));
                return same.then_some(Said::Cells(cells));
            }
        };
        let mut parts = Vec::with_capacity(items.len());
        for item in items {
            let mut cells = Vec::new();
            add_message(item.as_message()?, "", name, &mut cells)?;
            cells.sort_by(|a, b| a.key.cmp(&b.key));
            let first = |cell: &Cell| numbered(name, &cell.path, 0);
            let read = self.read(field, &cells, first)?;
            if bytes_of(field, &read) != bytes_of(field, &Value::List(vec![item.clone()])) {
                return None;
            }
            parts.push(cells);
        }
        Some(Said::Parts(parts))
    }

    /// What a row with these cells would say in the field.
    fn read(
        &mut self,
        field: &FieldDescriptor,
        cells: &[Cell],
        path: impl Fn(&Cell) -> String,
    ) -> Option<Value> {
        let mut message = self.shape.empty();
        for cell in cells {
            if !safe::is_plain(&cell.text) {
                return None;
            }
            let path = path(cell);
            let target = match self.targets.entry(path) {
                std::collections::hash_map::Entry::Occupied(found) => found.into_mut(),
                std::collections::hash_map::Entry::Vacant(new) => {
                    let found = Target::find_in(&self.shape, new.key()).ok();
                    new.insert(found)
                }
            };
            target.as_ref()?.fill_cell(&mut message, &cell.text).ok()?;
        }
        drop_empty_items(&mut message);
        if field.parent_message() == self.shape.record() {
            return Some(message.get_field(field).into_owned());
        }
        let body = message.get_field(self.shape.body());
        Some(body.as_message()?.get_field(field).into_owned())
    }
}

/// `facts`, `.values` and 2 as `facts.2.values`.
pub(super) fn numbered(field: &str, path: &str, at: usize) -> String {
    let rest = path.strip_prefix(field).unwrap_or(path);
    format!("{field}.{at}{rest}")
}

fn is_id(shape: &Shape, field: &FieldDescriptor) -> bool {
    field.parent_message() == shape.record() && field.name() == "external_id"
}

/// Adds the cells of a field; none when no cells can say it.
fn add(
    field: &FieldDescriptor,
    value: &Value,
    key: &str,
    path: &str,
    cells: &mut Vec<Cell>,
) -> Option<()> {
    let mut push = |text: String, number| {
        cells.push(Cell {
            key: key.to_owned(),
            path: path.to_owned(),
            text,
            number,
        });
    };
    match value {
        Value::Message(message) => add_message(message, key, path, cells)?,
        Value::List(items) if is_text(field) => {
            for text in items {
                add_text(text.as_message()?, key, path, cells)?;
            }
        }
        Value::List(items) if message_of(field).is_some() => {
            if items.len() > MAX_INDEX + 1 {
                return None;
            }
            for (at, item) in items.iter().enumerate() {
                let (key, path) = (format!("{key}/{at:02}"), format!("{path}.{at}"));
                add_message(item.as_message()?, &key, &path, cells)?;
            }
        }
        Value::List(items) => {
            let texts: Option<Vec<String>> = items.iter().map(|item| scalar(field, item)).collect();
            push(texts?.join(" | "), false);
        }
        value => push(scalar(field, value)?, is_number(field)),
    }
    Some(())
}

fn add_message(
    message: &DynamicMessage,
    key: &str,
    path: &str,
    cells: &mut Vec<Cell>,
) -> Option<()> {
    let descriptor = message.descriptor();
    let is_date = descriptor.name() == "Date";
    if is_date {
        let date = api::Date::decode(message.encode_to_vec().as_slice()).ok()?;
        cells.push(Cell {
            key: key.to_owned(),
            path: path.to_owned(),
            text: date.to_string(),
            number: false,
        });
    }
    for (field, value) in message.fields() {
        if is_date && matches!(field.name(), "value" | "sense") {
            continue;
        }
        let (key, path) = (
            format!("{key}/{:05}", field.number()),
            format!("{path}.{}", field.name()),
        );
        add(&field, value, &key, &path, cells)?;
    }
    Some(())
}

/// A text and what is said of it, under its language.
fn add_text(message: &DynamicMessage, key: &str, path: &str, cells: &mut Vec<Cell>) -> Option<()> {
    let language = message.get_field_by_name("language")?;
    let language = language.as_str()?;
    let tag: LanguageTag = language.parse().ok()?;
    if tag.as_str() != language {
        return None;
    }
    let place = if language == "en" { "" } else { language };
    for (field, value) in message.fields() {
        let key = format!("{key}/{place}/{:05}", field.number());
        let path = match field.name() {
            "language" => continue,
            "text" => format!("{path}.{language}"),
            name => format!("{path}.{language}.{name}"),
        };
        add(&field, value, &key, &path, cells)?;
    }
    Some(())
}

fn scalar(field: &FieldDescriptor, value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::EnumNumber(number) => short_value_name(field, *number)?,
        Value::Bytes(bytes) => hex::encode(bytes),
        Value::U32(number) => number.to_string(),
        Value::I32(number) => number.to_string(),
        Value::U64(number) => number.to_string(),
        Value::I64(number) => number.to_string(),
        _ => return None,
    })
}

/// A spreadsheet may count with it.
pub(super) fn is_number(field: &FieldDescriptor) -> bool {
    match field.kind() {
        FieldKind::Uint32 | FieldKind::Int32 | FieldKind::Uint64 | FieldKind::Int64 => true,
        FieldKind::String => matches!(
            FieldRules::of(field).form,
            api::Form::Decimal | api::Form::Number
        ),
        _ => false,
    }
}

/// A field's value in the JSON form of the schema, in characters that every file keeps.
fn whole_text(field: &FieldDescriptor, value: &Value) -> Result<String, String> {
    let mut holder = DynamicMessage::new(field.parent_message().clone());
    holder.set_field(field, value.clone());
    let options = SerializeOptions::new().use_proto_field_name(true);
    let json = holder
        .serialize_with_options(serde_json::value::Serializer, &options)
        .map_err(|error| error.to_string())?;
    Ok(safe::plain_json(&json[field.name()].to_string()))
}

fn bytes_of(field: &FieldDescriptor, value: &Value) -> Vec<u8> {
    let mut holder = DynamicMessage::new(field.parent_message().clone());
    holder.set_field(field, value.clone());
    holder.encode_to_vec()
}

/// The same with texts in the order of their languages. The languages of a field have no
/// order of their own: a row laid over its record leaves them where they are.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Message(message) => {
            let mut message = message.clone();
            let fields: Vec<_> = message.fields().map(|(field, _)| field).collect();
            for field in fields.iter().filter(|field| message_of(field).is_some()) {
                let ordered = in_order(&message.get_field(field));
                if !field.is_list() || is_text(field) {
                    message.set_field(field, ordered);
                }
            }
            Value::Message(message)
        }
        Value::List(items) => {
            let mut by_language: BTreeMap<String, Value> = BTreeMap::new();
            for item in items {
                let language = item
                    .as_message()
                    .filter(|text| text.descriptor().name() == "Text")
                    .and_then(|text| text.get_field_by_name("language"))
                    .and_then(|language| language.as_str().map(str::to_owned));
                match language.map(|language| by_language.entry(language)) {
                    Some(Entry::Vacant(new)) => new.insert(item.clone()),
                    _ => return value.clone(),
                };
            }
            Value::List(by_language.into_values().collect())
        }
        value => value.clone(),
    }
}

/// Takes out what the descriptors do not have; true if there was something.
fn drop_unread(message: &mut DynamicMessage) -> bool {
    let mut found = message.take_unknown_fields().count() > 0;
    let fields: Vec<_> = message.fields().map(|(field, _)| field).collect();
    for field in fields.iter().filter(|field| message_of(field).is_some()) {
        match message.get_field_mut(field) {
            Value::Message(inner) => found |= drop_unread(inner),
            Value::List(items) => {
                for item in items.iter_mut().filter_map(Value::as_message_mut) {
                    found |= drop_unread(item);
                }
            }
            _ => {}
        }
    }
    found
}

/// The path of the column that holds a field as a whole.
pub(super) fn whole_path(field: &str) -> String {
    format!("{field}{WHOLE}")
}

#[cfg(test)]
mod tests {
    use wpsx_proto::record::{Kind, Record};

    use super::*;

    #[test]
    fn a_field_of_a_kind_that_all_records_have_too_is_told_apart() {
        let record = Record::from_json(
            r#"{"external_id": "c", "title": [{"language": "en", "text": "T"}],
                "claims": [{"field": "a", "value": "shared"}],
                "claim": {"claims": [{"field": "b", "value": "own"}]}}"#,
        )
        .unwrap();
        let shape = Shape::of(Kind::new(20)).unwrap();
        let flat = Flattener::new(shape).record(record.payload()).unwrap();
        let names: Vec<&str> = flat.fields.iter().map(|flat| flat.name.as_str()).collect();
        assert_eq!(names, ["title", "claims", "claim.claims"]);
        for flat in &flat.fields[1..] {
            assert!(matches!(flat.said, Said::Parts(_)), "{flat:?}");
        }
    }
}
