//! A backup as messages of one stream: bytes as they come, and what is in it at the end.

use std::{
    cell::Cell,
    io::{self, ErrorKind, Write},
};

use tokio::sync::mpsc;
use tonic::Status;
use wpsx_domain::backup::Backup;
use wpsx_proto::api::admin::v1::{BackupContents, BackupResponse};

use crate::{calls::Answers, pushed::pushed};

/// Bytes of one message.
const PIECE: usize = 256 << 10;
/// Messages that wait to be sent: what a reader who is slow makes us hold.
const AHEAD: usize = 4;

type Sender = mpsc::Sender<Result<BackupResponse, Status>>;

/// Makes a backup and sends it as it is made. It ends when nobody takes it.
pub(super) fn answers(backup: Backup, with_keys: bool) -> Answers<BackupResponse> {
    pushed(AHEAD, move |tx| {
        let far = Cell::new((0, 0));
        let mut pieces = Pieces {
            tx,
            far: &far,
            piece: Vec::with_capacity(PIECE),
        };
        let mut tell = |done, total| far.set((done, total));
        let copied = backup.write(with_keys, &mut pieces, &mut tell)?;
        // The last one says that it is whole; nobody may be left to hear it.
        let _ = tx.blocking_send(Ok(BackupResponse {
            data: std::mem::take(&mut pieces.piece).into(),
            contents: Some(BackupContents {
                logs: copied.logs,
                entries: copied.entries,
                settings: copied.settings,
                keys: copied.keys > 0,
            }),
            ..BackupResponse::default()
        }));
        Ok(())
    })
}

/// Gathers what is written into messages.
struct Pieces<'a> {
    tx: &'a Sender,
    /// Bytes read, and about how many there are.
    far: &'a Cell<(u64, u64)>,
    piece: Vec<u8>,
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE {
            let data = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
            let (done, total) = self.far.get();
            let sent = self.tx.blocking_send(Ok(BackupResponse {
                data: data.into(),
                done,
                total,
                contents: None,
            }));
            sent.map_err(|_| io::Error::from(ErrorKind::BrokenPipe))?;
        }
        Ok(taken)
    }

    /// What is gathered goes with the last message.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
