//! Records of other publishers in a file that was exported with them.

use wpsx_proto::origin::RecordId;
use wpsx_store::LogHandle;
use wpsx_views::Latest;

use super::{
    draft::{Became, Draft, Published},
    standing::Standing,
};
use crate::error::NodeError;

/// Nothing becomes of one. What the file says otherwise of it is told: nobody here can publish
/// that, and who wrote it may think that they did.
///
/// # Errors
/// Our files cannot be read.
pub(super) fn left_to(
    log: &LogHandle,
    (id, latest): (RecordId, Latest),
    draft: &Draft,
) -> Result<Published, NodeError> {
    let standing = Standing::read(log, &latest)?;
    let made_from = draft.revision.filter(|from| *from != latest.revision);
    let base = match made_from {
        Some(from) => Standing::of_revision(log, &latest, from)?,
        None => None,
    };
    // A row that says what its own revision said was not edited.
    let is_unedited = base.is_some_and(|base| base.says(&base.laid(draft)));
    let changes = match is_unedited || standing.kind != draft.kind {
        true => Vec::new(),
        false => standing.changes_to(&standing.laid(draft)),
    };
    let (title, external_id) = standing.name_beside(draft);
    Ok(Published {
        record_id: Some(id),
        revision: latest.revision,
        unchanged: true,
        became: Became::LeftToOthers,
        changes,
        of_others: Some(log.origin().clone()),
        title,
        external_id,
        ..Published::default()
    })
}
