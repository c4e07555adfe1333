//! The store: the truth about every log, in files.
//!
//! It promises that what it acknowledged is there after a power cut, that a head is
//! kept before anyone sees it, that an erased payload never comes back, and that
//! after a crash every log is a prefix of what was asked, whole and verified by
//! its own tree. `committer` tells the write order; `layout` tells where things lie.
//!
//! It knows nothing of peers and of gRPC. What it is given was verified: the types
//! say so.

mod appender;
mod backend;
mod cosign;
mod crash;
mod disk;
mod error;
mod folder;
mod follow;
mod format;
mod load;
mod log;
mod logs;
mod open;
mod source;
mod state;
mod store;
mod verify;
mod wait;
mod write;

pub use self::{
    appender::Appender,
    error::StoreError,
    folder::StoreFolder,
    follow::{FollowError, Follower, Followers, Newest, RecordIndex, StoredEntry},
    format::{holes::Holes, request::RequestId},
    log::{
        check::{Progress, Report},
        handle::{LogHandle, LogRole},
    },
    source::{Random, Time},
    state::State,
    store::{Store, StoreOptions},
    write::batch::{Appended, NewEntry, RecordTarget},
};

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
