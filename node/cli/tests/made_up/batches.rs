//! What the made-up node says of whole files.

use tokio_stream::iter;

use super::node::*;

#[tonic::async_trait]
impl batch_service_server::BatchService for MadeUp {
    type ImportStream = Answers<ImportResponse>;
    type RevertBatchStream = Answers<RevertBatchResponse>;

    async fn import(
        &self,
        request: Request<Streaming<ImportRequest>>,
    ) -> Answer<Self::ImportStream> {
        let mut messages = request.into_inner();
        let (mut header, mut drafts) = (None, Vec::new());
        while let Some(message) = messages.message().await? {
            header = header.or(message.header);
            drafts.extend(message.drafts);
        }
        let header = header.ok_or_else(|| Status::invalid_argument("no header"))?;
        if header.publisher == "old.example" {
            return Err(Status::failed_precondition(
                "the node is read-only: a peer has seen further",
            ));
        }
        let became = |draft: &Draft| match draft.external_id.as_str() {
            "same" => Became::Unchanged,
            "other" => Became::Changed,
            "removed" if header.keep_values => Became::Refused,
            "removed" => Became::Changed,
            _ => Became::New,
        };
        let text = |text: &str| Some(text.to_owned());
        let records = drafts.iter().zip(0..).map(|(draft, index)| PlannedRecord {
            became: became(draft).into(),
            record_id: vec![index; 16].into(),
            index: u64::from(index),
            revision: 1 + u32::from(became(draft) == Became::Changed),
            changes: match became(draft) == Became::Changed && header.dry_run {
                true => vec![
                    FieldChange {
                        path: "title.en".into(),
                        before: text(&"An old title of many words ".repeat(4)),
                        after: text("A plan"),
                    },
                    FieldChange {
                        path: "period.end".into(),
                        before: None,
                        after: text("2018"),
                    },
                    FieldChange {
                        path: "note.en".into(),
                        before: text("gone"),
                        after: None,
                    },
                ],
                false => Vec::new(),
            },
            payload: match draft.show {
                true => draft.payload.clone(),
                false => bytes::Bytes::new(),
            },
            before: bytes::Bytes::new(),
            publish_time: 0,
            of_others: String::new(),
            title: String::new(),
            external_id: String::new(),
        });
        let records: Vec<PlannedRecord> = records.collect();
        let refused = drafts
            .iter()
            .zip(0..)
            .filter(|(draft, _)| became(draft) == Became::Refused);
        let faults = refused.map(|(draft, n)| Fault {
            draft: n,
            field: "note.en".into(),
            place: draft.place.clone(),
            value: "gone".into(),
            rule: "it would remove \"gone\"".into(),
            remedy: "fill it in, or give --allow-removals".into(),
            removes: true,
            ..Fault::default()
        });
        let faults: Vec<Fault> = faults.collect();
        let is_written = !header.dry_run && faults.is_empty();
        let any = records
            .iter()
            .any(|record| record.became() != Became::Unchanged);
        let count = |became: Became| {
            let those = records.iter().filter(|record| record.became() == became);
            those.count() as u64
        };
        let done = ImportDone {
            origin: "eu.example/wpsx/public".into(),
            tree_size: 2,
            batch: match is_written && any {
                true => "5eed0000000000000000000000000001".into(),
                false => String::new(),
            },
            faults: faults.len() as u64,
            unlicensed: count(Became::New),
            licence: match header.publisher.as_str() {
                "" => "CC-BY-4.0".into(),
                _ => String::new(),
            },
        };
        let records = Ok(ImportResponse {
            records,
            ..ImportResponse::default()
        });
        let faults_message = Ok(ImportResponse {
            faults: faults.clone(),
            ..ImportResponse::default()
        });
        let last = match faults.is_empty() || header.dry_run {
            true => Ok(ImportResponse {
                done: Some(done),
                ..ImportResponse::default()
            }),
            false => Err(Status::invalid_argument("drafts: refused")),
        };
        let answers = match header.dry_run || faults.is_empty() {
            true => vec![records, faults_message, last],
            false => vec![faults_message, last],
        };
        Ok(Response::new(Box::pin(iter(answers))))
    }

    async fn list_batches(&self, _: Request<ListBatchesRequest>) -> Answer<ListBatchesResponse> {
        let plans = Batch {
            id: "5eed0000000000000000000000000001".into(),
            origin: "eu.example/wpsx/public".into(),
            time: NOW - 50 * HOUR,
            title: "national action plans of the Union.csv".into(),
            start: 0,
            count: 1_300,
            new: 1_200,
            changed: 100,
            unchanged: 7,
            backfill: true,
            reverted_by: "5eed1111000000000000000000000002".into(),
            ..Batch::default()
        };
        let revert = Batch {
            id: "5eed1111000000000000000000000002".into(),
            time: NOW - HOUR,
            title: "revert of 5eed0000".into(),
            start: 1_300,
            count: 1_299,
            new: 0,
            changed: 100,
            withdrawn: 1_199,
            unchanged: 1,
            reverts: plans.id.clone(),
            reverted_by: String::new(),
            ..plans.clone()
        };
        Ok(Response::new(ListBatchesResponse {
            batches: vec![revert, plans],
            next_page_token: String::new(),
            lost: Vec::new(),
        }))
    }

    async fn revert_batch(
        &self,
        request: Request<RevertBatchRequest>,
    ) -> Answer<Self::RevertBatchStream> {
        let request = request.into_inner();
        if !"5eed0000000000000000000000000001".starts_with(&request.batch) {
            return Err(refusal(NodeError::not_found("batch", request.batch)));
        }
        let record = |n: u8, reversal: Reversal, title: &str| RevertedRecord {
            reversal: reversal.into(),
            record_id: vec![n; 16].into(),
            index: u64::from(n),
            revision: 2,
            title: title.into(),
        };
        let records = vec![
            record(1, Reversal::Restored, "Kenya: second national action plan"),
            record(2, Reversal::Withdrawn, "A plan"),
            record(
                3,
                Reversal::ChangedSince,
                "A plan that somebody corrected since",
            ),
            record(4, Reversal::Erased, ""),
        ];
        let done = RevertDone {
            origin: "eu.example/wpsx/public".into(),
            tree_size: 9,
            reverted: "5eed0000000000000000000000000001".into(),
            batch: match request.dry_run {
                true => String::new(),
                false => "5eed1111000000000000000000000002".into(),
            },
        };
        let answers = vec![
            Ok(RevertBatchResponse {
                records,
                done: None,
            }),
            Ok(RevertBatchResponse {
                records: Vec::new(),
                done: Some(done),
            }),
        ];
        Ok(Response::new(Box::pin(iter(answers))))
    }
}
