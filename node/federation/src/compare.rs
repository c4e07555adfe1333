//! Before its first signature a node asks its peers how far they have seen its
//! own logs. A store that was restored from an older copy is found out here,
//! before it can sign a second history.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{StreamExt as _, stream::FuturesUnordered};
use wpsx_client::pull::{Judgement, Known, judge};
use wpsx_proto::{
    api::replication::v1::{
        Head, KnownHead, ListHeadsRequest, replication_service_client::ReplicationServiceClient,
    },
    checkpoint::SignedCheckpoint,
};

use crate::{
    error::{NodeError, chain},
    forks::Decision,
    heads::MOST_HEADS,
    node::Node,
    peers::Peer,
    store::LogHandle,
};

/// Peers that do not answer by then are asked when they connect later.
const BOUND: Duration = Duration::from_secs(5);

/// Asks every peer that can be dialled, all at once.
pub async fn compare_with_peers(node: &Node) {
    let own = node.store().logs().into_iter().filter(|log| log.is_own());
    if own.count() == 0 {
        return;
    }
    let mut asked: FuturesUnordered<_> = node
        .peers()
        .all()
        .into_iter()
        .map(|peer| ask(node, peer))
        .collect();
    while asked.next().await.is_some() {}
}

async fn ask(node: &Node, peer: Arc<Peer>) {
    if peer.card.endpoints().is_empty() {
        return;
    }
    let answer = tokio::time::timeout(BOUND, async {
        let connection = super::dial(node, &peer).await?;
        let own = node.store().logs().into_iter().filter(LogHandle::is_own);
        let known: Vec<KnownHead> = own
            .map(|log| KnownHead {
                origin: log.origin().to_string(),
                tree_size: log.stored().value(),
                // No note has this hash: a head of the same size may be of another tree.
                note_hash: Bytes::from_static(&[0; 8]),
            })
            .take(MOST_HEADS)
            .collect();
        let mut request = ListHeadsRequest {
            origins: known.iter().map(|known| known.origin.clone()).collect(),
            known,
            ..Default::default()
        };
        let mut client = ReplicationServiceClient::new(connection.clone());
        let mut heads = Vec::new();
        // A page ends where its message is full; there are no more heads than own logs.
        loop {
            let answer = client
                .list_heads(request.clone())
                .await
                .map_err(|status| status.message().to_owned())?
                .into_inner();
            heads.extend(answer.heads);
            if answer.next_page_token.is_empty() || heads.len() >= request.known.len() {
                break;
            }
            request.page_token = answer.next_page_token;
        }
        connection.close();
        Ok::<_, String>(heads)
    });
    match answer.await {
        Ok(Ok(heads)) => {
            for head in heads {
                if let Err(error) = look_at_own(node, &peer, &head) {
                    tracing::warn!(
                        peer = peer.name(),
                        error = chain(&error),
                        "own log not compared"
                    );
                }
            }
        }
        Ok(Err(error)) => {
            tracing::info!(
                peer = peer.name(),
                error,
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

/// Compares a peer's head of one of our own logs with our store.
///
/// # Errors
/// Our files cannot be read, or evidence cannot be kept.
pub(super) fn look_at_own(node: &Node, peer: &Peer, head: &Head) -> Result<(), NodeError> {
    let Some(log) = node
        .store()
        .logs()
        .into_iter()
        .find(|log| log.is_own() && log.origin().as_str() == head.origin)
    else {
        return Ok(());
    };
    let Ok(theirs) = SignedCheckpoint::parse(&head.checkpoint)
        .map_err(drop)
        .and_then(|signed| signed.verify(&log.key()).map_err(drop))
    else {
        // Not signed by us: a peer can claim anything, it proves nothing.
        return Ok(());
    };
    let held = log.head();
    let known = Known {
        head: held.as_deref(),
        pending: held.as_deref(),
    };
    let further =
        match judge(head, log.origin(), &log.key(), &log, known).map_err(NodeError::Store)? {
            Judgement::Same(theirs) => {
                node.store()
                    .merge_cosignatures(log.origin(), &theirs, &node.cosigners());
                false
            }
            Judgement::Behind(_) => false,
            // The peer holds a tree of ours that we do not: two histories were signed.
            Judgement::Fork(fork) => {
                node.record_fork(*fork)?;
                false
            }
            Judgement::New(_) => true,
            // It may be the tree that the operator decided against.
            Judgement::Unproven(_) | Judgement::Refused(_) => {
                node.forks().decision(log.origin()) != Some(Decision::Keep)
            }
        };
    let (theirs, ours) = (theirs.size(), log.stored());
    if further && theirs > ours {
        node.seen_further(log.origin(), peer.name(), theirs.value(), ours.value());
    }
    Ok(())
}
