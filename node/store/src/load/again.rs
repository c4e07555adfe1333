//! What the state keeps of a log, made anew from the log itself.

use wpsx_proto::index::BUNDLE;

use crate::{
    error::StoreError,
    format::{
        erased::{Erased, Records},
        holes::Holes,
        saved::{Saved, VERSION},
    },
    log::handle::Log,
};

/// Whether a log without a state file has files that say that it had one.
pub(super) fn is_there(log: &Log) -> Result<bool, StoreError> {
    let children = log.files.children(&log.dir)?;
    Ok(children.iter().any(|name| !name.starts_with("origin")))
}

/// How far the files are: as far as the signed checkpoint beside them, which is written
/// before the state is, and after the files. What the journal has beyond it is applied
/// then, and what it has of these entries is passed over.
/// Gives with it why it is made anew.
pub(super) fn saved(
    log: &Log,
    lost: StoreError,
) -> Result<(Saved, Option<StoreError>), StoreError> {
    let Some(note) = log.files.read(&log.name("checkpoint"))? else {
        return Err(lost);
    };
    let Ok(head) = log.checkpoint(&note) else {
        return Err(lost);
    };
    log.passes_over
        .store(true, std::sync::atomic::Ordering::Release);
    let saved = Saved {
        version: VERSION,
        size: head.size().value(),
        head: note,
        ..Saved::default()
    };
    Ok((saved, Some(lost)))
}

/// What the erase entries of the log destroyed.
pub(super) fn erased(log: &Log) -> Result<Erased, StoreError> {
    let size = log.contents.read().size();
    let mut records = Records::default();
    log.read_leaves(0..size, |index, leaf| records.note(index, leaf))?;
    let mut erased = Erased::default();
    log.read_leaves(0..size.min(records.end()), |index, leaf| {
        if leaf.payload().is_some() && records.cover(index, leaf) {
            erased.insert(index);
        }
    })?;
    Ok(erased)
}

/// How many holes there are, counted.
pub(super) fn holes(log: &Log) -> Result<Holes, StoreError> {
    let size = log.contents.read().size();
    let mut holes = Holes::default();
    for bundle in 0..size.div_ceil(BUNDLE) {
        let width = (size - bundle * BUNDLE).min(BUNDLE) as usize;
        let slots = log.payloads(bundle, &(width..width))?;
        holes.change(slots.holes().since(Holes::default()));
    }
    Ok(holes)
}
