//! What the demo came to: one table for people, one JSON object for scripts.

use std::collections::BTreeMap;

use serde::Serialize;

/// The whole federation.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Every node holds every public record and has proven it.
    pub converged: bool,
    /// The nodes.
    pub nodes: Vec<NodeReport>,
    /// Public records by kind, as the secretariat's node counts them.
    pub kinds: BTreeMap<String, u64>,
    /// From the first node's making to the last one's last record.
    pub seconds: f64,
}

/// One node.
#[derive(Debug, Clone, Serialize)]
pub struct NodeReport {
    /// Its name.
    pub name: String,
    /// The logs it holds.
    pub origins: Vec<OriginReport>,
    /// Entries bound to a signed checkpoint and payloads bound to an entry.
    pub proofs: u64,
    /// Bytes received from peers.
    pub bytes_in: u64,
    /// Where peers and readers reach it.
    pub listen: String,
    /// Where its static public log is.
    pub http: String,
}

/// One log as one node holds it.
#[derive(Debug, Clone, Serialize)]
pub struct OriginReport {
    /// The log.
    pub origin: String,
    /// Current records.
    pub records: u64,
    /// Entries.
    pub tree_size: u64,
    /// Checked from the raw bytes, with every payload there.
    pub verified: bool,
    /// Bytes of the payloads held.
    pub payload_bytes: u64,
}

impl Report {
    /// Records by origin and node, with bytes and proofs: a header and its rows.
    pub fn table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let row = |name: &str, cell: &dyn Fn(&NodeReport) -> String| {
            std::iter::once(name.to_owned())
                .chain(self.nodes.iter().map(cell))
                .collect()
        };
        let header = row("public records of", &|node| node.name.clone());
        let mut origins: Vec<&str> = self
            .nodes
            .iter()
            .flat_map(|n| n.origins.iter().map(|o| o.origin.as_str()))
            .collect();
        origins.sort_unstable();
        origins.dedup();
        let mut rows: Vec<Vec<String>> = Vec::new();
        for origin in origins {
            // All logs of the demo are public: their publishers tell them apart.
            let publisher = origin.split('/').next().unwrap_or(origin);
            rows.push(row(
                publisher,
                &|node| match node.origins.iter().find(|o| o.origin == origin) {
                    Some(held) if held.verified => format!("{} verified", held.records),
                    Some(held) => format!("{} NOT VERIFIED", held.records),
                    None => "-".to_owned(),
                },
            ));
        }
        rows.push(row("payload bytes", &|node| {
            node.origins
                .iter()
                .map(|o| o.payload_bytes)
                .sum::<u64>()
                .to_string()
        }));
        rows.push(row("received bytes", &|node| node.bytes_in.to_string()));
        rows.push(row("proofs checked", &|node| node.proofs.to_string()));
        (header, rows)
    }

    /// What happened, in one sentence.
    pub fn sentence(&self) -> String {
        if self.converged {
            let records: u64 = self
                .nodes
                .first()
                .map_or(0, |n| n.origins.iter().map(|o| o.records).sum());
            format!(
                "Every node holds and has verified all {records} public records, {:.1} s after the first node was made.",
                self.seconds
            )
        } else {
            format!(
                "The nodes do not hold the same records after {:.1} s.",
                self.seconds
            )
        }
    }
}
