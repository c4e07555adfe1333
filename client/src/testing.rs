//! A publisher's log and a node in memory, for tests: the node tells the truth, or
//! one chosen [`Lie`].
//!
//! There is one lie for every claim that a reader verifies. Nothing here touches a
//! socket: [`TestNode::transport`] is the server itself, called in the same process.

mod card;
mod exchange;
mod lie;
mod log;
mod node;
mod replication;
mod spoil;
mod transport;

pub use self::{
    lie::Lie,
    log::{TestLog, record_id},
    node::{Sent, TestNode},
    transport::TestTransport,
};
