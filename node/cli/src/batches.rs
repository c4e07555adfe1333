//! `wpsx history` and `wpsx revert`: the batches that were imported, and taking one back.

use serde_json::{Value, json};
use wpsx_proto::api::admin::v1::{
    Batch, ListBatchesRequest, Reversal, RevertBatchRequest, RevertedRecord,
};

use super::{
    access::Desk,
    args::{HistoryArgs, RevertArgs},
    failure::Failure,
    output::Output,
    publishing::request_id,
    words::{count, entries, many, rfc3339},
};

/// Records that are named of each sort.
const MOST_NAMED: usize = 20;
/// Characters of a batch's id that people copy.
const SHORT: usize = 8;

/// `wpsx history`
pub(super) async fn history(
    args: &HistoryArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let request = ListBatchesRequest {
        publisher: args.publisher.clone().unwrap_or_default(),
        page_size: u32::try_from(args.limit).unwrap_or(u32::MAX),
        page_token: String::new(),
    };
    let answer = desk.batches.list_batches(request).await?.into_inner();
    if out.is_json() {
        let batches: Vec<Value> = answer.batches.iter().map(batch_json).collect();
        let more = !answer.next_page_token.is_empty();
        let document = json!({ "batches": batches, "more": more, "lost": answer.lost });
        return Ok(out.document(&document)?);
    }
    for lost in &answer.lost {
        out.say(format!("DAMAGED: {lost}"))?;
    }
    if answer.batches.is_empty() && !answer.lost.is_empty() {
        return Ok(());
    }
    if answer.batches.is_empty() {
        return Ok(out.say("nothing was imported yet\nNext: wpsx import FILE --dry-run")?);
    }
    let rows: Vec<Vec<String>> = answer
        .batches
        .iter()
        .map(|batch| {
            vec![
                short(&batch.id).to_owned(),
                out.age(batch.time),
                out.count(batch.new),
                out.count(batch.changed),
                out.count(batch.withdrawn),
                batch.title.clone(),
                note(batch),
            ]
        })
        .collect();
    let header = ["id", "age", "new", "changed", "gone", "title", "note"];
    out.table(&header, &rows)?;
    if !answer.next_page_token.is_empty() && out.is_terminal() {
        out.say("… and older ones; --limit N shows more")?;
    }
    if out.is_terminal() {
        out.say("Next: wpsx revert ID --dry-run shows what taking one back would do")?;
    }
    Ok(())
}

fn note(batch: &Batch) -> String {
    let mut notes = Vec::new();
    if batch.backfill {
        notes.push("backfill".to_owned());
    }
    if !batch.reverted_by.is_empty() {
        notes.push(format!("reverted by {}", short(&batch.reverted_by)));
    }
    notes.join(", ")
}

fn short(id: &str) -> &str {
    id.get(..SHORT).unwrap_or(id)
}

fn batch_json(batch: &Batch) -> Value {
    let id = |id: &str| (!id.is_empty()).then(|| id.to_owned());
    json!({
        "id": batch.id,
        "origin": batch.origin,
        "time": rfc3339(batch.time),
        "title": batch.title,
        "start": batch.start,
        "count": batch.count,
        "new": batch.new,
        "changed": batch.changed,
        "withdrawn": batch.withdrawn,
        "unchanged": batch.unchanged,
        "backfill": batch.backfill,
        "reverts": id(&batch.reverts),
        "reverted_by": id(&batch.reverted_by),
    })
}

/// `wpsx revert`
pub(super) async fn revert(
    args: &RevertArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let request = RevertBatchRequest {
        batch: args.batch.clone(),
        request_id: request_id()?,
        dry_run: args.dry_run,
    };
    let mut answers = desk.batches.revert_batch(request).await?.into_inner();
    let (mut records, mut done) = (Vec::new(), None);
    while let Some(answer) = answers.message().await? {
        records.extend(answer.records);
        done = answer.done.or(done);
    }
    let done = done.ok_or_else(|| Failure::failed("the node's answer was cut short"))?;
    if out.is_json() {
        let records: Vec<Value> = records.iter().map(record_json).collect();
        return Ok(out.document(&json!({
            "reverted": done.reverted,
            "batch": (!done.batch.is_empty()).then_some(&done.batch),
            "origin": done.origin,
            "tree_size": done.tree_size,
            "dry_run": args.dry_run,
            "records": records,
        }))?);
    }
    let number = |reversal| {
        records
            .iter()
            .filter(|it| it.reversal() == reversal)
            .count() as u64
    };
    let (restored, withdrawn) = (number(Reversal::Restored), number(Reversal::Withdrawn));
    for (reversal, sentence) in [
        (
            Reversal::ChangedSince,
            "changed since, and left as they are",
        ),
        (Reversal::Erased, "erased since, which stays so"),
        (
            Reversal::NotHeld,
            "left: what they said before is not held here",
        ),
    ] {
        left(&records, reversal, sentence, out)?;
    }
    let what = format!(
        "{} as before, {} withdrawn",
        many(restored, "record"),
        count(withdrawn)
    );
    let id = short(&done.reverted);
    if args.dry_run {
        return Ok(out.say(format!(
            "would revert {id}: {what}; nothing was written\nNext: wpsx revert {id}"
        ))?);
    }
    if done.batch.is_empty() {
        return Ok(out.say(format!(
            "nothing to do: no record of {id} is as the batch left it\nNext: wpsx history"
        ))?);
    }
    out.say(format!(
        "reverted {id}: {what},\nunder one checkpoint of {}\n\
         Next: wpsx history; to take that back: wpsx revert {}",
        entries(done.tree_size),
        short(&done.batch)
    ))?;
    Ok(())
}

fn left(
    records: &[RevertedRecord],
    reversal: Reversal,
    sentence: &str,
    out: &mut Output,
) -> Result<(), Failure> {
    let of_sort = |record: &&RevertedRecord| record.reversal() == reversal;
    let these: Vec<&RevertedRecord> = records.iter().filter(of_sort).collect();
    if these.is_empty() {
        return Ok(());
    }
    out.say(format!(
        "{} {sentence}:",
        many(these.len() as u64, "record")
    ))?;
    for record in these.iter().take(MOST_NAMED) {
        let title: String = record.title.chars().take(44).collect();
        out.say(format!("  {}  {title}", hex::encode(&record.record_id)))?;
    }
    if these.len() > MOST_NAMED {
        let rest = count((these.len() - MOST_NAMED) as u64);
        out.say(format!("  … and {rest} more; --json has all"))?;
    }
    Ok(())
}

fn record_json(record: &RevertedRecord) -> Value {
    let word = match record.reversal() {
        Reversal::Unspecified => "unknown",
        Reversal::Restored => "restored",
        Reversal::Withdrawn => "withdrawn",
        Reversal::ChangedSince => "changed-since",
        Reversal::Erased => "erased",
        Reversal::NotHeld => "not-held",
    };
    json!({
        "id": hex::encode(&record.record_id),
        "title": record.title,
        "index": record.index,
        "revision": record.revision,
        "reversal": word,
    })
}
