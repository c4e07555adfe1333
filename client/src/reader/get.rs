//! Gets one record.

use wpsx_proto::{
    api::exchange::v1::GetRecordRequest,
    origin::{Origin, RecordId},
};

use super::{
    Client,
    answers::{exchange, named, wrong},
};
use crate::{
    ClientError, Entry, Included,
    pull::{PullError, Transport},
};

impl<T: Transport> Client<T> {
    /// The newest entry of a record that the node knows. The proof says that it is in
    /// the log, not that there is no newer one: [`follow`](Self::follow) or
    /// [`mirror`](Self::mirror) the log for that.
    ///
    /// # Errors
    ///
    /// If the node cannot be asked, its answer is refused, or the log's publisher is
    /// not known.
    pub async fn get(&self, id: &RecordId) -> Result<Option<Included<Entry>>, ClientError> {
        self.get_from(id, None).await
    }

    /// The same from one log, where several hold the record.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn get_from(
        &self,
        id: &RecordId,
        origin: Option<&Origin>,
    ) -> Result<Option<Included<Entry>>, ClientError> {
        let request = GetRecordRequest {
            record_id: bytes::Bytes::copy_from_slice(id.as_bytes()),
            origin: origin.map(ToString::to_string).unwrap_or_default(),
        };
        let answer = self
            .call(|transport| {
                let request = request.clone();
                async move {
                    let mut client = exchange(transport);
                    self.options.wait(client.get_record(request)).await
                }
            })
            .await;
        let answer = match answer {
            Ok(answer) => answer.into_inner(),
            Err(ClientError::Pull(PullError::Declined(status)))
                if status.code() == tonic::Code::NotFound =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let proven = answer.entry.unwrap_or_default();
        let named = named(&proven)?;
        if let Some(asked) = origin
            && *asked != named
        {
            return Err(PullError::WrongOrigin {
                asked: asked.clone(),
                got: named.to_string(),
            }
            .into());
        }
        let checkpoint = self.seen(&named, &answer.checkpoint).await?;
        let entry = Included::verify(proven, checkpoint)?;
        if entry.record_id() != Some(*id) {
            return Err(wrong("another record than the one asked for").into());
        }
        Ok(Some(entry))
    }
}
