//! A node that is only looked at: nothing in its folder changes, and it works on a file
//! system that is read-only.
//!
//! The store lies under an overlay in memory, and no key signs. sled writes as soon as it
//! is opened, so the views are built in memory, from the logs, where a command asks for
//! records. One that counts them waits for a moment only: in a large store it says how far
//! the count is.

use std::{path::Path, sync::Arc, time::Duration};

use wpsx_domain::NodeError;
use wpsx_proto::{chain, origin::RecordId};
use wpsx_store::{FollowError, Follower, Followers, Newest, RecordIndex, StoreFolder, StoredEntry};
use wpsx_views::{MemoryTable, Views};

use super::{App, Look, Opened, World};
use crate::{
    config::Config,
    keys::{KEYS, Keys},
};

/// How long a command that counts records waits for the count.
const MOMENT: Duration = Duration::from_secs(2);

impl App {
    /// Opens the node in `dir` to look at it. Others may look at the same time.
    ///
    /// # Errors
    /// As [`App::open`].
    pub fn look(dir: &Path, config: Config, look: Look) -> Result<Self, NodeError> {
        let keys = Arc::new(Keys::open(&dir.join(KEYS))?);
        let folder = StoreFolder::look(dir)?;
        let views = Views::over(Box::new(MemoryTable::default()))?;
        let index: Arc<dyn RecordIndex> = match look {
            Look::Logs => Arc::new(Deaf),
            Look::Counts | Look::Records => Arc::new(views.clone()),
        };
        let others = Vec::new();
        let opened = Opened {
            folder,
            views,
            followers: Followers { index, others },
            keys,
            cosigner: None,
        };
        Self::over(World::real(), dir, config, opened)
    }

    /// Waits until the records are there that are looked at. Says of which logs they are
    /// not, because their files are damaged.
    pub async fn show_records(&self, look: Look) -> Vec<String> {
        let store = self.store();
        let mut lacking = Vec::new();
        {
            let all = async {
                for log in store.logs() {
                    if let Err(error) = store.followed(&log).await {
                        let origin = log.origin();
                        lacking.push(format!(
                            "not all records of {origin} are shown: {}",
                            chain(&error)
                        ));
                    }
                }
            };
            match look {
                Look::Logs => {}
                // What is there by then is counted.
                Look::Counts => drop(tokio::time::timeout(MOMENT, all).await),
                Look::Records => all.await,
            }
        }
        lacking
    }
}

/// Wants to be told nothing.
struct Deaf;

impl Follower for Deaf {
    fn name(&self) -> &'static str {
        "views"
    }

    fn position(&self, _: u32) -> u64 {
        u64::MAX
    }

    fn unsettled(&self) -> Vec<(u32, u64)> {
        Vec::new()
    }

    fn post(&self, _: u32, _: u64, _: &[StoredEntry]) -> Result<(), FollowError> {
        Ok(())
    }

    fn refill(&self, _: u32, _: &[StoredEntry]) -> Result<(), FollowError> {
        Ok(())
    }

    fn forget(&self, _: u32) -> Result<(), FollowError> {
        Ok(())
    }

    fn leave_no_trace(&self) -> Result<(), FollowError> {
        Ok(())
    }

    fn flush(&self) -> Result<(), FollowError> {
        Ok(())
    }

    fn close(&self) -> Result<(), FollowError> {
        Ok(())
    }
}

impl RecordIndex for Deaf {
    fn newest(&self, _: u32, _: &RecordId) -> Result<Option<Newest>, FollowError> {
        Ok(None)
    }
}
