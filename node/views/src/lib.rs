//! Views: what the logs say about records, by id, kind, country and external id.
//!
//! Everything here is computed from the logs and can be deleted at any time; the
//! logs are posted again from [`Views::position`]. [`Views::post`] takes entries
//! into memory, where queries see them at once, and a thread of its own writes
//! them to the table in large sorted steps. Nothing waits for the disk.
//!
//! The current records are sets, not flags: an entry is current if it is in its
//! kind's set and in neither the set of the old nor that of the ended. Counts are
//! taken from the same sets, so no crash can leave them wrong.
//!
//! An entry is old when a later one of the same log is about the same record. What
//! an envelope says of its record's previous entry is not asked: it may be false.
//!
//! To read it, from the outside in:
//!
//! 1. [`views`](Views): what can be called; `follow`: the views as a follower of the store,
//!    and `entry`: what they keep of an entry.
//! 2. `question`, `query`, `view`: what is asked, and how sets answer it.
//! 3. `layer`: entries in memory. `work/`: how they come there (`poster`), who writes them
//!    (`writer`), and the steps that change the table (`step`, `forget`, `rewrite`).
//! 4. `rows/`: keys and values byte for byte; `table/`: a sorted map of bytes, by sled or
//!    in memory; `folder`: the directory, whatever is found in it.

mod entry;
mod error;
mod folder;
mod follow;
mod layer;
mod prefix;
mod query;
mod question;
mod rows;
mod table;
#[cfg(test)]
mod tests;
mod view;
mod views;
mod work;

pub use self::{
    entry::{MAX_COUNTRIES, MAX_EXTERNAL_ID, ViewEntry},
    error::ViewsError,
    question::{Counts, Filter, Latest, Logs},
    table::{Change, Pair, Table, TableError, Visit, memory::MemoryTable},
    views::Views,
};
