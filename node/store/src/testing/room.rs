//! The reserve of a disk in memory.

use super::{memory::Memory, names::no_room};
use crate::{StoreError, backend::Reserve};

impl Reserve for Memory {
    fn keep(&self, bytes: u64) -> Result<(), StoreError> {
        self.keep_room(bytes).ok_or_else(|| no_room("reserve"))
    }

    fn give_back(&self) -> Result<bool, StoreError> {
        Ok(self.give_room_back() > 0)
    }

    fn free(&self) -> Option<u64> {
        self.room_left()
    }
}
