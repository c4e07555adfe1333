//! What carries the calls of a pull.

use bytes::Bytes;
use hyper::body::Body as HttpBody;
use tonic::{body::Body, client::GrpcService};

/// The largest message of the replication service: 1 MiB and what wraps it.
pub const MAX_MESSAGE: usize = 1_048_576 + 65_536;

/// Anything that carries gRPC calls: a connection, or a server in the same process.
pub trait Transport:
    GrpcService<
        Body,
        ResponseBody: HttpBody<Data = Bytes, Error: Into<tonic::codegen::StdError> + Send>
                          + Send
                          + 'static,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + 'static
{
}

impl<T> Transport for T
where
    T: GrpcService<Body> + Clone + Send + Sync + 'static,
    T::Future: Send,
    T::ResponseBody: HttpBody<Data = Bytes> + Send + 'static,
    <T::ResponseBody as HttpBody>::Error: Into<tonic::codegen::StdError> + Send,
{
}
