//! A list as a workbook. It cannot be streamed, for a workbook begins with what its end
//! says; so it is made in temporary files, one at a time, and never of more records than a
//! sheet holds or of more than there is room for: then a text says so, and names the table
//! that has no limit (`refused`). It ends where nobody waits for it any more.

use std::{fs::File, io};

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use tokio_util::io::ReaderStream;
use wpsx_domain::{
    NodeError, Wanted,
    records::{Proven, Whole},
};
use wpsx_sheets::{Export, ExportError, Written};
use wpsx_words::Language;

use super::{asked::Asked, form::Form, readme, refused, row::row};
use crate::{
    answer,
    item::Item,
    observatory::{Answered, Observatory},
    revision,
    unheld::Unheld,
};

/// Records that are read in one go.
const AT_ONCE: u32 = 500;

/// The records of a question as a file, or what says why not. Blocks; only who has
/// its turn asks. For who wants the headers alone no workbook is made.
pub(crate) fn list(
    site: &Observatory,
    asked: &Asked,
    is_head: bool,
    unheld: &Unheld,
    wanted: &Wanted,
) -> Result<Result<Body, Answered>, NodeError> {
    let rows = answer::tally(site, &asked.each(), &[], wanted)?.total;
    // One is the header.
    if rows >= site.workbook.rows {
        return Ok(Err(refused::too_long(site, asked, wanted)?));
    }
    if is_head {
        return Ok(Ok(unmade()));
    }
    let waiting = wanted.clone();
    let mut export = Export::new(Written::Xlsx)
        .map_err(failed)?
        .within(site.workbook)
        .of_all()
        .while_wanted(move || !waiting.is_gone());
    export.explain(readme::rows(site, asked, Form::Xlsx, unheld, wanted)?);
    let (sight, mut records) = (site.sight(), Whole::of(asked.each().question()));
    while !records.is_over() {
        for proven in &site.records.more(&sight, &mut records, AT_ONCE, wanted)? {
            match add(&mut export, site, asked.language, proven, None) {
                Err(ExportError::TooLarge { .. }) => {
                    return Ok(Err(refused::too_long(site, asked, wanted)?));
                }
                added => added.map_err(failed)?,
            }
        }
    }
    match finished(export) {
        Err(ExportError::TooLong { .. }) => Ok(Err(refused::too_long(site, asked, wanted)?)),
        file => file.map(Ok).map_err(failed),
    }
}

/// One record as a workbook, whose newest entry may be another. Blocks.
pub(crate) fn one(
    site: &Observatory,
    language: Language,
    item: &Item,
    proven: &Proven,
    newest: &Item,
) -> Result<Body, NodeError> {
    let mut export = Export::new(Written::Xlsx).map_err(failed)?;
    export.explain(readme::of_one(site, language, item));
    add(&mut export, site, language, proven, Some(newest)).map_err(failed)?;
    finished(export).map_err(failed)
}

/// In the place of a workbook of which nobody knows the length.
pub(crate) fn unmade() -> Body {
    Body::from_stream(stream::empty::<Result<Bytes, io::Error>>())
}

fn add(
    export: &mut Export,
    site: &Observatory,
    language: Language,
    proven: &Proven,
    newest: Option<&Item>,
) -> Result<(), ExportError> {
    let Some(item) = Item::of(proven) else {
        return Ok(());
    };
    let taken_back = revision::in_files(newest.unwrap_or(&item));
    export.add(&row(site, language, &item, proven, taken_back))
}

/// The file. It is gone from its folder when this returns, and from the disk when it was sent.
fn finished(export: Export) -> Result<Body, ExportError> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("list.xlsx");
    export.write_to(&path)?;
    let file = tokio::fs::File::from_std(File::open(&path)?);
    Ok(Body::from_stream(ReaderStream::new(file)))
}

fn failed(error: ExportError) -> NodeError {
    NodeError::Internal(wpsx_proto::chain(&error))
}
