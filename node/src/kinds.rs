//! The names of kinds that people type and read: `national-action-plan` for
//! `KIND_NATIONAL_ACTION_PLAN`. Derived from the schema, so that a new kind has a
//! name here the day it is added there. A kind this software does not know goes
//! by its number.

use wpsx_proto::api::record::v1::Kind;

/// The number of a kind given by name, or by number.
pub fn number(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse::<u32>() {
        return (number != 0).then_some(number);
    }
    let schema = format!("KIND_{}", text.to_uppercase().replace('-', "_"));
    match Kind::from_str_name(&schema)? {
        Kind::Unspecified => None,
        kind => u32::try_from(kind as i32).ok(),
    }
}

/// The name of a kind; its number in words where this software has no name for it.
pub fn name(number: u32) -> String {
    known(number).unwrap_or_else(|| format!("kind-{number}"))
}

/// The name of a kind that this software knows.
pub fn known(number: u32) -> Option<String> {
    let kind = Kind::try_from(i32::try_from(number).ok()?).ok()?;
    let name = kind.as_str_name().strip_prefix("KIND_")?;
    (kind != Kind::Unspecified).then(|| name.to_lowercase().replace('_', "-"))
}

/// Every kind this software knows, in the schema's order.
pub fn names() -> Vec<String> {
    (1..=1000).map_while(known).collect()
}

/// What to type instead, for messages.
pub(crate) fn expected() -> String {
    format!("one of {}, or a number", names().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_kind_is_found_by_its_name() {
        assert!(names().contains(&"national-action-plan".to_owned()));
        for kind in names() {
            assert_eq!(name(number(&kind).unwrap()), kind);
        }
    }

    #[test]
    fn an_unknown_kind_goes_by_its_number() {
        assert_eq!(name(4711), "kind-4711");
        assert_eq!(number("4711"), Some(4711));
        assert_eq!(number("unspecified"), None);
        assert_eq!(number("0"), None);
    }
}
