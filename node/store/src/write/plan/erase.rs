//! Plans the destruction of payloads of stored entries.

use super::{Growth, Not, Plan};
use crate::{
    error::StoreError, format::change::Writer, log::handle::LogHandle, write::request::Erase,
};

impl Plan {
    pub(crate) fn erase(&mut self, ask: &Erase) -> Result<(), Not> {
        let log = self.shared.known(&ask.origin)?;
        self.fresh(&log.inner)?;
        Ok(self.lose(&log, ask.losing.clone())?)
    }

    /// Has these stored entries lose their payloads. It needs no room for a copy of the
    /// log: indexes are written, and the bundles that lose something.
    pub(crate) fn lose(&mut self, log: &LogHandle, mut losing: Vec<u64>) -> Result<(), StoreError> {
        log.not_yet_erased(&mut losing);
        if losing.is_empty() {
            return Ok(());
        }
        let holes = log.holes_of_erasing(&losing)?;
        Writer(&mut self.buffer).erase(log.number(), &losing, holes);
        self.erases = true;
        self.draft(&log.inner).growth = Growth::More;
        Ok(())
    }
}
