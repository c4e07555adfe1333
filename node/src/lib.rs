//! The wpsx node.

pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod import;
pub mod keys;
pub mod listen;
pub mod store;
pub mod tls;
pub mod views;
