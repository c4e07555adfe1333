//! A listener to call, and calls to make.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use wpsx_client::{
    clock::Clock,
    tls::{Pins, TlsDialer, TlsIdentity, TlsKeyHash},
    transport::{Connection, Endpoint, Settings, TransportError},
};
use wpsx_listen::{
    AcceptedTurn, Caller, Connections, Limits, OnTurned, bind, serve_tls,
    tls::{NewTlsIdentity, ServerTls},
};
use wpsx_proto::api::replication::v1::{
    HelloRequest, ReadPackagesRequest, WatchHeadsRequest, WatchHeadsResponse,
    replication_service_client::ReplicationServiceClient,
};

use crate::service::Service;

pub(crate) const SOON: Duration = Duration::from_secs(30);
/// The time-out that a test is about.
pub(crate) const SHORT: Duration = Duration::from_millis(150);

pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    pub(crate) endpoint: Endpoint,
    pub(crate) key: TlsKeyHash,
    pub(crate) connections: Connections,
}

impl Node {
    pub(crate) async fn start(limits: Limits) -> Self {
        Self::serving(limits, Service::router()).await
    }

    pub(crate) async fn serving(limits: Limits, router: Router) -> Self {
        Self::run(limits, Vec::new(), None, router).await
    }

    pub(crate) async fn with_peers(
        limits: Limits,
        peers: Vec<TlsKeyHash>,
        accepted: mpsc::Sender<(AcceptedTurn, Caller)>,
    ) -> Self {
        let turned: OnTurned = Arc::new(move |stream, caller| {
            let _ = accepted.try_send((stream, caller));
        });
        Self::run(limits, peers, Some(turned), Service::router()).await
    }

    async fn run(
        limits: Limits,
        peers: Vec<TlsKeyHash>,
        turned: Option<OnTurned>,
        router: Router,
    ) -> Self {
        let own = identity("node");
        let tls = ServerTls::new(&own, Arc::new(move |key| peers.contains(key))).unwrap();
        let connections = Connections::new(limits, Clock::system(), CancellationToken::new());
        let listener = bind(loopback()).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve_tls(
            listener,
            tls,
            router,
            turned,
            connections.clone(),
        ));
        Self {
            address,
            endpoint: format!("https://{address}").parse().unwrap(),
            key: own.key_hash(),
            connections,
        }
    }

    pub(crate) async fn dial(
        &self,
        own: Option<&TlsIdentity>,
    ) -> Result<Connection, TransportError> {
        self.dial_with(own, |_| {}).await
    }

    pub(crate) async fn dial_with(
        &self,
        own: Option<&TlsIdentity>,
        change: impl FnOnce(&mut Settings),
    ) -> Result<Connection, TransportError> {
        let dialler = TlsDialer::new(own, Pins::only(self.key)).unwrap();
        let mut settings = settings();
        change(&mut settings);
        Connection::dial(&self.endpoint, &dialler, &settings).await
    }

    /// Waits until a refusal with this reason is kept.
    pub(crate) async fn refused_for(&self, reason: &str) {
        let seen = async {
            while !self
                .connections
                .refusals()
                .iter()
                .any(|r| r.reason.contains(reason))
            {
                sleep(Duration::from_millis(5)).await;
            }
        };
        if timeout(SOON, seen).await.is_err() {
            panic!(
                "no refusal for \"{reason}\" in {:#?}",
                self.connections.refusals()
            );
        }
    }
}

pub(crate) fn settings() -> Settings {
    Settings::default()
}

pub(crate) fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub(crate) fn identity(name: &str) -> TlsIdentity {
    NewTlsIdentity::generate(name).unwrap().identity().unwrap()
}

pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    timeout(SOON, work).await.expect("it takes too long")
}

pub(crate) async fn hello(connection: &Connection) -> Result<String, Status> {
    let mut client = ReplicationServiceClient::new(connection.clone());
    let answer = client.hello(HelloRequest::default()).await?;
    Ok(answer.into_inner().software)
}

pub(crate) async fn watch(
    connection: &Connection,
) -> Result<tonic::Streaming<WatchHeadsResponse>, Status> {
    let mut client = ReplicationServiceClient::new(connection.clone());
    let answer = client.watch_heads(WatchHeadsRequest::default()).await?;
    Ok(answer.into_inner())
}

/// Reads `messages` of `size` bytes, and returns the bytes that came.
pub(crate) async fn read(
    connection: &Connection,
    messages: u64,
    size: u64,
) -> Result<usize, Status> {
    let mut client = ReplicationServiceClient::new(connection.clone());
    let request = ReadPackagesRequest {
        start: messages,
        end: size,
        ..Default::default()
    };
    let mut stream = client.read_packages(request).await?.into_inner();
    let mut bytes = 0;
    while let Some(message) = stream.message().await? {
        bytes += message.package.unwrap_or_default().entries.len();
    }
    Ok(bytes)
}
