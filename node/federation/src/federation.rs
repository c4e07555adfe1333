//! The federation of one node as the root makes it and holds it.

use std::sync::Arc;

use axum::Router;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use wpsx_client::{clock::Clock, random::Random, tls::TlsIdentity};
use wpsx_domain::{
    NodeError,
    publishing::{ErasedNames, MaySign, PublisherKeys},
    quiet::{Quiet, brief},
};
use wpsx_listen::{AcceptedTurn, Caller, Connections, OnTurned};
use wpsx_proto::{card::NodeCard, erasure::ProvenErasure, identity::Identity, note::VerifierKey};
use wpsx_store::Store;

use crate::{
    after_restore,
    ahead::Ahead,
    card::{CardSource, OwnCard},
    choice::Choice,
    compare::Compare,
    context::Context,
    dialling::Dialling,
    erasures,
    follows::Follows,
    fork_decisions::ForkDecisions,
    forks::Forks,
    inbox::Inbox,
    kept_erasures::KeptErasures,
    lease::Leases,
    links::Links,
    movements::Movements,
    peering::{Peering, PeeringParts},
    peers::Peers,
    recovery::Recovery,
    refusals::Refusals,
    replicas::Replicas,
    run::Run,
};

/// What a federation is made of.
pub struct FederationParts {
    /// The logs.
    pub store: Store,
    /// This node on its card.
    pub card: CardSource,
    /// This node's certificate on the lines that it opens.
    pub tls_identity: Arc<TlsIdentity>,
    /// The HTTP CONNECT proxy for them: `http://host:port`.
    pub proxy: Option<String>,
    /// Which payloads are fetched.
    pub choice: Choice,
    /// The connections that others opened to us.
    pub connections: Connections,
    /// The own ids of erased records of our own logs.
    pub erased_names: Arc<ErasedNames>,
    /// The keys of the publishers, also of those whose logs are lost.
    pub keys: Arc<dyn PublisherKeys>,
    /// The time on evidence and refusals.
    pub clock: Clock,
    /// Spreads waits.
    pub random: Random,
}

/// Peers and what is exchanged with them.
pub struct Federation {
    context: Arc<Context>,
    decisions: ForkDecisions,
    replicas: Replicas,
    gate: Arc<Compare>,
    recovery: Recovery,
    inbox: Inbox,
}

impl Federation {
    /// Reads what is kept of peers. Starts nothing.
    ///
    /// # Errors
    /// A stored peer, or evidence of a fork, cannot be read.
    pub fn open(parts: FederationParts) -> Result<Self, NodeError> {
        let store = parts.store;
        let state = store.state().clone();
        let peers = Arc::new(Peers::open(state.clone())?);
        let movements = Movements::new(store.clone(), parts.clock.clone());
        let refusals = Arc::new(Refusals::open(state.clone(), parts.clock.clone()));
        let links = Arc::new(Links::new(parts.clock.clone()));
        let ahead = Ahead::open(store.clone(), parts.clock.clone())?;
        let clock = parts.clock.clone();
        let erasures = KeptErasures::open(state.clone())?;
        let forks = Forks::open(state, parts.clock, |origin| {
            store.log(origin).map(|log| log.key())
        })?;
        let forks = Arc::new(forks);
        let leases = Arc::new(Leases::default());
        let follows = Follows::new(store.clone(), forks.clone());
        let dialling = Arc::new(Dialling::new(parts.tls_identity, parts.proxy));
        let card = Arc::new(OwnCard::new(parts.card, store.clone()));
        let peering = Arc::new(Peering::new(PeeringParts {
            name: card.name().clone(),
            tls_key: card.tls_key(),
            store: store.clone(),
            peers: peers.clone(),
            links: links.clone(),
            refusals: refusals.clone(),
            dialling: dialling.clone(),
            follows: follows.clone(),
            connections: parts.connections.clone(),
            clock,
        }));
        let replicas = Replicas::new(
            store.clone(),
            forks.clone(),
            leases.clone(),
            follows.clone(),
            peers.clone(),
        );
        let decisions = ForkDecisions::new(
            store.clone(),
            forks.clone(),
            leases.clone(),
            follows.clone(),
            replicas.clone(),
        );
        decisions.finish()?;
        let context = Arc::new(Context {
            store,
            peers,
            peering,
            links,
            refusals,
            forks,
            erasures,
            ahead,
            names: parts.erased_names,
            leases,
            healing: tokio::sync::Mutex::default(),
            follows,
            dialling,
            card,
            connections: parts.connections,
            choice: parts.choice,
            random: parts.random,
            movements,
            quiet: Quiet::default(),
        });
        Ok(Self {
            gate: Arc::new(Compare::new(context.clone())),
            recovery: Recovery::new(context.clone(), parts.keys),
            context,
            decisions,
            replicas,
            inbox: Inbox::default(),
        })
    }

    /// This node's own card.
    pub fn card(&self) -> &OwnCard {
        &self.context.card
    }

    /// The peers that the operator added.
    pub fn peers(&self) -> &Arc<Peers> {
        &self.context.peers
    }

    /// Adding, renewing and removing them.
    pub fn peering(&self) -> &Peering {
        &self.context.peering
    }

    /// The lines to them.
    pub fn links(&self) -> &Links {
        &self.context.links
    }

    /// Answers that were refused, on both sides.
    pub fn refusals(&self) -> &Refusals {
        &self.context.refusals
    }

    /// When the logs last grew.
    pub fn movements(&self) -> &Movements {
        &self.context.movements
    }

    /// Evidence of forks.
    pub fn forks(&self) -> &Forks {
        &self.context.forks
    }

    /// Deciding forks.
    pub fn decisions(&self) -> &ForkDecisions {
        &self.decisions
    }

    /// Dropping copies of others' logs.
    pub fn replicas(&self) -> &Replicas {
        &self.replicas
    }

    /// Getting the missing part of own logs back.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// The logs that are followed.
    pub fn follows(&self) -> &Follows {
        &self.context.follows
    }

    /// The cosigner keys that this node can check: its own and its peers'.
    pub fn cosigners(&self) -> Vec<VerifierKey> {
        self.context.cosigners()
    }

    /// The publishers on the card of a node, which is named by its name or by that of its
    /// cosigner; none where no card of it is here.
    pub fn hosted(&self, node: &str) -> Vec<Identity> {
        let is_it =
            |card: &NodeCard| card.name().as_str() == node || card.cosigner().name() == node;
        let own = self.context.card.signed().ok();
        let own = own.filter(|card| is_it(card));
        let found = own.map(|card| card.publishers().to_vec()).or_else(|| {
            let peers = self.context.peers.all();
            let peer = peers.iter().find(|peer| is_it(&peer.card));
            peer.map(|peer| peer.card.publishers().to_vec())
        });
        found.unwrap_or_default()
    }

    /// Says whether own logs may be signed.
    pub fn gate(&self) -> Arc<dyn MaySign> {
        self.gate.clone()
    }

    /// Takes the connections on which a peer that dialled us wants to be asked.
    pub fn turned(self: &Arc<Self>) -> OnTurned {
        let own = self.clone();
        Arc::new(move |io, caller| {
            let own = own.clone();
            tokio::spawn(async move {
                let taken = tokio::spawn(async move { own.take_turned(io, caller).await });
                if taken.await.is_err_and(|error| error.is_panic()) {
                    tracing::error!("a turned connection was dropped: taking it ended in a panic");
                }
            });
        })
    }

    /// The task of the peer takes it.
    async fn take_turned(&self, io: AcceptedTurn, caller: Caller) {
        let Some(peer) = caller.key().and_then(|key| self.context.peers.by_key(key)) else {
            return;
        };
        match self.context.dialling.over_turned(io, &caller, &peer).await {
            Ok(connection) => {
                if !self.inbox.offer(&peer.id(), connection.clone()) {
                    connection.close();
                }
            }
            Err(error) => {
                if let Some(left_out) = self.context.quiet.may_say(peer.name(), "turned") {
                    let error = brief(&error);
                    tracing::info!(
                        peer = peer.name(),
                        error,
                        left_out,
                        "turned connection failed"
                    );
                }
            }
        }
    }

    /// After a restore: resolves when every peer that can be dialled was asked what was
    /// erased since the backup, and that is destroyed. At once where nothing is due.
    pub fn asked_after_restore(&self) -> Option<BoxFuture<'static, ()>> {
        let context = self.context.clone();
        let is_due = after_restore::is_due(&context);
        is_due.then(|| -> BoxFuture<'static, ()> {
            Box::pin(async move { after_restore::ask(&context).await })
        })
    }

    /// Carries out what a peer proved to be erased in a signed tree of a log, and passes
    /// it on.
    ///
    /// # Errors
    /// The log is not here, or the store does not write.
    pub fn take_erasure(&self, erasure: ProvenErasure) -> BoxFuture<'_, Result<(), NodeError>> {
        Box::pin(erasures::take(&self.context, erasure))
    }

    /// Exchanges with the peers until `stop`. `services` is what they call on turned
    /// connections, of which each peer is offered one where this node `listens` on nothing.
    ///
    /// # Panics
    /// A task of one peer did: whoever runs this ends the node with a sentence.
    pub fn run(
        &self,
        services: Router,
        listens: bool,
        stop: CancellationToken,
    ) -> BoxFuture<'static, ()> {
        let run = Run {
            context: self.context.clone(),
            inbox: self.inbox.clone(),
            services,
            listens,
            stop,
        };
        Box::pin(run.run())
    }
}

impl std::fmt::Debug for Federation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Federation")
            .field("node", self.context.card.name())
            .finish_non_exhaustive()
    }
}
