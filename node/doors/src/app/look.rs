//! What a command wants to see of a node that does not run.

use std::time::Duration;

/// How long a command that counts records waits for the count.
const MOMENT: Duration = Duration::from_secs(2);

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Logs, peers, keys: no records.
    Logs,
    /// How many records there are.
    Counts,
    /// Records.
    Records,
}

impl Look {
    /// Waits for `all` records as long as this needs them.
    pub(super) async fn wait(self, all: impl Future<Output = ()>) {
        match self {
            Self::Logs => {}
            // What is there by then is counted.
            Self::Counts => drop(tokio::time::timeout(MOMENT, all).await),
            Self::Records => all.await,
        }
    }
}
