//! Federations.

pub mod ceiling;
