//! What is refused before anything is written, all at once.

use std::{borrow::Cow, collections::HashMap};

use wpsx_proto::{
    payload::MAX_PAYLOAD,
    record::{Header, Kind, Reading, Record, normal_external_id},
};
use wpsx_store::LogHandle;
use wpsx_views::Views;

use super::{
    draft::{Draft, MOST_DRAFTS},
    erased_names::ErasedNames,
};
use crate::error::NodeError;

const MOST_EXTERNAL_ID: usize = 256;
const MOST_COMPLAINTS: usize = 20;

/// Complaints about single drafts, of which a caller reads only so many.
#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    /// True once no further one would be read.
    fn are_enough(&mut self) -> bool {
        if self.0.len() < MOST_COMPLAINTS {
            return false;
        }
        self.0.push("and more".to_owned());
        true
    }

    fn result(self) -> Result<(), NodeError> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(NodeError::invalid("drafts", self.0.join("; ")))
    }
}

/// Checks the drafts by themselves.
///
/// # Errors
/// Names every draft that is not sound, and why.
pub(super) fn check(drafts: &[Draft]) -> Result<(), NodeError> {
    if drafts.len() > MOST_DRAFTS {
        return Err(NodeError::invalid(
            "drafts",
            "at most 100,000 records in one batch",
        ));
    }
    let mut complaints = Complaints::default();
    let mut names: HashMap<Cow<'_, str>, usize> = HashMap::new();
    for (n, draft) in drafts.iter().enumerate() {
        if complaints.are_enough() {
            break;
        }
        let n = n + 1;
        let complaints = &mut complaints.0;
        if draft.payload.is_empty() || draft.payload.len() > MAX_PAYLOAD {
            complaints.push(format!(
                "record {n}: the payload must have 1 to {MAX_PAYLOAD} bytes"
            ));
            continue;
        }
        let name = normal_external_id(&draft.external_id);
        if draft.external_id.len().max(name.len()) > MOST_EXTERNAL_ID {
            complaints.push(format!("record {n}: external_id is longer than 256 bytes"));
        }
        if name.is_empty() && !draft.external_id.is_empty() {
            complaints.push(format!("record {n}: external_id has no visible character"));
        }
        if !name.is_empty()
            && let Some(first) = names.insert(name, n)
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
    complaints.result()
}

/// Refuses what an erased record's source calls by the same id, in the draft or in its
/// payload, unless its record is named: a file that still has the row would bring it back.
///
/// # Errors
/// Names every such draft.
pub(super) fn check_erased(
    names: &ErasedNames,
    views: &Views,
    log: &LogHandle,
    drafts: &[Draft],
) -> Result<(), NodeError> {
    let mut complaints = Complaints::default();
    for (n, draft) in drafts.iter().enumerate() {
        if draft.record_id.is_some() {
            continue;
        }
        let inner = Header::read(&draft.payload).unwrap_or_default();
        let called = [Some(draft.external_id.as_str()), inner.external_id()];
        let mut erased = None;
        for name in called.into_iter().flatten() {
            if names.contains(log.origin(), name)? {
                erased = Some(name);
                break;
            }
        }
        let Some(name) = erased else {
            continue;
        };
        if !views.by_external_id(log.number(), name)?.is_empty() {
            continue;
        }
        if complaints.are_enough() {
            break;
        }
        complaints.0.push(format!(
            "record {}: external_id {name} is that of a record that was erased; take it out of the \
             file, or publish it under another id",
            n + 1
        ));
    }
    complaints.result()
}
