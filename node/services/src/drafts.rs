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

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, poll};
    use wpsx_proto::record::Record;

    use super::*;

    /// With one thread for all that is asynchronous: while drafts are read, others have it.
    #[tokio::test]
    async fn drafts_are_read_while_the_thread_that_answers_calls_does_other_things() {
        let json = r#"{"title": [{"language": "en", "text": "T"}], "good_practice": {}}"#;
        let record = Record::from_json(json).unwrap();
        let draft = DraftMessage {
            payload: record.payload().clone(),
            kind: record.kind().number(),
            ..DraftMessage::default()
        };
        let mut drafts = Drafts::default();
        let mut taking = Box::pin(drafts.take(vec![draft.clone(), draft]));
        // Nothing is read before the thread is given back.
        assert!(poll!(taking.as_mut()).is_pending());
        let ticking = tokio::spawn(async { tokio::task::yield_now().await });
        ticking.await.unwrap();
        taking.await.unwrap();
        assert_eq!(drafts.all().len(), 2);
        // Too many are refused at once.
        let many = vec![DraftMessage::default(); MOST_DRAFTS + 1];
        let refused = Drafts::default().take(many).now_or_never();
        assert!(refused.expect("nothing is read").is_err());
    }
}
