//! Which organisation a group of States is, so that the page of its members leads to what names it.

use wpsx_domain::{NodeError, records::BodyNamed};

use crate::{item::Item, observatory::Observatory};

/// The page of that organisation, without the language; none where it has no record here. Blocks.
pub(super) fn itself(site: &Observatory, code: &str) -> Result<Option<String>, NodeError> {
    let body = BodyNamed {
        names: vec![code.to_owned()],
        ..BodyNamed::default()
    };
    let found = site.records.organisation(&site.sight(), &body)?;
    let found = found.as_ref().and_then(Item::outline);
    Ok(found.map(|item| format!("{}/{}", item.kind(), item.id())))
}
