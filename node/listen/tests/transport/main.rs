//! The two ends of a connection, against each other and against callers that
//! misbehave. Real sockets on the loopback, times shortened.

mod caps;
mod dialling;
mod listeners;
mod node;
mod operator;
mod panics;
mod peers;
mod raw;
mod service;
mod slow;
mod turned;
