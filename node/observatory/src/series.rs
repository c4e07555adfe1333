//! What a series is called. A title that its publisher made of codes says little, so it is
//! called by what it measures, where and when: the title of its indicator, its area, its
//! period. Its publisher's title stands on its own page.

use std::collections::HashMap;

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor, Value};
use wpsx_proto::{
    api::record::v1::Kind as KindNumber,
    record::{Date, Kind, Reading, Record},
};
use wpsx_words::Language;

use crate::{
    fields::{body_of, filled, outline_of, part, parts, string},
    foreign,
    item::Item,
    links::{Links, Reference},
    plain::{begun, short},
    texts::{self, Voice},
};

pub(crate) const SERIES: Kind = Kind::new(KindNumber::Series as u32);
const BETWEEN: &str = " · ";
/// Characters of the name of an area.
const LONGEST: usize = 200;

/// A name that was put together.
pub(crate) struct Name {
    /// The language and the text of what it begins with.
    indicator: (String, String),
    /// Where, in the reader's language or as it stands.
    area: Option<String>,
    /// From when to when.
    period: Option<String>,
    /// Of that, where the language does not run as numbers do.
    direction: Option<&'static str>,
}

impl Name {
    /// The name of a series whose indicator is here or is worded; none for all other records.
    /// Blocks.
    pub(crate) fn of(item: &Item, links: &Links<'_>, voice: Voice<'_>) -> Option<Self> {
        let body = outline(item)?;
        let indicator = Reference::of(&part(&body, "indicator")?).within(item);
        let found = links.find(&indicator);
        let title = found.and_then(|found| found.title(voice));
        // An indicator that is no record may still be worded.
        let worded = || (foreign::tag("").to_owned(), indicator.citation.clone());
        let indicator = title.unwrap_or_else(worded);
        if indicator.1.is_empty() {
            return None;
        }
        Some(Self {
            indicator: (indicator.0, begun(&indicator.1).into_owned()),
            area: area(item, &body, voice),
            period: period(&body, voice),
            direction: voice.span(),
        })
    }

    /// What follows the indicator.
    fn beside(&self) -> impl Iterator<Item = &str> {
        let said = [&self.area, &self.period];
        said.into_iter().filter_map(Option::as_deref)
    }

    /// The language of what it begins with.
    pub(crate) fn language(&self) -> &str {
        &self.indicator.0
    }

    /// As text, where no element can stand.
    pub(crate) fn plain(&self) -> String {
        let indicator = [self.indicator.1.as_str()].into_iter();
        let all: Vec<&str> = indicator.chain(self.beside()).collect();
        foreign::unsteered(&all.join(BETWEEN))
    }

    /// In a line, each part with its own direction; its text within bounds.
    pub(crate) fn shown(&self, bounded: impl Fn(&str) -> String) -> Markup {
        html! {
            (self.indicator(&bounded))
            @if let Some(area) = self.area() { (BETWEEN) (area) }
            @if let Some(period) = &self.period { (BETWEEN) bdi dir=[self.direction] { (bounded(period)) } }
        }
    }

    /// What it begins with alone, beside columns that say the rest.
    pub(crate) fn indicator(&self, bounded: impl Fn(&str) -> String) -> Markup {
        let (language, title) = &self.indicator;
        foreign::inline(language, &bounded(title))
    }

    /// Where, beside the name of a country that it is of: what more it is about.
    pub(crate) fn area_beside(&self, country: &str, voice: Voice<'_>) -> Option<Markup> {
        // As one of several, which a list may keep apart from each other.
        let named = || voice.list(&[voice.country(country).text.into_owned()]);
        let is_said = !country.is_empty() && self.area == Some(named());
        self.area().filter(|_| !is_said)
    }

    /// Where, for a column of its own.
    pub(crate) fn area(&self) -> Option<Markup> {
        let area = self.area.as_ref()?;
        Some(html! { bdi { (short(area, LONGEST)) } })
    }
}

/// Which of the names of a page another one of it has too, but for its period: such series differ
/// in what their values are divided by, or in who counted, and their publishers' titles say it.
pub(crate) fn shared(names: &[Option<Name>]) -> Vec<bool> {
    let called = |name: &Name| (name.indicator.1.clone(), name.area.clone());
    let mut counts: HashMap<_, usize> = HashMap::new();
    for name in names.iter().flatten() {
        *counts.entry(called(name)).or_default() += 1;
    }
    let is_shared = |name: &Option<Name>| {
        let name = name.as_ref();
        name.is_some_and(|name| counts.get(&called(name)).is_some_and(|count| *count > 1))
    };
    names.iter().map(is_shared).collect()
}

/// Whether a page repeats what series measure, of areas that tell them apart, so that the area
/// is said first. Of each its area has to be known.
pub(crate) fn are_told_by_area(names: &[Option<Name>]) -> bool {
    let mut areas: HashMap<&str, &str> = HashMap::new();
    let mut is_repeated = false;
    for name in names {
        let area = name
            .as_ref()
            .and_then(|name| Some((name, name.area.as_deref()?)));
        let Some((name, area)) = area else {
            return false;
        };
        let first = *areas.entry(&name.indicator.1).or_insert(area);
        is_repeated |= first != area;
    }
    is_repeated
}

/// What tells a series from others of its name: the title that its publisher gave it, or, where
/// that is made of a code, whose figures they are.
pub(crate) fn told_apart(item: &Item, voice: Voice<'_>) -> Option<Markup> {
    let (language, title) = item.title(voice)?;
    let said = item.record().and_then(outline_of);
    let code = outline(item).map(|body| string(&body, "indicator_code"));
    let is_coded = code.is_some_and(|code| !code.is_empty() && title.contains(&code));
    let whose = said.and_then(|said| filled(&said, "attribution"));
    if let Some((field, whose)) = whose.filter(|_| is_coded) {
        let name = voice.field(&field);
        let whose = short(whose.as_str().unwrap_or_default(), LONGEST);
        return Some(html! { (voice.shown(&name)) (voice.colon()) (foreign::unsaid(&whose)) });
    }
    let title = foreign::inline(&language, &short(&title, LONGEST));
    Some(html! { (voice.say(&texts::PUBLISHERS_TITLE)) (voice.colon()) (title) })
}

/// What a series says beside its values.
pub(crate) fn outline(item: &Item) -> Option<DynamicMessage> {
    let record = item.record().filter(|record| record.kind() == SERIES)?;
    match Record::outline(SERIES.number(), record.payload()) {
        Reading::Readable(record) => body_of(&record),
        _ => None,
    }
}

/// The country, region or place that a series is about.
pub(crate) fn area(item: &Item, body: &DynamicMessage, voice: Voice<'_>) -> Option<String> {
    let countries = item.countries();
    let countries = countries.iter().take(4);
    let countries: Vec<String> = countries
        .map(|code| voice.country(code).text.into_owned())
        .collect();
    let place = part(body, "place").and_then(|place| first(&place, "name"));
    let code = string(body, "area_m49");
    let area = match (countries.is_empty(), code.as_str()) {
        (false, _) => Some(voice.list(&countries)),
        (true, "") => first(body, "area_name"),
        (true, code) => Some(voice.code("m49", code).text.into_owned()),
    };
    match (area, place) {
        (Some(area), Some(place)) => Some(voice.list(&[place, area])),
        (area, place) => area.or(place),
    }
}

/// What the area that a series is of by its code is called in English, by which publishers
/// name it too.
pub(crate) fn area_stated(
    record: &DynamicMessage,
    body: &DynamicMessage,
    voice: Voice<'_>,
) -> Option<String> {
    let countries = filled(record, "countries").map(|(_, countries)| countries);
    let countries = countries
        .as_ref()
        .and_then(Value::as_list)
        .unwrap_or_default();
    let (vocabulary, code) = match countries {
        [only] => ("countries", only.as_str().unwrap_or_default().to_owned()),
        _ => ("m49", string(body, "area_m49")),
    };
    let terms = voice.vocabularies.get_or_empty(vocabulary);
    terms.term(&code)?;
    Some(terms.label(&code, Language::English).text.into_owned())
}

/// Whether a field is the name of an area that its code says already.
pub(crate) fn repeats_area(field: &FieldDescriptor, value: &Value, stated: Option<&str>) -> bool {
    let texts = value.as_list().unwrap_or_default();
    let mut texts = texts.iter().filter_map(Value::as_message);
    field.full_name() == "wpsx.record.v1.Series.area_name"
        && texts.all(|text| Some(string(text, "text").as_str()) == stated)
}

fn first(message: &DynamicMessage, name: &str) -> Option<String> {
    let texts = parts(message, name);
    let text = texts.first().map(|text| string(text, "text"));
    text.filter(|text| !text.is_empty())
}

fn period(body: &DynamicMessage, voice: Voice<'_>) -> Option<String> {
    let period = part(body, "period")?;
    let end = |name| {
        let date = string(&part(&period, name)?, "value")
            .parse::<Date>()
            .ok()?;
        Some(voice.date_text(date))
    };
    match (end("start"), end("end")) {
        (Some(start), Some(end)) if start != end => Some(format!("{start}\u{a0}– {end}")),
        (start, end) => start.or(end),
    }
}
