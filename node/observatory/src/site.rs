//! Where the pages are.

use axum::{
    Extension, Router,
    extract::{Path, RawQuery, State},
    middleware::from_fn_with_state,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, Uri, header};
use tower_http::compression::CompressionLayer;
use wpsx_domain::NodeError;
use wpsx_listen::Caller;
use wpsx_proto::record::Kind;
use wpsx_words::Language;

use crate::{
    address::ANY_KIND,
    answering::{SHORT, answer},
    file,
    observatory::Observatory,
    page, revision,
    serving::{preferred, served},
    settings::Logo,
    trouble::Trouble,
};

/// What has its hash in its address never changes.
const LONG: &str = "public, max-age=31536000, immutable";

/// The pages, from `/` on.
pub fn router(site: Observatory) -> Router {
    Router::new()
        .route("/", get(entrance))
        .route("/style.css", get(style))
        .route("/icon.svg", get(icon))
        .route("/logo.png", get(logo))
        .route("/logo.svg", get(logo))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/{language}", get(home))
        .route("/{language}/{name}", get(named))
        .route("/{language}/{name}/{key}", get(keyed))
        .route("/{language}/record/{id}/{revision}", get(revised))
        .fallback(nowhere)
        .layer(from_fn_with_state(site.clone(), served))
        .layer(CompressionLayer::new())
        .with_state(site)
}

/// To the language that the browser asks for.
async fn entrance(headers: HeaderMap) -> Response {
    let mut response = Redirect::temporary(&format!("/{}", preferred(&headers))).into_response();
    let vary = HeaderValue::from_static("accept-language");
    response.headers_mut().insert(header::VARY, vary);
    response
}

async fn style(State(site): State<Observatory>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, LONG),
    ];
    (headers, site.style().text.clone()).into_response()
}

async fn icon() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, include_str!("icon.svg")).into_response()
}

async fn logo(State(site): State<Observatory>, uri: Uri) -> Response {
    let logo = site.settings.logo.as_ref();
    let asked = |logo: &&Logo| uri.path().ends_with(logo.suffix);
    let Some(logo) = logo.filter(asked) else {
        return Trouble::NotFound.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, logo.media_type),
        (header::CACHE_CONTROL, SHORT),
    ];
    (headers, logo.bytes.clone()).into_response()
}

async fn home(
    State(site): State<Observatory>,
    caller: Option<Extension<Caller>>,
    Path(language): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Ok(language) = exactly(&language) else {
        return Trouble::NotFound.into_response();
    };
    let query = query.unwrap_or_default();
    answer(site, caller, move |site, wanted| {
        Ok(page::home::page(site, language, &query, wanted)?.into())
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
        return Trouble::NotFound.into_response();
    };
    let query = query.unwrap_or_default();
    answer(site, caller, move |site, wanted| {
        match name.as_str() {
            "network" => return Ok(page::network::page(site, language)?.into()),
            "method" => return Ok(page::method::page(site, language).into()),
            "accessibility" => return Ok(page::accessibility::page(site, language).into()),
            "styleguide" => return Ok(page::styleguide::page(site, language, wanted)?.into()),
            _ => {}
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
        return Trouble::NotFound.into_response();
    };
    answer(site, caller, move |site, wanted| match name.as_str() {
        "record" => match file::form_of(&key) {
            (id, None) => page::record::page(site, language, id, None, wanted),
            (id, Some(form)) => file::record(site, id, None, form),
        },
        "country" => page::place::country(site, language, &key, wanted),
        "region" => page::place::region(site, language, &key, wanted),
        "theme" => page::place::theme(site, language, &key, wanted),
        "organisation" => page::organisation::page(site, language, &key, wanted),
        "method" => Ok(page::method::kind(site, language, &key)?.into()),
        "vocabulary" => Ok(page::method::vocabulary(site, language, &key)?.into()),
        _ => Err(NodeError::not_found("page", &name)),
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
        return Trouble::NotFound.into_response();
    };
    let query = query.unwrap_or_default();
    answer(site, caller, move |site, wanted| {
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

async fn nowhere() -> Response {
    Trouble::NotFound.into_response()
}

/// A language as it stands in a path: exactly its tag, so that each page has one address.
fn exactly(tag: &str) -> Result<Language, ()> {
    let known = Language::ALL.into_iter().find(|it| it.tag() == tag);
    known.ok_or(())
}
