//! The form of a backup: a tar archive whose last member is a checksum.
//!
//! Any tar program lists it. Members are plain files named as in the data directory.
//! Of a name that comes twice the last one counts; members that a later moment undid are
//! listed in `wpsx-backup-void`, by their place. The last member, `wpsx-backup-end`, has the
//! SHA-256 of all before it, so that a backup that was cut, or changed by its disk, is
//! known before anything is made of it. The checksum guards against accidents: whoever
//! can write the file can compute it too.

use std::{
    fs::File,
    io::{self, Read, Seek as _, Write},
};

use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

/// What begins the first member; the number is the version of this form.
pub(crate) const LINE: &str = "wpsx backup 1";
/// The first member: what this is a backup of.
pub(crate) const HEAD: &str = "wpsx-backup";
/// The places of members that do not count, one a line, counted from 0.
pub(crate) const VOID: &str = "wpsx-backup-void";
/// The last member.
pub(crate) const END: &str = "wpsx-backup-end";
/// The two empty blocks that end an archive.
const EMPTY: u64 = 2 * 512;
/// The last member with its header, and these blocks.
pub(crate) const END_BYTES: u64 = 2 * 512 + EMPTY;
/// What stands before the checksum in the last member.
const SUM: &str = "sha256 ";

/// Writes members one after the other.
pub(crate) struct Archive<W: Write> {
    tar: Builder<Hashing<W>>,
    members: u64,
}

impl<W: Write> Archive<W> {
    pub(crate) fn new(to: W) -> Self {
        Self {
            tar: Builder::new(Hashing {
                to,
                hash: Sha256::new(),
            }),
            members: 0,
        }
    }

    /// Adds a member of exactly `length` bytes, and gives its place.
    pub(crate) fn add(
        &mut self,
        name: &str,
        mode: u32,
        length: u64,
        bytes: impl Read,
    ) -> io::Result<u64> {
        let mut bytes = bytes.take(length);
        let mut header = header(mode, length);
        self.tar.append_data(&mut header, name, &mut bytes)?;
        if bytes.limit() > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.members += 1;
        Ok(self.members - 1)
    }

    /// Adds a member whatever its header says, as a backup that somebody made up may.
    #[cfg(test)]
    pub(crate) fn add_raw(&mut self, header: &Header, bytes: &[u8]) -> io::Result<()> {
        self.tar.append(header, bytes)?;
        self.members += 1;
        Ok(())
    }

    /// How many members there are by now.
    pub(crate) fn members(&self) -> u64 {
        self.members
    }

    /// Takes over the members of an archive that was written apart.
    pub(crate) fn take_over(&mut self, apart: Archive<File>) -> io::Result<()> {
        let mut file = apart.tar.into_inner()?.to;
        let length = file.stream_position()?;
        file.rewind()?;
        io::copy(&mut file.take(length - EMPTY), self.tar.get_mut())?;
        self.members += apart.members;
        Ok(())
    }

    /// Ends the archive with its checksum.
    pub(crate) fn end(mut self) -> io::Result<()> {
        let sum = self.tar.get_ref().hash.clone().finalize();
        let text = ended_by(&sum);
        self.add(END, 0o600, text.len() as u64, text.as_bytes())?;
        self.tar.into_inner()?.to.flush()
    }
}

/// Whether the last bytes of a file, [`END_BYTES`] of them, end an archive whose other
/// bytes have this checksum.
pub(crate) fn ends(last: &[u8], sum: &[u8]) -> bool {
    end_of(sum).is_ok_and(|end| end == last)
}

/// The bytes that end an archive whose other bytes have this checksum.
pub(crate) fn end_of(sum: &[u8]) -> io::Result<Vec<u8>> {
    let mut end = Archive::new(Vec::new());
    let text = ended_by(sum);
    end.add(END, 0o600, text.len() as u64, text.as_bytes())?;
    Ok(end.tar.into_inner()?.to)
}

fn ended_by(sum: &[u8]) -> String {
    let hex: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{SUM}{hex}\n")
}

/// A plain file of nobody in particular, without a time.
fn header(mode: u32, length: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(length);
    header
}

/// Hashes what passes.
pub(crate) struct Hashing<W> {
    to: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
