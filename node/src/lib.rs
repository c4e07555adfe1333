//! The wpsx node.

pub mod config;
pub mod kinds;
