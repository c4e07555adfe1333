//! The wpsx node: stores, signs, serves and replicates logs of records.
//!
//! `ARCHITECTURE.md` beside this crate says where things are and why.

pub mod admin;
pub mod audience;
mod calls;
pub mod capabilities;
pub mod cli;
pub mod config;
pub mod demo;
pub mod erased_names;
pub mod error;
pub mod exchange;
pub mod forks;
pub mod heads;
pub mod http;
pub mod import;
pub mod keys;
pub mod links;
pub mod metrics;
pub mod node;
pub mod payload_filter;
pub mod peers;
pub mod publish;
pub mod records;
pub mod refusals;
pub mod replicate;
pub mod replication;
pub mod serve;
pub mod status;
#[path = "../store/src/lib.rs"]
pub mod store;
pub mod views;

pub use wpsx_client::clock;
pub use wpsx_listen::{self as listen, tls};
