//! Runs a node: listeners, services, exchange with peers, and an orderly end.
//!
//! One TLS port takes gRPC from peers and readers and turned connections; a
//! plain HTTP port serves the static public log; a loopback port the metrics; a
//! Unix socket the operator's commands.

mod pages;
mod starting;
mod tasks;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use wpsx_cli::SOCKET;
use wpsx_client::tls::TlsKeyHash;
use wpsx_domain::NodeError;
use wpsx_federation::card::Addresses;
use wpsx_listen::{
    Class, Connections, Limits, ListenError, serve_http, serve_tls, serve_unix, tls::ServerTls,
};
use wpsx_proto::chain;

pub use self::starting::Starting;
use self::{pages::pages, tasks::Tasks};
use crate::{
    app::App,
    http,
    metrics::Metrics,
    requests::{Requests, watched},
};

/// Own logs are cosigned again this often; the time in it is the log's age.
const RENEWAL: Duration = Duration::from_secs(60);
/// Connections to the listener for metrics.
const WATCHERS: usize = 32;

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
    pub async fn bind(app: &App) -> Result<Self, NodeError> {
        Self::bind_after(app, None).await
    }

    /// The same, where the port for pages is open already.
    ///
    /// # Errors
    /// As [`Listeners::bind`].
    pub async fn bind_after(app: &App, starting: Option<Starting>) -> Result<Self, NodeError> {
        let config = &app.config().node;
        let http = match starting {
            Some(starting) => Some(starting.over().await),
            None => bind("http_listen", config.http_listen).await?,
        };
        Ok(Self {
            tls: bind("listen", config.listen).await?,
            http,
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
    let bound = wpsx_listen::bind(address).await;
    bound
        .map(Some)
        .map_err(|e| NodeError::invalid(key, chain(&e)))
}

/// A node that runs; dropping it does not stop it, [`Running::stop`] does.
pub struct Running {
    app: App,
    tasks: Tasks,
}

impl Running {
    /// The node.
    pub fn node(&self) -> &App {
        &self.app
    }

    /// Waits until a part of the node ended in a panic, and says which: the node has
    /// to be stopped then. Never ready while all is well.
    pub async fn failed(&self) -> String {
        self.tasks.failed().await
    }

    /// Lets open calls finish, within a bound, and closes the store.
    ///
    /// # Errors
    /// The last writes failed; the journal still has them.
    pub async fn stop(self) -> Result<(), NodeError> {
        let drain = self.app.config().limits.drain;
        self.app.stopping().cancel();
        if !self.tasks.end(drain).await {
            tracing::warn!("open calls did not finish in time and were cut");
        }
        self.app.connections().drain(drain).await;
        self.app.close().await
    }
}

/// Starts everything on `listeners`.
///
/// # Errors
/// TLS cannot be set up, or the schemas cannot be described.
pub async fn start(app: App, listeners: Listeners) -> Result<Running, NodeError> {
    let address = |l: &Option<TcpListener>| l.as_ref().and_then(|l| l.local_addr().ok());
    app.federation().card().set_addresses(Addresses {
        listen: address(&listeners.tls),
        http: address(&listeners.http),
    });
    let metrics = address(&listeners.metrics).map_or_else(String::new, |a| a.to_string());
    let (store, reserve) = (app.store().clone(), app.config().limits.disk_reserve);
    let kept = wpsx_domain::blocking(move || Ok(store.keep_reserve(reserve)?));
    if let Err(error) = kept.await {
        // It is made when there is room.
        tracing::warn!(error = chain(&error), "no reserve is kept");
    }
    app.publishing().settle().await;
    let services = app.services().public().await?;
    let connections = app.connections();
    let requests = Requests::new(app.config().log.access);
    let mut tasks = Tasks::new(app.stopping().clone());

    // Nobody is served what was erased since the backup that this store was made of.
    let doors = CancellationToken::new();
    match app.federation().asked_after_restore() {
        None => doors.cancel(),
        Some(asked) => {
            tracing::info!("made of a backup: peers are asked first what was erased since");
            let (opens, stop) = (doors.clone(), app.stopping().clone());
            tasks.spawn("the question what was erased", async move {
                tokio::select! {
                    () = asked => tracing::info!("the peers were asked; the doors are open"),
                    () = stop.cancelled() => {}
                }
                opens.cancel();
                Ok(())
            });
        }
    }
    if let Some(listener) = listeners.tls {
        let peers = app.federation().peers().clone();
        let is_peer = Arc::new(move |key: &TlsKeyHash| peers.by_key(key).is_some());
        let tls = ServerTls::new(app.keys().tls_identity(), is_peer)
            .map_err(|e| NodeError::Internal(chain(&e)))?;
        let serving = serve_tls(
            listener,
            tls,
            services.clone(),
            Some(app.federation().turned()),
            connections.clone(),
        );
        tasks.spawn("the TLS listener", told(behind(doors.clone(), serving)));
    }
    if let Some(listener) = listeners.http {
        let of_pages = app.clone();
        let site = wpsx_domain::blocking(move || pages(&of_pages)).await?;
        let refusing = requests.refusing(wpsx_observatory::refusing(&site));
        let router = http::router(app.access().public())
            .merge(wpsx_observatory::router(site))
            .layer(from_fn_with_state(requests.clone(), watched));
        let (class, connections) = (Class::Reader, connections.clone());
        let serving = serve_http(listener, router, connections, class, Some(refusing));
        tasks.spawn("the HTTP listener", told(behind(doors.clone(), serving)));
    }
    if let Some(listener) = listeners.metrics {
        let router = Metrics::new(app.services().operator(), requests.clone()).router();
        let serving = serve_http(listener, router, watchers(&app), Class::Operator, None);
        tasks.spawn("the listener for metrics", told(serving));
    }
    {
        let path = app.dir().join(SOCKET);
        let (router, connections) = (app.services().operator(), connections.clone());
        tasks.spawn("the operator's socket", async move {
            match serve_unix(&path, router, connections).await {
                Ok(()) => Ok(()),
                Err(error @ ListenError::Panicked { .. }) => Err(chain(&error)),
                Err(error) => {
                    // The node serves peers and readers all the same.
                    tracing::error!(error = chain(&error), "commands cannot reach this node");
                    Ok(())
                }
            }
        });
    }
    tasks.spawn("the store", stop_with_the_store(app.clone()));
    let (scrub, stop) = (app.scrub().clone(), app.stopping().clone());
    tasks.spawn("the reading of all files", async move {
        scrub.run(stop).await;
        Ok(())
    });
    tasks.spawn("the renewal of own logs", renew(app.clone()));
    let listens = app.config().node.listen.is_some();
    let exchange = app
        .federation()
        .run(services, listens, app.stopping().clone());
    tasks.spawn("the exchange with peers", async move {
        behind(doors.clone(), exchange).await;
        Ok(())
    });
    let (listen, http) = app.addresses();
    tracing::info!(node = %app.name(), listen, http, metrics, "serving");
    Ok(Running { app, tasks })
}

/// The connections of whoever watches this node, apart from all others: an alarm is heard
/// however many readers there are.
fn watchers(app: &App) -> Connections {
    let limits = Limits {
        connections: WATCHERS,
        strangers: WATCHERS,
        opening: WATCHERS,
        connections_per_address: WATCHERS,
        ..Limits::default()
    };
    Connections::new(limits, app.clock().clone(), app.stopping().clone())
}

/// Does it once the doors are open.
async fn behind<T>(doors: CancellationToken, work: impl Future<Output = T>) -> T {
    doors.cancelled().await;
    work.await
}

/// What a listener failed of, as a sentence.
async fn told(serving: impl Future<Output = Result<(), ListenError>>) -> Result<(), String> {
    serving.await.map_err(|error| chain(&error))
}

/// A thread of the store that ended in a panic ends the node: what it would serve from
/// then on gets older and older, and nobody would notice.
async fn stop_with_the_store(app: App) -> Result<(), String> {
    tokio::select! {
        sentence = app.store().stopped() => Err(sentence),
        () = app.stopping().cancelled() => Ok(()),
    }
}

async fn renew(app: App) -> Result<(), String> {
    let mut due = tokio::time::interval(RENEWAL);
    loop {
        tokio::select! {
            _ = due.tick() => {}
            () = app.stopping().cancelled() => return Ok(()),
        }
        app.publishing().renew().await;
    }
}
