//! One generation of rows: how it is written, and what is stored of it.

use std::{mem, ops::ControlFlow, sync::Arc};

use prost::encoding::{decode_varint, encode_varint};

use super::{
    Change, Table, TableError,
    batches::Batches,
    blocks::{BLOCK_PART, after, block_key, put_row},
    filter::{Filter, Hashed},
};
use crate::rows::keys::{FILTERS, GENERATIONS, damaged};

/// Filters are stored in parts of so many bytes.
const PART: usize = 8 << 10;

/// Rows in order that never change.
pub(super) struct Generation {
    pub(super) number: u32,
    pub(super) rows: u64,
    pub(super) filter: Filter,
}

impl Generation {
    /// Of which rows may have been written, but it is on no list.
    pub(super) fn unlisted(number: u32) -> Self {
        Self {
            number,
            rows: 0,
            filter: Filter::default(),
        }
    }

    /// Whether rows with this in common are perhaps here.
    pub(super) fn may_have(&self, common: Option<Hashed>) -> bool {
        common.is_none_or(|common| self.filter.may_have(common))
    }
}

/// What of a row's key all rows that are asked for together have in common, if so much of the
/// key is given.
pub(crate) type Common = fn(&[u8]) -> Option<&[u8]>;

/// A generation that is being written.
pub(super) struct Building<'a, 'b> {
    batches: &'a mut Batches<'b>,
    tag: u8,
    area: Vec<u8>,
    common: Common,
    /// The rows of the next block, and the key of the first of them.
    block: Vec<u8>,
    first: Vec<u8>,
    made: Generation,
}

impl<'a, 'b> Building<'a, 'b> {
    /// With this number, of at most so many rows.
    pub(super) fn new(
        batches: &'a mut Batches<'b>,
        (tag, number): (u8, u32),
        common: Common,
        most: u64,
    ) -> Self {
        Self {
            batches,
            tag,
            area: area(tag, number),
            common,
            block: Vec::new(),
            first: Vec::new(),
            made: Generation {
                number,
                rows: 0,
                filter: Filter::of(most),
            },
        }
    }

    /// How many rows it has.
    pub(super) fn rows(&self) -> u64 {
        self.made.rows
    }

    /// Adds the next row.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) -> Result<(), TableError> {
        if self.block.is_empty() {
            self.first = block_key(&self.area, key);
        }
        put_row(&mut self.block, key, value);
        if let Some(common) = (self.common)(key) {
            self.made.filter.add(Hashed::of(common));
        }
        self.made.rows += 1;
        match self.block.len() < BLOCK_PART {
            true => Ok(()),
            false => self.close_block(),
        }
    }

    fn close_block(&mut self) -> Result<(), TableError> {
        if self.block.is_empty() {
            return Ok(());
        }
        let (key, block) = (mem::take(&mut self.first), mem::take(&mut self.block));
        self.batches.push([(key, Some(block))])
    }

    /// Writes the rest of it and its filter, and gives back what it was written with.
    pub(super) fn finish(mut self) -> Result<(Generation, &'a mut Batches<'b>), TableError> {
        self.close_block()?;
        if self.made.rows == 0 {
            return Ok((self.made, self.batches));
        }
        let filter = self.made.filter.to_bytes();
        let area = filter_area(self.tag, self.made.number);
        for (part, bytes) in (0u32..).zip(filter.chunks(PART)) {
            let key = [&area[..], &part.to_be_bytes()].concat();
            self.batches.push([(key, Some(bytes.to_vec()))])?;
        }
        Ok((self.made, self.batches))
    }
}

/// Where the rows of a generation are.
pub(super) fn area(tag: u8, number: u32) -> Vec<u8> {
    [&[tag][..], &number.to_be_bytes()].concat()
}

/// Where its filter is.
fn filter_area(tag: u8, number: u32) -> Vec<u8> {
    [&[FILTERS, tag][..], &number.to_be_bytes()].concat()
}

fn read_filter(table: &dyn Table, tag: u8, number: u32) -> Result<Filter, TableError> {
    let area = filter_area(tag, number);
    let mut bytes = Vec::new();
    table.scan(&area, &after(&area), &mut |_, part| {
        bytes.extend_from_slice(part);
        ControlFlow::Continue(())
    })?;
    Ok(Filter::from_bytes(&bytes))
}

/// The change that stores a list.
pub(super) fn write_list(tag: u8, list: &[Arc<Generation>]) -> Change {
    let mut bytes = Vec::new();
    for generation in list {
        encode_varint(u64::from(generation.number), &mut bytes);
        encode_varint(generation.rows, &mut bytes);
    }
    (vec![GENERATIONS, tag], Some(bytes))
}

/// Reads the stored list. What is not on it is removed.
pub(super) fn read_list(table: &dyn Table, tag: u8) -> Result<Vec<Arc<Generation>>, TableError> {
    let key = [GENERATIONS, tag];
    let stored = table.floor(&key, &key)?;
    let bytes = &mut &*stored.map(|(_, list)| list).unwrap_or_default();
    let mut list = Vec::new();
    while !bytes.is_empty() {
        let mut next = || decode_varint(bytes).map_err(|_| damaged());
        let (number, rows) = (u32::try_from(next()?).map_err(|_| damaged())?, next()?);
        let filter = read_filter(table, tag, number)?;
        list.push(Arc::new(Generation {
            number,
            rows,
            filter,
        }));
    }
    remove_unlisted(table, tag, &list)?;
    Ok(list)
}

/// Removes what a crash left between those on the list, and after them.
fn remove_unlisted(table: &dyn Table, tag: u8, list: &[Arc<Generation>]) -> Result<(), TableError> {
    let mut batches = Batches::new(table);
    for area in [area, filter_area] {
        let mut from = area(tag, 0);
        for generation in list {
            let listed = area(tag, generation.number);
            batches.clear(&from, &listed)?;
            from = after(&listed);
        }
        batches.clear(&from, &area(tag, u32::MAX))?;
    }
    batches.send()
}

/// Removes all that was written of a generation.
pub(super) fn remove(batches: &mut Batches<'_>, tag: u8, number: u32) -> Result<(), TableError> {
    for area in [area(tag, number), filter_area(tag, number)] {
        batches.clear(&area, &after(&area))?;
    }
    Ok(())
}
