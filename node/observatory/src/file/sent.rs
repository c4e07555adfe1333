//! A file as an answer: its type, its name on the reader's disk, and what belongs to it.

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, header};

use super::form::Form;

/// Says how many records the site does not hold that may belong into a file, where there are any:
/// tables and lines have no place for it.
pub(crate) const NOT_HELD: HeaderName = HeaderName::from_static("wpsx-not-held");

/// What is sent.
pub(crate) struct Sent<'a> {
    pub(crate) form: Form,
    /// What it is called on the reader's disk: letters that every header takes.
    pub(crate) name: &'a str,
    /// The address of the page that shows the same.
    pub(crate) page: &'a str,
    /// The address of the text that explains the file.
    pub(crate) readme: Option<&'a str>,
    /// How many records the site does not hold that may belong into it.
    pub(crate) not_held: u64,
    pub(crate) body: Body,
}

pub(crate) fn sent(file: Sent<'_>) -> Response {
    let mut response = file.body.into_response();
    let headers = response.headers_mut();
    let page = format!("<{}>; rel=\"canonical\"", file.page);
    let readme = file.readme.filter(|_| file.form != Form::Readme);
    let readme =
        readme.map(|readme| format!("<{readme}>; rel=\"describedby\"; type=\"text/plain\""));
    let links = [Some(page), readme].into_iter().flatten();
    // The others are shown where they can be, and kept by this name too.
    let keeps = match file.form {
        Form::Csv | Form::Parts(_) | Form::Xlsx | Form::Bibtex | Form::Ris => "attachment",
        _ => "inline",
    };
    let name: String = file.name.chars().filter(|c| is_plain(*c)).collect();
    let kept = Some(format!("{keeps}; filename=\"{name}\""));
    for (name, value) in [
        (header::CONTENT_TYPE, Some(file.form.content_type())),
        (header::X_CONTENT_TYPE_OPTIONS, Some("nosniff".to_owned())),
        (header::CACHE_CONTROL, Some("public, max-age=30".to_owned())),
        (header::LINK, Some(links.collect::<Vec<_>>().join(", "))),
        (header::CONTENT_DISPOSITION, kept),
        (
            NOT_HELD,
            (file.not_held > 0).then(|| file.not_held.to_string()),
        ),
    ] {
        // What no header can hold is left out: addresses are encoded, so all of it fits.
        let value = value.and_then(|value| HeaderValue::from_str(&value).ok());
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    response
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_writes_a_header() {
        let answer = sent(Sent {
            form: Form::Csv,
            name: "a\"; x=\r\nSet-Cookie: y/é.csv",
            page: "/en/event?words=%0D%0A",
            readme: Some("/en/event.readme.txt"),
            not_held: 0,
            body: Body::empty(),
        });
        let named = answer.headers()[header::CONTENT_DISPOSITION]
            .to_str()
            .unwrap();
        assert_eq!(named, "attachment; filename=\"axSet-Cookiey.csv\"");
        assert!(answer.headers().get("set-cookie").is_none());
        let link = answer.headers()[header::LINK].to_str().unwrap();
        assert!(
            link.contains("</en/event.readme.txt>; rel=\"describedby\""),
            "{link}"
        );
    }
}
