//! The cards of test nodes.

use bytes::Bytes;
use wpsx_proto::{
    card::{CardParts, NodeCard},
    cosignature::Cosigner,
    hash::Hash,
    origin::{NodeName, TlsKeyHash},
};

use super::log::{TestLog, signer};

/// The card of a node that hosts the publishers of these logs and cannot be dialled.
pub(super) fn card_of(logs: &[TestLog]) -> Bytes {
    let name = NodeName::parse("node.example").expect("a DNS-like name");
    card_at(
        logs,
        &name,
        TlsKeyHash::from_hash(Hash::of(b"no key")),
        Vec::new(),
    )
}

/// The card of a node that hosts the publishers of these logs.
pub(super) fn card_at(
    logs: &[TestLog],
    name: &NodeName,
    tls_key: TlsKeyHash,
    endpoints: Vec<String>,
) -> Bytes {
    let seed = Hash::of(name.as_str().as_bytes());
    let cosigner = Cosigner::from_seed(name.as_str(), seed.as_bytes()).expect("a key name");
    let parts = CardParts {
        tls_key,
        cosigner: cosigner.verifier_key(),
        endpoints,
        mirrors: Vec::new(),
        time: 1_700_000_000_000,
        sequence: 0,
        publishers: logs.iter().map(|log| log.identity().clone()).collect(),
        name: name.clone(),
    };
    let card = NodeCard::sign(parts, &signer(name.as_str(), "node"));
    card.expect("a sound card").note_bytes()
}
