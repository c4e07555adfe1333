//! The tables that come with the program. Where they are from is in `PROVENANCE.md`.

use super::{
    memberships::{self, Membership},
    table::{self, Term},
};

/// Name and text of every shipped vocabulary.
pub(super) const TABLES: &[(&str, &str)] = &[
    (
        "countries",
        include_str!("../../vocabularies/countries.csv"),
    ),
    (
        "currencies",
        include_str!("../../vocabularies/currencies.csv"),
    ),
    (
        "iati-organisation-types",
        include_str!("../../vocabularies/iati-organisation-types.csv"),
    ),
    (
        "languages",
        include_str!("../../vocabularies/languages.csv"),
    ),
    ("m49", include_str!("../../vocabularies/m49.csv")),
    (
        "policy-markers",
        include_str!("../../vocabularies/policy-markers.csv"),
    ),
    (
        "policy-significances",
        include_str!("../../vocabularies/policy-significances.csv"),
    ),
    ("sectors", include_str!("../../vocabularies/sectors.csv")),
];

const MEMBERSHIPS: &str = include_str!("../../memberships/memberships.csv");
const UNVERIFIED: &str = include_str!("../../memberships/memberships_unverified.csv");

/// The rows of a shipped table. A test reads every table, so none has a fault here.
pub(super) fn rows(name: &str, text: &str) -> Vec<Term> {
    if text.is_empty() {
        return Vec::new();
    }
    table::read(name, text).unwrap_or_default()
}

/// The shipped lists of members.
pub(super) fn memberships() -> Vec<Membership> {
    let mut rows = memberships::read("memberships.csv", MEMBERSHIPS, true).unwrap_or_default();
    rows.extend(
        memberships::read("memberships_unverified.csv", UNVERIFIED, false).unwrap_or_default(),
    );
    rows
}
