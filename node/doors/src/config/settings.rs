//! What an operator can set, with what holds where nothing is set.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use wpsx_domain::publishing::Licences;
use wpsx_listen::Proxies;
use wpsx_observatory::{Accent, Spoken};

/// Everything an operator can set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// Who this node is and where it listens.
    pub node: NodeConfig,
    /// What callers may use of this machine.
    pub limits: LimitsConfig,
    /// How the store looks after itself.
    pub store: StoreConfig,
    /// What holds for records of the publishers here.
    pub publishing: PublishingConfig,
    /// What is fetched from peers.
    pub replication: ReplicationConfig,
    /// What the pages say of this site.
    pub site: SiteConfig,
    /// What the node tells about its work.
    pub log: LogConfig,
}

/// Section `[node]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeConfig {
    /// The node's DNS-like name; absent until `wpsx init` was told it.
    pub name: Option<String>,
    /// Where peers and readers reach the node over TLS; absent: it listens on nothing.
    pub listen: Option<SocketAddr>,
    /// Where the static public log is served over plain HTTP.
    pub http_listen: Option<SocketAddr>,
    /// Where Prometheus reads metrics.
    pub metrics_listen: Option<SocketAddr>,
    /// Endpoints for the node's card: `https://host:port`.
    pub advertise: Vec<String>,
    /// Addresses of the static public log for the node's card.
    pub advertise_http: Vec<String>,
    /// An HTTP CONNECT proxy for outgoing connections: `http://host:port`.
    pub proxy: Option<String>,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            name: None,
            listen: Some(SocketAddr::from(([0, 0, 0, 0], 7443))),
            http_listen: Some(SocketAddr::from(([0, 0, 0, 0], 7480))),
            metrics_listen: Some(SocketAddr::from(([127, 0, 0, 1], 7490))),
            advertise: Vec::new(),
            advertise_http: Vec::new(),
            proxy: None,
        }
    }
}

/// Section `[limits]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Open connections over all listeners.
    pub connections: usize,
    /// Open connections from one address.
    pub connections_per_address: usize,
    /// Open calls on one connection.
    pub streams: u32,
    /// The longest that a call with one answer may take.
    pub request_deadline: Duration,
    /// The longest that a TLS handshake may take.
    pub handshake: Duration,
    /// How long open calls may finish after the node was told to stop.
    pub drain: Duration,
    /// Bytes of the disk that are kept for erasing and closing when it is full.
    pub disk_reserve: u64,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            connections: 1024,
            connections_per_address: 64,
            streams: 64,
            request_deadline: Duration::from_secs(30),
            handshake: Duration::from_secs(10),
            drain: Duration::from_secs(20),
            disk_reserve: 64 << 20,
        }
    }
}

/// Section `[store]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// How often all files are read through.
    pub scrub_every: Duration,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            scrub_every: 30 * DAY,
        }
    }
}

pub(super) const DAY: Duration = Duration::from_secs(24 * 3600);

/// Section `[publishing]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PublishingConfig {
    /// The licences of records that name none.
    pub licences: Licences,
}

/// Section `[replication]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationConfig {
    /// Numbers of the kinds whose payloads are fetched; empty: all.
    pub kinds: Vec<u32>,
    /// Countries whose payloads are fetched; empty: all.
    pub countries: Vec<String>,
    /// The largest payload that is fetched, in bytes.
    pub max_payload: u32,
}

impl Default for ReplicationConfig {
    fn default() -> Self {
        Self {
            kinds: Vec::new(),
            countries: Vec::new(),
            max_payload: MAX_PAYLOAD,
        }
    }
}

/// No payload is larger, in bytes.
pub(super) const MAX_PAYLOAD: u32 = 262_144;

/// Section `[site]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteConfig {
    /// The name of the site.
    pub title: Spoken,
    /// What it is, in a sentence or two.
    pub about: Spoken,
    /// What every reader has to know before all else.
    pub notice: Spoken,
    /// The colour of its links.
    pub accent: Option<Accent>,
    /// The file of the picture beside its name, from the data directory.
    pub logo: Option<PathBuf>,
    /// The mail address for questions.
    pub contact: Option<String>,
    /// Where it is reached from outside, without a slash at its end.
    pub base: Option<String>,
    /// The region or organisation whose countries it shows by itself.
    pub scope: Option<String>,
    /// Who speaks for its readers, and by which header.
    pub proxies: Proxies,
}

/// Section `[log]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// The filter: a level, or levels by module.
    pub level: String,
    /// How a line is written.
    pub format: LogFormat,
    /// What is logged of requests for pages.
    pub access: AccessConfig,
}

/// What is logged of requests for pages and files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessConfig {
    /// A line for each request: method, path, status, time.
    pub requests: bool,
    /// From which address it came.
    pub addresses: bool,
    /// What stood behind the question mark, which people may have typed.
    pub questions: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            format: LogFormat::Text,
            access: AccessConfig {
                requests: true,
                addresses: false,
                questions: false,
            },
        }
    }
}

/// How a line of the node's log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}
