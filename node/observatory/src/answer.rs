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
    /// The number of the first of them in the whole answer, where the address says it.
    pub(crate) first: Option<u64>,
}

/// Behind the token of a page: the number of its first record.
const NUMBER: char = '~';

/// The token of a page and the number of its first record.
fn place(page: &str) -> (&str, Option<u64>) {
    match page.rsplit_once(NUMBER) {
        Some((token, number)) => (token, number.parse().ok().filter(|number| *number > 0)),
        None if page.is_empty() => (page, Some(1)),
        None => (page, None),
    }
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
        let (token, first) = place(&address.page);
        let part = Part {
            size,
            token: token.to_owned(),
            bare: true,
        };
        let (sight, question) = (site.sight(), address.question());
        let page = site.records.list(&sight, &question, &part, wanted)?;
        let at = |token: &str, number: Option<u64>| {
            let page = match number {
                Some(number) => format!("{token}{NUMBER}{number}"),
                None => token.to_owned(),
            };
            (!token.is_empty()).then(|| Address {
                page,
                ..address.clone()
            })
        };
        let before = first.map(|first| first.saturating_sub(size.into()).max(1));
        let behind = first.map(|first| first.saturating_add(page.entries.len() as u64));
        Ok(Self {
            items: page.entries.iter().filter_map(read).collect(),
            next: at(&page.next_token, behind),
            previous: at(&page.previous_token, before),
            first,
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
        ..Target::default()
    }
}
