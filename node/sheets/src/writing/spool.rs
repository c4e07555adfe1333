//! The records of an export, kept in a file until all of them were seen: which columns a
//! table needs is known only then, and memory stays bounded however many there are.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
};

use bytes::Bytes;

use crate::marks::PROVENANCE_COLUMNS;

/// Where the revision of a row was published. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Whose log it stands in: the publisher's name.
    pub by: String,
    /// The log: its origin.
    pub origin: String,
    /// When it was published, as RFC 3339 has it.
    pub time: String,
    /// The address at which this very revision stays.
    pub address: String,
    /// What its publisher did to the record since, if that takes it back: `withdrawn`,
    /// `superseded` or `erased`; empty where it stands.
    pub taken_back: String,
    /// Why what the record says is not in the row: `filtered` where the site takes no such
    /// records, `not held` where it has not got it; empty where it is there.
    pub payload: String,
}

impl Published {
    /// What it says, in the order of [`PROVENANCE_COLUMNS`].
    pub(crate) fn cells(&self) -> [&str; PROVENANCE_COLUMNS.len()] {
        [
            &self.by,
            &self.origin,
            &self.time,
            &self.address,
            &self.taken_back,
            &self.payload,
        ]
    }
}

/// A record that is to be exported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The exchange's own id, in 32 hexadecimal digits; may be empty.
    pub record_id: String,
    /// The revision that the payload is of; 0 when not known.
    pub revision: u32,
    /// Who published it, where and when.
    pub published: Published,
    /// A number of `wpsx.record.v1.Kind`.
    pub kind: u32,
    /// An encoded `wpsx.record.v1.Record`.
    pub payload: Bytes,
}

pub(super) struct Spool {
    file: BufWriter<File>,
    rows: u64,
    bytes: u64,
}

impl Spool {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::new(tempfile::tempfile()?),
            rows: 0,
            bytes: 0,
        })
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// What the file takes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn push(&mut self, row: &Row) -> io::Result<()> {
        for part in [
            row.record_id.as_bytes(),
            row.published.by.as_bytes(),
            row.published.origin.as_bytes(),
            row.published.time.as_bytes(),
            row.published.address.as_bytes(),
            row.published.taken_back.as_bytes(),
            row.published.payload.as_bytes(),
            &row.revision.to_be_bytes(),
            &row.kind.to_be_bytes(),
            &row.payload,
        ] {
            let length = u32::try_from(part.len()).map_err(io::Error::other)?;
            self.file.write_all(&length.to_be_bytes())?;
            self.file.write_all(part)?;
            self.bytes += 4 + u64::from(length);
        }
        self.rows += 1;
        Ok(())
    }

    /// Hands each record to `take`, from the first to the last.
    pub(super) fn each<E: From<io::Error>>(
        &mut self,
        mut take: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        self.file.flush()?;
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(0))?;
        let mut input = BufReader::with_capacity(256 << 10, file);
        for _ in 0..self.rows {
            take(read(&mut input)?)?;
        }
        Ok(())
    }
}

fn read(input: &mut impl Read) -> io::Result<Row> {
    let mut part = || {
        let mut length = [0; 4];
        input.read_exact(&mut length)?;
        let mut bytes = vec![0; u32::from_be_bytes(length) as usize];
        input.read_exact(&mut bytes)?;
        Ok::<_, io::Error>(bytes)
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(io::Error::other);
    let record_id = text(part()?)?;
    let published = Published {
        by: text(part()?)?,
        origin: text(part()?)?,
        time: text(part()?)?,
        address: text(part()?)?,
        taken_back: text(part()?)?,
        payload: text(part()?)?,
    };
    let mut number = || {
        let bytes: [u8; 4] = part()?
            .try_into()
            .map_err(|_| io::Error::other("a number of another length"))?;
        Ok::<_, io::Error>(u32::from_be_bytes(bytes))
    };
    let (revision, kind) = (number()?, number()?);
    Ok(Row {
        record_id,
        revision,
        published,
        kind,
        payload: part()?.into(),
    })
}
