//! A node that was made of a backup may hold what was erased since. So before it serves
//! anybody, every peer that can be dialled is asked for its heads, and what the entries
//! erase that are missing here is destroyed.
//!
//! Whether that was done is kept in the state, where `wpsx restore` says that it is to be
//! done. A peer that cannot be reached, or does not answer in time, keeps nobody waiting:
//! its erasures are taken when it connects, as ever. One that only ever dials us cannot be
//! asked before the doors are open.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use wpsx_domain::quiet::brief;
use wpsx_proto::{chain, heads::MOST_HEADS};
use wpsx_store::{RESTORED, StoreError};

use crate::{
    compare::heads_of,
    context::Context,
    erasures::{Read, carry_out},
    line::Line,
    own_heads::look_at_own,
    peers::Peer,
    trouble::Trouble,
};

/// How long a peer may take to be reached.
const DIAL: Duration = Duration::from_secs(10);
/// How long all may take of one peer.
const WHOLE: Duration = Duration::from_secs(300);

/// Whether peers are still to be asked.
pub(crate) fn is_due(context: &Context) -> bool {
    match context.store.state().get(RESTORED) {
        Ok(restored) => restored.is_some(),
        Err(StoreError::Damaged { .. }) => true,
        Err(_) => false,
    }
}

/// Asks all peers, all at once.
pub(crate) async fn ask(context: &Arc<Context>) {
    let peers = context.peers.all();
    join_all(peers.iter().map(|peer| ask_one(context, peer))).await;
    if let Err(error) = context.store.state().remove(RESTORED) {
        // It is asked once more after the next start.
        tracing::warn!(error = chain(&error), "asked the peers after a restore");
    }
}

async fn ask_one(context: &Arc<Context>, peer: &Arc<Peer>) {
    if peer.card.endpoints().is_empty() {
        return;
    }
    let name = peer.name();
    let asked = match tokio::time::timeout(WHOLE, erase_what_it_shows(context, peer)).await {
        Ok(asked) => asked,
        Err(_) => Err("it did not show all in time".to_owned()),
    };
    if let Err(reason) = asked {
        let reason = brief(&reason);
        tracing::warn!(
            peer = name,
            reason,
            "not asked what was erased since the backup"
        );
    }
}

async fn erase_what_it_shows(context: &Arc<Context>, peer: &Arc<Peer>) -> Result<(), String> {
    let connection = tokio::time::timeout(DIAL, context.dial(peer)).await;
    let connection = connection.map_err(|_| "it cannot be reached in time".to_owned())??;
    let line = Line {
        context: context.clone(),
        peer: peer.clone(),
        connection,
        speed: Arc::default(),
        link: context.links.of(peer.name()),
    };
    let logs = context.store.logs();
    for logs in logs.chunks(MOST_HEADS) {
        for head in heads_of(&line.connection, logs.to_vec()).await? {
            let log = logs.iter().find(|log| log.origin().as_str() == head.origin);
            let Some(log) = log else { continue };
            let mut done = match log.is_own() {
                true => look_at_own(context, peer, &head),
                false => Ok(()),
            };
            if done.is_ok() {
                done = carry_out(&line, log, &head, &mut Read::default())
                    .await
                    .map(drop);
            }
            match done {
                Ok(()) => {}
                Err(Trouble::Lie(lie)) => {
                    let reason = brief(&lie.reason);
                    tracing::warn!(
                        peer = peer.name(),
                        origin = lie.origin,
                        reason,
                        "not believed"
                    );
                }
                Err(Trouble::Lost(reason)) => return Err(reason),
                Err(Trouble::Ours(error)) => return Err(chain(&error)),
            }
        }
    }
    line.connection.close();
    Ok(())
}
