//! Addresses without a language: they lead to the same with the one that the browser asks for.
//! Files name records so, and who tells others of a page need not choose a language for them.

use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderValue, header};
use wpsx_proto::record::Kind;
use wpsx_words::Language;

use crate::{address::ANY_KIND, alternates, file::form_of, observatory::Observatory, page, texts};

/// Leads to what stands behind a language: `/event?country=KEN`.
pub(crate) fn to(language: Language, behind: &str) -> Response {
    let mut response = Redirect::temporary(&format!("/{language}{behind}")).into_response();
    let vary = HeaderValue::from_static("accept-language");
    response.headers_mut().insert(header::VARY, vary);
    response
}

/// Whether there is a page or a file behind a language at that path; of what is found by a name
/// or an id, the page there says whether there is such a one.
pub(crate) fn is_there(site: &Observatory, path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else {
        return false;
    };
    let parts: Vec<&str> = path.split('/').collect();
    if parts.contains(&"") {
        return false;
    }
    let is_kind = |name: &str| Kind::known().any(|kind| kind.to_string() == name);
    match parts[..] {
        ["events.ics"] => true,
        [name] => match form_of(name) {
            (name, None) => {
                let mut about = texts::frame::PAGES.into_iter();
                let is_about = about.any(|(about, _)| about == name);
                is_about || name == ANY_KIND || page::index::is_one(name) || is_kind(name)
            }
            (name, Some(form)) => {
                (name == ANY_KIND || is_kind(name)) && alternates::files(name).contains(&form)
            }
        },
        ["record", _] | ["record", _, _] => true,
        ["country" | "region" | "theme" | "organisation", _] => true,
        ["method", kind] => is_kind(kind),
        ["vocabulary", name] => site.vocabularies().get(name).is_some(),
        _ => false,
    }
}
