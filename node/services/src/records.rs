//! Questions about records and their answers, between messages and the domain.

use bytes::Bytes;
use wpsx_domain::{
    NodeError,
    access::Sight,
    records::{Part, Proven, Question, Records, record_id},
};
use wpsx_proto::{
    api::exchange::v1::{ProvenEntry, RecordFilter},
    chain,
    hash::Hash,
    origin::Origin,
    record::CountryCode,
};

/// A request's filter as a question.
///
/// # Errors
/// A country or an origin that cannot be one: its records would be none, as if it had none.
pub(crate) fn question(filter: Option<RecordFilter>) -> Result<Question, NodeError> {
    let filter = filter.unwrap_or_default();
    for name in &filter.origins {
        origin("origins", name)?;
    }
    Ok(Question {
        kinds: filter.kinds,
        countries: countries(&filter.countries)?,
        origins: filter.origins,
        include_withdrawn: filter.include_withdrawn,
        ..Question::default()
    })
}

/// The countries that a caller asks for, in whatever case it wrote them.
///
/// # Errors
/// A code that ISO 3166-1 neither knows nor leaves to its users.
pub(crate) fn countries(codes: &[String]) -> Result<Vec<String>, NodeError> {
    let codes = codes.iter().map(|code| {
        let known: Result<CountryCode, _> = code.to_ascii_uppercase().parse();
        known.map(|known| known.to_string())
    });
    codes
        .collect::<Result<_, _>>()
        .map_err(|e| NodeError::invalid("countries", e))
}

/// The origin that a caller wrote into `field`. One that cannot be a name is wrong; one
/// that can may still be missing.
///
/// # Errors
/// It is not well-formed.
pub(crate) fn origin(field: &'static str, text: &str) -> Result<Origin, NodeError> {
    Origin::parse(text).map_err(|e| NodeError::invalid(field, chain(&e)))
}

/// Which part of a list a request wants.
pub(crate) fn part(page_size: u32, page_token: String) -> Part {
    Part {
        size: page_size,
        token: page_token,
    }
}

/// A record that `sight` admits, as it travels, and the checkpoint that proves it; `origin`
/// is empty where any log will do. Blocks.
///
/// # Errors
/// The id or the origin is not well-formed, or there is no such record.
pub(crate) fn get(
    records: &Records,
    sight: &Sight,
    id: &[u8],
    origin: &str,
) -> Result<(ProvenEntry, Bytes), NodeError> {
    let id = record_id(id)?;
    if !origin.is_empty() {
        self::origin("origin", origin)?;
    }
    let (proven, head) = records.get(sight, &id, origin)?;
    Ok((entry(proven), head.note_bytes()))
}

/// A proven entry as it travels.
pub(crate) fn entry(proven: Proven) -> ProvenEntry {
    ProvenEntry {
        origin: proven.origin.to_string(),
        index: proven.index.value(),
        entry: proven.entry,
        state: proven.state.to_api() as i32,
        slot: proven.slot.unwrap_or_default(),
        inclusion: Hash::list_to_bytes(&proven.inclusion),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(countries: &[&str], origins: &[&str]) -> Result<Question, NodeError> {
        question(Some(RecordFilter {
            countries: countries.iter().map(ToString::to_string).collect(),
            origins: origins.iter().map(ToString::to_string).collect(),
            ..RecordFilter::default()
        }))
    }

    #[test]
    fn an_unknown_country_in_a_filter_is_refused_and_a_known_one_taken_in_any_case() {
        let known = asked(&["KEN", "alb", "xKx"], &[]).unwrap();
        assert_eq!(known.countries, ["KEN", "ALB", "XKX"]);
        for unknown in ["", "KE", "Kenya", "ABC", "K\u{c9}N"] {
            let refused = asked(&["KEN", unknown], &[]);
            assert!(
                matches!(
                    refused,
                    Err(NodeError::Invalid {
                        field: "countries",
                        ..
                    })
                ),
                "{unknown:?}"
            );
        }
    }

    #[test]
    fn an_origin_that_cannot_be_one_is_said_to_be_wrong() {
        assert!(asked(&[], &["nobody.example/wpsx/public"]).is_ok());
        for wrong in ["", "\u{0}", &"x".repeat(256)] {
            let refused = asked(&[], &[wrong]);
            assert!(
                matches!(
                    refused,
                    Err(NodeError::Invalid {
                        field: "origins",
                        ..
                    })
                ),
                "{wrong:?}"
            );
        }
    }
}
