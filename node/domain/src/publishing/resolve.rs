//! Which records the drafts of a batch are about, and whether they say anything new.
//!
//! What stands in the log is read in the order of its entries, whatever the order of the
//! drafts: so each frame of payloads is decoded once, however large the log is.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use wpsx_client::random::Random;
use wpsx_proto::{
    envelope::{Operation, Reason},
    origin::RecordId,
    record::{Kind, normal_external_id},
};
use wpsx_store::{LogHandle, NewEntry, RecordTarget};
use wpsx_views::{Latest, Views};

use super::{
    check::{Said, broken_alone, broken_fields, broken_together, contacts_of},
    custody::held,
    draft::{Batch, Became, Draft, Published},
    extent::Extent,
    fault::{Fault, Faults},
    licence::licensed,
    others::left_to,
    standing::Standing,
};
use crate::error::NodeError;

/// What has to be done for a draft.
pub(super) struct Resolved {
    /// What becomes of it; of an entry, what is known before it is written.
    pub(super) published: Published,
    /// What is to be written.
    pub(super) entry: Option<NewEntry>,
    /// It is the record of a draft that names no licence, and neither does what stands of it.
    pub(super) unlicensed: bool,
}

impl Resolved {
    fn without_entry(published: Published) -> Self {
        Self {
            published,
            entry: None,
            unlicensed: false,
        }
    }
}

/// Finds the drafts' records in `log`, which the views show whole. A draft with a fault
/// has no entry.
///
/// # Errors
/// Our files or the views cannot be read.
pub(super) fn resolve(
    (logs, random): (&Logs<'_>, &Random),
    licence: Option<&str>,
    batch: &Batch,
    (drafts, mut said): (Vec<Draft>, Vec<Said>),
    faults: &mut Faults,
) -> Result<Vec<Resolved>, NodeError> {
    let mut found = Vec::with_capacity(drafts.len());
    let mut first: HashMap<RecordId, usize> = HashMap::new();
    let mut names = HashMap::new();
    for (n, draft) in drafts.iter().enumerate() {
        let known = known(logs, draft);
        let known = known?.and_then(|known| match known {
            Known::Own(id, _) if first.contains_key(&id) => {
                let rule = format!("it is about the same record as record {}", first[&id] + 1);
                Err(Box::new(Fault::of(n, rule, "leave one of the two out")))
            }
            known => Ok(known),
        });
        if let Ok(Known::Own(id, _)) = known {
            first.insert(id, n);
        }
        // What others call their records is theirs.
        let name = normal_external_id(&draft.external_id);
        if !matches!(known, Ok(Known::OfOthers(..)))
            && !name.is_empty()
            && let Some(first) = names.insert(name.into_owned(), n)
        {
            let id = &draft.external_id;
            let rule = format!("{id} is also that of record {}", first + 1);
            let fault = Fault::of(n, rule, "give each record an id of its own");
            faults.add(fault.at("external_id", id));
        }
        found.push(known.map_err(|fault| Fault { draft: n, ..*fault }));
    }
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    order.sort_by_key(|n| match &found[*n] {
        Ok(Known::Own(_, latest)) => (None, latest.index),
        Ok(Known::OfOthers(_, log, latest)) => (Some(log.number()), latest.index),
        _ => (Some(u32::MAX), u64::MAX),
    });
    let mut drafts: Vec<Option<Draft>> = drafts.into_iter().map(Some).collect();
    let mut resolved: Vec<Option<Resolved>> = drafts.iter().map(|_| None).collect();
    for n in order {
        let Some(draft) = drafts[n].take() else {
            continue;
        };
        let said = std::mem::take(&mut said[n]);
        let one = match &found[n] {
            Err(fault) => Err(vec![fault.clone()]),
            Ok(Known::OfOthers(id, log, latest)) if batch.is_file => Ok(Resolved::without_entry(
                left_to(log, (*id, *latest), &draft),
            )),
            Ok(Known::OfOthers(id, log, _)) => {
                let rule = format!("record {id} is of the log {}", log.origin());
                Err(vec![Fault::of(0, rule, "its publisher alone changes it")])
            }
            Ok(Known::Nowhere) => {
                let contacts = contacts_of(batch, &draft, said, None);
                let mut wrong = [broken_alone(&draft), contacts].concat();
                let draft = match batch.in_custody {
                    true => held(draft).map_err(|fault| wrong.push(*fault)).ok(),
                    false => Some(draft),
                };
                match (draft, wrong) {
                    (Some(draft), wrong) if wrong.is_empty() => Ok(entry_of(
                        RecordTarget::New(RecordId::from_bytes(random.bytes())),
                        licensed(draft, licence),
                        random,
                    )),
                    (_, wrong) => Err(wrong),
                }
            }
            Ok(Known::Own(id, latest)) => {
                let record = (*id, *latest);
                existing((logs.log, random, licence), batch, record, (draft, said))?
            }
        };
        resolved[n] = Some(one.unwrap_or_else(|wrong| {
            for fault in wrong {
                faults.add(Fault { draft: n, ..fault });
            }
            Resolved::without_entry(Published {
                became: Became::Refused,
                ..Published::default()
            })
        }));
    }
    let mut resolved: Vec<Resolved> = resolved.into_iter().flatten().collect();
    for (n, refused) in resolved.iter_mut().enumerate() {
        if faults.has(n) {
            refused.published.became = Became::Refused;
        }
    }
    Ok(resolved)
}

/// Where records are looked for.
pub(super) struct Logs<'a> {
    views: &'a Views,
    /// The log that is published in.
    log: &'a LogHandle,
    /// All that are here, by their numbers.
    all: BTreeMap<u32, LogHandle>,
    numbers: wpsx_views::Logs,
}

impl<'a> Logs<'a> {
    pub(super) fn new(views: &'a Views, log: &'a LogHandle, all: Vec<LogHandle>) -> Self {
        let all: BTreeMap<_, _> = all.into_iter().map(|log| (log.number(), log)).collect();
        Self {
            views,
            log,
            numbers: all.keys().copied().collect(),
            all,
        }
    }

    /// The log that has a record, whoever publishes it, and its newest entry there.
    fn of_record(&self, id: &RecordId) -> Result<Option<(LogHandle, Latest)>, NodeError> {
        let found = self.views.find(&self.numbers, id)?;
        Ok(found.first().and_then(|(number, latest)| {
            let log = self.all.get(number)?;
            Some((log.clone(), *latest))
        }))
    }
}

/// The record that a draft is about.
enum Known {
    /// There is none yet.
    Nowhere,
    /// One of the log, and its newest entry.
    Own(RecordId, Latest),
    /// One of another log, and its newest entry there.
    OfOthers(RecordId, LogHandle, Latest),
}

fn known(logs: &Logs<'_>, draft: &Draft) -> Result<Result<Known, Box<Fault>>, NodeError> {
    let Logs { views, log, .. } = logs;
    if let Some(id) = draft.record_id {
        let latest = views.latest(log.number(), &id)?;
        if latest.is_none()
            && let Some((log, latest)) = logs.of_record(&id)?
        {
            return Ok(Ok(Known::OfOthers(id, log, latest)));
        }
        let name = &draft.external_id;
        let named = match name.is_empty() {
            true => Vec::new(),
            false => views.by_external_id(log.number(), name)?,
        };
        // Of several that have it already, one may say it again.
        if let Some(other) = named.first().filter(|_| !named.contains(&id)) {
            let rule = format!("{name} is the id of record {other} already");
            let remedy = "give each record an id of its own";
            let fault = Fault::of(0, rule, remedy).at("external_id", name);
            return Ok(Err(Box::new(fault)));
        }
        return Ok(latest.map(|latest| Known::Own(id, latest)).ok_or_else(|| {
            Box::new(Fault::of(
                0,
                format!("record {id} is not known here"),
                "wpsx list --withdrawn shows the records that are; without the id it would be a \
                 new record",
            ))
        }));
    }
    if draft.external_id.is_empty() {
        return Ok(Ok(Known::Nowhere));
    }
    let name = &draft.external_id;
    match views.by_external_id(log.number(), name)?.as_slice() {
        [] => Ok(Ok(Known::Nowhere)),
        [id] => {
            let latest = views.latest(log.number(), id)?;
            let own = latest.map(|latest| Known::Own(*id, latest));
            Ok(Ok(own.unwrap_or(Known::Nowhere)))
        }
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            let rule = format!(
                "{name} names {} records here: {}",
                several.len(),
                ids.join(", ")
            );
            let remedy = "erase all but one, or name the record by its id";
            let fault = Fault::of(0, rule, remedy).at("external_id", name);
            Ok(Err(Box::new(fault)))
        }
    }
}

/// What becomes of a draft whose record is in the log.
fn existing(
    (log, random, licence): (&LogHandle, &Random, Option<&str>),
    batch: &Batch,
    (id, latest): (RecordId, Latest),
    (mut draft, said): (Draft, Said),
) -> Result<Result<Resolved, Vec<Fault>>, NodeError> {
    let mut named_none = false;
    if !matches!(draft.extent, Extent::Fields(_)) {
        (draft, named_none) = licensed(draft, licence);
    }
    let standing = Standing::read(log, &latest)?;
    let before = standing.payload.clone().filter(|_| draft.show);
    let (title, external_id) = standing.name_beside(&draft);
    let stays = |became: Became, draft: &Draft| {
        Resolved::without_entry(Published {
            record_id: Some(id),
            index: latest.index,
            revision: latest.revision,
            unchanged: true,
            left_withdrawn: matches!(became, Became::LeftWithdrawn | Became::LeftHandedOver),
            became,
            changes: Vec::new(),
            payload: shown(draft),
            before: before.clone(),
            publish_time: standing.publish_time,
            of_others: None,
            title: title.clone(),
            external_id: external_id.clone(),
        })
    };
    let newer = draft.revision.filter(|from| *from != latest.revision);
    let base = match newer {
        Some(from) => Standing::of_revision(log, &latest, from)?,
        None => None,
    };
    let is_left = batch.leave_withdrawn && !latest.current;
    let is_other_kind = standing.kind != 0 && standing.kind != draft.kind;
    if batch.is_file && is_other_kind && !is_left {
        return Ok(Err(vec![other_kind(&id, &standing, &draft)]));
    }
    // Who means it publishes it by its id alone; a file may be older than the erasure.
    if batch.is_file && latest.operation == Operation::Erase {
        let rule = format!("record {id} was erased");
        return Ok(Err(vec![Fault::of(0, rule, "take it out of the file")]));
    }
    // A row that says what its own revision said was not edited.
    let unedited = base.is_some_and(|base| {
        let laid = base.laid(&draft);
        base.says(&laid) || batch.in_custody && held(laid).is_ok_and(|laid| base.says(&laid))
    });
    match standing.under(&draft) {
        Ok(Some(laid)) => draft.payload = laid.payload().clone(),
        Ok(None) => match broken_fields(&draft) {
            rules if rules.is_empty() || is_left => {}
            rules => return Ok(Err(rules)),
        },
        Err(rules) => return Ok(Err(broken_together(&rules, &draft))),
    }
    draft.extent = Extent::Whole;
    if batch.in_custody && !is_left {
        // Nothing happens to a record that says the same, whoever it is of.
        let is_same = latest.current && standing.says(&draft);
        draft = match held(draft.clone()) {
            Ok(draft) => draft,
            Err(_) if is_same => draft,
            Err(fault) => return Ok(Err(vec![*fault])),
        };
    }
    let (draft, names_none) = licensed(draft, licence);
    if latest.current && (standing.says(&draft) || unedited) {
        return Ok(Ok(stays(Became::Unchanged, &draft)));
    }
    let is_handed_over = latest.operation == Operation::Supersede;
    if is_left {
        let became = match is_handed_over {
            true => Became::LeftHandedOver,
            false => Became::LeftWithdrawn,
        };
        return Ok(Ok(stays(became, &draft)));
    }
    if is_handed_over {
        // It would count twice.
        let rule = "it was handed over to another publisher, whose record it is";
        let remedy = format!("leave it out; wpsx get {id} says who publishes it");
        return Ok(Err(vec![Fault::of(0, rule, remedy)]));
    }
    if let Some(from) = newer {
        let rule = format!(
            "it was made from revision {from}, and the record has revision {} now",
            latest.revision
        );
        let remedy = format!("look at wpsx history {id}, export it again and edit that");
        return Ok(Err(vec![Fault::of(0, rule, remedy)]));
    }
    let public = latest.current.then(|| standing.record()).flatten();
    let contacts = contacts_of(batch, &draft, said, public.as_ref());
    let changes = match batch.keep_values || batch.dry_run {
        true => standing.changes_to(&draft),
        false => Vec::new(),
    };
    let removed = changes.iter().filter(|change| change.is_removed());
    let removed: Vec<Fault> = removed
        .map(|change| {
            let value = change.before.as_deref().unwrap_or_default();
            let rule = format!("it would remove {:?}", shortened(value));
            let in_list = change
                .path
                .split('.')
                .any(|name| name.parse::<u32>().is_ok());
            let remedy = match in_list {
                true => {
                    "a list is one field: give all its columns, as wpsx export writes them, or \
                     --allow-removals"
                }
                false => "fill it in, or give --allow-removals",
            };
            Fault {
                removes: true,
                ..Fault::of(0, rule, remedy).at(change.path.clone(), value)
            }
        })
        .collect();
    let refused = match batch.keep_values {
        true => [contacts, removed].concat(),
        false => contacts,
    };
    if !refused.is_empty() {
        return Ok(Err(refused));
    }
    let licensed = (draft, named_none || names_none);
    let mut one = entry_of(RecordTarget::Existing(id), licensed, random);
    one.published = Published {
        payload: one.published.payload,
        before: before.clone(),
        publish_time: standing.publish_time,
        record_id: Some(id),
        index: 0,
        revision: latest.revision.saturating_add(1),
        became: match latest.current {
            true => Became::Changed,
            false => Became::Reinstated,
        },
        changes,
        title: title.clone(),
        external_id: external_id.clone(),
        ..Published::default()
    };
    Ok(Ok(one))
}

/// A file that says some other kind of record means another one.
fn other_kind(id: &RecordId, standing: &Standing, draft: &Draft) -> Fault {
    let (is, said) = (Kind::new(standing.kind), Kind::new(draft.kind));
    let rule = format!("record {id} is of the kind {is}, not {said}");
    let remedy = format!(
        "say {is}, or give the {said} an id of its own; wpsx publish --record changes a kind"
    );
    Fault::of(0, rule, remedy).at("kind", &said.to_string())
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

/// What a draft says, where that is wanted.
fn shown(draft: &Draft) -> Option<Bytes> {
    draft.show.then(|| draft.payload.clone())
}

fn entry_of(target: RecordTarget, (draft, unlicensed): (Draft, bool), random: &Random) -> Resolved {
    Resolved {
        unlicensed,
        published: Published {
            payload: shown(&draft),
            ..Published::default()
        },
        entry: Some(NewEntry {
            target,
            operation: Operation::Publish,
            kind: draft.kind,
            payload: Some(draft.payload),
            reason: Reason::Unspecified,
            salt: random.bytes(),
        }),
    }
}
