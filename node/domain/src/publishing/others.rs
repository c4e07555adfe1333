//! Records of other publishers in a file that was exported with them.

use wpsx_proto::{
    origin::RecordId,
    record::{Kind, diff::FieldChange},
};
use wpsx_store::LogHandle;
use wpsx_views::Latest;

use super::{
    draft::{Became, Draft, Published},
    standing::Standing,
};
use crate::error::NodeError;

/// Nothing becomes of one. What the file says otherwise of it is told: nobody here can publish
/// that, and who wrote it may think that they did. It informs and no more, so what cannot be
/// read of it is left out.
pub(super) fn left_to(
    log: &LogHandle,
    (id, latest): (RecordId, Latest),
    draft: &Draft,
) -> Published {
    let told = told(log, &latest, draft).unwrap_or_default();
    Published {
        record_id: Some(id),
        revision: latest.revision,
        unchanged: true,
        became: Became::LeftToOthers,
        of_others: Some(log.origin().clone()),
        ..told
    }
}

/// What the draft says otherwise, and by which name the record is known.
///
/// # Errors
/// Our files cannot be read.
fn told(log: &LogHandle, latest: &Latest, draft: &Draft) -> Result<Published, NodeError> {
    let standing = Standing::read(log, latest)?;
    let is_edited = match draft.revision.filter(|from| *from != latest.revision) {
        None => true,
        // A row that says what its own revision said was not edited, and of one whose revision
        // is not here nobody knows.
        Some(from) => Standing::of_revision(log, latest, from)?
            .is_some_and(|base| base.payload.is_some() && !base.says(&base.laid(draft))),
    };
    let changes = match (is_edited, standing.kind) {
        (false, _) | (_, 0) => Vec::new(),
        (true, kind) if kind != draft.kind => vec![other_kind(kind, draft.kind)],
        (true, _) => standing.changes_to(&standing.laid(draft)),
    };
    let (title, external_id) = standing.name_beside(draft);
    Ok(Published {
        changes,
        title,
        external_id,
        ..Published::default()
    })
}

fn other_kind(before: u32, after: u32) -> FieldChange {
    let name = |kind| Some(Kind::new(kind).to_string());
    FieldChange {
        path: "kind".to_owned(),
        before: name(before),
        after: name(after),
    }
}
