//! The program `wpsx`: a node, its doors and its commands.
//!
//! Read in this order:
//!
//! - [`app`] puts a node together from its parts, which are packages of their own:
//!   store, views, domain, federation, services, listen. Nothing else knows all of them.
//! - [`serve`] runs it: listeners, services, exchange with peers, and an orderly end.
//!   [`http`] is the static public log, [`metrics`] what Prometheus reads,
//!   [`requests`] what is counted and logged of requests for pages.
//! - [`cli`] makes a node, runs it, or opens it for one of the commands (`wpsx-cli`).
//! - [`config`] is what an operator can set, [`keys`] the secret keys on the disk.
//! - [`demo`] is four nodes and the real records.
//!
//! `ARCHITECTURE.md` beside this crate says where things are and why.

pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod http;
pub mod keys;
pub mod metrics;
pub mod requests;
pub mod scrub;
pub mod serve;
