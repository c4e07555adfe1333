//! Telling a peer of forks: of each once, whatever becomes of the session.

use std::{collections::HashMap, convert::Infallible, time::Duration};

use tokio::time::Instant;
use tonic::Code;
use wpsx_client::clock::monotonic;
use wpsx_proto::{
    api::{log::v1::ForkEvidence, replication::v1::ReportForkRequest},
    hash::Hash,
};

use crate::{
    line::{CALL_BOUND, Line},
    link::Standing,
    quiet::brief,
};

/// A peer that does not know a log yet is told of its fork again after this time, and
/// later each time.
const TELL_AGAIN: Duration = Duration::from_secs(10);
const TELL_AGAIN_AT_MOST: Duration = Duration::from_secs(3_600);

/// What became of a piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The peer took it, or never will.
    Once,
    /// It does not know the log yet, or did not answer.
    Again,
    /// It takes evidence from its peers alone, and we are none.
    NotFromUs,
}

/// Passes all evidence of forks on, what is known and what comes.
pub(crate) async fn tell_forks(line: &Line) -> Infallible {
    let mut news = line.context.forks.news();
    let mut later: HashMap<Hash, (Instant, Duration)> = HashMap::new();
    loop {
        for shown in line.context.forks.all() {
            let not_yet = later
                .get(&shown.id)
                .is_some_and(|(at, _)| *at > monotonic());
            if line.link.was_told(&shown.id) || not_yet {
                continue;
            }
            match report_fork(line, shown.evidence).await {
                Told::Once => {
                    line.link.has_told(shown.id);
                    later.remove(&shown.id);
                }
                Told::Again => {
                    let wait = later.get(&shown.id).map_or(TELL_AGAIN, |(_, before)| {
                        (*before * 2).min(TELL_AGAIN_AT_MOST)
                    });
                    later.insert(shown.id, (monotonic() + wait, wait));
                }
                // It ends this line when it adds our card: the next one tells it.
                Told::NotFromUs => {
                    line.link.set_standing(Standing::Stranger);
                    std::future::pending::<()>().await;
                }
            }
        }
        let next = later.values().map(|(at, _)| *at).min();
        let again = async {
            match next {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = news.changed() => {}
            () = again => {}
        }
    }
}

async fn report_fork(line: &Line, evidence: ForkEvidence) -> Told {
    let request = ReportForkRequest {
        evidence: Some(evidence),
    };
    let told = tokio::time::timeout(CALL_BOUND, line.client().report_fork(request)).await;
    match told {
        Ok(Ok(_)) => Told::Once,
        Ok(Err(status)) => {
            let why = brief(status.message());
            tracing::debug!(peer = line.peer.name(), code = ?status.code(), why, "evidence of a fork not taken");
            match status.code() {
                Code::PermissionDenied => Told::NotFromUs,
                Code::InvalidArgument | Code::Unimplemented => Told::Once,
                _ => Told::Again,
            }
        }
        Err(_) => Told::Again,
    }
}
