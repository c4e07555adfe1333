//! The store: the truth about every log, in files.
//!
//! It promises that what it acknowledged is there after a power cut, that a head is
//! kept before anyone sees it, that an erased payload never comes back, and that
//! after a crash every log is a prefix of what was asked, whole and verified by
//! its own tree. `committer` tells the write order; `layout` tells where things lie.
//!
//! It knows nothing of peers and of gRPC. What it is given was verified: the types
//! say so.

mod append;
mod apply;
mod cache;
mod change;
mod committer;
mod contents;
mod cosign;
mod crash;
mod edge;
mod erased;
mod error;
mod feed;
mod folder;
mod follow;
mod journal;
mod layout;
mod leftovers;
mod log;
mod logs;
mod mailbox;
mod open;
mod payloads;
mod plan;
mod poster;
mod read;
mod recent;
mod request;
mod slots;
mod snapshot;
mod source;
mod state;
mod store;
mod verify;
mod wait;

#[cfg(debug_assertions)]
pub use self::crash::{Faults, Left};
pub use self::{
    append::{Appended, Appender, NewEntry, RecordTarget},
    error::StoreError,
    folder::StoreFolder,
    follow::{FollowError, Follower, Followers, Newest, RecordIndex, StoredEntry},
    log::{LogHandle, LogRole},
    request::RequestId,
    slots::Holes,
    source::{Random, Time},
    state::State,
    store::{Store, StoreOptions},
    verify::{Progress, Report},
};

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(all(test, debug_assertions))]
mod tests;
