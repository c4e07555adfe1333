//! The store: the truth about every log, in files.
//!
//! It promises that what it acknowledged is there after a power cut, that a head is
//! kept before anyone sees it, that an erased payload never comes back, and that
//! after a crash every log is a prefix of what was asked, whole and verified by
//! its own tree.
//!
//! It knows nothing of peers and of gRPC, and by name nothing of what follows it. What
//! it is given was verified: the types say so. It reads neither the time nor randomness:
//! both are given to it.
//!
//! To read it, from the outside in:
//!
//! 1. [`StoreFolder`] (`folder`), [`Store::open`] (`open`, `load`): a folder that one process
//!    has, and what is found in it; what is not what was written stops its log alone
//!    ([`Damage`]). [`Store`] (`store`): what can be asked; `logs`, `cosign`
//!    and `verify` have the rest of it. [`Appender`] (`appender`): the one door to own logs;
//!    [`Recovering`] (`recovering`): how a missing part of one comes back. What is found
//!    besides is left (`found`), and what the journal says of a log that stands still is
//!    `set_aside`; who only looks has an `overlay`.
//! 2. [`Follower`] (`follow`): what is told of all that is stored, and takes erasures back.
//!    `erasing` is what entries of another signed tree erase.
//! 3. `log/`: one log in memory. `handle` and `contents`: what there is; `read` and `caches`:
//!    from memory what is not yet a file, else from files; `check`: from the raw bytes;
//!    `records`: all entries of a record; `sound`: what is read is checked first;
//!    [`Mending`] (`mend`): what is damaged is mended. `look_over` reads all files that are
//!    of no log, those of others too ([`KeptBeside`]); `damages` lists what was found, and
//!    `told` what became of it, until somebody was told.
//! 4. `write/`: the one write order. `committer` tells its steps, each with what a crash
//!    there leaves. A `request` is planned (`plan`), made durable (`journal`), applied
//!    (`group`, `apply`), and answered (`answer`); files are written (`poster`, `snapshot`)
//!    and followers told (`mailbox`, `feed`) by threads that nobody waits for. `standing`
//!    says whether the store writes, and why not, `room` whether the disk has any, and
//!    `news` which logs changed.
//! 5. `format/`: bytes, without anything that reads or writes them: `segment` and `change` of
//!    the journal, `payloads` and `frame`, `edge`, `layout` of names, and what `state` keeps.
//!    [`State`] (`state`) keeps small files under a list of them: a missing one is damage.
//! 6. `backup`: a copy of one moment, written while the store goes on; `archive`: its form;
//!    `restore`: a folder made of it.
//! 7. `backend`: where bytes are kept, as traits; `disk/`: in a directory. For tests there is
//!    a disk in memory that fails and loses power when they say (`testing`).

mod appender;
mod archive;
mod backend;
mod backup;
mod beside;
mod cosign;
mod crash;
mod damage;
mod damaged_log;
mod damages;
mod disk;
mod erasing;
mod error;
mod folder;
mod follow;
mod format;
mod found;
mod load;
mod log;
mod logs;
mod look_over;
mod mend;
mod open;
mod overlay;
mod recovering;
mod restore;
mod set_aside;
mod source;
mod state;
mod store;
mod stuck;
mod told;
mod verify;
mod wait;
mod write;

pub use self::{
    appender::Appender,
    backup::{Beside, Copied},
    beside::KeptBeside,
    damage::{Damage, Part},
    error::StoreError,
    folder::StoreFolder,
    follow::{FollowError, Follower, Followers, Newest, RecordIndex, StoredEntry},
    format::{holes::Holes, remembered::Remembered, request::RequestId, strangers::is_leftover},
    log::{
        check::{Progress, Report},
        handle::{LogHandle, LogRole},
    },
    mend::Mending,
    recovering::Recovering,
    restore::{RESTORED, Restored, restore},
    source::{Random, Time},
    state::State,
    store::{Store, StoreOptions},
    told::{Became, DamagedFile},
    write::{
        batch::{Appended, NewEntry, RecordTarget},
        news::Changes,
        room::Disk,
        threads::stand_back,
    },
};

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
