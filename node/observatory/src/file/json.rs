//! One record as JSON, in files of one and of many: as the command line shows it, with the
//! addresses of its page and its proof.

use serde_json::{Value, json};
use wpsx_domain::records::Proven;
use wpsx_proto::{
    envelope::Operation,
    payload::{SALT, SlotState},
    record::Record,
};
use wpsx_words::Language;

use crate::{
    cite,
    item::{Content, Item},
    observatory::Observatory,
    revision, time,
};

/// The record of an entry with where it stands; `newest`: the newest entry of the same record,
/// which says whether it was taken back. What newer software alone understands is
/// named in `unread_fields`; `record` is what an import takes.
pub(crate) fn shown(
    site: &Observatory,
    language: Language,
    item: &Item,
    proven: &Proven,
    newest: &Item,
) -> Value {
    let slot = proven.slot.as_ref();
    let slot = slot.filter(|_| item.envelope.operation.publishes());
    let payload = slot.and_then(|slot| slot.get(SALT..));
    let mut record = payload.map(|payload| Record::read(item.envelope.kind, payload).to_json());
    let unread = record
        .as_mut()
        .and_then(Value::as_object_mut)
        .and_then(|record| record.remove("unread_fields"));
    let page = site.address(&format!("/{language}/{}", item.permanent_path()));
    let mut shown = json!({
        "id": item.id(),
        "kind": item.kind().to_string(),
        "operation": operation(item.envelope.operation),
        "taken_back": Some(revision::in_files(newest)).filter(|said| !said.is_empty()),
        "origin": item.origin.to_string(),
        "publisher": cite::publisher(site, item),
        "index": item.index,
        "revision": item.envelope.revision,
        "time": time::moment(item.envelope.publish_time),
        "page": page,
        "proof": format!("{page}.tlog-proof"),
        "payload": payload_state(item),
        "record": record,
    });
    if let Some(unread) = unread {
        shown["unread_fields"] = unread;
    }
    shown
}

fn operation(operation: Operation) -> String {
    format!("{operation:?}").to_lowercase()
}

fn payload_state(item: &Item) -> &'static str {
    match &item.content {
        Content::Here(_) | Content::Hole(SlotState::Full) => "full",
        Content::Hole(SlotState::None) => "none",
        Content::Hole(SlotState::Filtered) => "filtered",
        Content::Hole(SlotState::Erased) => "erased",
        Content::Hole(SlotState::NotHeld) => "not held",
    }
}
