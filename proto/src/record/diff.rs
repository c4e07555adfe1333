//! What changed between two versions of a record, field by field over the schema.
//!
//! Paths and values are those that people read elsewhere: a kind's own fields without the
//! name of the body, a text by its language, a date as one value. Of a list of parts only
//! the stretch that differs is compared, place by place, so that a part that was put in or
//! taken out in the middle does not make all after it look changed.

use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};

use super::{
    Record,
    view::{self, scalar},
};

/// A field that two versions of a record do not say the same of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The field, such as `title.en`, `period.start` or `status_history.1.status`.
    pub path: String,
    /// What the older version says; none: nothing, so the field was added.
    pub before: Option<String>,
    /// What the newer version says; none: nothing, so the field was removed.
    pub after: Option<String>,
}

impl FieldChange {
    /// The field had no value before.
    #[must_use]
    pub fn is_added(&self) -> bool {
        self.before.is_none()
    }

    /// The field has no value any more.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.after.is_none()
    }
}

impl Record {
    /// What `after` says otherwise than this one, in the order of the schema.
    #[must_use]
    pub fn changes_to(&self, after: &Self) -> Vec<FieldChange> {
        match (self.dynamic(), after.dynamic()) {
            (Ok(before), Ok(after)) => changes(&before, &after),
            _ => Vec::new(),
        }
    }

    /// Every field with its value, as what is added where there was no record before.
    #[must_use]
    pub fn all_added(&self) -> Vec<FieldChange> {
        let none = DynamicMessage::new(super::schema::record_message());
        self.dynamic()
            .map(|after| changes(&none, &after))
            .unwrap_or_default()
    }
}

/// What two messages of one type say differently.
#[must_use]
pub fn changes(before: &DynamicMessage, after: &DynamicMessage) -> Vec<FieldChange> {
    let mut found = Vec::new();
    if let (Some(before), Some(after)) = (kind(before), kind(after))
        && before != after
    {
        found.push(FieldChange {
            path: "kind".to_owned(),
            before: Some(before),
            after: Some(after),
        });
    }
    compare("", before, after, &mut found);
    found
}

/// The kind of a record by its name; none of another message.
fn kind(message: &DynamicMessage) -> Option<String> {
    let mut fields = message.fields();
    let (body, _) = fields.find(|(field, _)| is_body(field))?;
    Some(body.name().replace('_', "-"))
}

/// Whether it is the part of a record that its kind is named by.
fn is_body(field: &FieldDescriptor) -> bool {
    let of_record = field.parent_message() == &super::schema::record_message();
    of_record && field.containing_oneof().is_some()
}

/// The values of a field in two versions.
type Pair<'a> = (Option<&'a Value>, Option<&'a Value>);

fn compare(path: &str, before: &DynamicMessage, after: &DynamicMessage, to: &mut Vec<FieldChange>) {
    for field in after.descriptor().fields() {
        let pair = (value(before, &field), value(after, &field));
        let (Some(before), Some(after)) = (pair.0.as_deref(), pair.1.as_deref()) else {
            let pair = (pair.0.as_deref(), pair.1.as_deref());
            if pair != (None, None) {
                compare_field(path, &field, pair, to);
            }
            continue;
        };
        if before != after {
            compare_field(path, &field, (Some(before), Some(after)), to);
        }
    }
    compare_unread(path, before, after, to);
}

fn value<'a>(
    message: &'a DynamicMessage,
    field: &FieldDescriptor,
) -> Option<std::borrow::Cow<'a, Value>> {
    message.has_field(field).then(|| message.get_field(field))
}

fn compare_field(path: &str, field: &FieldDescriptor, pair: Pair<'_>, to: &mut Vec<FieldChange>) {
    let is_body = path.is_empty() && field.containing_oneof().is_some();
    let here = match (path, is_body) {
        // The kind's own fields stand without the name of the body.
        (_, true) => String::new(),
        ("", _) => field.name().to_owned(),
        (path, _) => format!("{path}.{}", field.name()),
    };
    let lists = (
        pair.0.and_then(Value::as_list),
        pair.1.and_then(Value::as_list),
    );
    match lists {
        (None, None) => compare_values(&here, field, pair, to),
        (before, after) => {
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            compare_lists(&here, field, before, after, to);
        }
    }
}

fn compare_values(path: &str, field: &FieldDescriptor, pair: Pair<'_>, to: &mut Vec<FieldChange>) {
    let messages = (
        pair.0.and_then(Value::as_message),
        pair.1.and_then(Value::as_message),
    );
    let whole = |message: Option<&DynamicMessage>| message.and_then(view::whole);
    match messages {
        (None, None) => {
            let said = |value: Option<&Value>| value.map(|value| scalar(field, value));
            note(path, said(pair.0), said(pair.1), to);
        }
        (before, after) if before.or(after).is_some_and(view::is_whole) => {
            note(path, whole(before), whole(after), to);
            if let (Some(before), Some(after)) = (before, after) {
                compare_unread(path, before, after, to);
            }
        }
        (before, after) => {
            let none = before
                .or(after)
                .map(|message| DynamicMessage::new(message.descriptor()));
            if let Some(none) = none {
                let before_count = to.len();
                compare(path, before.unwrap_or(&none), after.unwrap_or(&none), to);
                // A part without content may be said or not, and that is a difference too.
                if to.len() == before_count && !path.is_empty() {
                    let said = |part: Option<&DynamicMessage>| part.map(|_| "(empty)".to_owned());
                    note(path, said(before), said(after), to);
                }
            }
        }
    }
}

fn compare_lists(
    path: &str,
    field: &FieldDescriptor,
    before: &[Value],
    after: &[Value],
    to: &mut Vec<FieldChange>,
) {
    if field.kind().as_message().is_none() {
        let said = |values: &[Value]| {
            let texts: Vec<String> = values.iter().map(|value| scalar(field, value)).collect();
            (!texts.is_empty()).then(|| texts.join(" | "))
        };
        return note(path, said(before), said(after), to);
    }
    if let (Some(old), Some(new)) = (by_language(before), by_language(after)) {
        for (language, text) in &old {
            let now = new.iter().find(|(other, _)| other == language);
            let pair = (Some(*text), now.map(|(_, text)| *text));
            compare_text(&format!("{path}.{language}"), field, pair, to);
        }
        for (language, text) in &new {
            if !old.iter().any(|(other, _)| other == language) {
                compare_text(
                    &format!("{path}.{language}"),
                    field,
                    (None, Some(*text)),
                    to,
                );
            }
        }
        return;
    }
    let start = common(before.iter().zip(after));
    let end = common(
        before[start..]
            .iter()
            .rev()
            .zip(after[start..].iter().rev()),
    );
    let (before, after) = (
        &before[start..before.len() - end],
        &after[start..after.len() - end],
    );
    for at in 0..before.len().max(after.len()) {
        let pair = (before.get(at), after.get(at));
        compare_values(&format!("{path}.{}", start + at), field, pair, to);
    }
}

/// Texts are one value each; the rest of one, such as who translated it, is told apart.
fn compare_text(path: &str, field: &FieldDescriptor, pair: Pair<'_>, to: &mut Vec<FieldChange>) {
    let inner = |value: Option<&Value>| value.and_then(Value::as_message).cloned();
    let (before, after) = (inner(pair.0), inner(pair.1));
    let words = |message: &Option<DynamicMessage>| {
        let words = message.as_ref()?.get_field_by_name("text")?;
        words.as_str().map(str::to_owned)
    };
    note(path, words(&before), words(&after), to);
    let Some(descriptor) = field.kind().as_message().cloned() else {
        return;
    };
    let rest = |message: Option<DynamicMessage>| {
        let mut rest = message.unwrap_or_else(|| DynamicMessage::new(descriptor.clone()));
        rest.clear_field_by_name("text");
        rest.clear_field_by_name("language");
        rest
    };
    compare(path, &rest(before), &rest(after), to);
}

/// Texts by their languages; none where these are no texts, or two have one language.
fn by_language(values: &[Value]) -> Option<Vec<(String, &Value)>> {
    let mut found: Vec<(String, &Value)> = Vec::with_capacity(values.len());
    for value in values {
        let message = value
            .as_message()
            .filter(|message| view::is_text(message))?;
        let language = message.get_field_by_name("language")?.as_str()?.to_owned();
        if found.iter().any(|(other, _)| *other == language) {
            return None;
        }
        found.push((language, value));
    }
    Some(found)
}

fn common<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> usize {
    pairs.take_while(|(before, after)| before == after).count()
}

/// Fields of a newer schema, by their numbers.
fn compare_unread(
    path: &str,
    before: &DynamicMessage,
    after: &DynamicMessage,
    to: &mut Vec<FieldChange>,
) {
    let unread = |message: &DynamicMessage| {
        let mut found: Vec<(u32, Vec<u8>)> = Vec::new();
        for field in message.unknown_fields() {
            let mut bytes = Vec::new();
            field.encode(&mut bytes);
            match found
                .iter_mut()
                .find(|(number, _)| *number == field.number())
            {
                Some((_, all)) => all.extend(bytes),
                None => found.push((field.number(), bytes)),
            }
        }
        found
    };
    let (before, after) = (unread(before), unread(after));
    let numbers = before.iter().chain(&after).map(|(number, _)| *number);
    let numbers: std::collections::BTreeSet<u32> = numbers.collect();
    for number in numbers {
        let of = |all: &[(u32, Vec<u8>)]| {
            let found = all.iter().find(|(other, _)| *other == number);
            found.map(|(_, bytes)| bytes.clone())
        };
        let (before, after) = (of(&before), of(&after));
        if before != after {
            let path = match path {
                "" => number.to_string(),
                path => format!("{path}.{number}"),
            };
            let said = |bytes: Option<Vec<u8>>| {
                bytes.map(|bytes| format!("{} bytes of a newer schema", bytes.len()))
            };
            to.push(FieldChange {
                path,
                before: said(before),
                after: said(after),
            });
        }
    }
}

fn note(path: &str, before: Option<String>, after: Option<String>, to: &mut Vec<FieldChange>) {
    if before != after {
        to.push(FieldChange {
            path: path.to_owned(),
            before,
            after,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"{
        "external_id": "a",
        "title": [{"language": "en", "text": "Old"}, {"language": "fr", "text": "Vieux"}],
        "countries": ["KEN", "UGA"],
        "national_action_plan": {
            "period": {"start": {"value": "2018"}, "end": {"value": "2020"}},
            "status_history": [
                {"status": "PLAN_STATUS_ADOPTED", "date": {"value": "2018"}},
                {"status": "PLAN_STATUS_IN_FORCE", "date": {"value": "2019"}}
            ]
        }
    }"#;

    fn record(json: &str) -> Record {
        Record::from_json(json).unwrap()
    }

    fn told(before: &Record, after: &Record) -> Vec<String> {
        let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let changes = before.changes_to(after);
        let lines = changes.iter().map(|change| {
            format!(
                "{}: {} > {}",
                change.path,
                said(&change.before),
                said(&change.after)
            )
        });
        lines.collect()
    }

    #[test]
    fn what_was_added_changed_and_removed_is_told_by_path() {
        let new = r#"{
            "external_id": "a",
            "title": [{"language": "sw", "text": "Mpya"}, {"language": "en", "text": "New"}],
            "countries": ["KEN"],
                "national_action_plan": {
                "period": {"start": {"value": "2018"}, "end": {"value": "2021-05"}},
                "status_history": [
                    {"status": "PLAN_STATUS_IN_FORCE", "date": {"value": "2019"}}
                ]
            }
        }"#;
        assert_eq!(
            told(&record(OLD), &record(new)),
            [
                "title.en: Old > New",
                "title.fr: Vieux > -",
                "title.sw: - > Mpya",
                "countries: KEN | UGA > KEN",
                "period.end: 2020 > 2021-05",
                "status_history.0.status: adopted > -",
                "status_history.0.date: 2018 > -",
            ]
        );
        let record = record(OLD);
        assert!(told(&record, &record).is_empty());
    }

    #[test]
    fn a_field_of_a_newer_schema_that_is_lost_is_told() {
        let old = record(OLD);
        let mut payload = old.payload().to_vec();
        prost::encoding::string::encode(9000, &"new".to_owned(), &mut payload);
        let super::super::Reading::Readable(newer) = Record::read(old.kind().number(), &payload)
        else {
            panic!("it is readable");
        };
        assert_eq!(told(&newer, &old), ["9000: 7 bytes of a newer schema > -"]);
    }

    #[test]
    fn a_new_record_has_all_its_fields_added() {
        let added = record(OLD).all_added();
        assert!(added.iter().all(FieldChange::is_added));
        assert!(
            added
                .iter()
                .any(|change| change.path == "status_history.1.status")
        );
    }
}
