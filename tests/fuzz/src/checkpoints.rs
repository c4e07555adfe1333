//! Checkpoints, and what carries them: evidence of forks and erasures, and proof files.

use prost::Message as _;
use wpsx_proto::{
    api::log::v1 as api,
    checkpoint::{Checkpoint, SignedCheckpoint, VerifiedCheckpoint},
    erasure::ProvenErasure,
    fork::ProvenFork,
    hash::Hash,
    note::{MAX_NOTE, NoteSigner},
    tlog_proof::TlogProof,
};

use crate::notes::{SEED, signed};

/// A checkpoint that its log signed, from bytes that at least have its text.
fn verified(bytes: &[u8]) -> Option<VerifiedCheckpoint> {
    let note = signed(bytes, |text| text.lines().next(), MAX_NOTE)?;
    let checkpoint = SignedCheckpoint::parse(&note).ok()?;
    let origin = checkpoint.origin().as_str();
    let key = NoteSigner::from_seed(origin, &SEED).ok()?.verifier_key();
    checkpoint.verify(&key).ok()
}

/// A checkpoint that is written again verifies as the same one.
pub fn checkpoint(bytes: &[u8]) -> bool {
    let _ = SignedCheckpoint::parse(bytes);
    let Some(checkpoint) = verified(bytes) else {
        return false;
    };
    let again = SignedCheckpoint::parse(&checkpoint.note_bytes());
    let again = again.and_then(|again| again.verify(checkpoint.key()));
    assert_eq!(again.as_ref(), Ok(&checkpoint));
    let said = Checkpoint::parse(checkpoint.text()).expect("it was read before");
    assert!(checkpoint.text().starts_with(&said.text()));
    assert_eq!(
        (said.origin, said.size, said.root),
        (
            checkpoint.origin().clone(),
            checkpoint.size(),
            checkpoint.root()
        )
    );
    let claimed = checkpoint.claimed_cosigners();
    let keys: Vec<_> = claimed
        .iter()
        .filter_map(|name| Some(NoteSigner::from_seed(name, &SEED).ok()?.verifier_key()))
        .collect();
    assert!(checkpoint.cosignatures(&keys).len() <= keys.len());
    let mut merged = checkpoint.clone();
    assert!(!merged.merge(&checkpoint, &keys), "nothing new came");
    assert_eq!(merged, checkpoint);
    true
}

/// Evidence that was found true is true again as it is passed on, with the same id.
pub fn fork(bytes: &[u8]) -> bool {
    let Ok(mut evidence) = api::ForkEvidence::decode(bytes) else {
        return false;
    };
    let (Some(small), Some(large)) = (verified(&evidence.small), verified(&evidence.large)) else {
        return false;
    };
    (evidence.small, evidence.large) = (small.note_bytes(), large.note_bytes());
    let Ok(fork) = ProvenFork::check(&evidence, small.key()) else {
        return false;
    };
    let passed_on = fork.to_api(evidence.found_time);
    let again = ProvenFork::check(&passed_on, small.key()).expect("what was found true");
    assert_eq!(again.id(), fork.id());
    assert_eq!(again.to_api(evidence.found_time), passed_on);
    true
}

/// Evidence of what a log erased is the same as it is passed on.
pub fn erasure(bytes: &[u8]) -> bool {
    let Ok(mut evidence) = api::ErasureEvidence::decode(bytes) else {
        return false;
    };
    let Some(head) = verified(&evidence.checkpoint) else {
        return false;
    };
    evidence.checkpoint = head.note_bytes();
    let Ok(erasure) = ProvenErasure::check(&evidence, head.key()) else {
        return false;
    };
    let passed_on = erasure.to_api();
    let again = ProvenErasure::check(&passed_on, head.key()).expect("what was found true");
    assert_eq!(again.id(), erasure.id());
    assert_eq!(again.to_api(), passed_on);
    true
}

/// A proof file has one text. What it proves of any entry is said without a panic.
pub fn tlog_proof(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let Ok(proof) = TlogProof::parse(text) else {
        return false;
    };
    assert_eq!(proof.to_string(), text);
    let checkpoint = text.split_once("\n\n").map(|(_, rest)| rest);
    if let Some(checkpoint) = checkpoint.and_then(|note| verified(note.as_bytes())) {
        let _ = proof.verify(Hash::leaf(bytes), checkpoint.key());
    }
    true
}
