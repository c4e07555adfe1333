//! Times and sizes of connections.

use std::time::Duration;

use super::endpoint::Proxy;

/// Times and sizes of our side of a connection.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long name look-up and TCP may take, the proxy's part included.
    pub connect: Duration,
    /// How long TLS may take.
    pub handshake: Duration,
    /// How often a quiet connection is asked whether it still lives.
    pub ping_interval: Duration,
    /// How long the answer to that may take.
    pub ping_timeout: Duration,
    /// HTTP/2 window of a stream: what may be under way to us unread; the connection
    /// has half as much again. At 50 ms of distance 64 KB allow 1 MB/s, 16 MB 170 MB/s.
    pub window: u32,
    /// The largest HTTP/2 frame we take.
    pub frame: u32,
    /// The most bytes of headers we take in one answer.
    pub header_list: u32,
    /// The way out, where there is no direct one.
    pub proxy: Option<Proxy>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            ping_interval: Duration::from_secs(20),
            // On a poor line it waits behind what was asked for.
            ping_timeout: Duration::from_secs(20),
            window: 16 * 1024 * 1024,
            frame: 256 * 1024,
            header_list: 32 * 1024,
            proxy: None,
        }
    }
}
