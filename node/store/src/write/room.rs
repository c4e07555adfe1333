//! Whether there is room on the disk, and what is kept for when there is none.
//!
//! A full disk is nobody's fault for long: somebody makes room. Until then publishing and
//! pulling are refused with a sentence, reading goes on, and what was acknowledged waits in
//! the journal for its files. A reserve is kept as a file, which is given back for what has
//! to be possible then: erasing, closing, and the files of what was acknowledged. When there
//! is room again, the reserve is made anew, and then all goes on by itself.

use std::{sync::Arc, time::Duration};

use parking_lot::{Condvar, Mutex};

use crate::{
    backend::Reserve,
    error::{StoreError, chain},
};

/// With less than this free, nothing is begun; only where a reserve is kept.
const MARGIN: u64 = 16 << 20;
/// How long a write that found no room waits until it is tried again.
const RETRY: Duration = Duration::from_millis(250);

/// The room on the disk, as it was last seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    /// Bytes that are free for us; none: the system does not say.
    pub free: Option<u64>,
    /// Bytes that are kept in reserve.
    pub reserve: u64,
    /// Why nothing is published or pulled, if so.
    pub full: Option<String>,
}

/// What is known of the room on the disk.
pub(crate) struct Room {
    reserve: Arc<dyn Reserve>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The reserve that is wanted.
    wanted: u64,
    disk: Disk,
    closing: bool,
}

impl Room {
    pub(crate) fn new(reserve: Arc<dyn Reserve>) -> Self {
        Self {
            reserve,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Keeps so many bytes in reserve from now on; 0: none.
    pub(crate) fn keep(&self, bytes: u64) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        state.wanted = bytes;
        if bytes == 0 {
            self.give_back(&mut state);
            return Ok(());
        }
        self.reserve.keep(bytes)?;
        state.disk.reserve = bytes;
        Ok(())
    }

    /// What was seen last.
    pub(crate) fn disk(&self) -> Disk {
        self.state.lock().disk.clone()
    }

    /// Why nothing is begun that takes room, if so.
    pub(crate) fn refusal(&self) -> Option<StoreError> {
        let state = self.state.lock();
        state.disk.full.clone().map(StoreError::NoRoom)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.state.lock().disk.full.is_some()
    }

    /// A write found no room.
    pub(crate) fn ran_out(&self, error: &StoreError) {
        self.state.lock().ran_out(chain(error));
    }

    /// Gives the reserve back for an erasure. It is made anew when there is room.
    pub(crate) fn for_erasing(&self) {
        let mut state = self.state.lock();
        if state.disk.full.is_some() {
            self.give_back(&mut state);
        }
    }

    /// Gives the reserve back for closing, and waits for room no more.
    pub(crate) fn for_closing(&self) {
        let mut state = self.state.lock();
        state.closing = true;
        if state.disk.full.is_some() {
            self.give_back(&mut state);
        }
        self.changed.notify_all();
    }

    /// Does what was acknowledged and has to be done, as often as it finds no room: first
    /// with the reserve, then when there is room again. `work` may be done twice.
    pub(crate) fn until_done(
        &self,
        mut work: impl FnMut() -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        loop {
            let error = match work() {
                Err(error) if error.is_full() => error,
                other => return other,
            };
            let mut state = self.state.lock();
            state.ran_out(chain(&error));
            if self.give_back(&mut state) {
                continue;
            }
            if state.closing {
                return Err(error);
            }
            self.changed.wait_for(&mut state, RETRY);
        }
    }

    /// Looks how much room there is. Called now and then.
    pub(crate) fn look(&self) {
        let free = self.reserve.free();
        let mut state = self.state.lock();
        state.disk.free = free;
        if state.wanted > 0 && free.is_some_and(|free| free < MARGIN) {
            let free = free.unwrap_or_default() >> 20;
            state.ran_out(format!("the disk has {free} MB left; make room on it"));
            return;
        }
        if state.disk.full.is_none() || state.closing {
            return;
        }
        // Room for the reserve and for some work besides.
        let missing = state.wanted - state.disk.reserve.min(state.wanted);
        let enough = free.is_none_or(|free| free >= missing + MARGIN || state.wanted == 0);
        if enough && (missing == 0 || self.reserve.keep(state.wanted).is_ok()) {
            state.disk.reserve = state.wanted;
            state.disk.full = None;
            tracing::info!("there is room on the disk again; writing goes on");
            self.changed.notify_all();
        }
    }

    /// False if there is none.
    fn give_back(&self, state: &mut State) -> bool {
        state.disk.reserve = 0;
        self.reserve.give_back().unwrap_or(false)
    }
}

impl State {
    fn ran_out(&mut self, reason: String) {
        if self.disk.full.is_none() {
            let reason = format!(
                "{reason}; nothing is published or pulled until then, after that all goes on by itself"
            );
            tracing::error!(reason, "the disk is full");
            self.disk.full = Some(reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with so many bytes left.
    struct Left(Mutex<(u64, u64)>);

    impl Left {
        fn full() -> StoreError {
            StoreError::io("write", "/x".as_ref())(std::io::ErrorKind::StorageFull.into())
        }
    }

    impl Reserve for Left {
        fn keep(&self, bytes: u64) -> Result<(), StoreError> {
            let mut left = self.0.lock();
            if left.0 < bytes {
                return Err(Self::full());
            }
            *left = (left.0 - bytes, bytes);
            Ok(())
        }

        fn give_back(&self) -> Result<bool, StoreError> {
            let mut left = self.0.lock();
            let kept = std::mem::take(&mut left.1);
            left.0 += kept;
            Ok(kept > 0)
        }

        fn free(&self) -> Option<u64> {
            Some(self.0.lock().0)
        }
    }

    #[test]
    fn a_reserve_is_given_back_once_and_made_anew_before_writing_goes_on() {
        let left = Arc::new(Left(Mutex::new((100 << 20, 0))));
        let room = Room::new(left.clone());
        room.keep(64 << 20).unwrap();
        room.look();
        assert!(!room.is_full());
        left.0.lock().0 = 1 << 20;
        room.look();
        let told = room.refusal().unwrap().to_string();
        assert!(
            told.contains("1 MB left") && told.contains("by itself"),
            "{told}"
        );
        let mut tried = 0;
        let done = room.until_done(|| {
            tried += 1;
            if tried == 1 {
                Err(Left::full())
            } else {
                Ok(())
            }
        });
        assert!(done.is_ok() && left.free() == Some(65 << 20));
        // Enough for writing, not for the reserve.
        room.look();
        assert!(room.is_full() && room.disk().reserve == 0);
        left.0.lock().0 = 90 << 20;
        room.look();
        assert!(!room.is_full());
        assert_eq!(
            (room.disk().reserve, left.free()),
            (64 << 20, Some(26 << 20))
        );
    }

    #[test]
    fn who_closes_waits_for_no_room() {
        let room = Room::new(Arc::new(Left(Mutex::new((0, 0)))));
        room.for_closing();
        assert!(room.until_done(|| Err(Left::full())).is_err());
    }
}
