//! What every answer has, whichever page it is: an error becomes a page, and headers say
//! what a browser may do with it.

use std::collections::BTreeMap;

use axum::{
    Extension,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use wpsx_domain::Wanted;
use wpsx_listen::{Caller, OnRefused, Whose};
use wpsx_words::Language;

use crate::{
    answering::{answer, html, told_as_html},
    at::{self, At},
    entrance,
    observatory::{Answered, Observatory},
    page::{self, error::Instead},
    spelled::respelled,
    told::Told,
    trouble::{Explained, Trouble},
    weighed::{Parameters, weighed},
};

/// Characters of an address. A longer one is refused and not cut: it would mean something
/// else. What lists and files link to is far shorter.
const LONGEST: usize = 4_000;
/// Nothing from elsewhere and no script: only our own style and pictures.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
/// All that can be done at an address of this site.
pub(crate) const ALLOWED: &str = "GET, HEAD, OPTIONS";
/// No page needs any of what browsers can do.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), \
                           gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()";

/// Answers, with what every answer has.
pub(crate) async fn served(
    State(site): State<Observatory>,
    request: Request,
    next: Next,
) -> Response {
    let asked = Asked::of(request.uri(), request.headers());
    let caller = request.extensions().get::<Caller>().cloned();
    let response = match asked.is_too_long {
        true => Trouble::TooLong.into_response(),
        false => next.run(request).await,
    };
    let mut response = match (trouble_of(&response), &asked.respelled) {
        (Some(Trouble::NotFound), Some(there)) => Redirect::permanent(there).into_response(),
        (Some(Trouble::NotFound), None) if entrance::is_there(&site, &asked.path) => {
            entrance::to(asked.language, &format!("{}{}", asked.path, asked.query))
        }
        (Some(trouble), _) => explained(site, asked, caller, trouble).await,
        (None, _) => response,
    };
    guard(response.headers_mut());
    response
}

/// What an answer says to who finds no room: a page that was made before anybody came.
pub fn refusing(site: &Observatory) -> OnRefused {
    let made = |trouble| {
        let page = |language| {
            page::error::page(
                site,
                At { language, rest: "" },
                trouble,
                "",
                &Instead::default(),
            )
            .into_string()
        };
        let pages = Language::ALL.map(|language| (language, Bytes::from(page(language))));
        (trouble, BTreeMap::from(pages))
    };
    let (too_many, busy) = (made(Trouble::TooMany), made(Trouble::Busy));
    std::sync::Arc::new(move |whose, uri, headers| {
        let (trouble, pages) = match whose {
            Whose::Callers => &too_many,
            Whose::Everybodys => &busy,
        };
        let asked = Asked::of(uri, headers);
        let page = || told_as_html(pages.get(&asked.language).cloned().unwrap_or_default());
        let told = asked.told.answer(*trouble, asked.language, &[]);
        let mut response = told.unwrap_or_else(page);
        trouble.mark(&mut response);
        guard(response.headers_mut());
        response
    })
}

/// What was asked for, as far as an error page says it.
struct Asked {
    language: Language,
    told: Told,
    path: String,
    /// What stands behind the language, with the question.
    rest: String,
    /// The question behind it, with its question mark.
    query: String,
    /// The same address with its language as we write it, where it is written otherwise.
    respelled: Option<String>,
    is_too_long: bool,
}

impl Asked {
    fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let length = uri.path().len() + uri.query().map_or(0, str::len);
        Self {
            language: language_of(uri.path(), headers),
            told: Told::to(uri.path(), headers),
            path: uri.path().to_owned(),
            rest: at::rest(uri),
            query: uri.query().map_or_else(String::new, |it| format!("?{it}")),
            respelled: respelled(uri),
            is_too_long: length > LONGEST,
        }
    }
}

/// The language of a path, else the one that the browser asks for, else English.
pub(crate) fn language_of(path: &str, headers: &HeaderMap) -> Language {
    let first = path.trim_start_matches('/').split('/').next();
    let of_path = first.and_then(|tag| Language::ALL.into_iter().find(|it| it.tag() == tag));
    of_path.unwrap_or_else(|| preferred(headers))
}

/// The language that a browser prefers of those that are here (RFC 9110, 12.5.4).
pub(crate) fn preferred(headers: &HeaderMap) -> Language {
    let mut best = (Language::English, 0);
    for (range, weight) in weighed(headers, &header::ACCEPT_LANGUAGE, Parameters::None) {
        let is_tag = range
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if let Ok(language) = range.parse::<Language>()
            && is_tag
            && weight > best.1
        {
            best = (language, weight);
        }
    }
    best.0
}

/// Why an answer has no page: what its maker says, or the router, which knows only states.
fn trouble_of(response: &Response) -> Option<Trouble> {
    let said = response.extensions().get::<Trouble>().copied();
    said.or_else(|| match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => Some(Trouble::OnlyRead),
        // A path that is not UTF-8; what has a page says itself what is wrong.
        StatusCode::BAD_REQUEST if !says_itself(response) => Some(Trouble::NotFound),
        _ => None,
    })
}

fn says_itself(response: &Response) -> bool {
    let is_explained = response.extensions().get::<Explained>().is_some();
    let told = response.headers().get(header::CONTENT_TYPE);
    is_explained || told.is_some_and(|told| told.as_bytes().starts_with(b"text/html"))
}

async fn explained(
    site: Observatory,
    asked: Asked,
    caller: Option<Caller>,
    trouble: Trouble,
) -> Response {
    let Asked {
        language,
        told,
        path,
        rest,
        query,
        ..
    } = asked;
    let (rest, whole) = match trouble {
        // It would fill the page.
        Trouble::TooLong => Default::default(),
        _ => (rest, format!("{path}{query}")),
    };
    let mut response = match trouble {
        // What was meant is looked for, at the caller's cost.
        Trouble::NotFound => {
            let work = move |site: &Observatory, wanted: &Wanted| {
                let instead = Instead::of(site, language, (&path, &query), wanted)?;
                let at = At {
                    language,
                    rest: &rest,
                };
                let page = || page::error::page(site, at, trouble, &whole, &instead);
                let told = told.answer(trouble, language, &instead.addresses(site));
                Ok(told.map_or_else(|| Answered::Page(trouble.status(), page()), Answered::File))
            };
            answer(site, caller.map(Extension), work).await
        }
        trouble => {
            let at = At {
                language,
                rest: &rest,
            };
            let page = || {
                let nothing = Instead::default();
                html(page::error::page(&site, at, trouble, &whole, &nothing))
            };
            told.answer(trouble, language, &[]).unwrap_or_else(page)
        }
    };
    trouble.mark(&mut response);
    if trouble == Trouble::OnlyRead {
        let allow = HeaderValue::from_static(ALLOWED);
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// What browsers may do with an answer. That a site is reached over TLS alone is for its
/// proxy to say, which knows.
pub(crate) fn guard(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        // All of it is public, and programs on any site may read it (`reading`).
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, accept: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        language_of(path, &headers)
    }

    #[test]
    fn an_error_is_said_in_the_language_of_the_address_or_of_the_reader() {
        assert_eq!(of("/ar/nothing", "fr"), Language::Arabic);
        assert_eq!(of("/nothing", "fr-CA, en;q=0.8"), Language::French);
        assert_eq!(of("/", "de, en;q=0.1, ru;q=0.9"), Language::Russian);
        assert_eq!(of("/", "de, *;q=0.5"), Language::English);
        assert_eq!(of("/", "zh;q=nonsense"), Language::English);
        assert_eq!(of("/", "fr;q=0.5;x=1, es;q=0.1"), Language::Spanish);
        assert_eq!(
            of("/", "fr;q=inf, ru;q=nan, ar;q=1.5, zh;q=0.1"),
            Language::Chinese
        );
        assert_eq!(of("/", "fr_FR, ru;q=0.2"), Language::Russian);
        assert_eq!(of("", ""), Language::English);
    }
}
