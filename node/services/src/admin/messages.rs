//! The operator's requests and answers between messages and the domain.

use bytes::Bytes;
use wpsx_domain::{
    NodeError,
    publishing::{Batch, Draft, Extent, Fault, Hosted, Outcome, Place, Published, Suspect},
    records::record_id,
};
use wpsx_proto::{
    api::admin::v1::{
        Draft as DraftMessage, Peer as PeerMessage, Place as PlaceMessage, PublishHeader,
        PublishResponse, Published as PublishedMessage, Publisher as PublisherMessage,
        Suspect as SuspectMessage,
    },
    card::NodeCard,
    identity::Identity,
};

use crate::network::PeerState;

pub(super) fn publisher(hosted: Hosted) -> PublisherMessage {
    let identity = hosted.identity;
    PublisherMessage {
        name: identity.name().to_string(),
        title: identity.title().to_owned(),
        identity: Bytes::copy_from_slice(identity.id().as_bytes()),
        vkey: hosted.key.to_string(),
        origin: hosted.origin.to_string(),
        tree_size: hosted.tree_size,
        countries: identity
            .countries()
            .iter()
            .map(ToString::to_string)
            .collect(),
    }
}

pub(super) fn peer(peer: PeerState) -> PeerMessage {
    let endpoints = peer.card.endpoints().iter();
    PeerMessage {
        name: peer.card.name().to_string(),
        peer_id: Bytes::copy_from_slice(peer.id.as_bytes()),
        endpoints: endpoints.map(ToString::to_string).collect(),
        introduces: peer.introduces,
        kinds: peer.kinds,
        countries: peer.countries,
        turn: peer.turn,
    }
}

/// The identities that a node's card or a publisher's card carries.
///
/// # Errors
/// It is neither.
pub(super) fn identities(card: String) -> Result<Vec<Identity>, NodeError> {
    match NodeCard::verify(card.as_bytes()) {
        Ok(card) => Ok(card.publishers().to_vec()),
        Err(not_a_card) => {
            let notes = [Bytes::from(card.into_bytes())];
            let identity = Identity::verify(&notes).map_err(|not_an_identity| {
                NodeError::invalid(
                    "card",
                    format!(
                        "neither a node's card ({not_a_card}) nor a publisher's ({not_an_identity})"
                    ),
                )
            })?;
            Ok(vec![identity])
        }
    }
}

pub(crate) fn batch(header: PublishHeader) -> Batch {
    Batch {
        publisher: header.publisher,
        request_id: header.request_id,
        dry_run: header.dry_run,
        leave_withdrawn: header.leave_withdrawn,
        is_file: false,
        in_custody: header.in_custody,
        keep_values: header.keep_values,
        allow_contact: header.allow_contact.into_iter().collect(),
        columns: header.columns.into_iter().collect(),
        remembered: None,
    }
}

pub(crate) fn draft(draft: DraftMessage) -> Result<Draft, NodeError> {
    let named = !draft.record_id.is_empty();
    Ok(Draft {
        record_id: named.then(|| record_id(&draft.record_id)).transpose()?,
        kind: draft.kind,
        payload: draft.payload,
        external_id: draft.external_id,
        extent: Extent::of(&draft.fields)?,
        revision: (draft.revision > 0).then_some(draft.revision),
        place: draft.place.map(place),
        suspects: draft.suspects.into_iter().map(suspect).collect(),
        show: draft.show,
    })
}

fn place(place: PlaceMessage) -> Place {
    Place {
        file: place.file.into(),
        line: place.line,
    }
}

fn suspect(suspect: SuspectMessage) -> Suspect {
    let fault = suspect.fault.unwrap_or_default();
    Suspect {
        contact: suspect.contact,
        fault: Fault {
            field: fault.field,
            place: fault.place.map(place),
            column: fault.column,
            value: fault.value,
            rule: fault.rule,
            remedy: fault.remedy,
            ..Fault::default()
        },
    }
}

pub(super) fn published(published: Published) -> PublishedMessage {
    let id = published.record_id;
    PublishedMessage {
        record_id: id.map_or_else(Bytes::new, |id| Bytes::copy_from_slice(id.as_bytes())),
        index: published.index,
        revision: published.revision,
        unchanged: published.unchanged,
        left_withdrawn: published.left_withdrawn,
    }
}

pub(super) fn outcome(outcome: Outcome) -> PublishResponse {
    PublishResponse {
        records: outcome.records.into_iter().map(published).collect(),
        origin: outcome.origin.to_string(),
        tree_size: outcome.tree_size,
    }
}
