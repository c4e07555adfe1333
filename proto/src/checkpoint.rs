//! Checkpoints (C2SP tlog-checkpoint): the signed head of one log, with whatever
//! cosignatures came along.
//!
//! Bytes become a [`SignedCheckpoint`], and with the log's key a
//! [`VerifiedCheckpoint`]; there is no other way to one but to sign it. The log's own
//! line comes first, every key has one line, and lines of unknown keys are passed on.

mod signed;
mod text;

pub use self::{
    signed::{SignedCheckpoint, VerifiedCheckpoint},
    text::{Checkpoint, CheckpointError, MAX_TREE_SIZE},
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cosignature::Cosigner, hash::Hash, index::TreeSize, note::NoteSigner, origin::Origin,
    };

    fn origin() -> Origin {
        Origin::parse("eu.example/wpsx/public").unwrap()
    }

    fn signer() -> NoteSigner {
        NoteSigner::from_seed("eu.example/wpsx/public", &[1; 32]).unwrap()
    }

    fn signed(size: u64, root: Hash) -> VerifiedCheckpoint {
        let size = TreeSize::new(size);
        VerifiedCheckpoint::sign(
            Checkpoint {
                origin: origin(),
                size,
                root,
            },
            &signer(),
        )
        .unwrap()
    }

    #[test]
    fn a_signed_checkpoint_is_read_back() {
        let mut checkpoint = signed(3, Hash::of(b"root"));
        let cosigner = Cosigner::from_seed("node.example", &[2; 32]).unwrap();
        checkpoint.cosign(&cosigner, 1_679_315_147);
        let bytes = checkpoint.note_bytes();
        let read = SignedCheckpoint::parse(&bytes).unwrap();
        let read = read.verify(&signer().verifier_key()).unwrap();
        assert_eq!(read, checkpoint);
        let cosignatures = read.cosignatures(&[cosigner.verifier_key()]);
        assert_eq!(cosignatures.len(), 1);
        assert_eq!(cosignatures[0].time, 1_679_315_147);
    }
}
