//! Sending a batch to the node, and what becomes of it when somebody presses Ctrl-C: it is
//! published as a whole or not at all, and the command says which.

use std::collections::BTreeMap;

use tokio::signal::unix::{SignalKind, signal};
use tonic::{Code, Status, Streaming};
use wpsx_proto::api::admin::v1::{
    Became, Draft as DraftMessage, Fault, ImportRequest, ImportResponse, PlannedRecord,
    PublishHeader,
};

use super::{
    access::Desk, args::ImportArgs, failure::Failure, output::Output, publishing::request_id,
};

/// Payload bytes in one message; the batch may be far larger.
const MESSAGE: usize = 1 << 20;

/// What the node answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// In the order of the drafts; none where the batch was refused.
    pub(super) records: Vec<PlannedRecord>,
    pub(super) faults: Vec<Fault>,
    /// All faults, also those that the node did not tell of.
    pub(super) fault_count: u64,
    pub(super) origin: String,
    pub(super) tree_size: u64,
    /// The batch's id; empty if nothing was written.
    pub(super) batch: String,
    /// Records that are written and name no licence.
    pub(super) unlicensed: u64,
    /// The licence that these get; empty: none is set.
    pub(super) licence: String,
}

impl Answer {
    /// Records of which this became.
    pub(super) fn count(&self, became: Became) -> u64 {
        let those = self.records.iter();
        those.filter(|record| record.became() == became).count() as u64
    }

    /// Records that are left to other publishers, by their numbers and the names of those.
    pub(super) fn left_to_others(&self) -> BTreeMap<&str, Vec<usize>> {
        let mut left: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let all = self.records.iter().enumerate();
        for (n, record) in all.filter(|(_, record)| record.became() == Became::LeftToOthers) {
            let name = record.of_others.split('/').next().unwrap_or_default();
            left.entry(name).or_default().push(n);
        }
        left
    }
}

/// How a file's records are handed in; `removals`: values may go.
pub(super) fn header(args: &ImportArgs, removals: bool) -> Result<PublishHeader, Failure> {
    Ok(PublishHeader {
        publisher: args.publisher.clone().unwrap_or_default(),
        request_id: request_id()?,
        dry_run: args.dry_run,
        leave_withdrawn: !args.reinstate,
        in_custody: args.in_custody,
        keep_values: !removals,
        ..PublishHeader::default()
    })
}

/// Sends a batch in messages of bounded size; it is written as a whole or not at all.
pub(super) async fn send(
    first: ImportRequest,
    drafts: Vec<DraftMessage>,
    desk: &mut Desk,
    out: &Output,
) -> Result<Answer, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())
        .map_err(|error| Failure::because("cannot wait for Ctrl-C", &error))?;
    let publisher = first.header.clone().unwrap_or_default().publisher;
    let given_up = PublishHeader {
        give_up: true,
        ..first.header.clone().unwrap_or_default()
    };
    let bar = out.bar("sending", drafts.len() as u64);
    let told = bar.clone();
    let mut drafts = drafts.into_iter().peekable();
    let mut first = Some(first);
    let messages = std::iter::from_fn(move || {
        let is_first = first.is_some();
        let mut message = first.take().unwrap_or_default();
        let mut bytes = 0;
        while let Some(draft) =
            drafts.next_if(|draft| bytes == 0 || bytes + draft.payload.len() <= MESSAGE)
        {
            let fields: usize = draft.fields.iter().map(|field| field.len() + 4).sum();
            bytes += draft.payload.len() + fields + 64;
            message.drafts.push(draft);
        }
        told.inc(message.drafts.len() as u64);
        (is_first || !message.drafts.is_empty()).then_some(message)
    });
    let answer = tokio::select! {
        answer = answered(desk, tokio_stream::iter(messages)) => Some(answer),
        _ = interrupt.recv() => None,
    };
    bar.finish_and_clear();
    match answer {
        Some(answer) => answer.map_err(|status| Failure::of_batch(&publisher, status)),
        None => tokio::select! {
            done = give_up(given_up, desk) => done,
            _ = interrupt.recv() => Err(Failure::failed("interrupted twice, without an answer")
                .remedy("wpsx history shows whether it was published")),
        },
    }
}

async fn answered(
    desk: &mut Desk,
    messages: impl tonic::IntoStreamingRequest<Message = ImportRequest>,
) -> Result<Answer, Status> {
    let answers = desk.batches.import(messages).await?.into_inner();
    collected(answers).await
}

async fn collected(mut answers: Streaming<ImportResponse>) -> Result<Answer, Status> {
    let mut answer = Answer::default();
    loop {
        match answers.message().await {
            Ok(Some(message)) => {
                answer.records.extend(message.records);
                answer.faults.extend(message.faults);
                if let Some(done) = message.done {
                    answer.origin = done.origin;
                    answer.tree_size = done.tree_size;
                    answer.batch = done.batch;
                    answer.fault_count = done.faults;
                    answer.unlicensed = done.unlicensed;
                    answer.licence = done.licence;
                    return Ok(answer);
                }
            }
            Ok(None) => return Err(Status::data_loss("the node's answer was cut short")),
            // Its faults were told one by one before.
            Err(status) if status.code() == Code::InvalidArgument && !answer.faults.is_empty() => {
                answer.fault_count = answer.faults.len() as u64;
                return Ok(answer);
            }
            Err(status) => return Err(status),
        }
    }
}

/// What was published before it could be stopped; a failure if that is nothing.
async fn give_up(header: PublishHeader, desk: &mut Desk) -> Result<Answer, Failure> {
    let message = ImportRequest {
        header: Some(header),
        ..ImportRequest::default()
    };
    match answered(desk, tokio_stream::once(message)).await {
        Ok(done) => {
            eprintln!("wpsx: interrupted too late; it was carried out");
            Ok(done)
        }
        Err(status) if status.code() == Code::NotFound => {
            Err(Failure::failed("interrupted; nothing was published"))
        }
        Err(status) => Err(status.into()),
    }
}
