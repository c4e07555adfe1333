//! What a peer's head of one of our own logs says of our store.

use wpsx_client::pull::{Judgement, Known, judge};
use wpsx_domain::NodeError;
use wpsx_proto::{api::replication::v1::Head, chain, checkpoint::SignedCheckpoint};

use crate::{context::Context, forks::Decision, peers::Peer, trouble::Trouble};

/// Compares a peer's head of one of our own logs with our store.
///
/// # Errors
/// We did not sign it, our files cannot be read, or evidence cannot be kept.
pub(crate) fn look_at_own(context: &Context, peer: &Peer, head: &Head) -> Result<(), Trouble> {
    let Some(log) = context
        .store
        .logs()
        .into_iter()
        .find(|log| log.is_own() && log.origin().as_str() == head.origin)
    else {
        return Ok(());
    };
    // A peer can claim anything, which proves nothing of our log; it says something of
    // the peer, or of whoever has a key that looks like ours.
    let signed = SignedCheckpoint::parse(&head.checkpoint)
        .map_err(|e| Trouble::lie(&head.origin, "malformed", chain(&e)))?;
    let theirs = signed.verify(&log.key()).map_err(|e| {
        let why = format!(
            "this head of our own log is not signed by us: {}",
            chain(&e)
        );
        Trouble::lie(&head.origin, "bad-signature", why)
    })?;
    let link = context.links.of(peer.name());
    link.told(&head.origin, theirs.size().value());
    let held = log.head();
    let known = Known {
        head: held.as_deref(),
        pending: held.as_deref(),
        stored: log.stored(),
    };
    let judged = judge(head, log.origin(), &log.key(), &log, known);
    let further = match judged.map_err(NodeError::Store)? {
        Judgement::Same(theirs) => {
            let cosigners = context.cosigners();
            context
                .store
                .merge_cosignatures(log.origin(), &theirs, &cosigners);
            false
        }
        Judgement::Behind(_) | Judgement::Smaller(_) => false,
        // The peer holds a tree of ours that we do not: two histories were signed.
        Judgement::Fork(fork) => {
            context.forks.record(*fork)?;
            false
        }
        Judgement::New(_) => true,
        // It may be the tree that the operator decided against.
        Judgement::Unproven(_) | Judgement::Refused(_) => {
            context.forks.decision(log.origin()) != Some(Decision::Keep)
        }
    };
    if further && theirs.size() > log.stored() {
        context.ahead.saw(peer.name(), &theirs)?;
    }
    Ok(())
}
