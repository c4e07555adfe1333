//! The static public log: what C2SP tlog-tiles and tlog-mirror say a log is to
//! anyone with an HTTP client.
//!
//! Public logs only (what a stranger's sight admits), our own and those we mirror, and of them only what their head
//! requires to exist: checkpoint, tiles, entry bundles. No payloads, no other
//! audience's logs, not even by a different answer. A path is taken byte for byte
//! as the specification writes it; everything else is not found.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, X_CONTENT_TYPE_OPTIONS,
};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use serde::Serialize;
use tower_http::compression::CompressionLayer;
use wpsx_domain::{NodeError, access::Sight, quiet::Quiet, served::ServedLog, while_wanted};
use wpsx_listen::{Caller, Seen};
use wpsx_proto::checkpoint::VerifiedCheckpoint;
use wpsx_proto::hash::Hash;
use wpsx_proto::index::{BUNDLE, LeafIndex};
use wpsx_proto::tile::{TileKind, TilePath};
use wpsx_store::StoreError;

/// A checkpoint is renewed once a minute, and grows whenever something is published.
const SHORT: &str = "public, max-age=5";

/// A tile of one width never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The logs that `sight` admits, below `/mirror/`.
pub fn router(sight: Sight) -> Router {
    Router::new()
        .route("/mirror/", get(list))
        .route("/mirror/{log}/{*file}", get(file))
        .layer(CompressionLayer::new().compress_when(is_compressible))
        .layer(Extension(Arc::<Quiet>::default()))
        .with_state(sight)
}

/// Marks a response that gzip makes smaller: entries, not hashes.
#[derive(Clone, Copy)]
struct Compressible;

fn is_compressible(_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<Compressible>().is_some()
}

/// A log in the list of `/mirror/`.
#[derive(Debug, Serialize)]
struct Listed {
    origin: String,
    path: String,
    vkey: String,
}

/// The log and its head, if there is something to read.
fn published(log: ServedLog) -> Option<(ServedLog, Arc<VerifiedCheckpoint>)> {
    let head = log.head()?;
    Some((log, head))
}

async fn list(State(sight): State<Sight>) -> Response {
    let logs: Vec<Listed> = sight
        .logs()
        .into_iter()
        .filter_map(published)
        .map(|(log, _)| Listed {
            origin: log.origin().to_string(),
            path: format!("/mirror/{}/", log.origin().hash_hex()),
            vkey: log.key().to_string(),
        })
        .collect();
    let headers = headers(SHORT, "application/json");
    (headers, axum::Json(logs)).into_response()
}

async fn file(
    State(sight): State<Sight>,
    caller: Option<Extension<Caller>>,
    Extension(quiet): Extension<Arc<Quiet>>,
    uri: http::Uri,
    request: HeaderMap,
) -> Response {
    // The path as it was sent: what would have to be decoded is not what we wrote.
    let path = uri.path().strip_prefix("/mirror/").unwrap_or_default();
    let Some((folder, wanted)) = path.split_once('/') else {
        return not_found();
    };
    // The listed path ends in a slash; some join it to the name with another.
    let wanted = wanted.strip_prefix('/').unwrap_or(wanted);
    let Some((log, head)) = find(&sight, folder) else {
        return not_found();
    };
    if wanted == "checkpoint" {
        return checkpoint(&head, &request);
    }
    let Ok(path) = wanted.parse::<TilePath>() else {
        return not_found();
    };
    // A partial tile is a prefix of the wider one; no wider one is asked of the log
    // than its head has.
    let required = TilePath::in_tree(path.kind(), path.index(), head.size());
    if required.is_none_or(|required| required.width() < path.width()) {
        return not_found();
    }
    let Extension(caller) = caller.unwrap_or_default();
    let place = caller.allowance().places(1).await;
    let origin = log.origin().clone();
    let read = while_wanted(move |_| {
        let _until_it_ends = place;
        read(&log, path)
    });
    match read.await {
        Ok(bytes) => tile(path.kind(), bytes),
        Err(NodeError::Store(StoreError::Beyond { .. })) => not_found(),
        Err(error) => {
            if let Some(left_out) = quiet.may_say(origin.as_str(), "tile") {
                tracing::error!(%error, left_out, "cannot serve a tile");
            }
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The log that is served under the hash of its origin line.
fn find(sight: &Sight, hash: &str) -> Option<(ServedLog, Arc<VerifiedCheckpoint>)> {
    let log = sight
        .logs()
        .into_iter()
        .find(|log| log.origin().hash_hex() == hash)?;
    published(log)
}

fn read(log: &ServedLog, path: TilePath) -> Result<Bytes, NodeError> {
    match path.kind() {
        TileKind::Hashes { level } => log.tile(level, path.index(), usize::from(path.width())),
        TileKind::Entries => {
            let start = LeafIndex::new(path.index() * BUNDLE);
            let bundle = log.entries(start, start.plus(u64::from(path.width())))?;
            Ok(bundle.bytes().clone())
        }
    }
}

fn checkpoint(head: &VerifiedCheckpoint, request: &HeaderMap) -> Response {
    let note = head.note_bytes();
    let tag = format!("\"{}\"", Hash::of(&note));
    let mut headers = headers(SHORT, "text/plain; charset=utf-8");
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    let seen = Seen::of(request);
    if seen.is_any() || seen.has(&tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, note).into_response()
}

fn tile(kind: TileKind, bytes: Bytes) -> Response {
    let mut response = (headers(FOREVER, "application/octet-stream"), bytes).into_response();
    if kind == TileKind::Entries {
        response.extensions_mut().insert(Compressible);
    }
    response
}

fn headers(cache: &'static str, content: &'static str) -> HeaderMap {
    HeaderMap::from_iter([
        (CACHE_CONTROL, HeaderValue::from_static(cache)),
        (CONTENT_TYPE, HeaderValue::from_static(content)),
        // A verifier may run in anybody's page: all of this is public.
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ])
}

/// What is not there yet may be there in a second.
fn not_found() -> Response {
    let headers = headers("no-store", "text/plain; charset=utf-8");
    (StatusCode::NOT_FOUND, headers, "not found\n").into_response()
}
