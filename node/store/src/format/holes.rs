//! How many payload slots of a log are holes, and how that changes.

use wpsx_proto::payload::SlotState;

/// How many slots of a log are holes, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holes {
    /// Left out by our own filter.
    pub filtered: u64,
    /// Destroyed by an erase entry.
    pub erased: u64,
    /// Not given by any peer so far.
    pub not_held: u64,
}

impl Holes {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.filtered + self.erased + self.not_held
    }

    /// How they changed since there were so many.
    pub(crate) fn since(self, before: Self) -> HoleChange {
        let by = |now: u64, before: u64| now as i64 - before as i64;
        HoleChange {
            filtered: by(self.filtered, before.filtered),
            erased: by(self.erased, before.erased),
            not_held: by(self.not_held, before.not_held),
        }
    }

    pub(crate) fn count(&mut self, state: SlotState) {
        if let Some(counter) = self.counter(state) {
            *counter += 1;
        }
    }

    pub(crate) fn change(&mut self, by: HoleChange) {
        self.filtered = self.filtered.saturating_add_signed(by.filtered);
        self.erased = self.erased.saturating_add_signed(by.erased);
        self.not_held = self.not_held.saturating_add_signed(by.not_held);
    }

    fn counter(&mut self, state: SlotState) -> Option<&mut u64> {
        match state {
            SlotState::Filtered => Some(&mut self.filtered),
            SlotState::Erased => Some(&mut self.erased),
            SlotState::NotHeld => Some(&mut self.not_held),
            SlotState::Full | SlotState::None => None,
        }
    }
}

/// How the holes of a log change. Written down, because a file that is already
/// changed when the change is replayed does not tell any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HoleChange {
    pub(crate) filtered: i64,
    pub(crate) erased: i64,
    pub(crate) not_held: i64,
}
