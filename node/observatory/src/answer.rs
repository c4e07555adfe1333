//! The answer to an address, made once for the page and for every file of it, so that
//! figures cannot differ.

use wpsx_domain::{NodeError, Wanted};

use crate::{address::Address, item::Item, site::Observatory};

/// Records that an address asks for.
pub(crate) struct Answer {
    pub(crate) items: Vec<Item>,
    /// The address of the next page, if there is one.
    pub(crate) next: Option<Address>,
}

impl Answer {
    /// One part of the answer. Blocks.
    pub(crate) fn to(
        site: &Observatory,
        address: &Address,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        let sight = site.sight();
        let part = address.part();
        let page = site
            .records
            .list(&sight, &address.question(), &part, wanted)?;
        let next = (!page.next_token.is_empty()).then(|| Address {
            page: page.next_token.clone(),
            ..address.clone()
        });
        let items = page.entries.iter().filter_map(Item::of).collect();
        Ok(Self { items, next })
    }
}
