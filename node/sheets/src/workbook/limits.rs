//! The bounds of the process that opens a workbook, where the system keeps them. Its
//! parent ends it at its time limit in any case.

use std::io;

/// Bytes of address space: several times what a workbook of 100,000 rows takes.
#[cfg(unix)]
const MEMORY: u64 = 512 << 20;
/// Seconds of a processor.
#[cfg(unix)]
const PROCESSOR: u64 = 60;

/// Takes bounds that this process cannot widen again.
#[cfg(unix)]
pub(super) fn take() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    for (resource, most) in [
        (Resource::As, MEMORY),
        (Resource::Cpu, PROCESSOR),
        // It writes no file, and leaves none behind.
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ] {
        let bound = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, bound)?;
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn take() -> io::Result<()> {
    Ok(())
}
