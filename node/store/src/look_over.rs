//! All files of the data folder that are of no log: they are read through, each is compared
//! with what it must be, and what can be written again is.
//!
//! What is no file of the store is looked after by whoever has it ([`KeptBeside`]).

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use crate::{
    backend::Durable,
    beside::KeptBeside,
    damages::Damages,
    error::{StoreError, chain},
    format::{
        layout::{VERSION_FILE, in_state, version_line},
        segment::{self, End},
    },
    store::Store,
    told::{Became, DamagedFile, Owner},
    write::shared::Shared,
};

impl Store {
    /// What was found damaged, with what became of it; what was mended too, until it was
    /// told ([`Store::tell_damaged_files`]) or the store is opened again.
    pub fn damaged_files(&self) -> Vec<DamagedFile> {
        self.shared.damages.files()
    }

    /// The same, of which what is mended or lost is told with this.
    pub fn tell_damaged_files(&self) -> Vec<DamagedFile> {
        self.shared.damages.take_files()
    }

    /// Has files looked after that the store does not keep.
    pub fn look_after(&self, beside: Arc<dyn KeptBeside>) {
        *self.shared.beside.lock() = Some(beside);
    }

    /// Reads all files that are of no log, and lists what is damaged. Blocks.
    pub fn look_over(&self) {
        self.shared.state.look_over();
        look_at_version(&self.shared);
        look_at_journal(&self.shared);
        let beside = self.shared.beside.lock().clone();
        if let Some(beside) = beside {
            self.shared.damages.beside(beside.damaged(&self.logs()));
        }
    }

    /// Writes again what is listed of them, as far as anything here says what it was.
    ///
    /// # Errors
    /// The disk refuses.
    pub async fn mend_files(&self) -> Result<(), StoreError> {
        let shared = self.shared.clone();
        let mending = tokio::task::spawn_blocking(move || mend(&shared));
        let logs = mending.await.map_err(|_| StoreError::Closed)??;
        for log in logs.into_iter().filter_map(|log| self.log_numbered(log)) {
            self.write_anew(&log).await?;
        }
        let damages = &self.shared.damages;
        let segments = damages.left(|owner| *owner == Owner::Journal);
        if !segments.is_empty() {
            self.settle().await?;
        }
        for (path, _) in segments {
            let how = "dropped: all that it held is in the files of the logs";
            damages.became(&path, Became::Mended(how));
        }
        Ok(())
    }
}

/// Lists the segments of the journal in which something cannot be read that was
/// acknowledged.
fn look_at_journal(shared: &Shared) {
    let journal = &shared.backend.journal;
    for name in shared.live.names() {
        let reason = match journal.read(&name).map(|bytes| segment::parse(&bytes)) {
            Ok(Ok(parsed)) => match parsed.end {
                // Something may be written to it just now.
                End::Whole | End::Torn { .. } => continue,
                End::Damaged(reason) => reason,
            },
            Ok(Err(reason)) => reason,
            Err(error) => chain(&error),
        };
        // Unless it was dropped just now.
        if shared.live.names().contains(&name) {
            let path = journal.path_of(&name);
            shared.damages.note_file(Owner::Journal, path, &reason);
        }
    }
}

/// Lists the file that makes the folder a store where it is not what was written.
pub(crate) fn look_at_version(shared: &Shared) {
    let files = &shared.backend.files;
    let reason = match files.read(VERSION_FILE) {
        Ok(Some(line)) if line == version_line().as_bytes() => return,
        Ok(Some(_)) => "it does not name the store's format".to_owned(),
        Ok(None) if !shared.has_version => return,
        Ok(None) => "it is missing".to_owned(),
        Err(error) => chain(&error),
    };
    let path = files.path_of(VERSION_FILE);
    shared.damages.note_file(Owner::Store, path, &reason);
}

/// Gives the logs that can say again what the state kept of them.
fn mend(shared: &Shared) -> Result<BTreeSet<u32>, StoreError> {
    let mut logs = BTreeSet::new();
    for (path, owner) in shared.damages.left(|_| true) {
        match owner {
            Owner::State(name) => {
                if !shared.state.mend(&name)? {
                    logs.extend(log_of(shared, &name));
                }
            }
            Owner::Store => {
                let line = version_line();
                let files = &shared.backend.files;
                files.write(VERSION_FILE, &[line.as_bytes()], Durable::Now)?;
                let how = "written again: the store is open, so its format is known";
                shared.damages.became(&path, Became::Mended(how));
            }
            Owner::Log | Owner::Journal | Owner::Beside | Owner::Nobody => {}
        }
    }
    Ok(logs)
}

/// The log that has in memory what this file of the state says.
fn log_of(shared: &Shared, name: &str) -> Option<u32> {
    const SAID_AGAIN: [&str; 5] = ["head", "erased", "requests", "batches", "batches.twin"];
    let logs = shared.logs();
    let numbers = logs.iter().map(|log| log.number());
    let mut numbers = numbers.filter(|number| {
        let what = name.strip_prefix(&in_state(*number));
        what.is_some_and(|what| SAID_AGAIN.contains(&what))
    });
    numbers.next()
}

impl Damages {
    /// These of the files beside the store are damaged now, and no others.
    fn beside(&self, found: Vec<(PathBuf, String)>) {
        for (path, _) in self.left(|owner| *owner == Owner::Beside) {
            if found.iter().all(|(other, _)| *other != path) {
                self.became(&path, Became::Mended("it is what it was again"));
            }
        }
        for (path, reason) in found {
            self.note_file(Owner::Beside, path, &reason);
        }
    }
}
