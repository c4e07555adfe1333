//! What a cell means for its field: names of countries become codes, dates take their one
//! form, and what says that there is no value says nothing.
//!
//! The schema alone tells what a field asks for: a form, a vocabulary, a date. Text stays
//! as it is. Whatever is understood as something else than it says is listed.

use prost_reflect::{FieldDescriptor, Kind as FieldKind};
use wpsx_proto::{
    api::record::v1 as api,
    api::record::v1::Form,
    record::{
        check_form,
        schema::{FieldRules, short_value_name, use_of},
    },
};

use wpsx_words::Vocabularies;

use super::{codes, dates, dates::Unclear, found::Finds, numbers, odd, remark::Place};

/// What the place of a cell asks for.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// A date with its sense.
    Date,
    /// What the field says.
    Field(FieldDescriptor),
    /// A sum of money, and how to write it.
    Amount(&'static str),
    /// A part that is written as one text, and how to write it.
    Part(&'static str),
}

/// How a file holds a cell.
pub(super) struct Held<'h> {
    pub(super) place: &'h dyn Fn() -> Place,
    /// As a number, and not as a text that looks like one.
    pub(super) is_number: &'h dyn Fn() -> bool,
}

/// What is wrong with a cell.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) reason: String,
    pub(super) remedy: String,
}

impl From<Unclear> for Fault {
    fn from(unclear: Unclear) -> Self {
        Self {
            reason: unclear.reason,
            remedy: unclear.remedy,
        }
    }
}

impl Asked {
    /// What the values of a cell mean.
    pub(super) fn understood(
        &self,
        values: Vec<String>,
        finds: &mut Finds,
        held: &Held<'_>,
    ) -> Result<Vec<String>, Fault> {
        let one = |value: String| self.one(value, finds, held);
        values.into_iter().map(one).collect()
    }

    fn one(&self, value: String, finds: &mut Finds, held: &Held<'_>) -> Result<String, Fault> {
        let place = held.place;
        let stands = || {
            let Place { line, column } = place();
            (line, column)
        };
        if let Some(number) = self.number_in(&value)
            && !(held.is_number)()
            && let Some(reason) = finds.numbers.take(number, &stands)
        {
            let remedy = numbers::REMEDY.to_owned();
            return Err(Fault { reason, remedy });
        }
        if value.is_empty() || self.takes(&value, finds.vocabularies()) {
            if let (Self::Date, Ok(date)) = (self, value.parse::<api::Date>())
                && date.to_string() != value
            {
                finds.read_as(&value, &date.to_string());
            }
            return Ok(value);
        }
        if self.is_typed()
            && let Some((about, sentence)) = odd::no_value(&value)
        {
            let sentence = format!("{sentence} is read as an empty cell");
            finds.remark(about, &value, sentence, place());
            return Ok(String::new());
        }
        match self.meant(&value, finds.vocabularies())? {
            Some(meant) if meant != value => {
                finds.read_as(&value, &meant);
                Ok(meant)
            }
            _ => Ok(value),
        }
    }

    /// The part of a cell that should be a number.
    fn number_in<'v>(&self, value: &'v str) -> Option<&'v str> {
        match self {
            Self::Amount(_) => value.split_whitespace().last(),
            Self::Field(field) => {
                let form = FieldRules::of(field).form;
                matches!(form, Form::Decimal | Form::Number).then_some(value)
            }
            Self::Date | Self::Part(_) => None,
        }
    }

    /// The text has the form of its field already.
    fn takes(&self, value: &str, all: &Vocabularies) -> bool {
        match self {
            Self::Date => value.parse::<api::Date>().is_ok(),
            Self::Amount(_) | Self::Part(_) => true,
            Self::Field(field) => match (field.kind(), FieldRules::of(field).form) {
                (FieldKind::String, Form::Unspecified) => use_of(field).vocabulary.is_empty(),
                (FieldKind::String, form) => {
                    check_form(form, value).is_ok() && !codes::is_another(all, field, form, value)
                }
                (FieldKind::Enum(_), _) => is_value(field, value),
                _ => false,
            },
        }
    }

    /// Free text may say `n/a`; a date or a code cannot.
    fn is_typed(&self) -> bool {
        match self {
            Self::Date => true,
            Self::Amount(_) | Self::Part(_) => false,
            Self::Field(field) => {
                field.kind() != FieldKind::String || FieldRules::of(field).form != Form::Unspecified
            }
        }
    }

    fn meant(&self, value: &str, all: &Vocabularies) -> Result<Option<String>, Fault> {
        match self {
            Self::Amount(_) | Self::Part(_) => Ok(None),
            Self::Date => Ok(date(value)?),
            Self::Field(field) => match (field.kind(), FieldRules::of(field).form) {
                (FieldKind::Bool, _) => Ok(truth(value)),
                (_, Form::Date) => Ok(dates::understood(value)?),
                (_, form @ (Form::Decimal | Form::Number)) => Ok(percent(form, value)),
                _ => match codes::meant(all, field, value).as_slice() {
                    [] => Ok(None),
                    [code] => Ok(Some(code.clone())),
                    several => Err(Fault {
                        reason: format!("{value:?} may mean {}", several.join(" or ")),
                        remedy: "write the code that is meant".to_owned(),
                    }),
                },
            },
        }
    }

    /// What to write instead of what does not fit.
    pub(super) fn remedy(&self) -> &'static str {
        match self {
            Self::Date => remedy(Form::Date),
            Self::Amount(remedy) | Self::Part(remedy) => remedy,
            Self::Field(field) => match field.kind() {
                FieldKind::Enum(_) => "write one of these",
                FieldKind::Bool => "write yes or no",
                FieldKind::Uint32 => "write digits alone, such as 12",
                FieldKind::Bytes => "leave it as it was exported",
                _ => remedy(FieldRules::of(field).form),
            },
        }
    }
}

/// What to write where a form is asked for.
pub(super) fn remedy(form: Form) -> &'static str {
    match form {
        Form::Unspecified => "shorten it, or split it",
        Form::Country => {
            "write a code such as KEN, or the country's name in English, French, Spanish, Arabic, \
             Russian or Chinese"
        }
        Form::Language => "write a tag such as fr or sr-Latn",
        Form::Currency => "write a code such as KES",
        Form::Url => "write the whole address, with https://",
        Form::Date => "write 2017-04-03, 2017-04, April 2017 or 2017",
        Form::Decimal | Form::Number => "write digits alone, with a point: 27680907, 12.5",
        Form::Code => "write it as security-sector is written",
        Form::Symbol => "write it as printed: S/RES/1325 (2000)",
        Form::Time => "write hours and minutes: 09:30",
    }
}

/// One of the values of a closed list, as people write them.
fn is_value(field: &FieldDescriptor, text: &str) -> bool {
    let FieldKind::Enum(values) = field.kind() else {
        return false;
    };
    let wanted = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    values.values().any(|value| {
        value.name() == text || short_value_name(field, value.number()).as_ref() == Some(&wanted)
    })
}

/// `12.5%` as 12.5.
fn percent(form: Form, value: &str) -> Option<String> {
    let number = value.strip_suffix(['%', '％', '٪'])?.trim_end();
    check_form(form, number).ok().map(|()| number.to_owned())
}

/// A date, with the word before it that says its sense.
fn date(value: &str) -> Result<Option<String>, Unclear> {
    if let Some(date) = dates::understood(value)? {
        return Ok(Some(date));
    }
    let Some((sense, rest)) = value.split_once(' ') else {
        return Ok(None);
    };
    let date = dates::understood(rest)?.map(|date| format!("{} {date}", sense.to_lowercase()));
    Ok(date.filter(|date| date.parse::<api::Date>().is_ok()))
}

fn truth(value: &str) -> Option<String> {
    let said = value.to_lowercase();
    let is = |words: &[&str]| words.contains(&said.as_str());
    if is(&["oui", "sí", "si", "да", "نعم", "是", "x", "✓", "✔"]) {
        Some("yes".to_owned())
    } else if is(&["non", "нет", "لا", "否"]) {
        Some("no".to_owned())
    } else {
        None
    }
}
