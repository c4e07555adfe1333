//! A reader and its logs, honest ones and others.
//!
//! One program: each has to be linked with all that it tests, and a test that waits leaves
//! the processors to others.

mod bounds;
mod connection;
mod following;
mod lies;
mod mirroring;
mod reader;
mod reading;
