//! Files that are written while their records are read.
//!
//! Records are read some hundred at a time, each time on a blocking thread and at the cost
//! of who asks, and only when what was read before has been taken. So a file of any length
//! holds no more memory than a page of it, a slow reader holds no thread, and when a reader
//! is gone nothing is read any more: neither a further part, nor the rest of the one that is
//! being read. Whatever is published meanwhile, each record is in the file once
//! ([`Whole`]). The first part is read before the answer begins, so
//! that a question that is not well-formed is told as any other.

use std::{io, sync::Arc};

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use wpsx_domain::{
    NodeError, Wanted,
    quiet::Quiet,
    records::{Proven, Question, Whole},
    while_wanted,
};
use wpsx_listen::{Caller, Holding};

use super::turn::memory;
use crate::observatory::Observatory;

/// Records that are read in one go, at first and then at most: the first ones are waited for.
const FIRST: u32 = 100;
const FURTHER: u32 = 500;
/// About how many bytes a further part has: so much a slow reader holds.
const PART: usize = 512 << 10;

/// What writes a file: what stands before the records, each of them, what stands behind.
pub(crate) trait Writer: Send + 'static {
    fn begin(&mut self, out: &mut Vec<u8>) -> io::Result<()>;
    fn record(&mut self, proven: &Proven, out: &mut Vec<u8>) -> io::Result<()>;
    fn end(&mut self, out: &mut Vec<u8>) -> io::Result<()>;
}

/// A file of which the first part is written.
pub(crate) struct Stream<W> {
    site: Observatory,
    records: Whole,
    writer: W,
    /// Its end is written.
    is_ended: bool,
    /// How many of them are about a part.
    further: u32,
    /// What is written and not sent.
    written: Vec<u8>,
}

impl<W: Writer> Stream<W> {
    /// Reads the first records. Blocks.
    pub(crate) fn begin(
        site: &Observatory,
        question: Question,
        mut writer: W,
        wanted: &Wanted,
    ) -> Result<Self, NodeError> {
        let mut written = Vec::new();
        writer.begin(&mut written).map_err(failed)?;
        let mut stream = Self {
            site: site.clone(),
            records: Whole::of(question),
            writer,
            is_ended: false,
            further: FURTHER,
            written,
        };
        stream.read_some(FIRST, wanted)?;
        Ok(stream)
    }

    /// The file as the body of an answer. What is held for the first part is given back when
    /// that was taken.
    pub(crate) fn body(self, held: Holding, caller: Caller) -> Body {
        let quiet = self.site.quiet.clone();
        body(self, held, caller, quiet)
    }
}

/// What is read part by part.
trait Parts: Send + 'static {
    /// What was read and not taken, which is left empty; none at the end.
    fn take(&mut self) -> Option<Vec<u8>>;
    /// Reads the next part, while it is wanted. Blocks.
    fn read(&mut self, wanted: &Wanted) -> Result<(), NodeError>;
}

/// Reads as fast as the body is taken, at the cost of the caller.
fn body(parts: impl Parts, held: Holding, caller: Caller, quiet: Arc<Quiet>) -> Body {
    let begun = (parts, held, caller, quiet);
    let unfolded = stream::try_unfold(begun, |(mut parts, mut held, caller, quiet)| async move {
        loop {
            match parts.take() {
                None => return Ok::<_, io::Error>(None),
                Some(read) if !read.is_empty() => {
                    held.shrink(read.len());
                    return Ok(Some((Bytes::from(read), (parts, held, caller, quiet))));
                }
                Some(_) => {}
            }
            // Who waits for the next part holds nothing of the one before.
            drop(std::mem::take(&mut held));
            held = memory(&caller).await;
            let place = caller.allowance().places(1).await;
            let read = while_wanted(move |wanted| {
                let _until_it_ends = place;
                parts.read(wanted)?;
                Ok(parts)
            });
            parts = read.await.map_err(|error| broken_off(error, &quiet))?;
        }
    });
    Body::from_stream(unfolded)
}

/// Who reads a file sees that it ends too early, and not why.
fn broken_off(error: NodeError, quiet: &Quiet) -> io::Error {
    if let Some(left_out) = quiet.may_say("", "file") {
        tracing::error!(
            error = wpsx_proto::chain(&error),
            left_out,
            "a file cannot be read to its end"
        );
    }
    io::Error::other(error)
}

impl<W: Writer> Parts for Stream<W> {
    fn take(&mut self) -> Option<Vec<u8>> {
        let is_over = self.written.is_empty() && self.is_ended;
        (!is_over).then(|| std::mem::take(&mut self.written))
    }

    fn read(&mut self, wanted: &Wanted) -> Result<(), NodeError> {
        self.read_some(self.further, wanted)
    }
}

impl<W: Writer> Stream<W> {
    /// Reads the next records and writes them; behind the last ones, the end. Blocks.
    fn read_some(&mut self, size: u32, wanted: &Wanted) -> Result<(), NodeError> {
        let (sight, records) = (self.site.sight(), &self.site.records);
        let read = records.more(&sight, &mut self.records, size, wanted)?;
        for proven in &read {
            wanted.check()?;
            self.writer
                .record(proven, &mut self.written)
                .map_err(failed)?;
        }
        let each = self.written.len() / read.len().max(1);
        self.further = u32::try_from(PART / each.max(1)).map_or(FURTHER, |n| n.clamp(1, FURTHER));
        if self.records.is_over() {
            self.is_ended = true;
            self.writer.end(&mut self.written).map_err(failed)?;
        }
        Ok(())
    }
}

fn failed(error: io::Error) -> NodeError {
    NodeError::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::SeqCst},
        },
        time::Duration,
    };

    use axum::{Router, routing::get};
    use futures::StreamExt as _;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        sync::mpsc,
        time::timeout,
    };

    use super::*;

    /// A file without an end, which counts what is read of it and tells when it is dropped.
    struct Endless {
        read: Arc<AtomicUsize>,
        written: Vec<u8>,
        dropped: mpsc::Sender<()>,
    }

    impl Parts for Endless {
        fn take(&mut self) -> Option<Vec<u8>> {
            Some(std::mem::take(&mut self.written))
        }

        fn read(&mut self, wanted: &Wanted) -> Result<(), NodeError> {
            wanted.check()?;
            self.read.fetch_add(1, SeqCst);
            self.written = vec![b'x'; 64 << 10];
            Ok(())
        }
    }

    impl Drop for Endless {
        fn drop(&mut self) {
            let _ = self.dropped.try_send(());
        }
    }

    fn endless() -> (Endless, Arc<AtomicUsize>, mpsc::Receiver<()>) {
        let (dropped, is_dropped) = mpsc::channel(1);
        let read = Arc::new(AtomicUsize::new(0));
        let parts = Endless {
            read: read.clone(),
            written: Vec::new(),
            dropped,
        };
        (parts, read, is_dropped)
    }

    #[tokio::test]
    async fn nothing_is_read_but_what_was_taken() {
        let (parts, read, mut is_dropped) = endless();
        let (held, caller) = Default::default();
        let mut body = body(parts, held, caller, Arc::default()).into_data_stream();
        assert_eq!(read.load(SeqCst), 0);
        for taken in 1..4 {
            body.next().await.unwrap().unwrap();
            assert_eq!(read.load(SeqCst), taken);
        }
        drop(body);
        is_dropped.recv().await.unwrap();
        assert_eq!(read.load(SeqCst), 3);
    }

    #[tokio::test(flavor = "multi_thread")]
    #[expect(
        clippy::disallowed_methods,
        reason = "the caller of this test hangs up on a connection of its own"
    )]
    async fn a_caller_that_hangs_up_ends_the_reading() {
        let (parts, read, mut is_dropped) = endless();
        let parts = Arc::new(parking_lot::Mutex::new(Some(parts)));
        let answer = move || {
            let parts = parts.lock().take();
            let (held, caller) = Default::default();
            std::future::ready(body(parts.unwrap(), held, caller, Arc::default()))
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = axum::serve(listener, Router::new().route("/", get(answer)));
        let serving = tokio::spawn(serving.into_future());
        let mut caller = tokio::net::TcpStream::connect(address).await.unwrap();
        caller
            .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .unwrap();
        caller.read_exact(&mut [0; 100_000]).await.unwrap();
        drop(caller);
        // A file without an end is only left where reading it is given up.
        let gone = timeout(Duration::from_secs(20), is_dropped.recv()).await;
        gone.expect("it is read for nobody").unwrap();
        let then = read.load(SeqCst);
        assert!(then >= 2, "{then}");
        serving.abort();
        assert_eq!(read.load(SeqCst), then);
    }
}
