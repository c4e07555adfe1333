//! Where the work of a request is done, and at whose cost: it takes one of the places of its
//! caller's class, and what it made is held against the caller until it was taken. A file that
//! is written while it is taken waits for its memory before (`file::Turn`), so that files which
//! nobody takes keep no page waiting.

use std::time::Duration;

use axum::{
    Extension,
    body::HttpBody as _,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http::{HeaderValue, header};
use maud::Markup;
use tokio::time::timeout;
use wpsx_domain::{NodeError, Wanted, while_wanted};
use wpsx_listen::{Caller, Whose};
use wpsx_proto::chain;

use crate::{
    observatory::{Answered, Observatory},
    trouble::Trouble,
};

/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(20);
/// A page may be a little old; what was erased must not stay long.
pub(crate) const SHORT: &str = "public, max-age=30";

/// Does the work of a request where it may block, at the caller's cost.
pub(crate) async fn answer(
    site: Observatory,
    caller: Option<Extension<Caller>>,
    work: impl FnOnce(&Observatory, &Wanted) -> Result<Answered, NodeError> + Send + 'static,
) -> Response {
    let Extension(caller) = caller.unwrap_or_default();
    let Ok(place) = timeout(PATIENCE, caller.allowance().places(1)).await else {
        return Trouble::Busy.into_response();
    };
    let quiet = site.quiet.clone();
    let worked = while_wanted(move |wanted| {
        let _until_it_ends = place;
        work(&site, wanted)
    });
    match worked.await {
        Ok(answered) => held(answered, &caller),
        Err(NodeError::NotFound { .. }) => Trouble::NotFound.into_response(),
        Err(NodeError::Invalid { .. }) => Trouble::Unclear.into_response(),
        Err(NodeError::Busy(_)) => Trouble::Busy.into_response(),
        Err(error) => {
            if let Some(left_out) = quiet.may_say("", "page") {
                tracing::error!(error = chain(&error), left_out, "a page cannot be shown");
            }
            Trouble::Broken.into_response()
        }
    }
}

/// An answer that its caller has room for until it was taken.
fn held(answered: Answered, caller: &Caller) -> Response {
    let response = match answered {
        Answered::Page(status, page) => {
            let mut response = html(page);
            *response.status_mut() = status;
            response
        }
        Answered::File(response) => response,
    };
    // What has no size is written while it is taken, or lies on the disk.
    let bytes = response.body().size_hint().exact().unwrap_or(0);
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    match caller.allowance().call(bytes) {
        Ok(holding) => {
            caller.hold(holding);
            response
        }
        Err(Whose::Callers) => Trouble::TooMany.into_response(),
        Err(Whose::Everybodys) => Trouble::Busy.into_response(),
    }
}

/// A page as an answer.
pub(crate) fn html(page: Markup) -> Response {
    told_as_html(page.into_string().into())
}

/// The same of one that was made before.
pub(crate) fn told_as_html(page: Bytes) -> Response {
    let mut response = page.into_response();
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, html);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(SHORT));
    response
}
