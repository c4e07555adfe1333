//! Where the pages are: addresses, and what every answer carries.

use axum::{
    Extension, Router,
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::Markup;
use tower_http::compression::CompressionLayer;
use wpsx_domain::{NodeError, Wanted, while_wanted};
use wpsx_listen::Caller;
use wpsx_proto::{chain, record::Kind};
use wpsx_words::Language;

use crate::{
    address::ANY_KIND,
    file,
    observatory::{Answered, Observatory},
    page, revision,
};

const STYLE: &str = include_str!("style.css");
/// Nothing from elsewhere and no script: only our own style.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
/// A page may be a little old; what was erased must not stay long.
const SHORT: &str = "public, max-age=30";

/// The pages, from `/` on.
pub fn router(site: Observatory) -> Router {
    Router::new()
        .route("/", get(entrance))
        .route("/style.css", get(style))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/{language}", get(home))
        .route("/{language}/{name}", get(named))
        .route("/{language}/{name}/{key}", get(keyed))
        .route("/{language}/record/{id}/{revision}", get(revised))
        .fallback(nowhere)
        .layer(CompressionLayer::new())
        .with_state(site)
}

/// To the language that the browser asks for.
async fn entrance(headers: HeaderMap) -> Redirect {
    let asked = headers.get(header::ACCEPT_LANGUAGE);
    let asked = asked
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let known = asked
        .split(',')
        .filter_map(|part| part.split(';').next()?.trim().parse::<Language>().ok())
        .next();
    Redirect::temporary(&format!("/{}", known.unwrap_or(Language::English)))
}

async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, STYLE).into_response()
}

async fn home(
    State(site): State<Observatory>,
    caller: Option<Extension<Caller>>,
    Path(language): Path<String>,
) -> Response {
    let Ok(language) = exactly(&language) else {
        return missing(&site, Language::English);
    };
    answer(site, caller, language, move |site, wanted| {
        Ok(page::home::page(site, language, wanted)?.into())
    })
    .await
}

async fn named(
    State(site): State<Observatory>,
    caller: Option<Extension<Caller>>,
    Path((language, name)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let Ok(language) = exactly(&language) else {
        return missing(&site, Language::English);
    };
    let query = query.unwrap_or_default();
    answer(site, caller, language, move |site, wanted| {
        if name == "network" {
            return Ok(page::network::page(site, language)?.into());
        }
        if page::index::is_one(&name) {
            return Ok(page::index::page(site, language, &name, wanted)?.into());
        }
        if name == ANY_KIND {
            return Ok(page::list::page(site, language, None, &query, wanted)?.into());
        }
        let (name, form) = file::form_of(&name);
        let kind: Kind = name
            .parse()
            .map_err(|_| NodeError::not_found("page", name))?;
        if !kind.is_known() || kind.to_string() != name {
            return Err(NodeError::not_found("page", name));
        }
        match form {
            None => Ok(page::list::page(site, language, Some(kind), &query, wanted)?.into()),
            Some(form) => file::list(site, kind, &query, form, wanted),
        }
    })
    .await
}

async fn keyed(
    State(site): State<Observatory>,
    caller: Option<Extension<Caller>>,
    Path((language, name, key)): Path<(String, String, String)>,
) -> Response {
    let Ok(language) = exactly(&language) else {
        return missing(&site, Language::English);
    };
    answer(site, caller, language, move |site, wanted| {
        match name.as_str() {
            "record" => match file::form_of(&key) {
                (id, None) => page::record::page(site, language, id, None, wanted),
                (id, Some(form)) => file::record(site, id, None, form),
            },
            "country" => page::place::country(site, language, &key, wanted),
            "region" => page::place::region(site, language, &key, wanted),
            "theme" => page::place::theme(site, language, &key, wanted),
            "organisation" => page::organisation::page(site, language, &key, wanted),
            _ => Err(NodeError::not_found("page", &name)),
        }
    })
    .await
}

/// One revision of a record, at the address where it stays, or all of them.
async fn revised(
    State(site): State<Observatory>,
    caller: Option<Extension<Caller>>,
    Path((language, id, revision)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let Ok(language) = exactly(&language) else {
        return missing(&site, Language::English);
    };
    let query = query.unwrap_or_default();
    answer(site, caller, language, move |site, wanted| {
        if revision == "history" {
            let from = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "from");
            let from = from.map(|(_, token)| token).unwrap_or_default();
            return page::record::history::page(site, language, &id, &from, wanted);
        }
        let (number, form) = file::form_of(&revision);
        let missing = || NodeError::not_found("revision", number);
        let number = revision::numbered(number).ok_or_else(missing)?;
        match form {
            None => page::record::page(site, language, &id, Some(number), wanted),
            Some(form) => file::record(site, &id, Some(number), form),
        }
    })
    .await
}

async fn nowhere(State(site): State<Observatory>) -> Response {
    missing(&site, Language::English)
}

/// A language as it stands in a path: exactly its tag, so that each page has one address.
fn exactly(tag: &str) -> Result<Language, ()> {
    let known = Language::ALL.into_iter().find(|it| it.tag() == tag);
    known.ok_or(())
}

/// Does the work of a request where it may block, at the caller's cost.
async fn answer(
    site: Observatory,
    caller: Option<Extension<Caller>>,
    language: Language,
    work: impl FnOnce(&Observatory, &Wanted) -> Result<Answered, NodeError> + Send + 'static,
) -> Response {
    let Extension(caller) = caller.unwrap_or_default();
    let place = caller.allowance().places(1).await;
    let of_work = site.clone();
    let worked = while_wanted(move |wanted| {
        let _until_it_ends = place;
        work(&of_work, wanted)
    });
    match worked.await {
        Ok(Answered::Page(status, page)) => shown(status, page),
        Ok(Answered::File(response)) => response,
        Err(NodeError::NotFound { .. } | NodeError::Invalid { .. }) => missing(&site, language),
        Err(error) => {
            tracing::error!(error = chain(&error), "a page cannot be shown");
            let page = page::error::broken(&site, language);
            shown(StatusCode::INTERNAL_SERVER_ERROR, page)
        }
    }
}

fn missing(site: &Observatory, language: Language) -> Response {
    shown(StatusCode::NOT_FOUND, page::error::missing(site, language))
}

fn shown(status: StatusCode, page: Markup) -> Response {
    let mut response = (status, page.into_string()).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, SHORT),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
