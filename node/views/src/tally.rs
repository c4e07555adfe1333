//! How many of the matching entries have which values.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    matching::Matches,
    question::Tally,
    rows::{
        bits::Bits,
        offsets::Offsets,
        set::{self, facet},
    },
    table::TableError,
    view::{Run, View},
    wanted::Group,
    work::tallies::{Counted, Tallies},
};

/// Of one facet so many values are counted; those that are found beyond are in the total alone.
pub(crate) const MOST_VALUES: usize = 10_000;

/// Counts the values of `facets`. What all current entries of a run have is `kept`.
pub(crate) fn count(
    view: &View<'_>,
    matches: &Matches,
    facets: &[String],
    kept: Option<&Tallies>,
) -> Result<Tally, TableError> {
    let mut tally = Tally {
        total: matches.values().map(Bits::len).sum(),
        ..Tally::default()
    };
    for ((log, _), bits) in matches {
        *tally.logs.entry(*log).or_default() += bits.len();
    }
    let kinds = count_of(view, matches, &[set::KINDS], kept)?;
    for (name, count) in kinds {
        if let Some(kind) = name.get(1..).and_then(|kind| kind.try_into().ok()) {
            tally.kinds.insert(u32::from_be_bytes(kind), count);
        }
    }
    // An ended record has the values that it had last.
    let contents = view.contents_of(matches)?;
    for name in facets {
        let prefix = facet(name);
        let counted = count_of(view, &contents, &prefix, kept)?;
        let counted = counted.into_iter().filter_map(|(set, count)| {
            let value = set.get(prefix.len()..)?;
            Some((String::from_utf8(value.to_vec()).ok()?, count))
        });
        tally.facets.insert(name.clone(), counted.collect());
    }
    Ok(tally)
}

/// Counts the sets whose names begin so.
fn count_of(
    view: &View<'_>,
    matches: &Matches,
    prefix: &[u8],
    kept: Option<&Tallies>,
) -> Result<Counted, TableError> {
    let mut all = Counted::new();
    for (run, bits) in matches {
        let here = view.run(run.0, run.1);
        let calm = here.is_calm()?;
        let counted = match kept
            .filter(|_| calm)
            .map(|kept| (kept, kept.of(*run, prefix)))
        {
            Some((_, Ok(counted))) => counted,
            Some((kept, Err(mark))) => {
                let counted = Arc::new(count_run(here, bits, prefix, calm)?);
                kept.keep(*run, prefix, mark, &counted);
                counted
            }
            None => Arc::new(count_run(here, bits, prefix, calm)?),
        };
        for (name, count) in counted.iter() {
            if let Some(sum) = all.get_mut(name) {
                *sum += count;
            } else if all.len() < MOST_VALUES {
                all.insert(name.clone(), *count);
            }
        }
    }
    Ok(all)
}

fn count_run(here: Run<'_>, bits: &Bits, prefix: &[u8], calm: bool) -> Result<Counted, TableError> {
    let mut counted = Counted::new();
    let last = [prefix, &[u8::MAX; 4]].concat();
    if calm {
        here.scan_sets(prefix, &last, &mut |name, bytes| {
            let count = Offsets::count_in(bytes, bits)?;
            if count > 0 {
                counted.insert(name.to_vec(), count);
            }
            Ok(())
        })?;
        return Ok(counted);
    }
    let group = Group::beginning(prefix);
    let mut sets = BTreeSet::new();
    here.scan_sets(prefix, &last, &mut |name, _| {
        sets.insert(name.to_vec());
        Ok(())
    })?;
    for layer in &here.view.layers {
        let in_layer = layer.sets(here.log, here.run).into_iter().flatten();
        let names = in_layer.map(|(name, _)| name.to_vec());
        sets.extend(names.filter(|name| group.has(name)));
    }
    for name in sets {
        let count = here.set(&name)?.common(bits);
        if count > 0 {
            counted.insert(name, count);
        }
    }
    Ok(counted)
}
