//! Plans payloads that come for holes, and holes that come with erasures.

use wpsx_proto::{
    index::{BUNDLE, LeafIndex},
    payload::SlotState,
};

use super::{Growth, Not, Plan};
use crate::{
    error::StoreError,
    format::{change::Writer, frame::Frame, holes::HoleChange},
    log::handle::LogHandle,
    write::request::Fill,
};

impl Plan {
    pub(crate) fn fill(&mut self, ask: &Fill) -> Result<(), Not> {
        let Fill { origin, frame } = ask;
        let log = self.shared.known(origin)?;
        self.fresh(&log.inner)?;
        let start = frame.start().value();
        let end = start + frame.states().len() as u64;
        if end > log.stored().value() {
            return Err(StoreError::Beyond {
                asked: end - 1,
                stored: log.stored(),
            }
            .into());
        }
        let width = (end - start / BUNDLE * BUNDLE) as usize;
        // Their states alone.
        let held = log.inner.payloads(start / BUNDLE, &(width..width))?;
        self.mend_before(&log, std::iter::once(start))?;
        let mut slots = Vec::with_capacity(frame.states().len());
        let mut holes = HoleChange::default();
        let mut any = false;
        for (at, index) in (start..end).enumerate() {
            let before = held.state((index % BUNDLE) as usize);
            let is_hole = matches!(before, SlotState::Filtered | SlotState::NotHeld)
                && !log.is_erased(LeafIndex::new(index));
            let slot = frame.slot(at).filter(|_| is_hole);
            // Our own filter left it out: it is not missing, and is not asked for again.
            let left_out = is_hole && frame.states()[at] == SlotState::Filtered;
            let state = match (&slot, before) {
                (Some(_), SlotState::Filtered) => {
                    holes.filtered -= 1;
                    SlotState::Full
                }
                (Some(_), _) => {
                    holes.not_held -= 1;
                    SlotState::Full
                }
                (None, SlotState::NotHeld) if left_out => {
                    holes.not_held -= 1;
                    holes.filtered += 1;
                    SlotState::Filtered
                }
                (None, _) => {
                    slots.push((SlotState::NotHeld, None));
                    continue;
                }
            };
            any = true;
            slots.push((state, slot));
        }
        if !any {
            return Ok(());
        }
        let made = Frame::make(start, &slots, 0);
        for (n, frame) in made.iter().enumerate() {
            let holes = if n == 0 { holes } else { HoleChange::default() };
            Writer(&mut self.buffer).fill(log.number(), frame, holes);
        }
        self.draft(&log.inner).growth = Growth::More;
        Ok(())
    }
}

impl LogHandle {
    /// How the holes change when stored slots are erased.
    pub(crate) fn holes_of_erasing(&self, indexes: &[u64]) -> Result<HoleChange, StoreError> {
        let mut holes = HoleChange::default();
        for index in indexes {
            let width = (index % BUNDLE) as usize + 1;
            let slots = self.inner.payloads(index / BUNDLE, &(width..width))?;
            match slots.state((index % BUNDLE) as usize) {
                SlotState::None | SlotState::Erased => continue,
                SlotState::Full => {}
                SlotState::Filtered => holes.filtered -= 1,
                SlotState::NotHeld => holes.not_held -= 1,
            }
            holes.erased += 1;
        }
        Ok(holes)
    }
}
