//! Views: what the logs say about records, by id, external id, and by whatever the schema
//! marks as a facet, in several orders.
//!
//! Everything here is computed from the logs and can be deleted at any time; the
//! logs are posted again from [`Views::position`]. [`Views::post`] takes entries
//! into memory, where queries see them at once, and a thread of its own writes
//! them to the table in large sorted steps. Nothing waits for the disk.
//!
//! All that records are found by are sets of entries: each value of a facet, each year that
//! a record covers, each word of its titles, each record that it refers to. A question is
//! sets combined, and a count is how many are left. The current records are sets too, not
//! flags: an entry is current if it is in its kind's set and in neither the set of the old
//! nor that of the ended. Merging is a union, so no crash can leave counts wrong. Sets are of
//! one log each, so that a count tells nothing of logs that its reader may not see.
//!
//! An entry is old when a later one of the same log is about the same record. What
//! an envelope says of its record's previous entry is not asked: it may be false. An entry
//! that ends its record has no payload: a link says which entry it is found by.
//!
//! What is put in order is written for each run of 65,536 entries apart, as sets are, and what
//! stands under random ids in generations that are merged eight at a time, so that an entry
//! costs the same in a log of any size; a page is merged from the runs.
//!
//! To read it, from the outside in:
//!
//! 1. [`views`](Views): what can be called; `follow`: the views as a follower of the store,
//!    `entry` and `content`: what they keep of an entry; `clocks`: the time, handed in.
//! 2. `question` and `wanted`: what is asked, and the sets that this names. `query`: what is
//!    told; `view` (single sets of a run), `matching` (combined), `page` (in order), `family`
//!    (told once), `tally` (counted).
//! 3. `layer`: entries in memory. `work/`: how they come there (`poster`), who writes them
//!    (`writer`), and the steps that change the table (`step`, `shelve`, `forget`, `rewrite`).
//! 4. `rows/`: keys and values byte for byte; `table/`: a sorted map of bytes, by sled or
//!    in memory, and how rows are `stored` in it: in `blocks` where neighbours come together,
//!    in `generations` where they are spread by random ids; `folder`: the directory, whatever
//!    is found in it.

mod clocks;
mod content;
mod entry;
mod error;
mod family;
mod folder;
mod follow;
mod layer;
mod matching;
mod page;
mod prefix;
mod query;
mod question;
mod rows;
mod table;
mod tally;
#[cfg(test)]
mod tests;
mod view;
mod views;
mod wanted;
mod work;

pub use self::{
    clocks::Clocks,
    content::{Content, Reference},
    entry::{MAX_EXTERNAL_ID, ViewEntry},
    error::ViewsError,
    question::{Counts, Filter, Latest, Logs, Mark, Order, OrderBy, Sign, Tally, Way},
    table::{Change, Pair, Table, TableError, Visit, memory::MemoryTable},
    views::Views,
    wanted::admits,
};
