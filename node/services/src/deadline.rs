//! Calls with one answer end at the deadline that the caller or the operator set.
//! Which calls are streams is read from the schemas.

use std::{collections::HashSet, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use prost_reflect::DescriptorPool;
use tonic::Status;

/// How long a call may take, and for which calls that means nothing.
#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    most: Duration,
    /// Paths of calls whose answers come one after the other: `/package.Service/Method`.
    streams: Arc<HashSet<String>>,
}

impl Deadline {
    /// At most `most` for each call with one answer of the services in `pools`.
    pub(crate) fn new(most: Duration, pools: &[DescriptorPool]) -> Self {
        let services = pools.iter().flat_map(DescriptorPool::services);
        let methods = services.flat_map(|service| {
            let name = service.full_name().to_owned();
            let methods: Vec<_> = service.methods().collect();
            methods
                .into_iter()
                .map(move |method| (name.clone(), method))
        });
        let streams = methods
            .filter(|(_, method)| method.is_server_streaming())
            .map(|(service, method)| format!("/{service}/{}", method.name()));
        Self {
            most,
            streams: Arc::new(streams.collect()),
        }
    }
}

/// Lets a call go on until its deadline.
pub(crate) async fn keep(
    State(deadline): State<Deadline>,
    request: Request,
    next: Next,
) -> Response {
    if deadline.streams.contains(request.uri().path()) {
        return next.run(request).await;
    }
    let asked = request
        .headers()
        .get("grpc-timeout")
        .and_then(|v| v.to_str().ok())
        .and_then(timeout);
    let bound = asked.map_or(deadline.most, |asked| asked.min(deadline.most));
    match tokio::time::timeout(bound, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Status::deadline_exceeded("the call took longer than its deadline")
            .into_http::<axum::body::Body>(),
    }
}

/// `grpc-timeout` as the gRPC specification writes it: up to eight digits and a unit.
fn timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 {
        return None;
    }
    let n: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(n * 3_600)),
        "M" => Some(Duration::from_secs(n * 60)),
        "S" => Some(Duration::from_secs(n)),
        "m" => Some(Duration::from_millis(n)),
        "u" => Some(Duration::from_micros(n)),
        "n" => Some(Duration::from_nanos(n)),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use axum::{Router, body::Body, middleware::from_fn_with_state, routing::post};
    use tokio::time::error::Elapsed;
    use tonic::Code;
    use tower::ServiceExt as _;

    use super::*;

    const UNARY: &str = "/wpsx.exchange.v1.ExchangeService/ListRecords";
    const STREAM: &str = "/wpsx.exchange.v1.ExchangeService/WatchRecords";
    const MOST: Duration = Duration::from_secs(9);
    const MINUTE: Duration = Duration::from_mins(1);
    /// More than the steps of the clock.
    const SOON: Duration = Duration::from_millis(2);

    /// Asks for what takes a minute, with the deadline that a caller writes so. Gives the code
    /// that the call ends with, none if it was waited for; or that it goes on for longer than
    /// `bound`.
    async fn ended(
        path: &str,
        asked: Option<&str>,
        bound: Duration,
    ) -> Result<Option<Code>, Elapsed> {
        let answer = async || tokio::time::sleep(MINUTE).await;
        let deadline = Deadline::new(MOST, &crate::router::described().unwrap());
        let app = Router::new()
            .route(path, post(answer))
            .layer(from_fn_with_state(deadline, keep));
        let mut request = http::Request::post(path);
        if let Some(asked) = asked {
            request = request.header("grpc-timeout", asked);
        }
        let call = app.oneshot(request.body(Body::empty()).unwrap());
        let response = tokio::time::timeout(bound, call).await?.unwrap();
        let code = response.headers().get("grpc-status");
        Ok(code.map(|code| Code::from_bytes(code.as_bytes())))
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ends_at_the_shorter_of_the_callers_and_the_operators_deadline() {
        let short = Duration::from_millis(20);
        for (asked, deadline) in [
            (Some("20m"), short),
            (Some("1H"), MOST),
            (Some("no time"), MOST),
            (None, MOST),
        ] {
            let before = ended(UNARY, asked, deadline - SOON).await;
            assert!(before.is_err(), "{asked:?}: {before:?}");
            let code = ended(UNARY, asked, deadline + SOON).await;
            assert_eq!(code, Ok(Some(Code::DeadlineExceeded)), "{asked:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_goes_on_past_every_deadline() {
        for asked in [Some("20m"), None] {
            assert_eq!(ended(STREAM, asked, MINUTE + SOON).await, Ok(None));
        }
    }

    #[test]
    fn streams_are_those_of_the_schemas() {
        let deadline = Deadline::new(Duration::from_secs(1), &crate::router::described().unwrap());
        let mut streams: Vec<&str> = deadline.streams.iter().map(String::as_str).collect();
        streams.sort_unstable();
        assert_eq!(
            streams,
            [
                "/grpc.health.v1.Health/Watch",
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                "/wpsx.admin.v1.AdminService/Backup",
                "/wpsx.admin.v1.AdminService/Recover",
                "/wpsx.admin.v1.AdminService/Reindex",
                "/wpsx.admin.v1.AdminService/Repair",
                "/wpsx.admin.v1.AdminService/Verify",
                "/wpsx.admin.v1.BatchService/Import",
                "/wpsx.admin.v1.BatchService/RevertBatch",
                "/wpsx.exchange.v1.ExchangeService/WatchRecords",
                "/wpsx.replication.v1.ReplicationService/ReadPackages",
                "/wpsx.replication.v1.ReplicationService/ReadPayloads",
                "/wpsx.replication.v1.ReplicationService/WatchHeads",
            ]
        );
    }

    #[test]
    fn a_callers_deadline_is_read_as_grpc_writes_it() {
        assert_eq!(timeout("5S"), Some(Duration::from_secs(5)));
        assert_eq!(timeout("20m"), Some(Duration::from_millis(20)));
        assert_eq!(timeout("123456789S"), None);
        assert_eq!(timeout("S"), None);
        assert_eq!(timeout(""), None);
    }
}
