//! What a node is put together over, as it is for who runs it or changes it.

use std::{path::Path, sync::Arc};

use wpsx_domain::NodeError;
use wpsx_doors::keys::{KEYS, Keys};
use wpsx_proto::cosignature::Cosigner;
use wpsx_store::{Followers, StoreFolder};
use wpsx_views::Views;

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
        let views = Views::opening(&folder.views())?;
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
