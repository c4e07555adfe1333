//! What a crash left beside a log's files: unfinished ones, and partial tiles and
//! bundles of a moment that no state file names. Looked for only when a journal
//! was found, because only then can there be any.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    error::StoreError,
    format::layout::{self, FileKey},
    log::contents::Contents,
    log::handle::Log,
};

impl Log {
    /// Removes unfinished files, and has all partial files looked after when the
    /// journal is dropped the next time.
    pub(crate) fn clean_up(&self, contents: &mut Contents) -> Result<(), StoreError> {
        let mut found = BTreeSet::new();
        for part in ["tile", "payload"] {
            walk(&self.dir.join(part), part, &mut found)?;
        }
        let mut partials = self.partials.lock();
        if found != *partials {
            contents.dirty.log = true;
            partials.extend(found);
        }
        for path in [self.dir.join("checkpoint.tmp"), self.dir.join("origin.tmp")] {
            layout::remove_if_there(&path)?;
        }
        Ok(())
    }
}

fn walk(dir: &Path, below: &str, found: &mut BTreeSet<(FileKey, usize)>) -> Result<(), StoreError> {
    let listing = match fs::read_dir(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(StoreError::io("read", dir))?,
    };
    for file in listing {
        let file = file.map_err(StoreError::io("read", dir))?;
        let path = file.path();
        let name = format!("{below}/{}", file.file_name().to_string_lossy());
        if file
            .file_type()
            .map_err(StoreError::io("read", &path))?
            .is_dir()
        {
            walk(&path, &name, found)?;
        } else if name.ends_with(".tmp") {
            layout::remove_if_there(&path)?;
        } else if let Some(partial) = partial(&name) {
            found.insert(partial);
        }
    }
    Ok(())
}

/// `tile/0/x001/234.p/56` as tile 1234 of level 0, 56 wide.
fn partial(name: &str) -> Option<(FileKey, usize)> {
    let (name, width) = name.rsplit_once(".p/")?;
    let width = width.parse().ok()?;
    let key = match name.strip_prefix("tile/") {
        None => FileKey::Payload(number(name.strip_prefix("payload/")?)?),
        Some(tile) => match tile.split_once('/')? {
            ("entries", index) => FileKey::Entries(number(index)?),
            (level, index) => FileKey::Tile {
                level: level.parse().ok()?,
                index: number(index)?,
            },
        },
    };
    (key.path(Some(width)) == format!("{name}.p/{width}")).then_some((key, width))
}

fn number(path: &str) -> Option<u64> {
    path.split('/').try_fold(0u64, |number, part| {
        let digits: u64 = part.strip_prefix('x').unwrap_or(part).parse().ok()?;
        number.checked_mul(1000)?.checked_add(digits)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_partial_file_is_read_back() {
        for key in [
            FileKey::Tile {
                level: 2,
                index: 1_234_067,
            },
            FileKey::Entries(0),
            FileKey::Payload(1000),
        ] {
            assert_eq!(partial(&key.path(Some(17))), Some((key, 17)));
            assert_eq!(partial(&key.path(None)), None);
        }
        assert_eq!(partial("tile/0/1.p/3"), None);
        assert_eq!(partial("tile/0/x.p/3"), None);
    }
}
