//! Calls a test node without a socket.

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use futures::{FutureExt as _, future::BoxFuture};
use tonic::body::Body;
use tower::Service;
use wpsx_proto::api::{
    exchange::v1::exchange_service_server::ExchangeServiceServer,
    replication::v1::replication_service_server::ReplicationServiceServer,
};

use super::node::TestNode;

impl TestNode {
    /// Carries calls to this node.
    pub fn transport(&self) -> TestTransport {
        TestTransport {
            replication: ReplicationServiceServer::new(self.clone())
                .max_encoding_message_size(usize::MAX),
            exchange: ExchangeServiceServer::new(self.clone())
                .max_encoding_message_size(usize::MAX),
        }
    }
}

/// Calls a [`TestNode`] in the same process.
#[derive(Clone)]
pub struct TestTransport {
    replication: ReplicationServiceServer<TestNode>,
    exchange: ExchangeServiceServer<TestNode>,
}

impl Service<http::Request<Body>> for TestTransport {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        match request.uri().path().starts_with("/wpsx.exchange.") {
            true => self.exchange.call(request).boxed(),
            false => self.replication.call(request).boxed(),
        }
    }
}
