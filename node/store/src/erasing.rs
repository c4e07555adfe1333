//! Erasing what an entry names that is not in the stored tree.

use wpsx_proto::{
    index::LeafIndex,
    origin::{Origin, RecordId},
};

use crate::{
    error::StoreError,
    format::{
        erased::{ELSEWHERE, Records},
        saved::name,
    },
    store::Store,
    write::request::Erase,
};

impl Store {
    /// Destroys the payloads that erase entries name which are not in the stored tree:
    /// where two trees of a log were signed, each of both erases. `records` are those
    /// entries' records and indexes. Gives how many payloads went.
    ///
    /// # Errors
    /// The log is not kept here, or the store does not write.
    pub async fn erase_elsewhere(
        &self,
        origin: &Origin,
        records: Vec<(RecordId, LeafIndex)>,
    ) -> Result<u64, StoreError> {
        let log = self.known(origin)?;
        let records = records.into_iter();
        let records = Records::before(records.map(|(id, index)| (id, index.value())));
        let losing = log.look_for(records).await?.indexes;
        if losing.is_empty() {
            return Ok(0);
        }
        // Before they go, so that it is known for ever why.
        let mut all = match log.inner.erased_elsewhere(self.state()) {
            // All that is erased is no less, and an erasure waits for no damage.
            Err(StoreError::Damaged { .. }) => log.inner.contents.read().erased.clone(),
            read => read?,
        };
        for index in &losing {
            all.insert(*index);
        }
        let (file, bytes) = (name(log.number(), ELSEWHERE), all.to_bytes());
        // On a full disk there is the reserve.
        self.make_room_for_erasing();
        match self.state().put_twice(&file, &bytes) {
            Err(error) if error.is_full() => {
                self.shared.room.ran_out(&error);
                self.make_room_for_erasing();
                self.state().put_twice(&file, &bytes)?;
            }
            put => put?,
        }
        let (origin, gone) = (origin.clone(), losing.len() as u64);
        self.ask(Erase { origin, losing }).await?;
        Ok(gone)
    }
}
