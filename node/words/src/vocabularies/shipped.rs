//! The tables that come with the program. Where they are from is in `PROVENANCE.md`.

use super::{
    memberships::{self, Membership},
    table::{self, Term},
};

/// Name and text of every shipped vocabulary.
pub(super) const TABLES: &[(&str, &str)] = &[
    ("ages", include_str!("../../vocabularies/ages.csv")),
    (
        "breakdowns",
        include_str!("../../vocabularies/breakdowns.csv"),
    ),
    (
        "call-types",
        include_str!("../../vocabularies/call-types.csv"),
    ),
    (
        "commitment-states",
        include_str!("../../vocabularies/commitment-states.csv"),
    ),
    (
        "completenesses",
        include_str!("../../vocabularies/completenesses.csv"),
    ),
    (
        "counted-things",
        include_str!("../../vocabularies/counted-things.csv"),
    ),
    (
        "countries",
        include_str!("../../vocabularies/countries.csv"),
    ),
    (
        "currencies",
        include_str!("../../vocabularies/currencies.csv"),
    ),
    (
        "decision-states",
        include_str!("../../vocabularies/decision-states.csv"),
    ),
    (
        "decision-types",
        include_str!("../../vocabularies/decision-types.csv"),
    ),
    (
        "disaggregations",
        include_str!("../../vocabularies/disaggregations.csv"),
    ),
    (
        "document-types",
        include_str!("../../vocabularies/document-types.csv"),
    ),
    (
        "event-types",
        include_str!("../../vocabularies/event-types.csv"),
    ),
    (
        "finding-types",
        include_str!("../../vocabularies/finding-types.csv"),
    ),
    (
        "flag-types",
        include_str!("../../vocabularies/flag-types.csv"),
    ),
    ("groups", include_str!("../../vocabularies/groups.csv")),
    (
        "iati-organisation-types",
        include_str!("../../vocabularies/iati-organisation-types.csv"),
    ),
    (
        "initiative-states",
        include_str!("../../vocabularies/initiative-states.csv"),
    ),
    (
        "initiative-types",
        include_str!("../../vocabularies/initiative-types.csv"),
    ),
    (
        "instruments",
        include_str!("../../vocabularies/instruments.csv"),
    ),
    (
        "item-states",
        include_str!("../../vocabularies/item-states.csv"),
    ),
    (
        "judgements",
        include_str!("../../vocabularies/judgements.csv"),
    ),
    (
        "languages",
        include_str!("../../vocabularies/languages.csv"),
    ),
    ("m49", include_str!("../../vocabularies/m49.csv")),
    ("natures", include_str!("../../vocabularies/natures.csv")),
    (
        "opportunity-types",
        include_str!("../../vocabularies/opportunity-types.csv"),
    ),
    (
        "organisation-types",
        include_str!("../../vocabularies/organisation-types.csv"),
    ),
    (
        "organisations",
        include_str!("../../vocabularies/organisations.csv"),
    ),
    (
        "participant-categories",
        include_str!("../../vocabularies/participant-categories.csv"),
    ),
    (
        "personnel-types",
        include_str!("../../vocabularies/personnel-types.csv"),
    ),
    ("pillars", include_str!("../../vocabularies/pillars.csv")),
    (
        "policy-markers",
        include_str!("../../vocabularies/policy-markers.csv"),
    ),
    (
        "policy-significances",
        include_str!("../../vocabularies/policy-significances.csv"),
    ),
    (
        "report-types",
        include_str!("../../vocabularies/report-types.csv"),
    ),
    ("scales", include_str!("../../vocabularies/scales.csv")),
    (
        "sdg-indicators",
        include_str!("../../vocabularies/sdg-indicators.csv"),
    ),
    ("sectors", include_str!("../../vocabularies/sectors.csv")),
    ("sexes", include_str!("../../vocabularies/sexes.csv")),
    (
        "text-states",
        include_str!("../../vocabularies/text-states.csv"),
    ),
    ("themes", include_str!("../../vocabularies/themes.csv")),
    ("units", include_str!("../../vocabularies/units.csv")),
    (
        "women-clauses",
        include_str!("../../vocabularies/women-clauses.csv"),
    ),
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
