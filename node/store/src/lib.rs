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
mod journal;
mod layout;
mod leftovers;
mod log;
mod logs;
mod open;
mod payloads;
mod plan;
mod poster;
mod read;
mod request;
mod slots;
mod snapshot;
mod state;
#[expect(
    clippy::module_inception,
    reason = "the store is what this module is about"
)]
mod store;
mod verify;

#[cfg(debug_assertions)]
pub use self::crash::{Faults, Left};
pub use self::{
    append::{Appended, NewEntry, RecordTarget},
    error::StoreError,
    log::{LogHandle, LogRole},
    request::RequestId,
    slots::Holes,
    state::State,
    store::{Store, StoreOptions, Time},
    verify::{Progress, Report, verify},
};

#[cfg(all(test, debug_assertions))]
mod tests;
