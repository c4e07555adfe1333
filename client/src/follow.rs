//! Follows a whole log from a cursor: every entry, in order, none left out.

mod cursor;
mod entries;
mod heads;

use std::{collections::VecDeque, sync::Arc};

use futures::Stream;
use wpsx_proto::{checkpoint::VerifiedCheckpoint, hash::Hash, origin::Origin};

pub use self::cursor::Cursor;
use self::entries::entries;
pub(crate) use self::heads::Heads;
use crate::{
    Client, ClientError, Complete, Connection, Entry,
    pull::{Held, Pull, PullError, Step, Transport, nothing_erased, verify_note},
};

/// What a follower is told, in order.
#[derive(Debug)]
pub enum Followed {
    /// The next entry. No entry before it was left out, and every later revision of its
    /// record is still to come.
    Entry(Complete<Entry>),
    /// Everything up to this checkpoint was told: the last entry of each record is its
    /// newest revision. Comes again with newer cosignatures.
    Head(Arc<VerifiedCheckpoint>),
}

/// Follows one log. Dropping it stops it; [`cursor`](Self::cursor) says where.
pub struct Follow<T = Connection> {
    client: Client<T>,
    origin: Origin,
    /// What was handed out.
    told: Held,
    ready: VecDeque<(Entry, Hash)>,
    pull: Option<Pull>,
    target: Option<Arc<VerifiedCheckpoint>>,
    heads: Heads<T>,
    tried: u32,
}

impl<T: Transport> Client<T> {
    /// Follows a log from a cursor.
    ///
    /// # Errors
    ///
    /// If the log's publisher is not known, or what is kept of the log is damaged.
    pub fn follow(&self, cursor: Cursor) -> Result<Follow<T>, ClientError> {
        let key = self.trust().key(&cursor.origin)?;
        let verified = cursor
            .note
            .map(|note| verify_note(note.as_bytes(), &cursor.origin, &key))
            .transpose()
            .map_err(|error| ClientError::Damaged {
                origin: cursor.origin.clone(),
                why: error.to_string(),
            })?;
        let kept = self.kept(&cursor.origin)?;
        let verified = match (verified, kept) {
            (Some(ours), Some(kept)) if kept.size() > ours.size() => Some(kept),
            (None, kept) => kept,
            (ours, _) => ours,
        };
        Ok(Follow {
            client: self.clone(),
            heads: Heads::new(self.clone(), cursor.origin.clone()),
            origin: cursor.origin,
            told: Held {
                frontier: cursor.frontier,
                open: cursor.open,
                verified,
            },
            ready: VecDeque::new(),
            pull: None,
            target: None,
            tried: 0,
        })
    }
}

impl<T: Transport> Follow<T> {
    /// The log.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Where the follower is: after the entry that was told last.
    pub fn cursor(&self) -> Cursor {
        Cursor::of(&self.origin, &self.told)
    }

    /// What comes next; waits for it as long as it takes. May be dropped and called
    /// again without losing anything.
    ///
    /// # Errors
    ///
    /// If an answer is refused, or the connection fails more often than
    /// [`Retry`](crate::Retry) allows. What was told stays true.
    pub async fn next(&mut self) -> Result<Followed, ClientError> {
        loop {
            if let Some((entry, leaf)) = self.ready.pop_front() {
                self.told.push(leaf);
                #[expect(
                    clippy::expect_used,
                    reason = "a pull tells its target before the first entry"
                )]
                let target = self.target.clone().expect("entries follow a target");
                return Ok(Followed::Entry(Complete::new(entry, target)));
            }
            let failed = if let Some(pull) = &mut self.pull {
                match pull.next().await {
                    Some(Ok(step)) => {
                        // A target alone is no progress: it comes again after each break.
                        if !matches!(step, Step::Target(_)) {
                            self.tried = 0;
                        }
                        match self.take(step)? {
                            Some(head) => return Ok(Followed::Head(head)),
                            None => continue,
                        }
                    }
                    Some(Err(PullError::Behind { .. })) | None => {
                        self.pull = None;
                        continue;
                    }
                    Some(Err(error)) => error.into(),
                }
            } else {
                match self.heads.next(&self.told).await {
                    Ok(head) => match self.client.puller(&self.origin).await {
                        Ok(puller) => {
                            self.pull =
                                Some(puller.pull(self.told.clone(), head, nothing_erased()));
                            continue;
                        }
                        Err(error) => error,
                    },
                    Err(error) => error,
                }
            };
            self.pull = None;
            self.heads.close();
            self.tried += 1;
            self.client.pause_after(failed, self.tried).await?;
        }
    }

    /// The same as a stream; it ends after an error.
    pub fn stream(mut self) -> impl Stream<Item = Result<Followed, ClientError>> + Send {
        async_stream::try_stream! {
            loop {
                yield self.next().await?;
            }
        }
    }

    fn take(&mut self, step: Step) -> Result<Option<Arc<VerifiedCheckpoint>>, ClientError> {
        match step {
            Step::Target(target) => {
                self.client.keep(&target)?;
                self.told.verified = Some(target.clone());
                self.target = Some(Arc::new(target));
                Ok(None)
            }
            Step::Package {
                package,
                frames,
                uncovered,
            } => {
                let leaves = package.leaf_hashes().to_vec();
                self.ready
                    .extend(entries(&package, &frames, uncovered).zip(leaves));
                Ok(None)
            }
            Step::Head(head) => {
                self.pull = None;
                Ok(Some(Arc::new(head)))
            }
        }
    }
}
