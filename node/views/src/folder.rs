//! Opening the views' directory, whatever is in it.
//!
//! Views are computed, so a directory that cannot be used is thrown away and
//! built again from position 0. Only what this code never wrote is kept: a
//! directory without our mark is moved aside, for whoever put it there.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use tracing::warn;

use crate::{
    error::ViewsError,
    rows::{keys::ROWS, row::Row},
    table::{TableError, positions::positions, sled::SledTable, stored::Stored},
};

/// The beginning of the file `format`: the mark of a views directory.
const MARK: &str = "wpsx views ";
/// The whole of it, but for the name of the folder with the database.
const FORMAT: &str = "wpsx views 11 ";

/// Folders with databases are called this and a number.
const ROWS_FOLDER: &str = "rows";

/// Present when the views were found damaged while they were in use.
const DAMAGED: &str = "damaged";

/// Present while the database's files may hold what must be nowhere.
const STALE: &str = "stale";

/// Makes sure that `dir` is there, and ours.
pub(crate) fn prepare(dir: &Path) -> Result<(), ViewsError> {
    let prepared = set_aside_if_foreign(dir).and_then(|()| fs::create_dir_all(dir));
    prepared.map_err(|source| ViewsError::Table(TableError::Io(source)))
}

/// Opens the table under `dir`, which was prepared, making it anew if it has to be.
pub(crate) fn open(dir: &Path) -> Result<Stored, ViewsError> {
    let io = |source| ViewsError::Table(TableError::Io(source));
    let rows = match current(dir) {
        Some(rows) if !dir.join(DAMAGED).exists() => rows,
        _ => start_over(dir, "they are of another version or were found damaged").map_err(io)?,
    };
    let opened = match open_patiently(&rows) {
        Err(error) if error.needs_rebuild() => {
            open_patiently(&start_over(dir, &error.to_string()).map_err(io)?)
        }
        other => other,
    };
    let stored = opened?;
    remove_others(dir).map_err(io)?;
    Ok(stored)
}

/// Opens the database that was just closed once more. sled writes what it has to know at
/// its opening, and only then: the first opening after 10,000,000 entries reads all that
/// was written (1.3 s), and the next one nothing of it. Whoever stops a node waits for
/// that, and not whoever starts it.
pub(crate) fn make_ready(dir: &Path) {
    let opened = current(dir).map(|rows| open_patiently(&rows));
    if let Some(Err(error)) = opened {
        warn!(%error, "the next opening of the views will take longer");
    }
}

/// The folder of the database, by the file `format`.
fn current(dir: &Path) -> Option<PathBuf> {
    let format = fs::read_to_string(dir.join("format")).ok()?;
    let name = format.strip_prefix(FORMAT)?.strip_suffix('\n')?;
    number(name).map(|_| dir.join(name))
}

/// The number in the name of a database's folder; 0 for that of the first version.
fn number(name: &str) -> Option<u64> {
    match name.strip_prefix(ROWS_FOLDER)? {
        "" => Some(0),
        number => number.strip_prefix('-')?.parse().ok(),
    }
}

/// A new, empty database beside the one that is in use.
pub(crate) struct Successor {
    dir: PathBuf,
    name: String,
    stored: Stored,
}

impl Successor {
    pub(crate) fn make(dir: &Path) -> Result<Self, TableError> {
        let now = current(dir)
            .and_then(|rows| number(rows.file_name()?.to_str()?))
            .unwrap_or(0);
        let name = format!("{ROWS_FOLDER}-{}", now + 1);
        // What is left of one that was not finished.
        remove(&dir.join(&name)).map_err(TableError::Io)?;
        let stored = Stored::open(Box::new(SledTable::open(&dir.join(&name))?))?;
        let dir = dir.to_path_buf();
        Ok(Self { dir, name, stored })
    }

    pub(crate) fn stored(&self) -> &Stored {
        &self.stored
    }

    /// Makes it the one that the next start opens.
    pub(crate) fn take_over(self) -> Result<Stored, TableError> {
        self.stored.table().flush()?;
        write_format(&self.dir, &self.name).map_err(TableError::Io)?;
        Ok(self.stored)
    }
}

fn write_format(dir: &Path, name: &str) -> std::io::Result<()> {
    let unfinished = dir.join("format.tmp");
    let mut file = File::create(&unfinished)?;
    file.write_all(format!("{FORMAT}{name}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(unfinished, dir.join("format"))?;
    sync(dir)
}

/// Says on disk that the database's files may hold what must be nowhere.
pub(crate) fn mark_stale(dir: &Path) -> std::io::Result<()> {
    File::create(dir.join(STALE))?.sync_all()?;
    sync(dir)
}

pub(crate) fn is_stale(dir: &Path) -> bool {
    dir.join(STALE).exists()
}

/// Removes the databases that are not in use, and with the last of them the mark.
pub(crate) fn remove_what_was_replaced(dir: &Path) -> std::io::Result<()> {
    remove_others(dir)?;
    sync(dir)?;
    remove(&dir.join(STALE))?;
    sync(dir)
}

fn remove_others(dir: &Path) -> std::io::Result<()> {
    let current = current(dir);
    for file in fs::read_dir(dir)? {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.and_then(number).is_some() && Some(&path) != current.as_ref() {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Removes a file or a folder, if it is there. A database that was just closed may
/// write a last file while its folder goes.
fn remove(path: &Path) -> std::io::Result<()> {
    let mut tries = 0;
    loop {
        let removed = if path.is_dir() {
            fs::remove_dir_all(path)
        } else {
            fs::remove_file(path)
        };
        match removed {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty && tries < 50 => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            other => return other,
        }
    }
}

fn sync(dir: &Path) -> std::io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Says on disk that the next open has to start over.
pub(crate) fn mark_damaged(dir: &Path) {
    if let Err(error) = fs::write(dir.join(DAMAGED), b"") {
        warn!(%error, "cannot mark the views as damaged; run `wpsx reindex`");
    }
}

/// Removes everything, and gives the folder for a new database.
fn start_over(dir: &Path, why: &str) -> std::io::Result<PathBuf> {
    if dir.join("format").exists() {
        warn!(%why, "the views are built again from the logs");
    }
    // A mark without a folder comes first: after a crash this starts over once more.
    write_format(dir, "none")?;
    remove_what_was_replaced(dir)?;
    let name = format!("{ROWS_FOLDER}-1");
    write_format(dir, &name)?;
    remove(&dir.join(DAMAGED))?;
    Ok(dir.join(name))
}

fn set_aside_if_foreign(dir: &Path) -> std::io::Result<()> {
    let empty = match fs::read_dir(dir) {
        Ok(list) => {
            let mut names = list.flatten().map(|file| file.file_name());
            names.all(|name| wpsx_store::is_leftover(&name.to_string_lossy()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotADirectory => false,
        Err(error) => return Err(error),
    };
    let ours = fs::read(dir.join("format")).is_ok_and(|mark| mark.starts_with(MARK.as_bytes()));
    if empty || ours {
        return Ok(());
    }
    let aside = (1..)
        .map(|number| {
            let mut name = dir.as_os_str().to_os_string();
            name.push(format!(".set-aside-{number}"));
            PathBuf::from(name)
        })
        .find(|aside| !aside.exists())
        .unwrap_or_else(|| dir.with_extension("set-aside"));
    warn!(to = %aside.display(), "the views' directory is not ours; moving it aside");
    fs::rename(dir, aside)
}

/// Opens the database and reads a little of everything. A handle that was just
/// dropped may hold its lock for a moment longer.
fn open_patiently(rows: &Path) -> Result<Stored, TableError> {
    let mut tries = 0;
    let table = loop {
        match SledTable::open(rows) {
            Err(TableError::InUse) if tries < 50 => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(100));
            }
            other => break other?,
        }
    };
    positions(&table)?;
    let stored = Stored::open(Box::new(table))?;
    stored.scan(ROWS, &[0, 0], |_, row| Row::from_bytes(row).map(|_| ()))?;
    Ok(stored)
}
