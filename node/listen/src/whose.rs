//! Why a call or a connection finds no room, and how that is said to whoever asked.

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderMap, Uri};

/// Whose share is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// That of the caller, which asks for too much at once.
    Callers,
    /// That of all callers of its class: it may be none of its doing.
    Everybodys,
}

/// Says it to who asked for an address with these headers. Must not wait or do much: who
/// is refused costs nothing.
pub type OnRefused = Arc<dyn Fn(Whose, &Uri, &HeaderMap) -> Response + Send + Sync>;
