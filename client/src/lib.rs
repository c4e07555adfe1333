//! Pulls and verifies.
//!
//! A [`Client`] reads one node: [`get`](Client::get) and [`list`](Client::list) prove
//! that a record is in its publisher's log, [`follow`](Client::follow) and
//! [`mirror`](Client::mirror) also that nothing is missing. The types say which:
//! [`Included`] and [`Complete`]. The publishers on the cards that a client was given
//! are trusted, and nothing else.
//!
//! [`pull`] is the pipeline below, with which nodes pull from each other.
//!
//! # A tour
//!
//! From below: each line needs only what stands above it.
//!
//! | read | for |
//! |---|---|
//! | [`tls`] | a node is known by its key: pins, and opening TLS towards them |
//! | [`transport`] | one HTTP/2 connection, whoever dialled it and whatever carries it |
//! | [`pull`] | one log from one source, every byte verified; its `pipeline` says what runs beside what |
//! | `entry`, `trust`, `heads`, `retry` | what a reader has of an entry, whom it believes, what it remembers, when it tries again |
//! | `reader` | the [`Client`], and below it a file for each question: get, list, watch, logs |
//! | `follow` | every entry in order, from a [`Cursor`] that survives a restart |
//! | `mirror` | a whole log in a folder, readable without a node |
//! | `testing` | behind the feature of that name: a node in memory that tells the truth or a chosen lie |

pub mod clock;
mod entry;
mod error;
mod follow;
mod heads;
mod mirror;
#[expect(
    clippy::expect_used,
    reason = "the slots and the budget of a pull are never closed"
)]
pub mod pull;
pub mod random;
mod reader;
mod retry;
#[cfg(feature = "testing")]
#[expect(clippy::expect_used, reason = "a test fails by panicking")]
pub mod testing;
pub mod tls;
pub mod transport;
mod trust;

pub use self::{
    entry::{Complete, Entry, Included},
    error::ClientError,
    follow::{Cursor, Follow, Followed},
    heads::{FileHeads, HeadStore, MemoryHeads},
    mirror::{LocalLog, Mirror, Progress},
    reader::{
        Client, counts::ClaimedCounts, filter::Filter, list::List, logs::LogAt, position::Position,
        watch::Watched,
    },
    retry::Retry,
    transport::Connection,
    trust::Trust,
};

/// The quick start of the README is compiled with the documentation's tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct ReadMe;
