//! The program, as its users meet it.
//!
//! One program: each has to be linked with all that it tests, and a test that waits leaves
//! the processors to others.

mod backup;
mod crash;
mod erase;
mod guide;
mod http;
mod kill;
mod licences;
mod misconfiguration;
mod program;
mod scrub;
mod stopped;
mod typed;
mod workbooks;
