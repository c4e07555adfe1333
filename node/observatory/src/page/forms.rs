//! A form that an address does not have: which ones it has, and where the records are as files.

use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted};
use wpsx_words::Language;

use super::downloads::link;
use crate::{
    address::ANY_KIND,
    alternates,
    file::{
        Asked,
        form::{Form, form_of},
        forms_of,
    },
    observatory::Observatory,
    revision::{self, numbered},
    texts::forms as says,
};

/// Pages that show no records, and that have no files.
const WITHOUT: [&str; 8] = [
    "",
    "network",
    "method",
    "accessibility",
    "styleguide",
    "country",
    "region",
    "theme",
];

/// The page of a file that is not there, and the forms that it has.
pub(super) struct Offer {
    /// The address of the page.
    pub(super) href: String,
    /// The addresses of its forms.
    pub(super) files: Vec<String>,
    pub(super) shown: Markup,
}

/// What to take instead of a file that is not there, by the path that was asked for; nothing where
/// that names no form of a page, or where that page is not there either. Blocks.
pub(super) fn offer(
    site: &Observatory,
    language: Language,
    path: &str,
    wanted: &Wanted,
) -> Result<Option<Offer>, NodeError> {
    let Some(page) = page(path, language) else {
        return Ok(None);
    };
    let Some(own) = there(site, language, page, wanted)? else {
        return Ok(None);
    };
    let voice = site.voice(language);
    let (from, said, forms) = match own.is_empty() {
        true => (
            ANY_KIND,
            &says::NO_FILES,
            alternates::files(ANY_KIND).to_vec(),
        ),
        false => (page, &says::OTHER_FORMS, own),
    };
    let href = match page.is_empty() {
        true => format!("/{language}"),
        false => format!("/{language}/{page}"),
    };
    let forms = forms.into_iter();
    let forms = forms.map(|form| (alternates::address(language, from, form), form));
    let forms: Vec<_> = forms.collect();
    let shown = html! {
        p { (voice.say(said)) }
        p.files { @for (address, form) in &forms { (link(address, *form, voice)) " " } }
        p.onward { a href=(href) { (voice.say(&says::THE_PAGE)) } }
    };
    let files = forms.into_iter().map(|(address, _)| address).collect();
    Ok(Some(Offer { href, files, shown }))
}

/// The forms that a page has, which may be none; nothing where the page itself is not there.
fn there(
    site: &Observatory,
    language: Language,
    page: &str,
    wanted: &Wanted,
) -> Result<Option<Vec<Form>>, NodeError> {
    let parts: Vec<&str> = page.split('/').collect();
    let found = match parts[..] {
        ["record", id] => of_record(site, id, None),
        ["record", id, "history"] => of_record(site, id, None),
        ["record", id, number] => match numbered(number) {
            None => Err(NodeError::not_found("revision", number)),
            number => of_record(site, id, number),
        },
        [place, key] => Asked::of_place(site, language, place, key, "", wanted)
            .map(|_| alternates::files(page).to_vec()),
        _ => Ok(alternates::files(page).to_vec()),
    };
    match found {
        Err(NodeError::NotFound { .. } | NodeError::Invalid { .. }) => Ok(None),
        found => found.map(Some),
    }
}

fn of_record(site: &Observatory, id: &str, revision: Option<u32>) -> Result<Vec<Form>, NodeError> {
    let found = revision::find(site, id, revision)?;
    Ok(forms_of(&found))
}

/// The page of which a path names a form that is not there, without its language.
fn page(path: &str, language: Language) -> Option<&str> {
    let path = path.strip_prefix('/')?.strip_prefix(language.tag())?;
    let is_whole = path.is_empty() || path.starts_with(['/', '.']);
    let path = is_whole.then(|| path.trim_start_matches('/'))?;
    let last = path.rsplit('/').next().unwrap_or_default();
    // A form that nobody knows is one too: `event.pdf`.
    let (name, _) = match form_of(last) {
        (name, Some(form)) => (name, form.suffix()),
        _ => last.split_once('.')?,
    };
    let page = &path[..path.len() - last.len() + name.len()];
    let has = !alternates::files(page).is_empty() || WITHOUT.contains(&page);
    has.then_some(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_is_not_there_is_told_from_a_page_that_is_not() {
        let of = |path| page(path, Language::English);
        assert_eq!(of("/en.csv"), Some(""));
        assert_eq!(of("/en/network.json"), Some("network"));
        assert_eq!(of("/en/event.pdf"), Some("event"));
        assert_eq!(of("/en/law.ics"), Some("law"));
        assert_eq!(of("/en/record/00.docx"), Some("record/00"));
        assert_eq!(of("/en/country/KEN.xml"), Some("country/KEN"));
        for other in [
            "/en",
            "/en/event",
            "/en/nothing.csv",
            "/english.csv",
            "/fr/event.pdf",
            "/",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
