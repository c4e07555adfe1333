//! What was typed, as a question.

use std::path::Path;

use wpsx_proto::api::exchange::v1::{RecordFilter, RecordOrder};

use super::{
    args::{AskArgs, SortArg, SortBy},
    records::Ask,
};

/// The question of a list or a count.
pub(crate) fn asked(args: &AskArgs, sort: Option<SortArg>) -> Ask {
    let filter = RecordFilter {
        kinds: args.kind.clone(),
        countries: args.country.clone(),
        origins: args.origin.clone(),
        include_withdrawn: args.withdrawn,
        changed_since: args.since.unwrap_or_default(),
        ..RecordFilter::default()
    };
    let order = match sort.map(|sort| sort.by) {
        None => RecordOrder::Unspecified,
        Some(SortBy::Changed) => RecordOrder::Change,
        Some(SortBy::Date) => RecordOrder::Date,
        Some(SortBy::Title) => RecordOrder::Title,
        Some(SortBy::Country) => RecordOrder::Country,
    };
    Ask {
        filter,
        order,
        descending: sort.is_some_and(|sort| sort.descending),
    }
}

/// How the folder is typed again in a hint, if one is read.
pub(crate) fn again(mirror: Option<&Path>) -> String {
    mirror.map_or_else(String::new, |folder| {
        format!(" --mirror {}", folder.display())
    })
}
