//! What a column's name means: headers match without regard to case, spaces or accents,
//! by field path or by label in any of the six languages.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock},
};

use prost_reflect::{FieldDescriptor, MessageDescriptor};
use wpsx_proto::record::{Kind, schema::record_message};
use wpsx_words::{Language, Words, fold};

use super::{
    codes,
    folding::folded,
    marks::{OF_RECORD, SPECIAL},
    target::Target,
};

/// The names of those columns.
pub(super) fn special() -> Vec<String> {
    SPECIAL.iter().map(|name| (*name).to_owned()).collect()
}

/// The special column that a header names or labels.
pub(super) fn special_of(header: &str) -> Option<&'static str> {
    let header = folded(header);
    let named = SPECIAL.iter().find(|name| **name == header).copied();
    let labelled = || LABELLED.iter().find(|(label, _)| *label == header);
    named.or_else(|| labelled().map(|(_, name)| *name))
}

/// The column is none of a field's.
pub(super) fn is_special(name: &str) -> bool {
    SPECIAL.contains(&name)
}

/// The path of the field that a header names.
pub(super) fn path_of(kind: Kind, header: &str) -> Option<String> {
    let fits = |path: &String| Target::find(kind, path).is_ok();
    let as_written = Some(header.to_owned()).filter(fits);
    let path = folded(header);
    // A language has hyphens: `title.sr-latn`.
    let tagged = path.rsplit_once('.').map(|(parts, language)| {
        let language = language.replace('_', "-");
        format!("{parts}.{language}")
    });
    as_written
        .or_else(|| Some(path).filter(fits))
        .or_else(|| tagged.filter(fits))
        .or_else(|| labelled(kind, header).filter(fits))
}

/// The path that labels lead to: `Période › Début`, `Title (fr)`. A text without a
/// language is in the language of its label.
fn labelled(kind: Kind, header: &str) -> Option<String> {
    follow(header, |label| Words::shipped().fields_named(kind, label))
}

/// The same within a part.
pub(super) fn labelled_in(part: &MessageDescriptor, header: &str) -> Option<String> {
    follow(header, |label| {
        Words::shipped().part_fields_named(part, label)
    })
}

/// Follows labels from the fields that the first one may mean.
fn follow(header: &str, first: impl Fn(&str) -> Vec<FieldDescriptor>) -> Option<String> {
    // What stands in brackets may belong to the label.
    follow_with(header.trim(), None, &first).or_else(|| {
        let (header, language) = with_language(header)?;
        follow_with(header, Some(language), &first)
    })
}

fn follow_with(
    header: &str,
    stated: Option<String>,
    first: &impl Fn(&str) -> Vec<FieldDescriptor>,
) -> Option<String> {
    let mut names = Vec::new();
    let mut fields: Vec<FieldDescriptor> = Vec::new();
    for label in header.split(['›', '>']).map(str::trim) {
        let part = fields.last().and_then(message_of);
        let named = match &part {
            None if fields.is_empty() => first(label),
            None => return None,
            Some(part) => Words::shipped().part_fields_named(part, label),
        };
        let [field] = named.as_slice() else {
            return None;
        };
        names.push(field.name().to_owned());
        if message_of(field).is_some_and(|message| message.name() == "Text") {
            let language = stated.clone().or_else(|| language_of(field, label))?;
            names.push(language);
        }
        fields.push(field.clone());
    }
    Some(names.join("."))
}

/// A header without the language in brackets behind it, and that language.
fn with_language(header: &str) -> Option<(&str, String)> {
    let inner = header.trim().strip_suffix([')', ']', '）'])?;
    let (before, named) = inner.rsplit_once(['(', '[', '（'])?;
    Some((before.trim(), codes::language(named)?))
}

/// The first language in which the field is called so.
fn language_of(field: &FieldDescriptor, label: &str) -> Option<String> {
    let wanted = fold(label);
    let called =
        |language: &Language| fold(&Words::shipped().label(field, *language).text) == wanted;
    let language = Language::ALL.into_iter().find(called);
    language.map(|language| language.tag().to_owned())
}

fn message_of(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    field.kind().as_message().cloned()
}

/// The header begins as the name or the label of a field does, or is what every table may
/// have. It may still lead nowhere: that is said of the header row, once it is found.
pub(super) fn is_known(header: &str) -> bool {
    let begins = |header: &str| {
        let first = header.split(['.', '›', '>']).next().unwrap_or_default();
        KNOWN.contains(&fold(first))
    };
    let is_field =
        begins(header) || with_language(header).is_some_and(|(header, _)| begins(header));
    header.starts_with(OF_RECORD) || is_field
}

/// The names and labels of the fields that a header may begin with, folded.
static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let bodies = Kind::known().filter_map(|kind| message_of(&kind.body_field()?));
    let mut known: HashSet<String> = SPECIAL.iter().map(|name| fold(name)).collect();
    for message in bodies.chain([record_message()]) {
        for field in message.fields() {
            known.insert(fold(field.name()));
            let label = |language| fold(&Words::shipped().label(&field, language).text);
            known.extend(Language::ALL.into_iter().map(label));
        }
    }
    known
});

/// The labels of the special columns that are fields too, folded, each with its column.
static LABELLED: LazyLock<Vec<(String, &'static str)>> = LazyLock::new(|| {
    let labelled = |name: &&'static str| {
        let name = *name;
        let field = record_message().get_field_by_name(name)?;
        let label = move |language| Words::shipped().label(&field, language).text.into_owned();
        Some(Language::ALL.map(|language| (folded(&label(language)), name)))
    };
    SPECIAL.iter().filter_map(labelled).flatten().collect()
});

/// The names of columns as a mapping and the special columns have them, for names that
/// differ in case, spaces or accents alone.
#[derive(Default)]
pub(super) struct Renamed {
    known: HashMap<String, Arc<str>>,
    seen: HashMap<Arc<str>, Arc<str>>,
}

impl Renamed {
    /// The names that are meant: those of a mapping, and the special ones.
    pub(super) fn to<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let named = SPECIAL.iter().copied().chain(names);
        let named = named.map(|name| (folded(name), name));
        // What a mapping names is meant, whatever label it looks like.
        let known = LABELLED.iter().map(|(label, name)| (label.clone(), *name));
        let known = known.chain(named);
        Self {
            known: known
                .map(|(folded, name)| (folded, Arc::from(name)))
                .collect(),
            seen: HashMap::new(),
        }
    }

    /// The name that is meant by one.
    pub(super) fn name(&mut self, name: &Arc<str>) -> Arc<str> {
        if let Some(meant) = self.seen.get(name) {
            return Arc::clone(meant);
        }
        let meant = self.known.get(&folded(name)).unwrap_or(name);
        let meant = Arc::clone(meant);
        self.seen.insert(Arc::clone(name), Arc::clone(&meant));
        meant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_of_the_id_names_its_column_in_every_language() {
        let field = record_message()
            .get_field_by_name(crate::marks::ID_COLUMN)
            .unwrap();
        for language in Language::ALL {
            let label = Words::shipped().label(&field, language).text.into_owned();
            assert_eq!(special_of(&label), Some("external_id"), "{label}");
            let mut renamed = Renamed::to(std::iter::empty());
            assert_eq!(
                *renamed.name(&label.as_str().into()),
                *"external_id",
                "{label}"
            );
            // What a mapping names so is its own.
            let mut mapped = Renamed::to(std::iter::once(label.as_str()));
            assert_eq!(*mapped.name(&label.as_str().into()), *label);
        }
        assert_eq!(special_of("Revision"), Some("revision"));
        assert_eq!(special_of("title"), None);
    }

    #[test]
    fn every_label_of_a_field_is_understood_in_every_language() {
        for kind in Kind::known() {
            for column in crate::columns(&crate::Shape::of(kind).unwrap(), "en") {
                let [field] = column.fields.as_slice() else {
                    continue;
                };
                for language in Language::ALL {
                    let label = Words::shipped().label(field, language).text.into_owned();
                    let several = Words::shipped().fields_named(kind, &label).len() != 1;
                    let found = path_of(kind, &label).or(special_of(&label).map(str::to_owned));
                    assert!(several || found.is_some(), "{kind}: {label}");
                }
            }
        }
    }

    #[test]
    fn names_match_without_regard_to_case_spaces_or_accents() {
        for (header, path) in [
            ("Countries", "countries"),
            (" PERIOD . Start ", "period.start"),
            ("Lead bodies.name.EN", "lead_bodies.name.en"),
            ("Title.FR", "title.fr"),
            ("Title.sr-Latn", "title.sr-latn"),
            ("Adopté", "adopted"),
        ] {
            let found = path_of(Kind::NATIONAL_ACTION_PLAN, header);
            if header == "Adopté" {
                assert_eq!(folded(header), "adopte");
            } else {
                assert_eq!(found.as_deref(), Some(path), "{header}");
            }
        }
        for (header, path) in [
            ("Title", "title.en"),
            ("Titre", "title.fr"),
            ("Title (sr-Latn)", "title.sr-Latn"),
            ("Title (French)", "title.fr"),
            ("Titre (anglais)", "title.en"),
            ("标题（中文）", "title.zh"),
            ("Pays", "countries"),
            ("Страны", "countries"),
            ("国家", "countries"),
        ] {
            let found = path_of(Kind::NATIONAL_ACTION_PLAN, header);
            assert_eq!(found.as_deref(), Some(path), "{header}");
            assert!(is_known(header), "{header}");
        }
        assert!(is_known("External ID") && is_known("title.en"));
        assert!(!is_known("Our own column"));
    }
}
