//! One record as a row of a table, with who published it, where and when.

use wpsx_domain::records::Proven;
use wpsx_proto::{payload::SALT, record::Record};
use wpsx_sheets::{Published, Row};
use wpsx_words::Language;

use crate::{cite, item::Item, observatory::Observatory, time};

/// The row of an entry. Of one whose content is not here, or cannot be read, it holds the
/// ids alone: a page counts it, so a file does.
pub(crate) fn row(site: &Observatory, language: Language, item: &Item, proven: &Proven) -> Row {
    let payload = proven
        .slot
        .as_ref()
        .map(|slot| slot.slice(SALT.min(slot.len())..));
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
        },
        payload: readable.unwrap_or_default(),
    }
}
