//! How it is told that something is not there, or cannot be had now: by a page to who opens
//! pages; to who asks for a file, or for JSON, in plain text or JSON with the same sentences.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, header};
use serde_json::json;
use wpsx_words::Language;

use crate::{
    answering::SHORT,
    file::{Form, form_of},
    negotiated::prefers,
    trouble::Trouble,
};

/// What reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Page,
    Text,
    Json,
}

impl Told {
    /// To who asks for what is at a path.
    pub(crate) fn to(path: &str, headers: &HeaderMap) -> Self {
        match form_of(path.rsplit('/').next().unwrap_or_default()).1 {
            Some(Form::Json | Form::JsonLines | Form::JsonLd) => Self::Json,
            Some(_) => Self::Text,
            None if prefers(headers, Form::Json.media_type()) => Self::Json,
            None => Self::Page,
        }
    }

    /// The answer, with the addresses of what is there instead; none where it is a page.
    pub(crate) fn answer(
        self,
        trouble: Trouble,
        language: Language,
        instead: &[String],
    ) -> Option<Response> {
        let (what, why) = trouble.texts();
        let [what, why] = [what, why].map(|said| said[language as usize]);
        let (form, text) = match self {
            Self::Page => return None,
            Self::Text => {
                let lines = [what, why].into_iter();
                let lines = lines.chain(instead.iter().map(String::as_str));
                let lines = lines.map(|line| format!("{line}\n"));
                (Form::Readme, lines.collect())
            }
            Self::Json => {
                let status = trouble.status().as_u16();
                let told = json!({"error": what, "why": why, "status": status, "instead": instead});
                (Form::Json, format!("{told}\n"))
            }
        };
        let headers = [
            (header::CONTENT_TYPE, form.content_type()),
            (header::CACHE_CONTROL, SHORT.to_owned()),
        ];
        let mut response = (headers, text).into_response();
        trouble.mark(&mut response);
        Some(response)
    }
}
