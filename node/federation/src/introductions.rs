//! What a peer says of itself and of others: its card, and logs that it may introduce.

use tonic::Code;
use wpsx_domain::capabilities;
use wpsx_proto::{
    api::replication::v1::{GetIdentityRequest, Head, HelloRequest},
    card::NodeCard,
    chain,
    identity::Identity,
    origin::{Audience, Origin},
};

use crate::{
    line::{Line, bounded},
    refusals::Side,
    trouble::Trouble,
};

/// Logs that one peer may make us know of.
pub(crate) const MOST_INTRODUCED: usize = 1_000;

/// Says hello, and takes what the peer says of itself.
///
/// # Errors
/// The line is lost, or the peer's card is not its own.
pub(crate) async fn hello(line: &Line) -> Result<(), Trouble> {
    let hello = HelloRequest {
        capabilities: capabilities::ours(),
        software: capabilities::SOFTWARE.to_owned(),
        // Without a card of ours the peer goes on with the one it has.
        card: line
            .context
            .card
            .signed()
            .map(|card| card.note_bytes())
            .unwrap_or_default(),
    };
    let answer = bounded(line.client().hello(hello)).await??.into_inner();
    let (context, peer) = (&line.context, &line.peer);
    let links = &context.links;
    links.set_capabilities(peer.name(), answer.capabilities);
    if answer.card.is_empty() {
        return Ok(());
    }
    // A newer card of the same node brings new endpoints and keys and, where the
    // peer may introduce, new publishers.
    if let Err(error) = context.peering.renew(peer.name(), &answer.card) {
        return Err(Trouble::lie("", "bad-card", chain(&error)));
    }
    if line.peer.introduces
        && let Ok(card) = NodeCard::verify(&answer.card)
    {
        for identity in card.publishers() {
            introduced(line, identity);
        }
    }
    Ok(())
}

/// Whether this head is of a log that we follow, now or from now on.
pub(crate) async fn wants(line: &Line, head: &Head) -> Result<bool, Trouble> {
    let Ok(origin) = Origin::parse(&head.origin) else {
        return Err(Trouble::lie(
            &head.origin,
            "wrong-origin",
            "the name of a log is not well-formed",
        ));
    };
    if line.context.store.log(&origin).is_some() {
        return Ok(true);
    }
    if !line.peer.introduces
        || line.context.store.stands_still(&origin)
        || origin.audience() != Some(Audience::Public)
        || line.context.store.logs().len() >= MOST_INTRODUCED
    {
        return Ok(false);
    }
    let request = GetIdentityRequest {
        origin: head.origin.clone(),
    };
    let answer = match bounded(line.client().get_identity(request)).await? {
        Ok(answer) => answer.into_inner(),
        Err(status) if status.code() == Code::NotFound => return Ok(false),
        Err(status) => return Err(status.into()),
    };
    let identity = Identity::verify(&answer.operations)
        .map_err(|e| Trouble::lie(&head.origin, "bad-identity", chain(&e)))?;
    if identity.origin(Audience::Public) != origin {
        return Err(Trouble::lie(
            &head.origin,
            "bad-identity",
            "the identity that introduces this log has another name",
        ));
    }
    Ok(introduced(line, &identity))
}

fn introduced(line: &Line, identity: &Identity) -> bool {
    match line.context.follows.follow(identity) {
        Ok(origin) => {
            tracing::debug!(%origin, by = line.peer.name(), "log introduced");
            true
        }
        Err(error) => {
            line.context.refusals.record(
                line.peer.name(),
                Side::Ours,
                identity.origin(Audience::Public).as_str(),
                "other-identity",
                &chain(&error),
            );
            false
        }
    }
}
