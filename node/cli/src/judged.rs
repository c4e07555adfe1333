//! What only the node can tell of a file: faults and remarks that depend on what its records say
//! already.

use wpsx_domain::publishing::Draft;
use wpsx_proto::{
    api::admin::v1::{
        Became, Fault, ImportRequest, ListPublishersRequest, PlannedRecord, PublishHeader,
    },
    record::{Reading, Record},
};
use wpsx_sheets::{ImportErrors, Imported, MAX_NAMED, Published, Row};

use super::{
    access::Desk,
    args::ImportArgs,
    failure::Failure,
    output::Output,
    publishing::message,
    sending::{Answer, header, send},
    words::rfc3339,
};

/// What is wrong with a file, with what its publisher finds in drafts that only it can judge: all
/// of it is told at once.
pub(super) async fn with(
    error: ImportErrors,
    args: &ImportArgs,
    desk: &mut Desk,
    out: &Output,
) -> Result<ImportErrors, Failure> {
    let ImportErrors::Rows {
        file,
        mut bad,
        mut count,
        said,
        undecided,
    } = error
    else {
        return Ok(error);
    };
    if !undecided.is_empty() {
        let header = PublishHeader {
            dry_run: true,
            ..header(args, true)?
        };
        let drafts = undecided.iter().map(|it| it.draft.clone()).map(message);
        let first = ImportRequest {
            header: Some(header),
            ..ImportRequest::default()
        };
        let answer = send(first, drafts.collect(), desk, out).await?;
        let told = answer.faults.iter().filter_map(|fault| {
            let of = undecided.get(fault.draft as usize)?;
            of.fault(&fault.field, &fault.rule, &fault.remedy)
        });
        for told in told {
            count += 1;
            bad.push(told);
        }
        bad.sort_by_key(|bad| bad.line);
        bad.truncate(MAX_NAMED);
    }
    Ok(ImportErrors::Rows {
        file,
        bad,
        count,
        said,
        undecided: Vec::new(),
    })
}

/// Tells a fault as it stands in the file, where the file has a place for it.
pub(super) fn place(fault: &mut Fault, imported: &Imported, drafts: &[Draft]) {
    let n = fault.draft as usize;
    let draft = drafts.get(n).filter(|_| fault.column.is_empty());
    let told = draft.and_then(|draft| imported.fault(n, draft, &fault.field, &fault.rule));
    let Some(told) = told else {
        return;
    };
    if let Some(place) = &mut fault.place {
        place.line = told.line;
        if let Some(file) = &told.file {
            place.file = file.to_string();
        }
    }
    fault.column = told.column;
    if !told.value.is_empty() {
        fault.value = told.value;
    }
    if !told.remedy.is_empty() {
        fault.remedy = told.remedy;
    }
}

/// Remarks of the records as they will be, and of what is not read.
pub(super) async fn remark(
    imported: &mut Imported,
    drafts: &[Draft],
    answer: &Answer,
    desk: &mut Desk,
) -> Result<(), Failure> {
    let is_told = |n: usize| answer.records.get(n).is_none_or(is_news);
    imported.remark(drafts, is_told, |n| {
        as_it_will_be(drafts.get(n)?, answer.records.get(n)?)
    });
    let hosted = desk.admin.list_publishers(ListPublishersRequest {}).await?;
    let hosted = hosted.into_inner().publishers.into_iter();
    let own = hosted.filter(|publisher| publisher.origin == answer.origin);
    let names: Vec<String> = own.flat_map(|own| [own.name, own.title]).collect();
    imported.remark_unread(&names, |n| {
        exported(drafts.get(n)?, answer.records.get(n)?, answer)
    });
    Ok(())
}

/// Something happens to the record, so that what looks odd in its row is told.
fn is_news(planned: &PlannedRecord) -> bool {
    !matches!(
        planned.became(),
        Became::Unchanged | Became::LeftWithdrawn | Became::LeftHandedOver | Became::LeftToOthers
    )
}

/// The record that a draft becomes, where the node shows it.
fn as_it_will_be(draft: &Draft, planned: &PlannedRecord) -> Option<Record> {
    match Record::read(draft.kind, &planned.payload) {
        Reading::Readable(record) if !planned.payload.is_empty() => Some(*record),
        _ => None,
    }
}

/// The row of an export that a draft was made from, as far as it is known; none where the record
/// has changed since.
fn exported(draft: &Draft, planned: &PlannedRecord, answer: &Answer) -> Option<Row> {
    let revision = draft.revision?;
    let taken_back = match planned.became() {
        Became::LeftWithdrawn | Became::Reinstated => "withdrawn",
        Became::LeftHandedOver => "superseded",
        Became::Unchanged | Became::Changed => "",
        _ => return None,
    };
    let newest = match planned.became() {
        Became::Changed | Became::Reinstated => planned.revision.checked_sub(1)?,
        _ => planned.revision,
    };
    let origin = answer.origin.clone();
    (newest == revision && planned.publish_time > 0).then(|| Row {
        record_id: draft
            .record_id
            .map_or_else(String::new, |id| id.to_string()),
        revision,
        published: Published {
            by: origin.split('/').next().unwrap_or_default().to_owned(),
            origin,
            time: rfc3339(planned.publish_time),
            taken_back: taken_back.to_owned(),
            ..Published::default()
        },
        kind: draft.kind,
        payload: planned.before.clone(),
    })
}
