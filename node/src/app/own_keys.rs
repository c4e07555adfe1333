//! The publishers' keys on the disk, as publishing makes new ones.

use std::sync::Arc;

use wpsx_client::random::Random;
use wpsx_domain::{NodeError, publishing::PublisherKeys};
use wpsx_proto::{note::NoteSigner, origin::PublisherName};

use crate::keys::Keys;

/// The keys, and the source of new ones.
pub(super) struct OwnKeys {
    pub(super) keys: Arc<Keys>,
    pub(super) random: Random,
}

impl PublisherKeys for OwnKeys {
    fn make(&self, name: &PublisherName) -> Result<NoteSigner, NodeError> {
        Ok(self.keys.add_publisher(name, &self.random)?)
    }
}
