//! The form of a page that a program asks for by its type (RFC 9110, 12.5.1): whoever accepts
//! a table rather than a page is sent to the table, at the address that it always has. So
//! each answer has one address, and what a browser or a proxy keeps is never another's.
//!
//! A type that stands for many, such as `*/*`, asks for none: then it is the page. So it is
//! where the page has no such form. RFC 9110 (12.4.1) allows both this and 406; a page says more
//! than a refusal, an address means the same to whoever opens it, and none depends on a header
//! that many programs set without thought.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, Method, Uri, header};
use wpsx_words::Language;

use crate::{
    alternates,
    file::form::{self, Form},
    weighed::{Parameters, weighed},
};

/// What a page is, by its names.
const OF_PAGE: [&str; 3] = ["text/html", "text/*", "*/*"];

/// Sends a program to the form that it asks for.
pub(crate) async fn negotiated(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match wanted(request.uri(), request.headers()).filter(|_| reads) {
        Some(address) => Redirect::to(&address).into_response(),
        None => next.run(request).await,
    }
}

/// Whether the page at a path has other forms.
pub(crate) fn has_forms(path: &str) -> bool {
    page(path).is_some_and(|(_, page)| is_page(page) && !alternates::files(page).is_empty())
}

/// The address of the file that is asked for rather than the page.
fn wanted(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let accepted = weighed(headers, &header::ACCEPT, Parameters::Any);
    let (language, path) = page(uri.path()).filter(|(_, path)| is_page(path))?;
    let of_page = weight(&accepted, &OF_PAGE);
    let files = alternates::files(path).iter();
    // A text is what many programs accept that want none of ours.
    let files = files.filter(|form| !matches!(form, Form::Readme | Form::Proof));
    let weighed = files.map(|form| (weight(&accepted, &[form.media_type()]), form));
    // Of equals, the first that is offered.
    let (best, form) = weighed.rev().max_by_key(|(weight, _)| *weight)?;
    let whole = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    (best > of_page).then(|| alternates::address(language, &whole, *form))
}

/// Whether a type is wanted rather than a page.
pub(crate) fn prefers(headers: &HeaderMap, media_type: &str) -> bool {
    let accepted = weighed(headers, &header::ACCEPT, Parameters::Any);
    weight(&accepted, &[media_type]) > weight(&accepted, &OF_PAGE)
}

/// How much a type is wanted, by the first of its names that is there; 0: not at all.
fn weight(accepted: &[(String, u16)], names: &[&str]) -> u16 {
    let of = |name: &&str| {
        let mut named = accepted.iter();
        let found = named.find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map(|(_, weight)| *weight)
    };
    names.iter().find_map(of).unwrap_or_default()
}

/// The language of a path, and the rest of it.
fn page(path: &str) -> Option<(Language, &str)> {
    let (tag, rest) = path.strip_prefix('/')?.split_once('/')?;
    let language = Language::ALL.into_iter().find(|it| it.tag() == tag)?;
    Some((language, rest))
}

/// It is no file itself.
fn is_page(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    form::form_of(last).1.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(path: &str, accepted: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accepted.parse().unwrap());
        wanted(&path.parse().unwrap(), &headers)
    }

    #[test]
    fn who_asks_for_a_form_is_sent_to_its_address() {
        for (path, accepted, address) in [
            (
                "/en/event?country=KEN&page=1.2.x",
                "text/csv",
                "/en/event.csv?country=KEN",
            ),
            (
                "/ar/record/00/2",
                "application/ld+json",
                "/ar/record/00/2.jsonld",
            ),
            (
                "/fr/country/KEN",
                "application/atom+xml;q=0.9, text/html;q=0.1",
                "/fr/country/KEN.atom",
            ),
            (
                "/en/event",
                "application/json, text/csv, */*;q=0.5",
                "/en/event.csv",
            ),
            (
                "/en/event",
                "text/calendar, application/json;q=0.5",
                "/en/event.ics",
            ),
        ] {
            assert_eq!(
                asked(path, accepted).as_deref(),
                Some(address),
                "{path}: {accepted}"
            );
        }
    }

    #[test]
    fn a_browser_and_a_program_that_takes_anything_get_the_page() {
        for accepted in [
            "*/*",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/json, text/plain, */*",
            "text/plain",
            "image/png",
            "text/csv;q=0",
            "text/csv;q=nonsense",
            "text/csv;q=inf",
            "text/csv;q=1.5, text/html;q=0.1",
            "",
        ] {
            assert_eq!(asked("/en/event", accepted), None, "{accepted}");
        }
        for path in [
            "/",
            "/en",
            "/en/network",
            "/en/event.csv",
            "/xx/event",
            "/en/country/KEN.json",
        ] {
            assert_eq!(asked(path, "text/csv, application/json"), None, "{path}");
        }
        assert!(has_forms("/en/event") && has_forms("/en/record/00/1"));
        assert!(!has_forms("/en/event.csv") && !has_forms("/en/method"));
    }
}
