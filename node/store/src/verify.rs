//! Verifies a log that may change meanwhile.

use std::{collections::BTreeMap, path::PathBuf, sync::atomic::AtomicBool};

use crate::{
    damage::Part,
    error::{StoreError, chain},
    log::{
        check::{Check, Progress, Report},
        handle::LogHandle,
    },
    store::Store,
    wait::block_on,
    write::request::Settle,
};

/// The damaged parts of a log with their files, and how they show.
type Damaged = BTreeMap<(Part, PathBuf), String>;

/// How often a log that changes meanwhile is looked at.
const MOST_LOOKS: u32 = 4;

impl Store {
    /// Verifies a log from its files. What is in the journal becomes files first. Blocks.
    ///
    /// A log may change meanwhile. If it did, and something seemed wrong, it is looked at
    /// again while the node holds back what it would do to these files; what is appended
    /// waits in the journal. What is damaged is listed, and mended in time.
    ///
    /// # Errors
    /// It is no log of this store. What is wrong with its files is in the report; of a
    /// replica that was dropped there is nothing to report.
    pub fn verify(
        &self,
        log: &LogHandle,
        progress: impl FnMut(Progress),
    ) -> Result<Report, StoreError> {
        self.verify_until(log, &AtomicBool::new(false), progress)
    }

    /// The same, until `halt`: then the report tells of what was read so far.
    ///
    /// # Errors
    /// As [`Store::verify`].
    pub fn verify_until(
        &self,
        log: &LogHandle,
        halt: &AtomicBool,
        mut progress: impl FnMut(Progress),
    ) -> Result<Report, StoreError> {
        self.looked_over(log, halt, &mut progress)
    }

    fn looked_over(
        &self,
        log: &LogHandle,
        halt: &AtomicBool,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Report, StoreError> {
        if log.inner.is_dropped() {
            return Ok(Report::default());
        }
        if !self.known(log.origin())?.is(log) {
            return Err(StoreError::UnknownLog(log.origin().clone()));
        }
        let changes = log.changed();
        let mut looks = 1;
        loop {
            let before = *changes.borrow();
            let (report, damaged) = self.look(log, halt, looks > 1, progress);
            let changed = *changes.borrow() != before;
            if report.problems.is_empty() || !changed || looks == MOST_LOOKS {
                for ((part, path), reason) in damaged {
                    log.inner.note(part, path, &reason);
                }
                return Ok(report);
            }
            looks += 1;
        }
    }

    fn look(
        &self,
        log: &LogHandle,
        halt: &AtomicBool,
        alone: bool,
        progress: &mut dyn FnMut(Progress),
    ) -> (Report, Damaged) {
        let settled = block_on(self.ask(Settle));
        let _named = alone.then(|| self.shared.named.lock());
        let mut check = Check::new(&log.inner, halt, progress);
        if let Err(error) = settled {
            check.problem(format!(
                "the journal could not be turned into files: {}",
                chain(&error)
            ));
        }
        if let Some(doubt) = self.doubt().filter(|_| log.is_own()) {
            check.problem(doubt);
        }
        check.all(&self.shared.state);
        let damaged = std::mem::take(&mut check.damaged);
        (check.report(), damaged)
    }
}
