//! The answer to an address, made once for the page and for every file of it, so that
//! figures cannot differ.

use wpsx_domain::{
    NodeError, Wanted,
    records::{Part, Proven, Tally, Target},
};

use crate::{
    address::{Address, PAGE},
    item::Item,
    observatory::Observatory,
};

/// Records that an address asks for.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) items: Vec<Item>,
    /// The address of the next page, if there is one.
    pub(crate) next: Option<Address>,
    /// The address of the page before, if there is one.
    pub(crate) previous: Option<Address>,
}

/// How many records an address asks for in all, by kinds, and by values of these facets. Blocks.
pub(crate) fn tally(
    site: &Observatory,
    address: &Address,
    facets: &[&str],
    wanted: &Wanted,
) -> Result<Tally, NodeError> {
    let facets: Vec<String> = facets.iter().map(|facet| (*facet).to_owned()).collect();
    site.records
        .tally(&site.sight(), &address.question(), &facets, wanted)
}

impl Answer {
    /// A page of the answer. Blocks.
    pub(crate) fn to(
        site: &Observatory,
        address: &Address,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        Self::of(site, address, PAGE, wanted)
    }

    /// So many records of the answer, each with what a list shows of it. Blocks.
    pub(crate) fn of(
        site: &Observatory,
        address: &Address,
        size: u32,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        Self::read(site, address, size, wanted, Item::outline)
    }

    /// The same with all that each record says. Blocks.
    pub(crate) fn whole(
        site: &Observatory,
        address: &Address,
        size: u32,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        Self::read(site, address, size, wanted, Item::of)
    }

    fn read(
        site: &Observatory,
        address: &Address,
        size: u32,
        wanted: &Wanted,
        read: impl Fn(&Proven) -> Option<Item>,
    ) -> Result<Self, NodeError> {
        let part = Part {
            size,
            token: address.page.clone(),
            bare: true,
        };
        let (sight, question) = (site.sight(), address.question());
        let page = site.records.list(&sight, &question, &part, wanted)?;
        let at = |token: &str| {
            let page = token.to_owned();
            (!token.is_empty()).then(|| Address {
                page,
                ..address.clone()
            })
        };
        Ok(Self {
            items: page.entries.iter().filter_map(read).collect(),
            next: at(&page.next_token),
            previous: at(&page.previous_token),
        })
    }
}

/// A record by all its names, for who refers to it.
pub(crate) fn target(item: &Item) -> Target {
    Target {
        record: Some(item.envelope.record_id),
        origin: item.origin.to_string(),
        external_id: item.external_id().unwrap_or_default(),
        by_name: true,
    }
}
