//! Federations of real nodes, and what people, peers and strangers do to them.
//!
//! One program: each has to be linked with all that it tests, and a test that waits leaves
//! the processors to others.

mod callers;
mod cards;
mod custody;
mod erasure;
mod federation;
mod forks;
mod healing;
mod hostile;
mod interrupted;
mod liar;
mod partition;
mod recover;
mod replicas;
mod slow;
mod strangers;
mod tlog;
mod trouble;
