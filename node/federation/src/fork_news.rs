//! Telling a peer of forks.

use std::{collections::HashSet, convert::Infallible, time::Duration};

use tonic::Code;
use wpsx_proto::api::{log::v1::ForkEvidence, replication::v1::ReportForkRequest};

use crate::line::{CALL_BOUND, Line};

/// A peer that does not know a log yet is told of its fork again after this time.
const TELL_AGAIN: Duration = Duration::from_secs(10);

/// Passes all evidence of forks on, what is known and what comes. A peer that does
/// not know a log yet is told again.
pub(crate) async fn tell_forks(line: &Line) -> Infallible {
    let mut news = line.context.forks.news();
    let mut told = HashSet::new();
    loop {
        let mut all_taken = true;
        for shown in line.context.forks.all() {
            if !told.contains(&shown.id) {
                if report_fork(line, shown.evidence).await {
                    told.insert(shown.id);
                } else {
                    all_taken = false;
                }
            }
        }
        tokio::select! {
            _ = news.changed() => {}
            () = tokio::time::sleep(TELL_AGAIN), if !all_taken => {}
        }
    }
}

/// Whether the peer took the evidence, or never will.
async fn report_fork(line: &Line, evidence: ForkEvidence) -> bool {
    let request = ReportForkRequest {
        evidence: Some(evidence),
    };
    let told = tokio::time::timeout(CALL_BOUND, line.client().report_fork(request)).await;
    match told {
        Ok(Ok(_)) => true,
        Ok(Err(status)) => {
            tracing::debug!(peer = line.peer.name(), %status, "evidence of a fork not taken");
            status.code() != Code::NotFound
        }
        Err(_) => false,
    }
}
