//! Follows a whole log from a cursor: every entry, in order, none left out.

use std::{collections::VecDeque, sync::Arc};

use futures::Stream;
use serde::{Deserialize, Serialize};
use wpsx_proto::{
    api::replication::v1::{
        Head, WatchHeadsRequest, WatchHeadsResponse,
        replication_service_client::ReplicationServiceClient,
    },
    checkpoint::VerifiedCheckpoint,
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
    origin::Origin,
    package::VerifiedPackage,
    payload::{SALT, SlotState, VerifiedFrame},
    tree::Frontier,
};

use crate::{
    Client, ClientError, Complete, Connection, Entry,
    pull::{Held, MAX_MESSAGE, Pull, PullError, Step, Transport, nothing_erased, verify_note},
};

/// Where a reader of a log stopped. Kept as JSON or in any other format of serde, it
/// continues there after a restart, and catches a server that was rolled back meanwhile.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct Cursor {
    origin: Origin,
    frontier: Frontier,
    open: Vec<Hash>,
    /// The note of the largest checkpoint verified; verified again when it is used.
    note: Option<String>,
}

impl Cursor {
    /// Before the first entry of a log.
    pub fn start(origin: Origin) -> Self {
        Self {
            origin,
            frontier: Frontier::empty(),
            open: Vec::new(),
            note: None,
        }
    }

    /// The log.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The index of the next entry.
    pub fn next(&self) -> LeafIndex {
        self.frontier.size().next_index()
    }

    fn of(origin: &Origin, held: &Held) -> Self {
        Self {
            origin: origin.clone(),
            frontier: held.frontier.clone(),
            open: held.open.clone(),
            note: held
                .verified
                .as_ref()
                .map(|verified| String::from_utf8_lossy(&verified.note_bytes()).into_owned()),
        }
    }
}

/// The stored form of a cursor.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// The version of this form.
    version: u32,
    origin: String,
    size: u64,
    /// The right edge of the tree, largest subtree first.
    edge: Vec<String>,
    /// The leaf hashes of the last, incomplete bundle.
    open: Vec<String>,
    checkpoint: Option<String>,
}

impl From<Cursor> for Kept {
    fn from(cursor: Cursor) -> Self {
        Self {
            version: 1,
            origin: cursor.origin.to_string(),
            size: cursor.frontier.size().value(),
            edge: cursor.frontier.edge().iter().map(Hash::to_base64).collect(),
            open: cursor.open.iter().map(Hash::to_base64).collect(),
            checkpoint: cursor.note,
        }
    }
}

impl TryFrom<Kept> for Cursor {
    type Error = String;

    fn try_from(kept: Kept) -> Result<Self, String> {
        if kept.version != 1 {
            return Err(format!(
                "a cursor of version {}, which needs newer software",
                kept.version
            ));
        }
        let hashes = |texts: &[String]| {
            texts
                .iter()
                .map(|text| Hash::from_base64(text).map_err(|error| error.to_string()))
                .collect::<Result<Vec<_>, _>>()
        };
        let edge = hashes(&kept.edge)?;
        let open = hashes(&kept.open)?;
        let size = TreeSize::new(kept.size);
        let frontier =
            Frontier::from_parts(size, edge.clone()).map_err(|error| error.to_string())?;
        let whole = kept.size / BUNDLE * BUNDLE;
        let mut again = edge
            .get(..whole.count_ones() as usize)
            .and_then(|edge| Frontier::from_parts(TreeSize::new(whole), edge.to_vec()).ok())
            .ok_or("the edge of the cursor is too short")?;
        again.extend(open.iter().copied());
        if again.size() != size || again.edge() != frontier.edge() {
            return Err("the parts of the cursor do not fit together".to_owned());
        }
        Ok(Self {
            origin: Origin::parse(&kept.origin).map_err(|error| error.to_string())?,
            frontier,
            open,
            note: kept.checkpoint,
        })
    }
}

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

/// The entries of a package with their payloads.
pub(crate) fn entries<'a>(
    package: &'a VerifiedPackage,
    frames: &'a [VerifiedFrame],
    uncovered: SlotState,
) -> impl Iterator<Item = Entry> + 'a {
    let start = package.start().value();
    package.leaves().iter().enumerate().map(move |(at, leaf)| {
        let index = start + at as u64;
        let covering = frames.iter().find_map(|frame| {
            let at = usize::try_from(index.checked_sub(frame.start().value())?).ok()?;
            frame.states().get(at).map(|state| (frame, at, *state))
        });
        let has_payload = leaf.payload().is_some();
        let (state, payload) = match covering {
            Some((frame, at, state)) => (state, frame.slot(at).map(|slot| slot.slice(SALT..))),
            None if has_payload => (uncovered, None),
            None => (SlotState::None, None),
        };
        Entry {
            origin: package.origin().clone(),
            index: LeafIndex::new(index),
            bytes: package.entries().entry_bytes(at),
            leaf: *leaf,
            state,
            payload,
        }
    })
}

/// Waits for new heads of one log.
pub(crate) struct Heads<T> {
    client: Client<T>,
    origin: Origin,
    stream: Option<tonic::Streaming<WatchHeadsResponse>>,
}

impl<T: Transport> Heads<T> {
    pub(crate) fn new(client: Client<T>, origin: Origin) -> Self {
        Self {
            client,
            origin,
            stream: None,
        }
    }

    /// The next head that is not the one held, as it was shown: nothing is verified.
    pub(crate) async fn next(&mut self, held: &Held) -> Result<Head, ClientError> {
        loop {
            let stream = match &mut self.stream {
                Some(stream) => stream,
                None => {
                    let request = WatchHeadsRequest {
                        known: vec![held.known_head(&self.origin)],
                        origins: vec![self.origin.to_string()],
                    };
                    let transport = self.client.transport().await?;
                    let mut client = ReplicationServiceClient::new(transport)
                        .max_decoding_message_size(MAX_MESSAGE);
                    let watch = self
                        .client
                        .options()
                        .wait(client.watch_heads(request))
                        .await?;
                    self.stream.insert(watch.into_inner())
                }
            };
            let answer = stream.message().await.map_err(PullError::from)?;
            let Some(answer) = answer else {
                self.stream = None;
                let ended = tonic::Status::unavailable("the watch of heads ended");
                return Err(PullError::Connection(Box::new(ended)).into());
            };
            // A newer head of this log, if it is there, comes last.
            let head = answer
                .heads
                .into_iter()
                .rev()
                .find(|head| head.origin == self.origin.as_str());
            if let Some(head) = head {
                return Ok(head);
            }
        }
    }

    pub(crate) fn close(&mut self) {
        self.stream = None;
    }
}
