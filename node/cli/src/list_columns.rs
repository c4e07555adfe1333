//! Which columns a list can have: those with a name, and the fields of records by their paths.

use prost_reflect::{FieldDescriptor, MessageDescriptor};
use wpsx_proto::record::{Kind, LanguageTag, schema::record_message};

use super::failure::Failure;

/// The columns by name, besides paths of fields.
pub(crate) const NAMED: [&str; 13] = [
    "title",
    "country",
    "dates",
    "kind",
    "id",
    "origin",
    "publisher",
    "revision",
    "changed",
    "backfill",
    "age",
    "source-id",
    "countries",
];

/// The place of the first part of a list.
const FIRST: &str = "0";

/// Refuses a name that is no column.
pub(crate) fn check(name: &str) -> Result<(), Failure> {
    if NAMED.contains(&name) || leads(name) {
        return Ok(());
    }
    let fields = fields().into_iter().map(|field| field.name().to_owned());
    let known: Vec<String> = NAMED
        .iter()
        .map(ToString::to_string)
        .chain(fields)
        .collect();
    let near = wpsx_sheets::hint(name, known.iter().map(String::as_str));
    Err(Failure::usage(format!("{name} names no column{near}")).remedy(format!(
        "columns are {}, or paths of fields such as adopted or title.fr; wpsx fields KIND lists \
         those of a kind",
        NAMED.join(", ")
    )))
}

/// The value at `name` is one that `path` asks for: it stands there or within it. A path without
/// a place in a list asks for all of its parts; of a list of one part a value is written without
/// a place, which is the first.
pub(crate) fn is_meant(name: &str, path: &str) -> bool {
    let mut names = name.split('.').peekable();
    for wanted in path.split('.') {
        let next = match is_number(wanted) {
            true => names.next_if(|name| is_number(name)).unwrap_or(FIRST),
            false => {
                while names.next_if(|name| is_number(name)).is_some() {}
                names.next().unwrap_or_default()
            }
        };
        if next != wanted {
            return false;
        }
    }
    true
}

fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The path leads to a field of some kind.
fn leads(path: &str) -> bool {
    let names: Vec<&str> = path.split('.').collect();
    let Some((first, rest)) = names.split_first() else {
        return false;
    };
    let mut fields = fields().into_iter();
    fields.any(|field| field.name() == *first && leads_on(&field, rest))
}

fn leads_on(field: &FieldDescriptor, names: &[&str]) -> bool {
    let Some((first, rest)) = names.split_first() else {
        return true;
    };
    let kind = field.kind();
    let Some(message) = kind.as_message() else {
        return false;
    };
    match message.name() {
        // People read a date as one value.
        "Date" => false,
        "Text" if field.is_list() => first.parse::<LanguageTag>().is_ok() && rest.is_empty(),
        _ if field.is_list() && is_number(first) => leads_on(field, rest),
        _ => {
            let inner = message.get_field_by_name(first);
            inner.is_some_and(|inner| leads_on(&inner, rest))
        }
    }
}

/// The fields of all records, and of each kind.
fn fields() -> Vec<FieldDescriptor> {
    let bodies = Kind::known().filter_map(|kind| kind.body_field());
    let bodies: Vec<FieldDescriptor> = bodies.collect();
    let of = |message: &MessageDescriptor| message.fields().collect::<Vec<_>>();
    let own = bodies.iter().flat_map(|body| {
        let kind = body.kind();
        kind.as_message().map(of).unwrap_or_default()
    });
    let shared = of(&record_message()).into_iter();
    let shared = shared.filter(|field| field.containing_oneof().is_none());
    shared.chain(own).collect()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a test fails by panicking"
    )]

    use super::*;

    #[test]
    fn a_column_is_a_name_or_a_path_that_leads_to_a_field() {
        for name in [
            "title",
            "source-id",
            "adopted",
            "title.fr",
            "period.start",
            "status_history.status",
            "status_history.0.status",
            "observations.value",
            "sources",
        ] {
            assert!(check(name).is_ok(), "{name}");
        }
        for name in [
            "foo",
            "adopted.value",
            "period.begin",
            "title.",
            "",
            "titel",
            "countries.x",
        ] {
            assert!(check(name).is_err(), "{name}");
        }
        let told = format!("{:?}", check("adoptd").expect_err("no column"));
        assert!(told.contains("did you mean adopted?"), "{told}");
    }

    #[test]
    fn a_path_asks_for_a_part_of_a_list_by_its_place_also_where_the_list_has_only_one() {
        for (name, path, meant) in [
            ("adopted", "adopted", true),
            ("adopted", "launched", false),
            ("title.fr", "title", true),
            ("status_history.0.status", "status_history.status", true),
            ("status_history.1.status", "status_history", true),
            ("status_history.1.status", "status_history.1.status", true),
            ("status_history.1.status", "status_history.0.status", false),
            ("status_history.status", "status_history.0.status", true),
            ("status_history.status", "status_history.1.status", false),
            ("status_history.status", "status_history.0", true),
            ("status_history.0.basis", "status_history.status", false),
            ("status_history", "status_history.status", false),
        ] {
            assert_eq!(is_meant(name, path), meant, "{name} {path}");
        }
    }
}
