//! A node that is only looked at: nothing in its folder changes, and it works on a file
//! system that is read-only.
//!
//! The store lies under an overlay in memory, and no key signs. sled writes as soon as it
//! is opened, so the views are built in memory, from the logs, where a command asks for
//! records. One that counts them waits for a moment only: in a large store it says how far
//! the count is.

use std::{path::Path, sync::Arc};

use wpsx_domain::NodeError;
use wpsx_doors::{
    app::Look,
    keys::{KEYS, Keys},
};
use wpsx_proto::origin::RecordId;
use wpsx_store::{FollowError, Follower, Followers, Newest, RecordIndex, StoreFolder, StoredEntry};
use wpsx_views::Views;

use super::opened::{Opened, clocks};

/// What the node in `dir` is put together over, to look at it. Others may look at the same
/// time.
///
/// # Errors
/// No node is there, somebody runs it, or its files are damaged.
pub(super) fn opened(dir: &Path, look: Look) -> Result<Opened, NodeError> {
    let keys = Arc::new(Keys::open(&dir.join(KEYS))?);
    let folder = StoreFolder::look(dir)?;
    let views = Views::in_memory(clocks())?;
    let index: Arc<dyn RecordIndex> = match look {
        Look::Logs => Arc::new(Deaf),
        Look::Counts | Look::Records => Arc::new(views.clone()),
    };
    let others = Vec::new();
    Ok(Opened {
        folder,
        views,
        followers: Followers { index, others },
        keys,
        cosigner: None,
    })
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
