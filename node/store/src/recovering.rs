//! Taking back the missing part of an own log, whose entries its own key signed.

use std::sync::Arc;

use wpsx_proto::{
    checkpoint::VerifiedCheckpoint,
    origin::Origin,
    package::VerifiedPackage,
    payload::{SlotState, VerifiedFrame},
};

use crate::{error::StoreError, store::Store, write::request::Extend};

/// The right to take back what an own log lacks. Nothing is appended to any own log
/// meanwhile: it is given, and it works, only while the store is read-only. Nobody else
/// makes one:
///
/// ```compile_fail
/// use wpsx_proto::origin::Origin;
/// use wpsx_store::{Recovering, Store, StoreError};
///
/// fn take(store: Store, origin: Origin) -> Result<Recovering, StoreError> {
///     Ok(Recovering { store, origin })
/// }
/// # let _ = take;
/// ```
///
/// ```
/// use wpsx_proto::origin::Origin;
/// use wpsx_store::{Recovering, Store, StoreError};
///
/// fn take(store: Store, origin: Origin) -> Result<Recovering, StoreError> {
///     store.recovering(&origin)
/// }
/// # let _ = take;
/// ```
#[derive(Debug)]
pub struct Recovering {
    store: Store,
    origin: Origin,
}

impl Store {
    /// The right to take back what the own log of `origin` lacks.
    ///
    /// # Errors
    /// It is no own log, or own logs are being signed.
    pub fn recovering(&self, origin: &Origin) -> Result<Recovering, StoreError> {
        if !self.known(origin)?.is_own() {
            return Err(StoreError::NotOurs(origin.clone()));
        }
        if self.read_only().is_none() {
            return Err(StoreError::Ours(origin.clone()));
        }
        Ok(Recovering {
            store: self.clone(),
            origin: origin.clone(),
        })
    }
}

impl Recovering {
    /// Appends the entries of a package that a checkpoint of the log's own key covers;
    /// what is stored already is skipped. It is durable when this returns.
    ///
    /// # Errors
    /// As [`Store::extend`].
    pub async fn extend(
        &self,
        package: VerifiedPackage,
        frames: Vec<VerifiedFrame>,
        other: SlotState,
    ) -> Result<(), StoreError> {
        if *package.origin() != self.origin {
            return Err(StoreError::UnknownLog(package.origin().clone()));
        }
        let extend = Extend {
            package,
            frames,
            other,
            into_own: true,
        };
        self.store.hand_in_package(extend).await?.await
    }

    /// Makes a checkpoint the head, all of whose entries are stored. What its erase
    /// entries name is destroyed in the same step.
    ///
    /// # Errors
    /// As [`Store::commit_head`].
    pub async fn commit_head(
        &self,
        checkpoint: VerifiedCheckpoint,
    ) -> Result<Arc<VerifiedCheckpoint>, StoreError> {
        self.store.take_head(&self.origin, checkpoint, true).await
    }
}
