//! The card of a made-up node, signed by its key.

use wpsx_proto::{
    card::{CardParts, NodeCard},
    cosignature::Cosigner,
    hash::Hash,
    note::NoteSigner,
    origin::{NodeName, TlsKeyHash},
};

use super::NOW;

const NAME: &str = "node.au.example";

/// Its text.
pub(crate) fn card() -> String {
    let cosigner = Cosigner::from_seed(NAME, &[5; 32]).unwrap();
    let parts = CardParts {
        name: NodeName::parse(NAME).unwrap(),
        tls_key: TlsKeyHash::from_hash(Hash::of(b"a key")),
        cosigner: cosigner.verifier_key(),
        endpoints: vec!["https://au.example:7443".to_owned()],
        mirrors: Vec::new(),
        publishers: Vec::new(),
        time: NOW,
        sequence: 1,
    };
    let signer = NoteSigner::from_seed(NAME, &[6; 32]).unwrap();
    let card = NodeCard::sign(parts, &signer).unwrap();
    String::from_utf8(card.note_bytes().to_vec()).unwrap()
}
