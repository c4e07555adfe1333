//! Before its first signature a node asks its peers how far they have seen its
//! own logs. A store that was restored from an older copy is found out here,
//! before it can sign a second history.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::OnceCell;
use wpsx_client::{pull::MAX_MESSAGE, transport::Connection};
use wpsx_domain::{NodeError, publishing::MaySign, quiet::brief};
use wpsx_proto::{
    api::replication::v1::{
        Head, KnownHead, ListHeadsRequest, replication_service_client::ReplicationServiceClient,
    },
    chain,
    heads::MOST_HEADS,
    origin::Origin,
};
use wpsx_store::LogHandle;

use crate::{
    context::Context, own_heads::look_at_own, peers::Peer, refusals::Side, trouble::Trouble,
};

/// Peers that do not answer by then are asked when they connect later.
const BOUND: Duration = Duration::from_secs(5);

/// Lets own logs be signed once the peers were asked, and where no fork stops them.
pub(crate) struct Compare {
    context: Arc<Context>,
    asked: OnceCell<()>,
}

impl Compare {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self {
            context,
            asked: OnceCell::new(),
        }
    }
}

impl MaySign for Compare {
    fn settle(&self) -> BoxFuture<'_, ()> {
        let asked = self.asked.get_or_init(|| ask_all(&self.context));
        asked.map(|()| ()).boxed()
    }

    fn refusal(&self, origin: &Origin) -> Option<NodeError> {
        let stopped = self.context.forks.stopped(origin);
        stopped.then(|| NodeError::Stopped(origin.to_string()))
    }
}

/// Asks every peer that can be dialled, all at once.
async fn ask_all(context: &Context) {
    if !context.store.logs().iter().any(LogHandle::is_own) {
        return;
    }
    let peers = context.peers.all().into_iter();
    let mut asked: FuturesUnordered<_> = peers.map(|peer| ask(context, peer)).collect();
    while asked.next().await.is_some() {}
}

/// All heads that a peer has of these logs, at most [`MOST_HEADS`] of them.
pub(crate) async fn heads_of(
    connection: &Connection,
    logs: Vec<LogHandle>,
) -> Result<Vec<Head>, String> {
    let known = logs.iter().map(|log| KnownHead {
        origin: log.origin().to_string(),
        tree_size: log.stored().value(),
        // No note has this hash: a head of the same size may be of another tree.
        note_hash: Bytes::from_static(&[0; 8]),
    });
    let known: Vec<KnownHead> = known.collect();
    let mut request = ListHeadsRequest {
        origins: known.iter().map(|known| known.origin.clone()).collect(),
        known,
        ..Default::default()
    };
    let mut client =
        ReplicationServiceClient::new(connection.clone()).max_decoding_message_size(MAX_MESSAGE);
    let mut heads = Vec::new();
    // A page ends where its message is full; there are no more heads than logs.
    loop {
        let answer = client
            .list_heads(request.clone())
            .await
            .map_err(|status| status.message().to_owned())?
            .into_inner();
        heads.extend(answer.heads);
        if answer.next_page_token.is_empty() || heads.len() >= logs.len() {
            return Ok(heads);
        }
        request.page_token = answer.next_page_token;
    }
}

async fn ask(context: &Context, peer: Arc<Peer>) {
    if peer.card.endpoints().is_empty() {
        return;
    }
    let answer = tokio::time::timeout(BOUND, async {
        let connection = context.dial(&peer).await?;
        let own = context.store.logs().into_iter().filter(LogHandle::is_own);
        let heads = heads_of(&connection, own.take(MOST_HEADS).collect()).await?;
        connection.close();
        Ok::<_, String>(heads)
    });
    match answer.await {
        Ok(Ok(heads)) => {
            for head in heads {
                match look_at_own(context, &peer, &head) {
                    Ok(()) | Err(Trouble::Lost(_)) => {}
                    Err(Trouble::Lie(lie)) => {
                        let (origin, reason) = (&lie.origin, &lie.reason);
                        let refusals = &context.refusals;
                        refusals.record(peer.name(), Side::Ours, origin, lie.code, reason);
                    }
                    Err(Trouble::Ours(error)) => {
                        let error = chain(&error);
                        tracing::warn!(peer = peer.name(), error, "own log not compared");
                    }
                }
            }
        }
        Ok(Err(error)) => {
            tracing::info!(
                peer = peer.name(),
                error = brief(&error),
                "peer not asked before the first signature"
            );
        }
        Err(_) => {
            tracing::info!(
                peer = peer.name(),
                "peer did not answer before the first signature"
            );
        }
    }
}
