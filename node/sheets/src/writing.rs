//! Files of records out: CSV, XLSX and JSON Lines that come back as they went.
//!
//! An [`Export`] takes records one by one and keeps them in a file; once all were seen it
//! writes them under the columns that they need. Every row carries the record's id and
//! the revision it was made from, so that an import finds the record again and notices
//! that somebody else was faster. Nothing that a record says is left out: what no columns
//! can hold stands in a cell of its own, in JSON, and what this software does not know is
//! counted and told.

mod csv_file;
mod fixed;
mod flat;
mod joined;
mod json_lines;
mod layout;
#[cfg(test)]
mod made_up;
mod of_record;
mod outcome;
mod parts;
mod safe;
mod spool;
mod table;
mod xlsx_file;

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::Path,
};

use wpsx_proto::record::Kind;

pub(crate) use self::{csv_file::CsvTable, of_record::OfRecord, safe::made_safe};
pub use self::{
    fixed::FixedTable,
    outcome::{Bounds, ExportError, Exported, Written},
    parts::PartsTable,
    spool::{Published, Row},
};
use self::{flat::Flattener, layout::Layout, spool::Spool, table::Tables};
use crate::{marks::PROVENANCE_COLUMNS, shape::Shape};

/// Records on their way into a file.
pub struct Export {
    form: Written,
    spool: Spool,
    kinds: BTreeMap<u32, u64>,
    exported: Exported,
    readme: Vec<[String; 2]>,
    /// Of each column about the publishing: some row fills it.
    says_where: [bool; PROVENANCE_COLUMNS.len()],
    bounds: Bounds,
    takes_kinds: bool,
    is_wanted: Box<dyn Fn() -> bool + Send>,
}

impl Export {
    /// An export without records.
    ///
    /// # Errors
    ///
    /// There is no place for a file of its own.
    pub fn new(form: Written) -> Result<Self, ExportError> {
        Ok(Self {
            form,
            spool: Spool::new()?,
            kinds: BTreeMap::new(),
            exported: Exported::default(),
            readme: Vec::new(),
            says_where: Default::default(),
            bounds: Bounds::default(),
            takes_kinds: false,
            is_wanted: Box::new(|| true),
        })
    }

    /// One that takes no more than this.
    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    /// One that takes records of several kinds: its table has what all kinds have, as
    /// [`FixedTable::of_all`], unless the records turn out to be of one kind.
    #[must_use]
    pub fn of_all(self) -> Self {
        Self {
            takes_kinds: true,
            ..self
        }
    }

    /// One that ends between two records when this says that nobody waits for it any more.
    #[must_use]
    pub fn while_wanted(self, is_wanted: impl Fn() -> bool + Send + 'static) -> Self {
        let is_wanted = Box::new(is_wanted);
        Self { is_wanted, ..self }
    }

    /// What a workbook says of itself on its last sheet, which no import reads: a word
    /// and what there is to say of it.
    pub fn explain(&mut self, readme: Vec<[String; 2]>) {
        self.readme = readme;
    }

    /// Takes one more record.
    ///
    /// # Errors
    ///
    /// The disk is full, or the records are more than they may be.
    pub fn add(&mut self, row: &Row) -> Result<(), ExportError> {
        if Shape::of(Kind::new(row.kind)).is_none() {
            self.exported.newer_kinds += 1;
            return Ok(());
        }
        *self.kinds.entry(row.kind).or_default() += 1;
        self.exported.publishers.insert(row.published.by.clone());
        for (is_said, cell) in self.says_where.iter_mut().zip(row.published.cells()) {
            *is_said |= !cell.is_empty();
        }
        self.spool.push(row)?;
        match self.spool.bytes() > self.bounds.bytes {
            true => Err(ExportError::TooLarge {
                most: self.bounds.bytes,
            }),
            false => Ok(()),
        }
    }

    /// Writes the file, and those beside it, or none. What an earlier export has left beside
    /// it is taken away: an import would read it.
    ///
    /// # Errors
    ///
    /// What the form cannot hold, or that the disk is full.
    pub fn write_to(mut self, path: &Path) -> Result<Exported, ExportError> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut files = Vec::new();
        if self.form == Written::JsonLines {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            self.lines(&mut file)?;
            files.push((path.to_owned(), file));
        } else {
            let mut tables = Tables::new(self.form, path, folder, self.bounds.rows);
            self.tables(&mut tables)?;
            tables.explain(&self.readme)?;
            files = tables.finish()?;
        }
        for (path, file) in files {
            let kept = file.persist(&path).map_err(|error| error.error)?;
            kept.sync_all()?;
            readable_by_others(&path)?;
            self.exported.files.push(path);
        }
        for stale in self.form.beside(path) {
            if !self.exported.files.contains(&stale) && stale.exists() {
                fs::remove_file(&stale)?;
            }
        }
        Ok(self.finish())
    }

    /// Writes into something that is no file. Lists stand in cells then, for there is no
    /// place beside it.
    ///
    /// # Errors
    ///
    /// As [`Self::write_to`]; a workbook needs a file.
    pub fn write_into(mut self, out: &mut dyn Write) -> Result<Exported, ExportError> {
        match self.form {
            Written::Xlsx => return Err(ExportError::NeedsFile),
            Written::JsonLines => self.lines(out)?,
            Written::Csv => {
                let mut tables = Tables::into_one(out);
                self.tables(&mut tables)?;
                tables.finish()?;
            }
        }
        out.flush()?;
        Ok(self.finish())
    }

    fn finish(mut self) -> Exported {
        self.exported.records = self.spool.rows();
        self.exported
    }

    fn lines(&mut self, out: &mut dyn Write) -> Result<(), ExportError> {
        let unread = &mut self.exported.with_unread;
        self.spool.each(|row| {
            *unread += u64::from(json_lines::write(&row, out)?);
            Ok(())
        })
    }

    fn tables(&mut self, tables: &mut Tables<'_>) -> Result<(), ExportError> {
        let is_mixed = self.kinds.len() > 1;
        if is_mixed && !self.takes_kinds {
            let named = |(kind, count): (&u32, &u64)| (Kind::new(*kind).to_string(), *count);
            return Err(ExportError::Kinds(self.kinds.iter().map(named).collect()));
        }
        let flattener = |kind: &u32| {
            let shape = Shape::of(Kind::new(*kind))?;
            let of_it = match is_mixed {
                true => Flattener::of_shared(shape),
                false => Flattener::new(shape),
            };
            Some((*kind, of_it))
        };
        let mut flatteners: BTreeMap<_, _> = self.kinds.keys().filter_map(flattener).collect();
        let mut layout = Layout::default();
        let is_wanted = &self.is_wanted;
        let mut flat = |row: &Row| {
            if !is_wanted() {
                return Err(ExportError::Unwanted);
            }
            let wrong = |reason| ExportError::Record {
                record: row.record_id.clone(),
                reason,
            };
            match flatteners.get_mut(&row.kind) {
                Some(flattener) => flattener.record(&row.payload).map_err(wrong),
                None => Err(wrong("its kind is not known".to_owned())),
            }
        };
        let unread = &mut self.exported.with_unread;
        self.spool.each(|row| {
            let record = flat(&row)?;
            *unread += u64::from(record.has_unread);
            layout.add(&record);
            Ok::<_, ExportError>(())
        })?;
        layout.settle(tables.takes_more());
        let mut kinds = self
            .kinds
            .keys()
            .filter_map(|kind| Shape::of(Kind::new(*kind)));
        let of_kind = kinds.next().filter(|_| !is_mixed);
        tables.say_of_records(of_kind.as_ref(), &layout);
        self.exported.beside = layout.sheets().into_iter().map(|(name, _)| name).collect();
        let filled = PROVENANCE_COLUMNS.iter().zip(self.says_where);
        let filled = filled.filter_map(|(name, is_said)| is_said.then_some(*name));
        tables.start(&layout, &filled.collect::<Vec<_>>(), self.spool.rows())?;
        self.spool.each(|row| {
            let record = flat(&row)?;
            let external_id = record.external_id.clone();
            tables.row(&row, &external_id, layout.place(record))
        })
    }
}

/// Like any file that a person makes: a temporary one is its maker's alone.
fn readable_by_others(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = (path, fs::metadata(path)?);
    Ok(())
}
