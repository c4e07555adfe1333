//! The lists of a kind that may stand in a table of their own, and what such a table is
//! called: a sheet by the list's path or label, a file by the name of the records' file
//! with the list's path in it (`series.observations.csv` beside `series.csv`).

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use prost_reflect::FieldDescriptor;
use wpsx_proto::record::{Kind, schema::FieldRules};
use wpsx_words::Words;

use super::{
    folding::folded,
    names,
    shape::{Shape, is_text, message_of},
    target::Target,
};

/// Characters of a sheet's name; a spreadsheet takes no more.
pub(super) const LONGEST_NAME: usize = 31;

/// The paths of all lists of parts of a kind.
pub(super) fn of(shape: &Shape) -> Vec<String> {
    let fields = shape.fields().filter(is_list);
    fields.map(|field| shape.path_of(&field)).collect()
}

fn is_list(field: &FieldDescriptor) -> bool {
    field.is_list() && message_of(field).is_some() && !is_text(field)
}

/// Parts of one list from which on nobody reads it in a cell: so many any list may have.
const LONG: usize = 1_000;

/// The lists of a kind's own of which the schema says that they may be longer than others.
pub(super) fn long(shape: &Shape) -> impl Iterator<Item = FieldDescriptor> {
    let own = |field: &FieldDescriptor| field.parent_message() != shape.record();
    let fields = shape.fields().filter(is_list).filter(own);
    fields.filter(|field| FieldRules::of(field).max_items > LONG)
}

/// The lists of a kind that have a table of their own beside that of its records
/// ([`PartsTable`](crate::PartsTable)): their paths and fields.
#[must_use]
pub fn long_lists(kind: Kind) -> Vec<(String, FieldDescriptor)> {
    let Some(shape) = Shape::of(kind) else {
        return Vec::new();
    };
    let long = long(&shape).map(|field| (shape.path_of(&field), field));
    long.collect()
}

/// The path of the list that a table's name means.
pub(super) fn named(shape: &Shape, kind: Kind, name: &str) -> Option<String> {
    let start = |text: &str| -> String { folded(text).chars().take(LONGEST_NAME).collect() };
    let wanted = start(name);
    let by_path = of(shape).into_iter().find(|path| start(path) == wanted);
    by_path.or_else(|| match &Words::shipped().fields_named(kind, name)[..] {
        [field] if is_list(field) => Some(shape.path_of(field)),
        _ => None,
    })
}

/// The place of a column in a part of a list: by its path, or by its label.
pub(super) fn part_of(
    shape: &Shape,
    kind: Kind,
    list: &str,
    column: &str,
) -> Result<Target, String> {
    let path = format!("{list}.0.{}", column.trim());
    let field = shape.field_at(list);
    let part = field.as_ref().and_then(message_of);
    let labelled = || Some(format!("{list}.0.{}", names::labelled_in(&part?, column)?));
    let path = names::path_of(kind, &path)
        .or_else(labelled)
        .unwrap_or(path);
    Target::find_in(shape, &path)
}

/// The file for a list beside the file of the records: `series.csv` and `observations` as
/// `series.observations.csv`.
pub(super) fn beside(path: &Path, list: &str) -> PathBuf {
    if list.is_empty() {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(".");
    name.push(list);
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// Every file that an import of this one would look for beside it, with its list.
pub(super) fn all_beside(path: &Path) -> Vec<(String, PathBuf)> {
    let shapes = Kind::known().filter_map(Shape::of);
    let lists: BTreeSet<String> = shapes.flat_map(|shape| of(&shape)).collect();
    lists
        .into_iter()
        .map(|list| {
            let file = beside(path, &list);
            (list, file)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_known_by_its_list_in_any_of_the_six_languages() {
        let kind: Kind = "series".parse().unwrap();
        let shape = Shape::of(kind).unwrap();
        for name in [
            "observations",
            "Observations",
            " OBSERVATIONS ",
            "Observaciones",
            "Наблюдения",
        ] {
            assert_eq!(
                named(&shape, kind, name).as_deref(),
                Some("observations"),
                "{name}"
            );
        }
        assert_eq!(named(&shape, kind, "Notes of the ministry"), None);
        let column =
            |name| part_of(&shape, kind, "observations", name).map(|it| it.plain().to_owned());
        assert_eq!(column("value").unwrap(), "series.observations.value");
        assert_eq!(column("Value").unwrap(), "series.observations.value");
        assert!(column("valeu").is_err());
        for kind in Kind::known() {
            let shape = Shape::of(kind).unwrap();
            for list in of(&shape) {
                let cut: String = list.chars().take(LONGEST_NAME).collect();
                assert_eq!(named(&shape, kind, &cut), Some(list), "{kind}");
            }
        }
    }
}
