//! Mending what is damaged here with what peers hold.
//!
//! What is damaged of own logs and of others is asked of each connected peer, over the
//! line that is there anyway, and checked against our own tree before it takes its place.
//! A peer that does not have it is asked again after an hour, or when it comes back.

use std::{collections::BTreeMap, convert::Infallible, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wpsx_client::{clock::monotonic, pull::Puller};
use wpsx_proto::{
    api::replication::v1::GetIdentityRequest,
    chain,
    identity::Identity,
    index::{BUNDLE, LeafIndex, TreeSize},
    origin::Origin,
};
use wpsx_store::{Damage, LogHandle, Mending, Part, StoreError};

use crate::{
    context::Context,
    fill::{Asked, fill},
    line::{Line, bounded},
    refusals::Side,
};

/// A peer that did not have what is missing is asked again after this time.
const ASK_AGAIN: Duration = Duration::from_secs(3600);
/// A peer that did not hold a payload may be mending its own: it is asked again soon, and
/// each time after twice the wait, until that is an hour.
const ASK_SOON: Duration = Duration::from_secs(5);

/// Mends by itself what needs no peer, until `stop`.
pub(crate) async fn mend_alone(store: wpsx_store::Store, stop: CancellationToken) {
    let mut changes = store.damage_changes();
    loop {
        changes.mark_unchanged();
        if let Err(error) = store.mend_files().await {
            tracing::warn!(error = chain(&error), "not all files were mended");
        }
        for damage in store.damage() {
            if let Err(error) = store.mend(&damage).await {
                tracing::warn!(%damage, error = chain(&error), "not mended");
            }
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = stop.cancelled() => return,
        }
    }
}

/// Asks the peer of this line for what is damaged here, now and whenever something is.
pub(crate) async fn heal(line: &Line) -> Infallible {
    let store = &line.context.store;
    let mut changes = store.damage_changes();
    let mut healing = Healing {
        line,
        round: store.rounds(),
        asked: BTreeMap::new(),
        holes: BTreeMap::new(),
    };
    loop {
        changes.mark_unchanged();
        if store.rounds() != healing.round {
            healing = Healing {
                round: store.rounds(),
                asked: BTreeMap::new(),
                holes: BTreeMap::new(),
                ..healing
            };
        }
        for damage in store.damage() {
            healing.mend(&damage).await;
        }
        for log in store.logs() {
            healing.fill(&log).await;
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() {
                // The store is gone, and the line with it in a moment.
                std::future::pending::<()>().await;
            },
            () = tokio::time::sleep(ASK_SOON) => {}
        }
    }
}

/// What one peer was asked for over one line.
struct Healing<'a> {
    line: &'a Line,
    /// How often the operator had wanted all peers to be asked when this one was.
    round: u64,
    asked: BTreeMap<(u32, Part), Instant>,
    /// What it was asked for of payloads, by log.
    holes: BTreeMap<u32, Lacking>,
}

/// How many payloads a log lacked when a peer was asked for them.
struct Lacking {
    holes: u64,
    since: Instant,
    /// When it is asked again.
    wait: Duration,
}

impl Healing<'_> {
    async fn mend(&mut self, damage: &Damage) {
        let context = &self.line.context;
        let key = (damage.log, damage.part);
        let fresh = |since: &Instant| since.elapsed() < ASK_AGAIN;
        if self.asked.get(&key).is_some_and(fresh) {
            return;
        }
        // One peer after the other, so that nothing is fetched twice.
        let _turn = context.healing.lock().await;
        if !is_listed(context, damage) {
            return;
        }
        let done = match context.store.mend(damage).await {
            Ok(Mending::Done) => return,
            Ok(Mending::Entries { bundle, end }) => self.entries(damage, bundle, end).await,
            Ok(Mending::Identity) => self.identity(damage).await,
            Ok(Mending::Nothing) => return,
            Err(error) => Err(chain(&error)),
        };
        let peer = self.line.peer.name();
        match done {
            Ok(()) => tracing::info!(%damage, peer, "mended with what the peer holds"),
            Err(reason) => {
                tracing::debug!(%damage, peer, reason, "the peer does not mend this");
                self.asked.insert(key, monotonic());
            }
        }
    }

    async fn entries(&self, damage: &Damage, bundle: u64, end: u64) -> Result<(), String> {
        let line = self.line;
        let origin = damage.origin.as_ref().ok_or("its name is not known")?;
        let key = match line.context.store.log(origin) {
            Some(log) => log.key(),
            // Nothing that is signed is asked for.
            None => line.context.card.cosigner().clone(),
        };
        let puller = Puller::new(line.connection.clone(), origin.clone(), key)
            .with_options(line.pull_options());
        let start = LeafIndex::new(bundle * BUNDLE);
        let fetched = puller.unchecked_entries(start, TreeSize::new(end)).await;
        let entries = fetched.map_err(|e| chain(&e))?;
        let mended = line.context.store.mend_entries(damage, bundle, &entries);
        mended.await.map_err(|error| {
            if let StoreError::Differs(_) = error {
                self.refuse(
                    origin,
                    "bad-entries",
                    "entries for a repair that are not those of the log",
                );
            }
            chain(&error)
        })
    }

    async fn identity(&self, damage: &Damage) -> Result<(), String> {
        let line = self.line;
        let origin = damage.origin.as_ref().ok_or("its name is not known")?;
        let request = GetIdentityRequest {
            origin: origin.to_string(),
        };
        let mut client = line.client();
        let answer = match bounded(client.get_identity(request)).await {
            Ok(Ok(answer)) => answer.into_inner(),
            Ok(Err(status)) => return Err(status.message().to_owned()),
            Err(_) => return Err("the peer did not answer in time".to_owned()),
        };
        let identity = Identity::verify(&answer.operations).map_err(|e| chain(&e))?;
        let identified = line.context.store.identify(damage, identity).await;
        identified.map_err(|error| chain(&error))
    }

    /// Asks for the payloads that a log lacks, when it lacks more than before or it is time.
    async fn fill(&mut self, log: &LogHandle) {
        let line = self.line;
        let holes = log.holes().not_held;
        if holes == 0 || line.context.forks.stopped(log.origin()) {
            self.holes.remove(&log.number());
            return;
        }
        // What a replica lacks when the line begins is asked for with its head.
        let first = Lacking {
            holes: if log.is_own() { 0 } else { holes },
            since: monotonic(),
            wait: ASK_SOON,
        };
        let lacking = self.holes.entry(log.number()).or_insert(first);
        if holes <= lacking.holes && lacking.since.elapsed() < lacking.wait {
            return;
        }
        let lease = line.context.leases.take(log.origin()).await;
        // A peer that fails in this fails elsewhere too, where it is told.
        let _ = fill(line, log, &lease, &mut Asked::nothing()).await;
        let left = log.holes().not_held;
        *lacking = Lacking {
            holes: left,
            since: monotonic(),
            wait: match left < holes {
                true => ASK_SOON,
                false => (2 * lacking.wait).min(ASK_AGAIN),
            },
        };
    }

    fn refuse(&self, origin: &Origin, code: &'static str, reason: &str) {
        let refusals = &self.line.context.refusals;
        refusals.record(
            self.line.peer.name(),
            Side::Ours,
            origin.as_str(),
            code,
            reason,
        );
    }
}

fn is_listed(context: &Context, damage: &Damage) -> bool {
    let mut listed = context.store.damage().into_iter();
    listed.any(|it| (it.log, it.part) == (damage.log, damage.part))
}
