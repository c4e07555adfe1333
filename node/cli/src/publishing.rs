//! `wpsx publish`, `withdraw`, `erase`: what changes a publisher's log.
//!
//! Every call carries a fresh request id, so that a call that is sent twice by
//! the transport is carried out once.

use std::{
    fs,
    io::{self, BufRead as _, IsTerminal as _, Read as _},
    path::Path,
};

use serde_json::{Value, json};
use wpsx_client::random::Random;
use wpsx_proto::{
    api::{
        admin::v1::{
            Draft as DraftMessage, EraseRequest, Fault as FaultMessage, Place as PlaceMessage,
            PublishHeader, PublishRequest, Published, Suspect as SuspectMessage, WithdrawRequest,
        },
        log::v1::Reason,
    },
    origin::RecordId,
    record::Record,
};

use super::{
    access::Desk,
    args::{EraseArgs, PublishArgs, ReasonArg, RetireArgs},
    failure::Failure,
    output::Output,
    records::meant,
    words::many,
};
use wpsx_domain::publishing::{Draft, Extent, Place, Suspect};

/// A record as JSON takes more bytes than its payload, but not without end.
const LARGEST_JSON: u64 = 4 << 20;

/// A draft as it travels.
pub(super) fn message(draft: Draft) -> DraftMessage {
    let id = draft.record_id.map(|id| id.as_bytes().to_vec());
    DraftMessage {
        record_id: id.unwrap_or_default().into(),
        kind: draft.kind,
        payload: draft.payload,
        external_id: draft.external_id,
        fields: draft.extent.paths(),
        revision: draft.revision.unwrap_or_default(),
        place: draft.place.map(place),
        suspects: draft.suspects.into_iter().map(suspect).collect(),
        show: draft.show,
    }
}

fn place(place: Place) -> PlaceMessage {
    PlaceMessage {
        file: place.file.to_string(),
        line: place.line,
    }
}

fn suspect(suspect: Suspect) -> SuspectMessage {
    let fault = suspect.fault;
    SuspectMessage {
        contact: suspect.contact,
        fault: Some(FaultMessage {
            field: fault.field,
            place: fault.place.map(place),
            column: fault.column,
            value: fault.value,
            rule: fault.rule,
            remedy: fault.remedy,
            ..FaultMessage::default()
        }),
    }
}

/// `wpsx publish`
pub(super) async fn publish(
    args: &PublishArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let record = read_record(&args.file)?;
    // What only newer software knows of the record stays: this JSON cannot say it.
    let mut draft = message(Draft {
        extent: Extent::Known,
        ..wpsx_sheets::draft(&record)
    });
    if let Some(name) = &args.record {
        draft.record_id = bytes_of(meant(desk, name).await?);
    }
    let named = |path: &String| format!("{}:{path}", draft.external_id);
    let header = PublishHeader {
        publisher: args.publisher.clone().unwrap_or_default(),
        request_id: request_id()?,
        allow_contact: args.allow_contact.iter().map(named).collect(),
        ..PublishHeader::default()
    };
    let message = PublishRequest {
        header: Some(header),
        drafts: vec![draft],
    };
    let publisher = args.publisher.as_deref().unwrap_or_default();
    let answer = desk.admin.publish(tokio_stream::once(message)).await;
    let answer = answer.map_err(|status| Failure::of_batch(publisher, status))?;
    let answer = answer.into_inner();
    let published = answer
        .records
        .first()
        .ok_or_else(|| Failure::failed("the node answered without a record"))?;
    if out.is_json() {
        let mut document = published_json(published);
        document["origin"] = Value::from(answer.origin);
        document["tree_size"] = Value::from(answer.tree_size);
        return Ok(out.document(&document)?);
    }
    let id = hex::encode(&published.record_id);
    if published.unchanged {
        out.say(format!(
            "nothing to do: {id} stands in the log as it is\nNext: wpsx get {id}"
        ))?;
    } else {
        out.say(format!(
            "published {id}, revision {},\nas entry {} of {}\n\
             Next: wpsx get {id}",
            published.revision, published.index, answer.origin
        ))?;
    }
    Ok(())
}

/// One record as JSON: alone, or inside what `wpsx get --json` printed.
fn read_record(path: &Path) -> Result<Record, Failure> {
    let name = path.display();
    let read = || -> io::Result<String> {
        let mut text = String::new();
        let source: Box<dyn io::Read> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(fs::File::open(path)?)
        };
        source.take(LARGEST_JSON).read_to_string(&mut text)?;
        Ok(text)
    };
    let text = read().map_err(|error| Failure::because(format!("cannot read {name}"), &error))?;
    let inner = serde_json::from_str::<Value>(&text)
        .ok()
        .and_then(|shown| shown.get("record").map(Value::to_string));
    let record = Record::from_json(inner.as_deref().unwrap_or(&text))
        .map_err(|error| Failure::failed(format!("{name} holds no record: {error}")))?;
    record.check().map_err(|errors| {
        let lines: Vec<String> = errors
            .iter()
            .map(|error| format!("{name}: {error}"))
            .collect();
        Failure::failed(format!(
            "the record breaks rules, so nothing was published\n{}",
            lines.join("\n")
        ))
        .remedy("correct them and publish again")
    })?;
    Ok(record)
}

/// `wpsx withdraw`
pub(super) async fn withdraw(
    args: &RetireArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let request = WithdrawRequest {
        record_id: bytes_of(meant(desk, &args.record).await?),
        reason: reason(args.reason).into(),
        request_id: request_id()?,
    };
    let answer = desk.admin.withdraw(request).await?.into_inner();
    let record = answer.record.unwrap_or_default();
    if out.is_json() {
        return Ok(out.document(&published_json(&record))?);
    }
    let id = hex::encode(&record.record_id);
    if record.unchanged {
        return Ok(out.say(format!(
            "nothing to do: {id} left with entry {}\nNext: wpsx history {id}",
            record.index
        ))?);
    }
    out.say(format!(
        "withdrew {id} with entry {}; peers stop showing it when they pull.\n\
         Its content stays readable in older copies.\n\
         Next: wpsx history {id}, or to destroy its content\n\
         wpsx erase {id} --reason REASON",
        record.index,
    ))?;
    Ok(())
}

/// `wpsx erase`
pub(super) async fn erase(
    args: &EraseArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let id = meant(desk, &args.retire.record).await?;
    if !args.yes {
        confirm(&id)?;
    }
    let request = EraseRequest {
        record_id: bytes_of(id),
        reason: reason(args.retire.reason).into(),
        request_id: request_id()?,
    };
    let answer = desk.admin.erase(request).await?.into_inner();
    let record = answer.record.unwrap_or_default();
    if out.is_json() {
        let mut document = published_json(&record);
        document["destroyed"] = Value::from(answer.destroyed);
        return Ok(out.document(&document)?);
    }
    if record.unchanged {
        return Ok(out.say(format!(
            "nothing to do: {id} was erased with entry {}\n\
             Next: destroy it in your backups too; what people copied cannot be recalled.",
            record.index
        ))?);
    }
    out.say(format!(
        "erased {id} with entry {}: {} destroyed here; peers destroy theirs when they pull\n\
         Next: destroy it in your backups too; what people copied cannot be recalled.",
        record.index,
        many(answer.destroyed, "payload")
    ))?;
    Ok(())
}

/// Erasing is the one command that nothing undoes.
fn confirm(id: &RecordId) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(
            Failure::usage("erasing destroys the content for ever and asks first")
                .remedy("give --yes where nobody can answer"),
        );
    }
    eprint!("Destroy the content of {id} here and at every peer, for ever? Type yes: ");
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::because("cannot read the answer", &error))?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(Failure::failed("nothing was erased"))
    }
}

pub(super) fn published_json(record: &Published) -> Value {
    // A dry run gives no id to what would be new.
    if record.record_id.is_empty() {
        return json!({ "id": null, "unchanged": false });
    }
    json!({
        "id": hex::encode(&record.record_id),
        "index": record.index,
        "revision": record.revision,
        "unchanged": record.unchanged,
    })
}

fn reason(reason: ReasonArg) -> Reason {
    match reason {
        ReasonArg::Correction => Reason::Correction,
        ReasonArg::Outdated => Reason::Outdated,
        ReasonArg::Mistake => Reason::Mistake,
        ReasonArg::Protection => Reason::Protection,
        ReasonArg::Legal => Reason::Legal,
        ReasonArg::Duplicate => Reason::Duplicate,
    }
}

pub(super) fn request_id() -> Result<String, Failure> {
    let mut id = [0; 16];
    Random::system()
        .try_fill(&mut id)
        .map_err(|error| Failure::failed(format!("the system gives no random bytes: {error}")))?;
    Ok(hex::encode(id))
}

/// An id as a message carries it.
pub(super) fn bytes_of(id: RecordId) -> bytes::Bytes {
    id.as_bytes().to_vec().into()
}
