//! One log as one peer shows it: introduced if need be, judged, pulled. What goes wrong
//! here pauses this log at this peer; the session, its other logs and other peers'
//! copies of this one go on.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};
use wpsx_domain::{NodeError, quiet::brief};
use wpsx_proto::{api::replication::v1::Head, chain, index::TreeSize, origin::Origin};

use crate::{
    erasures::{Read, carry_out},
    failures::Position,
    fill::Asked,
    introductions::wants,
    line::Line,
    own_heads::look_at_own,
    pull::pull,
    pull_end::PullEnd,
    refusals::Side,
    reporting::{refuse, tell_resolved},
    trouble::Trouble,
};

/// What a head that comes right says, whatever was brought for it, to be well again.
const OF_HEADS: &[&str] = &["malformed", "bad-signature", "wrong-origin", "rolled-back"];

/// Follows one log until nobody tells of its heads any more.
pub(crate) async fn follow_log(
    line: Line,
    mut heads: watch::Receiver<Head>,
    places: Arc<Semaphore>,
) {
    let name = heads.borrow().origin.clone();
    let (mut asked, mut read) = (Asked::nothing(), Read::default());
    while rested(&line, &name, &mut heads).await {
        let head = heads.borrow_and_update().clone();
        match look_at(&line, &head, &places, &mut asked, &mut read).await {
            // Someone else waited for the log; stand in line again.
            Ok(PullEnd::GaveWay) => continue,
            Ok(PullEnd::Done { verified }) => came_right(&line, &name, verified).await,
            Ok(PullEnd::Later(size)) => {
                match compared_later(&line, &name, size, &mut heads).await {
                    true => continue,
                    false => return,
                }
            }
            Ok(PullEnd::Passed) => line.link.pauses().worked(&name),
            Err(_) if line.connection.is_closed() => return,
            Err(trouble) => {
                went_wrong(&line, &name, trouble.of(&name)).await;
                continue;
            }
        }
        if heads.changed().await.is_err() {
            return;
        }
    }
}

/// Waits until the log's pause is over; false if the session ended meanwhile.
async fn rested(line: &Line, name: &str, heads: &mut watch::Receiver<Head>) -> bool {
    while let Some(until) = line.link.pauses().until(name) {
        tokio::select! {
            () = tokio::time::sleep_until(until) => {}
            // A newer head does not make the pause shorter.
            told = heads.changed() => if told.is_err() { return false },
        }
    }
    true
}

/// Waits until the log here is so large that a smaller head can be compared with it, or
/// there is another head; false if the session ended meanwhile.
async fn compared_later(
    line: &Line,
    name: &str,
    size: TreeSize,
    heads: &mut watch::Receiver<Head>,
) -> bool {
    let log = Origin::parse(name)
        .ok()
        .and_then(|o| line.context.store.log(&o));
    let covered = async {
        if let Some(log) = log {
            let mut changed = log.changed();
            while log.head().is_none_or(|head| head.size() < size) {
                if changed.changed().await.is_err() {
                    break;
                }
            }
        } else {
            std::future::pending().await
        }
    };
    tokio::select! {
        told = heads.changed() => told.is_ok(),
        () = covered => true,
    }
}

async fn look_at(
    line: &Line,
    head: &Head,
    places: &Semaphore,
    asked: &mut Asked,
    read: &mut Read,
) -> Result<PullEnd, Trouble> {
    let origin = Origin::parse(&head.origin)
        .map_err(|e| Trouble::lie(&head.origin, "wrong-origin", chain(&e)))?;
    let context = &line.context;
    if context.store.log(&origin).is_none() && !wants(line, &origin).await? {
        return Ok(PullEnd::Passed);
    }
    let Some(log) = context.store.log(&origin) else {
        return Ok(PullEnd::Passed);
    };
    if log.is_own() {
        look_at_own(context, &line.peer, head)?;
    }
    if context.stands_still(&log) {
        return carry_out(line, &log, head, read).await;
    }
    if log.is_own() {
        return Ok(PullEnd::Done { verified: 0 });
    }
    if let Some(full) = context.no_room() {
        // The entries come when there is room; what they erase goes at once.
        let ended = carry_out(line, &log, head, read).await?;
        return match read.reaches_beyond(log.stored()) {
            true => Err(Trouble::Ours(full)),
            false => Ok(ended),
        };
    }
    if log.stored() == TreeSize::ZERO
        && log.pending().is_none()
        && let Some(chosen) = context.forks.chosen(&origin)
    {
        // The operator decided: only what extends this tree is pulled.
        let kept = context.store.set_pending(&origin, chosen).await;
        kept.map_err(NodeError::from)?;
    }
    pull(line, &origin, head, places, asked).await
}

/// The peer has brought what its head promised: nothing is wrong with this log any more,
/// and refusals that this disproves are over, here and at the peer.
async fn came_right(line: &Line, name: &str, verified: u64) {
    line.link.log_worked(name);
    // A head alone says nothing of entries and payloads that were refused.
    let codes = if verified > 0 { &[] } else { OF_HEADS };
    let refusals = &line.context.refusals;
    if refusals.resolve(line.peer.name(), Side::Ours, name, codes) {
        tell_resolved(line, name).await;
    }
}

async fn went_wrong(line: &Line, name: &str, trouble: Trouble) {
    let (context, peer) = (&line.context, line.peer.name());
    let reason = match trouble {
        Trouble::Lie(lie) => {
            refuse(line, &lie).await;
            line.link.pauses().lied(name, context.spread());
            return;
        }
        Trouble::Lost(reason) => reason,
        Trouble::Ours(error) => format!("this node: {}", chain(&error)),
    };
    let log = Origin::parse(name).ok().and_then(|o| context.store.log(&o));
    let position = log.as_ref().map(Position::of);
    line.link.log_failed(name, position, &reason);
    line.link.pauses().failed(name, context.spread());
    if let Some(left_out) = context.quiet.may_say(peer, "log") {
        let reason = brief(&reason);
        tracing::info!(
            peer,
            origin = name,
            reason,
            left_out,
            "not pulled; tried again"
        );
    }
}
