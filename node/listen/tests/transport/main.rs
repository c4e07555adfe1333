//! The two ends of a connection, against each other and against callers that
//! misbehave. Real sockets on the loopback, times shortened.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "callers dial the loopback by themselves"
)]

mod caps;
mod dialling;
mod leaving;
mod listeners;
mod node;
mod operator;
mod panics;
mod peers;
mod proxied;
mod raw;
mod service;
mod slow;
mod strangers;
mod turned;
