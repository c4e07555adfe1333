//! Plans what a package brings to a replica: the entries that are not stored yet, with
//! the payloads that came along.

use std::sync::atomic::Ordering;

use wpsx_proto::{
    envelope::Leaf,
    index::{LeafIndex, TreeSize},
    package::VerifiedPackage,
    payload::{SlotState, VerifiedFrame},
};

use super::{Growth, Not, Plan};
use crate::{
    error::StoreError,
    format::{change::Writer, erased, frame::Frame},
    log::handle::LogHandle,
    write::request::Extend,
};

impl Plan {
    pub(crate) fn extend(&mut self, ask: &Extend) -> Result<(), Not> {
        let Extend {
            package,
            frames: given,
            other,
            into_own,
        } = ask;
        let log = self.pulled(package.origin(), *into_own)?;
        let number = log.number();
        let erases = package.leaves().iter().any(erased::is_erase);
        if erases {
            self.fresh(&log.inner)?;
        }
        let size = self.draft(&log.inner).size;
        let (start, end) = (package.start().value(), package.end().value());
        if start > size {
            let stored = TreeSize::new(size);
            return Err(StoreError::Gap {
                start: package.start(),
                stored,
            }
            .into());
        }
        self.compare_overlap(&log, package, size)?;
        if end <= size {
            return Ok(());
        }
        let erased = self.package_erasures(&log, package)?;
        let stored: Vec<u64> = erased
            .iter()
            .copied()
            .filter(|index| *index < size)
            .collect();
        let holes = log.holes_of_erasing(&stored)?;
        self.mend_before(&log, stored.into_iter())?;
        let skip = (size - start) as usize;
        let frames = {
            let contents = log.inner.contents.read();
            let is_erased = |index: u64| {
                contents.erased.contains(index) || erased.binary_search(&index).is_ok()
            };
            replicated(package, given, size, *other, is_erased)
        };
        let entries = package.entries();
        let entries = entries.slice(skip..entries.len());
        let mut writer = Writer(&mut self.buffer);
        writer.extend(number, size, end - size, &entries.bytes(), frames.len());
        for frame in &frames {
            writer.whole_frame(frame);
        }
        if !erased.is_empty() {
            writer.erase(number, &erased, holes);
            self.erases = true;
        }
        let draft = self.draft(&log.inner);
        draft.size = end;
        match erases {
            true => {
                draft.growth = Growth::More;
                log.inner.erases_until.fetch_max(end, Ordering::Relaxed);
            }
            false => draft.growth.add(&package.leaf_hashes()[skip..]),
        }
        Ok(())
    }

    /// What a package repeats must be what we have.
    fn compare_overlap(
        &self,
        log: &LogHandle,
        package: &VerifiedPackage,
        size: u64,
    ) -> Result<(), Not> {
        let start = package.start();
        let end = package.end().value().min(size);
        if start.value() >= end {
            return Ok(());
        }
        if end > log.stored().value() {
            return Err(Not::Now);
        }
        let ours = log.leaf_hashes(start, LeafIndex::new(end))?;
        match ours
            .iter()
            .zip(package.leaf_hashes())
            .position(|(ours, theirs)| ours != theirs)
        {
            Some(at) => Err(StoreError::Differs(start.plus(at as u64)).into()),
            None => Ok(()),
        }
    }

    /// The indexes that the erase entries of a package destroy, in order.
    fn package_erasures(
        &self,
        log: &LogHandle,
        package: &VerifiedPackage,
    ) -> Result<Vec<u64>, StoreError> {
        let start = package.start().value();
        let leaves = package.leaves();
        erased::linked_to(
            (start..).zip(leaves),
            |index| log.is_erased(LeafIndex::new(index)),
            |index| {
                if index >= start {
                    return Ok(leaves[(index - start) as usize]);
                }
                Ok(Leaf::read(&log.entry(LeafIndex::new(index))?))
            },
        )
    }
}

/// The frames of a package's entries from `from` on: given ones as they came where
/// nothing has to be left out, holes for the rest.
fn replicated(
    package: &VerifiedPackage,
    given: &[VerifiedFrame],
    from: u64,
    other: SlotState,
    is_erased: impl Fn(u64) -> bool,
) -> Vec<Frame> {
    let start = package.start().value();
    let end = package.end().value();
    let mut frames = Vec::new();
    let mut at = from;
    let mut given: Vec<&VerifiedFrame> = given.iter().collect();
    given.sort_by_key(|frame| frame.start());
    let leaf = |index: u64| &package.leaves()[(index - start) as usize];
    for frame in given {
        let first = frame.start().value();
        let stop = (first + frame.states().len() as u64).min(end);
        if stop <= at {
            continue;
        }
        holes(
            at,
            first.min(end).max(at),
            other,
            &leaf,
            &is_erased,
            &mut frames,
        );
        at = at.max(first);
        if at >= end {
            break;
        }
        let whole = at == first
            && stop == first + frame.states().len() as u64
            && (at..stop)
                .zip(frame.states())
                .all(|(index, state)| settled(*state, is_erased(index)) == *state);
        match Frame::received(frame).filter(|_| whole) {
            Some(frame) => frames.push(frame),
            None => {
                let slots: Vec<_> = (at..stop)
                    .map(|index| {
                        let place = (index - first) as usize;
                        match settled(frame.states()[place], is_erased(index)) {
                            SlotState::Full => (SlotState::Full, frame.slot(place)),
                            state => (state, None),
                        }
                    })
                    .collect();
                frames.extend(Frame::make(at, &slots, 0));
            }
        }
        at = stop;
    }
    holes(at, end, other, &leaf, &is_erased, &mut frames);
    frames
}

/// A slot's state once the log itself was asked: an erase entry erases, a sender's
/// word does not.
fn settled(state: SlotState, is_erased: bool) -> SlotState {
    match (state, is_erased) {
        (SlotState::None, _) => SlotState::None,
        (_, true) => SlotState::Erased,
        (SlotState::Erased, false) => SlotState::NotHeld,
        (state, false) => state,
    }
}

/// A frame without payloads for `[at, end)`.
fn holes<'l>(
    at: u64,
    end: u64,
    other: SlotState,
    leaf: &impl Fn(u64) -> &'l Leaf,
    is_erased: &impl Fn(u64) -> bool,
    frames: &mut Vec<Frame>,
) {
    if at >= end {
        return;
    }
    let slots: Vec<_> = (at..end)
        .map(|index| {
            let state = match (erased::has_payload(leaf(index)), is_erased(index)) {
                (false, _) => SlotState::None,
                (true, true) => SlotState::Erased,
                (true, false) => other,
            };
            (state, None)
        })
        .collect();
    frames.extend(Frame::make(at, &slots, 0));
}
