//! Telling a peer of forks, and of what logs that stand still erase: of each once,
//! whatever becomes of the session.

use std::{collections::HashMap, convert::Infallible, time::Duration};

use tokio::{sync::watch, time::Instant};
use tonic::Code;
use wpsx_client::clock::monotonic;
use wpsx_domain::{capabilities, quiet::brief};
use wpsx_proto::{
    api::replication::v1::{ReportErasureRequest, ReportForkRequest},
    hash::Hash,
};

use crate::{
    line::{CALL_BOUND, Line},
    link::Standing,
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

/// What a peer is told of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum News {
    /// Evidence of forks.
    Forks,
    /// What logs that stand still erase.
    Erasures,
}

impl News {
    fn changes(self, line: &Line) -> watch::Receiver<u64> {
        match self {
            Self::Forks => line.context.forks.news(),
            Self::Erasures => line.context.erasures.news(),
        }
    }

    fn all(self, line: &Line) -> Vec<Hash> {
        match self {
            Self::Forks => line.context.forks.all().iter().map(|it| it.id).collect(),
            Self::Erasures => line.context.erasures.all(),
        }
    }

    async fn report(self, line: &Line, id: &Hash) -> Told {
        let mut client = line.client();
        match self {
            Self::Forks => {
                let mut all = line.context.forks.all().into_iter();
                let Some(evidence) = all.find(|it| it.id == *id).map(|it| it.evidence) else {
                    return Told::Once;
                };
                let evidence = Some(evidence);
                told(line, client.report_fork(ReportForkRequest { evidence })).await
            }
            Self::Erasures => {
                let Some(evidence) = line.context.erasures.get(id) else {
                    return Told::Once;
                };
                let evidence = Some(evidence);
                told(
                    line,
                    client.report_erasure(ReportErasureRequest { evidence }),
                )
                .await
            }
        }
    }
}

/// Passes it on, what is known and what comes; erasures to a peer that takes them.
pub(crate) async fn tell(line: &Line, news: News) -> Infallible {
    let listed = line.link.capabilities();
    let takes = |name: &str| listed.iter().any(|listed| listed == name);
    if matches!(news, News::Erasures) && !takes(capabilities::ERASURE_EVIDENCE) {
        std::future::pending::<()>().await;
    }
    let mut changes = news.changes(line);
    let mut later: HashMap<Hash, (Instant, Duration)> = HashMap::new();
    loop {
        changes.mark_unchanged();
        for id in news.all(line) {
            let not_yet = later.get(&id).is_some_and(|(at, _)| *at > monotonic());
            if line.link.was_told(&id) || not_yet {
                continue;
            }
            match news.report(line, &id).await {
                Told::Once => {
                    line.link.has_told(id);
                    later.remove(&id);
                }
                Told::Again => {
                    let wait = later.get(&id).map_or(TELL_AGAIN, |(_, before)| {
                        (*before * 2).min(TELL_AGAIN_AT_MOST)
                    });
                    later.insert(id, (monotonic() + wait, wait));
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
            _ = changes.changed() => {}
            () = again => {}
        }
    }
}

/// What a peer makes of a report.
async fn told<T>(
    line: &Line,
    call: impl Future<Output = Result<tonic::Response<T>, tonic::Status>>,
) -> Told {
    match tokio::time::timeout(CALL_BOUND, call).await {
        Ok(Ok(_)) => Told::Once,
        Ok(Err(status)) => {
            let why = brief(status.message());
            tracing::debug!(peer = line.peer.name(), code = ?status.code(), why, "evidence not taken");
            match status.code() {
                Code::PermissionDenied => Told::NotFromUs,
                Code::InvalidArgument | Code::Unimplemented => Told::Once,
                _ => Told::Again,
            }
        }
        Err(_) => Told::Again,
    }
}
