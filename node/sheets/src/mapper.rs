//! A profile at work: rows become a record, or everything that is wrong with them.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::Arc,
};

use prost_reflect::{DynamicMessage, Value};
use wpsx_proto::record::{Kind, Record, normal_external_id, schema::record_message};

use super::{
    bad::{BadRow, MISSING, NO_ID, NO_ID_REMEDY, WithoutRemedy},
    cells::{Cell, Cells, is_number, text_of},
    filling::{column_of, covers, plain},
    for_kind::Shape,
    found::Finds,
    joins::{CellRow, Joined},
    judged::{Broken, Judged},
    kinds,
    laid::Laid,
    marks::{ID_COLUMN, RECORD_ID_COLUMN},
    names,
    profile::{Join, KindSource, OfRows, Profile},
    remark::Place,
    source::Source,
    sums::{OffSum, off},
    target::{Target, drop_empty_items},
    template::Template,
    understand::{Fault, Held},
};
use wpsx_domain::publishing::{Extent, remedy_of};

/// Said of a file in which ids would be made for records that are there.
const KEPT_ID: &str = "no id is made for rows with a record_id: their records keep what they have";

/// A profile with its paths found in the schema.
pub(super) struct Mapper {
    profile: Profile,
    external_id: Template,
    /// One for each kind that its records may have; a record has one of them.
    shapes: Vec<Shape>,
    each: Vec<String>,
    /// Columns that it uses whatever the kind is.
    used: BTreeSet<String>,
    /// It is made of a header row of which some columns lead nowhere: what rows lack may
    /// stand in those.
    partial: bool,
}

impl Mapper {
    /// The id in the row's own column for it, or else the one that its key columns make; none for
    /// a row that names its record otherwise, which may have one already.
    fn id_of(&self, cells: &Cells) -> String {
        match text_of(cells, ID_COLUMN) {
            id if id.is_empty() && self.keeps_id(cells) => id,
            id if id.is_empty() => self.external_id.fill(cells),
            id => id,
        }
    }

    /// An id would be made for the row, and its record is named by the exchange's own.
    fn keeps_id(&self, cells: &Cells) -> bool {
        let makes_ids = self.external_id.columns().any(|name| name != ID_COLUMN);
        let is_named = |column| !text_of(cells, column).is_empty();
        makes_ids && is_named(RECORD_ID_COLUMN) && !is_named(ID_COLUMN)
    }

    /// Finds every path; an error names the column or the path, with its line in the
    /// profile, and the reason.
    pub(super) fn new(profile: Profile) -> Result<Self, Vec<(String, String)>> {
        let of_profile = |reason: String| vec![(String::new(), reason)];
        let (mut shapes, mut wrong): (Vec<Shape>, Vec<(String, String)>) = Default::default();
        let external_id = Template::parse(&profile.external_id, None).unwrap_or_else(|reason| {
            let place = match profile.id_line {
                0 => ID_COLUMN.to_owned(),
                line => format!("line {line}: {ID_COLUMN}"),
            };
            wrong.push((place, reason));
            Template::default()
        });
        for name in profile.kinds() {
            let kind = kinds::named(name).map_err(|error| of_profile(format!("{error}")))?;
            if !kind.is_known() {
                return Err(of_profile(format!("{kind} needs newer software")));
            }
            if shapes.iter().any(|shape| shape.kind == kind) {
                continue;
            }
            match Shape::of(&profile, kind) {
                Ok(shape) => shapes.push(shape),
                Err(more) => {
                    for (line, what, reason) in more {
                        let what = match line {
                            0 => what,
                            line => format!("line {line}: {what}"),
                        };
                        wrong.push((what, reason));
                    }
                }
            }
        }
        if let Some(slip) = profile.slip() {
            wrong.push(slip);
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let mut used: BTreeSet<String> = external_id.columns().map(str::to_owned).collect();
        used.extend(profile.columns().map(str::to_owned));
        let each = profile.field.iter().filter_map(|field| field.each.clone());
        Ok(Self {
            each: each.collect(),
            external_id,
            shapes,
            used,
            profile,
            partial: false,
        })
    }

    /// The mapping of a header row, by those of its columns that lead somewhere; what is
    /// wrong with the others.
    pub(super) fn of_header(mut profile: Profile) -> (Option<Self>, Vec<(String, String)>) {
        let mut wrong = Vec::new();
        loop {
            let more = match Self::new(profile.clone()) {
                Err(more) => more,
                Ok(mapper) => {
                    let more = mapper.said_twice();
                    if more.is_empty() {
                        let partial = !wrong.is_empty();
                        return (Some(Self { partial, ..mapper }), wrong);
                    }
                    more
                }
            };
            let fields = profile.field.len();
            profile.field.retain(|field| {
                let is = |(name, _): &(String, String)| {
                    *name == field.to || field.column.as_ref() == Some(name)
                };
                !more.iter().any(is)
            });
            wrong.extend(more);
            if profile.field.len() == fields {
                return (None, wrong);
            }
        }
    }

    /// Columns that lead to one place, such as `title.en` and `title.EN`: the second one,
    /// and what is wrong. A profile may have several columns for a place; a header row
    /// of paths would say one thing twice.
    fn said_twice(&self) -> Vec<(String, String)> {
        let mut places: BTreeMap<String, &str> = BTreeMap::new();
        let mut wrong = Vec::new();
        for (source, target) in self.shapes.iter().flat_map(|shape| &shape.fields) {
            let column = source.column().unwrap_or_default();
            match places.entry(target.place()) {
                Entry::Vacant(new) => {
                    new.insert(column);
                }
                Entry::Occupied(first) => wrong.push((
                    column.to_owned(),
                    format!("the header row names the same field as {}", first.get()),
                )),
            }
        }
        wrong
    }

    /// The fields that a row with these columns speaks of, filled or empty; the lists of
    /// joined files only where those are there.
    pub(super) fn extent(&self, cells: &Cells, joined: &Joined) -> Result<Extent, String> {
        let shape = self.shape_of(cells)?;
        let is_there = |column: &str| cells.iter().any(|(name, _)| **name == *column);
        let mut paths: BTreeSet<String> = shape
            .fields
            .iter()
            .filter(|(source, _)| {
                source.columns().next().is_none() || source.columns().any(is_there)
            })
            .map(|(_, target)| target.field_path())
            .collect();
        let makes_id = self.external_id.columns().any(is_there);
        if is_there(ID_COLUMN) || makes_id || !self.id_of(cells).is_empty() {
            paths.insert(ID_COLUMN.to_owned());
        }
        if self.keeps_id(cells) {
            paths.remove(ID_COLUMN);
        }
        let mut names = cells.iter().map(|(name, _)| &**name);
        if names.any(|name| self.is_fact(name) && !self.uses(shape, name)) {
            paths.insert("facts".to_owned());
        }
        let joins = shape.joins.iter().enumerate();
        let there = joins.filter(|(at, _)| joined.is_there(*at));
        let lists = there.map(|(_, parts)| parts).chain(&shape.group);
        paths.extend(lists.filter_map(|parts| parts.field_path()));
        let paths: Vec<String> = paths.into_iter().collect();
        Extent::fields(&paths).map_err(|error| error.to_string())
    }

    /// The names of columns that nothing uses, so that nothing is lost unseen.
    pub(super) fn unused<'a>(&self, cells: &'a Cells) -> Vec<&'a str> {
        let known = |name: &str| self.shapes.iter().any(|shape| self.uses(shape, name));
        cells
            .iter()
            .map(|(name, _)| &**name)
            .filter(|name| !known(name) && !self.is_fact(name) && !names::is_special(name))
            .collect()
    }

    fn uses(&self, shape: &Shape, column: &str) -> bool {
        self.used.contains(column) || shape.used.contains(column)
    }

    fn is_fact(&self, column: &str) -> bool {
        self.each.iter().any(|prefix| column.starts_with(prefix))
    }

    /// The row belongs to what this profile reads.
    pub(super) fn wants(&self, cells: &Cells) -> bool {
        super::source::holds(&self.profile.only, cells)
    }

    /// The files that are joined.
    pub(super) fn joins(&self) -> &[Join] {
        &self.profile.join
    }

    /// What all rows of one record say alike; none where each row is a record.
    pub(super) fn group_key(&self, cells: &Cells) -> Option<Vec<String>> {
        let group = self.profile.group.as_ref()?;
        Some(group.by.iter().map(|by| text_of(cells, by)).collect())
    }

    /// The sums in a row that do not add up.
    pub(super) fn off_sums(&self, cells: &Cells) -> Vec<OffSum> {
        off(&self.profile.check, cells)
    }

    fn shape_of(&self, cells: &Cells) -> Result<&Shape, String> {
        let KindSource::ByCell(by) = &self.profile.kind else {
            return self.shapes.first().ok_or_else(|| "no kind".to_owned());
        };
        let said = text_of(cells, &by.column);
        let name = by.values.get(&said).or(by.otherwise.as_ref());
        let shape = name.and_then(|name| {
            let kind = kinds::named(name).ok()?;
            self.shapes.iter().find(|shape| shape.kind == kind)
        });
        shape.ok_or_else(|| {
            let known: Vec<&str> = by.values.keys().map(String::as_str).collect();
            format!("{said:?} is none of {}", known.join(", "))
        })
    }

    fn kind_column(&self) -> &str {
        match &self.profile.kind {
            KindSource::Every(_) => "",
            KindSource::ByCell(by) => &by.column,
        }
    }

    /// The record of these rows, one or a group, with the rows joined to it, and all that is
    /// wrong with it; what is wrong alone, where there is no record for it.
    pub(super) fn record(
        &self,
        rows: &[CellRow],
        joined: &Joined,
        finds: &mut Finds,
    ) -> Result<Judged, Vec<BadRow>> {
        let Some(first) = rows.first() else {
            return Err(Vec::new());
        };
        let (line, cells) = (first.line, first.cells.as_slice());
        let shape = self.shape_of(cells).map_err(|reason| {
            let remedy = "write one of them, or name it in the profile under `kind`";
            vec![BadRow::at(line, self.kind_column(), reason).remedy(remedy)]
        })?;
        let mut bad = self.torn(shape, rows);
        bad.extend(rows.iter().flat_map(|row| self.homeless(shape, row)));
        let mut message = DynamicMessage::new(record_message());
        if let Some(body) = shape.kind.body_field() {
            // Present even when no column fills it: it says the kind.
            message.set_field(&body, Value::default_value_for_field(&body));
        }
        if self.keeps_id(cells) {
            finds.say(KEPT_ID);
        }
        let external_id = normal_external_id(&self.id_of(cells)).into_owned();
        for (source, target) in &shape.fields {
            let column = source.column().unwrap_or(target.plain());
            let filled = values_of(source, target, rows, finds).and_then(|values| {
                let filled = target.fill(&mut message, &values);
                filled.map_err(|reason| {
                    let remedy = target.asked().remedy().to_owned();
                    (first, Fault { reason, remedy })
                })
            });
            if let Err((row, fault)) = filled {
                let cell = bad_cell(shape, row.line, &row.cells, column, &fault.reason);
                bad.push(cell.remedy(fault.remedy));
            }
        }
        message.set_field_by_name("external_id", Value::String(external_id));
        self.add_facts(shape, cells, &mut message);
        let mut lists: BTreeMap<Option<String>, usize> = BTreeMap::new();
        let joins = shape.joins.iter().enumerate();
        let joins = joins.map(|(at, parts)| (parts, joined.rows(at, cells), joined.has_points(at)));
        let mut torn_lists = Vec::new();
        let mut laid = Vec::new();
        let (table, points) = finds.numbers.table();
        let own = shape.group.iter().map(|parts| (parts, rows, points));
        for (parts, rows, points) in joins.chain(own) {
            finds.numbers.turn_to(parts.file(), points);
            let list = parts.field_path();
            let next = lists.entry(list.clone()).or_default();
            let begin = *next;
            let (rows, more) = parts.add(rows, next, &mut message, finds);
            torn_lists.extend(list.filter(|_| !more.is_empty()));
            bad.extend(more);
            laid.push(Laid {
                parts: Arc::clone(parts),
                begin,
                rows,
            });
        }
        finds.numbers.turn_to(table.as_deref(), points);
        drop_empty_items(&mut message);
        let record = Record::of(&message);
        let record = record.map_err(|error| {
            vec![BadRow::at(line, "", error.to_string()).remedy("correct the row")]
        })?;
        // What a bad cell leaves empty is told once.
        let is_new = |broken: &Broken| {
            let in_torn = |list: &String| covers(&plain(&broken.field), list);
            let column = &broken.bad.column;
            !bad.iter().any(|cell| cell.column == *column) && !torn_lists.iter().any(in_torn)
        };
        let broken = self.broken(shape, first, &record, &laid).into_iter();
        let broken = broken.filter(is_new).collect();
        bad.extend(self.nameless(shape, first, &record));
        Ok(Judged {
            record,
            bad,
            broken,
            laid,
        })
    }

    /// Filled cells that records of this kind do not read, where others do.
    fn homeless(&self, shape: &Shape, row: &CellRow) -> Vec<BadRow> {
        if self.shapes.len() < 2 {
            return Vec::new();
        }
        let is_read = |name: &str| self.uses(shape, name) || self.is_fact(name);
        row.cells
            .iter()
            .filter(|(name, _)| !is_read(name) && !text_of(&row.cells, name).is_empty())
            .map(|(name, _)| {
                let kind = shape.kind;
                let reason = format!("is filled, and the profile reads it in no {kind}");
                let remedy = "empty it, or give the profile a field for it";
                BadRow::at(row.line, name, reason).remedy(remedy)
            })
            .collect()
    }

    /// Rows of a group that differ where a record says one thing.
    fn torn(&self, shape: &Shape, rows: &[CellRow]) -> Vec<BadRow> {
        let Some((first, others)) = rows.split_first() else {
            return Vec::new();
        };
        if others.is_empty() {
            return Vec::new();
        }
        let single = shape
            .fields
            .iter()
            .filter(|(source, _)| source.rows().is_none());
        let mut columns: BTreeSet<&str> = single.flat_map(|(source, _)| source.columns()).collect();
        columns.extend(self.external_id.columns());
        columns.extend(Some(self.kind_column()).filter(|column| !column.is_empty()));
        let mut bad = Vec::new();
        for column in columns {
            let said = text_of(&first.cells, column);
            let other = others
                .iter()
                .find(|row| text_of(&row.cells, column) != said);
            if let Some(row) = other {
                let here = text_of(&row.cells, column);
                let reason = format!(
                    "says {here:?}, and line {} of the same record {said:?}",
                    first.line
                );
                let torn = BadRow::at(row.line, column, reason).holding(&here);
                bad.push(torn.remedy("write the same in all rows of the record"));
            }
        }
        bad
    }

    /// What no column fills may stand in one that leads nowhere.
    fn is_sought(&self, shape: &Shape, column: &str) -> bool {
        let fields = shape.fields.iter();
        let mut columns = fields.filter_map(|(source, _)| source.column());
        !self.partial || columns.any(|known| known == column)
    }

    /// The row has nothing by which its record is found again. What was exported is found by
    /// the exchange's own id.
    fn nameless(&self, shape: &Shape, row: &CellRow, record: &Record) -> Option<BadRow> {
        let has_id = !text_of(&row.cells, RECORD_ID_COLUMN).is_empty();
        let column = self.external_id.columns().next().unwrap_or(ID_COLUMN);
        let is_named = !record.message().external_id.is_empty() || has_id;
        let bad = BadRow::at(row.line, column, NO_ID).remedy(NO_ID_REMEDY);
        (!is_named && self.is_sought(shape, column)).then_some(bad)
    }

    /// The rules that the record breaks.
    fn broken(&self, shape: &Shape, row: &CellRow, record: &Record, laid: &[Laid]) -> Vec<Broken> {
        let (line, cells) = (row.line, row.cells.as_slice());
        let mut broken = Vec::new();
        for error in record.check().err().into_iter().flatten() {
            let column = column_of(shape, &error.field);
            if error.reason == MISSING && !self.is_sought(shape, &column) {
                continue;
            }
            let mut in_lists = laid.iter().filter_map(|laid| laid.spot(&error.field, &[]));
            let bad = match in_lists.next() {
                Some(spot) => spot.bad(error.reason.clone()),
                None => bad_cell(shape, line, cells, &column, &error.reason),
            };
            let bad = bad.remedy(remedy_of(&error));
            broken.push(Broken {
                field: error.field,
                bad,
            });
        }
        broken
    }

    /// The column that fills a field of a kind, or what one for it would be called.
    pub(super) fn column_of(&self, kind: Kind, field: &str) -> String {
        match self.shapes.iter().find(|shape| shape.kind == kind) {
            Some(shape) => column_of(shape, field),
            None => field.to_owned(),
        }
    }

    fn add_facts(&self, shape: &Shape, cells: &Cells, message: &mut DynamicMessage) {
        let facts: Vec<Value> = cells
            .iter()
            .filter(|(column, _)| self.is_fact(column) && !self.uses(shape, column))
            .filter_map(|(column, cell)| {
                let prefix = self
                    .each
                    .iter()
                    .find(|prefix| column.starts_with(*prefix))?;
                let values: Vec<String> = match cell {
                    Cell::Text(text) | Cell::Number(text) => vec![text.clone()],
                    Cell::List(values) => values.clone(),
                };
                let field = record_message().get_field_by_name("facts")?;
                let mut fact = DynamicMessage::new(field.kind().as_message()?.clone());
                fact.set_field_by_name("name", Value::String(column[prefix.len()..].to_owned()));
                let values = values
                    .into_iter()
                    .filter(|value| !value.is_empty())
                    .map(Value::String)
                    .collect::<Vec<_>>();
                fact.set_field_by_name("values", Value::List(values));
                Some(Value::Message(fact))
            })
            .collect();
        let field = record_message().get_field_by_name("facts");
        if let Some(list) = field.filter(|_| !facts.is_empty()) {
            // After those that the profile makes itself.
            if let Value::List(all) = message.get_field_mut(&list) {
                all.extend(facts);
            }
        }
    }
}

/// What a field's source says of a record's rows, as it is understood; what cannot be
/// understood, with its row.
fn values_of<'r>(
    source: &Source,
    target: &Target,
    rows: &'r [CellRow],
    finds: &mut Finds,
) -> Result<Vec<String>, (&'r CellRow, Fault)> {
    let asked = target.asked();
    let column = source.column().unwrap_or(target.plain());
    let mut said = |row: &'r CellRow| {
        let place = || Place {
            line: row.line,
            column: column.to_owned(),
        };
        let values = source.values(&row.cells, target.takes_several());
        let held = Held {
            place: &place,
            is_number: &|| is_number(&row.cells, column),
        };
        let understood = values.and_then(|values| asked.understood(values, finds, &held));
        understood.map_err(|fault| (row, fault))
    };
    let Some((first, others)) = rows.split_first() else {
        return Ok(Vec::new());
    };
    let mut values = said(first)?;
    let Some(of) = source.rows() else {
        // They say the same, and count among the cells that were understood so.
        others.iter().map(said).for_each(drop);
        return Ok(values);
    };
    for row in others {
        values.extend(said(row)?);
    }
    let mut seen = BTreeSet::new();
    values.retain(|value| !value.is_empty() && seen.insert(value.clone()));
    Ok(match of {
        OfRows::All => values,
        OfRows::Least => values.into_iter().min().into_iter().collect(),
        OfRows::Greatest => values.into_iter().max().into_iter().collect(),
    })
}

/// Tells, where that may be the cause, how the values of a cell stand apart.
fn bad_cell(shape: &Shape, line: u64, cells: &Cells, column: &str, reason: &str) -> WithoutRemedy {
    let several = shape
        .fields
        .iter()
        .find(|(source, target)| source.column() == Some(column) && target.takes_several());
    let advice = several.and_then(|(source, _)| {
        let (text, separator) = (text_of(cells, column), source.separator());
        let other = !text.contains(separator) && text.contains([';', ',', '|']);
        other.then(|| format!("; several values have {separator:?} between them"))
    });
    let reason = format!("{reason}{}", advice.unwrap_or_default());
    BadRow::at(line, column, reason).holding(&text_of(cells, column))
}
