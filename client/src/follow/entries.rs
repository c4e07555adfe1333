//! Takes packages apart into entries with their payloads.

use wpsx_proto::{
    index::LeafIndex,
    package::VerifiedPackage,
    payload::{SALT, SlotState, VerifiedFrame},
};

use crate::Entry;

/// The entries of a package with their payloads.
pub(super) fn entries<'a>(
    package: &'a VerifiedPackage,
    frames: &'a [VerifiedFrame],
    uncovered: SlotState,
) -> impl Iterator<Item = Entry> + 'a {
    let start = package.start().value();
    package.leaves().iter().enumerate().map(move |(at, leaf)| {
        let index = start + at as u64;
        let covering = frames.iter().find_map(|frame| {
            let at = usize::try_from(index.checked_sub(frame.start().value())?).ok()?;
            frame.states().get(at).map(|state| (frame, at, *state))
        });
        let has_payload = leaf.payload().is_some();
        let (state, payload) = match covering {
            Some((frame, at, state)) => (state, frame.slot(at).map(|slot| slot.slice(SALT..))),
            None if has_payload => (uncovered, None),
            None => (SlotState::None, None),
        };
        Entry {
            origin: package.origin().clone(),
            index: LeafIndex::new(index),
            bytes: package.entries().entry_bytes(at),
            leaf: *leaf,
            state,
            payload,
        }
    })
}
