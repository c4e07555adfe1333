//! Which logs a node holds.

use std::collections::BTreeSet;

use wpsx_proto::{
    api::exchange::v1::{ListOriginsRequest, Origin as ShownOrigin},
    checkpoint::VerifiedCheckpoint,
    origin::Origin,
};

use super::{
    Client,
    answers::{endless, exchange, wrong},
};
use crate::{
    ClientError,
    pull::{PullError, Transport},
};

/// More logs than any node has: a list that goes on is endless.
const MAX_LOGS: usize = 100_000;

/// A log as the node shows it.
#[derive(Debug, Clone)]
pub struct LogAt {
    /// The log.
    pub origin: Origin,
    /// Its newest checkpoint, verified; `None` if its publisher is not known here.
    pub head: Option<VerifiedCheckpoint>,
    /// Current records, as the node counts them. Nobody proves it.
    pub claimed_records: u64,
    /// The node says that it stopped following the log, because of a fork.
    pub stopped: bool,
}

impl<T: Transport> Client<T> {
    /// The logs that the node holds, whether or not their publishers are known here.
    ///
    /// # Errors
    ///
    /// If the node cannot be asked, or shows a head that is refused.
    pub async fn logs(&self) -> Result<Vec<LogAt>, ClientError> {
        let mut logs: Vec<LogAt> = Vec::new();
        let mut named = BTreeSet::new();
        let mut page_token = String::new();
        loop {
            let before = logs.len();
            let request = ListOriginsRequest {
                page_size: 0,
                page_token,
            };
            let answer = self
                .call(|transport| {
                    let request = request.clone();
                    async move {
                        let mut client = exchange(transport);
                        self.options.wait(client.list_origins(request)).await
                    }
                })
                .await?
                .into_inner();
            for found in answer.origins {
                if !named.insert(found.origin.clone()) {
                    return Err(wrong("a log twice").into());
                }
                logs.push(self.log_at(found).await?);
            }
            if answer.next_page_token.is_empty() {
                return Ok(logs);
            }
            if logs.len() == before || logs.len() > MAX_LOGS {
                return Err(endless("the list of logs").into());
            }
            page_token = answer.next_page_token;
        }
    }

    async fn log_at(&self, found: ShownOrigin) -> Result<LogAt, ClientError> {
        let origin = Origin::parse(&found.origin).map_err(|error| PullError::Malformed {
            what: "an origin",
            why: error.to_string(),
        })?;
        let head = match self.trust.key(&origin) {
            Ok(_) => Some(VerifiedCheckpoint::clone(
                &*self.seen(&origin, &found.checkpoint).await?,
            )),
            Err(_) => None,
        };
        Ok(LogAt {
            origin,
            head,
            claimed_records: found.records,
            stopped: found.stopped,
        })
    }
}
