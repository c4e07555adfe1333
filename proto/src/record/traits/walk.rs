//! The walk over a payload as it lies.

use std::collections::{BTreeMap, BTreeSet};

use prost::{
    Message as _,
    encoding::{self, DecodeContext, WireType},
};

use super::{
    found::{
        Facet, MAX_BODIES, MAX_FACET_BYTES, MAX_FACET_VALUES, MAX_REFERENCES, MAX_TITLE_PARTS,
        NamedBody, NoRecord, Reference, Sense, Traits, YEARS,
    },
    plan::{self, Field, Step, Time, TitlePart},
};
use crate::{
    api::record::v1::{self as api, Form},
    origin::RecordId,
    record::{Date, LanguageTag, check_form, normal_external_id},
};

/// No message of the schema is as deep.
const MOST_DEEP: usize = 16;

/// The field of the organisations of a record as a whole.
const WHOLE: &str = "organisations";
const MAX_ORIGIN: usize = 255;
const MAX_EXTERNAL_ID: usize = 256;
/// Names of one body, and bytes of each.
const MAX_NAMES: usize = 12;
const MAX_BODY_BYTES: usize = 400;

impl Traits {
    /// Reads the payload of an entry that publishes, whose envelope says `kind`. What all
    /// kinds share is read of every kind; bodies of other kinds are skipped.
    ///
    /// # Errors
    /// The payload is no protobuf message, or has fields of other types than the schema.
    pub fn read(kind: u32, payload: &[u8]) -> Result<Self, NoRecord> {
        let mut walk = Walk {
            body: kind.saturating_add(100),
            found: Found::default(),
            path: Vec::new(),
        };
        walk.message("wpsx.record.v1.Record", payload, Wanted::All)?;
        Ok(walk.found.into_traits())
    }
}

/// What a part of a record still counts for.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    All,
    /// Facets alone: the last item of a list whose last one says what is so now.
    Facets,
    /// All but facets.
    NoFacets,
}

struct Walk {
    /// The field of the record that holds the body of its kind.
    body: u32,
    found: Found,
    path: Vec<&'static str>,
}

#[derive(Default)]
struct Found {
    facets: BTreeSet<(&'static str, String)>,
    years: BTreeSet<u16>,
    first_start: Option<u16>,
    last_extension: Option<u16>,
    references: Vec<Reference>,
    titles: Vec<String>,
    bodies: Vec<NamedBody>,
    /// The sortable dates, by the number of the field; those of the record come before
    /// those of its body.
    dates: BTreeMap<u32, Date>,
}

impl Walk {
    fn message(&mut self, name: &str, mut rest: &[u8], wanted: Wanted) -> Result<(), NoRecord> {
        let fields = plan::fields_of(name);
        let mut newest: BTreeMap<u32, (&Field, &[u8])> = BTreeMap::new();
        while !rest.is_empty() {
            let (number, wire_type) = encoding::decode_key(&mut rest)?;
            let is_other_body = self.path.is_empty() && number > 100 && number != self.body;
            let field = fields.get(&number).filter(|_| !is_other_body);
            match (wire_type, field) {
                (WireType::Varint, Some(field)) => {
                    let value = encoding::decode_varint(&mut rest)?;
                    self.number(&field.step, value, wanted);
                }
                (WireType::LengthDelimited, Some(field)) => {
                    let inner = take(&mut rest)?;
                    let mut wanted = wanted;
                    if field.has_newest_last() && wanted != Wanted::NoFacets {
                        newest.insert(number, (field, inner));
                        if wanted == Wanted::Facets {
                            continue;
                        }
                        wanted = Wanted::NoFacets;
                    }
                    self.field(number, field, inner, wanted)?;
                }
                _ => encoding::skip_field(wire_type, number, &mut rest, DecodeContext::default())?,
            }
        }
        for (number, (field, inner)) in newest {
            self.field(number, field, inner, Wanted::Facets)?;
        }
        Ok(())
    }

    fn field(
        &mut self,
        number: u32,
        field: &'static Field,
        inner: &[u8],
        wanted: Wanted,
    ) -> Result<(), NoRecord> {
        let is_of_record = self.path.is_empty();
        if let Some(part) = field.title.filter(|_| wanted != Wanted::Facets) {
            self.found.title(part, inner)?;
        }
        self.path.push(&field.name);
        match &field.step {
            Step::Part {
                message, is_body, ..
            } if self.path.len() < MOST_DEEP => {
                if *is_body && wanted != Wanted::Facets {
                    self.found.body(self.path == [WHOLE], inner)?;
                }
                self.message(message, inner, wanted)?;
            }
            Step::Text { facet, form } if wanted != Wanted::NoFacets => {
                self.found.text(facet, *form, text(inner)?);
            }
            // A repeated one in one piece.
            Step::Choice { .. } if wanted != Wanted::NoFacets => {
                let mut packed = inner;
                while !packed.is_empty() {
                    let value = encoding::decode_varint(&mut packed)?;
                    self.number(&field.step, value, wanted);
                }
            }
            _ if wanted == Wanted::Facets => {}
            Step::Year => self.found.cover(text(inner)?, None),
            Step::Date(time) => {
                let date = api::Date::decode(inner)?;
                self.found.date(*time, &date);
                self.found.sort_by(is_of_record, number, *time, Some(&date));
            }
            Step::Period(time) => {
                let period = api::Period::decode(inner)?;
                self.found.period(*time, &period);
                let start = period.start.as_ref();
                self.found.sort_by(is_of_record, number, *time, start);
            }
            Step::Reference(sense) => {
                let reference = api::RecordReference::decode(inner)?;
                self.found.reference(&self.path, *sense, &reference);
            }
            _ => {}
        }
        self.path.pop();
        Ok(())
    }

    fn number(&mut self, step: &'static Step, value: u64, wanted: Wanted) {
        if wanted == Wanted::NoFacets || value == 0 {
            return;
        }
        match step {
            Step::Choice { facet, names } => {
                // Protobuf has enums as varints of 64 bits, of which 32 count.
                let number = value as i32;
                let name = names.get(&number).cloned();
                self.found
                    .facet(facet, name.unwrap_or_else(|| number.to_string()));
            }
            Step::Flag { facet } => self.found.facet(facet, "yes".to_owned()),
            _ => {}
        }
    }
}

impl Found {
    fn facet(&mut self, name: &'static str, value: String) {
        if self.facets.len() < MAX_FACET_VALUES {
            self.facets.insert((name, value));
        }
    }

    /// What does not have the form of its field is left out: an index must not grow with
    /// what a publisher invents. A country needs only look like one, as codes are added.
    fn text(&mut self, facet: &'static str, form: Form, value: &str) {
        let fits = match form {
            Form::Country => value.len() == 3 && value.bytes().all(|b| b.is_ascii_uppercase()),
            Form::Language => {
                if let Ok(tag) = value.parse::<LanguageTag>() {
                    self.facet(facet, tag.as_str().to_owned());
                }
                return;
            }
            form => check_form(form, value).is_ok(),
        };
        let is_short = (1..=MAX_FACET_BYTES).contains(&value.len());
        if fits && is_short && !value.chars().any(char::is_control) {
            self.facet(facet, value.to_owned());
        }
    }

    /// What the record is called by it.
    fn title(&mut self, part: TitlePart, inner: &[u8]) -> Result<(), NoRecord> {
        let texts = match part {
            TitlePart::Text => vec![api::Text::decode(inner)?.text],
            TitlePart::Plain => vec![text(inner)?.to_owned()],
            TitlePart::Reference => vec![api::RecordReference::decode(inner)?.citation],
            TitlePart::Place => {
                let names = api::Place::decode(inner)?.name.into_iter();
                names.map(|name| name.text).collect()
            }
        };
        let texts = texts.into_iter().filter(|text| !text.is_empty());
        let left = MAX_TITLE_PARTS.saturating_sub(self.titles.len());
        self.titles.extend(texts.take(left));
        Ok(())
    }

    /// A body; one that is a country alone names none.
    fn body(&mut self, is_of_whole: bool, inner: &[u8]) -> Result<(), NoRecord> {
        if self.bodies.len() >= MAX_BODIES {
            return Ok(());
        }
        let body = api::Body::decode(inner)?;
        let is_short = |text: &String| (1..=MAX_BODY_BYTES).contains(&text.len());
        let names = body.name.into_iter().map(|name| name.text);
        let mut names: Vec<String> = names.filter(is_short).take(MAX_NAMES).collect();
        if names.is_empty() {
            names.extend(Some(body.acronym).filter(is_short));
        }
        let has_record =
            |it: &api::RecordReference| !it.record_id.is_empty() || !it.external_id.is_empty();
        if !names.is_empty() {
            self.bodies.push(NamedBody {
                names,
                country: body.country,
                has_record: body.record.as_ref().is_some_and(has_record),
                is_of_whole,
            });
        }
        Ok(())
    }

    fn cover(&mut self, first: &str, last: Option<u16>) {
        if let Some(first) = year_of(first) {
            self.cover_years(first, last.unwrap_or(first));
        }
    }

    fn cover_years(&mut self, first: u16, last: u16) {
        self.years
            .extend(first.max(*YEARS.start())..=last.min(*YEARS.end()));
    }

    fn date(&mut self, time: Time, date: &api::Date) {
        if time.covers {
            self.cover(&date.value, None);
        }
        if time.extends {
            self.last_extension = self.last_extension.max(year_of(&date.value));
        }
    }

    fn period(&mut self, time: Time, period: &api::Period) {
        if !time.covers {
            return;
        }
        let year = |date: &Option<api::Date>| year_of(&date.as_ref()?.value);
        let (start, end) = (year(&period.start), year(&period.end));
        let end = if period.open_ended {
            Some(*YEARS.end())
        } else {
            end
        };
        if let Some(first) = start.or(end) {
            self.cover_years(first, end.unwrap_or(first));
            self.first_start = Some(self.first_start.map_or(first, |known| known.min(first)));
        }
    }

    fn sort_by(&mut self, is_of_record: bool, number: u32, time: Time, date: Option<&api::Date>) {
        let date = date.and_then(|date| date.value.parse::<Date>().ok());
        if let Some(date) = date.filter(|_| time.sorts) {
            // The fields of a record come before those of its body.
            let place = if is_of_record { 0 } else { number };
            self.dates.entry(place).or_insert(date);
        }
    }

    fn reference(&mut self, path: &[&'static str], sense: Sense, to: &api::RecordReference) {
        if self.references.len() >= MAX_REFERENCES {
            return;
        }
        let record_id = <[u8; 16]>::try_from(to.record_id.as_ref()).ok();
        let external_id = normal_external_id(&to.external_id);
        let external_id = Some(external_id).filter(|id| (1..=MAX_EXTERNAL_ID).contains(&id.len()));
        if record_id.is_none() && external_id.is_none() {
            return;
        }
        let origin = Some(&to.origin).filter(|name| (1..=MAX_ORIGIN).contains(&name.len()));
        self.references.push(Reference {
            path: path.join("."),
            origin: origin.cloned(),
            record_id: record_id.map(RecordId::from_bytes),
            external_id: external_id.map(|id| id.into_owned()),
            sense,
        });
    }

    fn into_traits(mut self) -> Traits {
        if let (Some(first), Some(last)) = (self.first_start, self.last_extension) {
            self.cover_years(first, last);
        }
        let facets = self.facets.into_iter();
        Traits {
            facets: facets.map(|(name, value)| Facet { name, value }).collect(),
            years: self.years,
            references: self.references,
            titles: self.titles,
            bodies: self.bodies,
            date: self.dates.into_values().next(),
        }
    }
}

fn take<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], NoRecord> {
    let length = encoding::decode_varint(rest)?;
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length <= rest.len());
    let Some(length) = length else {
        return Err(NoRecord);
    };
    let (taken, after) = rest.split_at(length);
    *rest = after;
    Ok(taken)
}

fn text(bytes: &[u8]) -> Result<&str, NoRecord> {
    std::str::from_utf8(bytes).map_err(|_| NoRecord)
}

/// The year that a date begins with.
fn year_of(date: &str) -> Option<u16> {
    date.parse::<Date>().ok().map(Date::year)
}
