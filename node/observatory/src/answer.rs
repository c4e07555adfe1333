//! The answer to an address, made once for the page and for every file of it, so that
//! figures cannot differ.

use wpsx_domain::{
    NodeError, Wanted,
    records::{Tally, Target},
};

use crate::{
    address::{Address, FACETS},
    item::Item,
    observatory::Observatory,
};

/// Records that an address asks for.
pub(crate) struct Answer {
    pub(crate) items: Vec<Item>,
    /// The address of the next page, if there is one.
    pub(crate) next: Option<Address>,
}

/// How many records an address asks for in all, by kinds, and by values of facets. Blocks.
pub(crate) fn tally(
    site: &Observatory,
    address: &Address,
    wanted: &Wanted,
) -> Result<Tally, NodeError> {
    let facets = FACETS.map(str::to_owned);
    site.records
        .tally(&site.sight(), &address.question(), &facets, wanted)
}

impl Answer {
    /// One part of the answer. Blocks.
    pub(crate) fn to(
        site: &Observatory,
        address: &Address,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        let (sight, question) = (site.sight(), address.question());
        let part = address.part();
        let page = site.records.list(&sight, &question, &part, wanted)?;
        let next = (!page.next_token.is_empty()).then(|| Address {
            page: page.next_token.clone(),
            ..address.clone()
        });
        let items = page.entries.iter().filter_map(Item::of).collect();
        Ok(Self { items, next })
    }

    /// The records that refer to one, newest change first.
    pub(crate) fn referring(
        site: &Observatory,
        item: &Item,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        let target = Target {
            record: Some(item.envelope.record_id),
            origin: item.origin.to_string(),
            external_id: item.external_id().unwrap_or_default(),
        };
        let address = Address {
            refers_to: Some(target),
            ..Address::default()
        };
        Self::to(site, &address, wanted)
    }
}
