//! What a peer says of itself and of others: its card, and logs that it may introduce.

use tonic::Code;
use wpsx_domain::capabilities;
use wpsx_proto::{
    api::replication::v1::{self as api, GetIdentityRequest, HelloRequest, HelloResponse},
    card::NodeCard,
    chain,
    identity::Identity,
    origin::{Audience, Origin},
};

use crate::{
    line::{Line, bounded},
    link::Standing,
    refusals::Side,
    reporting::refuse,
    trouble::{Lie, Trouble},
};

/// Logs of which a node that follows what others introduce holds at most so many.
pub(crate) const MOST_INTRODUCED: usize = 1_000;

/// Says hello, and takes what the peer says of itself.
///
/// # Errors
/// The line is lost, or nobody answers.
pub(crate) async fn hello(line: &Line) -> Result<(), Trouble> {
    let mut answer = introduce_ourselves(line).await?;
    if line.context.card.is_held(&answer.your_card) {
        answer = introduce_ourselves(line).await?;
    }
    let (context, peer) = (&line.context, &line.peer);
    line.link.set_standing(standing(answer.standing()));
    line.link.set_capabilities(answer.capabilities);
    if answer.card.is_empty() {
        return Ok(());
    }
    // A newer card of the same node brings new endpoints and keys and, where the
    // peer may introduce, new publishers. One that is refused leaves its logs alone.
    if let Err(error) = context.peering.renew(peer.name(), &answer.card) {
        let lie = Lie {
            origin: String::new(),
            code: "bad-card",
            reason: chain(&error),
        };
        refuse(line, &lie).await;
        return Ok(());
    }
    context
        .refusals
        .resolve(peer.name(), Side::Ours, "", &["bad-card"]);
    if line.peer.introduces
        && let Ok(card) = NodeCard::verify(&answer.card)
    {
        for identity in card.publishers() {
            introduced(line, identity);
        }
    }
    Ok(())
}

async fn introduce_ourselves(line: &Line) -> Result<HelloResponse, Trouble> {
    let card = line.context.card.signed();
    let hello = HelloRequest {
        capabilities: capabilities::ours(),
        software: capabilities::SOFTWARE.to_owned(),
        // Without a card of ours the peer goes on with the one it has.
        card: card.map(|card| card.note_bytes()).unwrap_or_default(),
    };
    Ok(bounded(line.client().hello(hello)).await??.into_inner())
}

/// Asks whether anybody is there, on a line on which nothing has to be said.
///
/// # Errors
/// The line is lost, or nobody answers.
pub(crate) async fn still_there(line: &Line) -> Result<(), Trouble> {
    let hello = HelloRequest {
        capabilities: capabilities::ours(),
        software: capabilities::SOFTWARE.to_owned(),
        ..HelloRequest::default()
    };
    let answer = bounded(line.client().hello(hello)).await??.into_inner();
    line.link.set_standing(standing(answer.standing()));
    Ok(())
}

fn standing(said: api::Standing) -> Standing {
    match said {
        api::Standing::Unspecified => Standing::Unknown,
        api::Standing::Stranger => Standing::Stranger,
        api::Standing::Peer => Standing::Mutual,
    }
}

/// Whether this peer may introduce a log of that name.
pub(crate) fn may_introduce(line: &Line, origin: &Origin) -> bool {
    line.peer.introduces
        && !line.context.store.stands_still(origin)
        && origin.audience() == Some(Audience::Public)
        && line.context.store.logs().len() < MOST_INTRODUCED
}

/// Whether the log called `origin`, which is not known here, is followed from now on.
pub(crate) async fn wants(line: &Line, origin: &Origin) -> Result<bool, Trouble> {
    if !may_introduce(line, origin) {
        return Ok(false);
    }
    let request = GetIdentityRequest {
        origin: origin.to_string(),
    };
    let answer = match bounded(line.client().get_identity(request)).await? {
        Ok(answer) => answer.into_inner(),
        Err(status) if status.code() == Code::NotFound => return Ok(false),
        Err(status) => return Err(status.into()),
    };
    let identity = Identity::verify(&answer.operations)
        .map_err(|e| Trouble::lie(origin.as_str(), "bad-identity", chain(&e)))?;
    if identity.origin(Audience::Public) != *origin {
        return Err(Trouble::lie(
            origin.as_str(),
            "bad-identity",
            "the identity that introduces this log has another name",
        ));
    }
    Ok(introduced(line, &identity))
}

fn introduced(line: &Line, identity: &Identity) -> bool {
    let (context, peer) = (&line.context, line.peer.name());
    let origin = identity.origin(Audience::Public);
    match context.follows.introduced(identity, MOST_INTRODUCED) {
        Ok(Some(log)) => {
            tracing::debug!(origin = %log, by = peer, "log introduced");
            let codes = &["other-identity", "bad-identity"];
            context
                .refusals
                .resolve(peer, Side::Ours, origin.as_str(), codes);
            true
        }
        Ok(None) => {
            line.link.told_unknown(origin.as_str());
            false
        }
        Err(error) => {
            context.refusals.record(
                peer,
                Side::Ours,
                origin.as_str(),
                "other-identity",
                &chain(&error),
            );
            false
        }
    }
}
