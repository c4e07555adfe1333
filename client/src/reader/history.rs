//! The revisions of one record.

use std::sync::Arc;

use wpsx_proto::{
    api::exchange::v1::GetHistoryRequest,
    origin::{Origin, RecordId},
};

use super::{
    Client,
    answers::{endless, exchange, named, wrong},
};
use crate::{
    ClientError, Entry, Included,
    pull::{PullError, Transport},
};

/// More revisions than any record has: a history that goes on is endless.
const MOST: usize = 100_000;

impl<T: Transport> Client<T> {
    /// The revisions of a record, the newest first, each proven to be in the log; none if
    /// the node does not know it. That none is missing is not proven: the node follows the
    /// links that the publisher made. [`mirror`](Self::mirror) the log for that.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn history(
        &self,
        id: &RecordId,
        origin: Option<&Origin>,
    ) -> Result<Vec<Included<Entry>>, ClientError> {
        let mut found: Vec<Included<Entry>> = Vec::new();
        let mut request = GetHistoryRequest {
            record_id: bytes::Bytes::copy_from_slice(id.as_bytes()),
            origin: origin.map(ToString::to_string).unwrap_or_default(),
            ..GetHistoryRequest::default()
        };
        loop {
            let before = found.len();
            let answer = self
                .call(|transport| {
                    let request = request.clone();
                    async move {
                        let mut client = exchange(transport);
                        self.options.wait(client.get_history(request)).await
                    }
                })
                .await;
            let answer = match answer {
                Ok(answer) => answer.into_inner(),
                Err(ClientError::Pull(PullError::Declined(status)))
                    if status.code() == tonic::Code::NotFound =>
                {
                    return Ok(found);
                }
                Err(error) => return Err(error),
            };
            let Some(first) = answer.entries.first() else {
                return Ok(found);
            };
            let log = named(first)?;
            let checkpoint = self.seen(&log, &answer.checkpoint).await?;
            for proven in answer.entries {
                if named(&proven)? != log || origin.is_some_and(|asked| *asked != log) {
                    return Err(wrong("a revision of another log").into());
                }
                let entry = Included::verify(proven, Arc::clone(&checkpoint))?;
                if entry.record_id() != Some(*id) {
                    return Err(wrong("another record than the one asked for").into());
                }
                let follows = found
                    .last()
                    .is_none_or(|newer| *newer.origin() == log && entry.index() < newer.index());
                if !follows {
                    return Err(wrong("a revision out of order").into());
                }
                found.push(entry);
            }
            if answer.next_page_token.is_empty() {
                return Ok(found);
            }
            if found.len() == before || found.len() > MOST {
                return Err(endless("a history").into());
            }
            request.page_token = answer.next_page_token;
            request.origin = log.to_string();
        }
    }
}
