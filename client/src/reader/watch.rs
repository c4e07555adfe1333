//! Watches records change.

use futures::Stream;
use wpsx_proto::api::exchange::v1::{WatchRecordsRequest, WatchRecordsResponse};

use super::{
    Client,
    answers::{broken, exchange, named, wrong},
    filter::Filter,
    position::Position,
};
use crate::{
    ClientError, Entry, Included,
    pull::{PullError, Transport},
};

/// What happens on a watch.
#[derive(Debug)]
pub enum Watched {
    /// The node tells of changes from here on. Again after a break, from where it had come.
    Watching(Position),
    /// A record changed.
    Changed(Box<Included<Entry>>),
}

impl<T: Transport> Client<T> {
    /// Records that change from now on. After a break of the connection it goes on where it
    /// was, and misses nothing that the node tells.
    pub fn watch(
        &self,
        filter: Filter,
    ) -> impl Stream<Item = Result<Watched, ClientError>> + Send + use<T> {
        self.watch_on(filter, None)
    }

    /// The same from a position on, such as that of a [`list`](Self::list) of this node:
    /// together they leave no gap.
    pub fn watch_from(
        &self,
        filter: Filter,
        position: Position,
    ) -> impl Stream<Item = Result<Watched, ClientError>> + Send + use<T> {
        self.watch_on(filter, Some(position))
    }

    fn watch_on(
        &self,
        filter: Filter,
        mut position: Option<Position>,
    ) -> impl Stream<Item = Result<Watched, ClientError>> + Send + use<T> {
        let client = self.clone();
        let filter = filter.believed_by(&self.trust);
        async_stream::try_stream! {
            let mut tried = 0;
            loop {
                let error = match client.open_watch(&filter, position.as_ref()).await {
                    Err(error) => error,
                    Ok((mut answers, begin)) => {
                        yield Watched::Watching(begin.clone());
                        let position = position.insert(begin);
                        loop {
                            match answers.message().await {
                                Ok(Some(answer)) => {
                                    tried = 0;
                                    let proven = answer.entry.unwrap_or_default();
                                    let origin = named(&proven)?;
                                    let checkpoint = client.seen(&origin, &answer.checkpoint).await?;
                                    let entry = Included::verify(proven, checkpoint)?;
                                    filter.check(&entry)?;
                                    position.go_on(told(&answer.position)?);
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

    /// The answers, behind the one that says where they begin.
    async fn open_watch(
        &self,
        filter: &Filter,
        position: Option<&Position>,
    ) -> Result<(tonic::Streaming<WatchRecordsResponse>, Position), ClientError> {
        let request = WatchRecordsRequest {
            filter: Some(filter.to_api()),
            position: position.map(ToString::to_string).unwrap_or_default(),
            tell_positions: true,
        };
        let mut client = exchange(self.transport().await?);
        let mut answers = self
            .options
            .wait(client.watch_records(request))
            .await?
            .into_inner();
        let begin = self.options.wait(answers.message()).await?;
        let begin = begin.ok_or_else(|| broken("the watch ended"))?;
        if begin.entry.is_some() {
            return Err(wrong("a watch that does not say where it begins").into());
        }
        let position = told(&begin.position)?;
        Ok((answers, position))
    }
}

fn told(position: &str) -> Result<Position, PullError> {
    Position::parse(position).ok_or_else(|| PullError::Malformed {
        what: "a position",
        why: position.chars().take(100).collect(),
    })
}
