//! The one door through which entries come into own logs.

use bytes::Bytes;
use wpsx_proto::{envelope::Operation, origin::Origin};

use crate::{
    error::StoreError,
    format::{erased::Records, request::RequestId},
    store::Store,
    write::{
        batch::{Appended, Batch, NewEntry, RecordTarget},
        request::Append,
    },
};

/// The right to append to the own logs of one store. [`Store::open`] gives it, once, and
/// nothing else makes one:
///
/// ```compile_fail
/// use wpsx_store::{Appender, Store};
///
/// fn another(store: Store) -> Appender {
///     Appender { store }
/// }
/// ```
///
/// nor a second one:
///
/// ```compile_fail
/// use wpsx_store::{Appender, Store};
///
/// fn another(appender: &Appender) -> Appender {
///     appender.clone()
/// }
/// ```
///
/// Who opens the store has it, and hands it to whom it likes:
///
/// ```
/// use wpsx_store::{Appender, Followers, Store, StoreError, StoreFolder, StoreOptions};
///
/// fn the_one(
///     folder: StoreFolder,
///     options: StoreOptions,
///     followers: Followers,
/// ) -> Result<(Store, Appender), StoreError> {
///     Store::open(folder, options, followers)
/// }
/// ```
#[derive(Debug)]
pub struct Appender {
    store: Store,
}

impl Appender {
    pub(crate) fn of(store: &Store) -> Self {
        Self {
            store: store.clone(),
        }
    }

    /// Appends a batch to an own log: all of it under one checkpoint, or nothing.
    /// It is durable when this returns.
    ///
    /// # Errors
    /// A bad entry, an unknown record, a log that is not ours, a read-only store.
    pub async fn append(
        &self,
        origin: &Origin,
        entries: Vec<NewEntry>,
        request: Option<RequestId>,
    ) -> Result<Appended, StoreError> {
        self.append_remembered(origin, entries, request, None).await
    }

    /// The same, and has the batch remembered with these words, at most 1,024 bytes, by
    /// its request. [`LogHandle::remembered`](crate::LogHandle::remembered) tells of it
    /// from the moment when its entries are there.
    ///
    /// # Errors
    /// As [`Appender::append`]; or words without a request, or too many.
    pub async fn append_remembered(
        &self,
        origin: &Origin,
        entries: Vec<NewEntry>,
        request: Option<RequestId>,
        words: Option<Bytes>,
    ) -> Result<Appended, StoreError> {
        let erasing = entries.iter();
        let erasing = erasing.filter(|entry| entry.operation == Operation::Erase);
        let records = Records::all(erasing.map(|entry| match entry.target {
            RecordTarget::New(id) | RecordTarget::Existing(id) => id,
        }));
        let losing = self.store.known(origin)?.look_for(records).await?;
        let batch = Batch::prepare(entries, request)?.remembered(words)?;
        let origin = origin.clone();
        let append = Append {
            origin,
            batch,
            losing,
        };
        self.store.ask(append).await
    }
}
