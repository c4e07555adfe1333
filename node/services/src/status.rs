//! What `wpsx status` shows: every log with its age and gaps, every peer with
//! its lag and what was refused on either side.

use wpsx_proto::api::admin::v1::{
    GetStatusResponse, OriginStatus, PeerStatus, Refusal as RefusalMessage,
};

use crate::{
    error::{NodeError, chain},
    forks::Decision,
    metrics::Measured,
    node::Node,
    refusals::{Refusal, Side},
};

/// The whole picture.
///
/// # Errors
/// The views cannot be read.
pub fn status(node: &Node) -> Result<GetStatusResponse, NodeError> {
    let (listen, http_listen) = node.addresses();
    Ok(GetStatusResponse {
        node: node.name().to_string(),
        software: crate::capabilities::SOFTWARE.to_owned(),
        read_only: node.store().read_only().unwrap_or_default(),
        origins: origins(node)?,
        peers: peers(node),
        forks: node.forks().logs() as u64,
        views_behind: node.views_behind(),
        listen,
        http_listen,
    })
}

impl Measured for Node {
    fn measure(&self) -> Result<GetStatusResponse, String> {
        status(self).map_err(|error| chain(&error))
    }
}

/// Every log.
///
/// # Errors
/// The views cannot be read.
pub fn origins(node: &Node) -> Result<Vec<OriginStatus>, NodeError> {
    let cosigners = node.cosigners();
    let mut shown = Vec::new();
    for log in node.store().logs() {
        let counts = node.views().counts(log.number()).map_err(NodeError::from)?;
        let holes = log.holes();
        let head = log.head();
        let cosignatures = head
            .as_ref()
            .map(|head| head.cosignatures(&cosigners))
            .unwrap_or_default();
        let known = log.pending().map_or(0, |pending| pending.size().value());
        shown.push(OriginStatus {
            origin: log.origin().to_string(),
            local: log.is_own(),
            tree_size: log.stored().value(),
            known_size: known.max(log.stored().value()),
            records: counts.records,
            filtered: holes.filtered,
            erased: holes.erased,
            not_held: holes.not_held,
            unknown_kinds: counts.unreadable,
            seen_time: cosignatures.iter().map(|c| c.time).max().unwrap_or(0),
            cosigners: cosignatures.into_iter().map(|c| c.name).collect(),
            stopped: stopped(node, &log).unwrap_or_default().to_owned(),
            vkey: log.key().to_string(),
            root: log.frontier().root().as_bytes().to_vec().into(),
        });
    }
    Ok(shown)
}

fn stopped(node: &Node, log: &crate::store::LogHandle) -> Option<&'static str> {
    if node.forks().stopped(log.origin()) {
        return Some("fork");
    }
    (node.forks().decision(log.origin()) == Some(Decision::Switch))
        .then_some("switched, not cosigned")
}

fn peers(node: &Node) -> Vec<PeerStatus> {
    let stored: std::collections::HashMap<String, u64> = node
        .store()
        .logs()
        .into_iter()
        .map(|log| (log.origin().to_string(), log.stored().value()))
        .collect();
    let shown = node.peers().all().into_iter().map(|peer| {
        let link = node.links().of(peer.name());
        let heads = link.heads();
        let behind = heads.iter().map(|(origin, told)| {
            stored
                .get(origin)
                .map_or(0, |held| told.saturating_sub(*held))
        });
        PeerStatus {
            name: peer.name().to_owned(),
            state: link.state().as_str().to_owned(),
            behind: behind.sum(),
            refused: messages(node.refusals().of(peer.name(), Side::Ours)),
            refused_by: messages(node.refusals().of(peer.name(), Side::Theirs)),
            last_error: link.last_error(),
            bytes_in: link.bytes(),
            entries_in: link.entries(),
            capabilities: link.capabilities(),
        }
    });
    shown.collect()
}

fn messages(refusals: Vec<Refusal>) -> Vec<RefusalMessage> {
    let messages = refusals.into_iter().map(|r| RefusalMessage {
        origin: r.origin,
        code: r.code,
        reason: r.reason,
        time: r.time,
    });
    messages.collect()
}
