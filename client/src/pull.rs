//! Pulls one log from one source and verifies every byte before handing it on.
//!
//! A pull fetches a target checkpoint, then the entries up to it in packages, then
//! their payloads. It yields verified [`Step`]s in the log's order; what was yielded
//! stays true whatever the source does next, so an interruption costs at most the
//! package in flight. Fetching, verifying and the caller's storing overlap, within
//! bounded memory. It does not store, retry or choose sources: that is the caller's.

mod error;
mod fill;
mod filter;
mod frames;
mod gather;
mod held;
mod judge;
mod options;
mod packages;
mod pipeline;
mod plan;
mod puller;
mod request;
mod speed;
mod step;
mod target;
mod transport;

pub(crate) use self::judge::verify_note;
pub use self::{
    error::{Fault, PullError},
    fill::{Fill, Run},
    filter::{Erased, PayloadFilter, nothing_erased},
    held::Held,
    judge::{Judgement, Known, judge},
    options::{PullOptions, Source},
    pipeline::Pull,
    puller::Puller,
    speed::Speed,
    step::Step,
    transport::{MAX_MESSAGE, Transport},
};
