//! `/metrics`: the node's state for Prometheus.
//!
//! Read from the node whenever somebody asks, into a recorder of that answer alone:
//! nothing is global, so that several nodes may live in one process, and what is
//! gone is gone from the answer too. Labels name logs and peers; no record, no key
//! and no address is ever a label.
//!
//! [`METRICS`] is the manual's page on them; requests for pages are counted in
//! [`requests`](crate::requests).

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use metrics::{Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use wpsx_listen::Pipe;
use wpsx_proto::api::admin::v1::{
    GetStatusRequest, GetStatusResponse, OriginStatus, PeerStatus,
    admin_service_client::AdminServiceClient,
};
use wpsx_proto::chain;

use crate::requests::Requests;

/// The largest status: a thousand logs with their cosigners and a hundred peers.
const MOST_STATUS: usize = 16 << 20;

/// Whether a value may fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It says how things are now.
    Gauge,
    /// It only grows until the node restarts.
    Counter,
}

/// One line of the manual.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// As Prometheus reads it; a unit is part of the name.
    pub name: &'static str,
    /// Whether it may fall.
    pub kind: MetricKind,
    /// What is counted: the unit and the labels' meaning are part of it.
    pub help: &'static str,
}

const fn gauge(name: &'static str, help: &'static str) -> Metric {
    let kind = MetricKind::Gauge;
    Metric { name, kind, help }
}

const fn counter(name: &'static str, help: &'static str) -> Metric {
    let kind = MetricKind::Counter;
    Metric { name, kind, help }
}

const INFO: Metric = gauge(
    "wpsx_node_info",
    "1, with the node's name and its software as labels.",
);
const READ_ONLY: Metric = gauge(
    "wpsx_node_read_only",
    "1 while the node does not sign its own logs, else 0.",
);
const VIEWS: Metric = gauge(
    "wpsx_views_behind_entries",
    "Entries that are stored but not yet in the views.",
);
const FORKS: Metric = gauge(
    "wpsx_forks",
    "Forks that this node holds evidence of, decided or not.",
);
const FREE: Metric = gauge(
    "wpsx_disk_free_bytes",
    "Bytes that are free on the disk of the data directory, besides the reserve. Absent if not known.",
);
const RESERVE: Metric = gauge(
    "wpsx_disk_reserve_bytes",
    "Bytes of the disk that are kept for erasing and closing; 0 after they were needed.",
);
const DAMAGED: Metric = gauge(
    "wpsx_damaged_files",
    "Files that were found damaged, and those that were mended until wpsx repair told of them.",
);
const SCRUBBED: Metric = gauge(
    "wpsx_scrub_timestamp_seconds",
    "When all stored files were last read through, seconds since 1970; 0: never.",
);
const ENTRIES: Metric = gauge(
    "wpsx_log_entries",
    "Entries of the log that are stored and proven.",
);
const BEHIND: Metric = gauge(
    "wpsx_log_behind_entries",
    "Entries that a valid checkpoint tells of and that are not stored.",
);
const RECORDS: Metric = gauge("wpsx_log_records", "Current records of the log.");
const UNREADABLE: Metric = gauge(
    "wpsx_log_unreadable_entries",
    "Entries of the log that need newer software.",
);
const HOLES: Metric = gauge(
    "wpsx_log_holes",
    "Payloads of the log that are not held, by reason: filtered, erased, not_held.",
);
const SEEN: Metric = gauge(
    "wpsx_log_seen_timestamp_seconds",
    "Newest cosignature of the log's head, seconds since 1970: its age. Absent if there is none.",
);
const COSIGNERS: Metric = gauge(
    "wpsx_log_cosigners",
    "Known nodes whose valid cosignature is on the log's head.",
);
const STOPPED: Metric = gauge(
    "wpsx_log_stopped",
    "1 while the log stands still and waits for the operator, else 0.",
);
const CONNECTED: Metric = gauge(
    "wpsx_peer_connected",
    "1 while a connection with the peer is open, either way, else 0.",
);
const PEER_BEHIND: Metric = gauge(
    "wpsx_peer_behind_entries",
    "Entries that the peer tells of and that are not stored here, over all logs.",
);
const PEER_BYTES: Metric = counter(
    "wpsx_peer_received_bytes_total",
    "Bytes that came from the peer.",
);
const PEER_ENTRIES: Metric = counter(
    "wpsx_peer_verified_entries_total",
    "Entries and payloads from the peer that were verified.",
);
const REFUSALS: Metric = gauge(
    "wpsx_peer_refusals",
    "Refused answers that are kept, at most 20 a side: by=us those of the peer, by=peer ours.",
);
const SKEW: Metric = gauge(
    "wpsx_peer_clock_ahead_seconds",
    "How far what the peer signed is ahead of this node's clock; 0: not beyond what can be true.",
);

/// All metrics, in the order of the manual.
pub const METRICS: [Metric; 22] = [
    INFO,
    READ_ONLY,
    VIEWS,
    FORKS,
    FREE,
    RESERVE,
    DAMAGED,
    SCRUBBED,
    ENTRIES,
    BEHIND,
    RECORDS,
    UNREADABLE,
    HOLES,
    SEEN,
    COSIGNERS,
    STOPPED,
    CONNECTED,
    PEER_BEHIND,
    PEER_BYTES,
    PEER_ENTRIES,
    REFUSALS,
    SKEW,
];

/// The metrics of one node.
#[derive(Clone, Debug)]
pub struct Metrics {
    operator: Router,
    requests: Requests,
}

impl Metrics {
    /// The metrics of the node that `operator`, its service for commands, belongs to, and
    /// of what its pages were asked for.
    pub fn new(operator: Router, requests: Requests) -> Self {
        Self { operator, requests }
    }

    /// Serves `/metrics`.
    pub fn router(self) -> Router {
        Router::new()
            .route("/metrics", get(answer))
            .with_state(self)
    }

    /// The node's state, asked for as `wpsx status` does, over a pipe of our own.
    async fn measure(&self) -> Result<GetStatusResponse, String> {
        let pipe = Pipe::open(self.operator.clone())
            .await
            .map_err(|e| chain(&e))?;
        let status = AdminServiceClient::new(pipe.connection())
            .max_decoding_message_size(MOST_STATUS)
            .get_status(GetStatusRequest {})
            .await
            .map_err(|status| status.message().to_owned())?;
        Ok(status.into_inner())
    }
}

async fn answer(State(metrics): State<Metrics>) -> Response {
    match metrics.measure().await {
        Ok(status) => {
            let content = "text/plain; version=0.0.4; charset=utf-8";
            let text = render(&status) + &metrics.requests.render();
            ([(CONTENT_TYPE, content)], text).into_response()
        }
        Err(error) => {
            tracing::error!(error, "cannot measure the node");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A node's state in Prometheus' text form.
pub fn render(status: &GetStatusResponse) -> String {
    let text = Text(PrometheusBuilder::new().build_recorder());
    for metric in METRICS {
        let (name, help) = (metric.name.into(), metric.help.into());
        match metric.kind {
            MetricKind::Gauge => text.0.describe_gauge(name, None, help),
            MetricKind::Counter => text.0.describe_counter(name, None, help),
        }
    }
    text.set(
        INFO,
        1,
        &[("node", &status.node), ("software", &status.software)],
    );
    text.set(READ_ONLY, u64::from(!status.read_only.is_empty()), &[]);
    text.set(VIEWS, status.views_behind, &[]);
    text.set(FORKS, status.forks, &[]);
    if let Some(free) = status.disk_free {
        text.set(FREE, free, &[]);
    }
    text.set(RESERVE, status.disk_reserve, &[]);
    text.set(DAMAGED, status.damage.len() as u64, &[]);
    text.set(SCRUBBED, status.scrub_time / 1000, &[]);
    for log in &status.origins {
        text.log(log);
    }
    for peer in &status.peers {
        text.peer(peer);
    }
    text.0.handle().render()
}

/// The answer that is being written.
struct Text(PrometheusRecorder);

impl Text {
    fn log(&self, log: &OriginStatus) {
        let origin = ("origin", log.origin.as_str());
        self.set(ENTRIES, log.tree_size, &[origin]);
        self.set(
            BEHIND,
            log.known_size.saturating_sub(log.tree_size),
            &[origin],
        );
        self.set(RECORDS, log.records, &[origin]);
        self.set(UNREADABLE, log.unknown_kinds, &[origin]);
        for (reason, holes) in [
            ("filtered", log.filtered),
            ("erased", log.erased),
            ("not_held", log.not_held),
        ] {
            self.set(HOLES, holes, &[origin, ("reason", reason)]);
        }
        if log.seen_time > 0 {
            self.set(SEEN, log.seen_time, &[origin]);
        }
        self.set(COSIGNERS, log.cosigners.len() as u64, &[origin]);
        self.set(STOPPED, u64::from(!log.stopped.is_empty()), &[origin]);
    }

    fn peer(&self, peer: &PeerStatus) {
        let name = ("peer", peer.name.as_str());
        let connected = matches!(peer.state.as_str(), "connected" | "turned");
        self.set(CONNECTED, u64::from(connected), &[name]);
        self.set(PEER_BEHIND, peer.behind, &[name]);
        self.set(PEER_BYTES, peer.bytes_in, &[name]);
        self.set(PEER_ENTRIES, peer.entries_in, &[name]);
        self.set(REFUSALS, peer.refused.len() as u64, &[name, ("by", "us")]);
        self.set(
            REFUSALS,
            peer.refused_by.len() as u64,
            &[name, ("by", "peer")],
        );
        self.set(SKEW, peer.clock_ahead.div_ceil(1000), &[name]);
    }

    fn set(&self, metric: Metric, value: u64, labels: &[(&'static str, &str)]) {
        let labels: Vec<Label> = labels
            .iter()
            .map(|(name, value)| Label::new(*name, (*value).to_owned()))
            .collect();
        let key = Key::from_parts(metric.name, labels);
        let metadata = Metadata::new(module_path!(), Level::INFO, None);
        match metric.kind {
            MetricKind::Gauge => self.0.register_gauge(&key, &metadata).set(value as f64),
            MetricKind::Counter => self.0.register_counter(&key, &metadata).absolute(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status() -> GetStatusResponse {
        GetStatusResponse {
            node: "eu".to_owned(),
            software: "wpsx 0.1.0".to_owned(),
            read_only: String::new(),
            origins: vec![OriginStatus {
                origin: "eu.example/wpsx/public".to_owned(),
                tree_size: 70,
                known_size: 100,
                records: 60,
                erased: 2,
                seen_time: 1_700_000_000,
                cosigners: vec!["au".to_owned()],
                vkey: "eu.example/wpsx/public+01234567+KEY".to_owned(),
                ..OriginStatus::default()
            }],
            peers: vec![PeerStatus {
                name: "a \"quoted\" peer\n".to_owned(),
                state: "turned".to_owned(),
                bytes_in: u64::MAX,
                ..PeerStatus::default()
            }],
            forks: 1,
            disk_free: Some(7 << 30),
            disk_reserve: 64 << 20,
            ..GetStatusResponse::default()
        }
    }

    #[test]
    fn a_status_is_told_in_the_words_of_the_table() {
        let text = render(&status());
        for line in [
            "wpsx_node_info{node=\"eu\",software=\"wpsx 0.1.0\"} 1",
            "wpsx_node_read_only 0",
            "wpsx_forks 1",
            "wpsx_disk_free_bytes 7516192768",
            "wpsx_disk_reserve_bytes 67108864",
            "wpsx_log_entries{origin=\"eu.example/wpsx/public\"} 70",
            "wpsx_log_behind_entries{origin=\"eu.example/wpsx/public\"} 30",
            "wpsx_log_holes{origin=\"eu.example/wpsx/public\",reason=\"erased\"} 2",
            "wpsx_log_seen_timestamp_seconds{origin=\"eu.example/wpsx/public\"} 1700000000",
            "wpsx_log_cosigners{origin=\"eu.example/wpsx/public\"} 1",
            "wpsx_peer_connected{peer=\"a \\\"quoted\\\" peer\\n\"} 1",
            "wpsx_peer_received_bytes_total{peer=\"a \\\"quoted\\\" peer\\n\"} 18446744073709551615",
            "# TYPE wpsx_peer_received_bytes_total counter",
            "# HELP wpsx_log_records Current records of the log.",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in\n{text}"
            );
        }
        assert!(!text.contains("KEY"));
    }

    #[test]
    fn every_metric_of_the_table_is_told_and_no_other() {
        let text = render(&status());
        let told: std::collections::BTreeSet<&str> = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .filter_map(|line| line.split(['{', ' ']).next())
            .collect();
        let table = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(told, table);
    }

    #[test]
    fn two_nodes_in_one_process_do_not_mix() {
        let mut other = status();
        other.origins.clear();
        other.node = "au".to_owned();
        let _first = render(&status());
        let second = render(&other);
        assert!(second.contains("node=\"au\"") && !second.contains("eu.example"));
    }
}
