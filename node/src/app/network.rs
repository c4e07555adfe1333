//! The federation as the services see it.

use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use tokio::sync::mpsc;
use wpsx_domain::{NodeError, access::Sight};
use wpsx_federation::{
    Federation,
    forks::Decision,
    links::LinkState,
    peers::{PayloadFilter, Peer},
    recovery::Step,
    refusals::Side,
};
use wpsx_proto::{
    card::NodeCard,
    chain,
    erasure::ProvenErasure,
    fork::ProvenFork,
    identity::Identity,
    origin::{Origin, TlsKeyHash},
};
use wpsx_services::{
    network::{ForkState, Network, Operations, PeerState, RecoveryStep},
    state::NodeState,
};

use super::state::Observed;

/// Peers, forks and the state of the node, for the services.
pub(super) struct NodeNetwork {
    federation: Arc<Federation>,
    observed: Observed,
}

impl NodeNetwork {
    pub(super) fn new(federation: Arc<Federation>, observed: Observed) -> Self {
        Self {
            federation,
            observed,
        }
    }

    pub(super) fn observed(&self) -> &Observed {
        &self.observed
    }
}

impl Network for NodeNetwork {
    fn card(&self) -> Result<Bytes, NodeError> {
        Ok(self.federation.card().signed()?.note_bytes())
    }

    fn peer_name(&self, key: &TlsKeyHash) -> Option<String> {
        let peer = self.federation.peers().by_key(key)?;
        Some(peer.name().to_owned())
    }

    fn said_hello(
        &self,
        peer: &str,
        capabilities: Vec<String>,
        card: &[u8],
    ) -> Result<Bytes, NodeError> {
        self.federation.links().set_capabilities(peer, capabilities);
        if card.is_empty() {
            return Ok(Bytes::new());
        }
        self.federation
            .peering()
            .renew(peer, card)
            .inspect_err(|error| {
                let refusals = self.federation.refusals();
                refusals.record(peer, Side::Ours, "", "bad-card", &chain(error));
            })?;
        let held = self.federation.peers().named(peer);
        let shown = NodeCard::verify(card).map(|card| card.sequence());
        let higher = held.filter(|held| shown.is_ok_and(|shown| held.card.sequence() > shown));
        Ok(higher.map_or_else(Bytes::new, |held| held.card.note_bytes()))
    }

    fn refused_by(&self, peer: &str, origin: &str, code: &str, reason: &str) {
        let refusals = self.federation.refusals();
        refusals.record(peer, Side::Theirs, origin, code, reason);
    }

    fn refused_no_more(&self, peer: &str, origin: &str) {
        let refusals = self.federation.refusals();
        refusals.resolve(peer, Side::Theirs, origin, &[]);
    }

    fn take_fork(&self, fork: ProvenFork) -> Result<(), NodeError> {
        self.federation.forks().record(fork)
    }

    fn take_erasure(&self, erasure: ProvenErasure) -> BoxFuture<'_, Result<(), NodeError>> {
        self.federation.take_erasure(erasure)
    }

    fn is_stopped(&self, origin: &Origin) -> bool {
        self.federation.forks().stopped(origin)
    }
}

impl Operations for NodeNetwork {
    fn add_peer(&self, peer: PeerState, only_given: bool) -> Result<PeerState, NodeError> {
        let given = Peer {
            card: peer.card,
            introduces: peer.introduces,
            filter: PayloadFilter {
                kinds: peer.kinds,
                countries: peer.countries,
            },
            turn: peer.turn,
        };
        let held = self.federation.peers().named(given.name());
        let peer = match held.filter(|_| !only_given) {
            Some(held) => given.keeping(&held),
            None => given,
        };
        Ok(shown(&*self.federation.peering().add(peer)?))
    }

    fn peers(&self) -> Vec<PeerState> {
        let peers = self.federation.peers().all();
        peers.iter().map(|peer| shown(peer)).collect()
    }

    fn remove_peer(&self, name: &str) -> Result<(), NodeError> {
        self.federation.peering().remove(name)
    }

    fn follow(&self, identity: &Identity) -> Result<Origin, NodeError> {
        self.federation.follows().follow(identity)
    }

    fn drop_origin(&self, origin: Origin) -> BoxFuture<'_, Result<bool, NodeError>> {
        Box::pin(async move { self.federation.replicas().drop_replica(&origin).await })
    }

    fn is_connected(&self) -> bool {
        let peers = self.federation.peers().all();
        let mut lines = peers
            .iter()
            .map(|peer| self.federation.links().of(peer.name()));
        lines.any(|line| line.state() != LinkState::Waiting || line.dials() > 0)
    }

    fn forks(&self) -> Vec<ForkState> {
        let forks = self.federation.forks();
        let forks = forks.all().into_iter().chain(forks.of_unknown());
        let forks = forks.map(|shown| ForkState {
            origin: shown.origin,
            id: shown.id,
            evidence: shown.evidence,
            decision: shown.decision.map_or("", Decision::as_str),
            known: shown.known,
        });
        forks.collect()
    }

    fn accept_fork(
        &self,
        origin: Origin,
        other_tree: bool,
    ) -> BoxFuture<'_, Result<(), NodeError>> {
        let decision = if other_tree {
            Decision::Switch
        } else {
            Decision::Keep
        };
        Box::pin(async move { self.federation.decisions().accept(&origin, decision).await })
    }

    fn recover<'a>(
        &'a self,
        yes: bool,
        tell: &'a mpsc::Sender<RecoveryStep>,
    ) -> BoxFuture<'a, Result<(), NodeError>> {
        let (told, mut steps) = mpsc::channel(1);
        let recovery = self.federation.recovery();
        Box::pin(async move {
            let done = async {
                let done = recovery.run(yes, &told).await;
                drop(told);
                done
            };
            let telling = async {
                while let Some(step) = steps.recv().await {
                    // The command may be gone; what it began is finished.
                    let _ = tell.send(step_of(step)).await;
                }
            };
            tokio::join!(done, telling).0
        })
    }

    fn state(&self, sight: &Sight) -> Result<NodeState, NodeError> {
        self.observed.state(sight)
    }
}

fn step_of(step: Step) -> RecoveryStep {
    match step {
        Step::Shown(shown) => RecoveryStep::Shown {
            peer: shown.peer,
            origin: shown.origin,
            held: shown.held,
            size: shown.size,
            time: shown.time,
            reason: shown.reason,
        },
        Step::Pulled {
            origin,
            stored,
            total,
        } => RecoveryStep::Pulled {
            origin: origin.to_string(),
            stored,
            total,
        },
        Step::Done { entries, signs } => RecoveryStep::Done { entries, signs },
    }
}

fn shown(peer: &Peer) -> PeerState {
    PeerState {
        card: peer.card.clone(),
        id: peer.id(),
        introduces: peer.introduces,
        kinds: peer.filter.kinds.clone(),
        countries: peer.filter.countries.clone(),
        turn: peer.turn,
    }
}
