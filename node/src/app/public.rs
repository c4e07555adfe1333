//! The network as the observatory's pages show it: public logs alone, and of peers what
//! concerns these.

use std::{fmt, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;
use wpsx_client::clock::monotonic;
use wpsx_domain::{NodeError, access::Sight, served::ServedLog};
use wpsx_federation::{forks::Decision, refusals::Side};
use wpsx_observatory::{Attestation, Holes, Network, NetworkLog, NetworkState, Refused, Stopped};
use wpsx_proto::origin::Origin;
use wpsx_store::{LogHandle, Part};

use super::{hosts::Hosts, network::NodeNetwork};

/// How old an answer may be that is given again: every page may ask, and checking who
/// cosigned what takes work.
const FRESH: Duration = Duration::from_millis(500);

/// Tells the pages of the network.
pub(super) struct PublicNetwork {
    network: Arc<NodeNetwork>,
    told: Mutex<Option<(Instant, NetworkState)>>,
}

impl PublicNetwork {
    pub(super) fn new(network: Arc<NodeNetwork>) -> Self {
        Self {
            network,
            told: Mutex::default(),
        }
    }
}

impl Network for PublicNetwork {
    fn state(&self, sight: &Sight) -> Result<NetworkState, NodeError> {
        // One asks at a time, and those who waited take what it was told. Pages ask as
        // everybody, so that one answer is for all of them.
        let mut told = self.told.lock();
        if let Some((at, state)) = &*told
            && monotonic().duration_since(*at) < FRESH
        {
            return Ok(state.clone());
        }
        let state = self.network.observed().public(sight)?;
        *told = Some((monotonic(), state.clone()));
        Ok(state)
    }
}

impl fmt::Debug for PublicNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicNetwork").finish_non_exhaustive()
    }
}

impl super::state::Observed {
    /// The logs that `sight` admits, as the pages show them.
    fn public(&self, sight: &Sight) -> Result<NetworkState, NodeError> {
        let mut hosts = Hosts::of(&self.federation);
        let served = sight.logs().into_iter();
        let held = served.filter_map(|log| Some((self.store.log(log.origin())?, log)));
        let logs = held.map(|(log, served)| self.public_log(sight, &log, &served, &mut hosts));
        let mut logs: Vec<NetworkLog> = logs.collect();
        let damaged = sight.damage().into_iter().filter(|it| it.part == Part::Log);
        logs.extend(damaged.map(|damage| NetworkLog {
            publisher: publisher(damage.origin.as_ref()),
            origin: damage.log_name(),
            is_own: damage.own == Some(true),
            stopped: Some(Stopped::Damaged),
            ..NetworkLog::default()
        }));
        Ok(NetworkState {
            now: self.clock.unix_ms() / 1000,
            logs,
            unlisted: self.records.index().behind(),
        })
    }

    fn public_log(
        &self,
        sight: &Sight,
        log: &LogHandle,
        served: &ServedLog,
        hosts: &mut Hosts,
    ) -> NetworkLog {
        // Whatever is wrong with the views, the rest is told.
        let counts = self.records.kept_count(sight, served).unwrap_or_default();
        let head = log.head();
        let cosigners = self.federation.cosigners();
        let cosignatures = head.as_ref().map(|head| head.cosignatures(&cosigners));
        let cosignatures = cosignatures.unwrap_or_default();
        let hosted = hosts.stamps(log);
        let (seen, ahead) = self.seen(hosted.as_deref(), &cosignatures);
        let entries = log.stored().value();
        let known = log.pending().map_or(0, |pending| pending.size().value());
        let holes = log.holes();
        let identity = log.identity();
        NetworkLog {
            origin: log.origin().to_string(),
            publisher: publisher(Some(log.origin())),
            title: identity.title().to_owned(),
            is_own: log.is_own(),
            entries,
            known: known.max(entries),
            records: counts.records,
            seen,
            ahead,
            attested: cosignatures
                .into_iter()
                .map(|cosignature| Attestation {
                    by: cosignature.name,
                    time: cosignature.time,
                })
                .collect(),
            holes: Holes {
                erased: holes.erased,
                filtered: holes.filtered,
                not_held: holes.not_held,
                unreadable: counts.unreadable,
            },
            stopped: self.stands_still(log),
            refused: self.refused(log.origin()),
        }
    }

    fn stands_still(&self, log: &LogHandle) -> Option<Stopped> {
        let forks = self.federation.forks();
        if log.contradiction().is_some() {
            return Some(Stopped::NotSigned);
        }
        if forks.stopped(log.origin()) {
            return Some(Stopped::Fork);
        }
        let switched = forks.decision(log.origin()) == Some(Decision::Switch);
        switched.then_some(Stopped::Switched)
    }

    /// What was refused of a log, with any peer.
    fn refused(&self, origin: &Origin) -> Vec<Refused> {
        let refusals = self.federation.refusals();
        let mut found = Vec::new();
        for peer in self.federation.peers().all() {
            for (side, by_peer) in [(Side::Ours, false), (Side::Theirs, true)] {
                let of_log = refusals.of(peer.name(), side).into_iter();
                let of_log = of_log.filter(|refusal| refusal.origin == origin.as_str());
                found.extend(of_log.map(|refusal| Refused {
                    peer: peer.name().to_owned(),
                    by_peer,
                    code: refusal.code,
                    time: refusal.time / 1000,
                    count: refusal.count,
                }));
            }
        }
        found
    }
}

fn publisher(origin: Option<&Origin>) -> String {
    let publisher = origin.and_then(Origin::publisher);
    publisher.map_or_else(String::new, |name| name.to_string())
}
