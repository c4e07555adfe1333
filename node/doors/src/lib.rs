//! The doors of a node: how it is set, opened, run and stopped, and who comes in where.
//!
//! Read in this order:
//!
//! - [`app`] is a node as the root hands it over: its parts, and what can be called of it.
//!   No service is known here, so that a change of one rebuilds nothing of this.
//! - [`serve`] runs it: listeners, services, exchange with peers, and an orderly end.
//!   [`http`] is the static public log, [`metrics`] what Prometheus reads,
//!   [`requests`] what is counted and logged of requests for pages, [`scrub`] the reading
//!   of all files.
//! - [`cli`] makes a node, runs it, or opens it for one of the commands (`wpsx-cli`).
//! - [`config`] is what an operator can set, [`keys`] the secret keys on the disk.
//! - [`demo`] is four nodes and the real records.

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
