//! How pages and files are read again and from elsewhere: asked only if they changed, and by
//! programs on any site, for all of it is public.
//!
//! The tag of an answer is made of its address and of what all answers stand on
//! ([`state`](wpsx_domain::records::Records::state)), before anything is read or rendered;
//! so a reader who has the newest answer costs next to nothing. What shows the network as it
//! is at the moment, and what never changes, is tagged by its own bytes.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use wpsx_proto::hash::Hash;
use wpsx_words::Language;

use crate::{negotiated, observatory::Observatory};

/// Bytes of an answer that is tagged by its bytes; larger ones go untagged.
const LARGEST: usize = 4 << 20;
/// Hexadecimal digits of a tag.
const DIGITS: usize = 24;
/// Headers that a program on another site may read.
const EXPOSED: &str = "ETag, Link, Content-Disposition, Content-Language";

/// Around every page and file.
pub(crate) async fn again(
    State(site): State<Observatory>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() == Method::OPTIONS {
        return allowed();
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_head = request.method() == Method::HEAD;
    let asked = request.headers().get(header::IF_NONE_MATCH).cloned();
    let path = request.uri().path().to_owned();
    let tag = match is_of_the_moment(&path) {
        true => None,
        false => Some(tag(&format!("{} {}", site.state(), request.uri()))),
    };
    let mut response = match &tag {
        Some(tag) if reads && has(asked.as_ref(), tag) => not_changed(),
        _ => next.run(request).await,
    };
    let is_tagged =
        response.status() == StatusCode::OK || response.status() == StatusCode::NOT_MODIFIED;
    if reads && is_tagged {
        match tag {
            Some(tag) => set(response.headers_mut(), header::ETAG, &tag),
            None if !is_head => response = by_bytes(response, asked.as_ref()).await,
            None => {}
        }
    }
    let headers = response.headers_mut();
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    set(headers, header::VARY, varies(&path));
    if let Some(language) = language(&path) {
        set(headers, header::CONTENT_LANGUAGE, language.tag());
    }
    response
}

/// The language that a path names.
fn language(path: &str) -> Option<Language> {
    let first = path.split('/').nth(1)?;
    Language::ALL.into_iter().find(|it| it.tag() == first)
}

/// The headers of a request that its answer depends on.
fn varies(path: &str) -> &'static str {
    match (language(path).is_some(), negotiated::has_forms(path)) {
        (_, true) => "accept, accept-encoding",
        (true, false) => "accept-encoding",
        // Also where it says that there is no such page.
        (false, false) => "accept-language, accept-encoding",
    }
}

/// It shows more than records, or no records at all.
fn is_of_the_moment(path: &str) -> bool {
    matches!(path, "/style.css" | "/healthz") || path.ends_with("/network")
}

/// What a browser asks before a program on another site may read.
fn allowed() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ALLOW, "GET, HEAD, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "If-None-Match"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ] {
        set(headers, name, value);
    }
    response
}

fn not_changed() -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    set(
        response.headers_mut(),
        header::CACHE_CONTROL,
        "public, max-age=30",
    );
    response
}

/// Tagged by its own bytes.
async fn by_bytes(response: Response, asked: Option<&HeaderValue>) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = tag(&hex::encode(Hash::of(&bytes).as_bytes()));
    set(&mut parts.headers, header::ETAG, &tag);
    if has(asked, &tag) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// A weak tag: compressed and not, it is the same answer.
fn tag(state: &str) -> String {
    let mut digits = hex::encode(Hash::of(state.as_bytes()).as_bytes());
    digits.truncate(DIGITS);
    format!("W/\"{digits}\"")
}

/// Whether the reader has the answer of this tag.
fn has(asked: Option<&HeaderValue>, tag: &str) -> bool {
    let asked = asked
        .and_then(|asked| asked.to_str().ok())
        .unwrap_or_default();
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    asked.split(',').any(|one| opaque(one) == opaque(tag))
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
