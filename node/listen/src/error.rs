//! Why nothing can be listened on, or why a connection ended badly.

use std::{io, net::SocketAddr};

/// Why a port cannot be listened on, or a connection ended badly.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody else has the port.
    #[error(
        "the address {0} is taken; stop the other program or choose another in the configuration"
    )]
    Taken(SocketAddr),
    /// The system does not let us.
    #[error(
        "listening on {0} is not permitted; choose a port from 1024 up, or grant \
         CAP_NET_BIND_SERVICE"
    )]
    NotPermitted(SocketAddr),
    /// This machine has no such address.
    #[error("this machine has no address {0}; choose one it has, or 0.0.0.0 for all")]
    NoSuchAddress(SocketAddr),
    /// Another reason to have no port.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The path of the Unix socket is longer than the system allows.
    #[error("the socket path {0} is longer than 100 bytes; choose a shorter data directory")]
    PathTooLong(String),
    /// A living process answers on the Unix socket.
    #[error("another process serves {0}; stop it first")]
    SocketTaken(String),
    /// Something that is no socket is in the way.
    #[error("{0} exists and is not a socket; move it away")]
    NotASocket(String),
    /// The Unix socket could not be made.
    #[error("cannot make the socket {path}; check that its directory exists and may be written")]
    Socket {
        /// The path.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The loop that accepts connections ended in a panic.
    #[error(
        "nobody can connect to {place} any more: accepting ended in a panic, a fault of this \
         program; restart it, and report what it printed before this"
    )]
    Panicked {
        /// The address or path that was listened on.
        place: String,
    },
    /// A panic ended a connection.
    #[error("a panic ended the connection, which is a fault of this program")]
    Broken,
    /// A connection was refused or ended for what the other side did.
    #[error("{0}")]
    Refused(String),
}
