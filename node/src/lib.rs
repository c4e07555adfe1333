//! The program `wpsx`: a node, put together.
//!
//! [`app`] is the composition root: it makes a node of its parts, which are packages of
//! their own: store, views, domain, federation, services, listen. Nothing else knows all of
//! them. Who runs the node, opens it for a command, or makes four of them for the demo is
//! `wpsx-doors`, which gets it from here.
//!
//! `ARCHITECTURE.md` beside this crate says where things are and why.

pub mod app;
