//! One record as a row of a table.

use wpsx_domain::records::Proven;
use wpsx_proto::{payload::SALT, record::Record};
use wpsx_sheets::Row;

use crate::item::Item;

/// The row of an entry. Of one whose content is not here, or cannot be read, it holds the
/// ids alone: a page counts it, so a file does.
pub(crate) fn row(item: &Item, proven: &Proven) -> Row {
    let payload = proven
        .slot
        .as_ref()
        .map(|slot| slot.slice(SALT.min(slot.len())..));
    let readable = payload.filter(|it| Record::read(item.envelope.kind, it).is_readable());
    Row {
        kind: item.envelope.kind,
        record_id: item.id(),
        revision: item.envelope.revision,
        publisher: item
            .origin
            .publisher()
            .map(|name| name.to_string())
            .unwrap_or_default(),
        payload: readable.unwrap_or_default(),
    }
}
