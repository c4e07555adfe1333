//! Which column a path of a record came from: `sources[1].url` from `sources.1.url`.

use std::cmp::Reverse;

use super::target::Target;

/// One name of a path, and the place in its list.
type Part<'a> = (&'a str, Option<usize>);

/// How well a column's place fits a path: how far it leads along, and how little beyond.
pub(super) type Fit = (usize, Reverse<usize>);

/// How well a column's place fits a path; none where they part ways.
pub(super) fn shared(path: &str, target: &Target) -> Option<Fit> {
    let mut along = 0;
    for (a, b) in path.split('.').map(part).zip(target.names()) {
        let is_same_part = a.1.is_none() || b.1.is_none() || a.1 == b.1;
        if a.0 != b.0 || !is_same_part {
            return None;
        }
        along += 1;
    }
    Some((along, Reverse(target.names().count() - along)))
}

/// The place in the first list that a path goes through.
pub(super) fn first_index(path: &str) -> Option<usize> {
    path.split('.').find_map(|name| part(name).1)
}

fn part(name: &str) -> Part<'_> {
    let Some((plain, index)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) else {
        return (name, None);
    };
    (plain, index.parse().ok())
}
