//! `wpsx import`: a file of records becomes a batch, or its preview.

use std::{
    collections::BTreeMap,
    io::{self, BufRead as _, IsTerminal as _},
};

use serde_json::{Value, json};
use wpsx_domain::publishing::Draft;
use wpsx_proto::{
    api::admin::v1::{Became, Fault, ImportRequest, PlannedRecord, PublishHeader},
    chain,
    record::{Reading, Record},
};
use wpsx_sheets::{BadRow, ImportErrors, Imported, Interpretation, Remark};

use super::{
    access::Desk,
    args::ImportArgs,
    failure::Failure,
    file_options, judged,
    output::Output,
    preview,
    publishing::message,
    sending::{Answer, header, send},
    words::{count, entries, many},
};

/// The field of a record's licence.
const LICENCE: &str = "licence";
/// Lines of the file that are named of one thing.
const MOST_LINES: usize = 5;

/// `wpsx import`
pub(super) async fn import(
    args: &ImportArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut imported = read(args, desk, out).await?;
    let drafts = std::mem::take(&mut imported.drafts);
    let mut answer = hand_in(args, &imported, &drafts, args.allow_removals, desk, out).await?;
    if !args.dry_run && only_removes(&answer) && asked(&answer, out)? {
        answer = hand_in(args, &imported, &drafts, true, desk, out).await?;
    }
    judged::remark(&mut imported, &drafts, &answer, desk).await?;
    if answer.faults.is_empty() {
        file_options::write_ids(args, &imported, out)?;
    }
    if out.is_json() {
        out.document(&json(args, &imported, &drafts, &answer))?;
        return refused(args, &answer);
    }
    say_remarks(&imported, out)?;
    say_licence(&drafts, &answer, out)?;
    say_of_others(&drafts, &answer, out)?;
    if drafts.is_empty() {
        return Ok(out.say(format!(
            "nothing to do: no row of {} is a record\n\
             Next: write a row for each record, then the same command again",
            args.file.display()
        ))?);
    }
    if args.dry_run || !answer.faults.is_empty() {
        preview::show(&drafts, &answer, out)?;
        refused(args, &answer)?;
        return Ok(out.say("Nothing was written. Next: the same command without --dry-run")?);
    }
    let count = |became| answer.count(became);
    let same = match count(Became::Unchanged) {
        0 => String::new(),
        unchanged => format!("; {} unchanged", many(unchanged, "record")),
    };
    let handed_over = count(Became::LeftHandedOver);
    if handed_over > 0 {
        out.say(format!(
            "{} left with the publisher that {} handed over to",
            many(handed_over, "record"),
            if handed_over == 1 {
                "it was"
            } else {
                "they were"
            },
        ))?;
    }
    let withdrawn = count(Became::LeftWithdrawn);
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
    if answer.batch.is_empty() {
        out.say(format!(
            "nothing to do: {} of {} stand in the log as they are\n\
             Next: wpsx list",
            many(count(Became::Unchanged), "record"),
            args.file.display()
        ))?;
        return Ok(());
    }
    let batch = answer.batch.get(..8).unwrap_or(&answer.batch);
    out.say(format!(
        "published {} and {} changed in {},\nunder one checkpoint of {}{same}\n\
         Next: wpsx list; to take it back: wpsx revert {batch}",
        many(count(Became::New), "new record"),
        count(Became::Changed) + count(Became::Reinstated),
        answer.origin,
        entries(answer.tree_size)
    ))?;
    Ok(())
}

async fn read(args: &ImportArgs, desk: &mut Desk, out: &Output) -> Result<Imported, Failure> {
    let options = file_options::options(args, desk).await?;
    let file = args.file.clone();
    let read = tokio::task::spawn_blocking(move || wpsx_sheets::read(&file, &options));
    let read = read
        .await
        .map_err(|error| Failure::because("reading the file failed", &error))?;
    match read {
        Ok(imported) => Ok(imported),
        Err(error) => Err(not_imported(judged::with(error, args, desk, out).await?)),
    }
}

async fn hand_in(
    args: &ImportArgs,
    imported: &Imported,
    drafts: &[Draft],
    removals: bool,
    desk: &mut Desk,
    out: &Output,
) -> Result<Answer, Failure> {
    let header = PublishHeader {
        allow_contact: imported.let_through.iter().cloned().collect(),
        ..header(args, removals)?
    };
    let name = args.file.file_name().unwrap_or(args.file.as_os_str());
    // As much of the name as a batch takes.
    let name = name.to_string_lossy();
    let title = name.chars().filter(|c| !c.is_control()).take(50).collect();
    let first = ImportRequest {
        header: Some(header),
        drafts: Vec::new(),
        title,
        backfill: args.backfill,
    };
    let messages = drafts.iter().cloned().map(message).collect();
    let mut answer = send(first, messages, desk, out).await?;
    for fault in &mut answer.faults {
        judged::place(fault, imported, drafts);
    }
    Ok(answer)
}

fn only_removes(answer: &Answer) -> bool {
    !answer.faults.is_empty() && answer.faults.iter().all(|fault| fault.removes)
}

/// Whether a person at the terminal says that the values may go.
fn asked(answer: &Answer, out: &mut Output) -> Result<bool, Failure> {
    if out.is_json() || !out.is_terminal() || !io::stdin().is_terminal() {
        return Ok(false);
    }
    out.say(preview::faults(answer))?;
    eprint!("Remove these values? Type yes: ");
    let mut said = String::new();
    io::stdin()
        .lock()
        .read_line(&mut said)
        .map_err(|error| Failure::because("cannot read the answer", &error))?;
    Ok(is_yes(&said))
}

/// Yes, or its first letter.
fn is_yes(said: &str) -> bool {
    let said = said.trim().to_lowercase();
    ["yes", "y"].contains(&said.as_str())
}

fn refused(args: &ImportArgs, answer: &Answer) -> Result<(), Failure> {
    if answer.faults.is_empty() {
        return Ok(());
    }
    let would = match args.dry_run {
        true => "would be",
        false => "was",
    };
    let what = format!(
        "{} wrong, so nothing {would} published\n{}",
        match answer.fault_count {
            1 => "1 thing in the file is".to_owned(),
            n => format!("{n} things in the file are"),
        },
        preview::faults(answer)
    );
    let remedy = match only_removes(answer) {
        true => "fill the cells in, or give --allow-removals",
        false => "correct them and import the file again",
    };
    let faults = answer.faults.iter().map(fault_json).collect();
    Err(Failure::failed(what).problems(faults).remedy(remedy))
}

fn say_remarks(imported: &Imported, out: &mut Output) -> Result<(), Failure> {
    for read in &imported.interpretations {
        out.say(format!("read {read}"))?;
    }
    for remark in &imported.remarks {
        out.say(remark.to_string())?;
    }
    if imported.examples > 0 {
        let rows = many(imported.examples as u64, "example row");
        out.say(format!("{rows} of the template left out"))?;
    }
    if imported.skipped > 0 {
        out.say(format!(
            "{} left out, as the profile says",
            many(imported.skipped as u64, "row")
        ))?;
    }
    Ok(())
}

/// Which records are left to whom, and where the file says something else of one: that is
/// published by nobody, whatever who corrected it thinks.
fn say_of_others(drafts: &[Draft], answer: &Answer, out: &mut Output) -> Result<(), Failure> {
    for (publisher, left) in answer.left_to_others() {
        let (belong, are) = match left.len() {
            1 => ("belongs", "is"),
            _ => ("belong", "are"),
        };
        let records = many(left.len() as u64, "record");
        out.say(format!(
            "{records} {belong} to {publisher} and {are} left alone"
        ))?;
        let is_edited = |n: &&usize| !answer.records[**n].changes.is_empty();
        let edited: Vec<&usize> = left.iter().filter(is_edited).collect();
        if edited.is_empty() {
            continue;
        }
        let place = |n: &&usize| {
            drafts
                .get(**n)?
                .place
                .as_ref()
                .map(|it| it.line.to_string())
        };
        let mut lines: Vec<String> = edited.iter().take(MOST_LINES).filter_map(place).collect();
        if edited.len() > MOST_LINES {
            lines.push("…".to_owned());
        }
        out.say(format!(
            "what the file says otherwise of {} of {publisher} is not published\n\
             ({} {}): {publisher} alone can correct its records",
            many(edited.len() as u64, "record"),
            if edited.len() == 1 { "line" } else { "lines" },
            lines.join(", ")
        ))?;
    }
    Ok(())
}

/// Under which licence those are published that name none. Of what is there already it may be
/// all that changes, whatever the file says.
fn say_licence(drafts: &[Draft], answer: &Answer, out: &mut Output) -> Result<(), Failure> {
    let is_all = |record: &&PlannedRecord| matches!(&record.changes[..], [change] if change.path == LICENCE && change.before.is_none());
    let all = drafts.iter().zip(&answer.records);
    let unlicensed = all.filter(|(draft, _)| !names_licence(draft));
    let changed = unlicensed.map(|(_, record)| record);
    let changed = changed.filter(|record| record.became() == Became::Changed);
    let alone = match (answer.unlicensed, changed.filter(is_all).count() as u64) {
        (0, _) | (_, 0) => String::new(),
        (1, _) => ", and nothing else of it changes".to_owned(),
        (all, some) if all == some => ", and nothing else of them changes".to_owned(),
        (_, some) => format!(", and of {} nothing else changes", count(some)),
    };
    let (name, they) = match answer.unlicensed {
        0 => return Ok(()),
        1 => ("names", "it gets"),
        _ => ("name", "they get"),
    };
    let records = many(answer.unlicensed, "record");
    Ok(out.say(match answer.licence.as_str() {
        "" => format!(
            "{records} {name} no licence, and the publisher has none set, so readers are not told \
             what they may do; licences in the section [publishing] of the settings sets one"
        ),
        licence => format!("{records} {name} no licence: {they} the publisher's, {licence}{alone}"),
    })?)
}

fn names_licence(draft: &Draft) -> bool {
    match Record::read(draft.kind, &draft.payload) {
        Reading::Readable(record) => !record.message().licence.is_empty(),
        _ => false,
    }
}

fn json(args: &ImportArgs, imported: &Imported, drafts: &[Draft], answer: &Answer) -> Value {
    let count = |became| answer.count(became);
    let left = answer.left_to_others().into_iter();
    let left_to_others: BTreeMap<&str, usize> =
        left.map(|(name, left)| (name, left.len())).collect();
    let written = match answer.faults.is_empty() {
        true => count(Became::New) + count(Became::Changed) + count(Became::Reinstated),
        false => 0,
    };
    json!({
        "origin": answer.origin,
        "tree_size": answer.tree_size,
        "dry_run": args.dry_run,
        "batch": (!answer.batch.is_empty()).then_some(&answer.batch),
        "published": written,
        "new": count(Became::New),
        "changed": count(Became::Changed),
        "reinstated": count(Became::Reinstated),
        "unchanged": count(Became::Unchanged),
        "left_withdrawn": count(Became::LeftWithdrawn),
        "left_handed_over": count(Became::LeftHandedOver),
        "left_to_others": left_to_others,
        "refused": count(Became::Refused),
        "skipped": imported.skipped,
        "unlicensed": answer.unlicensed,
        "licence": (!answer.licence.is_empty()).then_some(&answer.licence),
        "interpretations": imported.interpretations.iter().map(read_as_json).collect::<Vec<_>>(),
        "remarks": imported.remarks.iter().map(remark_json).collect::<Vec<_>>(),
        "records": preview::json(drafts, answer),
        "faults": answer.faults.iter().map(fault_json).collect::<Vec<_>>(),
    })
}

fn fault_json(fault: &Fault) -> Value {
    let place = fault.place.clone().unwrap_or_default();
    json!({
        "file": place.file,
        "line": place.line,
        "column": fault.column,
        "field": fault.field,
        "value": fault.value,
        "reason": fault.rule,
        "remedy": fault.remedy,
    })
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
    let remedy = "wpsx import --help shows the options";
    not_read("nothing was published", remedy, &error)
}

/// A file that cannot be read; `so`: what came of it, `options`: where to look how.
pub(super) fn not_read(so: &str, options: &str, error: &ImportErrors) -> Failure {
    match error {
        ImportErrors::Rows {
            file, bad, count, ..
        } => Failure::failed(format!(
            "{} wrong, so {so}\n{error}",
            match count {
                1 => "1 thing in the file is".to_owned(),
                n => format!("{n} things in the file are"),
            }
        ))
        .problems(bad.iter().map(|bad| bad_row_json(file, bad)).collect())
        .remedy("correct them and import the file again"),
        ImportErrors::Usage(_) => Failure::usage(chain(error)).remedy(options),
        ImportErrors::Unreadable { .. } => Failure::failed(chain(error)),
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
