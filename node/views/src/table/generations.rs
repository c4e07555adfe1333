//! Rows that come in no order of their own, such as those under record ids, which are random.
//!
//! Written into blocks, each of them would change a block of its own, more of them the more
//! there are. So what a step writes is a generation: sorted, and never changed. Where eight
//! of about one size stand at the end, they are merged to one; of rows with one key the last
//! written counts. A row is written again once for each time that the rows become eight times
//! as many, always beside its neighbours.
//!
//! A filter in memory says of each generation which rows it surely does not have, so that a
//! row is looked for in the one that has it. Generations that are not on the list are what a
//! crash left of one that was being written or removed.

use std::{ops::ControlFlow, sync::Arc};

use parking_lot::{Mutex, RwLock};

use super::{
    Table, TableError,
    batches::Batches,
    blocks::{self, RowChange},
    cursor::Cursor,
    filter::Hashed,
    generation::{Building, Common, Generation, area, read_list, remove, write_list},
};

/// So many of about one size are merged, and sizes differ by as much.
const TOGETHER: usize = 8;

/// The value of a row that is not there any more. Rows have none, or a longer one.
const GONE: &[u8] = &[0];

/// The oldest first.
type List = Arc<Vec<Arc<Generation>>>;

/// All rows under one tag.
pub(crate) struct Generations {
    tag: u8,
    common: Common,
    list: RwLock<List>,
    /// Not on the list any more. Whoever still reads one has it too.
    retired: Mutex<Vec<Arc<Generation>>>,
    /// The greatest number that was ever given.
    last: Mutex<u32>,
}

impl Generations {
    /// Those of `tag` in `table`. What is not on the list is removed.
    pub(crate) fn open(table: &dyn Table, tag: u8, common: Common) -> Result<Self, TableError> {
        let list = read_list(table, tag)?;
        let last = list.iter().map(|generation| generation.number).max();
        Ok(Self {
            tag,
            common,
            list: RwLock::new(Arc::new(list)),
            retired: Mutex::default(),
            last: Mutex::new(last.unwrap_or(0)),
        })
    }

    pub(crate) fn tag(&self) -> u8 {
        self.tag
    }

    /// The value of the row `key`.
    pub(crate) fn lookup(
        &self,
        table: &dyn Table,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, TableError> {
        let list = self.list();
        let common = self.common(key);
        for generation in list.iter().rev() {
            if generation.may_have(common)
                && let Some(value) = blocks::lookup(table, &area(self.tag, generation.number), key)?
            {
                return Ok(Some(value).filter(|value| value != GONE));
            }
        }
        Ok(None)
    }

    /// Calls `visit` with every row whose key starts with `prefix`, in order.
    pub(crate) fn scan(
        &self,
        table: &dyn Table,
        prefix: &[u8],
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let mut list = Vec::clone(&self.list());
        let common = self.common(prefix);
        list.retain(|generation| generation.may_have(common));
        self.merged(table, &list, prefix, |key, value| {
            if !key.starts_with(prefix) {
                return Ok(ControlFlow::Break(()));
            }
            if value != GONE {
                visit(key, value)?;
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Offers the rows named in `changes` to `decide`, with the value they have now, and
    /// writes what it says. Keys come in order, each once.
    pub(crate) fn merge<K: AsRef<[u8]>, C>(
        &self,
        table: &dyn Table,
        batches: &mut Batches<'_>,
        changes: impl IntoIterator<Item = (K, C)>,
        mut decide: impl FnMut(&[u8], C, Option<&[u8]>) -> Result<RowChange, TableError>,
    ) -> Result<(), TableError> {
        let mut rows = Vec::new();
        for (key, change) in changes {
            let now = self.lookup(table, key.as_ref())?;
            match decide(key.as_ref(), change, now.as_deref())? {
                RowChange::Put(value) if now.as_ref() != Some(&value) => rows.push((key, value)),
                RowChange::Remove if now.is_some() => rows.push((key, GONE.to_vec())),
                _ => {}
            }
        }
        self.write(batches, rows)
    }

    /// Writes rows as a generation, whatever was there. Keys come in order, each once.
    pub(crate) fn write<K: AsRef<[u8]>>(
        &self,
        batches: &mut Batches<'_>,
        rows: Vec<(K, Vec<u8>)>,
    ) -> Result<(), TableError> {
        if rows.is_empty() {
            return Ok(());
        }
        let kept = self.list().len();
        self.replace(batches, kept, rows.len() as u64, |building| {
            for (key, value) in &rows {
                building.add(key.as_ref(), value)?;
            }
            Ok(true)
        })?;
        self.remove_retired(batches)
    }

    /// Merges what stands at the end of the list in about one size, until nothing does, or
    /// until it may not go on.
    pub(crate) fn tidy(
        &self,
        table: &dyn Table,
        go_on: &dyn Fn() -> bool,
    ) -> Result<(), TableError> {
        while let Some(kept) = self.due() {
            if !self.merge_from(table, kept, |_| true, go_on)? {
                break;
            }
        }
        Ok(())
    }

    /// Merges all of them, without rows that are gone and those that do not stay.
    pub(crate) fn retain(
        &self,
        table: &dyn Table,
        stays: impl Fn(&[u8]) -> bool,
    ) -> Result<(), TableError> {
        self.merge_from(table, 0, stays, &|| true).map(|_| ())
    }

    /// After how many of the list comes what has to be merged: eight of one size, or with
    /// smaller ones that stand between them.
    fn due(&self) -> Option<usize> {
        let size = |generation: &Generation| generation.rows.max(1).ilog2() / TOGETHER.ilog2();
        let (mut largest, mut many) = (0, 0);
        for (before, generation) in self.list().iter().enumerate().rev() {
            if size(generation) > largest {
                if many >= TOGETHER {
                    return Some(before + 1);
                }
                (largest, many) = (size(generation), 0);
            }
            many += 1;
        }
        (many >= TOGETHER).then_some(0)
    }

    fn merge_from(
        &self,
        table: &dyn Table,
        kept: usize,
        stays: impl Fn(&[u8]) -> bool,
        go_on: &dyn Fn() -> bool,
    ) -> Result<bool, TableError> {
        let merged = self.list().get(kept..).unwrap_or_default().to_vec();
        if merged.is_empty() {
            return Ok(true);
        }
        let most = merged.iter().map(|generation| generation.rows).sum();
        let mut batches = Batches::new(table);
        let replaced = self.replace(&mut batches, kept, most, |building| {
            let mut goes_on = true;
            self.merged(table, &merged, &[], |key, value| {
                // What is gone need not be said where nothing is below.
                if stays(key) && (kept > 0 || value != GONE) {
                    building.add(key, value)?;
                    goes_on = !building.rows().is_multiple_of(1024) || go_on();
                }
                Ok(match goes_on {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                })
            })?;
            Ok(goes_on)
        })?;
        drop(merged);
        if replaced {
            self.remove_retired(&mut batches)?;
            batches.send()?;
        }
        Ok(replaced)
    }

    /// All rows of some generations from `from` on, in order, of those with one key the last
    /// written, until `visit` breaks.
    fn merged(
        &self,
        table: &dyn Table,
        list: &[Arc<Generation>],
        from: &[u8],
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, TableError>,
    ) -> Result<(), TableError> {
        // The newest first.
        let cursors = list.iter().rev();
        let cursors =
            cursors.map(|generation| Cursor::at(table, &area(self.tag, generation.number), from));
        let mut cursors = cursors.collect::<Result<Vec<_>, TableError>>()?;
        let mut written = Vec::new();
        loop {
            cursors.retain(|cursor| cursor.row().is_some());
            let heads = cursors.iter().filter_map(Cursor::row);
            // Of equal ones the first, which is the newest.
            let Some((key, value)) = heads.min_by(|(a, _), (b, _)| a.cmp(b)) else {
                return Ok(());
            };
            if visit(key, value)?.is_break() {
                return Ok(());
            }
            written.clear();
            written.extend_from_slice(key);
            for cursor in &mut cursors {
                if cursor.row().is_some_and(|(key, _)| *key == *written) {
                    cursor.advance(table)?;
                }
            }
        }
    }

    /// Puts what `fill` writes in the place of all but the first `kept` of the list, unless it
    /// says that this is not the whole.
    fn replace(
        &self,
        batches: &mut Batches<'_>,
        kept: usize,
        most: u64,
        fill: impl FnOnce(&mut Building<'_, '_>) -> Result<bool, TableError>,
    ) -> Result<bool, TableError> {
        let number = {
            let mut last = self.last.lock();
            *last += 1;
            *last
        };
        let mut building = Building::new(batches, (self.tag, number), self.common, most);
        let listed = fill(&mut building).and_then(|whole| match whole {
            true => self.list_it(building, kept).map(|()| true),
            false => Ok(false),
        });
        if !matches!(listed, Ok(true)) {
            let left = Generation::unlisted(number);
            self.retired.lock().push(Arc::new(left));
        }
        listed
    }

    fn list_it(&self, building: Building<'_, '_>, kept: usize) -> Result<(), TableError> {
        let list = self.list();
        let (made, batches) = building.finish()?;
        let mut next: Vec<_> = list.iter().take(kept).cloned().collect();
        if made.rows > 0 {
            next.push(Arc::new(made));
        }
        batches.push([write_list(self.tag, &next)])?;
        batches.send()?;
        *self.list.write() = Arc::new(next);
        self.retired.lock().extend(list.iter().skip(kept).cloned());
        Ok(())
    }

    /// Removes what nobody reads any more. Not before a list was written: what was tried in
    /// vain may be on the stored one until then.
    fn remove_retired(&self, batches: &mut Batches<'_>) -> Result<(), TableError> {
        let mut unread = Vec::new();
        self.retired.lock().retain(|generation| {
            let read = Arc::strong_count(generation) > 1;
            if !read {
                unread.push(generation.number);
            }
            read
        });
        let mut numbers = unread.into_iter();
        numbers.try_for_each(|number| remove(batches, self.tag, number))
    }

    fn common(&self, key: &[u8]) -> Option<Hashed> {
        (self.common)(key).map(Hashed::of)
    }

    fn list(&self) -> List {
        Arc::clone(&self.list.read())
    }
}
