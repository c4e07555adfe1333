//! Offers a peer a connection with turned roles: we dial, it asks.
//!
//! A node that nobody can dial is pulled this way. The peer speaks to the same
//! services as on our listener, with the key of its certificate as caller.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use wpsx_client::transport::{Endpoint, dial_turned};

use crate::{
    clock::monotonic, error::chain, listen, node::Node, peers::Peer, replicate::backoff::Backoff,
    serve::Services,
};

/// A turned connection that ends sooner than this did not work.
const WORKED: Duration = Duration::from_secs(5);

/// Keeps one turned connection to `peer` open until `stop`.
pub(super) async fn offer(
    node: Node,
    peer: Arc<Peer>,
    services: Services,
    stop: CancellationToken,
) {
    let mut backoff = Backoff::default();
    loop {
        let served = tokio::select! {
            served = once(&node, &peer, &services) => served,
            () = stop.cancelled() => return,
        };
        match served {
            Ok(lasted) if lasted >= WORKED => backoff.succeeded(),
            Ok(_) => {}
            Err(error) => {
                tracing::info!(peer = peer.name(), error, "turned connection not taken");
            }
        }
        let wait = backoff.failed(u32::from_le_bytes(node.random()));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn once(node: &Node, peer: &Peer, services: &Services) -> Result<Duration, String> {
    let dialer = node.dialer(peer).map_err(|e| chain(&e))?;
    let settings = node.dial_settings().map_err(|e| chain(&e))?;
    let mut last = "its card names no endpoint".to_owned();
    for endpoint in peer.card.endpoints() {
        let dialled = match endpoint.parse::<Endpoint>() {
            Ok(parsed) => dial_turned(&parsed, &dialer, &settings).await,
            Err(error) => Err(error),
        };
        let io = match dialled {
            Ok(io) => io,
            Err(error) => {
                last = format!("{endpoint}: {}", chain(&error));
                continue;
            }
        };
        let since = monotonic();
        let (key, address) = (io.peer_key(), io.address());
        listen::serve_io(
            io.into_io(),
            Some(key),
            address,
            services.router(),
            node.connections(),
        )
        .await
        .map_err(|e| chain(&e))?;
        return Ok(since.elapsed());
    }
    Err(last)
}
