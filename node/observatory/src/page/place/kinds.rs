//! What the schema says of kinds and of the places that have records of them: which kind is a
//! country's own, which tell of such records, and of which no place lacks any.

use prost_reflect::MessageDescriptor;
use wpsx_proto::{
    api::record::v1::{KindUse, PagePlace},
    record::{
        Kind,
        schema::{kind_use_of, use_of},
    },
};

/// Parts within parts that are looked through.
const DEEPEST: usize = 4;

fn use_of_kind(kind: Kind) -> KindUse {
    let message = kind.body_field();
    let message = message.and_then(|field| field.kind().as_message().cloned());
    message
        .map(|message| kind_use_of(&message))
        .unwrap_or_default()
}

/// Whether each record of a kind is of a country.
pub(super) fn is_of_country(kind: Kind) -> bool {
    use_of_kind(kind).of_a_country
}

/// Whether each record of a kind is an organisation's own.
pub(in crate::page) fn is_of_organisation(kind: Kind) -> bool {
    use_of_kind(kind).of_an_organisation
}

/// Whether records of a kind name bodies, in any of their parts.
pub(super) fn names_bodies(kind: Kind) -> bool {
    fn names(message: &MessageDescriptor, depth: usize) -> bool {
        let mut parts = message
            .fields()
            .filter_map(|field| field.kind().as_message().cloned());
        depth < DEEPEST && parts.any(|part| part.name() == "Body" || names(&part, depth + 1))
    }
    let body = kind.body_field();
    let body = body.and_then(|field| field.kind().as_message().cloned());
    body.is_some_and(|body| names(&body, 0))
}

/// Whether no place lacks records of a kind.
pub(super) fn is_of_no_place(kind: Kind) -> bool {
    use_of_kind(kind).of_no_place
}

/// Whether a record of a kind tells first of all of one that is a country's own: a report on a
/// plan, an item of it.
pub(super) fn tells_of_country_s(kind: Kind) -> bool {
    let message = kind.body_field();
    let message = message.and_then(|field| field.kind().as_message().cloned());
    let mut fields = message.iter().flat_map(|message| message.fields());
    fields.any(|field| {
        let said = use_of(&field);
        let mut named = said.refers_to.iter().filter_map(|kind| kind.parse().ok());
        said.place() == PagePlace::Heading && named.any(is_of_country)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(is_it: fn(Kind) -> bool) -> Vec<String> {
        let kinds = Kind::known().filter(|kind| is_it(*kind));
        kinds.map(|kind| kind.to_string()).collect()
    }

    #[test]
    fn what_tells_of_a_countrys_own_plan_is_said_by_the_schema() {
        assert_eq!(called(is_of_country), ["national-action-plan"]);
        assert_eq!(called(is_of_organisation), ["regional-action-plan"]);
        let naming = called(names_bodies);
        assert!(naming.contains(&"event".to_owned()) && !naming.contains(&"series".to_owned()));
        assert_eq!(
            called(tells_of_country_s),
            ["plan-item", "progress-report", "assessment"]
        );
    }
}
