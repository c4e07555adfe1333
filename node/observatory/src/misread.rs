//! What of an address nobody understands: it is left out of the question, and never silently
//! (`unclear`).

use wpsx_domain::records::PUBLISHER;
use wpsx_proto::record::Date;
use wpsx_words::distance;

/// Characters of a name or a value that are kept of it.
const LONGEST: usize = 60;
const COUNTRY: &str = "country";
const CHANGED: &str = "changed";
/// Names that people use who have not seen the form, each with those that may be meant.
const ALSO: [(&str, &[&str]); 28] = [
    ("state", &["status"]),
    ("topic", &["theme"]),
    ("lang", &["language"]),
    ("year", &["from"]),
    ("code", &["indicator"]),
    ("q", &["words"]),
    ("query", &["words"]),
    ("search", &["words"]),
    ("title", &["words"]),
    ("countries", &[COUNTRY]),
    ("organisation", &["region"]),
    ("organization", &["region"]),
    ("regions", &["region"]),
    ("publishers", &[PUBLISHER]),
    ("author", &[PUBLISHER]),
    ("source", &[PUBLISHER]),
    ("since", &["from", CHANGED]),
    ("after", &["from", CHANGED]),
    ("start", &["from"]),
    ("until", &["to"]),
    ("before", &["to"]),
    ("end", &["to"]),
    ("updated", &[CHANGED]),
    ("modified", &[CHANGED]),
    ("published", &[CHANGED]),
    ("changed_since", &[CHANGED]),
    ("order", &["sort"]),
    ("orderby", &["sort"]),
];
/// Everything that can be asked beside the facets.
pub(crate) const NAMES: [&str; 8] = [
    COUNTRY, "region", "words", "from", "to", CHANGED, "sort", "refers",
];

/// One part of an address that nobody understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misread {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) why: Why,
}

/// Why it was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Nothing is asked by this name.
    Name,
    /// It is no year.
    Year,
    /// It is no day.
    Day,
    /// It is no order.
    Order,
    /// It is no id of a record.
    Record,
    /// It was given more than once, and can be asked for once.
    Twice,
    /// More values were given than one question may have.
    TooMany,
    /// The last year comes before the first; they are taken the other way round.
    Backwards,
}

impl Misread {
    pub(crate) fn new(name: &str, value: &str, why: Why) -> Self {
        Self {
            name: beginning(name),
            value: beginning(value),
            why,
        }
    }

    /// The nearest that is possible: other names, or another value.
    pub(crate) fn near<'a>(&self, facets: &[&'a str], orders: &[&str]) -> Vec<(&'a str, String)> {
        let typed = self.name.to_lowercase();
        let own = || NAMES.iter().chain(facets).copied();
        let named = |name: &'a str| (name, fitting(name, &self.value));
        match self.why {
            Why::Name => {
                let also = ALSO.iter().find(|(other, _)| *other == typed);
                let one = || nearest(&typed, own()).into_iter();
                match also {
                    Some((_, names)) => names.iter().copied().map(named).collect(),
                    None => one().map(named).collect(),
                }
            }
            Why::Order => {
                let order = nearest(&self.value.to_lowercase(), orders.iter().copied());
                let order = order.into_iter();
                order.map(|order| ("sort", order.to_owned())).collect()
            }
            Why::Year | Why::Day => {
                let other = fitting(&self.name, &self.value);
                let name = own().find(|name| *name == self.name);
                let name = name.filter(|_| other != self.value).into_iter();
                name.map(|name| (name, other.clone())).collect()
            }
            Why::Record | Why::Twice | Why::TooMany | Why::Backwards => Vec::new(),
        }
    }
}

/// A date as it is asked for by this name: as its year, or as its first day.
fn fitting(name: &str, value: &str) -> String {
    // A day with a time of day behind it is that day.
    let day = value.split(['T', ' ']).next().unwrap_or_default();
    let Ok(date) = day.parse::<Date>() else {
        return value.to_owned();
    };
    let (year, month, day) = date.first_day();
    match name {
        "from" | "to" => format!("{year:04}"),
        CHANGED => format!("{year:04}-{month:02}-{day:02}"),
        _ => value.to_owned(),
    }
}

/// The name that differs least, if it is near at all.
fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.filter_map(|name| Some((distance(typed, name)?, name)));
    near.min().map(|(_, name)| name)
}

fn beginning(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// What mailings and social networks add to every address.
const TRACKING: [&str; 19] = [
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "dclid",
    "fbclid",
    "gbraid",
    "gclid",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "ref_src",
    "ttclid",
    "twclid",
    "wbraid",
];

/// Whether nobody asks for it: what others add to an address on its way.
pub(crate) fn is_tracking(name: &str) -> bool {
    name.starts_with("utm_") || TRACKING.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(name: &str, value: &str, why: Why) -> Vec<String> {
        let facets = ["theme", "status", "publisher"];
        let near = Misread::new(name, value, why).near(&facets, &["date", "title"]);
        let near = near.into_iter();
        near.map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    #[test]
    fn the_nearest_name_or_order_is_found_and_nothing_far_away() {
        assert_eq!(near("q", "plan", Why::Name), ["words=plan"]);
        assert_eq!(near("Contry", "x", Why::Name), ["country=x"]);
        assert_eq!(near("themes", "x", Why::Name), ["theme=x"]);
        assert_eq!(near("publishr", "x", Why::Name), ["publisher=x"]);
        assert!(near("colour", "red", Why::Name).is_empty());
        assert!(near("", "x", Why::Name).is_empty());
        assert_eq!(near("sort", "Titel", Why::Order), ["sort=title"]);
        assert!(near("sort", "bogus", Why::Order).is_empty());
        assert!(near("from", "soon", Why::Year).is_empty());
    }

    #[test]
    fn a_date_by_a_name_that_may_mean_two_things_is_offered_as_either() {
        assert_eq!(
            near("since", "2018-05", Why::Name),
            ["from=2018", "changed=2018-05-01"]
        );
        assert_eq!(
            near("since", "2018", Why::Name),
            ["from=2018", "changed=2018-01-01"]
        );
        assert_eq!(near("until", "2018-05-03", Why::Name), ["to=2018"]);
        assert_eq!(near("changed", "2026-11", Why::Day), ["changed=2026-11-01"]);
        assert_eq!(near("from", "2018-05-03", Why::Year), ["from=2018"]);
        let midnight = near("changed", "2026-11-29T00:00:00Z", Why::Day);
        assert_eq!(midnight, ["changed=2026-11-29"]);
        assert!(near("changed", "yesterday", Why::Day).is_empty());
        let neither = ["from=yesterday", "changed=yesterday"];
        assert_eq!(near("since", "yesterday", Why::Name), neither);
    }
}
