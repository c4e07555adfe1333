//! Runs a node: listeners, services, replication, and an orderly end.
//!
//! One TLS port takes gRPC from peers and readers and turned connections; a
//! plain HTTP port serves the static public log; a loopback port the metrics; a
//! Unix socket the operator's commands.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, task::JoinSet};
use tonic::service::Routes;
use tonic_reflection::server::Builder as Reflection;
use wpsx_client::{tls::TlsKeyHash, transport::Connection};
use wpsx_proto::api::{
    DESCRIPTORS, admin::v1::admin_service_server::AdminServiceServer,
    exchange::v1::exchange_service_server::ExchangeServiceServer,
    replication::v1::replication_service_server::ReplicationServiceServer,
};

use crate::{
    admin::Admin,
    error::{NodeError, chain},
    exchange::Exchange,
    http,
    listen::{self, AcceptedTurn, Caller, ListenError, OnTurned},
    metrics::Metrics,
    node::Node,
    replicate::{self, Inbox},
    replication::Replication,
    tls::ServerTls,
};

/// Own logs are cosigned again this often; the time in it is the log's age.
const RENEWAL: Duration = Duration::from_secs(60);
/// The largest request: known heads of a thousand logs.
const MOST_REQUEST: usize = 1 << 20;
/// The largest request of an operator's command: part of an import.
const MOST_ADMIN_REQUEST: usize = 16 << 20;
/// The name of the operator's socket in the data directory.
pub const SOCKET: &str = "admin.sock";

/// The listeners of a node, bound by whoever starts it.
#[derive(Default)]
pub struct Listeners {
    /// gRPC over TLS; a node may listen on nothing.
    pub tls: Option<TcpListener>,
    /// The static public log.
    pub http: Option<TcpListener>,
    /// Prometheus.
    pub metrics: Option<TcpListener>,
}

impl Listeners {
    /// Binds what the configuration names.
    ///
    /// # Errors
    /// A port is taken or needs a permission.
    pub async fn bind(node: &Node) -> Result<Self, NodeError> {
        let config = &node.config().node;
        Ok(Self {
            tls: bind("listen", config.listen).await?,
            http: bind("http_listen", config.http_listen).await?,
            metrics: bind("metrics_listen", config.metrics_listen).await?,
        })
    }
}

async fn bind(
    key: &'static str,
    address: Option<SocketAddr>,
) -> Result<Option<TcpListener>, NodeError> {
    let Some(address) = address else {
        return Ok(None);
    };
    let bound = listen::bind(address).await;
    bound
        .map(Some)
        .map_err(|e| NodeError::invalid(key, chain(&e)))
}

/// What reflection names. Administration is described with the rest, but served only
/// on the socket in the data directory.
const SERVED: [&str; 5] = [
    "wpsx.exchange.v1.ExchangeService",
    "wpsx.replication.v1.ReplicationService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
];

/// The gRPC services of a node, for its listener and for turned connections.
#[derive(Clone)]
pub struct Services {
    public: Router,
}

impl Services {
    /// The services that peers and readers call.
    ///
    /// # Errors
    /// The schemas cannot be described, which is a fault of the build.
    pub async fn public(node: &Node) -> Result<Self, NodeError> {
        let (reporter, health) = tonic_health::server::health_reporter();
        reporter
            .set_serving::<ReplicationServiceServer<Replication>>()
            .await;
        reporter
            .set_serving::<ExchangeServiceServer<Exchange>>()
            .await;
        let reflection = || {
            let described = Reflection::configure()
                .register_encoded_file_descriptor_set(DESCRIPTORS)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
            SERVED
                .into_iter()
                .fold(described, Reflection::with_service_name)
        };
        let internal = |e: tonic_reflection::server::Error| NodeError::Internal(e.to_string());
        let v1 = reflection().build_v1().map_err(internal)?;
        let v1alpha = reflection().build_v1alpha().map_err(internal)?;
        let replication = ReplicationServiceServer::new(Replication::new(node.clone()))
            .max_decoding_message_size(MOST_REQUEST);
        let exchange = ExchangeServiceServer::new(Exchange::new(node.clone()))
            .max_decoding_message_size(MOST_REQUEST);
        let routes = Routes::new(replication)
            .add_service(exchange)
            .add_service(health)
            .add_service(v1)
            .add_service(v1alpha);
        let public = routes
            .into_axum_router()
            .layer(axum::middleware::from_fn_with_state(
                node.config().limits.request_deadline,
                deadline,
            ));
        Ok(Self { public })
    }

    /// The router, for a caller in the same process.
    pub fn router(&self) -> Router {
        self.public.clone()
    }
}

/// The operator's service as a router.
pub fn admin_router(node: &Node) -> Router {
    let admin = AdminServiceServer::new(Admin::new(node.clone()))
        .max_decoding_message_size(MOST_ADMIN_REQUEST)
        .max_encoding_message_size(MOST_ADMIN_REQUEST);
    Routes::new(admin).into_axum_router()
}

/// Calls with one answer end at the deadline that the caller or the operator set.
async fn deadline(
    axum::extract::State(most): axum::extract::State<Duration>,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    let streams = [
        "WatchHeads",
        "ReadPackages",
        "ReadPayloads",
        "WatchRecords",
        "ServerReflectionInfo",
        "Watch",
    ];
    let method = request.uri().path().rsplit('/').next().unwrap_or_default();
    if streams.contains(&method) {
        return next.run(request).await;
    }
    let asked = request
        .headers()
        .get("grpc-timeout")
        .and_then(|v| v.to_str().ok())
        .and_then(timeout);
    let bound = asked.map_or(most, |asked| asked.min(most));
    match tokio::time::timeout(bound, next.run(request)).await {
        Ok(response) => response,
        Err(_) => tonic::Status::deadline_exceeded("the call took longer than its deadline")
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

/// A node that runs; dropping it does not stop it, [`Running::stop`] does.
pub struct Running {
    node: Node,
    tasks: JoinSet<()>,
}

impl Running {
    /// The node.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Lets open calls finish, within a bound, and closes the store.
    ///
    /// # Errors
    /// The last writes failed; the journal still has them.
    pub async fn stop(mut self) -> Result<(), NodeError> {
        self.node.stopping().cancel();
        let drained = tokio::time::timeout(self.node.config().limits.drain, async {
            while self.tasks.join_next().await.is_some() {}
        });
        if drained.await.is_err() {
            tracing::warn!("open calls did not finish in time and were cut");
            self.tasks.shutdown().await;
        }
        self.node
            .connections()
            .drain(self.node.config().limits.drain)
            .await;
        self.node.close().await
    }
}

/// Starts everything on `listeners`.
///
/// # Errors
/// TLS cannot be set up, or the operator's socket cannot be made.
pub async fn start(node: Node, listeners: Listeners) -> Result<Running, NodeError> {
    let address = |l: &Option<TcpListener>| l.as_ref().and_then(|l| l.local_addr().ok());
    node.set_addresses(address(&listeners.tls), address(&listeners.http));
    let metrics = address(&listeners.metrics).map_or_else(String::new, |a| a.to_string());
    node.ensure_may_sign().await;
    let services = Services::public(&node).await?;
    let inbox = Inbox::default();
    let mut tasks = JoinSet::new();

    if let Some(listener) = listeners.tls {
        let is_peer = {
            let node = node.clone();
            Arc::new(move |key: &TlsKeyHash| node.peers().by_key(key).is_some())
        };
        let tls = ServerTls::new(node.keys().tls_identity(), is_peer)
            .map_err(|e| NodeError::Internal(chain(&e)))?;
        let turned: OnTurned = {
            let (node, inbox) = (node.clone(), inbox.clone());
            Arc::new(move |io, caller| take_turned(&node, &inbox, io, &caller))
        };
        tasks.spawn(listening(listen::serve_tls(
            listener,
            tls,
            services.router(),
            Some(turned),
            node.connections().clone(),
        )));
    }
    if let Some(listener) = listeners.http {
        let router = http::router(node.store().clone());
        tasks.spawn(listening(listen::serve_http(
            listener,
            router,
            node.connections().clone(),
        )));
    }
    if let Some(listener) = listeners.metrics {
        let router = Metrics::new(node.clone()).router();
        tasks.spawn(listening(listen::serve_http(
            listener,
            router,
            node.connections().clone(),
        )));
    }
    {
        let (node, path) = (node.clone(), node.dir().join(SOCKET));
        tasks.spawn(async move {
            let served = listen::serve_unix(&path, admin_router(&node), node.connections().clone());
            if let Err(error) = served.await {
                tracing::error!(error = chain(&error), "commands cannot reach this node");
            }
        });
    }
    tasks.spawn(renew(node.clone()));
    tasks.spawn(replicate::run(node.clone(), inbox, services));
    let (listen, http) = node.addresses();
    tracing::info!(node = %node.name(), listen, http, metrics, "serving");
    Ok(Running { node, tasks })
}

/// Listens until the node stops, and logs why if it ends before.
async fn listening(served: impl Future<Output = Result<(), ListenError>>) {
    if let Err(error) = served.await {
        tracing::error!(error = chain(&error), "a listener ended");
    }
}

/// A peer dialled us and wants to be asked: its task takes the connection.
fn take_turned(node: &Node, inbox: &Inbox, io: AcceptedTurn, caller: &Caller) {
    let Some(key) = caller.key else { return };
    let Some(peer) = node.peers().by_key(&key) else {
        return;
    };
    let (node, inbox) = (node.clone(), inbox.clone());
    tokio::spawn(async move {
        let counters = io.counters();
        let settings = match node.dial_settings() {
            Ok(settings) => settings,
            Err(error) => {
                tracing::warn!(error = chain(&error), "turned connection not used");
                return;
            }
        };
        let pins = node.pins(&peer);
        match Connection::over_turned(io.into_io(), key, pins, counters, &settings).await {
            Ok(connection) => {
                if !inbox.offer(&peer.id(), connection.clone()) {
                    connection.close();
                }
            }
            Err(error) => {
                tracing::info!(
                    peer = peer.name(),
                    error = chain(&error),
                    "turned connection failed"
                );
            }
        }
    });
}

async fn renew(node: Node) {
    let stop = node.stopping();
    let mut due = tokio::time::interval(RENEWAL);
    loop {
        tokio::select! {
            _ = due.tick() => {}
            () = stop.cancelled() => return,
        }
        let own = node.store().logs().into_iter().filter(|log| log.is_own());
        for log in own.filter(|log| !node.forks().stopped(log.origin())) {
            if let Err(error) = node.store().renew(log.origin()).await {
                tracing::warn!(origin = %log.origin(), %error, "own log not renewed");
            }
        }
    }
}
