//! Keeping a session with one peer alive: connect, ask, and start again after a wait
//! when the line is lost.
//!
//! Either side may open the connection. Whether we dialled it or the peer did and the
//! roles were turned makes no difference to the session.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use wpsx_client::{clock::monotonic, transport::Connection};
use wpsx_domain::quiet::brief;

use crate::{
    backoff::Backoff,
    context::Context,
    line::Line,
    link::{Holder, LinkState},
    peers::Peer,
    session::{Ended, Session},
};

/// A session that lasts so long has worked, also one in which there was nothing to do.
const WORKED: Duration = Duration::from_secs(10);

/// Follows `peer` until `stop`; connections that it opened for us come in as `turned`.
pub(crate) async fn follow(
    context: Arc<Context>,
    peer: Arc<Peer>,
    mut turned: mpsc::Receiver<Connection>,
    stop: CancellationToken,
) {
    let holder = context.links.of(peer.name()).hold();
    let mut backoff = Backoff::default();
    loop {
        let connected = tokio::select! {
            connected = connect(&context, &peer, &holder, &mut turned) => connected,
            () = stop.cancelled() => return,
        };
        let wait = match connected {
            Err(error) => {
                holder.failed(&error);
                backoff.failed(context.spread())
            }
            Ok((connection, state)) => {
                holder.set_state(LinkState::Connecting);
                holder.set_open(Some(connection.clone()));
                say(&context, &peer, "line open", state.as_str());
                let line = Line {
                    context: context.clone(),
                    peer: peer.clone(),
                    connection: connection.clone(),
                    speed: Arc::default(),
                    link: holder.link().clone(),
                };
                let before = holder.link().entries();
                let session = Session::new(line, &holder, state).run();
                let ended = tokio::select! {
                    ended = lasting(session, &holder) => ended,
                    () = stop.cancelled() => {
                        connection.close();
                        return;
                    }
                };
                connection.close();
                holder.set_open(None);
                // One that merely came about has not: whoever hangs up at once is not
                // dialled the sooner for it.
                let (ended, lasted) = ended;
                if lasted || holder.link().entries() > before {
                    backoff.succeeded();
                }
                match ended {
                    Ended::Lost(reason) => {
                        say(&context, &peer, "line lost", &reason);
                        holder.failed(&reason);
                        backoff.failed(context.spread())
                    }
                    Ended::Refused(reason) => {
                        holder.failed(&reason);
                        backoff.lied(context.spread())
                    }
                }
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Runs a session to its end, and says whether it lasted.
async fn lasting(session: impl Future<Output = Ended>, holder: &Holder) -> (Ended, bool) {
    let since = monotonic();
    let mut session = std::pin::pin!(session);
    let lasting = async {
        tokio::time::sleep(WORKED).await;
        // A peer that hangs has not worked, however long it is waited for.
        if matches!(
            holder.link().state(),
            LinkState::Connected | LinkState::Turned
        ) {
            holder.link().worked();
        }
        std::future::pending::<Ended>().await
    };
    let ended = tokio::select! {
        ended = &mut session => ended,
        ended = lasting => ended,
    };
    let open = holder.link().state() != LinkState::Connecting;
    (ended, open && since.elapsed() >= WORKED)
}

fn say(context: &Context, peer: &Peer, what: &'static str, reason: &str) {
    if let Some(left_out) = context.quiet.may_say(peer.name(), what) {
        let reason = brief(reason);
        tracing::info!(peer = peer.name(), reason, left_out, "{what}");
    }
}

/// A connection on which we ask: dialled, or opened by the peer.
async fn connect(
    context: &Context,
    peer: &Peer,
    holder: &Holder,
    turned: &mut mpsc::Receiver<Connection>,
) -> Result<(Connection, LinkState), String> {
    if let Ok(connection) = turned.try_recv() {
        return Ok((connection, LinkState::Turned));
    }
    if peer.card.endpoints().is_empty() {
        return match turned.recv().await {
            Some(connection) => Ok((connection, LinkState::Turned)),
            None => Err("the peer's task ended".to_owned()),
        };
    }
    holder.set_state(LinkState::Connecting);
    let connection = context.dial(peer).await?;
    Ok((connection, LinkState::Connected))
}
