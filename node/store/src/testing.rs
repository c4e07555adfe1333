//! What tests of a store and of its followers need: stores in memory and in temporary
//! folders with a clock that is set, publishers, and replicas that are brought up to date.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "helpers of tests: they panic, and their names say what they do"
)]

pub mod decoders;
mod dice;
mod faults;
mod harm;
mod index;
mod logs;
mod memory;
mod names;
mod place;
mod room;

pub use self::{
    dice::Dice,
    faults::Left,
    harm::Harm,
    index::MemoryIndex,
    logs::{
        Publisher, START, carried, check, id, new, own, packages, payload, publish, publisher,
        pull, replica, same, take, verified_frames, without_payload,
    },
    memory::Memory,
    place::{Opened, Place, files, holding, nonce, wait},
};
