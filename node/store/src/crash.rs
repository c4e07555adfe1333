//! Ends the process at a named step of the write order, so that tests can see what each
//! step leaves. Release builds contain none of it.

/// The steps of the write order, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The group is in the journal file, perhaps not on the disk.
    JournalWritten,
    /// The group is on the disk; nobody was told.
    JournalSynced,
    /// The writers have their answers.
    Answered,
    /// Full bundles and tiles are files, perhaps not on the disk.
    FilesWritten,
    /// The followers were told of what changed, or it is noted that they were not.
    ViewsPosted,
    /// The open bundles and tiles are files.
    PartialsWritten,
    /// All files are on the disk.
    FilesSynced,
    /// The journal segment is gone.
    JournalDropped,
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    };

    use super::Step;

    impl Step {
        fn name(self) -> &'static str {
            match self {
                Step::JournalWritten => "journal-written",
                Step::JournalSynced => "journal-synced",
                Step::Answered => "answered",
                Step::FilesWritten => "files-written",
                Step::ViewsPosted => "views-posted",
                Step::PartialsWritten => "partials-written",
                Step::FilesSynced => "files-synced",
                Step::JournalDropped => "journal-dropped",
            }
        }
    }

    /// Aborts if `WPSX_CRASH_AT=<step>[:n]` names this step and it is the n-th time.
    pub(crate) fn reached(step: Step) {
        static ARMED: OnceLock<Option<(String, AtomicU64)>> = OnceLock::new();
        if let Some((name, left)) = ARMED.get_or_init(ask)
            && name == step.name()
            && left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            std::process::abort();
        }
    }

    /// The one place where the store reads the environment: the process that is to die
    /// is a whole node, started by a test, and no other way into it is the same in all
    /// commands. No release build does it.
    #[expect(
        clippy::disallowed_methods,
        reason = "a test kills a process that it started; see above"
    )]
    fn ask() -> Option<(String, AtomicU64)> {
        let value = std::env::var("WPSX_CRASH_AT").ok()?;
        let (name, count) = value.split_once(':').unwrap_or((&value, "1"));
        Some((name.to_owned(), AtomicU64::new(count.parse().unwrap_or(1))))
    }
}

#[cfg(debug_assertions)]
pub(crate) use armed::reached;

#[cfg(not(debug_assertions))]
pub(crate) fn reached(_: Step) {}
