//! What the schema says of kinds and of the places that have records of them: which kind is a
//! country's own, which tell of such records, and of which no place lacks any.

use wpsx_proto::{
    api::record::v1::{KindUse, PagePlace},
    record::{
        Kind,
        schema::{kind_use_of, use_of},
    },
};

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
        assert_eq!(
            called(tells_of_country_s),
            ["plan-item", "progress-report", "assessment"]
        );
    }
}
