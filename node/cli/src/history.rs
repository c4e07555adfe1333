//! `wpsx history`: the revisions of a record, and what changed from each to the next.

use serde_json::{Value, json};
use wpsx_proto::record::{Record, diff::FieldChange};

use super::{
    args::{HistoryArgs, RecordName},
    asking::again,
    failure::Failure,
    output::Output,
    reading_page::wrapped,
    records::{Records, meant},
    shown::Shown,
    words::{many, rfc3339},
};

/// `wpsx history`
pub(super) async fn history(
    args: &HistoryArgs,
    record: &RecordName,
    records: &mut impl Records,
    out: &mut Output,
) -> Result<(), Failure> {
    let id = meant(records, record).await?;
    let revisions = records.history(&id, args.origin.as_deref()).await?;
    let changes = changes(&revisions);
    if out.is_json() {
        let revisions = revisions.iter().zip(&changes);
        let revisions: Vec<Value> = revisions.map(|(s, changes)| json(s, changes)).collect();
        return Ok(out.document(&json!({ "id": id.to_string(), "revisions": revisions }))?);
    }
    if !out.is_terminal() {
        let rows = revisions.iter().zip(&changes);
        let rows: Vec<Vec<String>> = rows.flat_map(|(s, changes)| rows_of(s, changes)).collect();
        let header = [
            "revision",
            "time",
            "operation",
            "change",
            "field",
            "before",
            "after",
        ];
        return Ok(out.table(&header, &rows)?);
    }
    let width = out.columns();
    if let Some(newest) = revisions.first() {
        out.say(wrapped(&newest.title("en"), "", width))?;
        out.say(format!("id {id}, {}\n", newest.entry.origin))?;
    }
    for (shown, changes) in revisions.iter().zip(&changes) {
        out.say(wrapped(&heading(shown, out), "", width))?;
        for change in changes.iter().flatten() {
            out.say(wrapped(&sentence(change), "    ", width))?;
        }
    }
    let mirror = again(args.folder.mirror.as_deref());
    out.say(many(revisions.len() as u64, "revision"))?;
    let command = format!("wpsx get {id}{mirror}");
    Ok(out.next(&command, "shows the record as it is now.")?)
}

/// For each revision what it says otherwise than the one before it; `None` where either is
/// not here to be read.
fn changes(revisions: &[Shown]) -> Vec<Option<Vec<FieldChange>>> {
    let of = |(at, shown): (usize, &Shown)| {
        let record = shown.record()?;
        // A withdrawal says nothing: what comes back is compared with what was.
        let mut older = revisions.iter().skip(at + 1);
        let older = older.find(|older| older.envelope().is_none_or(|e| e.operation.publishes()));
        match older {
            None => Some(record.all_added()),
            Some(older) => older
                .record()
                .map(|older: &Record| older.changes_to(record)),
        }
    };
    revisions.iter().enumerate().map(of).collect()
}

fn heading(shown: &Shown, out: &Output) -> String {
    let Some(envelope) = shown.envelope() else {
        return format!("entry {}: {}", shown.entry.index, shown.why_untitled());
    };
    let did = match shown.record() {
        Some(_) if envelope.revision == 1 => "published".to_owned(),
        Some(_) => "changed".to_owned(),
        None => shown.why_untitled().to_owned(),
    };
    format!(
        "revision {}, {} ({} ago): {did}",
        envelope.revision,
        rfc3339(envelope.publish_time),
        out.age(envelope.publish_time),
    )
}

fn sentence(change: &FieldChange) -> String {
    let path = &change.path;
    match (&change.before, &change.after) {
        (None, Some(after)) => format!("+ {path}: {after}"),
        (Some(before), None) => format!("- {path}: {before}"),
        (before, after) => format!(
            "~ {path}: {} \u{2192} {}",
            before.as_deref().unwrap_or_default(),
            after.as_deref().unwrap_or_default()
        ),
    }
}

fn name_of(change: &FieldChange) -> &'static str {
    match (change.is_added(), change.is_removed()) {
        (true, _) => "added",
        (_, true) => "removed",
        _ => "changed",
    }
}

fn rows_of(shown: &Shown, changes: &Option<Vec<FieldChange>>) -> Vec<Vec<String>> {
    let envelope = shown.envelope();
    let revision = |change: [String; 4]| {
        let mut row = vec![
            envelope.map_or_else(|| "-".to_owned(), |e| e.revision.to_string()),
            envelope.map_or_else(|| "-".to_owned(), |e| rfc3339(e.publish_time)),
            envelope.map_or_else(|| "-".to_owned(), |e| e.operation.to_string()),
        ];
        row.extend(change);
        row
    };
    let changes = changes.as_deref().unwrap_or_default();
    if changes.is_empty() {
        return vec![revision(Default::default())];
    }
    let change = |change: &FieldChange| {
        revision([
            name_of(change).to_owned(),
            change.path.clone(),
            change.before.clone().unwrap_or_default(),
            change.after.clone().unwrap_or_default(),
        ])
    };
    changes.iter().map(change).collect()
}

fn json(shown: &Shown, changes: &Option<Vec<FieldChange>>) -> Value {
    let envelope = shown.envelope();
    let changes = changes.as_ref().map(|changes| {
        let change = |change: &FieldChange| {
            json!({
                "field": change.path,
                "before": change.before,
                "after": change.after,
            })
        };
        changes.iter().map(change).collect::<Vec<Value>>()
    });
    json!({
        "revision": envelope.map(|e| e.revision),
        "operation": envelope.map(|e| e.operation.to_string()),
        "time": envelope.map(|e| rfc3339(e.publish_time)),
        "origin": shown.entry.origin,
        "index": shown.entry.index,
        "payload": shown.state.to_string(),
        "changes": changes,
    })
}
