//! Small files that cannot be rebuilt, each written whole and made durable
//! before the call returns.
//!
//! A file is one line (`wpsx state 2`, CRC-32 of its name and the rest, length of the
//! rest) and the bytes that were put. A file that does not match its line is reported as
//! damaged, never read; nor is one that was copied to another name.
//!
//! Which files there are is itself a file, the cover (`state/cover`). So a file that is
//! missing is damage, and not "never there". It changes only when the set of names does.
//! Putting a new file: the file, then the cover; a crash between leaves a whole file that
//! no cover names, and the next opening takes it in. Removing one: the order in the
//! cover, then the file. Nothing else is ever removed. The cover lies there twice, and
//! each version is written to one after the other, so that one damaged file is not all.
//!
//! Not taken: names in a sealed list that is written before the file, which costs two
//! versions of the cover for each name and protects against the same.

use std::{fmt, path::PathBuf, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::{
    backend::StateFiles,
    damages::Damages,
    error::StoreError,
    format::{
        cover::{Cover, Order},
        layout,
        strangers::is_leftover,
    },
    told::Became,
};

mod healing;
mod shelf;

use self::shelf::{Shelf, line};

const MOST_NAME: usize = 200;
/// The cover, and its twin.
const COVERS: [&str; 2] = ["cover", "cover.twin"];
/// What the second of two files is called that say the same.
const TWIN: &str = ".twin";
/// More logs were never dropped.
const UNKNOWN_NUMBERS: u32 = 1 << 16;

/// The files under `state/`. Clones are the same files.
#[derive(Clone)]
pub struct State {
    shelf: Arc<Shelf>,
    /// As it is on the disk. Held for a moment: who asks for a name never waits for a sync.
    cover: Arc<Mutex<Cover>>,
    /// Held by who changes something.
    turn: Arc<Mutex<()>>,
}

/// What was found in `state/` besides what has to be there.
#[derive(Debug)]
pub(crate) struct Found {
    /// Names that are not ours: they are left.
    pub(crate) strangers: Vec<String>,
    /// Why nobody can say which files are missing, if so.
    pub(crate) doubt: Option<String>,
}

impl State {
    /// The state of a new store, which is empty.
    pub(crate) fn create(files: &dyn StateFiles) -> Result<(), StoreError> {
        write_cover(files, &Cover::default())
    }

    /// Reads which files there are, and takes in what a crash left without a cover.
    pub(crate) fn open(
        files: Arc<dyn StateFiles>,
        damages: Arc<Damages>,
    ) -> Result<(Self, Found), StoreError> {
        let shelf = Arc::new(Shelf::new(files, damages));
        let covers = COVERS.map(|name| (name, cover(&shelf, name)));
        let whole = matches!(&covers, [(_, Ok(one)), (_, Ok(other))] if one == other);
        let mut newest: Option<Cover> = None;
        for (name, read) in covers {
            match read {
                Ok(read)
                    if newest
                        .as_ref()
                        .is_none_or(|other| other.version < read.version) =>
                {
                    newest = Some(read);
                }
                Ok(_) => {}
                Err(StoreError::Damaged { reason, .. }) => shelf.damaged(name, &reason),
                Err(error) => return Err(error),
            }
        }
        let doubt = newest.is_none().then(|| {
            let [cover, twin] = COVERS.map(|name| shelf.path_of(name).display().to_string());
            format!("{cover} and {twin} are missing or damaged, so nobody can say what else is")
        });
        let state = Self {
            shelf,
            cover: Arc::new(Mutex::new(newest.unwrap_or_default())),
            turn: Arc::default(),
        };
        let (taken, strangers) = state.uncovered(doubt.is_some())?;
        if doubt.is_some() && taken.is_empty() {
            let path = state.path_of("");
            return Err(StoreError::damaged(&path, "all that it had is missing"));
        }
        let changes = !taken.is_empty() || !whole;
        let add = |cover: &mut Cover| taken.iter().for_each(|name| cover.take_in(name, ""));
        match doubt {
            // A new cover would hide that there was none: who opens the store decides.
            Some(_) => {
                let mut cover = state.cover.lock();
                add(&mut cover);
                // Of the numbers of logs that were dropped nothing is known.
                cover.numbers = cover.numbers.saturating_add(UNKNOWN_NUMBERS);
            }
            None if changes => {
                state.change(add)?;
                for name in COVERS {
                    state.shelf.became(name, Became::FROM_TWIN);
                }
            }
            None => {}
        }
        Ok((state, Found { strangers, doubt }))
    }

    /// The files that the cover does not name: those that are whole, and those that are
    /// not ours. Where the cover is lost, what is damaged may be ours.
    fn uncovered(&self, is_lost: bool) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let (mut taken, mut strangers) = (Vec::new(), Vec::new());
        let cover = self.cover.lock().clone();
        for name in self.shelf.files.list("")? {
            let known = COVERS.contains(&name.as_str())
                || cover.there.contains_key(&name)
                || cover.orders.iter().any(|order| order.names(&name))
                || name.split('/').any(is_leftover);
            if known {
                continue;
            }
            match check(&name).and_then(|()| self.shelf.read(&name)) {
                Ok(Some(_)) => taken.push(name),
                Ok(None) => {}
                Err(StoreError::Damaged { reason, .. }) if is_lost => {
                    self.shelf.damaged(&name, &reason);
                }
                Err(StoreError::Damaged { .. } | StoreError::BadName(_)) => strangers.push(name),
                Err(error) => return Err(error),
            }
        }
        Ok((taken, strangers))
    }

    /// Replaces `name` by `bytes`: after a crash it holds the old bytes or the new ones.
    ///
    /// # Errors
    /// A name that is none, or a disk that refuses; then the old bytes stay.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.put_noted(name, bytes, "")
    }

    /// The same, with a few words that are kept apart from the file and outlive it.
    pub(crate) fn put_noted(&self, name: &str, bytes: &[u8], note: &str) -> Result<(), StoreError> {
        let _turn = self.turn.lock();
        self.write(name, bytes)?;
        match self.is_there(name) {
            true => Ok(()),
            false => self.change(|cover| cover.take_in(name, note)),
        }
    }

    /// Puts many files, in their order, for one version of the cover.
    pub(crate) fn put_all(&self, files: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        for (name, bytes) in files {
            let _turn = self.turn.lock();
            self.write(name, bytes)?;
        }
        let _turn = self.turn.lock();
        let is_new = |(name, _): &&(String, Vec<u8>)| !self.is_there(name);
        let new: Vec<_> = files.iter().filter(is_new).collect();
        if new.is_empty() {
            return Ok(());
        }
        self.change(|cover| new.iter().for_each(|(name, _)| cover.take_in(name, "")))
    }

    /// Leaves an empty file in the state of a store that nobody has open: the next opening
    /// takes it in.
    pub(crate) fn leave(files: &dyn StateFiles, name: &str) -> Result<(), StoreError> {
        check(name)?;
        files.put(name, &[line(name, &[]).as_bytes()])
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        check(name)?;
        if COVERS.contains(&name) {
            return Err(StoreError::BadName(name.to_owned()));
        }
        self.shelf.write(name, bytes, Became::ANEW)
    }

    /// What was put as `name`. Damage is listed.
    ///
    /// # Errors
    /// The file cannot be read, is damaged, or is missing though it was put.
    pub fn get(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        check(name)?;
        if !self.is_there(name) {
            return Ok(None);
        }
        let found = match self.shelf.read(name) {
            // Unless it was removed just now.
            Ok(None) if !self.is_there(name) => return Ok(None),
            Ok(None) => Err(StoreError::damaged(&self.path_of(name), "it is missing")),
            found => found,
        };
        match &found {
            Ok(Some(bytes)) => self.shelf.copy_if_none(name, bytes),
            Err(StoreError::Damaged { reason, .. }) => self.shelf.damaged(name, reason),
            _ => {}
        }
        found
    }

    /// Puts what nobody else could say again, so that it lies there twice: one damaged
    /// file is not all.
    ///
    /// # Errors
    /// As [`State::put`].
    pub fn put_twice(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.put(name, bytes)?;
        self.put(&format!("{name}{TWIN}"), bytes)
    }

    /// What was put twice as `name`; where one of the two is damaged, it is written again.
    ///
    /// # Errors
    /// Neither of the two can be read, or the disk refuses.
    pub fn get_twice(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        let twin = format!("{name}{TWIN}");
        let first = self.get(name);
        match (first, self.get(&twin)) {
            (Ok(Some(first)), Ok(Some(second))) if first == second => Ok(Some(first)),
            // The first is the newer one after a crash between.
            (Ok(Some(first)), _) => {
                self.put_from_twin(&twin, &first)?;
                Ok(Some(first))
            }
            (Err(StoreError::Damaged { .. }), Ok(Some(second))) => {
                self.put_from_twin(name, &second)?;
                Ok(Some(second))
            }
            (first, _) => first,
        }
    }

    fn put_from_twin(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let _turn = self.turn.lock();
        self.shelf.write(name, bytes, Became::FROM_TWIN)?;
        match self.is_there(name) {
            true => Ok(()),
            false => self.change(|cover| cover.take_in(name, "")),
        }
    }

    /// The number that the next log gets.
    pub(crate) fn next_number(&self) -> u32 {
        self.cover.lock().numbers
    }

    /// Whether `name` was put and not removed; the file itself may be damaged.
    pub(crate) fn is_there(&self, name: &str) -> bool {
        self.cover.lock().there.contains_key(name)
    }

    /// The words that were put with `name`.
    pub(crate) fn note(&self, name: &str) -> Option<String> {
        self.cover.lock().there.get(name).cloned()
    }

    /// Removes `name`, if it is there.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        check(name)?;
        let _turn = self.turn.lock();
        if !self.is_there(name) {
            return Ok(());
        }
        let order = Order::File(name.to_owned());
        self.change(|cover| {
            cover.there.remove(name);
            cover.orders.insert(order.clone());
        })?;
        self.shelf.remove(name)?;
        // On the disk with the next version: until then it finds nothing to remove.
        self.cover.lock().orders.remove(&order);
        Ok(())
    }

    /// Orders, durably, that all of a replica be removed: from now on it is gone. Its
    /// files in the state go here, its folder is the caller's, who then calls
    /// [`State::is_removed`].
    pub(crate) fn drop_replica(&self, number: u32, folder: &str) -> Result<(), StoreError> {
        let folder = folder.to_owned();
        let order = Order::Replica { number, folder };
        let _turn = self.turn.lock();
        self.change(|cover| {
            cover.there.retain(|name, _| !order.names(name));
            cover.orders.insert(order.clone());
        })?;
        self.remove_files(&order)
    }

    /// The folder of a replica that was dropped is gone.
    pub(crate) fn is_removed(&self, folder: &str) -> Result<(), StoreError> {
        let _turn = self.turn.lock();
        match self.is_to_remove(folder) {
            false => Ok(()),
            true => self.change(|cover| cover.orders.retain(|order| !order.is_folder(folder))),
        }
    }

    /// Whether a folder of a replica is still to be removed.
    pub(crate) fn is_to_remove(&self, folder: &str) -> bool {
        let cover = self.cover.lock();
        cover.orders.iter().any(|order| order.is_folder(folder))
    }

    /// Carries out what was ordered before a crash, but for folders: gives those.
    pub(crate) fn finish_orders(&self) -> Result<Vec<String>, StoreError> {
        let _turn = self.turn.lock();
        let orders = self.cover.lock().orders.clone();
        let mut folders = Vec::new();
        for order in orders {
            self.remove_files(&order)?;
            match order {
                Order::Replica { folder, .. } => folders.push(folder),
                order => {
                    self.cover.lock().orders.remove(&order);
                }
            }
        }
        Ok(folders)
    }

    fn remove_files(&self, order: &Order) -> Result<(), StoreError> {
        match order {
            Order::File(name) => self.shelf.remove(name),
            Order::Replica { number, .. } => {
                let names = self.shelf.files.list(&layout::in_state(*number))?;
                names.iter().try_for_each(|name| self.shelf.remove(name))
            }
        }
    }

    /// The names that begin with `prefix`, in order.
    ///
    /// # Errors
    /// None any more; callers are written as if there were.
    pub fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let cover = self.cover.lock();
        let names = cover.there.keys().filter(|name| name.starts_with(prefix));
        Ok(names.cloned().collect())
    }

    /// Hands every file to `each`, as its name and its bytes with their line, while none
    /// is put or removed: all of one moment, with what covers them.
    ///
    /// # Errors
    /// A file cannot be read, or what `each` says.
    pub(crate) fn all_at_once(
        &self,
        mut each: impl FnMut(&str, &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let _turn = self.turn.lock();
        // What is there, and not what is asked for by name.
        for name in self.shelf.files.list("")? {
            if let Some(bytes) = self.shelf.files.read(&name)? {
                each(&name, &bytes)?;
            }
        }
        Ok(())
    }

    /// Where a name lies, for messages.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.shelf.files.path_of(name)
    }

    /// The caller has the turn, or the only one.
    fn change(&self, by: impl FnOnce(&mut Cover)) -> Result<(), StoreError> {
        let mut next = self.cover.lock().clone();
        by(&mut next);
        next.version += 1;
        write_cover(&*self.shelf.files, &next)?;
        *self.cover.lock() = next;
        Ok(())
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("State")
            .field(&self.shelf.files.path_of(""))
            .finish()
    }
}

fn cover(shelf: &Shelf, name: &str) -> Result<Cover, StoreError> {
    let damaged = |reason| StoreError::damaged(&shelf.path_of(name), reason);
    let bytes = shelf.read(name)?.ok_or_else(|| damaged("it is missing"))?;
    Cover::parse(&bytes).ok_or_else(|| damaged("it lists no files"))
}

fn write_cover(files: &dyn StateFiles, cover: &Cover) -> Result<(), StoreError> {
    let text = cover.to_text();
    for name in COVERS {
        let line = line(name, text.as_bytes());
        files.put(name, &[line.as_bytes(), text.as_bytes()])?;
    }
    Ok(())
}

/// A name cannot lead out of the state, nor look like a file that is being written.
fn check(name: &str) -> Result<(), StoreError> {
    let well_formed = name.len() <= MOST_NAME
        && name.split('/').all(|part| {
            !part.is_empty()
                && !part.starts_with('.')
                && !part.ends_with(".tmp")
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        });
    match well_formed {
        true => Ok(()),
        false => Err(StoreError::BadName(name.to_owned())),
    }
}

#[cfg(test)]
mod tests;
