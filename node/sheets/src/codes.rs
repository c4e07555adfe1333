//! Codes and the names that people write for them, by the vocabularies.

use prost_reflect::{FieldDescriptor, Kind as FieldKind};
use wpsx_proto::{
    api::record::v1::Form,
    record::{
        LanguageTag,
        schema::{FieldRules, short_value_name, use_of},
    },
};
use wpsx_words::{
    Vocabularies, Words,
    vocabularies::{Found, How, Vocabulary},
};

/// The code that a text names; several where nobody can tell which.
pub(super) fn meant(all: &Vocabularies, field: &FieldDescriptor, text: &str) -> Vec<String> {
    if let FieldKind::Enum(values) = field.kind() {
        let named = Words::shipped().values_named(&values, text);
        let numbers = named.iter().map(|value| value.number());
        return numbers
            .filter_map(|number| short_value_name(field, number))
            .collect();
    }
    match of(all, field).map(|vocabulary| vocabulary.find(text)) {
        Some(Found::One { term, .. }) => vec![term.code.clone()],
        Some(Found::Several(terms)) => terms.iter().map(|term| term.code.clone()).collect(),
        _ => Vec::new(),
    }
}

/// The vocabulary calls it by another code than is written: one that was given up, and in an
/// open list, whose codes look like words, a name or an alias. `women` is `female`, and no
/// code of its own. A tag of a language or a country that no list has is still one.
pub(super) fn is_another(
    all: &Vocabularies,
    field: &FieldDescriptor,
    form: Form,
    code: &str,
) -> bool {
    match of(all, field).map(|vocabulary| vocabulary.find(code)) {
        Some(Found::One { how, .. }) => match form {
            Form::Code => how != How::Code,
            // Names of languages have the form of tags.
            Form::Language => !matches!(how, How::Code | How::CodeWrittenOtherwise),
            _ => how == How::Former,
        },
        Some(Found::Several(_)) => form == Form::Language,
        _ => false,
    }
}

/// The tag of a language that is named by it, or in any of the six languages.
pub(super) fn language(text: &str) -> Option<String> {
    let text = text.trim();
    let all = Vocabularies::shipped();
    let named = all.get("languages").map(|languages| languages.find(text));
    if let Some(Found::One { term, .. }) = named {
        return Some(term.code.clone());
    }
    let tag: LanguageTag = text.parse().ok()?;
    // Longer ones are kept free by BCP 47: they are words.
    (tag.language().len() <= 3).then(|| tag.to_string())
}

/// The field's vocabulary has terms, and the code is none of them. A tag may say more than
/// the language that its list has.
pub(super) fn is_unknown(all: &Vocabularies, field: &FieldDescriptor, code: &str) -> bool {
    if FieldRules::of(field).form == Form::Language {
        return is_unknown_language(all, code);
    }
    of(all, field)
        .is_some_and(|vocabulary| !vocabulary.terms().is_empty() && vocabulary.term(code).is_none())
}

/// No list of languages has the tag's language.
pub(super) fn is_unknown_language(all: &Vocabularies, tag: &str) -> bool {
    let Some(vocabulary) = all.get("languages") else {
        return false;
    };
    let language = tag
        .parse::<LanguageTag>()
        .map(|tag| tag.language().to_owned());
    let listed = |code: &str| vocabulary.term(code).is_some();
    !listed(tag) && !language.is_ok_and(|language| listed(&language))
}

/// The vocabulary that a field's codes are from: the schema's, or that of its form.
fn of<'a>(all: &'a Vocabularies, field: &FieldDescriptor) -> Option<&'a Vocabulary> {
    let stated = use_of(field).vocabulary.as_str();
    let name = match FieldRules::of(field).form {
        _ if !stated.is_empty() => stated,
        Form::Country => "countries",
        Form::Language => "languages",
        Form::Currency => "currencies",
        _ => return None,
    };
    all.get(name)
}
