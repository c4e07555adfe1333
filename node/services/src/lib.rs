//! The gRPC services of a node: decode, call, encode. Generated messages stop here.
//!
//! Read in this order:
//!
//! - [`router`] says what is served to whom, `deadline` for how long.
//! - [`exchange`] is records for whoever reads; [`replication`] is whole logs, with
//!   `heads` (what a caller is told of heads) and `payload_filter` (leaving payloads out
//!   by country); [`admin`] is the operator's commands, `batches` those about
//!   whole files, with `drafts` as they come in.
//! - [`network`] and [`state`] are what the services ask of the rest of the node, as
//!   traits that the root fills. They know neither the store nor the views nor the
//!   federation.
//! - `calls` runs work at its caller's cost, what is quick where it is asked for; `pushed`
//!   long work of the operator's.
//! - `pages` are page tokens, `reflection` describes what is served, `oversized` says so of
//!   requests that are.
//! - [`codes`] is the one table of errors to gRPC codes.

pub mod admin;
mod batches;
mod calls;
pub mod codes;
mod deadline;
mod drafts;
pub mod exchange;
mod heads;
pub mod network;
mod oversized;
mod pages;
mod payload_filter;
mod pushed;
mod records;
mod reflection;
pub mod replication;
pub mod router;
pub mod state;
