//! `wpsx list`: records in columns.
//!
//! People see what a record is first, and as much of its id as tells it from the others;
//! programs that read a pipe see whole ids, in the columns that they always had.

use std::path::Path;

use serde_json::{Value, json};
use wpsx_proto::record::Reading;

use super::{
    args::{ListArgs, SortBy},
    asking::{again, asked},
    failure::Failure,
    list_columns,
    output::Output,
    records::{Records, find_last, up_to},
    shown::Shown,
    words::{many, rfc3339},
};

/// Longer titles are cut on a terminal.
const TITLE: usize = 80;
/// What a state is called within its part, and on what it stands: it was computed, and nobody
/// stated it.
const STATUS: &str = ".status";
const BASIS: &str = "basis";
const DERIVED: &str = "derived";
/// Ids are not made shorter than this.
const SHORTEST: usize = 8;

/// `wpsx list`
pub(super) async fn list(
    args: &ListArgs,
    records: &mut impl Records,
    out: &mut Output,
) -> Result<(), Failure> {
    let columns = columns(args, out.is_terminal())?;
    let ask = asked(&args.ask, args.sort, records, out).await?;
    let (mut shown, more) = up_to(records, &ask, args.limit).await?;
    for shown in &mut shown {
        find_last(shown, records).await?;
    }
    if out.is_json() {
        let records: Vec<Value> = shown.iter().map(|s| s.json(&args.lang)).collect();
        return Ok(out.document(&json!({ "records": records, "more": more }))?);
    }
    if shown.is_empty() && out.is_terminal() {
        return Ok(out.say("no record passes this filter")?);
    }
    let digits = if out.is_terminal() {
        digits(&shown)
    } else {
        32
    };
    let rows: Vec<Vec<String>> = shown
        .iter()
        .map(|shown| {
            let cell = |column: &&str| cell(column, shown, args, digits, out);
            columns.iter().map(cell).collect()
        })
        .collect();
    out.table(&columns, &rows)?;
    let by_change = args.sort.is_some_and(|sort| sort.by == SortBy::Changed);
    if out.is_terminal() && (by_change || args.ask.since.is_some()) {
        history(&shown, out)?;
    }
    told(rows.len(), more, args.folder.mirror.as_deref(), out)
}

/// Who asks what changed is told what of it is no news.
fn history(shown: &[Shown], out: &mut Output) -> Result<(), Failure> {
    let history = shown.iter().filter(|shown| shown.entry.backfill).count();
    if history > 0 {
        out.say(format!(
            "of these, {history} came as history (import --backfill); --news leaves them out"
        ))?;
    }
    Ok(())
}

fn told(rows: usize, more: bool, mirror: Option<&Path>, out: &mut Output) -> Result<(), Failure> {
    if out.is_terminal() {
        let all = if more {
            ", and there are more: raise --limit"
        } else {
            ""
        };
        let (count, mirror) = (many(rows as u64, "record"), again(mirror));
        out.say(format!("{count}{all}"))?;
        out.next(
            &format!("wpsx get ID{mirror}"),
            "shows one; --columns and --sort change the table.",
        )?;
    } else if more {
        // A script that counts lines is to know that these are not all.
        out.warn("there are more records: raise --limit");
    }
    Ok(())
}

/// The columns that were typed, or what suits the reader.
fn columns(args: &ListArgs, terminal: bool) -> Result<Vec<&str>, Failure> {
    if args.columns.is_empty() {
        return Ok(match terminal {
            true if args.ask.kind.len() == 1 => vec!["title", "country", "dates", "id"],
            true => vec!["title", "country", "dates", "kind", "id"],
            false => vec![
                "id",
                "kind",
                "countries",
                "title",
                "origin",
                "revision",
                "age",
            ],
        });
    }
    for name in &args.columns {
        list_columns::check(name)?;
    }
    Ok(args.columns.iter().map(String::as_str).collect())
}

/// As many digits as tell each of these ids from the others.
fn digits(shown: &[Shown]) -> usize {
    let mut ids: Vec<String> = shown.iter().map(Shown::id).collect();
    ids.sort_unstable();
    ids.dedup();
    let common = |pair: &[String]| {
        let same = pair[0].bytes().zip(pair[1].bytes());
        same.take_while(|(a, b)| a == b).count()
    };
    let longest = ids.windows(2).map(common).max().unwrap_or(0);
    (longest + 1).max(SHORTEST)
}

fn cell(column: &str, shown: &Shown, args: &ListArgs, digits: usize, out: &Output) -> String {
    let envelope = shown.envelope();
    let dash = || "-".to_owned();
    match column {
        "title" => shown_title(&shown.title(&args.lang), out),
        "country" | "countries" => countries(shown, out),
        "dates" => shown.dates(),
        "kind" => shown.kind(),
        "id" => shown.id().chars().take(digits).collect(),
        "origin" => shown.entry.origin.clone(),
        "publisher" => shown.publisher().to_owned(),
        "revision" => envelope.map_or_else(dash, |e| e.revision.to_string()),
        "changed" => envelope.map_or_else(dash, |e| rfc3339(e.publish_time)),
        "backfill" if shown.entry.backfill => "yes".to_owned(),
        "backfill" => String::new(),
        "age" => out.age(envelope.map_or(0, |e| e.publish_time)),
        "source-id" => {
            let header = shown.said().map(Reading::header);
            let id = header.and_then(|header| header.external_id().map(str::to_owned));
            id.unwrap_or_default()
        }
        path => field(shown, path),
    }
}

/// A region has many: a table shows how many.
fn countries(shown: &Shown, out: &Output) -> String {
    const MOST: usize = 4;
    let countries = shown.countries();
    match countries.len() {
        many if many > MOST && out.is_terminal() => {
            format!("{} +{}", countries[..MOST - 1].join(" "), many - (MOST - 1))
        }
        _ => countries.join(" "),
    }
}

/// The values of a field, and of the fields within it, in all parts of a list unless one is named.
/// What was computed is never shown as if somebody had stated it.
fn field(shown: &Shown, path: &str) -> String {
    let Some(reading) = shown.said() else {
        return String::new();
    };
    let lines = reading.to_lines();
    let is_meant = |name: &str| list_columns::is_meant(name, path);
    let is_computed = |name: &str| {
        let part = name.rsplit_once('.').map(|(part, _)| part);
        let basis = part.map(|part| format!("{part}.{BASIS}"));
        let mut lines = lines.iter();
        lines.any(|(other, value)| Some(other) == basis.as_ref() && value == DERIVED)
    };
    let values = lines.iter().filter(|(name, _)| is_meant(name));
    let values = values.map(|(name, value)| {
        // Who asks for the whole part sees the basis beside it.
        match path.ends_with(STATUS) && is_computed(name) {
            true => format!("{value} (computed)"),
            false => value.clone(),
        }
    });
    values.collect::<Vec<_>>().join(", ")
}

/// On a terminal a title is cut; a program is given all of it.
fn shown_title(title: &str, out: &Output) -> String {
    if !out.is_terminal() || title.chars().count() <= TITLE {
        return title.to_owned();
    }
    let cut: String = title.chars().take(TITLE - 1).collect();
    format!("{}…", cut.trim_end())
}
