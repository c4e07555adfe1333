//! Taking a batch back: what stood before it is published again, and what it brought is
//! withdrawn. What was changed since is left, and what was erased stays erased.

use bytes::Bytes;
use wpsx_client::random::Random;
use wpsx_proto::{
    envelope::{Envelope, Operation, Reason},
    index::LeafIndex,
    origin::{Origin, RecordId},
    record::Record,
};
use wpsx_store::{LogHandle, NewEntry, RecordTarget};
use wpsx_views::Views;

use super::{
    draft::Remembered,
    remembered::{Imported, Words},
    standing::{envelope, payload},
};
use crate::error::NodeError;

/// What becomes of a record of a batch that is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reversal {
    /// What it said before is published again.
    Restored,
    /// The batch brought it, or brought it back: it is withdrawn.
    Withdrawn,
    /// It was changed or withdrawn since, and is left.
    ChangedSince,
    /// It was erased since, and stays erased.
    Erased,
    /// What it said before is not held here, so it is left.
    NotHeld,
}

/// A record of the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reverted {
    /// What becomes of it.
    pub reversal: Reversal,
    /// Its id.
    pub record_id: RecordId,
    /// Its entry in the batch.
    pub index: u64,
    /// Its newest revision before.
    pub revision: u32,
    /// Its title in the batch; empty where it has none any more.
    pub title: String,
}

/// What became of taking a batch back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reverting {
    /// One for each entry of the batch, in their order.
    pub records: Vec<Reverted>,
    /// The batch that was taken back.
    pub batch: Imported,
    /// The id of the batch that takes it back; none: nothing was written.
    pub by: Option<String>,
    /// The log.
    pub origin: Origin,
    /// The size of the log's head after it.
    pub tree_size: u64,
}

/// What is kept of a batch that takes another one back.
pub(super) fn words(batch: &Imported, records: &[Reverted]) -> Bytes {
    let short: String = batch.id.chars().take(8).collect();
    let mut words = Words::of(&Remembered {
        title: format!("revert of {short}"),
        reverts: batch.id.clone(),
        backfill: batch.backfill,
    });
    for record in records {
        match record.reversal {
            Reversal::Restored => words.changed += 1,
            Reversal::Withdrawn => words.withdrawn += 1,
            _ => words.unchanged += 1,
        }
    }
    words.to_bytes()
}

/// What becomes of each record of the batch, and the entries for it.
///
/// # Errors
/// Our files or the views cannot be read.
pub(super) fn plan(
    views: &Views,
    log: &LogHandle,
    random: &Random,
    batch: &Imported,
) -> Result<(Vec<Reverted>, Vec<NewEntry>), NodeError> {
    let (mut records, mut entries) = (Vec::new(), Vec::new());
    for index in batch.start..batch.start + batch.count {
        let index = LeafIndex::new(index);
        let Some(written) = envelope(log, index)? else {
            continue;
        };
        let id = written.record_id;
        let latest = views.latest(log.number(), &id)?;
        let title = match payload(log, index)? {
            Some(payload) => title(written.kind, &payload),
            None => String::new(),
        };
        let (reversal, entry) = match latest {
            Some(latest) if latest.operation == Operation::Erase => (Reversal::Erased, None),
            Some(latest) if stands(log, index, &written, latest.index)? => {
                before(log, random, id, written.kind, written.previous)?
            }
            _ => (Reversal::ChangedSince, None),
        };
        records.push(Reverted {
            reversal,
            record_id: id,
            index: index.value(),
            revision: latest.map_or(written.revision, |latest| latest.revision),
            title,
        });
        entries.extend(entry);
    }
    Ok((records, entries))
}

/// Whether the newest entry says what the batch's entry said: it is that one, or later ones
/// were taken back.
fn stands(
    log: &LogHandle,
    index: LeafIndex,
    written: &Envelope,
    newest: u64,
) -> Result<bool, NodeError> {
    if newest == index.value() {
        return Ok(true);
    }
    let newest = LeafIndex::new(newest);
    let Some(now) = envelope(log, newest)? else {
        return Ok(false);
    };
    let is_alike = now.operation == Operation::Publish
        && written.operation == Operation::Publish
        && now.kind == written.kind;
    if !is_alike {
        return Ok(false);
    }
    let (said, says) = (payload(log, index)?, payload(log, newest)?);
    Ok(said.is_some() && said == says)
}

/// The entry that makes a record what it was at `previous`, the entry before the batch's.
fn before(
    log: &LogHandle,
    random: &Random,
    id: RecordId,
    kind: u32,
    previous: Option<LeafIndex>,
) -> Result<(Reversal, Option<NewEntry>), NodeError> {
    let stood = match previous {
        Some(previous) => envelope(log, previous)?.map(|envelope| (previous, envelope)),
        None => None,
    };
    let entry = |operation, kind, payload| NewEntry {
        target: RecordTarget::Existing(id),
        operation,
        kind,
        payload,
        reason: match operation {
            Operation::Withdraw => Reason::Mistake,
            _ => Reason::Unspecified,
        },
        salt: random.bytes(),
    };
    match stood {
        Some((at, stood)) if stood.operation.publishes() => Ok(match payload(log, at)? {
            Some(said) => {
                let again = entry(Operation::Publish, stood.kind, Some(said));
                (Reversal::Restored, Some(again))
            }
            None => (Reversal::NotHeld, None),
        }),
        _ => {
            let gone = entry(Operation::Withdraw, kind, None);
            Ok((Reversal::Withdrawn, Some(gone)))
        }
    }
}

fn title(kind: u32, payload: &[u8]) -> String {
    let header = Record::read(kind, payload).header();
    let titles: Vec<(&str, &str)> = header.titles().collect();
    let english = titles.iter().find(|(language, _)| *language == "en");
    let title = english.or(titles.first());
    title.map_or_else(String::new, |(_, text)| text.chars().take(200).collect())
}
