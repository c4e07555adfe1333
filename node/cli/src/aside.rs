//! What a person is told beside an answer about how the question was understood: the lists of
//! members that were used, and codes that nobody here knows.
//!
//! None of it is an error. A list of members is of the day on which somebody read it, whatever
//! day was asked for; and a code may be newer than the vocabularies that are here.

use wpsx_proto::{api::exchange::v1::RecordFilter, record::schema::use_of};
use wpsx_words::{
    Language, Vocabularies, Words,
    facets::{fields, has_name, near},
    vocabularies::Members,
};

/// Codes that are offered in the place of another.
const MOST: usize = 5;
const COUNTRY: &str = "country";

/// What is to be told of a question; nothing of one that asks for what everybody knows.
pub(crate) fn asides(filter: &RecordFilter, vocabularies: &Vocabularies) -> Vec<String> {
    let at = Some(filter.members_at.as_str()).filter(|at| !at.is_empty());
    let members = filter.regions.iter().filter_map(|group| {
        let members = vocabularies.countries().members(group, at).ok()?;
        listed(&members, at, vocabularies)
    });
    let codes = filter.facets.iter().flat_map(|facet| {
        let unknown = |value: &&String| !is_known(&facet.facet, value, vocabularies);
        let unknown = facet.values.iter().filter(unknown);
        unknown.map(|value| unheard(&facet.facet, value, vocabularies))
    });
    members.chain(codes).collect()
}

/// Of which day the list is, and who was counted or left out without a source.
fn listed(members: &Members, at: Option<&str>, vocabularies: &Vocabularies) -> Option<String> {
    let group = vocabularies.label("groups", &members.group, Language::English);
    let Some(seen) = members.seen.first() else {
        let is_guessed = !members.unverified.is_empty();
        return is_guessed
            .then(|| format!("who is a member of {group} is confirmed by no source here"));
    };
    let asked = match at {
        Some(at) if at < seen.as_str() => {
            format!(", the oldest that is known here, though {at} was asked for")
        }
        Some(at) => format!(", the newest up to {at} that is known here"),
        None => String::new(),
    };
    let unverified = match members.unverified.as_slice() {
        [] => String::new(),
        some => format!(
            "; that {} joined or left is confirmed by no source here",
            some.join(", ")
        ),
    };
    Some(format!(
        "members of {group} are those of the list of {seen}{asked}{unverified}"
    ))
}

/// Whether a vocabulary or the schema names the value; a facet without either has any.
fn is_known(facet: &str, value: &str, vocabularies: &Vocabularies) -> bool {
    let fields = fields(None, facet);
    let mut named = fields.iter().map(|field| &use_of(field).vocabulary);
    // Case does not count where records are found.
    let is_code = |near: &String| near.eq_ignore_ascii_case(value);
    // A country that nobody knows is an error, and is asked for by its name too.
    facet == COUNTRY
        || named.all(String::is_empty)
        || has_name(facet, value, vocabularies)
        || near(facet, value, vocabularies)
            .first()
            .is_some_and(is_code)
}

fn unheard(facet: &str, value: &str, vocabularies: &Vocabularies) -> String {
    let near: Vec<String> = near(facet, value, vocabularies);
    let offered = match near.as_slice() {
        [] => format!("wpsx count --by {facet} shows those that records have"),
        near => format!("near are {}", near[..near.len().min(MOST)].join(", ")),
    };
    let facet = Words::shipped().facet_name(facet, Language::English);
    let facet = facet.to_string().to_lowercase();
    format!("no vocabulary here has {value:?} as {facet}: it is newer or misspelt; {offered}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use wpsx_proto::api::exchange::v1::FacetFilter;

    use super::*;

    fn told(filter: &RecordFilter) -> Vec<String> {
        asides(filter, &Vocabularies::shipped())
    }

    fn of(facet: &str, values: &[&str]) -> Vec<String> {
        told(&RecordFilter {
            facets: vec![FacetFilter {
                facet: facet.to_owned(),
                values: values.iter().map(ToString::to_string).collect(),
            }],
            ..RecordFilter::default()
        })
    }

    #[test]
    fn a_code_that_nobody_knows_is_told_with_those_near_it() {
        let told = of("theme", &["mediation", "meditation"]);
        assert_eq!(
            told,
            [
                "no vocabulary here has \"meditation\" as theme: it is newer or misspelt; near are \
              mediation"
            ]
        );
        let told = of("theme", &["nonsense"]);
        assert!(told[0].ends_with("wpsx count --by theme shows those that records have"));
        // What people call it is near the code.
        assert!(
            of("type", &["law"]).is_empty(),
            "{:?}",
            of("type", &["law"])
        );
        assert!(of("theme", &["Médiation"])[0].ends_with("near are mediation"));
    }

    #[test]
    fn nothing_is_told_of_what_is_known_or_may_be_anything() {
        for (facet, value) in [
            ("theme", "mediation"),
            ("theme", "Mediation"),
            ("status", "in-force"),
            ("country", "Kenya"),
            ("indicator", "own-code-7"),
            ("status-basis", "derived"),
        ] {
            assert_eq!(of(facet, &[value]), Vec::<String>::new(), "{facet} {value}");
        }
        assert!(told(&RecordFilter::default()).is_empty());
    }

    #[test]
    fn the_day_of_the_list_of_members_is_told_and_regions_have_none() {
        let at = |group: &str, at: &str| {
            told(&RecordFilter {
                regions: vec![group.to_owned()],
                members_at: at.to_owned(),
                ..RecordFilter::default()
            })
        };
        let today = at("EU", "");
        assert!(today[0].contains("those of the list of 20"), "{today:?}");
        let before = at("EU", "1999");
        assert!(
            before[0].contains("the oldest that is known here, though 1999 was asked for"),
            "{before:?}"
        );
        let later = at("EU", "2999-01-01");
        assert!(
            later[0].contains("the newest up to 2999-01-01"),
            "{later:?}"
        );
        let nobody = at("WESTERN_BALKANS", "2020");
        assert!(
            nobody[0].ends_with("is confirmed by no source here"),
            "{nobody:?}"
        );
        assert!(at("Eastern Africa", "2020").is_empty());
        assert!(at("no such group", "").is_empty());
    }
}
