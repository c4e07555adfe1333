//! Addresses that always mean the same question: read from one, and written back.

use form_urlencoded::{Serializer, parse};
use wpsx_domain::records::{Order, OrderBy, PUBLISHER, Question, Target};
use wpsx_proto::{
    origin::RecordId,
    record::{Date, Kind, Precision},
};
use wpsx_words::Language;

use crate::{
    misread::{Misread, Why, is_tracking},
    revision, time,
};

/// Values of one facet that one address can ask for: each stands in every link of its page.
pub(crate) const MOST_VALUES: usize = 20;
/// Values of all facets together.
pub(crate) const MOST_CHOICES: usize = 60;
/// Parts of an address that are read.
const MOST_PARTS: usize = 1_000;
/// The facet that has a place of its own in an address.
const COUNTRY: &str = "country";
/// Where the records of all kinds are.
pub(crate) const ANY_KIND: &str = "record";
/// Records on a page of a list.
pub(crate) const PAGE: u32 = 50;
/// The years of a period that was chosen on one side alone.
pub(crate) const EVER: (u16, u16) = (1900, 2100);
/// Characters of an address's question; a longer one is cut off.
const LONGEST: usize = 4_000;
/// The region that stands for all of them.
pub(crate) const EVERYWHERE: &str = "all";
/// The texts that stand for each of a family.
pub(crate) const EVERY: &str = "every";

/// What an address asks: a question over one kind or all, and which part of the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Address {
    /// One kind; all where it is none.
    pub(crate) kind: Option<Kind>,
    /// Countries, by code.
    pub(crate) countries: Vec<String>,
    /// Regions and organisations whose members are meant.
    pub(crate) regions: Vec<String>,
    /// All countries are meant where none is named, also on a site that shows some by itself.
    pub(crate) everything: bool,
    /// Facets with their values: those of the schema, and the publisher.
    pub(crate) facets: Vec<(String, String)>,
    /// From one year to another.
    pub(crate) years: Option<(u16, u16)>,
    /// Words of the title.
    pub(crate) words: String,
    /// Each translation, annex and amendment by itself, and not as one with its text.
    pub(crate) every_text: bool,
    /// Whose reader asks: titles are put in order as that language has them.
    pub(crate) language: Language,
    /// The order by its name: `change`, `date`, `title`, `country`.
    pub(crate) sort: String,
    /// The token of a further page.
    pub(crate) page: String,
    /// What refers to this record, by its id.
    pub(crate) refers_to: Option<Target>,
    /// Published or changed on this day or later; what is history is left out.
    pub(crate) changed: Option<Date>,
    /// Without what is history; an address says so with the day of a change, and the first
    /// page does by itself.
    pub(crate) news_only: bool,
    /// What was not understood. No address that is written says it again.
    pub(crate) misread: Vec<Misread>,
}

/// A record that others refer to: by its id, and by its source's id and an organisation's names,
/// which the domain finds.
pub(crate) fn refers_to(record: RecordId) -> Target {
    Target {
        record: Some(record),
        by_name: true,
        ..Target::default()
    }
}

impl Address {
    /// Reads what stands behind the question mark. A field of a form that was left empty is not
    /// given, what has no name asks for nothing, and what mailings add is passed over; anything
    /// else that it does not know is [`misread`](Self::misread).
    pub(crate) fn read(kind: Option<Kind>, query: &str, facets: &[&str]) -> Self {
        let mut address = Self {
            kind,
            ..Self::default()
        };
        let (mut from, mut to) = (None, None);
        let query = beginning(query, LONGEST);
        for (name, value) in parse(query.as_bytes()).take(MOST_PARTS) {
            let value = value.trim();
            if name.trim().is_empty() || value.is_empty() || is_tracking(&name) {
                continue;
            }
            let taken = match &*name {
                COUNTRY => address.take(&name, value.to_ascii_uppercase()),
                "region" if value == EVERYWHERE => {
                    address.everything = true;
                    Ok(())
                }
                "from" => year(value).and_then(|year| once(&mut from, year)),
                "to" => year(value).and_then(|year| once(&mut to, year)),
                "changed" => day(value).and_then(|day| once(&mut address.changed, day)),
                "words" => {
                    let words = value.replace(char::is_control, " ");
                    let all = [address.words.as_str(), words.as_str()].join(" ");
                    address.words = all.trim().to_owned();
                    Ok(())
                }
                "texts" if value == EVERY => {
                    address.every_text = true;
                    Ok(())
                }
                "sort" if order_of(value, Language::English).is_none() => Err(Why::Order),
                "sort" => one(&mut address.sort, value),
                "page" => one(&mut address.page, value),
                "refers" => match revision::named(value).map(refers_to) {
                    Some(target) => once(&mut address.refers_to, target),
                    None => Err(Why::Record),
                },
                name if name == "region" || facets.contains(&name) => {
                    address.take(name, value.to_owned())
                }
                _ => Err(Why::Name),
            };
            if let Err(why) = taken {
                address.misread.push(Misread::new(&name, value, why));
            }
        }
        address.misread.dedup_by(|one, other| {
            (one.why, &one.name) == (other.why, &other.name) && one.why == Why::TooMany
        });
        address.news_only = address.changed.is_some();
        address.years = match (from, to) {
            (None, None) => None,
            (Some(from), Some(to)) if from > to => {
                let part = Misread::new("to", &to.to_string(), Why::Backwards);
                address.misread.push(part);
                Some((to, from))
            }
            (Some(from), Some(to)) => Some((from, to)),
            (Some(from), None) => Some((from, EVER.1.max(from))),
            (None, Some(to)) => Some((EVER.0.min(to), to)),
        };
        address
    }

    /// Asks for one more value of a facet, or a region.
    fn take(&mut self, name: &str, value: String) -> Result<(), Why> {
        let (is_there, count) = match name {
            "region" => (self.regions.contains(&value), self.regions.len()),
            _ => (self.has(name, &value), self.chosen(name).len()),
        };
        if is_there {
            return Ok(());
        }
        let all = self.countries.len() + self.regions.len() + self.facets.len();
        if count >= MOST_VALUES || all >= MOST_CHOICES {
            return Err(Why::TooMany);
        }
        match name {
            COUNTRY => self.countries.push(value),
            "region" => self.regions.push(value),
            _ => self.facets.push((name.to_owned(), value)),
        }
        Ok(())
    }

    /// The question as the domain takes it.
    pub(crate) fn question(&self) -> Question {
        let mut question = Question {
            kinds: self.kind.iter().map(|kind| kind.number()).collect(),
            countries: self.countries.clone(),
            regions: self.regions.clone(),
            years: self.years,
            title: self.words.clone(),
            refers_to: self.refers_to.clone(),
            news_only: self.news_only,
            changed_since: self.changed.map(first_moment),
            order: order_of(&self.sort, self.language).unwrap_or(NEWEST),
            // What refers to a record, and what is new, is each text by itself.
            families_once: !self.every_text && self.refers_to.is_none() && !self.news_only,
            ..Question::default()
        };
        for (name, value) in &self.facets {
            let values = match name.as_str() {
                PUBLISHER => &mut question.publishers,
                _ => question.facets.entry(name.clone()).or_default(),
            };
            values.push(value.clone());
        }
        question
    }

    /// The id of the record that all must refer to, as an address writes it.
    pub(crate) fn refers(&self) -> Option<String> {
        let record = self.refers_to.as_ref()?.record?;
        Some(hex::encode(record.as_bytes()))
    }

    /// It names no place.
    pub(crate) fn is_open(&self) -> bool {
        self.regions.is_empty() && self.countries.is_empty()
    }

    /// The text behind the question mark, with the question mark; empty where nothing is asked.
    pub(crate) fn query(&self) -> String {
        let mut query = Serializer::new(String::new());
        for country in &self.countries {
            query.append_pair("country", country);
        }
        for region in &self.regions {
            query.append_pair("region", region);
        }
        if self.everything && self.is_open() {
            query.append_pair("region", EVERYWHERE);
        }
        for (name, value) in &self.facets {
            query.append_pair(name, value);
        }
        if let Some((from, to)) = self.years {
            query.append_pair("from", &from.to_string());
            query.append_pair("to", &to.to_string());
        }
        if let Some(record) = self.refers() {
            query.append_pair("refers", &record);
        }
        if let Some(day) = self.changed {
            query.append_pair("changed", &day.to_string());
        }
        if self.every_text {
            query.append_pair("texts", EVERY);
        }
        for (name, value) in [
            ("words", &self.words),
            ("sort", &self.sort),
            ("page", &self.page),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        match query.finish() {
            query if query.is_empty() => query,
            query => format!("?{query}"),
        }
    }

    /// The same question, from the start of its answer.
    pub(crate) fn first_page(&self) -> Self {
        Self {
            page: String::new(),
            ..self.clone()
        }
    }

    /// Where the page with the answer is.
    pub(crate) fn path(&self, language: Language) -> String {
        format!("/{language}/{}{}", self.place(), self.query())
    }

    /// The same question, from its start, as if nothing but what was understood were asked.
    pub(crate) fn understood(&self) -> Self {
        Self {
            misread: Vec::new(),
            ..self.first_page()
        }
    }

    /// The same with what of it nobody understands, so that the page there can say so.
    pub(crate) fn as_asked(&self, language: Language) -> String {
        let is_backwards = |part: &&Misread| part.why == Why::Backwards;
        let (backwards, others): (Vec<_>, Vec<_>) = self.misread.iter().partition(is_backwards);
        let path = match (backwards.is_empty(), self.years) {
            (false, Some((from, to))) => {
                let years = Some((to, from));
                Self {
                    years,
                    ..self.clone()
                }
                .path(language)
            }
            _ => self.path(language),
        };
        let mut query = Serializer::new(String::new());
        for part in others {
            query.append_pair(&part.name, &part.value);
        }
        let sign = if path.contains('?') { '&' } else { '?' };
        match query.finish() {
            more if more.is_empty() => path,
            more => format!("{path}{sign}{more}"),
        }
    }

    /// The list that it asks of: a kind, or the records of all kinds.
    pub(crate) fn place(&self) -> String {
        let kind = self.kind.map(|kind| kind.to_string());
        kind.unwrap_or_else(|| ANY_KIND.to_owned())
    }

    /// The same question with one value of a facet more, or without it.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut address = self.first_page();
        if name == COUNTRY {
            toggle(&mut address.countries, value.to_owned());
        } else {
            toggle(&mut address.facets, (name.to_owned(), value.to_owned()));
        }
        address
    }
}

const NEWEST: Order = Order {
    by: OrderBy::Change,
    descending: true,
};

/// The names of orders, in the order in which they are offered.
pub(crate) const ORDERS: [&str; 4] = ["change", "date", "title", "country"];

fn order_of(name: &str, language: Language) -> Option<Order> {
    let (by, descending) = match name {
        "change" => (OrderBy::Change, true),
        "date" => (OrderBy::Date, true),
        "title" => (OrderBy::Title(language), false),
        "country" => (OrderBy::Country, false),
        _ => return None,
    };
    Some(Order { by, descending })
}

impl Address {
    /// Whether it asks for something of a facet.
    pub(crate) fn is_chosen(&self, facet: &str) -> bool {
        match facet {
            COUNTRY => !self.countries.is_empty(),
            facet => self.facets.iter().any(|(name, _)| name == facet),
        }
    }

    /// The values of a facet that it asks for.
    pub(crate) fn chosen(&self, facet: &str) -> Vec<&str> {
        let of_it = self.facets.iter().filter(|(name, _)| name == facet);
        match facet {
            COUNTRY => self.countries.iter().map(String::as_str).collect(),
            _ => of_it.map(|(_, value)| value.as_str()).collect(),
        }
    }

    /// Gives values of a facet the names that are given for them, each once.
    pub(crate) fn rename(&mut self, facet: &str, name: impl Fn(&str) -> Option<String>) {
        let mut seen = Vec::new();
        self.facets.retain_mut(|(of, value)| {
            if let Some(other) = name(value).filter(|_| of == facet) {
                *value = other;
            }
            let is_new = of != facet || !seen.contains(value);
            seen.push(value.clone());
            is_new
        });
    }

    /// The same question as if nothing of a facet were chosen. A region that is chosen still
    /// narrows the countries.
    pub(crate) fn without_facet(&self, facet: &str) -> Self {
        let mut address = self.first_page();
        match facet {
            COUNTRY => address.countries.clear(),
            facet => address.facets.retain(|(name, _)| name != facet),
        }
        address
    }

    /// Whether it asks for this value of a facet.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        match name {
            COUNTRY => self.countries.iter().any(|it| it == value),
            name => self
                .facets
                .iter()
                .any(|(facet, it)| facet == name && it == value),
        }
    }
}

/// A number with the digits of Arabic or Persian as one with ours.
fn with_our_digits(text: &str) -> String {
    let ours = |sign: char| {
        let zero = match sign {
            '\u{660}'..='\u{669}' => 0x660,
            '\u{6f0}'..='\u{6f9}' => 0x6f0,
            _ => return sign,
        };
        char::from_digit(u32::from(sign) - zero, 10).unwrap_or(sign)
    };
    text.chars().map(ours).collect()
}

fn year(text: &str) -> Result<u16, Why> {
    let text = with_our_digits(text);
    let is_one = text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit());
    is_one.then(|| text.parse().ok()).flatten().ok_or(Why::Year)
}

/// Takes what can be asked for once.
fn once<T: PartialEq>(place: &mut Option<T>, value: T) -> Result<(), Why> {
    match place {
        Some(first) if *first != value => Err(Why::Twice),
        Some(_) => Ok(()),
        None => {
            *place = Some(value);
            Ok(())
        }
    }
}

fn one(place: &mut String, value: &str) -> Result<(), Why> {
    if !place.is_empty() && place != value {
        return Err(Why::Twice);
    }
    value.clone_into(place);
    Ok(())
}

/// A day as an address writes it: `2026-11-26`.
fn day(text: &str) -> Result<Date, Why> {
    let date = with_our_digits(text).parse::<Date>().ok();
    date.filter(|date| date.precision() == Precision::Day)
        .ok_or(Why::Day)
}

/// When a day begins, in milliseconds since 1970, by the world's clock.
fn first_moment(day: Date) -> u64 {
    let (year, month, day) = day.first_day();
    time::first_moment(year, month, day)
}

/// The most of a text that has at most so many bytes.
fn beginning(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn toggle<T: PartialEq>(values: &mut Vec<T>, value: T) {
    match values.iter().position(|it| *it == value) {
        Some(at) => drop(values.remove(at)),
        None => values.push(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACETS: [&str; 2] = ["theme", "status"];

    #[test]
    fn an_address_is_read_and_written_back() {
        for query in [
            "",
            "?country=KEN&theme=police",
            "?country=KEN&country=XKX&theme=a&theme=b&from=2018&to=2020&words=plan+d%27action&sort=title",
            "?page=3.4.abc",
            "?region=all",
            "?country=KEN&changed=2026-11-26&sort=title",
            "?region=AU&theme=a",
        ] {
            let read = Address::read(None, query.trim_start_matches('?'), &FACETS);
            assert_eq!(read.query(), query);
        }
    }

    #[test]
    fn digits_of_arabic_and_persian_are_digits() {
        let asked = "from=\u{662}\u{660}\u{662}\u{660}&changed=\u{6f2}\u{6f0}\u{6f2}\u{6f6}-\u{661}\u{661}-\u{662}\u{669}";
        let read = Address::read(None, asked, &FACETS);
        assert_eq!(read.misread, []);
        assert_eq!(read.query(), "?from=2020&to=2100&changed=2026-11-29");
    }

    #[test]
    fn what_an_address_does_not_know_is_named_with_the_reason_and_left_out() {
        let read = Address::read(
            None,
            "colour=red&sort=worst&from=soon&to=20188&changed=today&refers=12&theme=a&sort=title&sort=date",
            &FACETS,
        );
        assert_eq!(read.query(), "?theme=a&sort=title");
        let misread = read.misread.iter().map(|it| (it.name.as_str(), it.why));
        let expected = [
            ("colour", Why::Name),
            ("sort", Why::Order),
            ("from", Why::Year),
            ("to", Why::Year),
            ("changed", Why::Day),
            ("refers", Why::Record),
            ("sort", Why::Twice),
        ];
        assert_eq!(misread.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_mailings_add_and_empty_fields_of_a_form_are_not_given() {
        let read = Address::read(
            None,
            "utm_source=x&utm_medium=y&fbclid=1&gclid=2&q=&kind=&words=+&country=&from=&sort=",
            &FACETS,
        );
        assert_eq!((read.query(), read.misread), (String::new(), Vec::new()));
    }

    #[test]
    fn words_that_are_given_twice_all_count() {
        let read = Address::read(None, "words=plan&words=action", &FACETS);
        assert_eq!(read.query(), "?words=plan+action");
    }

    #[test]
    fn an_address_asks_for_so_many_values_of_a_facet_and_each_once() {
        let many: String = (0..100)
            .map(|n| format!("theme=t{n}&theme=t{n}&"))
            .collect();
        let read = Address::read(None, &many, &FACETS);
        assert_eq!(read.facets.len(), MOST_VALUES);
        assert_eq!(read.misread.len(), 1, "{:?}", read.misread);
        assert_eq!(read.misread[0].why, Why::TooMany);
        let most: String = (0..MOST_VALUES).map(|n| format!("theme=t{n}&")).collect();
        let read = Address::read(None, &most, &FACETS);
        assert_eq!(read.misread, []);
    }

    #[test]
    fn a_long_address_is_cut_where_a_character_ends() {
        let long = format!("words=a{}&theme=police", "é".repeat(LONGEST));
        let read = Address::read(None, &long, &FACETS);
        assert!(read.words.len() < LONGEST && read.facets.is_empty());
    }

    #[test]
    fn a_period_whose_end_comes_first_is_turned_round_and_that_is_said() {
        let read = Address::read(None, "to=2020&from=2018", &FACETS);
        assert_eq!(
            (read.query().as_str(), read.misread),
            ("?from=2018&to=2020", Vec::new())
        );
        let read = Address::read(None, "from=2020&to=2018&colour=red", &FACETS);
        assert_eq!(read.query(), "?from=2018&to=2020");
        let why: Vec<_> = read.misread.iter().map(|part| part.why).collect();
        assert_eq!(why, [Why::Name, Why::Backwards]);
        // Who is led elsewhere with it is told there.
        let there = read.as_asked(Language::English);
        assert_eq!(there, "/en/record?from=2020&to=2018&colour=red");
    }

    #[test]
    fn what_has_no_name_asks_for_nothing() {
        for query in ["&&&==", "=x", "%20=1&&", "&", "="] {
            let read = Address::read(None, query, &FACETS);
            assert_eq!(
                (read.query(), read.misread),
                (String::new(), Vec::new()),
                "{query}"
            );
        }
    }

    #[test]
    fn a_value_is_added_and_taken_away() {
        let read = Address::read(None, "theme=police&page=1.2.x", &FACETS);
        let more = read.with("theme", "mediation");
        assert_eq!(more.query(), "?theme=police&theme=mediation");
        assert_eq!(more.with("theme", "police").query(), "?theme=mediation");
        assert_eq!(
            read.with("country", "KEN").query(),
            "?country=KEN&theme=police"
        );
    }
}
