//! The drafts of a call, as they come in, up to what one batch takes.

use tonic::Status;
use wpsx_domain::{
    NodeError,
    publishing::{Draft, MOST_BYTES, MOST_DRAFTS},
};
use wpsx_proto::api::admin::v1::Draft as DraftMessage;

use crate::{admin::messages, calls::blocking, codes::refusal};

/// The drafts so far.
#[derive(Default)]
pub(crate) struct Drafts {
    drafts: Vec<Draft>,
    bytes: usize,
}

impl Drafts {
    /// Takes those of a further message.
    ///
    /// # Errors
    /// There are more than a batch takes, or one is not well-formed.
    pub(crate) async fn take(&mut self, more: Vec<DraftMessage>) -> Result<(), Status> {
        self.bytes += more.iter().map(|draft| draft.payload.len()).sum::<usize>();
        if self.drafts.len() + more.len() > MOST_DRAFTS || self.bytes > MOST_BYTES {
            return Err(refusal(NodeError::invalid(
                "drafts",
                "at most 100,000 records and 256 MiB in one batch; split the file",
            )));
        }
        // Each is read as the record that it is, which takes its time.
        let read = blocking(move || {
            let read = more.into_iter().map(messages::draft);
            read.collect::<Result<Vec<Draft>, _>>()
        });
        self.drafts.extend(read.await?);
        Ok(())
    }

    pub(crate) fn all(self) -> Vec<Draft> {
        self.drafts
    }
}
