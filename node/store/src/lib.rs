//! The store: the truth about every log, in files.
//!
//! It promises that what it acknowledged is there after a power cut, that a head is
//! kept before anyone sees it, that an erased payload never comes back, and that
//! after a crash every log is a prefix of what was asked, whole and verified by
//! its own tree. `committer` tells the write order; `layout` tells where things lie.
//!
//! It knows nothing of peers and of gRPC. What it is given was verified: the types
//! say so.

mod crash;
mod error;
mod folder;
mod follow;
mod format;
mod log;
mod logs;
mod open;
mod source;
mod state;
mod store;
mod wait;
mod write;

#[cfg(debug_assertions)]
pub use self::crash::{Faults, Left};
pub use self::{
    error::StoreError,
    folder::StoreFolder,
    follow::{FollowError, Follower, Followers, Newest, RecordIndex, StoredEntry},
    format::request::RequestId,
    format::slots::Holes,
    log::handle::{LogHandle, LogRole},
    log::verify::{Progress, Report},
    source::{Random, Time},
    state::State,
    store::{Store, StoreOptions},
    write::append::{Appended, Appender, NewEntry, RecordTarget},
};

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(all(test, debug_assertions))]
mod tests;
