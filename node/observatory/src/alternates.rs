//! The files of a page, as its head and the head of its answer name them.

use maud::{Markup, html};
use wpsx_proto::record::Kind;
use wpsx_words::Language;

use crate::{
    address::ANY_KIND,
    file::form::{self, Form},
    revision::numbered,
};

/// The files of the page at `path`, an address without its language: `event?country=KEN`.
pub(crate) fn files(path: &str) -> &'static [Form] {
    let mut names = path.split('?').next().unwrap_or_default().split('/');
    let kind = |name: &str| name.parse().ok().filter(|kind: &Kind| kind.is_known());
    match (names.next(), names.next(), names.next()) {
        (Some("record"), Some(_), None) => &form::OF_RECORD,
        // Of all revisions together there are none.
        (Some("record"), Some(_), Some(number)) if numbered(number).is_some() => &form::OF_RECORD,
        (Some("country" | "region" | "theme" | "organisation"), Some(_), None)
        | (Some(ANY_KIND), None, None) => &form::OF_LIST,
        (Some(name), None, None) => kind(name).map_or(&[], form::of_list),
        _ => &[],
    }
}

/// The address of a file of a page.
pub(crate) fn address(language: Language, path: &str, form: Form) -> String {
    let suffix = form.suffix();
    match path.split_once('?') {
        Some((path, query)) => {
            // A file is of all pages.
            let parts = query.split('&').filter(|part| !part.starts_with("page="));
            let sign = |query: String| {
                if query.is_empty() {
                    query
                } else {
                    format!("?{query}")
                }
            };
            let query = sign(parts.collect::<Vec<_>>().join("&"));
            format!("/{language}/{path}.{suffix}{query}")
        }
        None => format!("/{language}/{path}.{suffix}"),
    }
}

/// A link to each of the files of a page, for its head.
pub(crate) fn links(language: Language, path: &str, files: &[Form]) -> Markup {
    html! {
        @for form in files {
            @let relation = if *form == Form::Readme { "describedby" } else { "alternate" };
            link rel=(relation) type=(form.media_type()) href=(address(language, path, *form));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_names_its_files_at_the_same_address() {
        let path = "event?country=KEN&page=1.2.x&sort=date";
        let links = links(Language::French, path, files(path)).into_string();
        for suffix in ["csv", "xlsx", "jsonl", "json", "atom", "ics"] {
            let href = format!("href=\"/fr/event.{suffix}?country=KEN&amp;sort=date\"");
            assert!(links.contains(&href), "{href} is not in {links}");
        }
        assert!(files("record/00").contains(&Form::Bibtex));
        assert!(files("record/00/2").contains(&Form::Proof));
        assert_eq!(files("record/00/history"), []);
        assert!(files("country/KEN").contains(&Form::Atom));
        assert!(files("country/KEN").contains(&Form::Csv));
        assert_eq!(files("network"), []);
        assert_eq!(files(""), []);
    }
}
