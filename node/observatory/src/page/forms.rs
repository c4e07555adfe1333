//! A form that an address does not have: which ones it has, and where the records are as files.

use maud::{Markup, html};
use wpsx_words::Language;

use super::downloads::link;
use crate::{
    address::ANY_KIND,
    alternates,
    file::form_of,
    texts::{Voice, forms as says},
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

/// What to take instead of a file that is not there, by the path that was asked for; nothing
/// where that names no form of a page.
pub(super) fn instead(path: &str, voice: Voice<'_>) -> Markup {
    let language = voice.language;
    let Some(page) = page(path, language) else {
        return html! {};
    };
    let own = alternates::files(page);
    let (from, said) = match own.is_empty() {
        true => (ANY_KIND, &says::NO_FILES),
        false => (page, &says::OTHER_FORMS),
    };
    html! {
        p { (voice.say(said)) }
        p.files {
            @for form in alternates::files(from) {
                (link(&alternates::address(language, from, *form), *form, voice)) " "
            }
        }
        p {
            @let href = if page.is_empty() { format!("/{language}") } else { format!("/{language}/{page}") };
            a href=(href) { (voice.say(&says::THE_PAGE)) }
        }
    }
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
