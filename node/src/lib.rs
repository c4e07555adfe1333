//! The wpsx node.

pub mod cli;
pub mod clock;
pub mod config;
pub mod listen;
pub mod tls;
