//! Whose text a record tells of, and when that text dates from, by what the schema says of its
//! fields. Who published the record is neither: a secretariat that keeps a State's plan has not
//! written it.

use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use wpsx_proto::{
    api::record::v1::Use,
    record::{
        Date, Record,
        schema::{kind_use_of, use_of},
    },
};

use crate::{
    fields::{body_of, message_of, part, parts, string},
    names::called,
    plain::one_line,
    texts::Voice,
};

/// Authors that are named.
const MOST: usize = 10;
/// A date that was planned and may never have come: a number of `wpsx.record.v1.DateSense`.
const PLANNED: i32 = 4;

/// What is cited when a record is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    /// Empty where the record does not say.
    pub(crate) authors: Vec<String>,
    /// As precise as it is known.
    pub(crate) date: Option<Date>,
    /// What managers of references call its type (RIS): `RPRT`, `LEGAL`.
    pub(crate) reference_type: String,
    /// The record is kept by its publisher for somebody else.
    pub(crate) in_custody: bool,
}

/// Whose words a title is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worded {
    /// The author's.
    Original,
    /// Those of whoever made the record.
    ByPublisher,
    /// Those of this site.
    Here,
    /// A translator's, or nobody says.
    Otherwise,
}

impl Text {
    pub(crate) fn of(record: &Record, voice: Voice<'_>) -> Self {
        let (Some(message), Some(body)) = (message_of(record), body_of(record)) else {
            return Self::default();
        };
        let kind = kind_use_of(&body.descriptor());
        let countries = || countries_of(&message, voice);
        let bodies = || bodies_of(&body, voice);
        // Who holds a record for somebody says whose it is.
        let held_for = || {
            let custody = part(&message, "custody");
            custody.map_or_else(Vec::new, |custody| match names(&custody, "bodies", voice) {
                bodies if bodies.is_empty() => countries_of(&custody, voice),
                bodies => bodies,
            })
        };
        // How its source asks to be named.
        let attributed = || match one_line(&string(&message, "attribution")) {
            said if said.is_empty() => Vec::new(),
            said => vec![said],
        };
        let own = || names(&message, "organisations", voice);
        let authors = match (kind.cited_as_its_countrys, kind.of_an_organisation) {
            (true, _) => first(&[&countries, &bodies, &held_for]),
            (_, true) => first(&[&own, &bodies, &attributed, &held_for]),
            _ => first(&[&bodies, &attributed, &held_for]),
        };
        Self {
            authors,
            date: date_of(&body).or_else(|| date_of(&message)),
            reference_type: kind.cited_as,
            in_custody: part(&message, "custody").is_some(),
        }
    }
}

/// The first list that names anybody.
fn first(lists: &[&dyn Fn() -> Vec<String>]) -> Vec<String> {
    let found = lists.iter().map(|list| list()).find(|it| !it.is_empty());
    let mut found = found.unwrap_or_default();
    found.truncate(MOST);
    found
}

fn countries_of(message: &DynamicMessage, voice: Voice<'_>) -> Vec<String> {
    let codes = message.get_field_by_name("countries");
    let codes = codes
        .as_deref()
        .and_then(Value::as_list)
        .unwrap_or_default();
    let codes = codes.iter().filter_map(Value::as_str);
    codes
        .map(|code| voice.country(code).text.into_owned())
        .collect()
}

fn marked(
    message: &DynamicMessage,
    is_marked: impl Fn(&Use) -> bool,
) -> impl Iterator<Item = FieldDescriptor> {
    let fields = message.descriptor().fields().collect::<Vec<_>>();
    fields
        .into_iter()
        .filter(move |field| is_marked(use_of(field)))
}

fn bodies_of(body: &DynamicMessage, voice: Voice<'_>) -> Vec<String> {
    let fields = marked(body, |said| said.cited_as_author);
    fields
        .flat_map(|field| names(body, field.name(), voice))
        .collect()
}

/// The names of the bodies in a field.
fn names(message: &DynamicMessage, field: &str, voice: Voice<'_>) -> Vec<String> {
    let bodies = parts(message, field);
    bodies.iter().filter_map(|it| name(it, voice)).collect()
}

/// A body's name, behind its State's where it says which that is: a ministry of defence is
/// nobody's without.
fn name(body: &DynamicMessage, voice: Voice<'_>) -> Option<String> {
    let texts = parts(body, "name");
    let of = |tag: &str| texts.iter().find(|text| string(text, "language") == tag);
    let text = of(voice.language.tag())
        .or_else(|| of("en"))
        .or_else(|| texts.first());
    let own = text.map(|text| string(text, "text"));
    let own = own.unwrap_or_else(|| string(body, "acronym"));
    let own = called(&own, voice);
    let country = match string(body, "country") {
        code if code.is_empty() => code,
        code => voice.country(&code).text.into_owned(),
    };
    match (country.is_empty(), own.is_empty()) {
        (true, true) => None,
        (true, false) => Some(own),
        (false, true) => Some(country),
        // A State may be a body itself.
        (false, false) if own.contains(&country) => Some(own),
        (false, false) => Some(format!("{country}, {own}")),
    }
}

/// The first marked field that says when.
fn date_of(message: &DynamicMessage) -> Option<Date> {
    marked(message, |said| said.cited_as_date)
        .filter_map(|field| part(message, field.name()))
        .find_map(|said| match said.descriptor().name() {
            "Period" => value(&part(&said, "start")?),
            _ if is_planned(&said) => None,
            _ => value(&said),
        })
}

fn is_planned(date: &DynamicMessage) -> bool {
    let sense = date.get_field_by_name("sense");
    sense.and_then(|sense| sense.as_enum_number()) == Some(PLANNED)
}

fn value(date: &DynamicMessage) -> Option<Date> {
    string(date, "value").parse().ok()
}
