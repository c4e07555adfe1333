//! Files that others leave in any folder: they are nobody's business, and nobody is told
//! of them.

/// Whether a file or folder of this name is one that systems, desktops and editors leave
/// everywhere. What has another name and is not ours is left too, but said.
pub fn is_leftover(name: &str) -> bool {
    const NAMES: [&str; 5] = [
        "lost+found",
        "Thumbs.db",
        "desktop.ini",
        "@eaDir",
        "$RECYCLE.BIN",
    ];
    const ENDS: [&str; 3] = ["~", ".swp", ".swo"];
    name.starts_with('.')
        || NAMES.contains(&name)
        || ENDS.iter().any(|end| name.ends_with(end))
        || (name.starts_with('#') && name.ends_with('#'))
}

#[cfg(test)]
mod tests {
    use super::is_leftover;

    #[test]
    fn what_systems_and_editors_leave_is_known_by_its_name() {
        for name in [
            "lost+found",
            ".DS_Store",
            "._wpsx-store",
            "Thumbs.db",
            "log~",
            ".log.swp",
            "#log#",
            ".nfs0001",
        ] {
            assert!(is_leftover(name), "{name}");
        }
        for name in ["log", "log.bak", "0000.journal", "a.tmp", "copy of state"] {
            assert!(!is_leftover(name), "{name}");
        }
    }
}
