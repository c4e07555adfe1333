//! The time between the start of the program and the node being there, for who reads pages.
//!
//! Opening a large store takes a while: its journal is replayed, and views are built anew
//! after an upgrade. The port for pages is open meanwhile and answers by a page that says
//! so, and load balancers by `/healthz`, which is 503 until the node is there.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use wpsx_client::clock::Clock;
use wpsx_listen::{Class, Connections, Limits, ListenError, serve_http};
use wpsx_observatory::{Settings, starting};

use crate::config::Config;

/// How long an answer that is under way may take once the node is there.
const DRAIN: Duration = Duration::from_millis(500);
/// Readers that are told at once.
const READERS: usize = 256;

/// A port that is open before there is a node.
#[derive(Debug)]
pub struct Starting {
    listener: TcpListener,
    stop: CancellationToken,
    connections: Connections,
    served: JoinHandle<Result<(), ListenError>>,
}

impl Starting {
    /// Opens the port for pages. None where there shall be none, or where it cannot be
    /// opened now: whoever starts the node finds out why, or that something else is the
    /// matter.
    pub async fn on(config: &Config) -> Option<Self> {
        let address = config.node.http_listen?;
        let bound = wpsx_listen::bind(address).await.ok()?;
        let (listener, same) = twice(bound).ok()?;
        let site = &config.site;
        let router = starting(Settings {
            title: site.title.clone(),
            notice: site.notice.clone(),
            accent: site.accent,
            ..Settings::default()
        });
        let stop = CancellationToken::new();
        let limits = Limits {
            connections: READERS,
            strangers: READERS,
            proxies: site.proxies.clone(),
            ..Limits::default()
        };
        let connections = Connections::new(limits, Clock::system(), stop.clone());
        let serving = serve_http(same, router, connections.clone(), Class::Reader, None);
        Some(Self {
            listener,
            stop,
            connections,
            served: tokio::spawn(serving),
        })
    }

    /// Where it is.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The node is there: its port, on which nobody was turned away.
    pub async fn over(self) -> TcpListener {
        self.stop.cancel();
        let _ = self.served.await;
        self.connections.drain(DRAIN).await;
        self.listener
    }
}

/// Two listeners on one port, so that it stays open when one of them goes.
fn twice(listener: TcpListener) -> io::Result<(TcpListener, TcpListener)> {
    let one = listener.into_std()?;
    let other = one.try_clone()?;
    Ok((TcpListener::from_std(one)?, TcpListener::from_std(other)?))
}
