//! A profile at work: a row becomes a record, or everything that is wrong with it.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::Arc,
};

use prost_reflect::{DynamicMessage, Value};
use wpsx_proto::{
    api::record::v1 as api,
    record::{Kind, Record, normal_external_id, schema::record_message},
};

use super::{
    bad::{BadRow, NO_ID, NO_ID_REMEDY, remedy_of},
    cells::{Cell, Cells, text_of},
    found::{Finds, Place},
    marks::ID_COLUMN,
    names, place,
    profile::Profile,
    source::Source,
    target::{Target, drop_empty_items},
    template::Template,
    understand::Fault,
};
use wpsx_domain::publishing::Extent;

/// A profile with its paths found in the schema.
pub(super) struct Mapper {
    kind: Kind,
    profile: Profile,
    external_id: Template,
    fields: Vec<(Source, Target)>,
    each: Vec<String>,
    /// Columns that something uses.
    used: BTreeSet<String>,
    /// For every element of a joined row: its sources and targets, without the list's name.
    join: Vec<Vec<(Source, String)>>,
}

impl Mapper {
    /// The id in the row's own column for it, or else the one that its key columns make.
    fn id_of(&self, cells: &Cells) -> String {
        match text_of(cells, ID_COLUMN) {
            id if id.is_empty() => self.external_id.fill(cells),
            id => id,
        }
    }

    /// Finds every path; an error names the column or the path, and the reason.
    pub(super) fn new(profile: Profile) -> Result<Self, Vec<(String, String)>> {
        let of_profile = |reason: String| vec![(String::new(), reason)];
        let kind: Kind = profile
            .kind
            .parse()
            .map_err(|error| of_profile(format!("{error}")))?;
        if !kind.is_known() {
            return Err(of_profile(format!("{kind} needs newer software")));
        }
        let external_id = Template::parse(&profile.external_id).map_err(of_profile)?;
        let mut used: BTreeSet<String> = external_id.columns().map(str::to_owned).collect();
        let (mut fields, mut each, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for field in &profile.field {
            if let Some(prefix) = &field.each {
                each.push(prefix.clone());
                continue;
            }
            let named = field.column.clone().unwrap_or_else(|| field.to.clone());
            let found =
                Source::new(field).and_then(|source| Ok((source, Target::find(kind, &field.to)?)));
            match found {
                Err(reason) => wrong.push((named, reason)),
                Ok((source, target)) => {
                    used.extend(source.columns().map(str::to_owned));
                    fields.push((source, target));
                }
            }
        }
        used.extend(
            profile
                .ignored
                .iter()
                .flat_map(|ignored| ignored.columns.clone()),
        );
        used.extend(profile.only.keys().cloned());
        let mut join = Vec::new();
        for element in profile.join.iter().flat_map(|join| &join.element) {
            let mut parts = Vec::new();
            for (part, field) in element {
                match Source::new(field) {
                    Err(reason) => wrong.push((part.clone(), reason)),
                    Ok(source) => parts.push((source, part.clone())),
                }
            }
            join.push(parts);
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Self {
            kind,
            profile,
            external_id,
            fields,
            each,
            used,
            join,
        })
    }

    /// Columns that lead to one place, such as `title.en` and `title.EN`: the second one,
    /// and what is wrong. A profile may have several columns for a place; a header row
    /// of paths would say one thing twice.
    pub(super) fn said_twice(&self) -> Vec<(String, String)> {
        let mut places: BTreeMap<String, &str> = BTreeMap::new();
        let mut wrong = Vec::new();
        for (source, target) in &self.fields {
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

    /// The fields that a row with these columns speaks of, filled or empty. `joined`: the
    /// file that is joined is there, so that its list is spoken of too.
    pub(super) fn extent(&self, cells: &Cells, joined: bool) -> Result<Extent, String> {
        let is_there = |column: &str| cells.iter().any(|(name, _)| **name == *column);
        let mut paths: BTreeSet<String> = self
            .fields
            .iter()
            .filter(|(source, _)| {
                source.columns().next().is_none() || source.columns().any(is_there)
            })
            .map(|(_, target)| target.field_path())
            .collect();
        paths.insert("external_id".to_owned());
        let has_facts =
            |(name, _): &(Arc<str>, Cell)| self.is_fact(name) && !self.used.contains(&**name);
        if cells.iter().any(has_facts) {
            paths.insert("facts".to_owned());
        }
        if let Some(join) = self.profile.join.as_ref().filter(|_| joined) {
            let part = self.join.iter().flatten().next();
            let path = part.map(|(_, part)| format!("{}.0.{part}", join.to));
            if let Some(path) = path {
                paths.insert(Target::find(self.kind, &path)?.field_path());
            }
        }
        let paths: Vec<String> = paths.into_iter().collect();
        Extent::of(&paths).map_err(|error| error.to_string())
    }

    /// The name of a column that nothing uses, so that nothing is lost unseen.
    pub(super) fn unused<'a>(&self, cells: &'a Cells) -> Option<&'a str> {
        cells.iter().map(|(name, _)| &**name).find(|name| {
            !self.used.contains(*name) && !self.is_fact(name) && !names::is_special(name)
        })
    }

    fn is_fact(&self, column: &str) -> bool {
        self.each.iter().any(|prefix| column.starts_with(prefix))
    }

    /// The row belongs to what this profile reads.
    pub(super) fn wants(&self, cells: &Cells) -> bool {
        self.profile
            .only
            .iter()
            .all(|(column, value)| text_of(cells, column) == *value)
    }

    /// What a row says under the column that joins.
    pub(super) fn join_key(&self, cells: &Cells) -> Option<String> {
        let join = self.profile.join.as_ref()?;
        Some(text_of(cells, &join.key))
    }

    /// The name of the joined file, and its column that joins.
    pub(super) fn joined_file(&self) -> Option<(String, String)> {
        let join = self.profile.join.as_ref()?;
        Some((join.file.clone(), join.key.clone()))
    }

    /// The record of one row with the rows joined to it; all that is wrong with it.
    pub(super) fn record(
        &self,
        line: u64,
        cells: &Cells,
        joined: &[JoinedRow],
        finds: &mut Finds,
    ) -> Result<Record, Vec<BadRow>> {
        let mut bad = Vec::new();
        let mut message = DynamicMessage::new(record_message());
        if let Some(body) = self.kind.body_field() {
            // Present even when no column fills it: it says the kind.
            message.set_field(&body, Value::default_value_for_field(&body));
        }
        let external_id = self.id_of(cells);
        let external_id = normal_external_id(&external_id).into_owned();
        for (source, target) in &self.fields {
            let column = source.column().unwrap_or(target.plain());
            let place = || Place {
                line,
                column: column.to_owned(),
            };
            if let Err(fault) = fill(source, target, cells, &mut message, finds, &place) {
                let cell = self.bad_cell(line, cells, column, &fault.reason);
                bad.push(cell.remedy(fault.remedy));
            }
        }
        message.set_field_by_name("external_id", Value::String(external_id));
        self.add_facts(cells, &mut message);
        bad.extend(self.add_joined(joined, &mut message, finds));
        if !bad.is_empty() {
            return Err(bad);
        }
        drop_empty_items(&mut message);
        self.checked(line, cells, &message)
    }

    fn checked(
        &self,
        line: u64,
        cells: &Cells,
        message: &DynamicMessage,
    ) -> Result<Record, Vec<BadRow>> {
        let whole = |reason: String| vec![BadRow::new(line, "", reason)];
        let message: api::Record = message
            .transcode_to()
            .map_err(|error| whole(error.to_string()))?;
        let record = Record::new(message).map_err(|error| whole(error.to_string()))?;
        if record.message().external_id.is_empty() {
            let id_column = self.external_id.columns().next().unwrap_or("external_id");
            let bad = BadRow::new(line, id_column, NO_ID);
            return Err(vec![bad.remedy(NO_ID_REMEDY)]);
        }
        record.check().map_err(|errors| {
            errors
                .into_iter()
                .map(|error| {
                    let cell =
                        self.bad_cell(line, cells, &self.column_of(&error.field), &error.reason);
                    cell.remedy(remedy_of(&error))
                })
                .collect::<Vec<_>>()
        })?;
        Ok(record)
    }

    /// Tells, where that may be the cause, how the values of a cell stand apart.
    fn bad_cell(&self, line: u64, cells: &Cells, column: &str, reason: &str) -> BadRow {
        let several = self
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
    pub(super) fn column_of(&self, field: &str) -> String {
        let led = |(source, target): &(Source, Target)| {
            let column = source.column()?.to_owned();
            Some((place::shared(field, target)?, column))
        };
        let nearest = self
            .fields
            .iter()
            .filter_map(led)
            .max_by_key(|(along, _)| *along);
        match nearest {
            Some((_, column)) => column,
            None => self.column_near(field),
        }
    }

    fn column_near(&self, field: &str) -> String {
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
        let covers = |a: &str, b: &str| {
            a == b || (a.starts_with(b) && a.as_bytes().get(b.len()) == Some(&b'.'))
        };
        self.fields
            .iter()
            .filter(|(source, target)| {
                source.column().is_some()
                    && (covers(&plain, target.plain()) || covers(target.plain(), &plain))
            })
            .max_by_key(|(_, target)| target.plain().len())
            .and_then(|(source, _)| source.column())
            .map_or_else(|| field.to_owned(), str::to_owned)
    }

    fn add_facts(&self, cells: &Cells, message: &mut DynamicMessage) {
        let facts: Vec<Value> = cells
            .iter()
            .filter(|(column, _)| self.is_fact(column) && !self.used.contains(&**column))
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
        if !facts.is_empty() {
            message.set_field_by_name("facts", Value::List(facts));
        }
    }

    fn add_joined(
        &self,
        joined: &[JoinedRow],
        message: &mut DynamicMessage,
        finds: &mut Finds,
    ) -> Vec<BadRow> {
        let Some(join) = &self.profile.join else {
            return Vec::new();
        };
        let mut bad = Vec::new();
        let mut index = 0;
        for row in joined {
            for element in &self.join {
                for (source, part) in element {
                    let column = source.column().unwrap_or(part);
                    let place = || Place {
                        line: row.line,
                        column: format!("{}:{column}", join.file),
                    };
                    let target = Target::find(self.kind, &format!("{}.{index}.{part}", join.to));
                    let filled = target.map_err(Fault::from).and_then(|target| {
                        fill(source, &target, &row.cells, message, finds, &place)
                    });
                    if let Err(fault) = filled {
                        let mut row = BadRow::new(row.line, column, fault.reason)
                            .holding(&text_of(&row.cells, column))
                            .remedy(fault.remedy);
                        row.file = Some(join.file.clone());
                        bad.push(row);
                    }
                }
                index += 1;
            }
        }
        bad
    }
}

/// Reads a field's cell, as it is meant, into the record.
fn fill(
    source: &Source,
    target: &Target,
    cells: &Cells,
    message: &mut DynamicMessage,
    finds: &mut Finds,
    place: &dyn Fn() -> Place,
) -> Result<(), Fault> {
    let asked = target.asked();
    let values = source.values(cells, target.takes_several())?;
    let values = asked.understood(values, finds, place)?;
    target.fill(message, &values).map_err(|reason| Fault {
        reason,
        remedy: asked.remedy().to_owned(),
    })
}

/// A row of the file that is joined.
pub(super) struct JoinedRow {
    pub(super) line: u64,
    pub(super) cells: Vec<(Arc<str>, Cell)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_profile_fits_the_schema() {
        assert_eq!(
            Profile::names(),
            [
                "nap-editions",
                "regional-action-plans",
                "seed-good-practices"
            ]
        );
        for name in Profile::names() {
            let profile = Profile::named(name).unwrap().clone();
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
            let error = Mapper::new(profile).err().unwrap().remove(0).1;
            assert!(error.contains(reason), "{error}");
        }
    }
}
