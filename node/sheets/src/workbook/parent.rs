//! Starts the process that opens a workbook, feeds it, and ends it in time.

use std::{
    io::Write as _,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

use super::{
    book::{Book, READ_WORKBOOK},
    wire,
};

/// A workbook of 100,000 rows takes two seconds.
const TIME: Duration = Duration::from_secs(60);

/// Reads a workbook in a process of its own.
pub(super) fn run(program: &Path, file: Vec<u8>) -> Result<Book, String> {
    let started = Command::new(program)
        .arg(READ_WORKBOOK)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let failed = |error| format!("the process that opens workbooks does not start: {error}");
    let mut child = started.map_err(failed)?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let (done, is_done) = sync_channel::<()>(1);
    // It may write before it has read all: whoever feeds it does not wait for that.
    let feeder = thread::spawn(move || input.map(|mut input| input.write_all(&file)));
    let guard = thread::spawn(move || watch(child, &is_done));
    let read = match output {
        Some(output) => wire::receive(output),
        None => Err(wire::STOPPED.to_owned()),
    };
    drop(done);
    let ended = guard.join();
    // Nothing reads the file any more, so whoever feeds it is at its end too.
    let _ = feeder.join();
    match (read, ended) {
        (Err(reason), Ok(Ended::Late)) if reason == wire::STOPPED => Err(format!(
            "the workbook takes more than {} seconds to read",
            TIME.as_secs()
        )),
        (Err(reason), Ok(Ended::Killed)) if reason == wire::STOPPED => {
            Err("the workbook takes more memory or time to unpack than it may".to_owned())
        }
        (read, _) => read,
    }
}

/// How the process ended.
enum Ended {
    /// It took too long.
    Late,
    /// A signal ended it: it had no more memory, or no more time of a processor.
    Killed,
    Itself,
}

/// Ends the process at its time limit, or when nobody reads it any more. One that has
/// ended by then keeps its own end.
fn watch(mut child: Child, done: &Receiver<()>) -> Ended {
    let late = done.recv_timeout(TIME) == Err(RecvTimeoutError::Timeout);
    let _ = child.kill();
    match child.wait() {
        _ if late => Ended::Late,
        Ok(status) if was_stopped(status) => Ended::Killed,
        _ => Ended::Itself,
    }
}

/// The system ended it, as it does for want of memory. The signal that nothing survives
/// is ours.
#[cfg(unix)]
fn was_stopped(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal().is_some_and(|signal| signal != 9)
}

#[cfg(not(unix))]
fn was_stopped(_status: ExitStatus) -> bool {
    false
}
