//! What callers may hold, and for how long: all bounds of a node stand here.
//!
//! | who | connections | calls and memory | threads |
//! |---|---|---|---|
//! | who has not shown who it is, or is being told that it is one too many | [`Limits::opening`] of all; the oldest silent one of the address that has most gives way | the handshake, for [`Limits::handshake`], or that answer, for as long | one |
//! | readers | [`Limits::strangers`] of all, [`Limits::connections_per_address`] of one address | [`Limits::readers`] | their own, which the system runs last |
//! | peers | what readers leave of [`Limits::connections`]; [`Limits::connections_per_address`] of one peer, from wherever | [`Limits::peers`] | their own |
//! | the operator | not counted | [`Limits::operator`] | those of the node itself |
//!
//! Memory is counted where a caller decides how long it is held. A call costs
//! [`Share::call`] from its headers to the last byte of its answer, its request twice its
//! bytes, and an answer what it may take before it is read from disk, until the caller has
//! taken it. A page costs what it has when it is made, a file what was written of it and not
//! taken. What a call costs is held against its caller first, then against its class:
//! who has its share waits for itself and for nobody else. Calls and their requests have
//! one half of each share, answers the other.
//!
//! Who is one too many is answered: a connection past its bound by 429 or
//! `RESOURCE_EXHAUSTED` to what it asks first, after which it is closed, a call past its
//! bound by the same. Closed without an answer is only who has to give way before it said
//! anything, and who says nothing in time.
//!
//! With the values here, strangers hold at most 64 MiB of answers and about 100 KiB for each
//! of their 1,024 connections; peers hold 128 MiB more, and all together what the operator
//! asks for besides.

use std::time::Duration;

use crate::proxies::Proxies;

/// What callers may hold, and for how long.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections of peers and readers.
    pub connections: usize,
    /// Open connections of those who are no peers; the other places are kept for peers.
    pub strangers: usize,
    /// Open connections that have not shown yet who they are, or are told that they are
    /// one too many; they are not among the others. When there are more, the oldest silent
    /// one of the address that has most of them is closed.
    pub opening: usize,
    /// Open connections of one address (of one /64 of IPv6), or of one peer.
    pub connections_per_address: usize,
    /// What the operator's calls may hold.
    pub operator: Share,
    /// What the calls of peers may hold.
    pub peers: Share,
    /// What the calls of everybody else may hold.
    pub readers: Share,
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
    /// Time in which an answer has to begin that is for who has closed its half of the
    /// connection, and may be gone.
    pub half_closed: Duration,
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
    /// Who speaks for others over plain HTTP: each of those counts by itself, and the
    /// proxy's connections are bounded as those of all strangers are.
    pub proxies: Proxies,
}

/// What the calls of one class of callers may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Bytes of requests and answers, of all its callers.
    pub memory: usize,
    /// The same of one caller: a key, or an address.
    pub memory_per_caller: usize,
    /// Threads that read and write files for it.
    pub places: usize,
    /// How many of these one caller may have.
    pub places_per_caller: usize,
    /// Bytes of one answer that are handed to the system before it takes them.
    pub send_buffer: usize,
}

impl Share {
    /// What one call costs besides its request and its answer: headers, state, and what
    /// is on its way out.
    pub fn call(&self) -> usize {
        (32 << 10) + 2 * self.send_buffer
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            strangers: 768,
            opening: 256,
            connections_per_address: 64,
            operator: Share {
                memory: 512 << 20,
                memory_per_caller: 512 << 20,
                places: 64,
                places_per_caller: 64,
                send_buffer: 256 << 10,
            },
            peers: Share {
                memory: 128 << 20,
                memory_per_caller: 48 << 20,
                places: 16,
                places_per_caller: 8,
                send_buffer: 128 << 10,
            },
            readers: Share {
                memory: 64 << 20,
                memory_per_caller: 16 << 20,
                places: 4,
                places_per_caller: 2,
                send_buffer: 32 << 10,
            },
            streams: 64,
            handshake: Duration::from_secs(10),
            headers: Duration::from_secs(15),
            request: Duration::from_secs(30),
            stall: Duration::from_secs(60),
            half_closed: Duration::from_secs(3),
            idle: Duration::from_secs(300),
            ping_interval: Duration::from_secs(20),
            // On a poor line it waits behind what was asked for.
            ping_timeout: Duration::from_secs(20),
            header_list: 16 * 1024,
            stream_window: 64 * 1024,
            connection_window: 256 * 1024,
            proxies: Proxies::default(),
        }
    }
}
