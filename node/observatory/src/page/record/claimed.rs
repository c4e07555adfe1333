//! The value of a claim as the page shows that of the record itself: a claim is a text, and
//! what field it is about says what it may be read as. What fits no field stands as worded.

use maud::Markup;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind as Type, MessageDescriptor, ReflectMessage as _, Value,
};
use wpsx_proto::{
    api::record::v1::Form,
    record::{
        Date, is_currency,
        schema::{FieldRules, short_value_name, use_of},
    },
};
use wpsx_words::facets;

use crate::{body::Writes as _, body::state::is_basis, pen::Pen};

/// Signs that stand between the beginning and the end of a period.
const BETWEEN: [char; 3] = ['/', '–', '-'];

/// What is claimed of a field, if it is known which.
pub(super) fn claimed(field: Option<&FieldDescriptor>, text: &str, pen: Pen<'_>) -> Markup {
    match field.and_then(|field| read(field, text.trim(), pen)) {
        Some((field, value)) => pen.small(&field, &value),
        None => pen.unsaid(text),
    }
}

/// The text as a value of the field, or of the part of a history that says what is so.
fn read(field: &FieldDescriptor, text: &str, pen: Pen<'_>) -> Option<(FieldDescriptor, Value)> {
    let value = match field.kind() {
        Type::Enum(_) => match enum_value(field, text) {
            Some(value) => Some(value),
            // A word that the schema has for the same of other kinds has a name there.
            None => return read_elsewhere(field, text),
        },
        Type::Message(part) if use_of(field).newest_last => {
            let mut fields = part.fields();
            let says = fields.find(|it| !use_of(it).facet.is_empty() && !is_basis(it))?;
            return read(&says, text, pen);
        }
        Type::Message(part) if !field.is_list() => of_part(&part, text).map(Value::Message),
        Type::String if !field.is_list() => string(field, text, pen),
        Type::Uint32 => text.parse().ok().map(Value::U32),
        _ => None,
    };
    Some((field.clone(), value?))
}

/// The text as a value of another field that is counted under the same.
fn read_elsewhere(field: &FieldDescriptor, text: &str) -> Option<(FieldDescriptor, Value)> {
    let facet = &use_of(field).facet;
    let fields = facets::fields(None, facet).into_iter();
    let mut fields = fields.filter(|_| !facet.is_empty());
    fields.find_map(|other| {
        let value = enum_value(&other, text)?;
        Some((other, value))
    })
}

fn enum_value(field: &FieldDescriptor, text: &str) -> Option<Value> {
    let Type::Enum(values) = field.kind() else {
        return None;
    };
    let written = text.to_ascii_lowercase().replace(['-', ' '], "_");
    let is_it = |number: &i32| {
        let short = short_value_name(field, *number);
        let full = values.get_value(*number);
        short.is_some_and(|short| short == written) || full.is_some_and(|it| it.name() == text)
    };
    let mut numbers = values.values().map(|value| value.number());
    numbers.find(is_it).map(Value::EnumNumber)
}

fn string(field: &FieldDescriptor, text: &str, pen: Pen<'_>) -> Option<Value> {
    let vocabulary = &use_of(field).vocabulary;
    let fits = match FieldRules::of(field).form {
        Form::Number | Form::Decimal => text.parse::<f64>().is_ok_and(f64::is_finite),
        Form::Date => text.parse::<Date>().is_ok(),
        _ => {
            let terms = pen.voice.vocabularies.get_or_empty(vocabulary);
            !vocabulary.is_empty() && terms.term(text).is_some()
        }
    };
    fits.then(|| Value::String(text.to_owned()))
}

fn of_part(part: &MessageDescriptor, text: &str) -> Option<DynamicMessage> {
    let mut read = DynamicMessage::new(part.clone());
    let text = match part.name() {
        "Date" if text.parse::<Date>().is_ok() => [("value", text), ("", "")],
        "Amount" => {
            let (currency, value) = text.split_once(' ')?;
            value
                .parse::<f64>()
                .ok()
                .filter(|_| is_currency(currency))?;
            [("currency", currency), ("value", value)]
        }
        "Period" => return period(read, text),
        _ => return None,
    };
    for (name, value) in text.into_iter().filter(|(name, _)| !name.is_empty()) {
        read.try_set_field_by_name(name, Value::String(value.to_owned()))
            .ok()?;
    }
    Some(read)
}

/// `2008-2012`, `2016-09/2020`.
fn period(mut period: DynamicMessage, text: &str) -> Option<DynamicMessage> {
    let date = period.descriptor().get_field_by_name("start")?;
    let date = date.kind().as_message()?.clone();
    let mut places = text.match_indices(BETWEEN);
    let (start, end) = places.find_map(|(at, sign)| {
        let ends = (&text[..at], &text[at + sign.len()..]);
        let are_dates = [ends.0, ends.1].map(|end| end.trim().parse::<Date>());
        matches!(are_dates, [Ok(start), Ok(end)] if start.first_day() <= end.first_day())
            .then_some(ends)
    })?;
    for (name, end) in [("start", start), ("end", end)] {
        let end = Value::Message(of_part(&date, end.trim())?);
        period.try_set_field_by_name(name, end).ok()?;
    }
    Some(period)
}
