//! One file from its first row to its last.

mod beside;
mod joining;
mod object;
mod start;
mod state;
mod way;

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet, hash_map::Entry},
    io::BufRead,
    sync::Arc,
};

use prost_reflect::DynamicMessage;
use wpsx_proto::record::{Kind, Record, RuleError, normal_external_id, schema::record_message};

use self::{
    object::read_object,
    start::{id_of, start_of},
    state::Reading,
    way::{Found, Read, RowGroups, Way, made, profiled, spot_in},
};
use super::{
    absent::absent,
    bad::{BadRow, ImportErrors, remedy_of},
    cells::{Cell, key_of},
    custody::{draft, hold_in_custody},
    examine::{Examined, Examiner},
    folding,
    format::Format,
    found::Finds,
    grid::MAX_ROWS,
    groups::{Groups, Whose},
    input,
    joins::{CellRow, Joined},
    json,
    mapper::Mapper,
    marks::{RECORD_ID_COLUMN, REVISION_COLUMN, is_example},
    names::{self, Renamed},
    options::{Beside, Imported, Options},
    profile::Profile,
    row::{Content, Opened, Opening, Row, Rows},
    rows, shipped,
    target::drop_empty_items,
};
use wpsx_domain::publishing::{Draft, Extent, FieldPath, Place};
use wpsx_words::Words;

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
        sheet: String::new(),
        examiner: Examiner::default(),
        kept: None,
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
        self.groups = Groups::read(opened.others, &opening, &mut self.finds, &mut bad);
        bad.into_iter().for_each(|bad| self.refuse(bad));
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
        for bad in self.groups.leftover() {
            self.refuse(bad);
        }
        if self.count > 0 {
            return Err(ImportErrors::Rows {
                file: self.file.to_owned(),
                bad: self.bad,
                count: self.count,
            });
        }
        for sheet in self.groups.unused() {
            self.finds.say(format!("the {sheet} is not read"));
        }
        let (interpretations, remarks) = self.finds.into_parts();
        Ok(Imported {
            interpretations,
            remarks,
            table: self.kept.map(|table| table.take()),
            ..self.imported
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
                let reason = format!("more than {MAX_ROWS} rows; split the file");
                return Err(self.refused(BadRow::new(line, "", reason)));
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
        if let Some(Way::Profile(_, joined, _)) = &way {
            self.report_leftover(joined);
        }
        if way.is_none() && self.count == 0 {
            return Err(self.refused(BadRow::new(1, "", "the file holds no rows")));
        }
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
        if let Content::Cells(cells) = &row.content
            && let Some(column) = mapper.unused(cells)
        {
            let reason = format!("the profile {} does not know this column", profile.name);
            return Err(self.refused(BadRow::new(1, column, reason)));
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
                if let Some((record, from)) = json::unwrapped(object) {
                    *object = record;
                    row.from = from;
                }
            }
        }
    }

    fn read_row(&mut self, way: &mut Way, row: Row) {
        match self.record(way, &row) {
            Ok(Read::LeftOut) => self.imported.skipped += 1,
            Ok(Read::InGroup) => {}
            Ok(Read::Record(found, rows)) => self.take_found(way, &row, &rows, Ok(*found)),
            Err(bad) => self.take_found(way, &row, &[], Err(bad)),
        }
    }

    fn take_found(
        &mut self,
        way: &Way,
        row: &Row,
        rows: &[CellRow],
        found: Result<Found, Vec<BadRow>>,
    ) {
        if found.is_err() && !self.groups.is_empty() {
            self.groups.pass_over(Whose {
                kind: Kind::new(0),
                record_id: &row.from.0,
                external_id: &normal_external_id(&id_of(row)),
            });
        }
        match found.and_then(|found| self.with_parts(row, found)) {
            Ok((record, extent)) => {
                let bad = self.examined(way, (row.line, rows), &record);
                if bad.is_empty() {
                    self.take(row, record, extent);
                }
                bad.into_iter().for_each(|bad| self.refuse(bad));
            }
            Err(bad) => bad.into_iter().for_each(|bad| self.refuse(bad)),
        }
    }

    /// The record with what further sheets say of it.
    fn with_parts(&mut self, row: &Row, (record, extent): Found) -> Result<Found, Vec<BadRow>> {
        if self.groups.is_empty() {
            return Ok((record, extent));
        }
        let whole = |reason: String| vec![BadRow::new(row.line, "", reason)];
        let mut message = DynamicMessage::decode(record_message(), record.payload().clone())
            .map_err(|error| whole(error.to_string()))?;
        let whose = Whose {
            kind: record.kind(),
            record_id: &row.from.0,
            external_id: &record.message().external_id,
        };
        let bad = self.groups.fill(whose, &mut message, &mut self.finds);
        if !bad.is_empty() {
            return Err(bad);
        }
        drop_empty_items(&mut message);
        let record = Record::of(&message).map_err(|error| whole(error.to_string()))?;
        let broken = |errors: Vec<RuleError>| -> Vec<BadRow> {
            let bad = |error: RuleError| {
                let remedy = remedy_of(&error);
                let spot = self.groups.spot(record.kind(), &error.field);
                let bad = match spot {
                    Some(spot) => spot.bad(error.reason),
                    None => BadRow::new(row.line, &error.field, error.reason),
                };
                bad.remedy(remedy)
            };
            errors.into_iter().map(bad).collect()
        };
        record.check().map_err(broken)?;
        let mut extent = extent;
        if let Extent::Fields(fields) = &mut extent {
            let Extent::Fields(more) = Extent::of(&self.groups.fields(record.kind()))
                .map_err(|error| whole(error.to_string()))?
            else {
                return Ok((record, extent));
            };
            fields.extend(more);
        }
        Ok((record, extent))
    }

    fn examined(&mut self, way: &Way, from: (u64, &[CellRow]), record: &Record) -> Vec<BadRow> {
        let kind = record.kind();
        let column_of = |path: &str| match way {
            Way::Records => path.to_owned(),
            Way::Profile(mapper, _, _) => mapper.column_of(kind, path),
            Way::Paths(mappers) => match mappers.get(&kind) {
                Some(Some(mapper)) => mapper.column_of(kind, path),
                _ => path.to_owned(),
            },
        };
        let (groups, columns) = (&self.groups, &self.columns);
        let spot_of = |path: &str, text: &str| {
            let beside = groups.spot(kind, path);
            beside.unwrap_or_else(|| spot_in(columns, from, column_of(path), text))
        };
        let examined = Examined {
            record,
            line: from.0,
            sheet: &self.sheet,
            column_of: &column_of,
            spot_of: &spot_of,
        };
        self.examiner
            .examine(&examined, self.options, &mut self.finds, &mut self.imported)
    }

    fn record(&mut self, way: &mut Way, row: &Row) -> Result<Read, Vec<BadRow>> {
        let line = row.line;
        let cells = |content: &Content| match content {
            Content::Cells(cells) => Ok(cells.clone()),
            Content::Object(object) => json::cells_of(line, object).map_err(|bad| vec![bad]),
        };
        match way {
            Way::Records => match &row.content {
                Content::Object(object) => {
                    let record = read_object(line, object, !row.from.0.is_empty())?;
                    Ok(Read::Record(Box::new((record, Extent::Known)), Vec::new()))
                }
                Content::Cells(_) => Err(vec![BadRow::new(line, "", "is no JSON object")]),
            },
            Way::Profile(mapper, joined, groups) => {
                let cells = cells(&row.content)?;
                if !mapper.wants(&cells) {
                    return Ok(Read::LeftOut);
                }
                if let Some(column) = mapper.unused(&cells) {
                    let reason = "the profile does not know this column";
                    return Err(vec![BadRow::new(line, column, reason)]);
                }
                joined.take(&cells);
                let at = row.at;
                let own = CellRow { line, at, cells };
                self.check_sums(mapper, &own);
                if let Some(key) = mapper.group_key(&own.cells) {
                    groups.add(key, row, own);
                    return Ok(Read::InGroup);
                }
                made(mapper, joined, own, &mut self.finds)
            }
            Way::Paths(mappers) => {
                let cells = cells(&row.content)?;
                let kind = self.kind_of(line, &cells).map_err(|bad| vec![bad])?;
                if let Entry::Vacant(new) = mappers.entry(kind) {
                    let mapper = Mapper::new(self.of_paths(kind, &cells));
                    let (mapper, wrong) = match mapper {
                        Ok(mapper) => {
                            let wrong = mapper.said_twice();
                            (wrong.is_empty().then_some(mapper), wrong)
                        }
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
                    Some(Some(mapper)) => {
                        let at = row.at;
                        let own = CellRow { line, at, cells };
                        made(mapper, &Joined::default(), own, &mut self.finds)
                    }
                    _ => Ok(Read::LeftOut),
                }
            }
        }
    }

    fn kind_of(&self, line: u64, cells: &[(Arc<str>, Cell)]) -> Result<Kind, BadRow> {
        let said = key_of(cells, "kind");
        if said.is_empty() {
            let names: Vec<String> = Kind::known().map(|kind| kind.to_string()).collect();
            return self.kind.ok_or_else(|| {
                let reason = format!("is missing; known are {}", names.join(", "));
                BadRow::new(line, "kind", reason).remedy("say it with --kind, or in a column")
            });
        }
        let kind: Kind = said
            .parse()
            .or_else(|error| {
                folding::folded(&said)
                    .replace('_', "-")
                    .parse()
                    .map_err(|_| error)
            })
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

    fn take(&mut self, row: &Row, record: Record, mut extent: Extent) {
        let line = row.line;
        let record = if self.options.in_custody {
            match record.with(hold_in_custody) {
                Ok(record) => record,
                Err(error) => return self.refuse(BadRow::new(line, &error.field, error.reason)),
            }
        } else {
            record
        };
        if let (true, Extent::Fields(fields)) = (self.options.in_custody, &mut extent) {
            fields.push(FieldPath::custody());
        }
        let (record_id, revision) = match start_of(row) {
            Ok(start) => start,
            Err(bad) => return self.refuse(bad),
        };
        let draft = Draft {
            record_id,
            revision,
            extent,
            place: Some(Place {
                file: Arc::from(self.file),
                line,
            }),
            ..draft(&record)
        };
        // What has no name of its own is known by its id.
        let name = match (draft.external_id.as_str(), &draft.record_id) {
            ("", Some(id)) => id.to_string(),
            (name, _) => name.to_owned(),
        };
        if let Some(first) = self.ids.get(&name) {
            let reason = format!("{name:?} stands in line {first} too");
            return self.refuse(BadRow::new(line, "external_id", reason));
        }
        self.ids.insert(name, line);
        if let (Some(table), Some(at)) = (&self.kept, row.kept) {
            table.borrow_mut().name(at, &draft.external_id);
        }
        // Once a row is bad, the others are only checked.
        if self.count == 0 {
            self.imported.drafts.push(draft);
        }
    }
}
