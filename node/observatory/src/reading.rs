//! How pages and files are read again and from elsewhere: asked only if they changed, and by
//! programs on any site, for all of it is public.
//!
//! The tag of an answer is made of its address and of what it stands on, before anything is read
//! or rendered; so a reader who has the newest answer costs next to nothing. Most of what is
//! here stands on records ([`state`](wpsx_domain::records::Records::state)), a record's page and
//! its proof also on who signed ([`signed_state`](wpsx_domain::records::Records::signed_state)).
//! What shows the network as it is at the moment, and what never changes, is tagged by its own
//! bytes.

use std::io;

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use wpsx_listen::Seen;
use wpsx_proto::hash::Hash;
use wpsx_words::Language;

use crate::{
    file::{Form, form_of},
    negotiated,
    observatory::Observatory,
    serving::ALLOWED,
};

/// Bytes of an answer that is tagged by its bytes; larger ones go untagged.
const LARGEST: usize = 4 << 20;
/// Hexadecimal digits of a tag.
const DIGITS: usize = 24;
/// How often a page is made at most where what it stands on changes meanwhile, so that all that
/// it says is of one state. A node that writes without end keeps no reader waiting for that.
const TRIES: usize = 3;
/// Headers that a program on another site may read.
const EXPOSED: &str = "ETag, Link, Content-Disposition, Content-Language, Wpsx-Not-Held";

/// In a request of which the headers of the answer are wanted alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadersAlone;

/// Around every page and file. Who asks for the headers alone gets those of the whole answer:
/// it is made as for anybody, and its content left out.
pub(crate) async fn again(
    State(site): State<Observatory>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.method() == Method::OPTIONS {
        return allowed();
    }
    let is_head = request.method() == Method::HEAD;
    if is_head {
        *request.method_mut() = Method::GET;
        request.extensions_mut().insert(HeadersAlone);
    }
    let reads = request.method() == Method::GET;
    let seen = Seen::of(request.headers());
    let path = request.uri().path().to_owned();
    let uri = request.uri().clone();
    let tag_of = |state: &Option<String>| {
        let state = state.as_ref();
        state.map(|state| tag(&format!("{state} {uri}")))
    };
    let mut state = state(&site, &path);
    let mut response = match tag_of(&state) {
        Some(tag) if reads && seen.has(&tag) => not_changed(),
        _ => {
            let (asked, body) = request.into_parts();
            let first = Request::from_parts(asked.clone(), body);
            let mut response = next.clone().run(first).await;
            for _ in 1..TRIES {
                let now = self::state(&site, &path);
                if now == state || !reads || !is_page(&response) {
                    break;
                }
                state = now;
                let again = Request::from_parts(asked.clone(), Body::empty());
                response = next.clone().run(again).await;
            }
            response
        }
    };
    // What changed while the answer was made may be in it or not: it has no tag.
    let tag = tag_of(&state).filter(|_| state == self::state(&site, &path));
    let is_tagged =
        response.status() == StatusCode::OK || response.status() == StatusCode::NOT_MODIFIED;
    let by_bytes = response.headers().get(header::ETAG);
    let by_bytes = by_bytes.and_then(|tag| Some(tag.to_str().ok()?.to_owned()));
    if let Some(tag) = tag.or(by_bytes).filter(|_| reads && is_tagged) {
        response = tagged(response, &tag, &seen);
    }
    let headers = response.headers_mut();
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    set(headers, header::VARY, varies(&path));
    if let Some(language) = language(&path) {
        set(headers, header::CONTENT_LANGUAGE, language.tag());
    }
    match is_head {
        true => headers_of(response),
        false => response,
    }
}

/// Around what shows more than records, before it is compressed: it is tagged by its bytes.
pub(crate) async fn stamped(request: Request, next: Next) -> Response {
    let is_of_the_moment = is_of_the_moment(request.uri().path());
    let response = next.run(request).await;
    match is_of_the_moment && response.status() == StatusCode::OK {
        true => by_bytes(response).await,
        false => response,
    }
}

/// It was made whole, and is no file that is written while it is taken.
fn is_page(response: &Response) -> bool {
    let told = response.headers().get(header::CONTENT_TYPE);
    told.is_some_and(|told| told.as_bytes().starts_with(b"text/html"))
}

/// The language that a path names.
fn language(path: &str) -> Option<Language> {
    let first = path.split('/').nth(1)?;
    Language::ALL.into_iter().find(|it| it.tag() == first)
}

/// The headers of a request that its answer depends on.
fn varies(path: &str) -> &'static str {
    if is_for_everybody(path) {
        return "accept-encoding";
    }
    match (language(path).is_some(), negotiated::has_forms(path)) {
        (_, true) => "accept, accept-encoding",
        // What is no file may say in JSON that it is not there.
        (true, false) if is_file(path) => "accept-encoding",
        (true, false) => "accept, accept-encoding",
        (false, false) => "accept, accept-language, accept-encoding",
    }
}

fn is_file(path: &str) -> bool {
    form_of(path.rsplit('/').next().unwrap_or_default())
        .1
        .is_some()
}

/// What the answer at a path stands on now; nothing of what is tagged by its bytes.
fn state(site: &Observatory, path: &str) -> Option<String> {
    match (is_of_the_moment(path), shows_proofs(path)) {
        (true, _) => None,
        (false, true) => Some(site.signed_state()),
        (false, false) => Some(site.state()),
    }
}

/// It says who signed a record and who saw that: its page, now or in a revision, and its proof.
fn shows_proofs(path: &str) -> bool {
    let mut parts = path.split('/').skip(2);
    let is_record = parts.next() == Some("record") && parts.next().is_some();
    let last = path.rsplit('/').next().unwrap_or_default();
    is_record && matches!(form_of(last).1, None | Some(Form::Proof))
}

/// It shows more than records, such as how old the logs are, or no records at all.
fn is_of_the_moment(path: &str) -> bool {
    let is_home = language(path).is_some() && path.matches('/').count() == 1;
    is_home || is_for_everybody(path) && !path.starts_with("/sitemap") || path.ends_with("/network")
}

/// It is the same in whatever language it is asked for.
fn is_for_everybody(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    matches!(
        first,
        "style.css"
            | "icon.svg"
            | "logo.png"
            | "logo.svg"
            | "healthz"
            | "robots.txt"
            | "sitemap.xml"
            | "sitemap"
    )
}

/// What a browser asks before a program on another site may read.
fn allowed() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ALLOW, ALLOWED),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED),
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

/// With its tag; without its content, where the reader has any answer of this address.
fn tagged(mut response: Response, tag: &str, seen: &Seen) -> Response {
    set(response.headers_mut(), header::ETAG, tag);
    let is_seen = seen.is_any() || seen.has(tag);
    match is_seen && response.status() == StatusCode::OK {
        true => without_content(response),
        false => response,
    }
}

/// Tagged by its own bytes.
async fn by_bytes(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = tag(&hex::encode(Hash::of(&bytes).as_bytes()));
    let mut response = Response::from_parts(parts, Body::from(bytes));
    set(response.headers_mut(), header::ETAG, &tag);
    response
}

/// That it is the same still, with what else the answer says of itself.
fn without_content(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    for name in [
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::CONTENT_ENCODING,
        header::CONTENT_DISPOSITION,
    ] {
        parts.headers.remove(name);
    }
    Response::from_parts(parts, Body::empty())
}

/// The headers of an answer, with its length where that is known.
fn headers_of(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let length = body.size_hint().exact();
    if let Some(length) = length.filter(|_| parts.status != StatusCode::NOT_MODIFIED) {
        set(
            &mut parts.headers,
            header::CONTENT_LENGTH,
            &length.to_string(),
        );
    }
    // An empty one would be said to have the length of nothing.
    let nothing = stream::empty::<Result<Bytes, io::Error>>();
    Response::from_parts(parts, Body::from_stream(nothing))
}

/// A weak tag: compressed and not, it is the same answer.
fn tag(state: &str) -> String {
    let mut digits = hex::encode(Hash::of(state.as_bytes()).as_bytes());
    digits.truncate(DIGITS);
    format!("W/\"{digits}\"")
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
