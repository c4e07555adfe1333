//! Federations of real nodes, and what people, peers and strangers do to them.
//!
//! One program: each has to be linked with all that it tests, and a test that waits leaves
//! the processors to others.

mod before;
mod callers;
mod cards;
mod custody;
mod erasure;
mod federation;
mod forks;
mod full;
mod healing;
mod hostile;
mod interrupted;
mod liar;
mod newest;
mod panics;
mod partition;
mod recover;
mod replicas;
mod shared;
mod slow;
mod small_disk;
mod strangers;
mod tlog;
mod trouble;
