//! Files that are written while their records are read.
//!
//! Records are read some hundred at a time, each time on a blocking thread and at the cost
//! of who asks, and only when what was read before has been taken. So a file of any length
//! holds no more memory than a page of it, a slow reader holds no thread, and when a reader
//! is gone nothing is read any more. The first part is read before the answer begins, so
//! that a question that is not well-formed is told as any other.

use std::io;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use wpsx_domain::{
    NodeError, Wanted,
    records::{Part, Proven, Question},
    while_wanted,
};
use wpsx_listen::Caller;

use crate::observatory::Observatory;

/// Records that are read in one go, at first and then: the first ones are waited for.
const FIRST: u32 = 100;
const FURTHER: u32 = 500;

/// What writes a file: what stands before the records, each of them, what stands behind.
pub(crate) trait Writer: Send + 'static {
    fn begin(&mut self, out: &mut Vec<u8>) -> io::Result<()>;
    fn record(&mut self, proven: &Proven, out: &mut Vec<u8>) -> io::Result<()>;
    fn end(&mut self, out: &mut Vec<u8>) -> io::Result<()>;
}

/// A file of which the first part is written.
pub(crate) struct Stream<W> {
    site: Observatory,
    question: Question,
    writer: W,
    /// Of the records that come next; empty at the end.
    token: String,
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
            question,
            writer,
            token: String::new(),
            written,
        };
        stream.read(FIRST, wanted)?;
        Ok(stream)
    }

    /// The file as the body of an answer.
    pub(crate) fn body(self, caller: Caller) -> Body {
        Body::from_stream(stream::try_unfold(
            (Some(self), caller),
            |(stream, caller)| async move {
                let Some(mut stream) = stream else {
                    return Ok(None);
                };
                if stream.written.is_empty() && !stream.token.is_empty() {
                    let place = caller.allowance().places(1).await;
                    let read = while_wanted(move |wanted| {
                        let _until_it_ends = place;
                        stream.read(FURTHER, wanted)?;
                        Ok(stream)
                    });
                    stream = read.await.map_err(io::Error::other)?;
                }
                let chunk = Bytes::from(std::mem::take(&mut stream.written));
                let rest = (!stream.token.is_empty()).then_some(stream);
                Ok::<_, io::Error>(Some((chunk, (rest, caller))))
            },
        ))
    }

    /// Reads the next records and writes them; behind the last ones, the end. Blocks.
    fn read(&mut self, size: u32, wanted: &Wanted) -> Result<(), NodeError> {
        let part = Part {
            size,
            token: std::mem::take(&mut self.token),
            bare: true,
        };
        let (sight, records) = (self.site.sight(), &self.site.records);
        let page = records.list(&sight, &self.question, &part, wanted)?;
        for proven in &page.entries {
            wanted.check()?;
            self.writer
                .record(proven, &mut self.written)
                .map_err(failed)?;
        }
        self.token = page.next_token;
        if self.token.is_empty() {
            self.writer.end(&mut self.written).map_err(failed)?;
        }
        Ok(())
    }
}

fn failed(error: io::Error) -> NodeError {
    NodeError::Internal(error.to_string())
}
