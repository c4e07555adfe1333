//! Which column a path of a record came from: `sources[1].url` from `sources.1.url`.

use super::target::Target;

/// One name of a path, and the place in its list.
type Part<'a> = (&'a str, Option<usize>);

/// How far a column's place leads along a path; none where they part ways.
pub(super) fn shared(path: &str, target: &Target) -> Option<usize> {
    let path: Vec<Part<'_>> = path.split('.').map(part).collect();
    let names = target.names();
    let same = |(a, b): (&Part<'_>, &(String, Option<usize>))| {
        let at = a.1.is_none() || b.1.is_none() || a.1 == b.1;
        a.0 == b.0 && at
    };
    let length = path.len().min(names.len());
    path.iter().zip(&names).all(same).then_some(length)
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
