//! What is refused before anything is written, all at once.

use std::collections::{BTreeMap, HashSet};

use bytes::Bytes;
use wpsx_proto::{
    payload::MAX_PAYLOAD,
    record::{Fields, Header, Kind, Reading, Record, RuleError, normal_external_id},
};
use wpsx_store::LogHandle;
use wpsx_views::Views;

use super::{
    draft::{Batch, Draft, MOST_DRAFTS},
    erased_names::ErasedNames,
    extent::Extent,
    fault::{Fault, Faults, remedy_of},
};
use crate::{
    contacts::{self, Contact},
    error::NodeError,
};

const MOST_EXTERNAL_ID: usize = 256;
/// Contacts that are told of one record; who sees so many has seen enough.
const MOST_CONTACTS: usize = 20;

/// What the sentence begins with about a rule that a draft and its record break together.
const OF_BOTH: &str = "with what the record says already: ";

/// What is wrong with a draft that says nothing but an id which no record has.
const OF_NOTHING: &str = "no record here has this id, and the row says nothing else";

/// The rule of a fault is one that nobody finds in a draft by itself: its record breaks it
/// together with the draft, or is not there.
#[must_use]
pub fn is_of_record(rule: &str) -> bool {
    rule.starts_with(OF_BOTH) || rule == OF_NOTHING
}

/// The contacts in what a draft says. Over what its record says, it may say other things: so
/// they are of these bytes alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    payload: Bytes,
    contacts: Vec<(String, Contact)>,
}

/// Checks the drafts by themselves; those that speak of some fields alone not against the rules
/// of records. Tells what was read on the way in those that are whole: others are laid over
/// their records first.
///
/// # Errors
/// There are more than a batch takes.
pub(super) fn check(drafts: &[Draft]) -> Result<(Faults, Vec<Said>), NodeError> {
    if drafts.len() > MOST_DRAFTS {
        return Err(NodeError::invalid(
            "drafts",
            "at most 100,000 records in one batch",
        ));
    }
    let mut faults = Faults::default();
    let mut said = vec![Said::default(); drafts.len()];
    for (n, draft) in drafts.iter().enumerate() {
        if draft.payload.is_empty() || draft.payload.len() > MAX_PAYLOAD {
            let rule = format!("the payload must have 1 to {MAX_PAYLOAD} bytes");
            faults.add(Fault::of(n, rule, "split the record, or shorten its texts"));
            continue;
        }
        check_name(n, draft, &mut faults);
        // What speaks of some fields alone is judged with the rest of its record.
        if !matches!(draft.extent, Extent::Fields(_)) {
            let is_whole = draft.extent == Extent::Whole;
            let look = |fields: &Fields| {
                if !is_whole {
                    return;
                }
                said[n] = Said {
                    payload: draft.payload.clone(),
                    contacts: contacts::in_fields(fields),
                };
            };
            let broken = broken_on_reading(draft, look).into_iter();
            broken.for_each(|fault| faults.add(Fault { draft: n, ..fault }));
        }
    }
    Ok((faults, said))
}

/// What is wrong with a draft of which no record is there: the rules that it breaks where it
/// speaks of some fields, or that it says nothing of a record at all.
pub(super) fn broken_alone(draft: &Draft) -> Vec<Fault> {
    if !draft.extent.is_of_id_alone() {
        return broken_fields(draft);
    }
    let kind = Kind::new(draft.kind);
    let remedy =
        format!("correct it, or add the columns of a new {kind}: wpsx fields {kind} lists them");
    vec![Fault::of(0, OF_NOTHING, remedy).at("external_id", &draft.external_id)]
}

/// The rules that a draft breaks which speaks of some fields, where no record has the others.
pub(super) fn broken_fields(draft: &Draft) -> Vec<Fault> {
    match draft.extent {
        Extent::Fields(_) => broken_by(draft),
        Extent::Whole | Extent::Known => Vec::new(),
    }
}

/// The rules that a draft breaks where it is all that its record says.
pub(super) fn broken_by(draft: &Draft) -> Vec<Fault> {
    broken_on_reading(draft, |_| ())
}

/// The same, for somebody who wants to `look` at the fields while they are read.
fn broken_on_reading(draft: &Draft, look: impl FnOnce(&Fields)) -> Vec<Fault> {
    match Record::read(draft.kind, &draft.payload) {
        Reading::Readable(record) => {
            let rules = match record.fields() {
                Ok(fields) => {
                    look(&fields);
                    fields.check().err().unwrap_or_default()
                }
                Err(rule) => vec![rule],
            };
            let told = |rule: RuleError| {
                let remedy = remedy_of(&rule);
                Fault::of(0, rule.reason, remedy).at(rule.field, "")
            };
            rules.into_iter().map(told).collect()
        }
        Reading::Malformed(reason) if Kind::new(draft.kind).is_known() => {
            vec![Fault::of(0, reason, "")]
        }
        // What this software does not know travels as it is.
        Reading::Malformed(_) | Reading::NewerKind { .. } => Vec::new(),
    }
}

/// The rules that a record would break as it will be, with what a draft says laid over it:
/// those that the draft breaks by itself as they are, unless [`check`] has told them, the others
/// as broken by the two together.
pub(super) fn broken_together(rules: &[RuleError], draft: &Draft) -> Vec<Fault> {
    let by_itself = broken_by(draft);
    // The same text may stand at another place in the record's list.
    let place = |path: &str| path.replace(|c: char| c.is_ascii_digit(), "");
    let is_told = !matches!(draft.extent, Extent::Fields(_));
    let told = |rule: &RuleError| {
        let is_own =
            |own: &&Fault| own.rule == rule.reason && place(&own.field) == place(&rule.field);
        let exactly = |own: &&Fault| own.rule == rule.reason && own.field == rule.field;
        let own = by_itself.iter().find(exactly);
        if let Some(own) = own.or_else(|| by_itself.iter().find(is_own)) {
            return (!is_told).then(|| own.clone());
        }
        let reason = format!("{OF_BOTH}{}", rule.reason);
        Some(Fault::of(0, reason, remedy_of(rule)).at(rule.field.clone(), ""))
    };
    rules.iter().filter_map(told).collect()
}

fn check_name(n: usize, draft: &Draft, faults: &mut Faults) {
    let id = &draft.external_id;
    let name = normal_external_id(id);
    let mut refuse = |rule: String, remedy: &str| {
        faults.add(Fault::of(n, rule, remedy).at("external_id", id));
    };
    if id.len().max(name.len()) > MOST_EXTERNAL_ID {
        refuse("external_id is longer than 256 bytes".to_owned(), "");
    }
    if name.is_empty() && !id.is_empty() {
        refuse("external_id has no visible character".to_owned(), "");
    }
}

/// Nobody's telephone number by accident: a public log cannot be called back. A contact that the
/// record has in public already is no accident any more; one that only the name of its column
/// told is that where its text stands as it stood.
pub(super) fn contacts_of(
    batch: &Batch,
    draft: &Draft,
    said: Said,
    public: Option<&Record>,
) -> Vec<Fault> {
    let read = || match Record::read(draft.kind, &draft.payload) {
        Reading::Readable(record) => Some(record),
        _ => None,
    };
    let found = match said.payload == draft.payload {
        true => said.contacts,
        false => read().map_or_else(Vec::new, |record| contacts::in_record(&record)),
    };
    if found.is_empty() && draft.suspects.is_empty() {
        return Vec::new();
    }
    let record = read();
    let known = public.map(contacts::in_record).unwrap_or_default();
    let known: HashSet<String> = known.into_iter().map(|(_, it)| it.text).collect();
    let (now, before) = (texts_of(record.as_deref()), texts_of(public));
    let stands = |path: &String| now.contains_key(path) && now.get(path) == before.get(path);

    let suspects = draft.suspects.iter();
    let told: HashSet<(&str, &str)> = suspects
        .clone()
        .map(|it| (it.fault.field.as_str(), it.contact.as_str()))
        .collect();
    let suspects = suspects.filter(|it| !known.contains(&it.contact) && !stands(&it.fault.field));
    let others = found.iter().filter(|(path, contact)| {
        let text = &contact.text;
        let named = format!("{}:{path}", draft.external_id);
        let is_allowed = batch.allow_contact.contains(text) || batch.allow_contact.contains(&named);
        !is_allowed && !known.contains(text) && !told.contains(&(path.as_str(), text.as_str()))
    });
    let others = others.map(|(path, contact)| {
        let remedy = format!("take it out; if it is an office's: --allow-contact {path}");
        Fault::of(0, contact.to_string(), remedy).at(path.clone(), &contact.text)
    });
    let faults = suspects.map(|it| it.fault.clone()).chain(others);
    faults.take(MOST_CONTACTS).collect()
}

/// The texts of a record by their paths.
fn texts_of(record: Option<&Record>) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    if let Some(record) = record {
        record.each_text(&mut |text| {
            texts.insert(text.path.to_owned(), text.text.to_owned());
        });
    }
    texts
}

/// Refuses what an erased record's source calls by the same id, in the draft or in its
/// payload, unless its record is named: a file that still has the row would bring it back.
///
/// # Errors
/// Nobody can know what was erased, or the views cannot be read.
pub(super) fn check_erased(
    names: &ErasedNames,
    views: &Views,
    log: &LogHandle,
    drafts: &[Draft],
    faults: &mut Faults,
) -> Result<(), NodeError> {
    if names.is_empty() {
        return Ok(());
    }
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
        if views.by_external_id(log.number(), name)?.is_empty() {
            let rule = format!("{name} is that of a record that was erased");
            let remedy = "take it out of the file, or publish it under another id";
            faults.add(Fault::of(n, rule, remedy).at("external_id", name));
        }
    }
    Ok(())
}
