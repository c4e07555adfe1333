//! A node that does not run, as commands find it: whole, damaged, full of strangers, or on
//! a file system that is read-only. Absence is never an order: nothing vanishes that no
//! order names, and nothing wrong is called correct.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod contradictions;
mod looking;
mod matrix;
mod node;
mod seeds;
mod strangers;
mod told;
