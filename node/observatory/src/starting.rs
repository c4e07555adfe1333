//! What is answered while a node starts: it has opened its port and nothing else yet. The page
//! does not load itself anew: who reads it slowly, or listens, would lose their place.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::header;
use maud::{DOCTYPE, html};

use crate::{
    answering,
    serving::{guard, language_of},
    settings::Settings,
    style::Style,
    texts::{self, Said},
    told::Told,
    trouble::Trouble,
};

/// Answers everything by a page that says so, with a link that asks again; by a text where a
/// file is asked for.
pub fn starting(settings: Settings) -> Router {
    let style = Style::with(settings.accent);
    Router::new()
        .route("/style.css", get(sheet))
        .fallback(wait)
        .with_state(Arc::new((settings, style)))
}

type Known = State<Arc<(Settings, Style)>>;

async fn sheet(State(known): Known) -> Response {
    let css = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    let mut response = (css, known.1.text.clone()).into_response();
    guard(response.headers_mut());
    response
}

async fn wait(State(known): Known, request: Request) -> Response {
    let (settings, style) = &*known;
    let trouble = Trouble::Starting;
    let language = language_of(request.uri().path(), request.headers());
    if let Some(mut told) =
        Told::to(request.uri().path(), request.headers()).answer(trouble, language, &[])
    {
        guard(told.headers_mut());
        return told;
    }
    let say = |said: &Said| said[language as usize];
    let (what, why) = trouble.texts();
    let site = settings.title(language);
    let direction = if language.is_right_to_left() {
        "rtl"
    } else {
        "ltr"
    };
    let mut response = answering::html(html! {
        (DOCTYPE)
        html lang=(language.tag()) dir=(direction) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (say(what)) " · " (site.text) }
                link rel="stylesheet" href=(style.path);
            }
            body {
                @if let Some(notice) = settings.notice(language) {
                    section.notice aria-label=(say(&texts::frame::NOTICE)) { p lang=(notice.language.tag()) dir="auto" { (notice.text) } }
                }
                header { span.site { bdi { (site.text) } } }
                main id="content" {
                    h1 { (say(what)) }
                    p { (say(why)) }
                    p { a href=(again(&request)) { (say(&texts::ASK_AGAIN)) } }
                }
            }
        }
    });
    trouble.mark(&mut response);
    guard(response.headers_mut());
    response
}

/// The address that was asked for, on this site.
fn again(request: &Request) -> String {
    let asked = request.uri().path_and_query();
    let asked = asked.map(|asked| asked.as_str().trim_start_matches('/'));
    format!("/{}", asked.unwrap_or_default())
}
