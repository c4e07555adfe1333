//! What was meant by an address that leads nowhere: the nearest page about the site, kind,
//! country or record.

use wpsx_proto::record::Kind;
use wpsx_words::{Language, distance, fold};

use crate::{
    address::ANY_KIND,
    item::Item,
    near::{COUNTRY, REGION, THEME, nearest},
    observatory::Observatory,
    revision,
    texts::{self, Said},
};

/// How many are offered.
const MOST: usize = 5;
/// Longer texts are no mistyped names.
const LONGEST: usize = 80;

/// A page that may have been meant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Meant {
    pub(crate) href: String,
    pub(crate) text: String,
}

/// The pages that a path may have meant, best first. Blocks.
/// `query` is what stands behind the path: a list that was meant is asked the same.
pub(crate) fn meant(site: &Observatory, language: Language, path: &str, query: &str) -> Vec<Meant> {
    let decoded = decoded(path);
    let mut parts: Vec<&str> = decoded.split('/').filter(|part| !part.is_empty()).collect();
    if parts.first() == Some(&language.tag()) {
        parts.remove(0);
    }
    let Some(last) = parts.last().filter(|last| last.len() <= LONGEST) else {
        return Vec::new();
    };
    let text = last.split('.').next().unwrap_or_default();
    let mut found = match parts[..] {
        ["country", _] => places(site, language, "country", &COUNTRY, text),
        ["region", _] => places(site, language, "region", &REGION, text),
        ["theme", _] => places(site, language, "theme", &THEME, text),
        // What there is not of a record leads to the record.
        ["record", id, _] => records(site, language, id),
        _ => {
            let mut found = about(site, language, text);
            found.extend(countries(site, language, text));
            found.extend(records(site, language, text));
            found.extend(kinds(site, language, text, query));
            found
        }
    };
    found.truncate(MOST);
    found
}

/// The pages about the site by their names in addresses or what they are called, in any
/// language.
fn about(site: &Observatory, language: Language, text: &str) -> Vec<Meant> {
    let text = fold(text);
    let near = |(path, said): &(&str, &Said)| {
        let mut names = said.iter().copied().chain([*path]);
        names.any(|name| distance(&text, &fold(name)).is_some())
    };
    let near = texts::frame::PAGES.into_iter().filter(near);
    let shown = near.map(|(path, said)| Meant {
        href: format!("/{language}/{path}"),
        text: site.voice(language).say(said).to_owned(),
    });
    shown.collect()
}

fn countries(site: &Observatory, language: Language, text: &str) -> Vec<Meant> {
    let voice = site.voice(language);
    let found = voice.vocabularies.countries().find(text);
    let term = found.term().into_iter();
    let shown = term.map(|term| Meant {
        href: format!("/{language}/country/{}", term.code),
        text: voice.country(&term.code).text.into_owned(),
    });
    shown.collect()
}

/// The nearest names of vocabularies, each with its page.
fn places(
    site: &Observatory,
    language: Language,
    word: &str,
    vocabularies: &[&'static str],
    text: &str,
) -> Vec<Meant> {
    let voice = site.voice(language);
    let near = nearest(text, vocabularies, voice.vocabularies).into_iter();
    let shown = near.map(|(vocabulary, code)| Meant {
        href: format!("/{language}/{word}/{code}"),
        text: voice.code(vocabulary, code).text.into_owned(),
    });
    shown.collect()
}

fn records(site: &Observatory, language: Language, text: &str) -> Vec<Meant> {
    let digits = text.to_ascii_lowercase();
    let sight = site.sight();
    // Fewer digits, or something else than digits, mean no record.
    let ids = site.records.beginning(&sight, &digits, MOST);
    let shown = ids.unwrap_or_default().into_iter().filter_map(|id| {
        let (proven, _) = site.records.get(&sight, &id, "").ok()?;
        let item = Item::of(&proven)?;
        let last = revision::last_said(site, &item);
        let called = last.as_ref().unwrap_or(&item);
        let title = called.title(site.voice(language)).map(|(_, title)| title);
        Some(Meant {
            href: format!("/{language}/{}", item.path()),
            text: title.unwrap_or_else(|| item.id()),
        })
    });
    shown.collect()
}

/// Kinds by their name in addresses or what they are called, in any language.
fn kinds(site: &Observatory, language: Language, text: &str, query: &str) -> Vec<Meant> {
    let voice = site.voice(language);
    let text = fold(text);
    let all = [ANY_KIND, "records", voice.say(&texts::EVERYTHING)];
    let is_all = all.iter().any(|name| fold(name) == text);
    let of_all = is_all.then(|| Meant {
        href: format!("/{language}/{ANY_KIND}{query}"),
        text: voice.say(&texts::EVERYTHING).to_owned(),
    });
    let mut near: Vec<(usize, Kind)> = Kind::known()
        .filter_map(|kind| {
            let called = Language::ALL.into_iter().flat_map(|language| {
                let one = voice.words.kind_name(kind, language);
                let many = voice.words.kind_plural(kind, language);
                [fold(&one.text), fold(&many.text)]
            });
            let names = called.chain([fold(&kind.to_string())]);
            let distance = names.filter_map(|name| distance(&text, &name)).min()?;
            Some((distance, kind))
        })
        .collect();
    near.sort_by_key(|(distance, kind)| (*distance, kind.number()));
    let shown = near.into_iter().map(|(_, kind)| Meant {
        href: format!("/{language}/{kind}{query}"),
        text: voice.kind(kind, true).text.into_owned(),
    });
    of_all.into_iter().chain(shown).collect()
}

/// The path as people read it.
fn decoded(path: &str) -> String {
    // A plus is a plus in a path.
    let path = path.replace('+', "%2B").replace(['&', '='], "-");
    let mut pairs = form_urlencoded::parse(path.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(name, _)| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_people_do() {
        assert_eq!(decoded("/en/C%C3%B4te%20d'Ivoire"), "/en/Côte d'Ivoire");
        assert_eq!(decoded("/en/a&b=c+d"), "/en/a-b-c+d");
        assert_eq!(decoded("/%ff"), "/\u{fffd}");
    }
}
