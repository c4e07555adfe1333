//! A profile at work: rows become a record, or everything that is wrong with them.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use prost_reflect::{DynamicMessage, Value};
use wpsx_proto::record::{Kind, Record, normal_external_id, schema::record_message};

use super::{
    bad::{BadRow, NO_ID, NO_ID_REMEDY, remedy_of},
    cells::{Cell, Cells, text_of},
    for_kind::Shape,
    found::{Finds, Place},
    joins::{CellRow, Joined},
    marks::{ID_COLUMN, RECORD_ID_COLUMN},
    names,
    parts::Parts,
    place,
    profile::{Join, KindSource, OfRows, Profile},
    source::Source,
    sums::{OffSum, off},
    target::{Target, drop_empty_items},
    template::Template,
    understand::Fault,
};
use wpsx_domain::publishing::Extent;

/// A profile with its paths found in the schema.
pub(super) struct Mapper {
    profile: Profile,
    external_id: Template,
    /// One for each kind that its records may have; a record has one of them.
    shapes: Vec<Shape>,
    each: Vec<String>,
    /// Columns that it uses whatever the kind is.
    used: BTreeSet<String>,
}

impl Mapper {
    /// The id in the row's own column for it, or else the one that its key columns make.
    fn id_of(&self, cells: &Cells) -> String {
        match text_of(cells, ID_COLUMN) {
            id if id.is_empty() => self.external_id.fill(cells),
            id => id,
        }
    }

    /// Finds every path; an error names the column or the path, with its line in the
    /// profile, and the reason.
    pub(super) fn new(profile: Profile) -> Result<Self, Vec<(String, String)>> {
        let of_profile = |reason: String| vec![(String::new(), reason)];
        let external_id = Template::parse(&profile.external_id, None)
            .map_err(|reason| of_profile(format!("external_id: {reason}")))?;
        let (mut shapes, mut wrong): (Vec<Shape>, Vec<(String, String)>) = Default::default();
        for name in profile.kinds() {
            let kind: Kind = name
                .parse()
                .map_err(|error| of_profile(format!("{error}")))?;
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
        })
    }

    /// Columns that lead to one place, such as `title.en` and `title.EN`: the second one,
    /// and what is wrong. A profile may have several columns for a place; a header row
    /// of paths would say one thing twice.
    pub(super) fn said_twice(&self) -> Vec<(String, String)> {
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
        paths.insert("external_id".to_owned());
        let mut names = cells.iter().map(|(name, _)| &**name);
        if names.any(|name| self.is_fact(name) && !self.uses(shape, name)) {
            paths.insert("facts".to_owned());
        }
        let joins = shape.joins.iter().enumerate();
        let there = joins.filter(|(at, _)| joined.is_there(*at));
        let lists = there.map(|(_, parts)| parts).chain(&shape.group);
        paths.extend(lists.filter_map(Parts::field_path));
        let paths: Vec<String> = paths.into_iter().collect();
        Extent::of(&paths).map_err(|error| error.to_string())
    }

    /// The name of a column that nothing uses, so that nothing is lost unseen.
    pub(super) fn unused<'a>(&self, cells: &'a Cells) -> Option<&'a str> {
        let known = |name: &str| self.shapes.iter().any(|shape| self.uses(shape, name));
        cells
            .iter()
            .map(|(name, _)| &**name)
            .find(|name| !known(name) && !self.is_fact(name) && !names::is_special(name))
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
            let kind: Kind = name.parse().ok()?;
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

    /// The record of these rows, one or a group, with the rows joined to it; all that is
    /// wrong with it.
    pub(super) fn record(
        &self,
        rows: &[CellRow],
        joined: &Joined,
        finds: &mut Finds,
    ) -> Result<Record, Vec<BadRow>> {
        let Some(first) = rows.first() else {
            return Err(Vec::new());
        };
        let (line, cells) = (first.line, first.cells.as_slice());
        let shape = self
            .shape_of(cells)
            .map_err(|reason| vec![BadRow::new(line, self.kind_column(), reason)])?;
        let mut bad = self.torn(shape, rows);
        bad.extend(rows.iter().flat_map(|row| self.homeless(shape, row)));
        let mut message = DynamicMessage::new(record_message());
        if let Some(body) = shape.kind.body_field() {
            // Present even when no column fills it: it says the kind.
            message.set_field(&body, Value::default_value_for_field(&body));
        }
        let external_id = self.id_of(cells);
        let external_id = normal_external_id(&external_id).into_owned();
        for (source, target) in &shape.fields {
            let column = source.column().unwrap_or(target.plain());
            let place = || Place {
                line,
                column: column.to_owned(),
            };
            let asked = target.asked();
            let filled = values_of(source, target, rows)
                .map_err(Fault::from)
                .and_then(|values| asked.understood(values, finds, &place))
                .and_then(|values| {
                    target.fill(&mut message, &values).map_err(|reason| Fault {
                        reason,
                        remedy: asked.remedy().to_owned(),
                    })
                });
            if let Err(fault) = filled {
                let cell = bad_cell(shape, line, cells, column, &fault.reason);
                bad.push(cell.remedy(fault.remedy));
            }
        }
        message.set_field_by_name("external_id", Value::String(external_id));
        self.add_facts(shape, cells, &mut message);
        let mut lists: BTreeMap<Option<String>, usize> = BTreeMap::new();
        for (at, parts) in shape.joins.iter().enumerate() {
            let next = lists.entry(parts.field_path()).or_default();
            bad.extend(parts.add(joined.rows(at, cells), next, &mut message, finds));
        }
        if let Some(parts) = &shape.group {
            let next = lists.entry(parts.field_path()).or_default();
            bad.extend(parts.add(rows, next, &mut message, finds));
        }
        if !bad.is_empty() {
            return Err(bad);
        }
        drop_empty_items(&mut message);
        self.checked(shape, line, cells, &message)
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
                BadRow::new(row.line, name, reason)
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
                bad.push(BadRow::new(row.line, column, reason));
            }
        }
        bad
    }

    fn checked(
        &self,
        shape: &Shape,
        line: u64,
        cells: &Cells,
        message: &DynamicMessage,
    ) -> Result<Record, Vec<BadRow>> {
        let whole = |reason: String| vec![BadRow::new(line, "", reason)];
        let record = Record::of(message).map_err(|error| whole(error.to_string()))?;
        // What was exported is found again by the exchange's own id.
        let has_id = !text_of(cells, RECORD_ID_COLUMN).is_empty();
        if record.message().external_id.is_empty() && !has_id {
            let id_column = self.external_id.columns().next().unwrap_or("external_id");
            let bad = BadRow::new(line, id_column, NO_ID);
            return Err(vec![bad.remedy(NO_ID_REMEDY)]);
        }
        record.check().map_err(|errors| {
            errors
                .into_iter()
                .map(|error| {
                    bad_cell(
                        shape,
                        line,
                        cells,
                        &column_of(shape, &error.field),
                        &error.reason,
                    )
                    .remedy(remedy_of(&error))
                })
                .collect::<Vec<_>>()
        })?;
        Ok(record)
    }

    /// The column that fills a field of a kind, or the field itself.
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
                    Cell::Text(text) => vec![text.clone()],
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

/// What a field's source says of a record's rows.
fn values_of(source: &Source, target: &Target, rows: &[CellRow]) -> Result<Vec<String>, String> {
    let several = target.takes_several();
    let Some(of) = source.rows() else {
        return rows
            .first()
            .map_or(Ok(Vec::new()), |row| source.values(&row.cells, several));
    };
    let mut values: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for row in rows {
        let said = source.values(&row.cells, several)?;
        let new = said
            .into_iter()
            .filter(|value| !value.is_empty() && seen.insert(value.clone()));
        values.extend(new);
    }
    Ok(match of {
        OfRows::All => values,
        OfRows::Least => values.into_iter().min().into_iter().collect(),
        OfRows::Greatest => values.into_iter().max().into_iter().collect(),
    })
}

/// Tells, where that may be the cause, how the values of a cell stand apart.
fn bad_cell(shape: &Shape, line: u64, cells: &Cells, column: &str, reason: &str) -> BadRow {
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
    BadRow::new(line, column, reason).holding(&text_of(cells, column))
}

/// The column that fills a field, or the field itself.
fn column_of<'a>(shape: &'a Shape, field: &str) -> String {
    let led = |(source, target): &'a (Source, Target)| {
        Some((place::shared(field, target)?, source.column()?))
    };
    let fields = shape.fields.iter().filter_map(led);
    match fields.max_by_key(|(along, _)| *along) {
        Some((_, column)) => column.to_owned(),
        None => column_near(shape, field),
    }
}

fn column_near(shape: &Shape, field: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in field.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    let covers =
        |a: &str, b: &str| a == b || (a.starts_with(b) && a.as_bytes().get(b.len()) == Some(&b'.'));
    shape
        .fields
        .iter()
        .filter(|(source, target)| {
            source.column().is_some()
                && (covers(&plain, target.plain()) || covers(target.plain(), &plain))
        })
        .max_by_key(|(_, target)| target.plain().len())
        .and_then(|(source, _)| source.column())
        .map_or_else(|| field.to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{super::shipped, *};

    #[test]
    fn every_shipped_profile_fits_the_schema() {
        for name in shipped::names() {
            let profile = shipped::named(name).unwrap().clone();
            if let Err(error) = Mapper::new(profile) {
                panic!("{name}: {error:?}");
            }
        }
    }

    #[test]
    fn a_profile_with_a_slip_is_refused() {
        let head = "name = 'x'\nkind = 'good-practice'\ntells = []\nexternal_id = '{id}'\n";
        assert!(Profile::parse(&format!("{head}colour = 'red'")).is_err());
        for (field, reason) in [
            ("to = 'titel.en'\ncolumn = 'a'", "has no field"),
            ("to = 'title.en'", "either a column or a template"),
            ("to = 'title.en'\ntemplate = '{a'", "does not close"),
            ("to = 'title.en'\ntemplate = '{a|upper}'", "no filter"),
        ] {
            let profile = Profile::parse(&format!("{head}[[field]]\n{field}")).unwrap();
            let (place, error) = Mapper::new(profile).err().unwrap().remove(0);
            assert!(place.starts_with("line 5: title") || place.starts_with("line 5: titel"));
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn a_slip_in_a_profile_is_told_with_its_line() {
        let head = "name = 'x'\nkind = 'series'\ntells = []\nexternal_id = '{id}'\n";
        for (text, told) in [
            ("[[field]]\nto = 'title.en'\ncolour = 'red'", "line 7"),
            ("[[field]]\nto = 'title.en'\nrows = 'some'", "line 7"),
            (
                "[[field]]\nto = 'title.en'\nwhen = { a = 5 }",
                "a condition is a text, or a list",
            ),
            ("[check]\nsum = ['a']", "line 5"),
        ] {
            let error = Profile::parse(&format!("{head}{text}")).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
        let kind = head.replace("'series'", "{ column = 'a' }");
        let error = Profile::parse(&kind).unwrap_err();
        assert!(
            error.contains("line 2") && error.contains("`kind` is the name"),
            "{error}"
        );
        for (text, told) in [
            (
                "[[field]]\nto = 'unit'\ncolumn = 'a'\nkeep = 'shape'",
                "line 5: unit: there is no form \"shape\"",
            ),
            (
                "[[field]]\nto = 'unit'\ncolumn = 'a'\nkinds = ['law']",
                "line 5: unit: no record of this profile is a \"law\"",
            ),
            (
                "[[field]]\nto = 'unit'\ncolumn = 'a'\nrows = 'all'",
                "line 5: unit: `rows` belongs to a profile with a [group]",
            ),
            (
                "[group]\nby = ['a']\nto = 'observations'\n[[group.element]]\n\nyear = { column = 'a' }",
                "line 10: observations.0.year: series.observations has no part \"year\"",
            ),
            (
                "[[join]]\nfile = 'b'\nto = 'claims'\n[[join.element]]\nfeld = { column = 'a' }",
                "line 9: claims.0.feld: claims has no part \"feld\"",
            ),
            (
                "[group]\nby = []\nto = 'claims'\nelement = []",
                "[group]: `by` names no column",
            ),
        ] {
            let profile = Profile::parse(&format!("{head}{text}")).unwrap();
            let (place, reason) = Mapper::new(profile).err().unwrap().remove(0);
            let whole = format!("{place}: {reason}");
            assert!(whole.contains(told), "{whole}");
        }
    }
}
