//! What a node is put together over, as it is for who runs it or changes it.

use std::{path::Path, sync::Arc};

use wpsx_client::clock::{Clock, monotonic};
use wpsx_domain::NodeError;
use wpsx_doors::keys::{KEYS, Keys};
use wpsx_proto::cosignature::Cosigner;
use wpsx_store::{Followers, StoreFolder};
use wpsx_views::{Clocks, Views};

/// The folder and the keys of a node, and what follows its store.
pub(super) struct Opened {
    pub(super) folder: StoreFolder,
    pub(super) views: Views,
    pub(super) followers: Followers,
    pub(super) keys: Arc<Keys>,
    pub(super) cosigner: Option<Cosigner>,
}

impl Opened {
    /// For this process alone.
    pub(super) fn alone(dir: &Path) -> Result<Self, NodeError> {
        let keys = Arc::new(Keys::open(&dir.join(KEYS))?);
        let folder = StoreFolder::lock(dir)?;
        let views = Views::opening(&folder.views(), clocks())?;
        let followers = Followers {
            index: Arc::new(views.clone()),
            others: Vec::new(),
        };
        let cosigner = Some(keys.cosigner().clone());
        Ok(Self {
            folder,
            views,
            followers,
            keys,
            cosigner,
        })
    }
}

/// The clocks of the system, for the views.
pub(super) fn clocks() -> Clocks {
    let begun = monotonic();
    let since = move || monotonic().saturating_duration_since(begun).as_millis();
    Clocks {
        unix_ms: Clock::system().as_fn(),
        steady_ms: Arc::new(move || u64::try_from(since()).unwrap_or(u64::MAX)),
    }
}
