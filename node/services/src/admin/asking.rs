//! What an operator's commands ask of records, between their messages and those that
//! readers use.

use bytes::Bytes;
use wpsx_proto::{
    api::{
        admin::v1::{
            CountRecordsRequest, CountRecordsResponse, FindRecordsResponse, GetHistoryRequest,
            GetHistoryResponse,
        },
        exchange::v1 as exchange,
    },
    origin::RecordId,
};

/// Enough to see that more digits are needed, and which.
pub(super) const MOST_FOUND: usize = 10;

pub(super) fn count(request: CountRecordsRequest) -> exchange::CountRecordsRequest {
    exchange::CountRecordsRequest {
        filter: request.filter,
        facets: request.facets,
    }
}

pub(super) fn count_answer(answer: exchange::CountRecordsResponse) -> CountRecordsResponse {
    CountRecordsResponse {
        records: answer.records,
        facets: answer.facets,
    }
}

pub(super) fn history(request: GetHistoryRequest) -> exchange::GetHistoryRequest {
    exchange::GetHistoryRequest {
        record_id: request.record_id,
        origin: request.origin,
        page_size: request.page_size,
        page_token: request.page_token,
    }
}

pub(super) fn history_answer(answer: exchange::GetHistoryResponse) -> GetHistoryResponse {
    GetHistoryResponse {
        entries: answer.entries,
        checkpoint: answer.checkpoint,
        next_page_token: answer.next_page_token,
    }
}

pub(super) fn found(ids: &[RecordId]) -> FindRecordsResponse {
    let ids = ids.iter().map(|id| Bytes::copy_from_slice(id.as_bytes()));
    FindRecordsResponse {
        record_ids: ids.collect(),
    }
}
