//! Watches records change.

use std::sync::Arc;

use futures::Stream;
use wpsx_proto::api::exchange::v1::{WatchRecordsRequest, WatchRecordsResponse};

use super::{
    Client,
    answers::{broken, exchange, named},
    filter::Filter,
};
use crate::{
    ClientError, Entry, Included,
    pull::{PullError, Transport},
};

/// What happens on a watch.
#[derive(Debug)]
pub enum Watched {
    /// The node tells of changes from now on. Again after a break: changes in between
    /// may be missing.
    Watching,
    /// A record changed.
    Changed(Box<Included<Entry>>),
}

impl<T: Transport> Client<T> {
    /// Records that change from now on. After a break of the connection it goes on and
    /// says so: changes in between may be missing. [`follow`](Self::follow) misses none.
    pub fn watch(
        &self,
        filter: Filter,
    ) -> impl Stream<Item = Result<Watched, ClientError>> + Send + use<T> {
        let client = self.clone();
        let filter = filter.believed_by(&self.trust);
        async_stream::try_stream! {
            let mut tried = 0;
            loop {
                let error = match client.open_watch(&filter).await {
                    Err(error) => error,
                    Ok(mut answers) => {
                        yield Watched::Watching;
                        loop {
                            match answers.message().await {
                                Ok(Some(answer)) => {
                                    tried = 0;
                                    let proven = answer.entry.unwrap_or_default();
                                    let origin = named(&proven)?;
                                    let checkpoint = client.seen(&origin, &answer.checkpoint).await?;
                                    let entry = Included::verify(proven, Arc::new(checkpoint))?;
                                    filter.check(&entry)?;
                                    yield Watched::Changed(Box::new(entry));
                                }
                                Ok(None) => break broken("the watch ended"),
                                Err(status) => break PullError::from(status).into(),
                            }
                        }
                    }
                };
                tried += 1;
                client.pause_after(error, tried).await?;
            }
        }
    }

    async fn open_watch(
        &self,
        filter: &Filter,
    ) -> Result<tonic::Streaming<WatchRecordsResponse>, ClientError> {
        let request = WatchRecordsRequest {
            filter: Some(filter.to_api()),
        };
        let mut client = exchange(self.transport().await?);
        let answer = self.options.wait(client.watch_records(request)).await?;
        Ok(answer.into_inner())
    }
}
