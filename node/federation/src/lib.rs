//! How a node exchanges logs with its peers.
//!
//! Read in this order:
//!
//! - [`peers`] are the cards that the operator added, [`peering`] what follows from
//!   adding and removing one, `follows` the logs that are followed, [`card`] this node's
//!   own card.
//! - `run` keeps a task for each peer; `following` keeps its line alive; `session` is
//!   what is asked over a line: hello (`introductions`), heads, and for each log a
//!   `log_task` that judges and pulls (`pull`, `fill`), one line at a time (`lease`,
//!   `place`), pauses by itself (`pauses`) and tells the peer why (`reporting`).
//! - `healing` asks over the same lines for what is damaged here.
//! - `compare` asks the peers before the first signature; `own_heads` is what their
//!   heads of our logs say of our store, `ahead` what of that outlives a restart, and
//!   [`recovery`] gets back what is missing. `after_restore` asks for erasures before a
//!   node that was made of a backup serves anybody.
//! - [`forks`] is evidence, kept and passed on (`fork_news`), and [`fork_decisions`]
//!   what the operator does about it. [`refusals`], [`failures`], [`links`] and
//!   [`movements`] are what `wpsx status` shows.
//!   `erasures` are carried out in a stopped log too, and kept to be passed on
//!   (`kept_erasures`).
//!
//! [`Federation`] holds it all for the root. What a peer sends is only ever a claim; a
//! claim that fails a proof is refused with the reason, told to the peer and kept on both
//! sides. It pauses that log at that peer, and nothing else.

mod after_restore;
mod ahead;
mod backoff;
pub mod card;
mod choice;
mod compare;
mod context;
mod decided;
mod dialling;
mod erasures;
mod failed_task;
pub mod failures;
mod federation;
mod fill;
mod following;
pub mod follows;
pub mod fork_decisions;
mod fork_news;
pub mod forks;
mod healing;
mod inbox;
mod introductions;
mod kept_erasures;
mod lease;
mod line;
mod link;
pub mod links;
mod log_task;
pub mod movements;
mod own_heads;
mod pace;
mod pauses;
pub mod peering;
pub mod peers;
mod place;
mod pull;
mod pull_end;
pub mod recovery;
pub mod refusals;
pub mod replicas;
mod reporting;
mod run;
mod session;
mod survey;
mod trouble;
mod turn;

pub use self::{
    choice::Choice,
    federation::{Federation, FederationParts},
};
