//! One file from its first row to its last.

mod beside;
mod joining;
mod object;
mod sheets;
mod start;
mod state;
mod taking;
mod way;

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
    io::BufRead,
    sync::Arc,
};

use wpsx_proto::record::Kind;

use self::{
    object::read_object,
    start::id_of,
    state::Reading,
    way::{Partly, Read, RowGroups, Way, made, profiled},
};
use super::{
    absent::absent,
    bad::{BadRow, JSON_REMEDY},
    cells::{Cell, key_of},
    context::OfRecords,
    errors::ImportErrors,
    examine::Examiner,
    folding,
    foreign::Foreign,
    format::Format,
    found::Finds,
    grid::MAX_ROWS,
    groups::Groups,
    imported::Imported,
    input,
    joins::{CellRow, Joined},
    json, kinds,
    mapper::Mapper,
    marks::{KIND_COLUMN, RECORD_ID_COLUMN, REVISION_COLUMN, is_example},
    names::{self, Renamed},
    options::{Beside, Options},
    profile::Profile,
    row::{Content, Opened, Opening, Row, Rows},
    rows, shipped, undecided,
    whereabouts::{ColumnOf, Whereabouts},
};
use wpsx_domain::publishing::{Draft, Extent};
use wpsx_words::Words;

/// What to do about a column that a profile does not know.
const UNUSED_REMEDY: &str = "say in the profile where it goes, or list it under [[ignored]]";

/// Said of a file whose columns are no fields.
const IDS_ALONE: &str = "the file has its records' ids alone and says nothing else of them";

/// What to do about rows without a kind.
const KIND_REMEDY: &str = "say it with --kind, or in a column";

/// Beside the exchange's own id, the source's is something that a row says.
fn says_nothing(draft: &Draft) -> bool {
    match draft.record_id {
        None => draft.extent.is_of_id_alone(),
        Some(_) => draft.extent == Extent::Fields(Vec::new()),
    }
}

/// What is wrong with them.
fn no_kind() -> String {
    let names: Vec<String> = Kind::known().map(|kind| kind.to_string()).collect();
    format!("is missing; known are {}", names.join(", "))
}

/// Reads from anything; `file` is the name in messages.
///
/// # Errors
///
/// As [`read_file`](super::read_file).
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
        encoding: None,
        bad: Vec::new(),
        count: 0,
        imported: Imported::default(),
        finds: Finds::by(options.vocabularies.clone()),
        kind: options.kind,
        groups: Groups::default(),
        renamed: Renamed::default(),
        columns: Vec::new(),
        header: 1,
        refused: HashSet::new(),
        sheet: String::new(),
        examiner: Examiner::default(),
        undecided: Vec::new(),
        way: None,
        foreign: Foreign::default(),
        of_records: OfRecords::default(),
        lists: BTreeMap::new(),
        kept: None,
        has_points: false,
    };
    let named = match &options.profile {
        Some(name) => Some(reading.named_profile(name)?),
        None => None,
    };
    let encoding = options.encoding.as_deref().map(input::encoding).transpose();
    let encoding = encoding.map_err(ImportErrors::Usage)?;
    reading.encoding = encoding;
    if options.keep_table && !matches!(format, Format::Csv | Format::Workbook) {
        let reason = "ids are written into tables; this file is JSON";
        return Err(ImportErrors::Usage(reason.to_owned()));
    }
    let mapped: HashSet<String> = match &named {
        Some(profile) => profile.known().map(folding::folded).collect(),
        None => shipped::telling().map(folding::folded).collect(),
    };
    let known = RefCell::new(HashMap::new());
    let knows = |header: &str| {
        let found = || mapped.contains(&folding::folded(header)) || names::is_known(header);
        *known
            .borrow_mut()
            .entry(header.to_owned())
            .or_insert_with(found)
    };
    let opening = Opening {
        encoding,
        sheet: options.sheet.as_deref(),
        workbooks: &options.workbooks,
        knows: &knows,
        keep: options.keep_table,
    };
    let opened = match rows::open(format, input, &opening) {
        Ok(opened) => opened,
        Err(bad) => return Err(reading.refused(bad)),
    };
    let rows = reading.take_in(opened, &opening);
    reading.read_all(rows, named, beside)?;
    reading.finished()
}

impl Reading<'_> {
    /// What an opened file says beside its rows.
    fn take_in<'a>(&mut self, opened: Opened<'a>, opening: &Opening<'_>) -> Rows<'a> {
        for said in opened.said {
            self.finds.say(said);
        }
        for _ in 0..opened.dates {
            self.finds.read_as("a date cell", "year-month-day");
        }
        let mut bad = Vec::new();
        let opening = Opening {
            keep: false,
            ..*opening
        };
        self.groups = Groups::read(
            (self.file, opened.others),
            &opening,
            &mut self.finds,
            &mut bad,
        );
        bad.into_iter().for_each(|bad| self.refuse(bad));
        opened.bad.into_iter().for_each(|bad| self.refuse(bad));
        self.header = opened.header;
        self.has_points = opened.has_points;
        self.finds.numbers.turn_to(None, opened.has_points);
        self.kept = opened.kept;
        self.columns = opened.columns;
        self.sheet.clone_from(&opened.sheet);
        if self.kind.is_none()
            && let [kind] = Words::shipped().kinds_named(&opened.sheet)[..]
        {
            self.kind = Some(kind);
        }
        opened.rows
    }

    fn finished(mut self) -> Result<Imported, ImportErrors> {
        let (unexplained, more) = self.finds.numbers.unexplained();
        unexplained.into_iter().for_each(|bad| self.refuse(bad));
        self.count += more;
        for bad in self.groups.leftover() {
            self.refuse(bad);
        }
        if self.count > 0 {
            self.tell_suspects();
        } else {
            for sheet in self.groups.unused() {
                self.finds.say(format!("the {sheet} is not read"));
            }
        }
        let whereabouts = Arc::new(Whereabouts {
            column_of: self.way.map_or_else(
                || -> ColumnOf { Box::new(|_, path| path.to_owned()) },
                |way| -> ColumnOf { Box::new(move |kind, path| way.column_of(kind, path)) },
            ),
            groups: self.groups,
            columns: self.columns,
            lists: self.lists,
        });
        let mut imported = self.imported;
        if self.count > 0 {
            let drafts = std::mem::take(&mut imported.drafts);
            let mut open = undecided::undecided(drafts, &mut imported.broken, &whereabouts);
            open.append(&mut self.undecided);
            return Err(ImportErrors::Rows {
                file: self.file.to_owned(),
                bad: self.bad,
                count: self.count,
                said: self.finds.said(),
                undecided: open,
            });
        }
        let mut drafts = imported.drafts.iter().peekable();
        if drafts.peek().is_some() && drafts.all(says_nothing) {
            self.finds.say(IDS_ALONE);
        }
        let (interpretations, noted) = self.finds.into_parts();
        Ok(Imported {
            interpretations,
            remarks: noted.told(|_| true),
            noted,
            table: self.kept.map(|table| table.take()),
            whereabouts: Some(whereabouts),
            ..imported
        })
    }

    fn read_all<'a>(
        &mut self,
        rows: Rows<'a>,
        named: Option<Profile>,
        beside: &Beside<'a>,
    ) -> Result<(), ImportErrors> {
        let mut named = Some(named);
        let mut way = None;
        for (at, row) in rows.enumerate() {
            if at >= MAX_ROWS {
                let line = row.map_or_else(|bad| bad.line, |row| row.line);
                let bad = BadRow::at(line, "", format!("more than {MAX_ROWS} rows"));
                return Err(self.refused(bad.remedy("split the file")));
            }
            let mut row = match row {
                Ok(row) => row,
                Err(bad) => {
                    self.refuse(bad);
                    continue;
                }
            };
            if let Some(named) = named.take() {
                way = Some(self.choose(&row, named, beside)?);
            }
            self.rename(&mut row);
            if is_example(&id_of(&row)) {
                self.imported.examples += 1;
            } else if let Some(way) = &mut way {
                self.read_row(way, row);
            }
        }
        if let Some(way) = &mut way {
            self.read_groups(way);
        }
        self.finds.turn_to_record(None);
        if let Some(Way::Profile(_, joined, _)) = &way {
            self.report_leftover(joined);
        }
        if way.is_none() && self.count == 0 {
            let bad = BadRow::at(1, "", "the file holds no rows");
            return Err(
                self.refused(bad.remedy("write a row for each record below the header row"))
            );
        }
        self.way = way;
        Ok(())
    }

    /// The first row decides for the file.
    fn choose<'a>(
        &mut self,
        row: &Row,
        named: Option<Profile>,
        beside: &Beside<'a>,
    ) -> Result<Way, ImportErrors> {
        let own;
        let cells = match &row.content {
            Content::Cells(cells) => Some(cells.as_slice()),
            Content::Object(object) => {
                own = json::cells_of(row.line, object).ok();
                own.as_deref()
            }
        };
        let told = || cells.and_then(|cells| shipped::told_by(self.file, cells));
        let profile = named.or_else(|| told().cloned());
        let columns = profile.iter().flat_map(Profile::known);
        self.renamed = Renamed::to(columns);
        for name in &mut self.columns {
            *name = self.renamed.name(name);
        }
        let Some(profile) = profile else {
            return Ok(match &row.content {
                Content::Cells(_) => {
                    self.check_alone(beside)?;
                    self.check_ids_from()?;
                    self.read_beside(beside)?;
                    Way::Paths(HashMap::new())
                }
                Content::Object(_) => Way::Records,
            });
        };
        let mapper = Mapper::new(profile.clone()).map_err(|wrong| {
            let reasons: Vec<String> = wrong
                .iter()
                .map(|(field, reason)| match field.as_str() {
                    "" => format!("profile {}: {reason}", profile.name),
                    field => format!("profile {}: {field}: {reason}", profile.name),
                })
                .collect();
            ImportErrors::Usage(reasons.join("\n"))
        })?;
        let is_own = self
            .options
            .profile
            .as_ref()
            .is_some_and(|name| name.ends_with(".toml"));
        if is_own && matches!(row.content, Content::Cells(_)) {
            let absent = absent(&profile, &self.columns);
            let told = |what| format!("profile {}: {what}", profile.name);
            if !absent.is_empty() {
                let told: Vec<String> = absent.into_iter().map(told).collect();
                return Err(ImportErrors::Usage(told.join("\n")));
            }
        }
        let mut row = row.clone();
        self.rename(&mut row);
        if let Content::Cells(cells) = &row.content {
            for column in mapper.unused(cells) {
                let reason = format!("the profile {} does not know this column", profile.name);
                self.refuse_column(column, reason, UNUSED_REMEDY);
            }
        }
        let joined = self.join(&mapper, beside)?;
        Ok(Way::Profile(Box::new(mapper), joined, RowGroups::default()))
    }

    fn named_profile(&self, name: &str) -> Result<Profile, ImportErrors> {
        if let Some(profile) = shipped::named(name) {
            return Ok(profile.clone());
        }
        if !name.ends_with(".toml") {
            return Err(ImportErrors::Usage(format!(
                "there is no profile {name:?}; known are {}, or the path of a .toml file",
                shipped::names().join(", ")
            )));
        }
        let text = std::fs::read_to_string(name).map_err(|source| ImportErrors::Unreadable {
            file: name.to_owned(),
            source,
        })?;
        Profile::parse(&text).map_err(|reason| ImportErrors::Usage(format!("{name}: {reason}")))
    }

    fn read_groups(&mut self, way: &mut Way) {
        let Way::Profile(mapper, joined, groups) = &mut *way else {
            return;
        };
        let mut made = Vec::new();
        for (row, rows) in std::mem::take(&mut groups.rows) {
            self.finds.turn_to_record(Some(row.line));
            let found = profiled(mapper, joined, &rows, &mut self.finds);
            made.push((row, rows, found));
        }
        for (row, rows, found) in made {
            self.take_found(way, &row, &rows, found);
        }
    }

    fn rename(&mut self, row: &mut Row) {
        match &mut row.content {
            Content::Cells(cells) => {
                for (name, _) in cells.iter_mut() {
                    *name = self.renamed.name(name);
                }
                row.from = (
                    key_of(cells, RECORD_ID_COLUMN),
                    key_of(cells, REVISION_COLUMN),
                );
            }
            Content::Object(object) => {
                if let Some(unwrapped) = json::unwrapped(object) {
                    *object = unwrapped.record;
                    row.from = unwrapped.from;
                    row.beside = unwrapped.beside;
                }
            }
        }
    }

    fn read_row(&mut self, way: &mut Way, row: Row) {
        self.finds.turn_to_record(Some(row.line));
        match self.record(way, &row) {
            Ok(Read::LeftOut) => self.imported.skipped += 1,
            Ok(Read::InGroup) => {}
            Ok(Read::Record(found, rows)) => self.take_found(way, &row, &rows, *found),
            Err(bad) => self.take_found(way, &row, &[], Err(bad)),
        }
    }

    fn record(&mut self, way: &mut Way, row: &Row) -> Result<Read, Vec<BadRow>> {
        let alone = |bad: BadRow| vec![bad];
        let line = row.line;
        let cells = |content: &Content| match content {
            Content::Cells(cells) => Ok(cells.clone()),
            Content::Object(object) => json::cells_of(line, object),
        };
        match way {
            Way::Records => match &row.content {
                Content::Object(object) => {
                    let read = read_object(line, object, !row.from.0.is_empty());
                    let found = read.map(|judged| Partly::of(judged, Extent::Known));
                    Ok(Read::Record(Box::new(found.map_err(alone)), Vec::new()))
                }
                Content::Cells(_) => {
                    let bad = BadRow::at(line, "", "is no JSON object");
                    Err(alone(bad.remedy(JSON_REMEDY)))
                }
            },
            Way::Profile(mapper, joined, groups) => {
                let cells = cells(&row.content).map_err(alone)?;
                if !mapper.wants(&cells) {
                    return Ok(Read::LeftOut);
                }
                if let Content::Object(_) = row.content {
                    let told = |column| {
                        let reason = "the profile does not know this column";
                        BadRow::at(line, column, reason).remedy(UNUSED_REMEDY)
                    };
                    let bad: Vec<BadRow> = mapper.unused(&cells).into_iter().map(told).collect();
                    if !bad.is_empty() {
                        return Err(bad);
                    }
                }
                joined.take(&cells);
                let at = row.at;
                let own = CellRow { line, at, cells };
                let group = mapper.group_key(&own.cells);
                let first = group.as_ref().and_then(|key| groups.first_line(key));
                self.finds.turn_to_record(Some(first.unwrap_or(line)));
                self.check_sums(mapper, &own);
                if let Some(key) = group {
                    groups.add(key, row, own);
                    return Ok(Read::InGroup);
                }
                Ok(made(mapper, joined, own, &mut self.finds))
            }
            Way::Paths(mappers) => {
                let cells = cells(&row.content).map_err(alone)?;
                if self.kind.is_none() && !cells.iter().any(|(name, _)| **name == *KIND_COLUMN) {
                    self.refuse_column(KIND_COLUMN, no_kind(), KIND_REMEDY);
                    return Ok(Read::LeftOut);
                }
                let kind = self.kind_of(line, &cells).map_err(alone)?;
                let (cells, foreign) = self.foreign.without(kind, line, cells);
                if let Entry::Vacant(new) = mappers.entry(kind) {
                    let (mapper, wrong) = Mapper::of_header(self.of_paths(kind, &cells));
                    new.insert(mapper);
                    for (column, reason) in wrong {
                        let remedy = format!(
                            "correct it, or take the column out; wpsx fields {kind} lists them"
                        );
                        self.refuse_column(&column, reason, &remedy);
                    }
                }
                match mappers.get(&kind) {
                    Some(Some(mapper)) => {
                        let at = row.at;
                        let own = CellRow { line, at, cells };
                        let mut made = made(mapper, &Joined::default(), own, &mut self.finds);
                        if let Read::Record(found, _) = &mut made
                            && let Ok(partly) = &mut **found
                        {
                            partly.bad.extend(foreign);
                        }
                        Ok(made)
                    }
                    _ => Ok(Read::LeftOut),
                }
            }
        }
    }

    fn kind_of(&self, line: u64, cells: &[(Arc<str>, Cell)]) -> Result<Kind, BadRow> {
        let said = key_of(cells, KIND_COLUMN);
        if said.is_empty() {
            let missing = || BadRow::at(line, KIND_COLUMN, no_kind()).remedy(KIND_REMEDY);
            return self.kind.ok_or_else(missing);
        }
        let kind = kinds::named(&said).map_err(|error| {
            let bad = BadRow::at(line, "kind", format!("{error}")).holding(&said);
            bad.remedy("write one of these")
        })?;
        if !kind.is_known() {
            let reason = format!("{kind} needs newer software");
            let bad = BadRow::at(line, "kind", reason).holding(&said);
            return Err(bad.remedy("update the software that imports, or leave the row out"));
        }
        match self.options.kind {
            Some(other) if other != kind => {
                let reason = format!("is {kind} here and {other} on the command line");
                let bad = BadRow::at(line, "kind", reason).holding(&said);
                Err(bad.remedy("correct one of the two"))
            }
            _ => Ok(kind),
        }
    }

    fn of_paths(&self, kind: Kind, cells: &[(Arc<str>, Cell)]) -> Profile {
        let profile = Profile::of_paths(kind, cells);
        match &self.options.ids_from {
            Some(template) => Profile {
                external_id: template.clone(),
                ..profile
            },
            None => profile,
        }
    }
}
