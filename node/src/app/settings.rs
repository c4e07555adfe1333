//! What the operator set, as each part takes it.

use wpsx_doors::config::Config;
use wpsx_federation::Choice;
use wpsx_listen::Limits;

/// What callers may use of this machine.
pub(super) fn limits(config: &Config) -> Limits {
    let set = &config.limits;
    let usual = Limits::default();
    Limits {
        connections: set.connections,
        strangers: (set.connections * 3 / 4).max(1),
        opening: (set.connections / 4).max(16),
        connections_per_address: set.connections_per_address,
        streams: set.streams,
        handshake: set.handshake,
        proxies: config.site.proxies.clone(),
        ..usual
    }
}

/// Which payloads are fetched from peers.
pub(super) fn choice(config: &Config) -> Choice {
    let set = &config.replication;
    Choice {
        kinds: set.kinds.clone(),
        countries: set.countries.clone(),
        max_payload: set.max_payload,
    }
}
