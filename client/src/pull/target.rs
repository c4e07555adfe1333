//! Finds the target of a pull: a signed checkpoint, proven to extend what is held.

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
            let path = consistency(puller, from, theirs.size()).await?;
            compare(theirs, base.as_ref(), Some(&path))
        }
        judged => judged,
    };
    match judgement {
        Judgement::New(target) | Judgement::Same(target) => Ok(target),
        Judgement::Behind(theirs) => {
            let ours = base.map_or(TreeSize::ZERO, |base| base.size);
            Err(match puller.options.source {
                Source::Relay => PullError::Behind {
                    theirs: theirs.size(),
                    ours,
                },
                Source::Publisher => PullError::RolledBack {
                    origin: puller.origin.clone(),
                    theirs: theirs.size(),
                    ours,
                },
            })
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
    match other_history(puller, base, head).await {
        Some(fork) => PullError::Fork(Box::new(fork)),
        None => refused,
    }
}

async fn other_history<T: Transport>(
    puller: &Puller<T>,
    base: Option<&Base>,
    head: &Head,
) -> Option<ProvenFork> {
    let base = base.filter(|base| base.size.value().is_power_of_two())?;
    let small = base.signed.as_ref()?;
    let large = judge::checkpoint(head, &puller.origin, &puller.key).ok()?;
    let beyond = base.size.plus(1);
    if large.size() <= beyond {
        return None;
    }
    let path = consistency(puller, beyond, large.size()).await.ok()?;
    let (_, root) = consistency_roots(beyond, large.size(), None, &path.hashes).ok()?;
    // The lone entry, its right siblings within the next power of two, then
    // everything before it.
    let beside = large.size().value().min(base.size.value() * 2) - base.size.value();
    let other = *path
        .hashes
        .get(1 + beside.next_power_of_two().ilog2() as usize)?;
    if root != large.root() || other == base.root {
        return None;
    }
    let path = consistency(puller, base.size, large.size()).await.ok()?;
    let path = ProvenFork::evidence_path(base.size, other, &path.hashes);
    ProvenFork::path(small.clone(), large, &path).ok()
}
