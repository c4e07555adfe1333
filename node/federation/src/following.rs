//! Keeping a session with one peer alive: connect, ask, and start again after a wait
//! when the line is lost.
//!
//! Either side may open the connection. Whether we dialled it or the peer did and the
//! roles were turned makes no difference to the session.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use wpsx_client::transport::Connection;

use crate::{
    backoff::Backoff, context::Context, line::Line, links::LinkState, peers::Peer,
    session::Session, trouble::Ended,
};

/// Follows `peer` until `stop`; connections that it opened for us come in as `turned`.
pub(crate) async fn follow(
    context: Arc<Context>,
    peer: Arc<Peer>,
    mut turned: mpsc::Receiver<Connection>,
    stop: CancellationToken,
) {
    let link = context.links.of(peer.name());
    let mut backoff = Backoff::default();
    loop {
        let connected = tokio::select! {
            connected = connect(&context, &peer, &mut turned) => connected,
            () = stop.cancelled() => return,
        };
        let wait = match connected {
            Err(error) => {
                link.failed(error);
                backoff.failed(context.spread())
            }
            Ok((connection, state)) => {
                link.set_state(state);
                link.set_open(Some(connection.counters().clone()));
                tracing::info!(peer = peer.name(), state = state.as_str(), "line open");
                let session = Session::new(Line {
                    context: context.clone(),
                    peer: peer.clone(),
                    connection: connection.clone(),
                    speed: Arc::default(),
                });
                let ended = tokio::select! {
                    ended = session.run() => ended,
                    () = stop.cancelled() => {
                        connection.close();
                        return;
                    }
                };
                connection.close();
                link.set_open(None);
                match ended {
                    Ended::Lost { reason, worked } => {
                        tracing::info!(peer = peer.name(), reason, "line lost");
                        if worked {
                            backoff.succeeded();
                        }
                        link.failed(reason);
                        backoff.failed(context.spread())
                    }
                    Ended::Refused(reason) => {
                        link.failed(reason);
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

/// A connection on which we ask: dialled, or opened by the peer.
async fn connect(
    context: &Context,
    peer: &Peer,
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
    let link = context.links.of(peer.name());
    link.set_state(LinkState::Connecting);
    let connection = context.dial(peer).await?;
    Ok((connection, LinkState::Connected))
}
