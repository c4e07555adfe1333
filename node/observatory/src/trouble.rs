//! Why there is no page: errors as pages, in the reader's language.
//!
//! Work on a request answers with a [`Trouble`] alone; the page for it is made in one
//! place (`serving`), which knows what was asked for.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::texts::{self, Said};

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    NotFound,
    /// It asks for what nobody can answer.
    Unclear,
    Broken,
    /// Of this caller.
    TooMany,
    /// Of all.
    Busy,
    Starting,
    OnlyRead,
    TooLong,
}

impl Trouble {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unclear => StatusCode::BAD_REQUEST,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::Starting => StatusCode::SERVICE_UNAVAILABLE,
            Self::OnlyRead => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLong => StatusCode::URI_TOO_LONG,
        }
    }

    /// What is said of it, and what to do.
    pub(crate) fn texts(self) -> (&'static Said, &'static Said) {
        match self {
            Self::NotFound => (&texts::NOT_FOUND, &texts::NOT_FOUND_WHY),
            Self::Unclear => (&texts::UNCLEAR, &texts::UNCLEAR_WHY),
            Self::Broken => (&texts::BROKEN, &texts::BROKEN_WHY),
            Self::TooMany => (&texts::TOO_MANY, &texts::TOO_MANY_WHY),
            Self::Busy => (&texts::BUSY, &texts::BUSY_WHY),
            Self::Starting => (&texts::STARTING, &texts::STARTING_WHY),
            Self::OnlyRead => (&texts::ONLY_READ, &texts::ONLY_READ_WHY),
            Self::TooLong => (&texts::TOO_LONG, &texts::TOO_LONG_WHY),
        }
    }

    /// After how many seconds it is worth asking again.
    pub(crate) fn retry(self) -> Option<&'static str> {
        match self {
            Self::TooMany | Self::Busy => Some("2"),
            Self::Starting => Some("5"),
            _ => None,
        }
    }

    /// What goes beside the page. What is over in a moment is not kept.
    pub(crate) fn mark(self, response: &mut Response) {
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        if !matches!(self, Self::NotFound | Self::Unclear) {
            let never = HeaderValue::from_static("no-store");
            headers.insert(header::CACHE_CONTROL, never);
        }
    }
}

/// Of an answer that says itself what is wrong, and needs no page for that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Explained;

/// Without a page yet.
impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
