//! Whole files of records: `Import`, the batches that there were, and taking one back.
//! Served to the operator's commands alone, beside `admin`.

use bytes::Bytes;
use prost::Message;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tonic::{Request, Response, Status, Streaming};
use wpsx_domain::{
    NodeError,
    publishing::{
        Became, Fault, Faults, Imported, Outcome, Published, Publishing, Remembered, Reversal,
        Reverted,
    },
};
use wpsx_proto::{
    api::admin::v1::{
        Batch, Became as BecameMessage, Fault as FaultMessage, FieldChange, ImportDone,
        ImportRequest, ImportResponse, ListBatchesRequest, ListBatchesResponse, Place,
        PlannedRecord, Reversal as ReversalMessage, RevertBatchRequest, RevertBatchResponse,
        RevertDone, RevertedRecord, batch_service_server::BatchService,
    },
    record::diff,
};

use crate::{
    admin::messages,
    calls::{Answers, blocking},
    codes::refusal,
    drafts::Drafts,
    pushed::pushed_while,
};

/// Messages ready to be sent on one stream.
const AHEAD: usize = 16;
/// About the bytes of one message.
const PIECE: usize = 256 << 10;
/// Bytes that an item has around it there.
const FRAME: usize = 6;
/// Batches on a page where the caller asks for no number, and at most.
const USUAL: u32 = 100;
const MOST: u32 = 1_000;

/// The service over one node's own logs.
pub(crate) struct Batches {
    publishing: Publishing,
}

impl Batches {
    pub(crate) fn new(publishing: Publishing) -> Self {
        Self { publishing }
    }
}

#[tonic::async_trait]
impl BatchService for Batches {
    type ImportStream = Answers<ImportResponse>;
    type RevertBatchStream = Answers<RevertBatchResponse>;

    async fn import(
        &self,
        request: Request<Streaming<ImportRequest>>,
    ) -> Result<Response<Self::ImportStream>, Status> {
        let mut messages = request.into_inner();
        let (mut header, mut remembered) = (None, Remembered::default());
        let mut drafts = Drafts::default();
        while let Some(message) = messages.next().await {
            let message = message?;
            if header.is_none() {
                header = message.header;
                remembered.title = message.title;
                remembered.backfill = message.backfill;
            }
            drafts.take(message.drafts).await?;
        }
        let header = header.ok_or_else(|| missing("header"))?;
        let publishing = self.publishing.clone();
        if header.give_up {
            let done = publishing.give_up(&header.publisher, &header.request_id);
            let outcome = done.await.map_err(refusal)?;
            return Ok(Response::new(pushed_while(AHEAD, |tx| tell(outcome, tx))));
        }
        let mut batch = messages::batch(header);
        batch.remembered = Some(remembered);
        batch.is_file = true;
        let published = publishing.publish(batch, drafts.all()).await;
        let outcome = match published {
            Ok(outcome) => outcome,
            // All of them, and not only those for which the status has room.
            Err(NodeError::Refused(faults)) => {
                return Ok(Response::new(pushed_while(AHEAD, |tx| refuse(faults, tx))));
            }
            Err(error) => return Err(refusal(error)),
        };
        Ok(Response::new(pushed_while(AHEAD, |tx| tell(outcome, tx))))
    }

    async fn list_batches(
        &self,
        request: Request<ListBatchesRequest>,
    ) -> Result<Response<ListBatchesResponse>, Status> {
        let request = request.into_inner();
        let publishing = self.publishing.clone();
        let listing = move || {
            let all = publishing.batches(&request.publisher)?;
            Ok((all, publishing.lost_batches(&request.publisher)?))
        };
        let (all, lost) = blocking(listing).await?;
        let start = match request.page_token.as_str() {
            "" => 0,
            last => all
                .iter()
                .position(|batch| batch.id == last)
                .map(|at| at + 1)
                .ok_or_else(|| missing("page_token"))?,
        };
        let size = match request.page_size {
            0 => USUAL,
            size => size.min(MOST),
        };
        let end = all.len().min(start + size as usize);
        let next_page_token = match end < all.len() {
            true => all[end - 1].id.clone(),
            false => String::new(),
        };
        Ok(Response::new(ListBatchesResponse {
            batches: all[start..end].iter().cloned().map(batch).collect(),
            next_page_token,
            lost,
        }))
    }

    async fn revert_batch(
        &self,
        request: Request<RevertBatchRequest>,
    ) -> Result<Response<Self::RevertBatchStream>, Status> {
        let request = request.into_inner();
        let publishing = &self.publishing;
        let done = publishing.revert(&request.batch, &request.request_id, request.dry_run);
        let done = done.await.map_err(refusal)?;
        Ok(Response::new(pushed_while(AHEAD, |tx| async move {
            let last = RevertDone {
                origin: done.origin.to_string(),
                tree_size: done.tree_size,
                reverted: done.batch.id,
                batch: done.by.unwrap_or_default(),
            };
            for records in pieces(done.records.into_iter().map(reverted)) {
                let message = RevertBatchResponse {
                    records,
                    done: None,
                };
                if tx.send(Ok(message)).await.is_err() {
                    return;
                }
            }
            let message = RevertBatchResponse {
                records: Vec::new(),
                done: Some(last),
            };
            // The command may be gone; what it asked for is done.
            let _ = tx.send(Ok(message)).await;
        })))
    }
}

fn missing(field: &'static str) -> Status {
    refusal(NodeError::invalid(field, "missing, or not as it was given"))
}

async fn tell(outcome: Outcome, tx: mpsc::Sender<Result<ImportResponse, Status>>) {
    let done = ImportDone {
        origin: outcome.origin.to_string(),
        tree_size: outcome.tree_size,
        batch: outcome.batch.unwrap_or_default(),
        faults: outcome.faults.count as u64,
        unlicensed: outcome.unlicensed.records,
        licence: outcome.unlicensed.licence.unwrap_or_default(),
    };
    for records in pieces(outcome.records.into_iter().map(planned)) {
        let message = ImportResponse {
            records,
            ..ImportResponse::default()
        };
        if tx.send(Ok(message)).await.is_err() {
            return;
        }
    }
    if !send_faults(&outcome.faults, &tx).await {
        return;
    }
    let last = ImportResponse {
        done: Some(done),
        ..ImportResponse::default()
    };
    let _ = tx.send(Ok(last)).await;
}

async fn refuse(faults: Faults, tx: mpsc::Sender<Result<ImportResponse, Status>>) {
    if send_faults(&faults, &tx).await {
        let _ = tx.send(Err(refusal(NodeError::Refused(faults)))).await;
    }
}

async fn send_faults(faults: &Faults, tx: &mpsc::Sender<Result<ImportResponse, Status>>) -> bool {
    for faults in pieces(faults.told.iter().cloned().map(fault)) {
        let message = ImportResponse {
            faults,
            ..ImportResponse::default()
        };
        if tx.send(Ok(message)).await.is_err() {
            return false;
        }
    }
    true
}

/// The items in groups of about the size of a message.
fn pieces<T: Message>(items: impl Iterator<Item = T>) -> impl Iterator<Item = Vec<T>> {
    let mut items = items.peekable();
    std::iter::from_fn(move || {
        let (mut piece, mut bytes) = (Vec::new(), 0);
        while let Some(item) =
            items.next_if(|item| bytes == 0 || bytes + item.encoded_len() <= PIECE)
        {
            bytes += item.encoded_len() + FRAME;
            piece.push(item);
        }
        (!piece.is_empty()).then_some(piece)
    })
}

fn planned(published: Published) -> PlannedRecord {
    let became = match published.became {
        Became::New => BecameMessage::New,
        Became::Changed => BecameMessage::Changed,
        Became::Unchanged => BecameMessage::Unchanged,
        Became::LeftWithdrawn => BecameMessage::LeftWithdrawn,
        Became::LeftHandedOver => BecameMessage::LeftHandedOver,
        Became::LeftToOthers => BecameMessage::LeftToOthers,
        Became::Reinstated => BecameMessage::Reinstated,
        Became::Refused => BecameMessage::Refused,
    };
    let id = published.record_id;
    PlannedRecord {
        became: became.into(),
        record_id: id.map_or_else(Bytes::new, |id| Bytes::copy_from_slice(id.as_bytes())),
        index: published.index,
        revision: published.revision,
        changes: published.changes.into_iter().map(change).collect(),
        payload: published.payload.unwrap_or_default(),
        before: published.before.unwrap_or_default(),
        publish_time: published.publish_time,
        of_others: published
            .of_others
            .map_or_else(String::new, |origin| origin.to_string()),
        title: published.title,
        external_id: published.external_id,
    }
}

fn change(change: diff::FieldChange) -> FieldChange {
    FieldChange {
        path: change.path,
        before: change.before,
        after: change.after,
    }
}

fn fault(fault: Fault) -> FaultMessage {
    FaultMessage {
        draft: u32::try_from(fault.draft).unwrap_or(u32::MAX),
        field: fault.field,
        place: fault.place.map(|place| Place {
            file: place.file.to_string(),
            line: place.line,
        }),
        column: fault.column,
        value: fault.value,
        rule: fault.rule,
        remedy: fault.remedy,
        removes: fault.removes,
    }
}

fn batch(batch: Imported) -> Batch {
    Batch {
        id: batch.id,
        origin: batch.origin.to_string(),
        time: batch.time,
        title: batch.title,
        start: batch.start,
        count: batch.count,
        new: batch.new,
        changed: batch.changed,
        withdrawn: batch.withdrawn,
        unchanged: batch.unchanged,
        backfill: batch.backfill,
        reverts: batch.reverts,
        reverted_by: batch.reverted_by,
    }
}

fn reverted(record: Reverted) -> RevertedRecord {
    let reversal = match record.reversal {
        Reversal::Restored => ReversalMessage::Restored,
        Reversal::Withdrawn => ReversalMessage::Withdrawn,
        Reversal::ChangedSince => ReversalMessage::ChangedSince,
        Reversal::Erased => ReversalMessage::Erased,
        Reversal::NotHeld => ReversalMessage::NotHeld,
    };
    RevertedRecord {
        reversal: reversal.into(),
        record_id: Bytes::copy_from_slice(record.record_id.as_bytes()),
        index: record.index,
        revision: record.revision,
        title: record.title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_of_its_size_whatever_its_records_say() {
        let record = PlannedRecord {
            title: "T".repeat(PIECE / 4),
            external_id: "a".repeat(PIECE / 4),
            ..PlannedRecord::default()
        };
        let pieces: Vec<_> = pieces(vec![record; 5].into_iter()).collect();
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [1; 5]);
    }
}
