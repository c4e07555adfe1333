//! The names of a log's files, as tlog-tiles gives them, and the format's version.

/// The store format that this software reads and writes.
pub(crate) const FORMAT: u32 = 5;
/// The file that makes a directory a store.
pub(crate) const VERSION_FILE: &str = "wpsx-store";
/// What that file begins with; the version follows.
pub(crate) const VERSION_LINE: &str = "wpsx store format ";

/// All that is in that file.
pub(crate) fn version_line() -> String {
    format!("{VERSION_LINE}{FORMAT}\n")
}

/// What the names of a log's files in the state begin with.
pub(crate) fn in_state(log: u32) -> String {
    format!("logs/{log}/")
}

/// The number of the log whose file `logs/<number>/log` of the state this is.
pub(crate) fn number_of(file: &str) -> Option<u32> {
    let number = file
        .strip_prefix("logs/")?
        .strip_suffix("/log")?
        .parse()
        .ok()?;
    (format!("{}log", in_state(number)) == file).then_some(number)
}

/// One file of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum FileKey {
    Tile { level: u8, index: u64 },
    Entries(u64),
    Payload(u64),
}

impl FileKey {
    /// The file's path below the log's directory; `width` for a partial one.
    pub(crate) fn path(self, width: Option<usize>) -> String {
        let mut path = match self {
            FileKey::Tile { level, index } => format!("tile/{level}/{}", number(index)),
            FileKey::Entries(index) => format!("tile/entries/{}", number(index)),
            FileKey::Payload(index) => format!("payload/{}", number(index)),
        };
        if let Some(width) = width {
            path.push_str(&format!(".p/{width}"));
        }
        path
    }
}

/// `1234067` as `x001/x234/067` (tlog-tiles, "Merkle Tree").
fn number(mut n: u64) -> String {
    let mut path = format!("{:03}", n % 1000);
    while n >= 1000 {
        n /= 1000;
        path = format!("x{:03}/{path}", n % 1000);
    }
    path
}

/// `tile/0/x001/234.p/56`, below the log's directory, as tile 1234 of level 0, 56 wide.
pub(crate) fn partial(name: &str) -> Option<(FileKey, usize)> {
    let (name, width) = name.rsplit_once(".p/")?;
    let width = width.parse().ok()?;
    let key = match name.strip_prefix("tile/") {
        None => FileKey::Payload(parse(name.strip_prefix("payload/")?)?),
        Some(tile) => match tile.split_once('/')? {
            ("entries", index) => FileKey::Entries(parse(index)?),
            (level, index) => FileKey::Tile {
                level: level.parse().ok()?,
                index: parse(index)?,
            },
        },
    };
    (key.path(Some(width)) == format!("{name}.p/{width}")).then_some((key, width))
}

fn parse(path: &str) -> Option<u64> {
    path.split('/').try_fold(0u64, |number, part| {
        let digits: u64 = part.strip_prefix('x').unwrap_or(part).parse().ok()?;
        number.checked_mul(1000)?.checked_add(digits)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_tlog_tiles() {
        assert_eq!(
            FileKey::Tile {
                level: 0,
                index: 1_234_067
            }
            .path(None),
            "tile/0/x001/x234/067"
        );
        assert_eq!(FileKey::Entries(0).path(Some(12)), "tile/entries/000.p/12");
        assert_eq!(FileKey::Payload(999).path(None), "payload/999");
        assert_eq!(FileKey::Payload(1000).path(None), "payload/x001/000");
    }

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
