//! Columns that a mapping reads and the file does not have: a slip of the hand in one of
//! the two, which would otherwise leave the field empty unseen.

use std::sync::Arc;

use wpsx_words::Language;

use super::{
    marks::ID_COLUMN,
    nearest::hint,
    profile::{Element, FieldSource, KindSource, Profile},
    template::Template,
};

/// A place in the mapping, and the names of which the file needs one.
type Asked = (String, Vec<String>);

/// What the file lacks, in sentences.
pub(super) fn absent(profile: &Profile, columns: &[Arc<str>]) -> Vec<String> {
    let there = |name: &str| columns.iter().any(|column| **column == *name);
    let mut told = Vec::new();
    for (place, names) in asked(profile, there(ID_COLUMN)) {
        let Some(name) = names.first() else {
            continue;
        };
        if names.iter().any(|name| there(name)) {
            continue;
        }
        let hint = hint(name, columns.iter().map(|column| &**column));
        let sentence = format!("{place}: the file has no column {name:?}{hint}");
        if !told.contains(&sentence) {
            told.push(sentence);
        }
    }
    told
}

/// What a template of ids names that the file does not have, in sentences; none where the
/// rows have ids of their own, or the template is none.
pub(super) fn absent_from_ids(template: &str, columns: &[Arc<str>]) -> Vec<String> {
    let there = |name: &str| columns.iter().any(|column| **column == *name);
    let needed = of_template("--ids-from", template, None).into_iter();
    let lacking = needed.filter(|(_, names)| !names.iter().any(|name| there(name)));
    lacking
        .filter_map(|(place, names)| {
            let name = names.first()?;
            let hint = hint(name, columns.iter().map(|column| &**column));
            Some(format!("{place}: the file has no column {name:?}{hint}"))
        })
        .collect()
}

fn asked(profile: &Profile, has_ids: bool) -> Vec<Asked> {
    let one = |place: &str, name: &String| (place.to_owned(), vec![name.clone()]);
    let mut asked = Vec::new();
    if !has_ids {
        asked.extend(of_template("external_id", &profile.external_id, None));
    }
    if let KindSource::ByCell(by) = &profile.kind {
        asked.push(one("kind", &by.column));
    }
    asked.extend(profile.only.keys().map(|name| one("only", name)));
    for field in profile.field.iter().filter(|field| field.each.is_none()) {
        asked.extend(of_field(&field.to, field));
    }
    for join in &profile.join {
        asked.extend(join.key.iter().map(|key| one("[[join]]", key)));
    }
    if let Some(group) = &profile.group {
        asked.extend(group.by.iter().map(|by| one("[group]", by)));
        asked.extend(
            group
                .element
                .iter()
                .flat_map(|part| of_part(&group.to, part)),
        );
    }
    for check in &profile.check {
        let names = check.sum.iter().chain([&check.equals]);
        asked.extend(names.map(|name| one("[[check]]", name)));
    }
    asked
}

fn of_part(list: &str, element: &Element) -> Vec<Asked> {
    let parts = element.iter();
    parts
        .flat_map(|(part, field)| of_field(&format!("{list}.{part}"), field))
        .collect()
}

fn of_field(to: &str, field: &FieldSource) -> Vec<Asked> {
    if field.optional {
        return Vec::new();
    }
    let place = match field.line {
        0 => to.to_owned(),
        line => format!("line {line}: {to}"),
    };
    let mut asked: Vec<Asked> = Vec::new();
    let conditions = field.when.keys().chain(field.unless.keys());
    for name in field.column.iter().chain(conditions) {
        asked.push((place.clone(), vec![name.clone()]));
    }
    if let Some(template) = &field.template {
        asked.extend(of_template(&place, template, field.language));
    }
    asked
}

/// Of columns that stand for each other one is enough.
fn of_template(place: &str, text: &str, language: Option<Language>) -> Vec<Asked> {
    // What is no template is told where it is read.
    let template = Template::parse(text, language).ok();
    let places = template.iter().flat_map(Template::places);
    places
        .map(|names| (place.to_owned(), names.to_vec()))
        .collect()
}
