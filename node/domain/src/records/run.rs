//! The current records of a run of a log's entries: the parts of a list of everything that
//! can be asked for in any order, each as cheap as the first.

use std::ops::Range;

use wpsx_proto::{
    envelope::{Envelope, Leaf},
    index::LeafIndex,
};
use wpsx_views::{Filter, Logs};

use super::Records;
use crate::{access::Sight, error::NodeError, served::ServedLog, work::Wanted};

impl Records {
    /// The envelopes of the records whose newest entry is one of `entries`, if `sight`
    /// admits the log: not of those that were withdrawn or erased. Blocks.
    ///
    /// # Errors
    /// Our own files cannot be read, or nobody waits any more.
    pub fn current_in(
        &self,
        sight: &Sight,
        log: &ServedLog,
        entries: Range<u64>,
        wanted: &Wanted,
    ) -> Result<Vec<Envelope>, NodeError> {
        let Some(log) = sight.log(log.origin()) else {
            return Ok(Vec::new());
        };
        let number = log.number();
        let logs: Logs = [number].into_iter().collect();
        let after = entries.start.checked_sub(1).map(|index| (number, index));
        let most = usize::try_from(entries.end.saturating_sub(entries.start)).unwrap_or(usize::MAX);
        let proven = log.head().map_or(0, |head| head.size().value());
        let is_wanted = || !wanted.is_gone();
        let found =
            self.index
                .views()
                .list_while(&logs, &Filter::default(), after, most, &is_wanted)?;
        wanted.check()?;
        let mut envelopes = Vec::new();
        for (_, index) in found {
            if index >= entries.end.min(proven) {
                break;
            }
            if let Leaf::Known(envelope) = Leaf::read(&log.entry(LeafIndex::new(index))?) {
                envelopes.push(envelope);
            }
        }
        Ok(envelopes)
    }
}
