//! The one door to an own log.
//!
//! Drafts become entries: all of a batch, or none, under one checkpoint. A record is
//! withdrawn or erased by an entry too. Whatever is appended passes [`Publishing`],
//! which waits for the log's turn and asks first whether the log may be signed: the
//! store's raw append is in its hands alone.

mod check;
mod custody;
mod draft;
mod erased_names;
mod extent;
mod fault;
mod gate;
mod given_up;
mod licence;
mod others;
mod place;
mod publishers;
mod remembered;
mod resolve;
mod retire;
mod revert;
mod standing;
mod takeover;
#[cfg(test)]
mod tests;
mod text_order;
mod turns;
mod unread;

use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use tokio::sync::OwnedMutexGuard;
use wpsx_client::random::Random;
use wpsx_proto::{
    envelope::{Operation, Reason},
    index::LeafIndex,
    origin::RecordId,
    record::Successor,
};
use wpsx_store::{
    Appended, Appender, LogHandle, NewEntry, RecordTarget, RequestId, Store, StoreError,
};

pub(crate) use self::remembered::is_backfill;
use self::{
    check::Said,
    given_up::GivenUp,
    resolve::{Logs, Resolved},
    turns::Turns,
};
pub use self::{
    check::is_of_record,
    custody::hold_in_custody,
    draft::{
        Batch, Became, Draft, MOST_BYTES, MOST_DRAFTS, Outcome, Published, Remembered, Suspect,
        Unlicensed,
    },
    erased_names::ErasedNames,
    extent::{Extent, FieldPath},
    fault::{Fault, Faults, MOST_FAULTS, remedy_of},
    gate::MaySign,
    licence::Licences,
    place::{Columns, Place},
    publishers::{Hosted, PublisherKeys, Publishers},
    remembered::{Imported, MOST_TITLE},
    revert::{Reversal, Reverted, Reverting},
};
use crate::{error::NodeError, index::Index, work::blocking};

/// What publishing needs.
pub struct PublishingParts {
    /// Where the logs are.
    pub store: Store,
    /// The right to append to own logs.
    pub appender: Appender,
    /// Finds records in them.
    pub index: Index,
    /// Whose logs they are.
    pub publishers: Publishers,
    /// The own ids of erased records.
    pub erased_names: Arc<ErasedNames>,
    /// Says whether a log may be signed.
    pub gate: Arc<dyn MaySign>,
    /// Gives record ids and salts.
    pub random: Random,
}

/// Publishes, withdraws and erases. Clones are the same.
#[derive(Clone)]
pub struct Publishing {
    inner: Arc<Inner>,
}

struct Inner {
    parts: PublishingParts,
    turns: Turns,
    given_up: GivenUp,
}

impl Publishing {
    /// The door to the own logs of a store.
    pub fn new(parts: PublishingParts) -> Self {
        let inner = Inner {
            parts,
            turns: Turns::default(),
            given_up: GivenUp::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The publishers that can publish here.
    pub fn publishers(&self) -> &Publishers {
        &self.inner.parts.publishers
    }

    /// Publishes `drafts` in the log of `batch.publisher`. What it answers is durable.
    ///
    /// # Errors
    /// A draft that is not well-formed (then nothing is written), a publisher that
    /// is not hosted here, or a log that may not be signed.
    pub fn publish(
        &self,
        batch: Batch,
        drafts: Vec<Draft>,
    ) -> BoxFuture<'_, Result<Outcome, NodeError>> {
        Box::pin(async move {
            let parts = &self.inner.parts;
            let log = parts.publishers.log(&batch.publisher)?;
            let mut request = request_id(&batch.request_id)?;
            if let (Some(remembered), None) = (&batch.remembered, &request) {
                remembered::check(remembered)?;
                request = request_id(&hex::encode(parts.random.bytes::<16>()))?;
            }
            let turn = self.inner.turns.take(log.origin()).await;
            if let Some(request) = &request {
                if let Some(done) = parts.store.seen_request(log.origin(), request) {
                    return Ok(carried_out(&log, request, &done));
                }
                if self.inner.given_up.has(request) {
                    return Err(NodeError::invalid("request_id", "the caller gave it up"));
                }
            }
            let places: Vec<Option<Place>> = drafts.iter().map(|d| d.place.clone()).collect();
            let (batch, drafts, (mut faults, said)) =
                blocking(move || check::check(&drafts).map(|checked| (batch, drafts, checked)))
                    .await?;
            parts.index.settled(&log).await?;
            let (inner, of_log) = (self.inner.clone(), log.clone());
            let resolve = move || {
                let resolved = inner
                    .parts
                    .resolve(&of_log, &batch, (drafts, said), &mut faults)?;
                faults.placed(&places, &batch.columns);
                Ok((batch, resolved, faults))
            };
            let (batch, resolved, faults) = blocking(resolve).await?;
            let unlicensed = resolved.iter().filter(|it| it.unlicensed).count();
            let unlicensed = Unlicensed {
                records: unlicensed as u64,
                licence: parts.publishers.licence(&log).map(str::to_owned),
            };
            if batch.dry_run {
                let planned = resolved.into_iter().map(|resolved| resolved.published);
                return Ok(Outcome {
                    faults,
                    unlicensed,
                    ..outcome(&log, planned.collect())
                });
            }
            if !faults.is_empty() {
                return Err(NodeError::Refused(faults));
            }
            let words = batch.remembered.as_ref();
            let words = words.map(|words| remembered::words(words, &resolved));
            let (mut records, mut entries, mut places) = (Vec::new(), Vec::new(), Vec::new());
            for (n, resolved) in resolved.into_iter().enumerate() {
                records.push(resolved.published);
                if let Some(entry) = resolved.entry {
                    entries.push(entry);
                    places.push(n);
                }
            }
            if entries.is_empty() {
                return Ok(outcome(&log, records));
            }
            let name = words.as_ref().and(request.as_ref());
            let name = name.map(|request| request.as_str().to_owned());
            let appended = self.append(turn, &log, entries, request, words).await?;
            for (n, written) in places.into_iter().zip(written(&appended)) {
                records[n] = std::mem::take(&mut records[n]).written(written);
            }
            let outcome = outcome(&log, records);
            if let Some(batch) = &name {
                let entries = appended.entries.len();
                tracing::info!(origin = %outcome.origin, batch, entries, "batch published");
            }
            Ok(Outcome {
                batch: name,
                unlicensed,
                ..outcome
            })
        })
    }

    /// Gives up the batch that was handed in with this id: what it did, if it was carried
    /// out already; else it never will be.
    ///
    /// # Errors
    /// No such batch was carried out; or there is no such publisher.
    pub fn give_up<'a>(
        &'a self,
        publisher: &'a str,
        request: &'a str,
    ) -> BoxFuture<'a, Result<Outcome, NodeError>> {
        Box::pin(async move {
            let parts = &self.inner.parts;
            let log = parts.publishers.log(publisher)?;
            let request = request_id(request)?
                .ok_or_else(|| NodeError::invalid("request_id", "needed to give a batch up"))?;
            // What was handed to the store has its turn until it is written.
            let _turn = self.inner.turns.take(log.origin()).await;
            if let Some(done) = parts.store.seen_request(log.origin(), &request) {
                return Ok(carried_out(&log, &request, &done));
            }
            let name = request.as_str().to_owned();
            self.inner.given_up.add(request);
            Err(NodeError::not_found("a batch that was published as", name))
        })
    }

    /// The batches of the own logs, newest first; of one publisher, if it is named. Blocks.
    ///
    /// # Errors
    /// No such publisher, or our files cannot be read.
    pub fn batches(&self, publisher: &str) -> Result<Vec<Imported>, NodeError> {
        remembered::all(&self.logs_of(publisher)?)
    }

    /// Why batches may be missing among those, a sentence for each log.
    ///
    /// # Errors
    /// No such publisher.
    pub fn lost_batches(&self, publisher: &str) -> Result<Vec<String>, NodeError> {
        let logs = self.logs_of(publisher)?;
        let lost = logs.iter().filter_map(LogHandle::lost_batches);
        Ok(lost.map(|error| error.to_string()).collect())
    }

    /// The own logs; that of one publisher, if it is named.
    fn logs_of(&self, publisher: &str) -> Result<Vec<LogHandle>, NodeError> {
        let publishers = self.publishers();
        Ok(match publisher {
            "" => publishers.logs(),
            name => vec![publishers.log(name)?],
        })
    }

    /// Takes the batch back whose id begins with `id`, under one checkpoint. That is a
    /// batch too. With `dry_run` the same is found out, and nothing is written.
    ///
    /// # Errors
    /// There is no such batch, it has more than one, or its log may not be signed.
    pub fn revert<'a>(
        &'a self,
        id: &'a str,
        request: &'a str,
        dry_run: bool,
    ) -> BoxFuture<'a, Result<Reverting, NodeError>> {
        Box::pin(async move {
            let parts = &self.inner.parts;
            let request = match request_id(request)? {
                Some(request) => Some(request),
                None => request_id(&hex::encode(parts.random.bytes::<16>()))?,
            };
            let logs = parts.publishers.logs();
            let name = id.to_owned();
            let (log, batch) = blocking(move || remembered::named(&logs, &name)).await?;
            let turn = self.inner.turns.take(log.origin()).await;
            parts.index.settled(&log).await?;
            let (inner, of_log, of_batch) = (self.inner.clone(), log.clone(), batch.clone());
            let (records, entries) = blocking(move || {
                let parts = &inner.parts;
                revert::plan(parts.index.views(), &of_log, &parts.random, &of_batch)
            })
            .await?;
            let mut by = None;
            if !dry_run && !entries.is_empty() {
                by = request.as_ref().map(|request| request.as_str().to_owned());
                let words = Some(revert::words(&batch, &records));
                let appended = self.append(turn, &log, entries, request, words).await?;
                let (entries, reverts) = (appended.entries.len(), &batch.id);
                tracing::info!(origin = %log.origin(), batch = by, reverts, entries, "batch reverted");
            }
            let after = outcome(&log, Vec::new());
            Ok(Reverting {
                records,
                batch,
                by,
                origin: after.origin,
                tree_size: after.tree_size,
            })
        })
    }

    /// Withdraws or erases a record in its own log. Gives what was written, and how many
    /// payloads stood before it. After an erasure no file here holds anything of them.
    ///
    /// # Errors
    /// The record is not in a log that this node signs, or the log may not be signed.
    pub fn retire<'a>(
        &'a self,
        operation: Operation,
        id: &'a RecordId,
        reason: Reason,
        request: &'a str,
    ) -> BoxFuture<'a, Result<(Published, u64), NodeError>> {
        Box::pin(async move {
            if operation == Operation::Erase {
                self.inner.parts.store.make_room_for_erasing();
            }
            let done = self.append_retirement(operation, id, reason, None, request);
            let done = done.await?;
            if operation == Operation::Erase {
                // Also when there was nothing to do: the first time may have been cut short.
                self.inner.parts.store.leave_no_trace().await?;
            }
            Ok(done)
        })
    }

    /// Ends a record of an own log in favour of one that says itself that it takes its place.
    ///
    /// # Errors
    /// The record is not in a log that this node signs, the other one is not here or does
    /// not say so, or the log may not be signed.
    pub fn supersede<'a>(
        &'a self,
        id: &'a RecordId,
        by: Successor,
        request: &'a str,
    ) -> BoxFuture<'a, Result<Published, NodeError>> {
        Box::pin(async move {
            let parts = &self.inner.parts;
            let (log, _) = parts.own_record(id).await?;
            // What takes its place may have come a moment ago.
            if let Some(other) = parts.store.log(&by.origin) {
                parts.index.settled(&other).await?;
            }
            let payload = by.payload();
            let (inner, old, origin) = (self.inner.clone(), *id, log.origin().clone());
            blocking(move || {
                let parts = &inner.parts;
                takeover::agrees(&by, &parts.store, parts.index.views(), (&origin, &old))
            })
            .await?;
            let (operation, reason) = (Operation::Supersede, Reason::Unspecified);
            let done = self.append_retirement(operation, id, reason, Some(payload), request);
            Ok(done.await?.0)
        })
    }

    /// Waits until it is settled whether this node may sign its logs.
    pub fn settle(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.inner.parts.gate.settle().await;
        })
    }

    /// Cosigns the heads of all own logs anew: the time in it is the log's age.
    pub fn renew(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let parts = &self.inner.parts;
            for log in parts.publishers.logs() {
                if parts.gate.refusal(log.origin()).is_some() {
                    continue;
                }
                if let Err(error) = parts.store.renew(log.origin()).await {
                    tracing::warn!(origin = %log.origin(), %error, "own log not renewed");
                }
            }
        })
    }

    /// Appends to an own log once it is settled that it may be signed. A caller who goes
    /// away until then has appended nothing; after that it is carried out, and nobody
    /// else has the turn before it is.
    async fn append(
        &self,
        turn: OwnedMutexGuard<()>,
        log: &LogHandle,
        entries: Vec<NewEntry>,
        request: Option<RequestId>,
        words: Option<Bytes>,
    ) -> Result<Appended, NodeError> {
        self.inner.parts.may_append(log, &entries).await?;
        let (inner, log) = (self.inner.clone(), log.clone());
        let carried_out = tokio::spawn(async move {
            let _turn = turn;
            inner.parts.append(&log, entries, request, words).await
        });
        carried_out
            .await
            .map_err(|error| NodeError::Internal(error.to_string()))?
    }

    async fn append_retirement(
        &self,
        operation: Operation,
        id: &RecordId,
        reason: Reason,
        payload: Option<Bytes>,
        request: &str,
    ) -> Result<(Published, u64), NodeError> {
        let parts = &self.inner.parts;
        let request = request_id(request)?;
        let (log, _) = parts.own_record(id).await?;
        let turn = self.inner.turns.take(log.origin()).await;
        if let Some(request) = &request
            && let Some(done) = parts.store.seen_request(log.origin(), request)
            && let Some(first) = written(&done).next()
        {
            return Ok((first, 0));
        }
        // Only now is it settled what stands before the new entry.
        let (log, latest) = parts.own_record(id).await?;
        let inner = self.inner.clone();
        let (of_log, of_record) = (log.clone(), *id);
        let before =
            blocking(move || inner.parts.before(&of_log, &of_record, latest, operation)).await?;
        let (kind, held) = match before {
            Before::Gone(published) => return Ok((published, 0)),
            Before::There { kind, held } => (kind, held),
        };
        let entry = NewEntry {
            target: RecordTarget::Existing(*id),
            operation,
            kind,
            salt: match payload {
                Some(_) => parts.random.bytes(),
                None => [0; 32],
            },
            payload,
            reason,
        };
        let appended = self.append(turn, &log, vec![entry], request, None).await?;
        let first = written(&appended)
            .next()
            .ok_or_else(|| NodeError::Internal("an append answered without entry".into()))?;
        Ok((first, held))
    }
}

/// What stands in the log of a record that is to go.
enum Before {
    /// It is gone already.
    Gone(Published),
    /// Its kind, and how many of its payloads are here.
    There { kind: u32, held: u64 },
}

impl PublishingParts {
    /// Whether entries may be signed in an own log; waits until that is settled.
    async fn may_append(&self, log: &LogHandle, entries: &[NewEntry]) -> Result<(), NodeError> {
        self.gate.settle().await;
        if let Some(reason) = self.store.read_only() {
            return Err(NodeError::ReadOnly(reason));
        }
        // Who is to be forgotten does not wait until it is decided which tree goes on.
        let erases = |entry: &NewEntry| entry.operation == Operation::Erase;
        match self.gate.refusal(log.origin()) {
            Some(NodeError::Stopped(_)) if entries.iter().all(erases) => Ok(()),
            refusal => refusal.map_or(Ok(()), Err),
        }
    }

    async fn append(
        &self,
        log: &LogHandle,
        entries: Vec<NewEntry>,
        request: Option<RequestId>,
        words: Option<Bytes>,
    ) -> Result<Appended, NodeError> {
        let appended = self
            .appender
            .append_remembered(log.origin(), entries, request, words);
        appended.await.map_err(|error| match error {
            StoreError::ReadOnly(reason) => NodeError::ReadOnly(reason),
            other => NodeError::Store(other),
        })
    }

    fn resolve(
        &self,
        log: &LogHandle,
        batch: &Batch,
        (drafts, said): (Vec<Draft>, Vec<Said>),
        faults: &mut Faults,
    ) -> Result<Vec<Resolved>, NodeError> {
        let views = self.index.views();
        check::check_erased(&self.erased_names, views, log, &drafts, faults)?;
        let licence = self.publishers.licence(log);
        let logs = Logs::new(views, log, self.store.logs());
        resolve::resolve(
            (&logs, &self.random),
            licence,
            batch,
            (drafts, said),
            faults,
        )
    }

    /// The own log that holds a record, and the record's newest entry there. Waits for
    /// own logs alone to be in the index, however far replicas are.
    async fn own_record(&self, id: &RecordId) -> Result<(LogHandle, LeafIndex), NodeError> {
        for log in self.publishers.logs() {
            self.index.settled(&log).await?;
            if let Some(latest) = self.index.views().latest(log.number(), id)? {
                return Ok((log, LeafIndex::new(latest.index)));
            }
        }
        Err(NodeError::not_found(
            "record",
            format!("{id} of a publisher on this node"),
        ))
    }

    fn before(
        &self,
        log: &LogHandle,
        record: &RecordId,
        latest: LeafIndex,
        operation: Operation,
    ) -> Result<Before, NodeError> {
        if let Some(published) = retire::already_gone(log, latest, operation)? {
            return Ok(Before::Gone(published));
        }
        let held = retire::revisions_held(log, record)?;
        if operation == Operation::Erase {
            // Before the entry: a crash between the two leaves a name too many, which a
            // record that is still there does not mind.
            self.erased_names.remember_all_of(log, vec![*record])?;
        }
        Ok(Before::There {
            kind: standing::kind_of(log, latest)?,
            held,
        })
    }
}

impl std::fmt::Debug for Publishing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publishing").finish_non_exhaustive()
    }
}

fn request_id(text: &str) -> Result<Option<RequestId>, NodeError> {
    if text.is_empty() {
        return Ok(None);
    }
    RequestId::parse(text)
        .map(Some)
        .map_err(|_| NodeError::invalid("request_id", "1 to 64 bytes without control characters"))
}

fn written(appended: &Appended) -> impl Iterator<Item = Published> + '_ {
    let entries = appended.entries.iter();
    entries.map(|(index, envelope)| Published::of(*index, envelope))
}

fn outcome(log: &LogHandle, records: Vec<Published>) -> Outcome {
    Outcome {
        records,
        origin: log.origin().clone(),
        tree_size: log.head().map_or(0, |head| head.size().value()),
        faults: Faults::default(),
        batch: None,
        unlicensed: Unlicensed::default(),
    }
}

/// What a batch did that was carried out before.
fn carried_out(log: &LogHandle, request: &RequestId, done: &Appended) -> Outcome {
    let mut remembered = log.remembered().into_iter();
    let batch = remembered.find(|batch| batch.request == *request);
    Outcome {
        batch: batch.map(|batch| batch.request.as_str().to_owned()),
        ..outcome(log, written(done).collect())
    }
}
