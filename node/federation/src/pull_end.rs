//! How a pull ended.

use wpsx_client::pull::{Fault, PullError};
use wpsx_proto::{chain, index::TreeSize, origin::Origin};

use crate::{forks::Forks, trouble::Trouble};

/// What can be done about a peer that cannot prove what it shows.
const ANOTHER: &str = "this peer cannot help with the log until its operator has run wpsx repair; \
                       any other peer that has the log can";

/// How a pull ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PullEnd {
    /// Nothing of this head is missing any more that the peer has; so many entries and
    /// payload slots came from it and were verified.
    Done { verified: u64 },
    /// Nothing can be taken from this head, for no fault of the peer's.
    Passed,
    /// What the head means shows when the log here has so many entries.
    Later(TreeSize),
    /// Another peer waited for the log and this one was slow.
    GaveWay,
}

/// What a failed pull means for its log. A fork stops it until the operator decides.
pub(crate) fn failed(forks: &Forks, origin: &Origin, error: PullError) -> Result<PullEnd, Trouble> {
    if let PullError::Fork(fork) = error {
        forks.record(*fork)?;
        return Ok(PullEnd::Passed);
    }
    match error.fault() {
        Fault::Peer => Err(Trouble::refused(origin, &error)),
        Fault::Unable => Err(Trouble::Lost(format!("{ANOTHER}: {}", chain(&error)))),
        Fault::Behind | Fault::Connection | Fault::Ours => Err(Trouble::Lost(chain(&error))),
    }
}
