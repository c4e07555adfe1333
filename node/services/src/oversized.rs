//! A request that is longer than allowed is answered with `RESOURCE_EXHAUSTED`, as other
//! implementations of gRPC answer it; tonic's decoder says `OUT_OF_RANGE`.

use axum::{extract::Request, middleware::Next, response::Response};
use http::HeaderValue;
use tonic::Code;

const STATUS: &str = "grpc-status";

/// Corrects the code of refused requests. Nothing else here answers `OUT_OF_RANGE`, and
/// what the decoder refuses is answered in headers alone.
pub(crate) async fn said(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let out_of_range = HeaderValue::from(Code::OutOfRange as i32);
    if response.headers().get(STATUS) == Some(&out_of_range) {
        let exhausted = HeaderValue::from(Code::ResourceExhausted as i32);
        response.headers_mut().insert(STATUS, exhausted);
    }
    response
}
