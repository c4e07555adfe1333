//! What a publisher checks before it signs.
//!
//! The rules of single fields stand in the schema; here are those between fields.
//! Nobody checks a received record with them: what was published stays published.

use std::{collections::HashSet, fmt};

use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};

use super::{
    CountryCode, Date, LanguageTag,
    codes::{self, shorten},
    schema::{FieldRules, short_value_name, use_of},
};
use crate::api::record::v1::{DateSense, Form};

/// Why a log that everybody reads does not take a field that tells of a person.
const PERSONAL: &str = "tells of a person, and everybody reads this log; leave it empty";

/// As many as anyone will read at once.
const MAX_ERRORS: usize = 100;

/// One thing wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The field's path: `national_action_plan.period.end`, `title[0].language`.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.reason)
    }
}

/// What is wrong with a record that is of no kind.
pub(super) fn no_body() -> RuleError {
    RuleError {
        field: "body".to_owned(),
        reason: "the part of its kind is missing".to_owned(),
    }
}

/// Every rule that the message breaks, up to a hundred.
pub(super) fn check(message: &DynamicMessage) -> Vec<RuleError> {
    let mut checker = Checker { errors: Vec::new() };
    checker.message("", message);
    checker.errors.truncate(MAX_ERRORS);
    checker.errors
}

struct Checker {
    errors: Vec<RuleError>,
}

impl Checker {
    fn refuse(&mut self, field: &str, reason: impl Into<String>) {
        self.errors.push(RuleError {
            field: field.to_owned(),
            reason: reason.into(),
        });
    }

    fn message(&mut self, path: &str, message: &DynamicMessage) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        let rules = FieldRules::of_message(&message.descriptor());
        let mut lacking = rules.required(message).peekable();
        for (field, value) in message.fields() {
            while let Some(before) = lacking.next_if(|it| it.number() < field.number()) {
                self.refuse(&join(path, before.name()), "is missing");
            }
            let path = join(path, field.name());
            if use_of(&field).personal {
                self.refuse(&path, PERSONAL);
                continue;
            }
            self.field(&path, &field, rules.of(field.number()), value);
        }
        for field in lacking {
            self.refuse(&join(path, field.name()), "is missing");
        }
        match message.descriptor().name() {
            "Date" => self.date(path, message),
            "Period" => self.period(path, message),
            "Source" => self.source(path, message),
            "Body" => self.body(path, message),
            "RecordReference" => self.reference(path, message),
            "Pillar" => self.pillar(path, message),
            _ => {}
        }
    }

    fn field(&mut self, path: &str, field: &FieldDescriptor, rules: FieldRules, value: &Value) {
        match value {
            Value::List(values) => {
                if values.len() > rules.max_items {
                    let reason = format!("{} values; at most {}", values.len(), rules.max_items);
                    return self.refuse(path, reason);
                }
                for (at, value) in values.iter().enumerate() {
                    let path = format!("{path}[{at}]");
                    if value.as_str() == Some("") {
                        self.refuse(&path, "is empty");
                    }
                    self.field(&path, field, rules, value);
                }
                self.languages(path, values);
            }
            Value::Message(message) => self.message(path, message),
            Value::String(text) => self.text(path, rules, text),
            Value::Bytes(bytes) => {
                if let Some(length) = rules.bytes.filter(|length| bytes.len() != *length) {
                    self.refuse(path, format!("{} bytes instead of {length}", bytes.len()));
                }
            }
            Value::EnumNumber(number) if short_value_name(field, *number).is_none() => {
                self.refuse(path, format!("{number} is no value of this field"));
            }
            _ => {}
        }
    }

    fn text(&mut self, path: &str, rules: FieldRules, text: &str) {
        if text.len() > rules.max_bytes {
            let reason = format!("{} bytes; at most {}", text.len(), rules.max_bytes);
            return self.refuse(path, reason);
        }
        if text.chars().any(is_control) {
            return self.refuse(path, "holds a control character");
        }
        if text.is_empty() {
            return;
        }
        if rules.required && text.trim().is_empty() {
            return self.refuse(path, "holds nothing but spaces");
        }
        if let Err(reason) = check_form(rules.form, text) {
            self.refuse(path, reason);
        }
    }

    /// A list of texts holds one for each language.
    fn languages(&mut self, path: &str, values: &[Value]) {
        let mut seen = HashSet::new();
        for text in values.iter().filter_map(Value::as_message) {
            if text.descriptor().name() != "Text" {
                return;
            }
            let language = string(text, "language");
            if !seen.insert(language.to_ascii_lowercase()) {
                self.refuse(path, format!("holds two texts in {}", shorten(&language)));
            }
        }
    }

    fn date(&mut self, path: &str, date: &DynamicMessage) {
        let sense = date
            .get_field_by_name("sense")
            .and_then(|sense| sense.as_enum_number());
        let not_given = sense == Some(DateSense::NotGiven.into());
        match (string(date, "value").is_empty(), not_given) {
            (true, false) => self.refuse(path, "has no value and is not marked as not given"),
            (false, true) => self.refuse(path, "is marked as not given but has a value"),
            _ => {}
        }
    }

    fn period(&mut self, path: &str, period: &DynamicMessage) {
        let end_of = |name| {
            let date = period.get_field_by_name(name)?;
            string(date.as_message()?, "value").parse::<Date>().ok()
        };
        let (start, end) = (end_of("start"), end_of("end"));
        if let (Some(start), Some(end)) = (start, end)
            && end.is_surely_before(start)
        {
            let reason = format!("ends {end}, before it starts {start}");
            self.refuse(&join(path, "end"), reason);
        }
        let open = period
            .get_field_by_name("open_ended")
            .is_some_and(|open| *open == Value::Bool(true));
        if open && end.is_some() {
            self.refuse(
                &join(path, "open_ended"),
                "is said although there is an end",
            );
        }
    }

    fn source(&mut self, path: &str, source: &DynamicMessage) {
        if ["url", "symbol", "citation"]
            .iter()
            .all(|name| string(source, name).is_empty())
        {
            self.refuse(path, "names no address, symbol or citation");
        }
    }

    fn body(&mut self, path: &str, body: &DynamicMessage) {
        let named = body.has_field_by_name("name") || body.has_field_by_name("record");
        // A country alone is the State itself: who gives, speaks or pledges often is one.
        let is_said = |name: &str| !string(body, name).is_empty();
        if !named && !is_said("acronym") && !is_said("country") {
            self.refuse(path, "names no organisation");
        }
    }

    fn reference(&mut self, path: &str, reference: &DynamicMessage) {
        if !reference.has_field_by_name("record_id")
            && string(reference, "external_id").is_empty()
            && string(reference, "citation").is_empty()
        {
            self.refuse(path, "names no record");
        }
    }

    fn pillar(&mut self, path: &str, pillar: &DynamicMessage) {
        if !["core", "code", "name"]
            .iter()
            .any(|name| pillar.has_field_by_name(name))
        {
            self.refuse(path, "names no pillar");
        }
    }
}

/// The reason why a text does not have the form, as a sentence without its subject.
///
/// # Errors
///
/// When it does not.
pub fn check_form(form: Form, text: &str) -> Result<(), String> {
    let quoted = || format!("{:?}", shorten(text));
    match form {
        Form::Unspecified => Ok(()),
        Form::Country => text
            .parse::<CountryCode>()
            .map(drop)
            .map_err(|e| e.to_string()),
        Form::Language => text
            .parse::<LanguageTag>()
            .map(drop)
            .map_err(|e| e.to_string()),
        Form::Currency if codes::is_currency(text) => Ok(()),
        Form::Currency => Err(format!("{} is no ISO 4217 code", quoted())),
        Form::Url if is_url(text) => Ok(()),
        Form::Url => Err(format!("{} is no http or https address", quoted())),
        Form::Date => text
            .parse::<Date>()
            .map(drop)
            .map_err(|error| format!("{} is no date: {error}", quoted())),
        Form::Decimal if is_decimal(text) => Ok(()),
        Form::Decimal => Err(format!("{} is no decimal number such as 12.5", quoted())),
        Form::Number if is_decimal(text.strip_prefix('-').unwrap_or(text)) => Ok(()),
        Form::Number => Err(format!("{} is no number such as -0.4", quoted())),
        Form::Time if is_time(text) => Ok(()),
        Form::Time => Err(format!("{} is no time of day such as 09:30", quoted())),
        Form::Code if is_code(text) => Ok(()),
        Form::Code => Err(format!(
            "{} is no code: lower-case letters, digits and hyphens",
            quoted()
        )),
        Form::Symbol if is_symbol(text) => Ok(()),
        Form::Symbol => Err(format!("{} is no UN document symbol", quoted())),
    }
}

fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
        && !authority.is_empty()
        && !authority.starts_with([':', '.'])
        && !authority.contains(['@', '\\'])
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c))
}

fn is_decimal(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    [whole, part]
        .iter()
        .all(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn is_time(text: &str) -> bool {
    let part = |digits: &str, end: u8| {
        digits.len() == 2
            && digits.bytes().all(|b| b.is_ascii_digit())
            && digits.parse::<u8>().is_ok_and(|number| number < end)
    };
    text.split_once(':')
        .is_some_and(|(hour, minute)| part(hour, 24) && part(minute, 60))
}

fn is_code(text: &str) -> bool {
    text.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

/// Printed symbols vary; what they share is a body's letter, a slash and no line break.
fn is_symbol(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.contains('/')
        && !text.contains("//")
        && !text.ends_with('/')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " /-.()*[]".contains(c))
}

/// Line breaks and tabs are text; what steers a terminal or turns the direction
/// of what follows is not.
fn is_control(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn string(message: &DynamicMessage, field: &str) -> String {
    message
        .get_field_by_name(field)
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_absolute_and_name_a_host() {
        for url in [
            "https://a.example",
            "http://a.example/x?y#z",
            "HTTPS://a.example/é",
            "http://1.example:80/",
        ] {
            assert!(is_url(url), "{url}");
        }
        for url in [
            "",
            "a.example",
            "ftp://a.example",
            "https://",
            "https:///x",
            "https://u:p@a.example",
            "https://a.example/ x",
            "javascript://x\n",
            "http://:80",
            "https://a.example/<b>",
        ] {
            assert!(!is_url(url), "{url}");
        }
    }

    #[test]
    fn symbols_decimals_and_codes_have_their_forms() {
        for symbol in [
            "S/RES/1325 (2000)",
            "A/71/927-S/2017/485",
            "A/72/782-S/2018/178",
        ] {
            assert!(is_symbol(symbol), "{symbol}");
        }
        for symbol in ["", "1325", "s/res/1325", "http://x", "S/RES\n/1"] {
            assert!(!is_symbol(symbol), "{symbol}");
        }
        assert!(is_decimal("27680907") && is_decimal("12.5"));
        assert!(
            !is_decimal("")
                && !is_decimal("1,000")
                && !is_decimal("-1")
                && !is_decimal("1.")
                && !is_decimal(".5")
                && !is_decimal("1e9")
        );
        assert!(is_time("09:30") && is_time("23:59"));
        assert!(!is_time("9:30") && !is_time("24:00") && !is_time("09:60") && !is_time("0930"));
        assert!(
            check_form(Form::Number, "-0.4").is_ok() && check_form(Form::Number, "--1").is_err()
        );
        assert!(is_code("security-sector") && is_code("cve"));
        assert!(!is_code("Security") && !is_code("-a") && !is_code("a--b") && !is_code("a b"));
    }
}
