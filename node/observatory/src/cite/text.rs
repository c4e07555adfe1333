//! Whose text a record tells of, and when that text dates from, by what the schema says of its
//! fields. Who published the record is neither: a secretariat that keeps a State's plan has not
//! written it.

use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use wpsx_proto::{
    api::record::v1::{DateSense, PlanStatus, Use},
    record::{
        Date, Record,
        schema::{kind_use_of, use_of},
    },
};

use crate::{
    fields::{body_of, message_of, part, parts, stated, string},
    names::called,
    plain::one_line,
    term::IN_PREPARATION,
    texts::Voice,
};

/// Authors that are named.
const MOST: usize = 10;
/// The state of a policy or law of which there is no text yet.
const IN_DEVELOPMENT: &str = "in-development";
/// States of a plan since whose beginning there is a text.
const BEGUN: [PlanStatus; 2] = [PlanStatus::Adopted, PlanStatus::Launched];

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
    /// Of a record on a day; without one, nothing is known to be still to come.
    pub(crate) fn of(record: &Record, today: Option<&str>, voice: Voice<'_>) -> Self {
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
            date: date_of(&body, today)
                .or_else(|| begun(&body, today))
                .or_else(|| of_whole(&message, &body, today)),
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
fn date_of(message: &DynamicMessage, today: Option<&str>) -> Option<Date> {
    marked(message, |said| said.cited_as_date)
        .filter_map(|field| part(message, field.name()))
        .find_map(|said| match said.descriptor().name() {
            "Period" => come(&part(&said, "start")?, today),
            _ => come(&said, today),
        })
}

/// When the history of a plan says that it was adopted or launched.
fn begun(body: &DynamicMessage, today: Option<&str>) -> Option<Date> {
    let is_begun = |state: &DynamicMessage| {
        let status = stated(state, "status").map(|(_, status)| status);
        BEGUN.iter().any(|it| status == Some(*it as i32))
    };
    let states = parts(body, "status_history").into_iter();
    let mut states = states.filter(is_begun);
    states.find_map(|state| come(&part(&state, "date")?, today))
}

/// The date of the record as a whole; what is only prepared is no text of any date yet.
fn of_whole(message: &DynamicMessage, body: &DynamicMessage, today: Option<&str>) -> Option<Date> {
    let last = parts(body, "status_history").pop();
    let status = last.and_then(|last| stated(&last, "status"));
    let is_at = |it: &PlanStatus| status.as_ref().is_some_and(|(_, at)| *at == *it as i32);
    let text = parts(body, "states").pop();
    let text = text.map(|state| string(&state, "state"));
    let is_prepared =
        IN_PREPARATION.iter().any(is_at) || text.is_some_and(|code| code == IN_DEVELOPMENT);
    date_of(message, today).filter(|_| !is_prepared)
}

/// A date that has come and is meant as it stands: not one that was planned, and none before or
/// around which something was.
pub(crate) fn come(date: &DynamicMessage, today: Option<&str>) -> Option<Date> {
    let said = string(date, "value");
    let is_to_come = today
        .and_then(|today| today.get(..said.len()))
        .is_some_and(|today| today < said.as_str());
    let said = said.parse().ok();
    said.filter(|_| !is_to_come && is_exact(date))
}

fn is_exact(date: &DynamicMessage) -> bool {
    let sense = date.get_field_by_name("sense");
    let sense = sense.and_then(|sense| sense.as_enum_number());
    sense.is_none_or(|sense| sense == DateSense::Unspecified as i32)
}
