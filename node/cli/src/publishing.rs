//! `wpsx import`, `publish`, `withdraw`, `erase`: what changes a publisher's log.
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
            Draft as DraftMessage, EraseRequest, Place as PlaceMessage, PublishHeader, Published,
            WithdrawRequest,
        },
        log::v1::Reason,
    },
    chain,
    record::{Kind, Record},
};

use super::{
    access::Desk,
    args::{EraseArgs, ImportArgs, PublishArgs, ReasonArg, RecordKey, RetireArgs},
    failure::Failure,
    output::Output,
    sending::send,
    words::{entries, many},
};
use wpsx_domain::publishing::{Draft, Extent};
use wpsx_sheets::{BadRow, ImportErrors, Interpretation, Remark};

/// A record as JSON takes more bytes than its payload, but not without end.
const LARGEST_JSON: u64 = 4 << 20;

/// `wpsx import`
pub(super) async fn import(
    args: &ImportArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let options = wpsx_sheets::Options {
        profile: args.profile.clone(),
        kind: args.kind.map(Kind::new),
        in_custody: args.in_custody,
        ..wpsx_sheets::Options::default()
    };
    let file = args.file.clone();
    let read = tokio::task::spawn_blocking(move || wpsx_sheets::read(&file, &options));
    let imported = read
        .await
        .map_err(|error| Failure::because("reading the file failed", &error))?
        .map_err(not_imported)?;
    let header = PublishHeader {
        publisher: args.publisher.clone().unwrap_or_default(),
        request_id: request_id()?,
        dry_run: args.dry_run,
        leave_withdrawn: !args.reinstate,
        give_up: false,
        ..PublishHeader::default()
    };
    let drafts = imported.drafts.into_iter().map(message).collect();
    let answer = send(header, drafts, desk, out).await?;
    let unchanged = answer.records.iter().filter(|r| r.unchanged).count() as u64;
    let written = answer.records.len() as u64 - unchanged;
    let withdrawn = answer.records.iter().filter(|r| r.left_withdrawn).count() as u64;
    let unchanged = unchanged - withdrawn;
    if out.is_json() {
        let records: Vec<Value> = answer.records.iter().map(published_json).collect();
        return Ok(out.document(&json!({
            "origin": answer.origin,
            "tree_size": answer.tree_size,
            "dry_run": args.dry_run,
            "published": written,
            "unchanged": unchanged,
            "left_withdrawn": withdrawn,
            "skipped": imported.skipped,
            "interpretations": imported.interpretations.iter().map(read_as_json).collect::<Vec<_>>(),
            "remarks": imported.remarks.iter().map(remark_json).collect::<Vec<_>>(),
            "records": records,
        }))?);
    }
    for remark in &imported.remarks {
        out.say(remark.to_string())?;
    }
    if imported.skipped > 0 {
        out.say(format!(
            "{} left out, as the profile says",
            many(imported.skipped as u64, "row")
        ))?;
    }
    if withdrawn > 0 {
        out.say(format!(
            "{} left withdrawn, though the file still has {}; --reinstate publishes {} again",
            many(withdrawn, "record"),
            if withdrawn == 1 {
                "its row"
            } else {
                "their rows"
            },
            if withdrawn == 1 { "it" } else { "them" },
        ))?;
    }
    let same = match unchanged {
        0 => String::new(),
        _ => format!("; {} unchanged", many(unchanged, "record")),
    };
    if args.dry_run {
        out.say(format!(
            "the file is sound: {} would be published in {}{same}; nothing was written\n\
             Next: the same command without --dry-run",
            many(written, "record"),
            answer.origin
        ))?;
    } else if written == 0 {
        out.say(format!(
            "nothing to do: {} of {} stand in the log as they are",
            many(unchanged, "record"),
            args.file.display()
        ))?;
    } else {
        out.say(format!(
            "published {} in {}, under one checkpoint of {}{same}\nNext: wpsx list",
            many(written, "record"),
            answer.origin,
            entries(answer.tree_size)
        ))?;
    }
    Ok(())
}

fn read_as_json(read: &Interpretation) -> Value {
    json!({ "from": read.from, "to": read.to, "cells": read.cells })
}

fn remark_json(remark: &Remark) -> Value {
    let places = remark.places.iter().map(ToString::to_string);
    json!({
        "about": remark.about.as_str(),
        "remark": remark.sentence,
        "count": remark.count,
        "places": places.collect::<Vec<_>>(),
    })
}

fn not_imported(error: ImportErrors) -> Failure {
    match &error {
        ImportErrors::Rows { file, bad, count } => Failure::failed(format!(
            "{} wrong, so nothing was published\n{error}",
            match count {
                1 => "1 thing in the file is".to_owned(),
                n => format!("{n} things in the file are"),
            }
        ))
        .problems(bad.iter().map(|bad| bad_row_json(file, bad)).collect())
        .remedy("correct them and import the file again"),
        ImportErrors::Usage(_) => {
            Failure::usage(chain(&error)).remedy("wpsx import --help shows the options")
        }
        ImportErrors::Unreadable { .. } => Failure::failed(chain(&error)),
    }
}

fn bad_row_json(file: &str, bad: &BadRow) -> Value {
    json!({
        "file": bad.file.as_deref().unwrap_or(file),
        "line": bad.line,
        "column": bad.column,
        "value": bad.value,
        "reason": bad.reason,
        "remedy": bad.remedy,
    })
}

/// A draft as it travels.
fn message(draft: Draft) -> DraftMessage {
    let id = draft.record_id.map(|id| id.as_bytes().to_vec());
    DraftMessage {
        record_id: id.unwrap_or_default().into(),
        kind: draft.kind,
        payload: draft.payload,
        external_id: draft.external_id,
        fields: match draft.extent {
            Extent::Whole => Vec::new(),
            Extent::Fields(fields) => fields.iter().map(|f| f.as_str().to_owned()).collect(),
        },
        revision: draft.revision.unwrap_or_default(),
        place: draft.place.map(|place| PlaceMessage {
            file: place.file.to_string(),
            line: place.line,
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
    let mut draft = message(wpsx_sheets::draft(&record));
    if let Some(id) = args.record {
        draft.record_id = id.bytes();
    }
    let header = PublishHeader {
        publisher: args.publisher.clone().unwrap_or_default(),
        request_id: request_id()?,
        dry_run: false,
        leave_withdrawn: false,
        give_up: false,
        ..PublishHeader::default()
    };
    let answer = send(header, vec![draft], desk, out).await?;
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
        out.say(format!("nothing to do: {id} stands in the log as it is"))?;
    } else {
        out.say(format!(
            "published {id}, revision {}, as entry {} of {}\nNext: wpsx get {id}",
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
        record_id: args.record.bytes(),
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
            "nothing to do: {id} left with entry {}",
            record.index
        ))?);
    }
    out.say(format!(
        "withdrew {id} with entry {}; peers stop showing it when they pull\n\
         Its content stays readable in older copies. To destroy it: wpsx erase {id} --reason REASON",
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
    let id = hex::encode(args.retire.record.0);
    if !args.yes {
        confirm(&id)?;
    }
    let request = EraseRequest {
        record_id: args.retire.record.bytes(),
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
            "nothing to do: {id} was erased with entry {}",
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
fn confirm(id: &str) -> Result<(), Failure> {
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

fn published_json(record: &Published) -> Value {
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

impl RecordKey {
    fn bytes(self) -> bytes::Bytes {
        bytes::Bytes::copy_from_slice(&self.0)
    }
}

fn request_id() -> Result<String, Failure> {
    let mut id = [0; 16];
    Random::system()
        .try_fill(&mut id)
        .map_err(|error| Failure::failed(format!("the system gives no random bytes: {error}")))?;
    Ok(hex::encode(id))
}
