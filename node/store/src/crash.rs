//! Stops the process, or fails a write, at a named step, so that tests can see
//! what each step leaves. Release builds contain none of it.

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
    /// The views were given what they need.
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
    use std::{
        io,
        sync::{
            Arc, OnceLock,
            atomic::{AtomicU64, Ordering},
        },
    };

    use parking_lot::Mutex;

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

    static ARMED: OnceLock<Option<(String, AtomicU64)>> = OnceLock::new();

    /// Aborts if `WPSX_CRASH_AT=<step>[:n]` names this step and it is the n-th time.
    pub(crate) fn reached(step: Step) {
        let armed = ARMED.get_or_init(|| {
            let value = std::env::var("WPSX_CRASH_AT").ok()?;
            let (name, count) = value.split_once(':').unwrap_or((&value, "1"));
            Some((name.to_owned(), AtomicU64::new(count.parse().unwrap_or(1))))
        });
        if let Some((name, left)) = armed
            && name == step.name()
            && left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            std::process::abort();
        }
    }

    /// Makes the next journal write of one store fail, for tests.
    #[derive(Clone, Debug, Default)]
    pub struct Faults(Arc<Mutex<Option<Fault>>>);

    /// How a journal write fails.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Fault {
        pub(crate) left: Left,
        pub(crate) kind: io::ErrorKind,
    }

    /// What a failing write leaves in the file.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Left {
        /// Nothing.
        Nothing,
        /// The first half.
        Half,
        /// All of it.
        Everything,
        /// All was written, but the disk did not say that it has it.
        Unsynced,
    }

    impl Faults {
        /// The next journal write fails so.
        pub fn fail(&self, left: Left, kind: io::ErrorKind) {
            *self.0.lock() = Some(Fault { left, kind });
        }

        /// Nothing fails any more.
        pub fn take_back(&self) {
            *self.0.lock() = None;
        }

        pub(crate) fn take(&self) -> Option<Fault> {
            self.0.lock().take()
        }
    }
}

#[cfg(debug_assertions)]
pub(crate) use armed::{Fault, reached};
#[cfg(debug_assertions)]
pub use armed::{Faults, Left};

#[cfg(not(debug_assertions))]
pub(crate) fn reached(_: Step) {}
