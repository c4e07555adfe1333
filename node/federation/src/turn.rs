//! Offers a peer a connection with turned roles: we dial, it asks.
//!
//! A node that nobody can dial is pulled this way. The peer speaks to the same
//! services as on our listener, with the key of its certificate as caller.

use std::{sync::Arc, time::Duration};

use axum::Router;
use tokio_util::sync::CancellationToken;
use wpsx_client::clock::monotonic;
use wpsx_domain::quiet::brief;
use wpsx_listen::serve_io;
use wpsx_proto::chain;

use crate::{backoff::Backoff, context::Context, peers::Peer};

/// A turned connection that ends sooner than this did not work.
const WORKED: Duration = Duration::from_secs(5);

/// Keeps one turned connection to `peer` open until `stop`.
pub(crate) async fn offer(
    context: Arc<Context>,
    peer: Arc<Peer>,
    services: Router,
    stop: CancellationToken,
) {
    let mut backoff = Backoff::default();
    loop {
        let served = tokio::select! {
            served = once(&context, &peer, &services) => served,
            () = stop.cancelled() => return,
        };
        match served {
            Ok(lasted) if lasted >= WORKED => backoff.succeeded(),
            Ok(_) => {}
            Err(error) => {
                if let Some(left_out) = context.quiet.may_say(peer.name(), "turn") {
                    let error = brief(&error);
                    tracing::info!(
                        peer = peer.name(),
                        error,
                        left_out,
                        "turned connection not taken"
                    );
                }
            }
        }
        let wait = backoff.failed(context.spread());
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn once(context: &Context, peer: &Peer, services: &Router) -> Result<Duration, String> {
    let io = context.dialling.dial_turned(peer).await?;
    let since = monotonic();
    let (key, address) = (io.peer_key(), io.address());
    serve_io(
        io.into_io(),
        Some(key),
        address,
        services.clone(),
        &context.connections,
    )
    .await
    .map_err(|e| chain(&e))?;
    Ok(since.elapsed())
}
