//! Where in a file what a draft says comes from, for faults that are found when the file has been
//! read: by who publishes the drafts, in what their records say by then.

use std::{collections::BTreeMap, fmt, sync::Arc};

use wpsx_domain::publishing::Draft;
use wpsx_proto::record::Kind;

use super::{
    bad::BadRow,
    filling::as_column,
    groups::{Groups, Placed},
    laid::Laid,
    remark::Place,
    shape::Shape,
    spot::Spot,
};

/// The column that a path of a record of a kind came from, or the path itself.
pub(super) type ColumnOf = Box<dyn Fn(Kind, &str) -> String + Send + Sync>;

/// What is kept of a file that was read.
pub(super) struct Whereabouts {
    pub(super) column_of: ColumnOf,
    pub(super) groups: Groups,
    /// The columns of the table of records.
    pub(super) columns: Vec<Arc<str>>,
    /// By the numbers of the drafts.
    pub(super) lists: BTreeMap<usize, Lists>,
}

/// Where the parts of a record's lists come from.
#[derive(Clone, Default)]
pub(super) struct Lists {
    pub(super) laid: Vec<Laid>,
    /// For each further table: where its parts begin in their list, and its rows.
    pub(super) placed: Vec<Placed>,
}

impl Lists {
    pub(super) fn is_empty(&self) -> bool {
        self.laid.is_empty() && self.placed.iter().all(|(_, rows)| rows.is_empty())
    }
}

impl Whereabouts {
    /// A fault in what a draft says at a path, as it stands in the file: by the column that says
    /// it, or else by what a column for it would be called. JSON has paths and no columns.
    pub(super) fn fault(&self, n: usize, draft: &Draft, path: &str, rule: &str) -> BadRow {
        let kind = Kind::new(draft.kind);
        if let Some(bad) = full(kind, path).and_then(|path| self.found(n, draft, &path, rule)) {
            return bad;
        }
        let line = draft.place.as_ref().map_or(0, |place| place.line);
        let column = match self.columns.is_empty() {
            true => path.to_owned(),
            false => as_column(kind, path),
        };
        BadRow::at(line, &column, rule).remedy("")
    }

    fn found(&self, n: usize, draft: &Draft, path: &str, rule: &str) -> Option<BadRow> {
        let kind = Kind::new(draft.kind);
        let none = Lists::default();
        let lists = self.lists.get(&n).unwrap_or(&none);
        if let Some(spot) = self.groups.spot_of(kind, path, &lists.placed) {
            let value = self.groups.value_at(&spot);
            return Some(spot.bad(rule.to_owned()).holding(&value).remedy(""));
        }
        let laid = lists.laid.iter();
        let laid = laid
            .filter_map(|laid| laid.spot(path, &self.columns))
            .next();
        let own = || {
            let column = (self.column_of)(kind, path);
            let is_there = self.columns.iter().any(|name| **name == *column);
            let line = draft.place.as_ref()?.line;
            let spot = Spot {
                sheet: None,
                place: Place { line, column },
                cell: None,
            };
            is_there.then_some(spot)
        };
        let spot = laid.or_else(own)?;
        Some(spot.bad(rule.to_owned()).remedy(""))
    }
}

/// A path with the part that says the kind, and with the places in lists in brackets:
/// `observations.2.value` as `series.observations[2].value`.
fn full(kind: Kind, path: &str) -> Option<String> {
    let shape = Shape::of(kind)?;
    let first = path.split(['.', '[']).next()?;
    let mut full = match shape.field(first) {
        Some((_, true)) => shape.body().name().to_owned(),
        _ => String::new(),
    };
    for name in path.split('.') {
        if !full.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            full = format!("{full}[{name}]");
            continue;
        }
        if !full.is_empty() {
            full.push('.');
        }
        full.push_str(name);
    }
    Some(full)
}

impl fmt::Debug for Whereabouts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Whereabouts").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_as_people_read_it_leads_to_where_the_schema_has_it() {
        let kind: Kind = "series".parse().unwrap();
        for (short, long) in [
            ("title.en", "title.en"),
            ("observations.2.value", "series.observations[2].value"),
            (
                "series.observations[2].value",
                "series.observations[2].value",
            ),
            ("period.end", "series.period.end"),
            ("sources.0.url", "sources[0].url"),
        ] {
            assert_eq!(full(kind, short).as_deref(), Some(long));
            if !short.contains('[') {
                assert_eq!(as_column(kind, long), short);
            }
        }
    }
}
