//! Who signs in the tests of notes and of checkpoints.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use wpsx_proto::{
    cosignature::Cosigner,
    note::{NoteSigner, SignatureLine},
};

pub(crate) const LOG: &str = "eu.example/wpsx/public";

pub(crate) fn signer() -> NoteSigner {
    NoteSigner::from_seed(LOG, &[1; 32]).expect("a log's name names a key")
}

pub(crate) fn cosigner(number: u8) -> Cosigner {
    let name = format!("node{number}.example");
    Cosigner::from_seed(&name, &[number; 32]).expect("a node's name names a key")
}

/// A line of a key that nobody knows.
pub(crate) fn unknown(name: &str, length: usize) -> SignatureLine {
    SignatureLine {
        name: name.to_owned(),
        key_id: [9; 4],
        signature: vec![7; length],
    }
}
