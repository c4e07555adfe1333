//! Which column of a table fills a field of its records, and what one for it would be called.

use wpsx_proto::record::Kind;

use super::{for_kind::Shape, place, shape, source::Source, target::Target};

/// The column that fills a field, or what one for it would be called.
pub(super) fn column_of<'a>(shape: &'a Shape, field: &str) -> String {
    let led = |(source, target): &'a (Source, Target)| {
        Some((place::shared(field, target)?, source.column()?))
    };
    let fields = shape.fields.iter().filter_map(led);
    match fields.max_by_key(|(fit, _)| *fit) {
        Some((_, column)) => column.to_owned(),
        None => column_near(shape, field),
    }
}

/// A path without the places in its lists.
pub(super) fn plain(field: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in field.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    plain
}

/// The path is the other one, or leads on from it.
pub(super) fn covers(a: &str, b: &str) -> bool {
    a == b || (a.starts_with(b) && a.as_bytes().get(b.len()) == Some(&b'.'))
}

fn column_near(shape: &Shape, field: &str) -> String {
    let plain = plain(field);
    shape
        .fields
        .iter()
        .filter(|(source, target)| {
            source.column().is_some()
                && (covers(&plain, target.plain()) || covers(target.plain(), &plain))
        })
        .max_by_key(|(_, target)| target.plain().len())
        .and_then(|(source, _)| source.column())
        .map_or_else(|| as_column(shape.kind, field), str::to_owned)
}

/// A path as a column for it is called: `series.observations[2].value` as
/// `observations.2.value`.
pub(super) fn as_column(kind: Kind, path: &str) -> String {
    let plain = path.replace('[', ".").replace(']', "");
    let Some(shape) = shape::Shape::of(kind) else {
        return plain;
    };
    let own = plain.strip_prefix(shape.body().name());
    let Some(own) = own.and_then(|own| own.strip_prefix('.')) else {
        return plain;
    };
    let (first, rest) = own.split_at(own.find('.').unwrap_or(own.len()));
    match shape.field(first) {
        Some((field, true)) => shape.path_of(&field) + rest,
        _ => plain,
    }
}
