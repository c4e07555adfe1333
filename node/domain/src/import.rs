//! Files of records: CSV and JSON become drafts that a publisher can sign.
//!
//! Nothing is known here about any one kind: the header row names field paths of
//! the schema, or a profile says how the columns of a known file become fields.
//! A row that is not sound is named with file, line, column and reason; all of
//! them are, and then nothing of the file goes in. The same row always gives the
//! same bytes, so that importing a file twice changes nothing.

mod profile;
mod rows;
mod target;

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    fmt,
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
    sync::Arc,
};

use wpsx_proto::{
    api::{admin::v1::Draft, record::v1 as api},
    record::{Kind, Record},
};

use self::{
    profile::{JoinedRow, Mapper, Profile},
    rows::{Cell, Content, Row},
};

/// Records of one import: more are split into several files.
pub const MAX_ROWS: usize = 100_000;
/// Bad rows that are named; more are counted.
pub const MAX_NAMED: usize = 100;

/// How a file is read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The name of a shipped profile, or the path of a TOML file; none: the one
    /// that the columns tell, or else field paths.
    pub profile: Option<String>,
    /// The kind of all rows, for a file of field paths without a column `kind`.
    pub kind: Option<Kind>,
    /// Mark every record as held in custody for its countries, or else its organisations.
    pub in_custody: bool,
}

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// One for each record, in the order of the file.
    pub drafts: Vec<Draft>,
    /// Rows that the profile leaves out, such as those of other kinds.
    pub skipped: usize,
    /// What someone who imports should know, in sentences.
    pub remarks: Vec<String>,
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Rows of cells under a header row; comma, semicolon or tab between them.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// A list of JSON objects, alone or under `records`.
    Json,
}

impl Format {
    /// The form that a file's name tells.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// One thing wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Another file than the one that is imported.
    pub file: Option<String>,
    /// Counted from 1.
    pub line: u64,
    /// The column's name, the field's path, or a position in the line; may be empty.
    pub column: String,
    /// What is wrong.
    pub reason: String,
}

impl BadRow {
    fn new(line: u64, column: &str, reason: impl Into<String>) -> Self {
        Self {
            file: None,
            line,
            column: column.to_owned(),
            reason: reason.into(),
        }
    }
}

/// Why nothing of a file went in.
#[derive(Debug, thiserror::Error)]
pub enum ImportErrors {
    /// The file cannot be opened.
    #[error("cannot open {file}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The caller asks for what there is not.
    #[error("{0}")]
    Usage(String),
    /// Rows that are not sound.
    #[error(fmt = list_bad)]
    Rows {
        /// The file.
        file: String,
        /// The first hundred, in the order of the file.
        bad: Vec<BadRow>,
        /// How many there are in all.
        count: usize,
    },
}

fn list_bad(
    file: &String,
    bad: &[BadRow],
    count: &usize,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (at, row) in bad.iter().enumerate() {
        if at > 0 {
            f.write_str("\n")?;
        }
        write!(f, "{}:{}:", row.file.as_ref().unwrap_or(file), row.line)?;
        if !row.column.is_empty() {
            write!(f, "{}:", row.column)?;
        }
        write!(f, " {}", row.reason)?;
    }
    if *count > bad.len() {
        write!(f, "\n… and {} more", count - bad.len())?;
    }
    Ok(())
}

/// Reads a file into drafts.
///
/// # Errors
///
/// When it cannot be opened, or when any of its rows is not sound.
pub fn read_file(path: &Path, options: &Options) -> Result<Vec<Draft>, ImportErrors> {
    read(path, options).map(|imported| imported.drafts)
}

/// Reads a file into drafts, and tells what was left out.
///
/// # Errors
///
/// As [`read_file`].
pub fn read(path: &Path, options: &Options) -> Result<Imported, ImportErrors> {
    let file = path.display().to_string();
    let format = Format::of(path).ok_or_else(|| {
        ImportErrors::Usage(format!(
            "{file}: the name does not tell what it is; known are .csv, .tsv, .jsonl and .json"
        ))
    })?;
    let open = |path: &Path| {
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::other("it is a directory"));
        }
        Ok(Box::new(BufReader::with_capacity(64 << 10, file)) as Box<dyn BufRead>)
    };
    let input = open(path).map_err(|source| ImportErrors::Unreadable {
        file: file.clone(),
        source,
    })?;
    read_from(
        &file,
        format,
        input,
        options,
        &|name| match open(&path.with_file_name(name)) {
            Ok(input) => Ok(Some(input)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        },
    )
}

/// Opens the file of that name beside the one that is read; none when there is none.
pub type Beside<'a> = dyn Fn(&str) -> io::Result<Option<Box<dyn BufRead + 'a>>> + 'a;

/// Reads from anything; `file` is the name in messages.
///
/// # Errors
///
/// As [`read_file`].
pub fn read_from<'a>(
    file: &str,
    format: Format,
    input: Box<dyn BufRead + 'a>,
    options: &Options,
    beside: &Beside<'a>,
) -> Result<Imported, ImportErrors> {
    let mut reading = Reading {
        file,
        options,
        ids: HashMap::new(),
        bad: Vec::new(),
        count: 0,
        imported: Imported::default(),
    };
    let rows = match rows::open(format, input) {
        Ok(rows) => rows,
        Err(bad) => return Err(reading.refused(bad)),
    };
    reading.read_all(rows, beside)?;
    if reading.count > 0 {
        return Err(ImportErrors::Rows {
            file: file.to_owned(),
            bad: reading.bad,
            count: reading.count,
        });
    }
    Ok(reading.imported)
}

/// Marks a record as kept for its countries, or else for its organisations.
pub fn hold_in_custody(record: &mut api::Record) {
    let bodies = if record.countries.is_empty() {
        record.organisations.clone()
    } else {
        Vec::new()
    };
    record.custody = Some(api::Custody {
        countries: record.countries.clone(),
        bodies,
        ..Default::default()
    });
}

/// A checked record as a draft that the publisher's log looks up by its external id.
#[must_use]
pub fn draft(record: &Record) -> Draft {
    Draft {
        record_id: bytes::Bytes::new(),
        kind: record.kind().number(),
        payload: record.payload().clone(),
        external_id: record.message().external_id.clone(),
    }
}

struct Reading<'a> {
    file: &'a str,
    options: &'a Options,
    /// The line where each external id stands.
    ids: HashMap<String, u64>,
    bad: Vec<BadRow>,
    count: usize,
    imported: Imported,
}

/// How rows become records.
enum Way {
    /// Objects that are records in the schema's own JSON form.
    Records,
    /// By a profile, with the rows that are joined to each key.
    Profile(Box<Mapper>, Joined),
    /// By field paths: one mapping for each kind.
    /// None for a kind that the header row does not fit, which was reported.
    Paths(HashMap<Kind, Option<Mapper>>),
}

#[derive(Default)]
struct Joined {
    rows: HashMap<String, Vec<JoinedRow>>,
    /// Keys that a row of the file has taken.
    taken: HashSet<String>,
}

impl Reading<'_> {
    fn refuse(&mut self, bad: BadRow) {
        self.count += 1;
        if self.bad.len() < MAX_NAMED {
            self.bad.push(bad);
        }
    }

    fn refused(&self, bad: BadRow) -> ImportErrors {
        ImportErrors::Rows {
            file: self.file.to_owned(),
            bad: vec![bad],
            count: 1,
        }
    }

    fn read_all<'a>(
        &mut self,
        rows: rows::Rows<'a>,
        beside: &Beside<'a>,
    ) -> Result<(), ImportErrors> {
        let mut way = None;
        for (at, row) in rows.enumerate() {
            if at >= MAX_ROWS {
                let line = row.map_or_else(|bad| bad.line, |row| row.line);
                let reason = format!("more than {MAX_ROWS} rows; split the file");
                return Err(self.refused(BadRow::new(line, "", reason)));
            }
            let row = match row {
                Ok(row) => row,
                Err(bad) => {
                    self.refuse(bad);
                    continue;
                }
            };
            if way.is_none() {
                way = Some(self.choose(&row, beside)?);
            }
            if let Some(way) = &mut way {
                self.read_row(way, row);
            }
        }
        if let Some(Way::Profile(mapper, joined)) = &way {
            self.report_leftover(mapper, joined);
        }
        if way.is_none() && self.count == 0 {
            return Err(self.refused(BadRow::new(1, "", "the file holds no rows")));
        }
        Ok(())
    }

    /// The first row decides for the file.
    fn choose<'a>(&mut self, row: &Row, beside: &Beside<'a>) -> Result<Way, ImportErrors> {
        let own;
        let cells = match &row.content {
            Content::Cells(cells) => Some(cells.as_slice()),
            Content::Object(object) => {
                own = rows::cells_of(row.line, object).ok();
                own.as_deref()
            }
        };
        let profile = match &self.options.profile {
            Some(name) => Some(self.named_profile(name)?),
            None => cells.and_then(Profile::told_by).cloned(),
        };
        let Some(profile) = profile else {
            return Ok(match &row.content {
                Content::Cells(_) => Way::Paths(HashMap::new()),
                Content::Object(_) => Way::Records,
            });
        };
        let mapper = Mapper::new(profile.clone()).map_err(|wrong| {
            let reasons: Vec<String> = wrong
                .iter()
                .map(|(field, reason)| format!("profile {}: {field}: {reason}", profile.name))
                .collect();
            ImportErrors::Usage(reasons.join("\n"))
        })?;
        if let Content::Cells(cells) = &row.content
            && let Some(column) = mapper.unused(cells)
        {
            let reason = format!("the profile {} does not know this column", profile.name);
            return Err(self.refused(BadRow::new(1, column, reason)));
        }
        let joined = self.join(&profile, beside)?;
        Ok(Way::Profile(Box::new(mapper), joined))
    }

    fn named_profile(&self, name: &str) -> Result<Profile, ImportErrors> {
        if let Some(profile) = Profile::named(name) {
            return Ok(profile.clone());
        }
        if !name.ends_with(".toml") {
            return Err(ImportErrors::Usage(format!(
                "there is no profile {name:?}; known are {}, or the path of a .toml file",
                Profile::names().join(", ")
            )));
        }
        let text = std::fs::read_to_string(name).map_err(|source| ImportErrors::Unreadable {
            file: name.to_owned(),
            source,
        })?;
        Profile::parse(&text).map_err(|reason| ImportErrors::Usage(format!("{name}: {reason}")))
    }

    fn join<'a>(&mut self, profile: &Profile, beside: &Beside<'a>) -> Result<Joined, ImportErrors> {
        let mut joined = Joined::default();
        let Some(join) = &profile.join else {
            return Ok(joined);
        };
        let unreadable = |source| ImportErrors::Unreadable {
            file: join.file.clone(),
            source,
        };
        let in_file = |mut bad: BadRow| {
            bad.file = Some(join.file.clone());
            bad
        };
        let Some(input) = beside(&join.file).map_err(unreadable)? else {
            let remark = format!("{} is not beside the file: nothing was joined", join.file);
            self.imported.remarks.push(remark);
            return Ok(joined);
        };
        let format = Format::of(Path::new(&join.file)).unwrap_or(Format::Csv);
        let rows = rows::open(format, input).map_err(|bad| self.refused(in_file(bad)))?;
        for row in rows.take(MAX_ROWS) {
            let Row { line, content } = match row {
                Ok(row) => row,
                Err(bad) => {
                    self.refuse(in_file(bad));
                    continue;
                }
            };
            let cells = match content {
                Content::Cells(cells) => Ok(cells),
                Content::Object(object) => rows::cells_of(line, &object),
            };
            match cells {
                Err(bad) => self.refuse(in_file(bad)),
                Ok(cells) => {
                    let key = key_of(&cells, &join.key);
                    let row = JoinedRow { line, cells };
                    joined.rows.entry(key).or_default().push(row);
                }
            }
        }
        Ok(joined)
    }

    /// A row that joins nothing is a slip in one of the two files.
    fn report_leftover(&mut self, mapper: &Mapper, joined: &Joined) {
        let mut left: Vec<BadRow> = Vec::new();
        for (key, rows) in &joined.rows {
            if joined.taken.contains(key) {
                continue;
            }
            for row in rows {
                let (file, column) = mapper.joined_file().unwrap_or_default();
                let reason = format!("{} has no row with {key:?}", self.file);
                let mut bad = BadRow::new(row.line, &column, reason);
                bad.file = Some(file);
                left.push(bad);
            }
        }
        left.sort_by_key(|bad| bad.line);
        for bad in left {
            self.refuse(bad);
        }
    }

    fn read_row(&mut self, way: &mut Way, row: Row) {
        match self.record(way, &row) {
            Ok(None) => self.imported.skipped += 1,
            Ok(Some(record)) => self.take(row.line, record),
            Err(bad) => bad.into_iter().for_each(|bad| self.refuse(bad)),
        }
    }

    fn record(&self, way: &mut Way, row: &Row) -> Result<Option<Record>, Vec<BadRow>> {
        let line = row.line;
        let cells = |content: &Content| match content {
            Content::Cells(cells) => Ok(cells.clone()),
            Content::Object(object) => rows::cells_of(line, object).map_err(|bad| vec![bad]),
        };
        match way {
            Way::Records => match &row.content {
                Content::Object(object) => read_object(line, object).map(Some),
                Content::Cells(_) => Err(vec![BadRow::new(line, "", "is no JSON object")]),
            },
            Way::Profile(mapper, joined) => {
                let cells = cells(&row.content)?;
                if !mapper.wants(&cells) {
                    return Ok(None);
                }
                if let Some(column) = mapper.unused(&cells) {
                    let reason = "the profile does not know this column";
                    return Err(vec![BadRow::new(line, column, reason)]);
                }
                let key = mapper.join_key(&cells).unwrap_or_default();
                let rows = joined.rows.get(&key).map_or(&[][..], Vec::as_slice);
                joined.taken.insert(key);
                mapper.record(line, &cells, rows).map(Some)
            }
            Way::Paths(mappers) => {
                let cells = cells(&row.content)?;
                let kind = self.kind_of(line, &cells).map_err(|bad| vec![bad])?;
                if let Entry::Vacant(new) = mappers.entry(kind) {
                    let mapper = Mapper::new(Profile::of_paths(kind, &cells));
                    let (mapper, wrong) = match mapper {
                        Ok(mapper) => (Some(mapper), Vec::new()),
                        Err(wrong) => (None, wrong),
                    };
                    new.insert(mapper);
                    if !wrong.is_empty() {
                        let bad =
                            |(column, reason): (String, String)| BadRow::new(1, &column, reason);
                        return Err(wrong.into_iter().map(bad).collect());
                    }
                }
                match mappers.get(&kind) {
                    Some(Some(mapper)) => mapper.record(line, &cells, &[]).map(Some),
                    _ => Ok(None),
                }
            }
        }
    }

    fn kind_of(&self, line: u64, cells: &[(Arc<str>, Cell)]) -> Result<Kind, BadRow> {
        let said = key_of(cells, "kind");
        if said.is_empty() {
            let names: Vec<String> = Kind::known().map(|kind| kind.to_string()).collect();
            return self.options.kind.ok_or_else(|| {
                let reason = format!("is missing; known are {}", names.join(", "));
                BadRow::new(line, "kind", reason)
            });
        }
        let kind: Kind = said
            .parse()
            .map_err(|error| BadRow::new(line, "kind", format!("{error}")))?;
        if !kind.is_known() {
            let reason = format!("{kind} needs newer software");
            return Err(BadRow::new(line, "kind", reason));
        }
        match self.options.kind {
            Some(other) if other != kind => {
                let reason = format!("is {kind} here and {other} on the command line");
                Err(BadRow::new(line, "kind", reason))
            }
            _ => Ok(kind),
        }
    }

    fn take(&mut self, line: u64, record: Record) {
        let record = if self.options.in_custody {
            let mut message = record.message().clone();
            hold_in_custody(&mut message);
            match Record::new(message) {
                Ok(record) => record,
                Err(error) => return self.refuse(BadRow::new(line, &error.field, error.reason)),
            }
        } else {
            record
        };
        let draft = draft(&record);
        if let Some(first) = self.ids.get(&draft.external_id) {
            let reason = format!("{:?} stands in line {first} too", draft.external_id);
            return self.refuse(BadRow::new(line, "external_id", reason));
        }
        self.ids.insert(draft.external_id.clone(), line);
        // Once a row is bad, the others are only checked.
        if self.count == 0 {
            self.imported.drafts.push(draft);
        }
    }
}

fn read_object(line: u64, object: &str) -> Result<Record, Vec<BadRow>> {
    let record = Record::from_json(object).map_err(|error| {
        let (further, column, reason) = split_place(&error.reason);
        vec![BadRow::new(line + further, column, reason)]
    })?;
    if record.message().external_id.is_empty() {
        let reason = "is missing; a second import finds the record by it";
        return Err(vec![BadRow::new(line, "external_id", reason)]);
    }
    record.check().map_err(|errors| {
        errors
            .into_iter()
            .map(|error| BadRow::new(line, &error.field, error.reason))
            .collect::<Vec<_>>()
    })?;
    Ok(record)
}

/// `reason at line 1 column 7` as lines further down, column and reason.
fn split_place(text: &str) -> (u64, &str, &str) {
    let place = text.rfind(" at line ").and_then(|at| {
        let (line, column) = text[at + " at line ".len()..].split_once(" column ")?;
        let line: u64 = line.parse().ok()?;
        Some((line.saturating_sub(1), column, &text[..at]))
    });
    place.unwrap_or((0, "", text))
}

fn key_of(cells: &[(Arc<str>, Cell)], column: &str) -> String {
    match cells.iter().find(|(name, _)| **name == *column) {
        Some((_, Cell::Text(text))) => text.clone(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
