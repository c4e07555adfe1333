//! What callers may hold, and for how long.

use std::time::Duration;

/// What callers may hold, and for how long.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections.
    pub connections: usize,
    /// Open connections of those who are no peers; the other places are kept for peers.
    pub strangers: usize,
    /// Open connections of one address (of one /64 of IPv6).
    pub connections_per_address: usize,
    /// Requests at once on one connection.
    pub streams: u32,
    /// Time for TLS and the first bytes of HTTP/2.
    pub handshake: Duration,
    /// Time for the headers of a request; an idle HTTP/1.1 connection is closed then too.
    pub headers: Duration,
    /// Time for a request to arrive whole.
    pub request: Duration,
    /// Time in which some of an answer has to be taken.
    pub stall: Duration,
    /// Time without a request after which a connection is closed.
    pub idle: Duration,
    /// How often a quiet connection is asked whether it still lives.
    pub ping_interval: Duration,
    /// How long the answer to that may take.
    pub ping_timeout: Duration,
    /// Bytes of headers in one request.
    pub header_list: u32,
    /// Bytes of one request that may be under way to us unread.
    pub stream_window: u32,
    /// Bytes of all requests of a connection that may be under way to us unread.
    pub connection_window: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            strangers: 768,
            connections_per_address: 64,
            streams: 64,
            handshake: Duration::from_secs(10),
            headers: Duration::from_secs(15),
            request: Duration::from_secs(30),
            stall: Duration::from_secs(60),
            idle: Duration::from_secs(300),
            ping_interval: Duration::from_secs(20),
            // On a poor line it waits behind what was asked for.
            ping_timeout: Duration::from_secs(20),
            header_list: 16 * 1024,
            stream_window: 64 * 1024,
            connection_window: 256 * 1024,
        }
    }
}
