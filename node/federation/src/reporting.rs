//! Telling a peer what was refused of it, and that it has come right.

use wpsx_domain::capabilities;
use wpsx_proto::api::replication::v1::ReportRefusalRequest;

use crate::{
    line::{CALL_BOUND, Line},
    refusals::{Refusal, Side},
    trouble::Lie,
};

/// Keeps the refusal here and tells the peer: of the same one again now and then only.
pub(crate) async fn refuse(line: &Line, lie: &Lie) {
    let (refusals, peer) = (&line.context.refusals, line.peer.name());
    let count = refusals.record(peer, Side::Ours, &lie.origin, lie.code, &lie.reason);
    if !count.is_power_of_two() {
        return;
    }
    // The peer takes no longer fields, and a liar's words are part of the reason.
    let short = Refusal::at(0, &lie.origin, lie.code, &lie.reason);
    let report = ReportRefusalRequest {
        origin: short.origin,
        code: short.code,
        reason: short.reason,
        resolved: false,
    };
    tell(line, report).await;
}

/// Tells a peer that understands it that what was refused of a log has come right.
pub(crate) async fn tell_resolved(line: &Line, origin: &str) {
    let listed = line.link.capabilities();
    if listed.iter().any(|name| name == capabilities::RESOLVED) {
        let report = ReportRefusalRequest {
            origin: origin.to_owned(),
            resolved: true,
            ..ReportRefusalRequest::default()
        };
        tell(line, report).await;
    }
}

async fn tell(line: &Line, report: ReportRefusalRequest) {
    let told = tokio::time::timeout(CALL_BOUND, line.client().report_refusal(report)).await;
    if !matches!(told, Ok(Ok(_))) {
        let peer = line.peer.name();
        tracing::debug!(peer, "the peer could not be told of a refusal");
    }
}
