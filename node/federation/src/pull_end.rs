//! How a pull ended.

use wpsx_client::pull::{Fault, PullError};
use wpsx_proto::{chain, origin::Origin};

use crate::{forks::Forks, trouble::Trouble};

/// How a pull ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PullEnd {
    /// Nothing of this head is missing any more, or nothing can be taken from it.
    Done,
    /// Another peer waited for the log and this one was slow.
    GaveWay,
}

/// What a failed pull means for the session. A fork stops its log and nothing else.
pub(crate) fn failed(forks: &Forks, origin: &Origin, error: PullError) -> Result<PullEnd, Trouble> {
    if let PullError::Fork(fork) = error {
        forks.record(*fork)?;
        return Ok(PullEnd::Done);
    }
    match error.fault() {
        Fault::Peer => Err(Trouble::refused(origin, &error)),
        Fault::Behind | Fault::Connection | Fault::Ours => Err(Trouble::Lost(chain(&error))),
    }
}
