//! Accepts connections and serves them, with a bound on everything a caller can hold.
//!
//! # A tour
//!
//! There are five ways in. Each takes a router, and ends when the node stops:
//!
//! | who comes | over | served by |
//! |---|---|---|
//! | peers and readers | a TLS port: HTTP/2 for gRPC, HTTP/1.1 for pages | [`serve_tls`] |
//! | everybody | a plain port: HTTP/1.1 | [`serve_http`] |
//! | a peer that we dialled with turned roles | that connection: HTTP/2 | [`serve_io`] |
//! | the operator, to a node that runs | a Unix socket: HTTP/2 | [`serve_unix`] |
//! | the operator, by a command that opened the node | a pipe: HTTP/2 | [`serve_pipe`] |
//!
//! The TLS port also hands over connections on which a peer wants to be asked instead
//! of asking: an [`AcceptedTurn`].
//!
//! Every request carries a [`Caller`]: which key it proved, from where, and what it may
//! hold, an [`Allowance`]. What came over the socket or the pipe also carries an
//! [`Operator`], which nobody else can make. What a caller may see is the services' business.
//!
//! All listeners of a node share one [`Connections`]: the registry that counts them
//! against their [`Limits`], ends those of a removed peer, and drains them when the
//! node stops. [`Limits`] is the page on what anybody can hold. A panic in the accept loop is the error that the listener returns; one
//! in a connection ends that connection and is logged.
//!
//! The loop is our own, because it gives the caller's key to every call, takes HTTP/1.1
//! on the same port, closes the connections of a removed peer, and hands turned ones on.
//!
//! Inside, `accept` is the loop, `handshake` agrees on TLS by [`tls`], `http` drives one
//! connection, `half` keeps one open whose other side has said all it asks, `punctual` bounds each request, and `pulse` says whether the connection is
//! worth keeping. `places` says who may connect, `allowance` what its calls may hold, and
//! `rooms` on which threads they are answered, and `seen` what a reader has already.

mod accept;
mod allowance;
mod caller;
mod class;
mod connections;
mod error;
mod half;
mod handshake;
mod http;
mod limits;
mod operator;
mod panics;
mod pipe;
mod places;
mod proxies;
mod pulse;
mod punctual;
mod refusals;
mod rooms;
mod seen;
mod stream;
mod tcp;
pub mod tls;
mod turned;
mod unix;
mod whose;

pub use wpsx_client::clock::Clock;

pub use self::{
    allowance::{Allowance, Holding},
    caller::Caller,
    class::Class,
    connections::{Connections, Figures},
    error::ListenError,
    limits::{Limits, Share},
    operator::Operator,
    pipe::Pipe,
    proxies::Proxies,
    refusals::Refusal,
    seen::Seen,
    stream::{serve_io, serve_pipe},
    tcp::{bind, serve_http, serve_tls},
    turned::{AcceptedTurn, OnTurned},
    unix::serve_unix,
    whose::{OnRefused, Whose},
};
