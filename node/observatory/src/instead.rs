//! What can be asked in the place of something that nobody knows: what may have been meant, and
//! where nothing is near to it, what records have.

use std::cmp::Reverse;

use wpsx_domain::{NodeError, Wanted};
use wpsx_words::{distance, fold};

use crate::{
    address::Address,
    answer::tally,
    choices::Choice,
    facets,
    near::REGION,
    observatory::Observatory,
    publishers::Publishers,
    texts::{self, Said},
};

/// Values that are offered where none is near.
const MOST_KNOWN: usize = 20;
/// The same where one is.
const MOST_NEAR: usize = 5;

/// Something that nobody knows, and no record has: nothing is found because of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    pub(crate) choice: Choice,
    /// What there is, best first.
    pub(crate) instead: Vec<Choice>,
    /// It may have been meant.
    is_near: bool,
}

impl Unknown {
    /// Looks for what there is instead. Blocks.
    pub(crate) fn of(
        site: &Observatory,
        address: &Address,
        choice: Choice,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        let mut instead = choice.near(site.vocabularies(), &Publishers::of(site));
        let mut is_near = !instead.is_empty();
        if !is_near {
            let known = known(site, address, &choice, wanted)?;
            instead = near(&choice, &known);
            is_near = !instead.is_empty();
            if !is_near {
                instead = known;
                instead.truncate(MOST_KNOWN);
            }
        }
        Ok(Self {
            choice,
            instead,
            is_near,
        })
    }

    /// What is said before what there is instead.
    pub(crate) fn says(&self) -> &'static Said {
        match self.is_near {
            true => &texts::MEANT,
            false => &texts::KNOWN,
        }
    }
}

/// All that could stand in the place of a choice: what records of the kind have, the most
/// frequent first, and what they could have where that is not much, or nothing else.
fn known(
    site: &Observatory,
    address: &Address,
    choice: &Choice,
    wanted: &Wanted,
) -> Result<Vec<Choice>, NodeError> {
    let facet = match choice {
        Choice::Country(_) => "country",
        Choice::Facet(name, _) => name,
        Choice::Region(_) => {
            let groups = site.vocabularies().get_or_empty(REGION[0]).offered();
            let groups = groups.map(|term| Choice::Region(term.code.clone()));
            return Ok(groups.collect());
        }
        _ => return Ok(Vec::new()),
    };
    let all = Address {
        kind: address.kind,
        everything: true,
        ..Address::default()
    };
    let held = tally(site, &all, &[facet], wanted)?.facets.remove(facet);
    let mut held: Vec<(String, u64)> = held.into_iter().flatten().collect();
    held.sort_by_key(|(_, count)| Reverse(*count));
    let mut values: Vec<String> = held.into_iter().map(|(value, _)| value).collect();
    let possible = facets::possible(address.kind, facet, site.vocabularies());
    // Of a long vocabulary nobody reads what no record has.
    if values.is_empty() || possible.len() <= MOST_KNOWN {
        let further = possible.into_iter();
        let further: Vec<_> = further.filter(|value| !values.contains(value)).collect();
        values.extend(further);
    }
    let value = |value| match choice {
        Choice::Country(_) => Choice::Country(value),
        _ => Choice::Facet(facet.to_owned(), value),
    };
    Ok(values.into_iter().map(value).collect())
}

/// Those whose codes are nearest to what was asked, where no vocabulary names them.
fn near(choice: &Choice, known: &[Choice]) -> Vec<Choice> {
    let Choice::Facet(_, asked) = choice else {
        return Vec::new();
    };
    let asked = fold(asked);
    let far = |known: &Choice| match known {
        Choice::Facet(_, code) => distance(&asked, &fold(code)),
        _ => None,
    };
    let mut near: Vec<(usize, &Choice)> = known
        .iter()
        .filter_map(|known| Some((far(known)?, known)))
        .collect();
    near.sort_by_key(|(far, _)| *far);
    let near = near.into_iter().take(MOST_NEAR);
    near.map(|(_, known)| known.clone()).collect()
}
