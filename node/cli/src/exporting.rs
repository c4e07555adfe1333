//! `wpsx export`: records in a file that can be corrected and imported again.

use std::{collections::BTreeSet, io::stdout, path::Path};

use serde_json::json;
use wpsx_proto::envelope::Operation;
use wpsx_sheets::{Export, ExportError, Exported, Published, Row, Written};

use super::{
    args::{ExportArgs, FormatArg},
    asking::asked,
    exported_readme,
    failure::Failure,
    output::Output,
    records::Records,
    shown::Shown,
    words::{many, rfc3339},
};

/// Records asked for in one call.
const PAGE: usize = 500;
/// Records that nobody can read, each named with why.
const MOST_NAMED: u64 = 5;

/// `wpsx export`
pub(super) async fn export(
    args: &ExportArgs,
    records: &mut impl Records,
    out: &mut Output,
) -> Result<(), Failure> {
    let form = form(args)?;
    if let Some(path) = &args.out {
        free(path, args.force)?;
        for beside in form.beside(path) {
            free(&beside, args.force)?;
        }
    } else if form == Written::Xlsx || out.is_json() {
        let what = match form {
            Written::Xlsx => "a workbook is no text",
            Written::Csv | Written::JsonLines => "the records would stand in what --json prints",
        };
        return Err(Failure::usage(what).remedy("name a file with --out"));
    }
    let mut export = Export::new(form).map_err(not_exported)?;
    let mut ask = asked(&args.ask, None, records, out).await?;
    // A file that is handed in again has each text.
    ask.filter.families_once = false;
    let (mut token, mut without, mut malformed) = (String::new(), 0, 0_u64);
    let (mut origins, mut rows) = (BTreeSet::new(), 0);
    loop {
        let page = records.page(&ask, PAGE, &token).await?;
        for shown in &page.records {
            match last_said(shown, records).await? {
                Some(row) => {
                    export.add(&row).map_err(not_exported)?;
                    rows += 1;
                    origins.insert(row.published.origin);
                }
                None => match shown.malformed() {
                    Some(reason) => {
                        malformed += 1;
                        if malformed <= MOST_NAMED {
                            let id = shown.id();
                            out.warn(&format!(
                                "left out, since nobody can read it: {id}: {reason}"
                            ));
                        }
                    }
                    None => without += 1,
                },
            }
        }
        token = page.next;
        if token.is_empty() {
            break;
        }
    }
    if let Some(more @ 1..) = malformed.checked_sub(MOST_NAMED) {
        out.warn(&format!(
            "left out, since nobody can read them: {more} more"
        ));
    }
    export.explain(exported_readme::rows(&origins, rows, out.now()));
    match &args.out {
        None => {
            let exported = export.write_into(&mut stdout().lock());
            exported.map(drop).map_err(not_exported)
        }
        Some(path) => {
            let exported = export.write_to(path).map_err(not_exported)?;
            told(&exported, (without, malformed), path, out)
        }
    }
}

/// The record's row; none where its content is not here. Of one that was withdrawn or handed
/// over it has what that said last, and that it was.
async fn last_said(shown: &Shown, records: &mut impl Records) -> Result<Option<Row>, Failure> {
    let Some(newest) = shown.envelope() else {
        return Ok(None);
    };
    if newest.operation.publishes() {
        return Ok(row(shown));
    }
    let origin = Some(shown.entry.origin.as_str());
    let revisions = records.history(&newest.record_id, origin).await?;
    let last = revisions.iter().find_map(row);
    Ok(last.map(|last| Row {
        // A row that was edited since is refused, as of any record that has changed.
        revision: newest.revision,
        published: Published {
            payload: String::new(),
            taken_back: match newest.operation {
                Operation::Withdraw => "withdrawn",
                Operation::Supersede => "superseded",
                _ => "",
            }
            .to_owned(),
            ..last.published
        },
        ..last
    }))
}

/// The row of a revision; none where its content is not here.
fn row(shown: &Shown) -> Option<Row> {
    if shown.malformed().is_some() {
        return None;
    }
    // What ends a record may say by what, and that is no record.
    let envelope = shown.envelope().filter(|it| it.operation.publishes())?;
    Some(Row {
        record_id: envelope.record_id.to_string(),
        revision: envelope.revision,
        published: Published {
            by: shown.publisher().to_owned(),
            origin: shown.entry.origin.clone(),
            time: rfc3339(envelope.publish_time),
            // Which site shows it is not for a node to say.
            address: String::new(),
            taken_back: String::new(),
            payload: String::new(),
        },
        kind: envelope.kind,
        payload: shown.payload()?,
    })
}

fn form(args: &ExportArgs) -> Result<Written, Failure> {
    match (args.format, &args.out) {
        (Some(FormatArg::Csv), _) | (None, None) => Ok(Written::Csv),
        (Some(FormatArg::Xlsx), _) => Ok(Written::Xlsx),
        (Some(FormatArg::Jsonl), _) => Ok(Written::JsonLines),
        (None, Some(path)) => Written::of(path).ok_or_else(|| {
            Failure::usage(format!("the name of {} tells no form", path.display()))
                .remedy("end it in .csv, .xlsx or .jsonl, or give --format")
        }),
    }
}

/// A file that somebody may have worked in is not replaced unasked.
pub(super) fn free(path: &Path, force: bool) -> Result<(), Failure> {
    match path.exists() && !force {
        true => Err(
            Failure::failed(format!("{} is there already", path.display()))
                .remedy("give another name, or replace it with --force"),
        ),
        false => Ok(()),
    }
}

fn told(
    exported: &Exported,
    (without, malformed): (u64, u64),
    path: &Path,
    out: &mut Output,
) -> Result<(), Failure> {
    let files: Vec<String> = exported
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    if out.is_json() {
        return Ok(out.document(&json!({
            "records": exported.records,
            "files": files,
            "beside": exported.beside,
            "without_content": without,
            "malformed": malformed,
            "with_unread_fields": exported.with_unread,
            "newer_kinds": exported.newer_kinds,
            "publishers": exported.publishers,
        }))?);
    }
    out.say(format!(
        "wrote {} to {}",
        many(exported.records, "record"),
        files.join(" and ")
    ))?;
    for list in &exported.beside {
        out.say(match files.len() {
            1 => format!("{list} stand on a sheet of their own, a row for each"),
            _ => format!("{list} stand in a file of their own, a row for each"),
        })?;
    }
    if without > 0 {
        out.say(format!(
            "left out: {} whose content is not here",
            many(without, "record")
        ))?;
    }
    if exported.newer_kinds > 0 {
        out.say(format!(
            "left out: {} of kinds that need newer software",
            many(exported.newer_kinds, "record")
        ))?;
    }
    if exported.with_unread > 0 {
        out.say(format!(
            "{} with fields of a newer schema: the file does not show them, and an import \
             leaves them as they are",
            many(exported.with_unread, "record")
        ))?;
    }
    if exported.publishers.len() > 1 {
        return Ok(out.say(format!(
            "they are of {} publishers, and each imports its own\n\
             Next: the same command with --publisher NAME, to correct and import what is NAME's",
            exported.publishers.len()
        ))?);
    }
    Ok(out.say(format!(
        "Next: correct the file, then wpsx import {} --dry-run",
        path.display()
    ))?)
}

fn not_exported(error: ExportError) -> Failure {
    match &error {
        ExportError::Kinds(_) => Failure::usage(error.to_string())
            .remedy("name one with --kind, or write JSON Lines with --format jsonl"),
        ExportError::TooLong { .. } => Failure::failed(error.to_string())
            .remedy("narrow it with --kind, --country or --origin, or write CSV"),
        ExportError::NeedsFile => Failure::usage(error.to_string()).remedy("name it with --out"),
        ExportError::Record { .. } | ExportError::TooLarge { .. } | ExportError::Unwanted => {
            Failure::failed(error.to_string())
        }
        ExportError::Io(_) | ExportError::Workbook(_) => {
            Failure::because("nothing was exported", &error)
        }
    }
}
