//! The protocol, by its specification, by vectors and by everything that it must refuse.
//!
//! One program: each has to be linked with all that it tests, and a test that waits leaves
//! the processors to others.

mod cards;
mod checkpoints;
mod envelopes;
mod frames;
mod notes;
mod packages;
mod signed;
mod specification;
mod trees;
mod vectors;
mod worked_example;
