//! What this machine can move between two nodes at most: the same connection, the
//! same messages and the same call as replication, with nothing verified and
//! nothing stored. The benchmarks say what share of it they reached.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::Router;
use bytes::Bytes;
use futures::stream::{self, Iter};
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Response, Status,
    server::{Grpc, ServerStreamingService},
};
use tonic_prost::ProstCodec;
use tower::Service;
use wpsx_client::{
    clock::Clock,
    tls::{Pins, TlsDialer},
    transport::{Connection, Settings},
};
use wpsx_listen::{
    Connections, Limits, bind, serve_tls,
    tls::{NewTlsIdentity, ServerTls},
};
use wpsx_proto::api::{
    log::v1::Package,
    replication::v1::{
        ReadPackagesRequest, ReadPackagesResponse,
        replication_service_client::ReplicationServiceClient,
    },
};

const CALL: &str = "/wpsx.replication.v1.ReplicationService/ReadPackages";

/// What a stream reached.
#[derive(Clone, Copy, Debug)]
pub struct Ceiling {
    /// Messages received.
    pub messages: u64,
    /// Bytes of content received.
    pub bytes: u64,
    /// Bytes on the wire, TLS included.
    pub wire: u64,
    /// From the call to the last message.
    pub time: Duration,
}

impl Ceiling {
    /// Content in MB (10^6 bytes) a second.
    pub fn megabytes_per_second(&self) -> f64 {
        self.bytes as f64 / 1e6 / self.time.as_secs_f64()
    }

    /// How many records of this size went through in a second.
    pub fn records_per_second(&self, record_bytes: u64) -> f64 {
        self.bytes as f64 / record_bytes as f64 / self.time.as_secs_f64()
    }
}

/// Two nodes of which one sends whatever it is asked for.
pub struct Ends {
    /// The connection of the node that asks.
    pub connection: Connection,
    again: (wpsx_client::transport::Endpoint, TlsDialer),
    stop: CancellationToken,
}

impl Ends {
    /// Starts both, with mutual TLS over the loopback.
    ///
    /// # Errors
    /// When no port or key can be had.
    pub async fn start() -> anyhow::Result<Self> {
        let (server, client) = (
            NewTlsIdentity::generate("server")?.identity()?,
            NewTlsIdentity::generate("client")?.identity()?,
        );
        let stop = CancellationToken::new();
        let connections = Connections::new(Limits::default(), Clock::system(), stop.clone());
        let listener = bind(([127, 0, 0, 1], 0).into()).await?;
        let endpoint = format!("https://{}", listener.local_addr()?).parse()?;
        let tls = ServerTls::new(&server, Arc::new(|_| true))?;
        let router = Router::new().route_service(CALL, Source);
        tokio::spawn(serve_tls(listener, tls, router, None, connections));
        let dialler = TlsDialer::new(Some(&client), Pins::only(server.key_hash()))?;
        let connection = Connection::dial(&endpoint, &dialler, &Settings::default()).await?;
        Ok(Self {
            connection,
            again: (endpoint, dialler),
            stop,
        })
    }

    /// Opens one more connection, with a handshake of its own.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn dial(&self) -> anyhow::Result<Connection> {
        let (endpoint, dialler) = &self.again;
        Ok(Connection::dial(endpoint, dialler, &Settings::default()).await?)
    }

    /// Streams so many messages of so many bytes and throws them away.
    ///
    /// # Errors
    /// When the stream breaks.
    pub async fn stream(&self, messages: u64, size: u64) -> anyhow::Result<Ceiling> {
        let mut client = ReplicationServiceClient::new(self.connection.clone())
            .max_decoding_message_size(8 * 1024 * 1024);
        let before = self.connection.counters().received();
        let begun = Instant::now();
        let asked = ReadPackagesRequest {
            start: messages,
            end: size,
            ..Default::default()
        };
        let mut stream = client.read_packages(asked).await?.into_inner();
        let (mut came, mut bytes) = (0, 0);
        while let Some(message) = stream.message().await? {
            came += 1;
            bytes += message
                .package
                .map_or(0, |package| package.entries.len() as u64);
        }
        Ok(Ceiling {
            messages: came,
            bytes,
            wire: self.connection.counters().received() - before,
            time: begun.elapsed(),
        })
    }
}

impl Drop for Ends {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Streams `total` bytes in messages of `size` over mutual TLS, both ends in this
/// process on the current runtime. The first tenth is a warm-up that is not counted.
///
/// # Errors
/// When no connection can be had.
pub async fn stream(total: u64, size: u64) -> anyhow::Result<Ceiling> {
    let ends = Ends::start().await?;
    ends.stream(total / size / 10, size).await?;
    ends.stream(total / size, size).await
}

/// Sends `start` messages of `end` bytes: a sender without a store.
#[derive(Clone)]
struct Source;

type Repeat = Iter<std::vec::IntoIter<Result<ReadPackagesResponse, Status>>>;

impl ServerStreamingService<ReadPackagesRequest> for Source {
    type Response = ReadPackagesResponse;
    type ResponseStream = Repeat;
    type Future = Ready<Result<Response<Repeat>, Status>>;

    fn call(&mut self, request: Request<ReadPackagesRequest>) -> Self::Future {
        let asked = request.into_inner();
        let (Ok(messages), Ok(size)) = (usize::try_from(asked.start), usize::try_from(asked.end))
        else {
            return ready(Err(Status::invalid_argument("too much")));
        };
        // Not all zero bytes, and shared by all messages as a stored bundle would be.
        let entries = Bytes::from_iter((0..size).map(|at| (at % 251) as u8));
        let message = ReadPackagesResponse {
            package: Some(Package {
                entries,
                ..Default::default()
            }),
        };
        let all: Vec<_> = (0..messages).map(|_| Ok(message.clone())).collect();
        ready(Ok(Response::new(stream::iter(all))))
    }
}

impl Service<axum::extract::Request> for Source {
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: axum::extract::Request) -> Self::Future {
        let mut grpc =
            Grpc::new(ProstCodec::<ReadPackagesResponse, ReadPackagesRequest>::default());
        Box::pin(async move { Ok(grpc.server_streaming(Self, request).await) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_stream_carries_what_was_asked_for() {
        let ends = Ends::start().await.unwrap();
        let reached = ends.stream(8, 1_000_000).await.unwrap();
        assert_eq!((reached.messages, reached.bytes), (8, 8_000_000));
        assert!(
            reached.wire > 8_000_000 && reached.wire < 8_400_000,
            "{reached:?}"
        );
        assert!(reached.megabytes_per_second() > 0.0);
    }
}
