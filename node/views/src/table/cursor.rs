//! The rows of an area, one after the other.

use std::ops::{ControlFlow, Range};

use prost::encoding::encoded_len_varint;

use super::{
    Table, TableError,
    blocks::{Rows, after, block_key},
};

/// First one block is read, for who wants a row or two; whoever goes on gets more and more at
/// once, up to so many bytes.
const AT_ONCE: usize = 64 << 10;

/// Stands at a row of an area.
pub(crate) struct Cursor {
    /// Where the next blocks are.
    next: Vec<u8>,
    end: Vec<u8>,
    /// Whole blocks, and how far they were read.
    blocks: Vec<u8>,
    read: usize,
    /// So many bytes are read next.
    at_once: usize,
    /// The key and the value of the row here, in the blocks.
    here: Option<(Range<usize>, Range<usize>)>,
}

impl Cursor {
    /// At the first row that is not below `from`.
    pub(crate) fn at(table: &dyn Table, area: &[u8], from: &[u8]) -> Result<Self, TableError> {
        let wanted = block_key(area, from);
        let first = table.floor(area, &wanted)?.map_or(wanted, |(key, _)| key);
        let mut cursor = Self {
            next: first,
            end: after(area),
            blocks: Vec::new(),
            read: 0,
            at_once: 1,
            here: None,
        };
        cursor.advance(table)?;
        while cursor.row().is_some_and(|(key, _)| key < from) {
            cursor.advance(table)?;
        }
        Ok(cursor)
    }

    /// The row here; none: there is no more.
    pub(crate) fn row(&self) -> Option<(&[u8], &[u8])> {
        let (key, value) = self.here.clone()?;
        Some((self.blocks.get(key)?, self.blocks.get(value)?))
    }

    /// Goes to the next row.
    pub(crate) fn advance(&mut self, table: &dyn Table) -> Result<(), TableError> {
        if self.read == self.blocks.len() {
            self.fill(table)?;
        }
        let mut rows = Rows(self.blocks.get(self.read..).unwrap_or_default());
        let row = rows.next()?.map(|(key, value)| (key.len(), value.len()));
        self.read = self.blocks.len() - rows.0.len();
        self.here = row.map(|(key, value)| {
            let value = self.read - value..self.read;
            let length = encoded_len_varint(value.len() as u64);
            let key = value.start - length - key..value.start - length;
            (key, value)
        });
        Ok(())
    }

    fn fill(&mut self, table: &dyn Table) -> Result<(), TableError> {
        self.blocks.clear();
        self.read = 0;
        let (blocks, at_once, mut last) = (&mut self.blocks, self.at_once, None);
        table.scan(&self.next, &self.end, &mut |key, block| {
            blocks.extend_from_slice(block);
            last = Some(key.to_vec());
            match blocks.len() < at_once {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        })?;
        self.at_once = AT_ONCE.min(4 * self.blocks.len());
        if let Some(mut last) = last {
            last.push(0);
            self.next = last;
        }
        Ok(())
    }
}
