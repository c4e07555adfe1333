//! Where the pages are.

use axum::{
    Extension, Router,
    extract::{Path, State},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::{HeaderMap, Uri, header};
use tower_http::compression::CompressionLayer;
use wpsx_domain::{NodeError, Wanted};
use wpsx_listen::Caller;
use wpsx_proto::record::Kind;
use wpsx_words::Language;

use crate::{
    address::ANY_KIND,
    answering::{SHORT, answer},
    at::{self, At},
    entrance,
    file::{self, Asked, Reader, Turn},
    negotiated::negotiated,
    observatory::{Answered, Observatory},
    page,
    reading::{self, HeadersAlone},
    revision,
    serving::{preferred, served},
    settings::Logo,
    sitemap,
    trouble::Trouble,
};

/// What has its hash in its address never changes.
const LONG: &str = "public, max-age=31536000, immutable";

/// The pages, from `/` on.
pub fn router(site: Observatory) -> Router {
    Router::new()
        .route("/", get(first))
        .route("/style.css", get(style))
        .route("/icon.svg", get(icon))
        .route("/favicon.ico", get(icon))
        .route("/logo.png", get(logo))
        .route("/logo.svg", get(logo))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/robots.txt", get(robots))
        .route("/sitemap.xml", get(sitemap_index))
        .route("/sitemap/{part}", get(sitemap_part))
        .route("/{language}/events.ics", get(calendar))
        .route("/{language}", get(home))
        .route("/{language}/{name}", get(named))
        .route("/{language}/{name}/{key}", get(keyed))
        .route("/{language}/record/{id}/{revision}", get(revised))
        .fallback(nowhere)
        .layer(from_fn(negotiated))
        .layer(from_fn_with_state(site.clone(), served))
        .layer(from_fn(reading::stamped))
        .layer(CompressionLayer::new().compress_when(file::is_compressible()))
        .layer(from_fn_with_state(site.clone(), reading::again))
        .with_state(site)
}

/// The first page: it has no slash behind its language.
async fn first(headers: HeaderMap, uri: Uri) -> Response {
    let query = uri.query().map_or_else(String::new, |it| format!("?{it}"));
    entrance::to(preferred(&headers), &query)
}

async fn style(State(site): State<Observatory>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, LONG),
    ];
    (headers, site.style().text.clone()).into_response()
}

/// The site's mark; browsers and programs also ask for it by a name that no page has.
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
    uri: Uri,
) -> Response {
    let Ok(language) = exactly(&language) else {
        return Trouble::NotFound.into_response();
    };
    let rest = at::rest(&uri);
    answer(site, caller, move |site, wanted| {
        let at = At {
            language,
            rest: &rest,
        };
        let address = site.asked(None, at);
        if let Some(page) = page::list::unclear(site, at, &address, wanted)? {
            return Ok(page);
        }
        match page::home::answers(site, &address) {
            true => page::home::page(site, at, &address, wanted),
            // What asks for less than all is answered by the list of all kinds.
            false => Ok(elsewhere(&address.as_asked(language))),
        }
    })
    .await
}

async fn named(
    State(site): State<Observatory>,
    caller: Option<Extension<Caller>>,
    head: Option<Extension<HeadersAlone>>,
    Path((language, name)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let Ok(language) = exactly(&language) else {
        return Trouble::NotFound.into_response();
    };
    let rest = at::rest(&uri);
    let reader = match reader(&site, &caller, &name, head.is_some()).await {
        Ok(reader) => reader,
        Err(trouble) => return trouble.into_response(),
    };
    answer(site, caller, move |site, wanted| {
        let at = At {
            language,
            rest: &rest,
        };
        match name.as_str() {
            "network" => return Ok(page::network::page(site, at)?.into()),
            "method" => return Ok(page::method::page(site, at).into()),
            "accessibility" => return Ok(page::accessibility::page(site, at).into()),
            "styleguide" => return Ok(page::styleguide::page(site, at, wanted)?.into()),
            _ => {}
        }
        if page::index::is_one(&name) {
            return Ok(page::index::page(site, at, &name, wanted)?.into());
        }
        if name == ANY_KIND {
            return page::list::page(site, at, None, wanted);
        }
        let (name, form) = file::form_of(&name);
        if let Some(form) = form.filter(|_| name == ANY_KIND) {
            let asked = Asked::of_list(site, at, None);
            return list(site, &asked, form, reader, wanted);
        }
        let kind: Kind = name
            .parse()
            .map_err(|_| NodeError::not_found("page", name))?;
        if !kind.is_known() || kind.to_string() != name {
            return Err(NodeError::not_found("page", name));
        }
        match form {
            None => page::list::page(site, at, Some(kind), wanted),
            Some(form) => {
                let asked = Asked::of_list(site, at, Some(kind));
                list(site, &asked, form, reader, wanted)
            }
        }
    })
    .await
}

async fn keyed(
    State(site): State<Observatory>,
    caller: Option<Extension<Caller>>,
    head: Option<Extension<HeadersAlone>>,
    Path((language, name, key)): Path<(String, String, String)>,
    uri: Uri,
) -> Response {
    let Ok(language) = exactly(&language) else {
        return Trouble::NotFound.into_response();
    };
    let rest = at::rest(&uri);
    // One record is no list.
    let listed = if name == "record" { "" } else { &key };
    let reader = match reader(&site, &caller, listed, head.is_some()).await {
        Ok(reader) => reader,
        Err(trouble) => return trouble.into_response(),
    };
    answer(site, caller, move |site, wanted| {
        let at = At {
            language,
            rest: &rest,
        };
        let query = at.query();
        match name.as_str() {
            "record" => match file::form_of(&key) {
                (id, None) => page::record::page(site, at, id, None, wanted),
                (id, Some(form)) => file::record(site, language, id, None, form, head.is_some()),
            },
            place if file::form_of(&key).1.is_some() => {
                let (key, form) = file::form_of(&key);
                let form = form.ok_or_else(|| NodeError::not_found("file", key))?;
                let asked = Asked::of_place(site, language, place, key, query, wanted)?;
                list(site, &asked, form, reader, wanted)
            }
            place if has_list(place) => {
                let asked = Asked::of_place(site, language, place, &key, query, wanted);
                match asked.ok().and_then(|asked| asked.narrower()) {
                    Some(there) => Ok(elsewhere(&there)),
                    None => place_page(site, at, place, &key, wanted),
                }
            }
            "method" => Ok(page::method::kind(site, at, &key)?.into()),
            "vocabulary" => Ok(page::method::vocabulary(site, at, &key)?.into()),
            _ => Err(NodeError::not_found("page", &name)),
        }
    })
    .await
}

/// Whether pages of this name are about one thing of which there is a list.
fn has_list(place: &str) -> bool {
    matches!(place, "country" | "region" | "theme" | "organisation")
}

fn place_page(
    site: &Observatory,
    at: At<'_>,
    place: &str,
    key: &str,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    match place {
        "country" => page::place::country(site, at, key, wanted),
        "region" => page::place::region(site, at, key, wanted),
        "theme" => page::place::theme(site, at, key, wanted),
        _ => page::organisation::page(site, at, key, wanted),
    }
}

/// One revision of a record, at the address where it stays, or all of them.
async fn revised(
    State(site): State<Observatory>,
    caller: Option<Extension<Caller>>,
    head: Option<Extension<HeadersAlone>>,
    Path((language, id, revision)): Path<(String, String, String)>,
    uri: Uri,
) -> Response {
    let Ok(language) = exactly(&language) else {
        return Trouble::NotFound.into_response();
    };
    let rest = at::rest(&uri);
    answer(site, caller, move |site, wanted| {
        let at = At {
            language,
            rest: &rest,
        };
        if revision == "history" {
            return page::record::history::page(site, at, &id, wanted);
        }
        let (number, form) = file::form_of(&revision);
        let missing = || NodeError::not_found("revision", number);
        let number = revision::numbered(number).ok_or_else(missing)?;
        match form {
            None => page::record::page(site, at, &id, Some(number), wanted),
            Some(form) => file::record(site, language, &id, Some(number), form, head.is_some()),
        }
    })
    .await
}

/// The calendar of all events, under the name that calendars know.
async fn calendar(
    State(site): State<Observatory>,
    caller: Option<Extension<Caller>>,
    head: Option<Extension<HeadersAlone>>,
    Path(language): Path<String>,
    uri: Uri,
) -> Response {
    let kind = Kind::known().find(|kind| file::form::is_in_calendars(*kind));
    let (Ok(language), Some(kind)) = (exactly(&language), kind) else {
        return Trouble::NotFound.into_response();
    };
    let reader = match reader(&site, &caller, "", head.is_some()).await {
        Ok(reader) => reader,
        Err(trouble) => return trouble.into_response(),
    };
    let rest = at::rest(&uri);
    answer(site, caller, move |site, wanted| {
        let at = At {
            language,
            rest: &rest,
        };
        let asked = Asked::of_list(site, at, Some(kind));
        list(site, &asked, file::Form::Calendar, reader, wanted)
    })
    .await
}

/// A list as a file, or what is wrong with its question.
fn list(
    site: &Observatory,
    asked: &Asked,
    form: file::Form,
    reader: Reader,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    match file::refused(site, asked, form, wanted)? {
        Some(why) => Ok(why),
        None => file::list(site, asked, form, reader, wanted),
    }
}

async fn robots(State(site): State<Observatory>) -> Response {
    told("text/plain; charset=utf-8", sitemap::robots(&site))
}

async fn sitemap_index(State(site): State<Observatory>) -> Response {
    told("application/xml", sitemap::index(&site))
}

async fn sitemap_part(
    State(site): State<Observatory>,
    caller: Option<Extension<Caller>>,
    Path(part): Path<String>,
) -> Response {
    answer(site, caller, move |site, wanted| {
        let part = sitemap::part(site, &part, wanted)?;
        Ok(Answered::File(told("application/xml", part)))
    })
    .await
}

/// A text for programs.
fn told(media_type: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, SHORT),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}

/// Who asks for what is named so, for what goes on when the answer has begun, once it is its
/// turn.
async fn reader(
    site: &Observatory,
    caller: &Option<Extension<Caller>>,
    name: &str,
    is_head: bool,
) -> Result<Reader, Trouble> {
    let caller = caller.as_ref().map(|Extension(caller)| caller.clone());
    let caller = caller.unwrap_or_default();
    let turn = Turn::of(site, &caller, name, is_head).await?;
    Ok(Reader {
        caller,
        turn,
        is_head,
    })
}

/// The address at which a question is answered.
fn elsewhere(there: &str) -> Answered {
    Answered::File(Redirect::to(there).into_response())
}

/// No address ends in a slash: what does leads to the one without.
async fn nowhere(uri: Uri) -> Response {
    let path = uri.path();
    let without = path.trim_end_matches('/');
    // Two slashes at the beginning would lead to another site, and browsers read a backslash
    // as a slash.
    if without == path || without.is_empty() || path.starts_with("//") || path.contains('\\') {
        return Trouble::NotFound.into_response();
    }
    let query = uri.query().map_or_else(String::new, |it| format!("?{it}"));
    Redirect::permanent(&format!("{without}{query}")).into_response()
}

/// A language as it stands in a path: exactly its tag, so that each page has one address.
fn exactly(tag: &str) -> Result<Language, ()> {
    let known = Language::ALL.into_iter().find(|it| it.tag() == tag);
    known.ok_or(())
}
