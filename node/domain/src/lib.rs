//! What a node does with records: who may see them, publishing, asking.
//!
//! Read in this order:
//!
//! - [`access`] says who may read which log. Its [`Sight`](access::Sight) is what every
//!   question takes, and [`served`] is a log as a reader has it.
//! - [`records`] answers questions about records, found through the [`index`].
//! - [`publishing`] is the one door to own logs.
//! - [`contacts`] finds what would tell everybody how to reach a person.
//! - [`upkeep`] checks and rebuilds, [`repair`] mends on the operator's word; [`backup`] copies all of it;
//!   [`quiet`] says how much of one trouble the log is told;
//!   [`capabilities`] lists what this software can do.
//!
//! Nothing here knows gRPC, a listener's sockets or a peer. What it has to ask of those
//! comes in as a trait: [`Membership`](access::Membership),
//! [`MaySign`](publishing::MaySign), [`PublisherKeys`](publishing::PublisherKeys).

pub mod access;
pub mod backup;
mod brief;
pub mod capabilities;
pub mod contacts;
mod error;
pub mod index;
pub mod publishing;
pub mod quiet;
pub mod records;
pub mod repair;
pub mod served;
pub mod upkeep;
mod work;

pub use self::{
    brief::{Brief, Gauge},
    error::NodeError,
    work::{Wanted, blocking, while_wanted},
};
