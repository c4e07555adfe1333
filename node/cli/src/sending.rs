//! Sending a batch to the node, and what becomes of it when somebody presses Ctrl-C: it is
//! published as a whole or not at all, and the command says which.

use tokio::signal::unix::{SignalKind, signal};
use tonic::Code;
use wpsx_proto::api::admin::v1::{
    Draft as DraftMessage, PublishHeader, PublishRequest, PublishResponse,
};

use super::{access::Desk, failure::Failure, output::Output};

/// Payload bytes in one message; the batch may be far larger.
const MESSAGE: usize = 1 << 20;

/// Sends a batch in messages of bounded size; it is written as a whole or not at all.
pub(super) async fn send(
    header: PublishHeader,
    drafts: Vec<DraftMessage>,
    desk: &mut Desk,
    out: &Output,
) -> Result<PublishResponse, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())
        .map_err(|error| Failure::because("cannot wait for Ctrl-C", &error))?;
    let given_up = PublishHeader {
        give_up: true,
        ..header.clone()
    };
    let bar = out.bar("sending", drafts.len() as u64);
    let told = bar.clone();
    let mut drafts = drafts.into_iter().peekable();
    let mut header = Some(header);
    let messages = std::iter::from_fn(move || {
        let mut message = PublishRequest {
            header: header.take(),
            drafts: Vec::new(),
        };
        let mut bytes = 0;
        while let Some(draft) =
            drafts.next_if(|draft| bytes == 0 || bytes + draft.payload.len() <= MESSAGE)
        {
            let fields: usize = draft.fields.iter().map(|field| field.len() + 4).sum();
            bytes += draft.payload.len() + fields + 64;
            message.drafts.push(draft);
        }
        told.inc(message.drafts.len() as u64);
        (message.header.is_some() || !message.drafts.is_empty()).then_some(message)
    });
    let answer = tokio::select! {
        answer = desk.admin.publish(tokio_stream::iter(messages)) => Some(answer),
        _ = interrupt.recv() => None,
    };
    bar.finish_and_clear();
    match answer {
        Some(answer) => Ok(answer?.into_inner()),
        None => tokio::select! {
            done = give_up(given_up, desk) => done,
            _ = interrupt.recv() => Err(Failure::failed("interrupted twice, without an answer")
                .remedy("wpsx list shows whether it was published")),
        },
    }
}

/// What was published before it could be stopped; a failure if that is nothing.
async fn give_up(header: PublishHeader, desk: &mut Desk) -> Result<PublishResponse, Failure> {
    let message = PublishRequest {
        header: Some(header),
        drafts: Vec::new(),
    };
    match desk.admin.publish(tokio_stream::once(message)).await {
        Ok(done) => {
            eprintln!("wpsx: interrupted too late; it was carried out");
            Ok(done.into_inner())
        }
        Err(status) if status.code() == Code::NotFound => {
            Err(Failure::failed("interrupted; nothing was published"))
        }
        Err(status) => Err(status.into()),
    }
}
