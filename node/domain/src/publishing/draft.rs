//! What a publisher hands in, and what became of it.

use std::collections::BTreeSet;

use bytes::Bytes;
use wpsx_proto::{
    envelope::Envelope,
    index::LeafIndex,
    origin::{Origin, RecordId},
    record::diff::FieldChange,
};

use super::{
    extent::Extent,
    fault::{Fault, Faults},
    place::{Columns, Place},
};

/// Drafts in one batch.
pub const MOST_DRAFTS: usize = 100_000;
/// Payload bytes in one batch.
pub const MOST_BYTES: usize = 256 << 20;

/// A record version that is to be published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The record; none: the one with the same external id, or else a new one.
    pub record_id: Option<RecordId>,
    /// A number of `wpsx.record.v1.Kind`.
    pub kind: u32,
    /// An encoded `wpsx.record.v1.Record`, 1 to 262,144 bytes.
    pub payload: Bytes,
    /// The source's own id of the record, at most 256 bytes; two drafts of one batch may
    /// not share it.
    pub external_id: String,
    /// How much of the record the payload speaks of.
    pub extent: Extent,
    /// The revision that the payload was made from: the draft is refused if the record has
    /// a newer one, unless it says what that one says.
    pub revision: Option<u32>,
    /// Where it stands in a file that a person handed in.
    pub place: Option<Place>,
    /// Contacts that who read the file has found in it.
    pub suspects: Vec<Suspect>,
    /// Who hands it in wants the record as it will be.
    pub show: bool,
}

/// What a reader of files takes for a way to reach a person: it sees the names of columns,
/// and knows the cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suspect {
    /// As it stands in the text.
    pub contact: String,
    /// What is wrong, unless the record says it in public already.
    pub fault: Fault,
}

/// How a batch of drafts is published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The publisher's name; may be empty where only one is hosted.
    pub publisher: String,
    /// A repeated batch with the same id is answered as the first one was; 1 to 64
    /// bytes, or empty.
    pub request_id: String,
    /// Check everything, change nothing.
    pub dry_run: bool,
    /// Leave records that were withdrawn so, instead of publishing them again.
    pub leave_withdrawn: bool,
    /// Its drafts are the records of a file: those that the logs of others have are left alone,
    /// and one of another kind than its record is refused.
    pub is_file: bool,
    /// Mark its records as kept for their countries, or else for their organisations.
    pub in_custody: bool,
    /// Refuse drafts after which a field would have no value that has one now.
    pub keep_values: bool,
    /// Contacts that may be published: as they are written, or a draft's external id, a
    /// colon and the path of its field. A reader of files has let the same ones through.
    pub allow_contact: BTreeSet<String>,
    /// Names of columns of the file, by the paths of their fields.
    pub columns: Columns,
    /// Remember it as a batch, under this name.
    pub remembered: Option<Remembered>,
}

/// What is remembered of a batch besides what it did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// What people call it, such as the file's name.
    pub title: String,
    /// Its records are history, not news.
    pub backfill: bool,
    /// The batch that it takes back.
    pub reverts: String,
}

/// What becomes of a draft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Became {
    /// A record that was not there before.
    #[default]
    New,
    /// The record says something else.
    Changed,
    /// The log says the same already.
    Unchanged,
    /// The record was withdrawn and is left so.
    LeftWithdrawn,
    /// It was handed over to another publisher and is left so.
    LeftHandedOver,
    /// It is another publisher's record and is left alone.
    LeftToOthers,
    /// It was withdrawn, and is published again.
    Reinstated,
    /// The draft has faults.
    Refused,
}

/// What became of one draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// The record; none for a new one in a dry run.
    pub record_id: Option<RecordId>,
    /// Its entry's place in the log.
    pub index: u64,
    /// Counted from 1.
    pub revision: u32,
    /// The log said the same already, so nothing was written.
    pub unchanged: bool,
    /// It was withdrawn, or handed over, and is left so, as the batch asked; nothing was
    /// written.
    pub left_withdrawn: bool,
    /// All that and more in one word.
    pub became: Became,
    /// In a dry run: what the record would say otherwise than now. Of another publisher's record
    /// always: what the draft says otherwise.
    pub changes: Vec<FieldChange>,
    /// The record as it is or will be, where the draft asked for it.
    pub payload: Option<Bytes>,
    /// The record as it was before, where the draft asked for it and there was one.
    pub before: Option<Bytes>,
    /// When that was published, milliseconds since 1970; 0 where there was none.
    pub publish_time: u64,
    /// The log that has it, where that is another publisher's.
    pub of_others: Option<Origin>,
    /// The title of the record that is there, where the draft gives none.
    pub title: String,
    /// Its source's own id, where the draft gives none.
    pub external_id: String,
}

impl Published {
    /// The same once it is written, as its entry says.
    pub(super) fn written(self, entry: Self) -> Self {
        Self {
            record_id: entry.record_id,
            index: entry.index,
            revision: entry.revision,
            changes: Vec::new(),
            ..self
        }
    }

    /// What an entry says was written.
    pub(super) fn of(index: LeafIndex, envelope: &Envelope) -> Self {
        Self {
            record_id: Some(envelope.record_id),
            index: index.value(),
            revision: envelope.revision,
            unchanged: false,
            left_withdrawn: false,
            became: match envelope.revision {
                1 => Became::New,
                _ => Became::Changed,
            },
            changes: Vec::new(),
            payload: None,
            before: None,
            publish_time: 0,
            of_others: None,
            title: String::new(),
            external_id: String::new(),
        }
    }
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// One for each draft, in their order.
    pub records: Vec<Published>,
    /// The log.
    pub origin: Origin,
    /// The size of the log's head after it.
    pub tree_size: u64,
    /// What is wrong, in a dry run; else such a batch is an error.
    pub faults: Faults,
    /// The id under which it is remembered; none: nothing was written, or it is not.
    pub batch: Option<String>,
    /// What is written without a licence of its own.
    pub unlicensed: Unlicensed,
}

/// The records of a batch that are written and name no licence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unlicensed {
    /// How many.
    pub records: u64,
    /// The licence that they get, which is their publisher's; none: the operator has set none.
    pub licence: Option<String>,
}
