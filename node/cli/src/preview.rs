//! What becomes of the records of a file, before it is written: new, changed, unchanged and
//! refused ones, and of each changed one the fields. A person sees the first of each; all
//! of them are in the JSON form.

use serde_json::{Value, json};
use wpsx_domain::publishing::Draft;
use wpsx_proto::{
    api::admin::v1::{Became, Fault, FieldChange, PlannedRecord},
    record::Record,
};
use wpsx_sheets::{Told, told_once};

use super::{
    failure::Failure,
    output::Output,
    sending::Answer,
    words::{count, many},
};

/// Records that are shown of each sort.
const MOST_RECORDS: usize = 20;
/// Fields that are shown of each record.
const MOST_FIELDS: usize = 12;
/// Columns of a terminal.
const WIDTH: usize = 80;

/// Shows it to a person.
pub(super) fn show(drafts: &[Draft], answer: &Answer, out: &mut Output) -> Result<(), Failure> {
    let sorts = [
        (Became::New, "new"),
        (Became::Changed, "changed"),
        (Became::Reinstated, "published again"),
        (Became::Unchanged, "unchanged"),
        (Became::LeftWithdrawn, "left withdrawn"),
        (
            Became::LeftHandedOver,
            "left with whom they were handed over to",
        ),
        (Became::LeftToOthers, "of others"),
        (Became::Refused, "refused"),
    ];
    let there = sorts.iter().filter(|(became, _)| answer.count(*became) > 0);
    let counts = there.map(|(became, word)| format!("{} {word}", count(answer.count(*became))));
    let counts: Vec<String> = counts.collect();
    if !counts.is_empty() {
        let records = many(answer.records.len() as u64, "record");
        out.say(format!("{records}: {}", counts.join(", ")))?;
    }
    for (became, word) in sorts {
        let has_fields = matches!(
            became,
            Became::Changed | Became::Reinstated | Became::LeftToOthers
        );
        if matches!(became, Became::Unchanged | Became::Refused) {
            continue;
        }
        // Of others' records those are of interest of which the file says something else.
        let is_shown =
            |record: &PlannedRecord| became != Became::LeftToOthers || !record.changes.is_empty();
        let all = drafts.iter().zip(&answer.records);
        let all: Vec<_> = all
            .filter(|(_, record)| record.became() == became && is_shown(record))
            .collect();
        if all.is_empty() {
            continue;
        }
        let mut heading = match became {
            Became::LeftToOthers => format!("{word}, and not published"),
            _ => word.to_owned(),
        };
        heading[..1].make_ascii_uppercase();
        out.say(format!("{heading}:"))?;
        for (draft, record) in all.iter().take(MOST_RECORDS) {
            let (id, title) = name(draft, record);
            out.say(fitting(format!("  {id}  {title}")))?;
            if has_fields {
                fields(record, out)?;
            }
        }
        more(all.len(), MOST_RECORDS, "  ", out)?;
        if became == Became::LeftWithdrawn {
            out.say("  --reinstate publishes them again")?;
        }
    }
    Ok(())
}

/// What is wrong, one line for each of the first faults.
pub(super) fn faults(answer: &Answer) -> String {
    let told = told_once(answer.faults.iter().map(sentence).collect());
    let (mut sentences, mut shown) = (Vec::new(), 0);
    for (sentence, faults) in told.into_iter().take(MOST_RECORDS) {
        sentences.push(sentence);
        shown += faults as u64;
    }
    // With those that did not travel.
    let rest = answer.fault_count.saturating_sub(shown);
    if rest > 0 {
        sentences.push(format!("… and {} more", count(rest)));
    }
    sentences.join("\n")
}

fn fields(record: &PlannedRecord, out: &mut Output) -> Result<(), Failure> {
    for change in record.changes.iter().take(MOST_FIELDS) {
        out.say(fitting(format!("    {}", line(change))))?;
    }
    more(record.changes.len(), MOST_FIELDS, "    ", out)
}

/// One change in one line: what was and what will be share its room.
fn line(change: &FieldChange) -> String {
    let path = &change.path;
    match (&change.before, &change.after) {
        (None, Some(after)) => format!("+ {path}: {after}"),
        (Some(before), None) => format!("- {path}: {before}"),
        (before, after) => {
            let room = WIDTH.saturating_sub(path.chars().count() + 12) / 2;
            let short =
                |text: &Option<String>| cut(text.as_deref().unwrap_or_default(), room.max(10));
            format!("~ {path}: {} → {}", short(before), short(after))
        }
    }
}

fn sentence(fault: &Fault) -> Told {
    let place = fault.place.as_ref().filter(|place| place.line > 0);
    let line = place.map_or(u64::from(fault.draft) + 1, |place| place.line);
    let column = match fault.column.as_str() {
        "" => &fault.field,
        column => column,
    };
    let column = match column {
        "" => String::new(),
        column => format!("{column}:"),
    };
    let remedy = match fault.remedy.as_str() {
        "" => String::new(),
        remedy => format!("; {remedy}"),
    };
    let what = format!("{column} {}{remedy}", fault.rule);
    // As who reads the file tells what is wrong with it.
    let (file, sentence) = match place {
        Some(place) => (place.file.as_str(), format!("{}:{line}:{what}", place.file)),
        None => ("", format!("record {line}: {}", what.trim_start())),
    };
    Told {
        sentence,
        alike: format!("{file}:{what}"),
        line,
    }
}

fn more(all: usize, shown: usize, indent: &str, out: &mut Output) -> Result<(), Failure> {
    if all > shown {
        let rest = count((all - shown) as u64);
        out.say(format!("{indent}… and {rest} more; --json has all"))?;
    }
    Ok(())
}

/// The records for scripts, in the order of the file.
pub(super) fn json(drafts: &[Draft], answer: &Answer) -> Vec<Value> {
    let records = drafts.iter().zip(&answer.records);
    let told = records.map(|(draft, record)| {
        let (external_id, title) = (own_id(draft, record), title(draft, record));
        let id = (!record.record_id.is_empty()).then(|| hex::encode(&record.record_id));
        json!({
            "external_id": external_id,
            "title": title,
            "became": word(record.became()),
            "id": id,
            "index": record.index,
            "revision": record.revision,
            "of_others": (!record.of_others.is_empty()).then_some(&record.of_others),
            "unchanged": record.became() == Became::Unchanged,
            "changes": record.changes.iter().map(change_json).collect::<Vec<_>>(),
        })
    });
    told.collect()
}

fn change_json(change: &FieldChange) -> Value {
    json!({ "path": change.path, "before": change.before, "after": change.after })
}

fn word(became: Became) -> &'static str {
    match became {
        Became::Unspecified => "unknown",
        Became::New => "new",
        Became::Changed => "changed",
        Became::Unchanged => "unchanged",
        Became::LeftWithdrawn => "left-withdrawn",
        Became::LeftHandedOver => "left-handed-over",
        Became::LeftToOthers => "left-to-others",
        Became::Refused => "refused",
        Became::Reinstated => "reinstated",
    }
}

/// By which a person knows a record: its source's own id, or else the first digits of the
/// exchange's; and its title. Where the file has none, they are the ones that are held.
fn name(draft: &Draft, record: &PlannedRecord) -> (String, String) {
    let id = match own_id(draft, record) {
        "" => hex::encode(&record.record_id[..record.record_id.len().min(4)]),
        own => own.to_owned(),
    };
    (id, title(draft, record))
}

fn own_id<'a>(draft: &'a Draft, record: &'a PlannedRecord) -> &'a str {
    match draft.external_id.as_str() {
        "" => &record.external_id,
        own => own,
    }
}

fn title(draft: &Draft, record: &PlannedRecord) -> String {
    let header = Record::read(draft.kind, &draft.payload).header();
    let title = header.title(&["en"]).unwrap_or(&record.title);
    title.to_owned()
}

/// A line as far as a terminal of 80 columns has room.
fn fitting(line: String) -> String {
    cut(&line.replace('\n', " "), WIDTH)
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => {
            let kept: String = text.chars().take(most - 1).collect();
            format!("{kept}…")
        }
        None => text.to_owned(),
    }
}
