//! Turns drafts into entries of a publisher's log: all of a batch, or none,
//! under one checkpoint.
//!
//! Publishing of one log is serialised here, because a draft may name a record
//! by its source's own id and the answer depends on what was published before.

use std::collections::HashMap;

use bytes::Bytes;
use wpsx_proto::{
    api::admin::v1::{Draft, PublishHeader, PublishResponse, Published},
    envelope::{Leaf, Operation, Reason},
    index::LeafIndex,
    origin::RecordId,
    payload::{MAX_PAYLOAD, SALT, SlotState},
    record::{Kind, Reading, Record},
};

use crate::{
    error::NodeError,
    node::Node,
    store::{LogHandle, NewEntry, RecordTarget, RequestId},
};

/// Drafts in one batch.
pub const MOST_DRAFTS: usize = 100_000;
/// Payload bytes in one batch.
pub const MOST_BYTES: usize = 256 << 20;
const MOST_EXTERNAL_ID: usize = 256;
const MOST_COMPLAINTS: usize = 20;

enum Outcome {
    Unchanged(Published),
    Entry,
}

/// Publishes `drafts` in the log of `header.publisher`.
///
/// # Errors
/// A draft that is not well-formed (then nothing is written), a publisher that
/// is not hosted here, or a node that may not write.
pub async fn publish(
    node: &Node,
    header: PublishHeader,
    drafts: Vec<Draft>,
) -> Result<PublishResponse, NodeError> {
    let log = node.own_log(&header.publisher)?;
    let request = request_id(&header.request_id)?;
    let _turn = node.publishing(log.origin()).await;
    if let Some(request) = &request
        && let Some(done) = node.store().seen_request(log.origin(), request)
    {
        return Ok(response(&log, done.entries.iter().map(published).collect()));
    }
    check(&drafts)?;
    node.views_settled(&log).await?;
    check_erased(node, &log, &drafts)?;
    let mut outcomes = Vec::with_capacity(drafts.len());
    let mut entries = Vec::new();
    for draft in drafts {
        match resolve(node, &log, draft)? {
            Resolved::Unchanged(published) => outcomes.push(Outcome::Unchanged(published)),
            Resolved::Entry(entry) => {
                outcomes.push(Outcome::Entry);
                entries.push(entry);
            }
        }
    }
    if header.dry_run {
        let planned = outcomes.into_iter().map(|outcome| match outcome {
            Outcome::Unchanged(published) => published,
            Outcome::Entry => Published::default(),
        });
        return Ok(response(&log, planned.collect()));
    }
    if entries.is_empty() {
        let unchanged = outcomes.into_iter().filter_map(|outcome| match outcome {
            Outcome::Unchanged(published) => Some(published),
            Outcome::Entry => None,
        });
        return Ok(response(&log, unchanged.collect()));
    }
    let appended = node.append(&log, entries, request).await?;
    let mut written = appended.entries.iter().map(published);
    let records = outcomes.into_iter().filter_map(|outcome| match outcome {
        Outcome::Unchanged(published) => Some(published),
        Outcome::Entry => written.next(),
    });
    Ok(response(&log, records.collect()))
}

/// Withdraws or erases a record in its own log. Gives what was written, and how many
/// payloads stood before it. After an erasure no file here holds anything of them.
///
/// # Errors
/// The record is not in a log that this node signs.
pub async fn retire(
    node: &Node,
    operation: Operation,
    record_id: &[u8],
    reason: i32,
    request: &str,
) -> Result<(Published, u64), NodeError> {
    let done = append_retirement(node, operation, record_id, reason, request).await?;
    if operation == Operation::Erase {
        // Also when there was nothing to do: the first time may have been cut short.
        node.store()
            .leave_no_trace()
            .await
            .map_err(NodeError::Store)?;
    }
    Ok(done)
}

async fn append_retirement(
    node: &Node,
    operation: Operation,
    record_id: &[u8],
    reason: i32,
    request: &str,
) -> Result<(Published, u64), NodeError> {
    let id = crate::records::record_id(record_id)?;
    let request = request_id(request)?;
    let (log, _) = node.own_record(&id).await?;
    let _turn = node.publishing(log.origin()).await;
    if let Some(request) = &request
        && let Some(done) = node.store().seen_request(log.origin(), request)
        && let Some(first) = done.entries.first()
    {
        return Ok((published(first), 0));
    }
    // Only now is it settled what stands before the new entry.
    let (log, latest) = node.own_record(&id).await?;
    if let Some(published) = already_gone(&log, latest, operation)? {
        return Ok((published, 0));
    }
    let held = revisions_held(&log, latest)?;
    if operation == Operation::Erase {
        // Before the entry: a crash between the two leaves a name too many, which a
        // record that is still there does not mind.
        for payload in &held {
            if let Some(name) = Record::read(payload.kind, &payload.bytes)
                .header()
                .external_id()
            {
                node.erased_names().remember(log.origin(), name)?;
            }
        }
    }
    let entry = NewEntry {
        target: RecordTarget::Existing(id),
        operation,
        kind: kind_of(&log, latest)?,
        payload: None,
        reason: Reason::from(reason),
        salt: [0; 32],
    };
    let appended = node.append(&log, vec![entry], request).await?;
    let first = appended
        .entries
        .first()
        .ok_or_else(|| NodeError::Internal("an append answered without entry".into()))?;
    Ok((published(first), held.len() as u64))
}

enum Resolved {
    Unchanged(Published),
    Entry(NewEntry),
}

fn resolve(node: &Node, log: &LogHandle, draft: Draft) -> Result<Resolved, NodeError> {
    let known = if !draft.record_id.is_empty() {
        let id = crate::records::record_id(&draft.record_id)?;
        let latest = node
            .views()
            .latest(log.number(), &id)
            .map_err(NodeError::from)?;
        if latest.is_none() {
            return Err(NodeError::not_found("record", id));
        }
        Some(id)
    } else if draft.external_id.is_empty() {
        None
    } else {
        named(node, log, &draft.external_id)?
    };
    let target = match known {
        None => RecordTarget::New(RecordId::from_bytes(node.random())),
        Some(id) => {
            if let Some(published) = unchanged(node, log, &id, &draft)? {
                return Ok(Resolved::Unchanged(published));
            }
            RecordTarget::Existing(id)
        }
    };
    Ok(Resolved::Entry(NewEntry {
        target,
        operation: Operation::Publish,
        kind: draft.kind,
        payload: Some(draft.payload),
        reason: Reason::Unspecified,
        salt: node.random(),
    }))
}

/// The record that has an external id in this log.
fn named(node: &Node, log: &LogHandle, name: &str) -> Result<Option<RecordId>, NodeError> {
    let found = node.views().by_external_id(log.number(), name);
    match found.map_err(NodeError::from)?.as_slice() {
        [] => Ok(None),
        [record] => Ok(Some(*record)),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            let reason = format!(
                "{name} names {} records here: {}; erase all but one, or name the record by its id",
                several.len(),
                ids.join(", ")
            );
            Err(NodeError::invalid("external_id", reason))
        }
    }
}

/// What stands in the log already, if the draft says the same.
fn unchanged(
    node: &Node,
    log: &LogHandle,
    id: &RecordId,
    draft: &Draft,
) -> Result<Option<Published>, NodeError> {
    let latest = node
        .views()
        .latest(log.number(), id)
        .map_err(NodeError::from)?;
    let Some(latest) = latest.filter(|latest| latest.current) else {
        return Ok(None);
    };
    let index = LeafIndex::new(latest.index);
    let (state, slot) = log.slot(index).map_err(NodeError::Store)?;
    let same_kind = kind_of(log, index)? == draft.kind;
    let same = state == SlotState::Full
        && slot.is_some_and(|slot| slot.get(SALT..) == Some(draft.payload.as_ref()));
    Ok((same && same_kind).then(|| Published {
        record_id: Bytes::copy_from_slice(id.as_bytes()),
        index: latest.index,
        revision: latest.revision,
        unchanged: true,
    }))
}

fn check(drafts: &[Draft]) -> Result<(), NodeError> {
    if drafts.len() > MOST_DRAFTS {
        return Err(NodeError::invalid(
            "drafts",
            "at most 100,000 records in one batch",
        ));
    }
    let mut complaints = Vec::new();
    let mut names: HashMap<&str, usize> = HashMap::new();
    for (n, draft) in drafts.iter().enumerate() {
        if complaints.len() >= MOST_COMPLAINTS {
            complaints.push("and more".to_owned());
            break;
        }
        let n = n + 1;
        if draft.payload.is_empty() || draft.payload.len() > MAX_PAYLOAD {
            complaints.push(format!(
                "record {n}: the payload must have 1 to {MAX_PAYLOAD} bytes"
            ));
            continue;
        }
        if draft.external_id.len() > MOST_EXTERNAL_ID {
            complaints.push(format!("record {n}: external_id is longer than 256 bytes"));
        }
        if !draft.external_id.is_empty()
            && let Some(first) = names.insert(&draft.external_id, n)
        {
            complaints.push(format!(
                "record {n}: external_id {} is also that of record {first}",
                draft.external_id
            ));
        }
        match Record::read(draft.kind, &draft.payload) {
            Reading::Readable(record) => {
                if let Err(rules) = record.check() {
                    complaints.extend(rules.iter().map(|rule| format!("record {n}: {rule}")));
                }
            }
            Reading::Malformed(reason) if Kind::new(draft.kind).is_known() => {
                complaints.push(format!("record {n}: {reason}"));
            }
            // What this software does not know travels as it is.
            Reading::Malformed(_) | Reading::NewerKind { .. } => {}
        }
    }
    if complaints.is_empty() {
        return Ok(());
    }
    Err(NodeError::invalid("drafts", complaints.join("; ")))
}

/// Refuses what an erased record's source calls by the same id, unless its record is
/// named: a file that still has the row would bring it back.
fn check_erased(node: &Node, log: &LogHandle, drafts: &[Draft]) -> Result<(), NodeError> {
    let mut complaints = Vec::new();
    for (n, draft) in drafts.iter().enumerate() {
        let name = &draft.external_id;
        if name.is_empty()
            || !draft.record_id.is_empty()
            || !node.erased_names().contains(log.origin(), name)
        {
            continue;
        }
        let views = node.views();
        let known = views
            .by_external_id(log.number(), name)
            .map_err(NodeError::from)?;
        if !known.is_empty() {
            continue;
        }
        if complaints.len() >= MOST_COMPLAINTS {
            complaints.push("and more".to_owned());
            break;
        }
        complaints.push(format!(
            "record {}: external_id {name} is that of a record that was erased; take it out of the \
             file, or publish it under another id",
            n + 1
        ));
    }
    if complaints.is_empty() {
        return Ok(());
    }
    Err(NodeError::invalid("drafts", complaints.join("; ")))
}

fn request_id(text: &str) -> Result<Option<RequestId>, NodeError> {
    if text.is_empty() {
        return Ok(None);
    }
    RequestId::parse(text)
        .map(Some)
        .map_err(|_| NodeError::invalid("request_id", "1 to 64 bytes without control characters"))
}

/// The entry that did the same, or more, before.
fn already_gone(
    log: &LogHandle,
    newest: LeafIndex,
    operation: Operation,
) -> Result<Option<Published>, NodeError> {
    let entry = log.entry(newest).map_err(NodeError::Store)?;
    let Leaf::Known(envelope) = Leaf::read(&entry) else {
        return Ok(None);
    };
    let gone = envelope.operation == operation || envelope.operation == Operation::Erase;
    Ok(gone.then(|| Published {
        unchanged: true,
        ..published(&(newest, envelope))
    }))
}

fn kind_of(log: &LogHandle, index: LeafIndex) -> Result<u32, NodeError> {
    let entry = log.entry(index).map_err(NodeError::Store)?;
    Ok(match Leaf::read(&entry) {
        Leaf::Known(envelope) => envelope.kind,
        _ => 0,
    })
}

/// A payload of a record that is to be erased.
struct Payload {
    kind: u32,
    bytes: Bytes,
}

/// The payloads of the record that are here, from its newest entry backwards.
fn revisions_held(log: &LogHandle, newest: LeafIndex) -> Result<Vec<Payload>, NodeError> {
    let mut held = Vec::new();
    let mut at = Some(newest);
    while let Some(index) = at {
        let entry = log.entry(index).map_err(NodeError::Store)?;
        let Leaf::Known(envelope) = Leaf::read(&entry) else {
            break;
        };
        if envelope.operation == Operation::Erase {
            break;
        }
        if let (SlotState::Full, Some(slot)) = log.slot(index).map_err(NodeError::Store)? {
            held.push(Payload {
                kind: envelope.kind,
                bytes: slot.slice(SALT..),
            });
        }
        at = envelope.previous;
    }
    Ok(held)
}

fn published((index, envelope): &(LeafIndex, wpsx_proto::envelope::Envelope)) -> Published {
    Published {
        record_id: Bytes::copy_from_slice(envelope.record_id.as_bytes()),
        index: index.value(),
        revision: envelope.revision,
        unchanged: false,
    }
}

fn response(log: &LogHandle, records: Vec<Published>) -> PublishResponse {
    PublishResponse {
        records,
        origin: log.origin().to_string(),
        tree_size: log.head().map_or(0, |head| head.size().value()),
    }
}
