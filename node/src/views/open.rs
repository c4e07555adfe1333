//! Opening the views' directory, whatever is in it.
//!
//! Views are computed, so a directory that cannot be used is thrown away and
//! built again from position 0. Only what this code never wrote is kept: a
//! directory without our mark is moved aside, for whoever put it there.

use std::fs;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::warn;

use super::keys::{POSITIONS, ROWS, Row, position_from_bytes};
use super::table::{SledTable, Table, TableError};
use super::{ViewsError, blocks};

/// First line of the file `format`: the mark of a views directory, and its version.
const MARK: &str = "wpsx views ";
const FORMAT: &str = "wpsx views 2\n";

/// Present when the views were found damaged while they were in use.
const DAMAGED: &str = "damaged";

/// Opens the table under `dir`, making it anew if it has to be.
pub(super) fn open(dir: &Path) -> Result<SledTable, ViewsError> {
    let io = |source| ViewsError::Table(TableError::Io(source));
    set_aside_if_foreign(dir).map_err(io)?;
    fs::create_dir_all(dir).map_err(io)?;
    let rows = dir.join("rows");
    let format = fs::read_to_string(dir.join("format")).unwrap_or_default();
    if format != FORMAT || dir.join(DAMAGED).exists() {
        start_over(dir, "they are of another version or were found damaged").map_err(io)?;
    }
    let opened = match open_patiently(&rows) {
        Err(error) if error.needs_rebuild() => {
            start_over(dir, &error.to_string()).map_err(io)?;
            open_patiently(&rows)
        }
        other => other,
    };
    Ok(opened?)
}

/// Says on disk that the next open has to start over.
pub(super) fn mark_damaged(dir: &Path) {
    if let Err(error) = fs::write(dir.join(DAMAGED), b"") {
        warn!(%error, "cannot mark the views as damaged; run `wpsx reindex`");
    }
}

fn start_over(dir: &Path, why: &str) -> std::io::Result<()> {
    if dir.join("rows").exists() {
        warn!(%why, "the views are built again from the logs");
    }
    // The mark goes last: a crash before that starts over once more.
    for gone in ["rows", "refills"] {
        let gone = dir.join(gone);
        let removed = if gone.is_dir() {
            fs::remove_dir_all(gone)
        } else {
            fs::remove_file(gone)
        };
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::write(dir.join("format"), FORMAT)?;
    match fs::remove_file(dir.join(DAMAGED)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn set_aside_if_foreign(dir: &Path) -> std::io::Result<()> {
    let empty = match fs::read_dir(dir) {
        Ok(mut list) => list.next().is_none(),
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
fn open_patiently(rows: &Path) -> Result<SledTable, TableError> {
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
    blocks::scan(&table, ROWS, &[0, 0], |_, row| {
        Row::from_bytes(row).map(|_| ())
    })?;
    Ok(table)
}

/// The positions of all logs.
pub(super) fn positions(table: &dyn Table) -> Result<Vec<(u32, u64)>, TableError> {
    let mut found = Vec::new();
    let mut outcome = Ok(());
    table.scan(
        &[POSITIONS],
        &[POSITIONS + 1],
        &mut |key, value| match position_from_bytes(key, value) {
            Ok(position) => {
                found.push(position);
                ControlFlow::Continue(())
            }
            Err(error) => {
                outcome = Err(error);
                ControlFlow::Break(())
            }
        },
    )?;
    outcome.map(|()| found)
}
