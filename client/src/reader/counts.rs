//! How many records there are.

use std::collections::BTreeMap;

use wpsx_proto::api::exchange::v1::CountRecordsRequest;

use super::{Client, answers::exchange, filter::Filter};
use crate::{ClientError, pull::Transport};

/// How many records a node says that there are. Nobody proves it: who needs to know mirrors
/// the logs and counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimedCounts {
    /// How many pass the filter.
    pub records: u64,
    /// For each facet that was asked for, how many have which value, the most frequent first.
    pub facets: BTreeMap<String, Vec<(String, u64)>>,
}

impl<T: Transport> Client<T> {
    /// How many records pass a filter, and how many of them have which values of these
    /// facets; `kind` counts by kinds, `publisher` by publishers.
    ///
    /// # Errors
    ///
    /// If the node cannot be asked, or does not know what is asked for.
    pub async fn counts(
        &self,
        filter: Filter,
        facets: &[&str],
    ) -> Result<ClaimedCounts, ClientError> {
        let request = CountRecordsRequest {
            filter: Some(filter.believed_by(&self.trust).to_api()),
            facets: facets.iter().map(ToString::to_string).collect(),
        };
        let answer = self
            .call(|transport| {
                let request = request.clone();
                async move {
                    let mut client = exchange(transport);
                    self.options.wait(client.count_records(request)).await
                }
            })
            .await?
            .into_inner();
        let facets = answer.facets.into_iter().map(|counts| {
            let values = counts.values.into_iter();
            let values = values.map(|counted| (counted.value, counted.records));
            (counts.facet, values.collect())
        });
        Ok(ClaimedCounts {
            records: answer.records,
            facets: facets.collect(),
        })
    }
}
