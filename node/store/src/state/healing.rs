//! Damaged files of the state: they are found by reading all, and written again from what is in
//! memory or from their twin.

use super::{COVERS, State, TWIN, cover};
use crate::{
    error::{StoreError, chain},
    told::Became,
};

impl State {
    /// Lists a file as damaged that is what was put, and does not say what it has to.
    pub fn unreadable(&self, name: &str, reason: &str) {
        self.shelf.unreadable(name, reason);
    }

    /// What a damaged file and its twin held is lost for good; what that means.
    pub(crate) fn lost(&self, name: &str, meaning: &'static str) {
        for name in [name.to_owned(), format!("{name}{TWIN}")] {
            self.shelf.became(&name, Became::Lost(meaning));
        }
    }

    /// What a damaged file held is lost for good, and nothing hangs on it: the file goes; what
    /// that means.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn give_up(&self, name: &str, meaning: &'static str) -> Result<(), StoreError> {
        self.unreadable(name, "it does not say what it has to");
        self.shelf.became(name, Became::Lost(meaning));
        self.remove(name)
    }

    /// Reads all files; what is not what was put is listed.
    pub(crate) fn look_over(&self) {
        for name in COVERS {
            let _turn = self.turn.lock();
            let version = self.cover.lock().version;
            match cover(&self.shelf, name) {
                Ok(read) if read.version == version => {}
                Ok(_) => {
                    let reason = "it is not the list that was written last";
                    self.shelf.damaged(name, reason);
                }
                Err(StoreError::Damaged { reason, .. }) => self.shelf.damaged(name, &reason),
                Err(error) => self.shelf.damaged(name, &chain(&error)),
            }
        }
        let names: Vec<String> = self.cover.lock().there.keys().cloned().collect();
        for name in names {
            match self.get(&name) {
                // What is damaged is listed.
                Ok(_) | Err(StoreError::Damaged { .. }) => {}
                Err(error) => self.shelf.damaged(&name, &chain(&error)),
            }
        }
    }

    /// Writes a damaged file again, if anything here says what it was.
    ///
    /// # Errors
    /// The disk refuses.
    pub(crate) fn mend(&self, name: &str) -> Result<bool, StoreError> {
        let _turn = self.turn.lock();
        if COVERS.contains(&name) {
            self.change(|_| {})?;
            self.shelf.became(name, Became::FROM_MEMORY);
            return Ok(true);
        }
        if !self.is_there(name) {
            return Ok(false);
        }
        let (bytes, became) = match self.shelf.copy(name) {
            Some(copy) => (Some(copy), Became::FROM_MEMORY),
            None => {
                let twin = name.strip_suffix(TWIN).map(str::to_owned);
                let twin = twin.unwrap_or_else(|| format!("{name}{TWIN}"));
                let is_there = self.is_there(&twin);
                let twin = is_there.then(|| self.shelf.read(&twin).ok().flatten());
                (twin.flatten(), Became::FROM_TWIN)
            }
        };
        match bytes {
            Some(bytes) => self.shelf.write(name, &bytes, became).map(|()| true),
            None => Ok(false),
        }
    }
}
