//! What two nodes tell each other of heads: how many at once, and by which short hash
//! they know a signed note (`wpsx.replication.v1.KnownHead`).

use sha2::{Digest as _, Sha256};

/// Heads in one answer, and logs that a caller may name in one call.
pub const MOST_HEADS: usize = 1_000;

/// The bytes of a [`note_hash`].
pub const NOTE_HASH: usize = 8;

/// The first 8 bytes of SHA-256 of a signed note: enough to see that a head is news,
/// and never taken for a proof.
pub fn note_hash(note: &[u8]) -> [u8; NOTE_HASH] {
    let digest: [u8; 32] = Sha256::digest(note).into();
    let mut short = [0; NOTE_HASH];
    short.copy_from_slice(&digest[..NOTE_HASH]);
    short
}
