//! What a crash left beside a log's files: unfinished ones, and partial tiles and
//! bundles of a moment that no state file names. Looked for only when a journal was
//! found, because only then can there be any.

use std::collections::BTreeSet;

use crate::{
    error::StoreError,
    format::layout,
    log::{contents::Contents, handle::Log},
};

impl Log {
    /// Removes unfinished files, and has all partial files looked after when the
    /// journal is dropped the next time.
    pub(crate) fn clean_up(&self, contents: &mut Contents) -> Result<(), StoreError> {
        let mut found = BTreeSet::new();
        for part in ["tile", "payload"] {
            for name in self.files.list(&self.name(part))? {
                let below = &name[self.dir.len() + 1..];
                if name.ends_with(".tmp") {
                    self.files.remove(&name)?;
                } else if let Some(partial) = layout::partial(below) {
                    found.insert(partial);
                }
            }
        }
        let mut partials = self.partials.lock();
        if found != *partials {
            contents.dirty.log = true;
            partials.extend(found);
        }
        for name in ["checkpoint.tmp", "origin.tmp"] {
            self.files.remove(&self.name(name))?;
        }
        Ok(())
    }
}
