//! Paths of fields, such as `status_history.1.status`, said in the reader's language, and
//! the value that a record has there.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind as Type, MessageDescriptor, Value};
use wpsx_proto::record::{Kind, Record, schema::record_message};

use crate::texts::Voice;

/// Steps of a path that are followed.
const DEEPEST: usize = 12;
const BETWEEN: &str = " – ";

/// A field by its path.
pub(crate) struct Named {
    /// What it is called: `Status history – 2 – Status`.
    pub(crate) label: String,
    /// The last field of the path, where the schema has it.
    pub(crate) field: Option<FieldDescriptor>,
}

/// What a path of a record of this kind is called. What the schema does not have stays as
/// it is written.
pub(crate) fn named(path: &str, kind: Kind, voice: Voice<'_>) -> Named {
    let (mut labels, mut last): (Vec<String>, Option<FieldDescriptor>) = (Vec::new(), None);
    let mut message = Some(record_message());
    for (at, step) in path.split('.').take(DEEPEST).enumerate() {
        let field = message
            .as_ref()
            .and_then(|message| field(message, step, kind));
        if let Some(field) = field {
            message = inside(&field);
            if field.containing_oneof().is_none() || path == step {
                labels.push(voice.field(&field).text.into_owned());
            }
            last = Some(field);
        } else if let Ok(place) = step.parse::<usize>()
            && at > 0
        {
            labels.push(voice.number((place as u64).saturating_add(1)));
        } else if is_text(last.as_ref()) {
            labels.push(voice.code("languages", step).text.into_owned());
            // Behind its language stands how the text came to be in it.
            message = last.as_ref().and_then(inside);
        } else {
            labels.push(step.to_owned());
            (message, last) = (None, None);
        }
    }
    Named {
        label: labels.join(BETWEEN),
        field: last,
    }
}

/// The field at a path and what the record says there, which may be nothing.
pub(crate) fn value_at(record: &Record, path: &str) -> Option<(FieldDescriptor, Option<Value>)> {
    let payload = record.payload().clone();
    let mut message = DynamicMessage::decode(record_message(), payload).ok();
    let mut descriptor = Some(record_message());
    let mut found: Option<(FieldDescriptor, Option<Value>)> = None;
    for step in path.split('.').take(DEEPEST) {
        if let (Ok(place), Some((_, Some(Value::List(values))))) = (step.parse::<usize>(), &found) {
            let value = values.get(place).cloned();
            message = value.as_ref().and_then(|value| value.as_message().cloned());
            let field = found.take()?.0;
            found = Some((field, value));
            continue;
        }
        let field = field(descriptor.as_ref()?, step, record.kind())?;
        if let Some(body) = record.kind().body_field()
            && descriptor.as_ref() == Some(&record_message())
            && field.parent_message() != &record_message()
        {
            let inner = message
                .as_ref()
                .map(|message| message.get_field(&body).into_owned());
            message = inner.and_then(|value| value.as_message().cloned());
        }
        let value = message
            .as_ref()
            .filter(|message| message.has_field(&field))
            .map(|message| message.get_field(&field).into_owned());
        message = value.as_ref().and_then(|value| value.as_message().cloned());
        descriptor = inside(&field);
        found = Some((field, value));
    }
    found
}

/// The first kind whose records have a field at a path, where nobody says which is meant.
pub(crate) fn kind_of(path: &str) -> Option<Kind> {
    Kind::known().find(|kind| {
        let mut message = Some(record_message());
        let steps = path.split('.').take(DEEPEST);
        let mut steps = steps.filter(|step| step.parse::<usize>().is_err());
        steps.all(|step| {
            let found = message.take().and_then(|it| field(&it, step, *kind));
            message = found.as_ref().and_then(inside);
            found.is_some()
        })
    })
}

/// A path without the name of the body, so that both spellings are one.
pub(crate) fn normal(path: &str, kind: Kind) -> String {
    let body = kind.body_field();
    let within = body.and_then(|body| {
        let rest = path.strip_prefix(body.name())?;
        rest.strip_prefix('.').map(str::to_owned)
    });
    within.unwrap_or_else(|| path.to_owned())
}

/// The field of that name; of a record also one of its body.
fn field(message: &MessageDescriptor, name: &str, kind: Kind) -> Option<FieldDescriptor> {
    let own = message.get_field_by_name(name);
    own.or_else(|| {
        let is_record = *message == record_message();
        let body = kind.body_field().filter(|_| is_record)?;
        inside(&body)?.get_field_by_name(name)
    })
}

fn inside(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    match field.kind() {
        Type::Message(message) => Some(message),
        _ => None,
    }
}

fn is_text(field: Option<&FieldDescriptor>) -> bool {
    let message = field.and_then(inside);
    message.is_some_and(|message| message.name() == "Text")
}

#[cfg(test)]
mod tests {
    use wpsx_words::{Language, Vocabularies, Words};

    use super::*;

    fn voice(vocabularies: &Vocabularies) -> Voice<'_> {
        Voice {
            language: Language::English,
            words: Words::shipped(),
            vocabularies,
        }
    }

    #[test]
    fn a_path_is_said_by_the_labels_of_its_fields() {
        let vocabularies = Vocabularies::shipped();
        let said = |path| named(path, Kind::NATIONAL_ACTION_PLAN, voice(&vocabularies)).label;
        assert_eq!(said("title.fr"), "Title – French");
        let how = said("title.fr.kind");
        assert!(
            how.starts_with("Title – French – ") && !how.ends_with("kind"),
            "{how}"
        );
        assert_eq!(
            said("status_history.1.status"),
            "Status history – 2 – Status"
        );
        assert_eq!(said("national_action_plan.period.end"), said("period.end"));
        assert_eq!(said("no_such.thing"), "no_such – thing");
        assert_eq!(said("").trim(), "");
    }

    #[test]
    fn what_a_record_says_at_a_path_is_found_by_both_spellings() {
        let record = Record::from_json(
            r#"{"title": [{"language": "en", "text": "T"}],
                "national_action_plan": {"period": {"end": {"value": "2024"}},
                    "status_history": [{"status": "PLAN_STATUS_ADOPTED"}]}}"#,
        )
        .unwrap();
        for path in [
            "period.end",
            "national_action_plan.period.end",
            "status_history.0.status",
        ] {
            let (_, value) = value_at(&record, path).unwrap();
            assert!(value.is_some(), "{path}");
        }
        assert!(value_at(&record, "launched").unwrap().1.is_none());
        assert!(
            value_at(&record, "status_history.4.status")
                .unwrap()
                .1
                .is_none()
        );
        assert!(value_at(&record, "number of plans").is_none());
        assert_eq!(
            normal("national_action_plan.period", record.kind()),
            "period"
        );
    }
}
