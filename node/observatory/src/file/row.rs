//! One record as a row of a table, with who published it, where and when.

use wpsx_domain::records::Proven;
use wpsx_proto::{payload::SALT, record::Record};
use wpsx_sheets::{Published, Row};
use wpsx_words::Language;

use crate::{cite, item::Item, observatory::Observatory, revision, time};

/// The row of an entry; `taken_back`: what became of its record. Of one that says nothing, whose
/// content is not here, or that cannot be read, it holds the ids alone: a page counts it, so a
/// file does.
pub(crate) fn row(
    site: &Observatory,
    language: Language,
    item: &Item,
    proven: &Proven,
    taken_back: &str,
) -> Row {
    // What a superseded record's entry holds is no record, but what took its place.
    let slot = proven.slot.as_ref();
    let slot = slot.filter(|_| item.envelope.operation.publishes());
    let payload = slot.map(|slot| slot.slice(SALT.min(slot.len())..));
    let readable = payload.filter(|it| Record::read(item.envelope.kind, it).is_readable());
    Row {
        kind: item.envelope.kind,
        record_id: item.id(),
        revision: item.envelope.revision,
        published: Published {
            by: cite::publisher(site, item),
            origin: item.origin.to_string(),
            time: time::moment(item.envelope.publish_time).unwrap_or_default(),
            address: site.address(&format!("/{language}/{}", item.permanent_path())),
            taken_back: taken_back.to_owned(),
            payload: revision::not_here(item).to_owned(),
        },
        payload: readable.unwrap_or_default(),
    }
}
