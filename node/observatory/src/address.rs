//! Addresses that always mean the same question: read from one, and written back.

use form_urlencoded::{Serializer, parse};
use wpsx_domain::records::{Order, OrderBy, Part, Question, Target};
use wpsx_proto::record::Kind;

/// Records on a page of a list.
pub(crate) const PAGE: u32 = 50;
/// Characters of an address's question; a longer one is cut off.
const LONGEST: usize = 4_000;

/// What an address asks: a question over one kind or all, and which part of the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Address {
    /// One kind; all where it is none.
    pub(crate) kind: Option<Kind>,
    /// Countries, by code.
    pub(crate) countries: Vec<String>,
    /// Regions and organisations whose members are meant.
    pub(crate) regions: Vec<String>,
    /// Facets of the schema with their values.
    pub(crate) facets: Vec<(String, String)>,
    /// From one year to another.
    pub(crate) years: Option<(u16, u16)>,
    /// Words of the title.
    pub(crate) words: String,
    /// The order by its name: `change`, `date`, `title`, `country`.
    pub(crate) sort: String,
    /// The token of a further page.
    pub(crate) page: String,
    /// What refers to this record; no address says so, the record's page does.
    pub(crate) refers_to: Option<Target>,
}

/// The facets that lists are counted by, in the order in which they are shown.
pub(crate) const FACETS: [&str; 7] = [
    "status", "type", "country", "theme", "pillar", "language", "evidence",
];

impl Address {
    /// Reads what stands behind the question mark. What it does not know is passed over,
    /// so that an address with something added by a mailing still leads here.
    pub(crate) fn read(kind: Option<Kind>, query: &str, facets: &[&str]) -> Self {
        let mut address = Self {
            kind,
            ..Self::default()
        };
        let (mut from, mut to) = (None, None);
        let query = query.get(..LONGEST).unwrap_or(query);
        for (name, value) in parse(query.as_bytes()) {
            let value = value.trim().to_owned();
            if value.is_empty() {
                continue;
            }
            match &*name {
                "country" => address.countries.push(value.to_ascii_uppercase()),
                "region" => address.regions.push(value),
                "from" => from = value.parse().ok(),
                "to" => to = value.parse().ok(),
                "words" => address.words = value,
                "sort" if order_of(&value).is_some() => address.sort = value,
                "page" => address.page = value,
                name if facets.contains(&name) => address.facets.push((name.to_owned(), value)),
                _ => {}
            }
        }
        address.years = match (from, to) {
            (None, None) => None,
            (from, to) => Some((from.unwrap_or(1900), to.unwrap_or(2100))),
        };
        address
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
            order: order_of(&self.sort).unwrap_or(NEWEST),
            ..Question::default()
        };
        for (name, value) in &self.facets {
            let values = question.facets.entry(name.clone()).or_default();
            values.push(value.clone());
        }
        question
    }

    /// Which part of the answer a page shows.
    pub(crate) fn part(&self) -> Part {
        Part {
            size: PAGE,
            token: self.page.clone(),
        }
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
        for (name, value) in &self.facets {
            query.append_pair(name, value);
        }
        if let Some((from, to)) = self.years {
            query.append_pair("from", &from.to_string());
            query.append_pair("to", &to.to_string());
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

    /// The same question with one value of a facet more, or without it.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut address = Self {
            page: String::new(),
            ..self.clone()
        };
        if name == "country" {
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

fn order_of(name: &str) -> Option<Order> {
    let (by, descending) = match name {
        "change" => (OrderBy::Change, true),
        "date" => (OrderBy::Date, true),
        "title" => (OrderBy::Title, false),
        "country" => (OrderBy::Country, false),
        _ => return None,
    };
    Some(Order { by, descending })
}

impl Address {
    /// Whether it asks for this value of a facet.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        match name {
            "country" => self.countries.iter().any(|it| it == value),
            name => self
                .facets
                .iter()
                .any(|(facet, it)| facet == name && it == value),
        }
    }
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
        ] {
            let read = Address::read(None, query.trim_start_matches('?'), &FACETS);
            assert_eq!(read.query(), query);
        }
    }

    #[test]
    fn what_an_address_does_not_know_is_passed_over() {
        let read = Address::read(
            None,
            "utm_source=x&colour=red&sort=worst&from=soon",
            &FACETS,
        );
        assert_eq!(read.query(), "");
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
