//! What of an address nobody understands: it is left out of the question, and never silently.
//!
//! A page answers what it did understand, and says what it did not and what is possible; a file
//! is refused, for whoever asked for less would take it for what was asked.

use crate::near::distance;

/// Characters of a name or a value that are kept of it.
const LONGEST: usize = 60;
const COUNTRY: &str = "country";
/// Names that people use who have not seen the form.
const ALSO: [(&str, &str); 12] = [
    ("q", "words"),
    ("query", "words"),
    ("search", "words"),
    ("title", "words"),
    ("countries", COUNTRY),
    ("organisation", "region"),
    ("organization", "region"),
    ("regions", "region"),
    ("since", "from"),
    ("until", "to"),
    ("order", "sort"),
    ("orderby", "sort"),
];
/// Everything that can be asked beside the facets.
pub(crate) const NAMES: [&str; 8] = [
    COUNTRY, "region", "words", "from", "to", "changed", "sort", "refers",
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
}

impl Misread {
    pub(crate) fn new(name: &str, value: &str, why: Why) -> Self {
        Self {
            name: beginning(name),
            value: beginning(value),
            why,
        }
    }

    /// The nearest that is possible: another name, or another value.
    pub(crate) fn near<'a>(
        &self,
        facets: &[&'a str],
        orders: &[&str],
    ) -> Option<(&'a str, String)> {
        let typed = self.name.to_lowercase();
        match self.why {
            Why::Name => {
                let also = ALSO.iter().find(|(other, _)| *other == typed);
                let name = also.map(|(_, name)| *name);
                let all = NAMES.iter().chain(facets).copied();
                let name = name.or_else(|| nearest(&typed, all))?;
                Some((name, self.value.clone()))
            }
            Why::Order => {
                let order = nearest(&self.value.to_lowercase(), orders.iter().copied())?;
                Some(("sort", order.to_owned()))
            }
            Why::Year | Why::Day | Why::Record | Why::Twice | Why::TooMany => None,
        }
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

/// What mailings and social networks add to every address, and nobody asks for.
pub(crate) fn is_tracking(name: &str) -> bool {
    name.starts_with("utm_") || matches!(name, "fbclid" | "gclid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_or_order_is_found_and_nothing_far_away() {
        let near = |name: &str, value: &str, why| {
            let near =
                Misread::new(name, value, why).near(&["theme", "status"], &["date", "title"]);
            near.map(|(name, value)| format!("{name}={value}"))
        };
        assert_eq!(near("q", "plan", Why::Name).as_deref(), Some("words=plan"));
        assert_eq!(near("Contry", "x", Why::Name).as_deref(), Some("country=x"));
        assert_eq!(near("themes", "x", Why::Name).as_deref(), Some("theme=x"));
        assert_eq!(near("colour", "red", Why::Name), None);
        assert_eq!(near("", "x", Why::Name), None);
        assert_eq!(
            near("sort", "Titel", Why::Order).as_deref(),
            Some("sort=title")
        );
        assert_eq!(near("sort", "bogus", Why::Order), None);
        assert_eq!(near("from", "soon", Why::Year), None);
    }
}
