//! Finds the target of a pull: a signed checkpoint, proven to extend what is held.

use tonic::Code;
use wpsx_proto::{
    api::replication::v1::{GetConsistencyRequest, Head},
    checkpoint::VerifiedCheckpoint,
    fork::ProvenFork,
    index::TreeSize,
    proof::consistency_roots,
};

use super::{
    error::PullError,
    held::Held,
    judge::{self, Base, Judgement, Path, compare},
    options::Source,
    puller::Puller,
    transport::Transport,
};

impl<T: Transport> Puller<T> {
    /// Proves that the checkpoint of `head` extends what is `held`, asking for the
    /// consistency proof if the head does not carry the right one.
    ///
    /// # Errors
    ///
    /// If it does not: then what that means.
    pub async fn prove(&self, held: &Held, head: &Head) -> Result<VerifiedCheckpoint, PullError> {
        prove(self, held, head).await
    }
}

/// Proves that the checkpoint of `head` extends what is held.
async fn prove<T: Transport>(
    puller: &Puller<T>,
    held: &Held,
    head: &Head,
) -> Result<VerifiedCheckpoint, PullError> {
    let theirs = judge::checkpoint(head, &puller.origin, &puller.key)?;
    let base = base(held)?;
    let judgement = match compare(theirs, base.as_ref(), Path::of_head(head)?.as_ref()) {
        Judgement::Unproven(theirs) => {
            let from = base.as_ref().map_or(TreeSize::ZERO, |base| base.size);
            let path = consistency(puller, from, theirs.size()).await;
            let path = path.map_err(|error| no_proof(error, theirs.size(), from))?;
            compare(theirs, base.as_ref(), Some(&path))
        }
        judged => judged,
    };
    match judgement {
        Judgement::New(target) | Judgement::Same(target) => Ok(target),
        Judgement::Behind(theirs) | Judgement::Smaller(theirs) => {
            Err(smaller(puller, held, base.as_ref(), theirs).await)
        }
        Judgement::Fork(fork) => Err(PullError::Fork(fork)),
        Judgement::Unproven(theirs) => Err(judge::not_consistent(
            held.stored(),
            theirs.size(),
            "no proof was given",
        )),
        Judgement::Refused(refused) => Err(investigate(puller, base.as_ref(), head, refused).await),
    }
}

/// What a checkpoint means that is smaller than what is known. It is behind if the tree that
/// is known has its root at that size, which the right edge of what is stored shows, or a
/// proof; where the proof shows another root, the two checkpoints are evidence of a fork.
/// Who has no more than the smaller tree cannot prove it, and who refuses to does not: nothing
/// is taken from there, and it is not said to be behind.
async fn smaller<T: Transport>(
    puller: &Puller<T>,
    held: &Held,
    base: Option<&Base>,
    theirs: VerifiedCheckpoint,
) -> PullError {
    let behind = |ours: TreeSize| match puller.options.source {
        Source::Relay => PullError::Behind {
            theirs: theirs.size(),
            ours,
        },
        Source::Publisher => PullError::RolledBack {
            origin: puller.origin.clone(),
            theirs: theirs.size(),
            ours,
        },
    };
    let Some(base) = base else {
        return behind(TreeSize::ZERO);
    };
    let (size, root) = (theirs.size(), theirs.root());
    if size.is_empty() || size == held.stored() && root == held.frontier.root() {
        return behind(base.size);
    }
    let path = match consistency(puller, size, base.size).await {
        Ok(path) => path,
        Err(error) => {
            return match (no_proof(error, size, base.size), puller.options.source) {
                // The publisher of a log has all of it.
                (PullError::NoProof { .. }, Source::Publisher) => behind(base.size),
                (error, _) => error,
            };
        }
    };
    match consistency_roots(size, base.size, Some(root), &path.hashes) {
        Ok((old, new)) if new == base.root && old == root => return behind(base.size),
        Ok((old, new)) if new == base.root && old != root => {
            if let Some(signed) = &base.signed
                && let Judgement::Fork(fork) =
                    judge::fork_by_path(&theirs, signed, root, &path.hashes)
            {
                return PullError::Fork(fork);
            }
        }
        _ => {
            if let Some(signed) = &base.signed
                && let Some(fork) = other_history(puller, &theirs, signed).await
            {
                return PullError::Fork(Box::new(fork));
            }
        }
    }
    judge::not_consistent(
        size,
        base.size,
        "the tree that is known has another root there",
    )
}

/// What it means that no proof is given: who is asked too much is asked again.
fn no_proof(error: PullError, theirs: TreeSize, ours: TreeSize) -> PullError {
    match error {
        PullError::Declined(why) if why.code() != Code::ResourceExhausted => {
            PullError::NoProof { theirs, ours, why }
        }
        other => other,
    }
}

/// What a new head has to extend: the largest verified checkpoint, else the stored entries.
fn base(held: &Held) -> Result<Option<Base>, PullError> {
    let stored = held.stored();
    if let Some(verified) = &held.verified {
        if verified.size() < stored {
            return Err(PullError::Held {
                why: format!(
                    "{stored} entries are stored under a checkpoint of {}",
                    verified.size()
                ),
            });
        }
        return Ok(Some(Base::signed(verified)));
    }
    Ok((stored > TreeSize::ZERO).then(|| Base {
        size: stored,
        root: held.frontier.root(),
        signed: None,
    }))
}

async fn consistency<T: Transport>(
    puller: &Puller<T>,
    from: TreeSize,
    to: TreeSize,
) -> Result<Path, PullError> {
    let request = GetConsistencyRequest {
        origin: puller.origin.to_string(),
        from_size: from.value(),
        to_size: to.value(),
    };
    let mut client = puller.client.clone();
    let answer = puller.options.wait(client.get_consistency(request)).await?;
    Ok(Path {
        from,
        hashes: judge::hashes(&answer.into_inner().proof)?,
    })
}

/// A consistency proof from a size that is a power of two does not carry the old root,
/// so that a failed one cannot tell a lie from a fork. The proof from one entry
/// further carries that root: if it leads to the new checkpoint, both are evidence.
async fn investigate<T: Transport>(
    puller: &Puller<T>,
    base: Option<&Base>,
    head: &Head,
    refused: PullError,
) -> PullError {
    let signed = base.and_then(|base| base.signed.as_ref());
    let theirs = judge::checkpoint(head, &puller.origin, &puller.key);
    if let (Some(small), Ok(large)) = (signed, &theirs)
        && let Some(fork) = other_history(puller, small, large).await
    {
        return PullError::Fork(Box::new(fork));
    }
    refused
}

/// Evidence that the tree of `large` has another root where `small` ends, at a power of two.
async fn other_history<T: Transport>(
    puller: &Puller<T>,
    small: &VerifiedCheckpoint,
    large: &VerifiedCheckpoint,
) -> Option<ProvenFork> {
    let size = small.size();
    let beyond = size.plus(1);
    if !size.value().is_power_of_two() || large.size() <= beyond {
        return None;
    }
    let path = consistency(puller, beyond, large.size()).await.ok()?;
    let (_, root) = consistency_roots(beyond, large.size(), None, &path.hashes).ok()?;
    // The lone entry, its right siblings within the next power of two, then
    // everything before it.
    let beside = large.size().value().min(size.value() * 2) - size.value();
    let other = *path
        .hashes
        .get(1 + beside.next_power_of_two().ilog2() as usize)?;
    if root != large.root() || other == small.root() {
        return None;
    }
    let path = consistency(puller, size, large.size()).await.ok()?;
    let path = ProvenFork::evidence_path(size, other, &path.hashes);
    ProvenFork::path(small.clone(), large.clone(), &path).ok()
}
