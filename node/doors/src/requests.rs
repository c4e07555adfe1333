//! Requests for pages and files: counted by route, and a line in the log for each.
//!
//! A route is an address with names for what differs (`/{language}/record/{key}`); what
//! leads nowhere has none. So nobody makes more lines than there are pages, and what is
//! counted says nothing of who asked.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{StatusCode, header::CONTENT_TYPE};
use parking_lot::Mutex;
use wpsx_client::clock::monotonic;
use wpsx_listen::{Caller, OnRefused};
use wpsx_words::Language;

use crate::config::AccessConfig;

/// The upper ends of the histogram, in milliseconds.
const ENDS: [u64; 10] = [1, 3, 5, 10, 15, 30, 60, 150, 500, 2_000];
/// The route of what leads nowhere.
const NOWHERE: &str = "none";
/// Lines that are counted apart. There are fewer; this holds whatever a page comes to be.
const MOST_LINES: usize = 2_000;
/// Characters of a path or a question in the log.
const LONGEST: usize = 300;

/// What was asked for since the start. Clones count together.
#[derive(Clone, Debug)]
pub struct Requests {
    counted: Arc<Mutex<BTreeMap<Asked, Counts>>>,
    told: AccessConfig,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    route: String,
    form: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Default)]
struct Counts {
    within: [u64; ENDS.len()],
    all: u64,
    time: Duration,
}

impl Requests {
    /// None so far; the log is told of each what `told` says.
    pub fn new(told: AccessConfig) -> Self {
        Self {
            counted: Arc::default(),
            told,
        }
    }

    fn count(&self, asked: Asked, took: Duration) {
        let mut counted = self.counted.lock();
        let asked = match counted.len() < MOST_LINES || counted.contains_key(&asked) {
            true => asked,
            false => Asked {
                route: NOWHERE.to_owned(),
                ..asked
            },
        };
        let counts = counted.entry(asked).or_default();
        counts.all += 1;
        counts.time += took;
        for (end, count) in ENDS.iter().zip(&mut counts.within) {
            *count += u64::from(took <= Duration::from_millis(*end));
        }
    }

    /// Counts those who find no room, too.
    pub fn refusing(&self, refusing: OnRefused) -> OnRefused {
        let requests = self.clone();
        Arc::new(move |whose, uri, headers| {
            let response = refusing(whose, uri, headers);
            let asked = Asked {
                route: "refused".to_owned(),
                form: form_of(&response),
                status: response.status().as_u16(),
            };
            requests.count(asked, Duration::ZERO);
            response
        })
    }

    /// In Prometheus' text form.
    pub fn render(&self) -> String {
        let mut text = String::from(
            "# HELP wpsx_http_request_seconds Requests for pages and files by route, form of the answer and state, \
             with the time until their answer began.\n\
             # TYPE wpsx_http_request_seconds histogram\n",
        );
        // A copy, so that nobody waits while it is written.
        let counted = self.counted.lock().clone();
        for (
            Asked {
                route,
                form,
                status,
            },
            counts,
        ) in counted
        {
            let labels = format!("route=\"{route}\",form=\"{form}\",status=\"{status}\"");
            for (end, count) in ENDS.iter().zip(counts.within) {
                let seconds = Duration::from_millis(*end).as_secs_f64();
                let _ = writeln!(
                    text,
                    "wpsx_http_request_seconds_bucket{{{labels},le=\"{seconds}\"}} {count}"
                );
            }
            let (all, seconds) = (counts.all, counts.time.as_secs_f64());
            let _ = writeln!(
                text,
                "wpsx_http_request_seconds_bucket{{{labels},le=\"+Inf\"}} {all}\n\
                 wpsx_http_request_seconds_sum{{{labels}}} {seconds}\n\
                 wpsx_http_request_seconds_count{{{labels}}} {all}"
            );
        }
        text
    }
}

/// Counts a request, and tells of it.
pub async fn watched(State(requests): State<Requests>, request: Request, next: Next) -> Response {
    let told = requests.told;
    let began = monotonic();
    let caller = request.extensions().get::<Caller>();
    let address = caller.and_then(Caller::address).filter(|_| told.addresses);
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let response = next.run(request).await;
    let took = monotonic().duration_since(began);
    let status = response.status();
    if told.requests {
        // Where nothing is, an address is what somebody typed.
        let is_typed = status == StatusCode::NOT_FOUND && !told.questions;
        let path = if is_typed { NOWHERE } else { uri.path() };
        let question = uri.query().filter(|_| told.questions);
        tracing::info!(
            target: "wpsx::access",
            %method,
            path = brief(path),
            question = question.map(brief),
            status = status.as_u16(),
            micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            address = address.map(|address| tracing::field::display(address.ip())),
            "request"
        );
    }
    let asked = Asked {
        route: route_of(uri.path(), status),
        form: form_of(&response),
        status: status.as_u16(),
    };
    requests.count(asked, took);
    response
}

/// The route of an address that was answered so.
fn route_of(path: &str, status: StatusCode) -> String {
    let leads = status.is_success()
        || status.is_server_error()
        || matches!(status, StatusCode::GONE | StatusCode::NOT_MODIFIED);
    if !leads {
        return NOWHERE.to_owned();
    }
    let mut parts = path.trim_start_matches('/').split('/');
    let first = parts.next().unwrap_or_default();
    let is_language = Language::ALL.iter().any(|it| it.tag() == first);
    let named = |name: &str| {
        let name = name.split('.').next().unwrap_or_default();
        let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        name.chars().filter(plain).collect::<String>()
    };
    match (first, parts.next(), parts.next()) {
        ("mirror", ..) => "/mirror/{log}/{file}".to_owned(),
        (_, None, _) if is_language => "/{language}".to_owned(),
        (_, Some(name), None) if is_language => format!("/{{language}}/{}", named(name)),
        (_, Some(name), Some(_)) if is_language => {
            format!("/{{language}}/{}/{{key}}", named(name))
        }
        (first, None, _) => format!("/{}", named(first)),
        _ => NOWHERE.to_owned(),
    }
}

fn brief(text: &str) -> &str {
    // An address is ASCII.
    text.get(..LONGEST).unwrap_or(text)
}

/// What an answer is, in a word.
fn form_of(response: &Response) -> &'static str {
    let content = response.headers().get(CONTENT_TYPE);
    let content = content
        .and_then(|content| content.to_str().ok())
        .unwrap_or_default();
    match content.split(';').next().unwrap_or_default() {
        "text/html" => "html",
        "text/css" => "css",
        "text/csv" => "csv",
        "text/calendar" => "ics",
        "text/plain" => "text",
        "application/json" | "application/ld+json" => "json",
        "application/jsonl" => "jsonl",
        "application/atom+xml" => "atom",
        "application/octet-stream" => "tile",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "" => "none",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, middleware::from_fn_with_state, routing::get};
    use tower::ServiceExt as _;

    use super::*;

    const QUIET: AccessConfig = AccessConfig {
        requests: false,
        addresses: false,
        questions: false,
    };

    #[tokio::test]
    async fn requests_are_counted_by_route_and_state_and_not_by_what_was_typed() {
        let requests = Requests::new(QUIET);
        let router = Router::new()
            .route("/{language}/event", get(|| async { "text" }))
            .layer(from_fn_with_state(requests.clone(), watched));
        for path in [
            "/en/event",
            "/fr/event?words=secret",
            "/typed-by-somebody",
            "/en/typed",
        ] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap();
        }
        let text = requests.render();
        let has = |line: &str| assert!(text.contains(line), "{line} is not in\n{text}");
        has(
            "wpsx_http_request_seconds_count{route=\"/{language}/event\",form=\"text\",status=\"200\"} 2",
        );
        has("le=\"+Inf\"} 2");
        has("wpsx_http_request_seconds_count{route=\"none\",form=\"none\",status=\"404\"} 2");
        assert!(
            !text.contains("secret") && !text.contains("typed"),
            "{text}"
        );
    }

    #[test]
    fn an_address_is_counted_with_others_of_its_route() {
        let of = |path: &str| route_of(path, StatusCode::OK);
        assert_eq!(of("/"), "/");
        assert_eq!(of("/healthz"), "/healthz");
        assert_eq!(of("/zh"), "/{language}");
        assert_eq!(of("/zh/event.csv"), "/{language}/event");
        assert_eq!(of("/zh/record/00ff"), "/{language}/record/{key}");
        assert_eq!(of("/zh/record/00ff/3.json"), "/{language}/record/{key}");
        assert_eq!(of("/mirror/00ff/tile/0/000"), "/mirror/{log}/{file}");
        assert_eq!(route_of("/zh/x", StatusCode::URI_TOO_LONG), "none");
    }

    #[test]
    fn a_time_is_in_every_bucket_whose_end_it_is_within() {
        let requests = Requests::new(QUIET);
        let asked = Asked {
            route: "/".to_owned(),
            form: "html",
            status: 200,
        };
        for took in [1, 4, 4_000] {
            requests.count(asked.clone(), Duration::from_millis(took));
        }
        let counts = requests.counted.lock()[&asked].clone();
        assert_eq!(counts.within, [1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
        assert_eq!(counts.all, 3);
    }
}
