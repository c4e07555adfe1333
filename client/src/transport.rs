//! One HTTP/2 connection to a node, over whatever carries bytes.
//!
//! [`Connection`] is what the generated clients are made with. It is the same
//! whether we dialled it, the other side dialled and the roles turned, or a Unix
//! socket or an in-memory pipe lies below. The key of the other side is looked up
//! again for every call, so that a removed peer is refused at once.

mod answer;
mod connection;
mod counted;
mod dial;
mod endpoint;
mod error;
mod held;
mod settings;
mod shared;

pub use self::{
    answer::Answer,
    connection::Connection,
    counted::{Counted, Counters},
    dial::{TurnedStream, dial_turned},
    endpoint::{Endpoint, Proxy},
    error::{Closed, TransportError},
    held::Held,
    settings::Settings,
};
