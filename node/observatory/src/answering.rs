//! Where the work of a request is done, and at whose cost.

use std::time::Duration;

use axum::{
    Extension,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, header};
use maud::Markup;
use tokio::time::timeout;
use wpsx_domain::{NodeError, Wanted, while_wanted};
use wpsx_listen::Caller;
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
    let worked = while_wanted(move |wanted| {
        let _until_it_ends = place;
        work(&site, wanted)
    });
    match worked.await {
        Ok(Answered::Page(status, page)) => {
            let mut response = html(page);
            *response.status_mut() = status;
            response
        }
        Ok(Answered::File(response)) => response,
        Err(NodeError::NotFound { .. }) => Trouble::NotFound.into_response(),
        Err(NodeError::Invalid { .. }) => Trouble::Unclear.into_response(),
        Err(NodeError::Busy(_)) => Trouble::Busy.into_response(),
        Err(error) => {
            tracing::error!(error = chain(&error), "a page cannot be shown");
            Trouble::Broken.into_response()
        }
    }
}

/// A page as an answer.
pub(crate) fn html(page: Markup) -> Response {
    let mut response = page.into_string().into_response();
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, html);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(SHORT));
    response
}
