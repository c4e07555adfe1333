//! What was typed, as a question.

use std::path::Path;

use wpsx_proto::api::exchange::v1::{FacetFilter, RecordFilter, RecordOrder, ReferenceTarget};

use super::{
    args::{AskArgs, SortArg, SortBy},
    aside::asides,
    failure::Failure,
    output::Output,
    records::{Ask, Records, meant},
};

/// The question of a list or a count. How it was understood is told beside the answer.
///
/// # Errors
/// It names a record by digits that no id begins with, or several.
pub(crate) async fn asked(
    args: &AskArgs,
    sort: Option<SortArg>,
    records: &mut impl Records,
    out: &Output,
) -> Result<Ask, Failure> {
    let refers_to = match &args.refers_to {
        Some(name) => Some(meant(records, name).await?),
        None => None,
    };
    let filter = RecordFilter {
        kinds: args.kind.clone(),
        countries: args.country.clone(),
        origins: args.origin.clone(),
        include_withdrawn: args.withdrawn,
        changed_since: args.since.unwrap_or_default(),
        regions: [&args.region[..], &args.organisation].concat(),
        members_at: args.members_at.clone().unwrap_or_default(),
        facets: facets(args),
        first_year: args.years.map_or(0, |(first, _)| first),
        last_year: args.years.map_or(0, |(_, last)| last),
        publishers: args.publisher.clone(),
        source_ids: args.source_id.clone(),
        title_words: args.words.clone().unwrap_or_default(),
        refers_to: refers_to.map(|id| ReferenceTarget {
            record_id: id.as_bytes().to_vec().into(),
            ..ReferenceTarget::default()
        }),
        families_once: !args.every_text,
        news_only: args.news,
    };
    if !(filter.regions.is_empty() && filter.facets.is_empty()) {
        let told = asides(&filter, &*records.vocabularies()?);
        told.iter().for_each(|aside| out.warn(aside));
    }
    let order = match sort.map(|sort| sort.by) {
        None => RecordOrder::Unspecified,
        Some(SortBy::Changed) => RecordOrder::Change,
        Some(SortBy::Date) => RecordOrder::Date,
        Some(SortBy::Title) => RecordOrder::Title,
        Some(SortBy::Country) => RecordOrder::Country,
    };
    Ok(Ask {
        filter,
        order,
        descending: sort.is_some_and(|sort| sort.descending),
    })
}

/// Values by their facets: any of those of one facet, and one of each.
fn facets(args: &AskArgs) -> Vec<FacetFilter> {
    let themes = args.theme.iter().map(|theme| ("theme", theme));
    let statuses = args.status.iter().map(|status| ("status", status));
    let others = args
        .facet
        .iter()
        .map(|(name, value)| (name.as_str(), value));
    let mut facets: Vec<FacetFilter> = Vec::new();
    for (name, value) in themes.chain(statuses).chain(others) {
        match facets.iter_mut().find(|known| known.facet == name) {
            Some(known) => known.values.push(value.clone()),
            None => facets.push(FacetFilter {
                facet: name.to_owned(),
                values: vec![value.clone()],
            }),
        }
    }
    facets
}

/// How the folder is typed again in a hint, if one is read.
pub(crate) fn again(mirror: Option<&Path>) -> String {
    mirror.map_or_else(String::new, |folder| {
        format!(" --mirror {}", folder.display())
    })
}
