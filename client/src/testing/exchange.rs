//! What a test node answers to readers.

use std::collections::BTreeMap;

use tonic::{Request, Response, Status};
use wpsx_proto::{
    api::exchange::v1::{
        CountRecordsRequest, CountRecordsResponse, GetHistoryRequest, GetHistoryResponse,
        GetNodeRequest, GetNodeResponse, GetRecordRequest, GetRecordResponse, ListOriginsRequest,
        ListOriginsResponse, ListRecordsRequest, ListRecordsResponse, Origin as ApiOrigin,
        ProvenEntry, RecordFilter, WatchRecordsRequest, WatchRecordsResponse,
        exchange_service_server::ExchangeService,
    },
    hash::Hash,
    index::LeafIndex,
    origin::RecordId,
};

use super::{
    lie::Lie,
    log::TestLog,
    node::{Answers, TestNode, head},
    spoil::flip,
};

#[tonic::async_trait]
impl ExchangeService for TestNode {
    async fn get_node(
        &self,
        _: Request<GetNodeRequest>,
    ) -> Result<Response<GetNodeResponse>, Status> {
        self.honest_pace().await;
        let state = self.state();
        Ok(Response::new(GetNodeResponse {
            card: state.card.clone(),
            capabilities: state.capabilities.clone(),
            software: "test".to_owned(),
        }))
    }

    async fn list_origins(
        &self,
        _: Request<ListOriginsRequest>,
    ) -> Result<Response<ListOriginsResponse>, Status> {
        self.honest_pace().await;
        let logs: Vec<String> = self.state().logs.keys().cloned().collect();
        let mut origins = Vec::new();
        let mut endless = false;
        for origin in logs {
            let (log, lie) = self.log(&origin)?;
            endless |= lie == Some(Lie::EndlessList);
            let checkpoint = head(&log, None, lie)
                .map(|head| head.checkpoint)
                .unwrap_or_default();
            origins.push(ApiOrigin {
                origin,
                checkpoint,
                local: true,
                identity: log.identity().notes().to_vec(),
                records: log.records(&RecordFilter::default(), None).len() as u64,
                ..ApiOrigin::default()
            });
        }
        Ok(Response::new(ListOriginsResponse {
            origins,
            next_page_token: if endless { "again" } else { "" }.to_owned(),
        }))
    }

    async fn get_record(
        &self,
        request: Request<GetRecordRequest>,
    ) -> Result<Response<GetRecordResponse>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let id = RecordId::try_from(&request.record_id[..])
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        let origins: Vec<String> = self.state().logs.keys().cloned().collect();
        for origin in origins {
            if !request.origin.is_empty() && request.origin != origin {
                continue;
            }
            let (log, lie) = self.log(&origin)?;
            let Some(index) = log.newest(&id) else {
                continue;
            };
            let head = head(&log, None, lie).unwrap_or_default();
            return Ok(Response::new(GetRecordResponse {
                entry: Some(proven(&log, index, lie)),
                checkpoint: head.checkpoint,
            }));
        }
        Err(Status::not_found("no such record"))
    }

    async fn count_records(
        &self,
        request: Request<CountRecordsRequest>,
    ) -> Result<Response<CountRecordsResponse>, Status> {
        self.honest_pace().await;
        let filter = request.into_inner().filter.unwrap_or_default();
        let origins: Vec<String> = self.state().logs.keys().cloned().collect();
        let mut records = 0;
        for origin in origins {
            let (log, lie) = self.log(&origin)?;
            records += log.records(&filter, lie).len() as u64;
        }
        Ok(Response::new(CountRecordsResponse {
            records,
            ..CountRecordsResponse::default()
        }))
    }

    async fn get_history(
        &self,
        request: Request<GetHistoryRequest>,
    ) -> Result<Response<GetHistoryResponse>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let id = RecordId::try_from(&request.record_id[..])
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        let origins: Vec<String> = self.state().logs.keys().cloned().collect();
        for origin in origins {
            let (log, lie) = self.log(&origin)?;
            let of_record = log.revisions(&id);
            if of_record.is_empty() {
                continue;
            }
            // Two at a time, so that a reader has to page.
            let after: usize = request.page_token.parse().unwrap_or(0);
            let entries = of_record.iter().skip(after).take(2);
            let next = after + 2;
            let goes_on = next < of_record.len() || lie == Some(Lie::EndlessList);
            return Ok(Response::new(GetHistoryResponse {
                entries: entries.map(|index| proven(&log, *index, lie)).collect(),
                checkpoint: head(&log, None, lie).unwrap_or_default().checkpoint,
                next_page_token: match goes_on {
                    true => next.to_string(),
                    false => String::new(),
                },
            }));
        }
        Err(Status::not_found("no such record"))
    }

    async fn list_records(
        &self,
        request: Request<ListRecordsRequest>,
    ) -> Result<Response<ListRecordsResponse>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let filter = request.filter.unwrap_or_default();
        let page = match request.page_size {
            0 => 100,
            size => size.min(1000) as usize,
        };
        let after: usize = request.page_token.parse().unwrap_or(0);
        let mut entries = Vec::new();
        let mut checkpoints = Vec::new();
        let origins: Vec<String> = self.state().logs.keys().cloned().collect();
        let mut lie_told = None;
        for origin in origins {
            let (log, lie) = self.log(&origin)?;
            lie_told = lie;
            checkpoints.push(head(&log, None, lie).unwrap_or_default().checkpoint);
            let records = log.records(&filter, lie);
            entries.extend(records.into_iter().map(|index| proven(&log, index, lie)));
        }
        let total = entries.len();
        let endless = lie_told == Some(Lie::EndlessList);
        let after = if endless { 0 } else { after };
        let entries: Vec<_> = entries.into_iter().skip(after).take(page).collect();
        let next = after + entries.len();
        Ok(Response::new(ListRecordsResponse {
            next_page_token: match next < total || endless {
                true => next.to_string(),
                false => String::new(),
            },
            checkpoints: if entries.is_empty() {
                Vec::new()
            } else {
                checkpoints
            },
            entries,
            position: self.position(),
        }))
    }

    type WatchRecordsStream = Answers<WatchRecordsResponse>;

    async fn watch_records(
        &self,
        request: Request<WatchRecordsRequest>,
    ) -> Result<Response<Self::WatchRecordsStream>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let filter = request.filter.unwrap_or_default();
        let node = self.clone();
        let mut changed = self.changed.subscribe();
        let begin = match request.position.as_str() {
            "" => self.position(),
            position => position.to_owned(),
        };
        let origins: Vec<String> = self.state().logs.keys().cloned().collect();
        // As a real node counts them: the first log is the first.
        let mut sizes = BTreeMap::new();
        for (number, origin) in origins.into_iter().enumerate() {
            let seen = begin.split('-').find_map(|part| {
                let (log, seen) = part.split_once('.')?;
                (log == number.to_string()).then(|| seen.parse().ok())?
            });
            sizes.insert(origin, (number, seen.unwrap_or(0)));
        }
        let answers = async_stream::stream! {
            if request.tell_positions {
                yield Ok(WatchRecordsResponse { position: begin, ..Default::default() });
            }
            loop {
                for (origin, (number, seen)) in &mut sizes {
                    let Ok((log, lie)) = node.log(origin) else { continue };
                    let checkpoint = head(&log, None, lie).unwrap_or_default().checkpoint;
                    for index in log.records(&filter, lie) {
                        if index.value() >= *seen {
                            yield Ok(WatchRecordsResponse {
                                entry: Some(proven(&log, index, lie)),
                                checkpoint: checkpoint.clone(),
                                position: format!("{number}.{}", index.value() + 1),
                            });
                        }
                    }
                    *seen = log.size().value();
                }
                if changed.changed().await.is_err() {
                    return;
                }
            }
        };
        Ok(Response::new(Box::pin(answers)))
    }
}

impl TestNode {
    /// Up to where its logs are signed.
    fn position(&self) -> String {
        let origins: Vec<String> = self.state().logs.keys().cloned().collect();
        let sizes = origins.iter().enumerate().filter_map(|(number, origin)| {
            let (log, _) = self.log(origin).ok()?;
            Some(format!("{number}.{}", log.size()))
        });
        sizes.collect::<Vec<_>>().join("-")
    }
}

/// The entry at an index with what proves it, or what pretends to.
fn proven(log: &TestLog, index: LeafIndex, lie: Option<Lie>) -> ProvenEntry {
    let last = LeafIndex::new(log.size().value() - 1);
    let other = match index == last {
        true => LeafIndex::new(0),
        false => last,
    };
    let index = match lie {
        Some(Lie::OtherRecord) => other,
        Some(Lie::OldRevision) => log.first_of_same_record(index),
        _ => index,
    };
    let (state, slot) = log.slot(index);
    let mut entry = log.entry(index);
    let mut slot = slot.unwrap_or_default();
    let mut inclusion = log.inclusion(index);
    match lie {
        Some(Lie::ChangedRecord) => entry = flip(&entry, entry.len() - 1),
        Some(Lie::ChangedRecordPayload) => slot = flip(&slot, slot.len().saturating_sub(1)),
        Some(Lie::OtherInclusion) => inclusion = log.inclusion(other),
        _ => {}
    }
    ProvenEntry {
        origin: log.origin().to_string(),
        index: index.value(),
        entry,
        state: i32::from(state.number()),
        slot,
        inclusion: Hash::list_to_bytes(&inclusion),
        backfill: false,
    }
}
