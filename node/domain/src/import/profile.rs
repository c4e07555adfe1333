//! Mapping profiles: how the columns of a known file become fields of a record.
//!
//! A profile is a TOML file. Those of the data sets that come with the project are
//! part of the program; anyone can write one more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

use prost_reflect::{DynamicMessage, Value};
use serde::Deserialize;
use wpsx_proto::{
    api::record::v1 as api,
    record::{Kind, Record, schema::record_message},
};

use super::{
    BadRow,
    rows::Cell,
    target::{Target, drop_empty_items},
};

type Cells = [(Arc<str>, Cell)];

/// The profiles that come with the program.
static SHIPPED: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    [
        include_str!("profiles/nap_editions.toml"),
        include_str!("profiles/regional_action_plans.toml"),
        include_str!("profiles/seed_good_practices.toml"),
    ]
    .iter()
    .map(|text| {
        Profile::parse(text).expect("a test reads every profile that is part of the program")
    })
    .collect()
});

/// A mapping as its file says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    pub(super) name: String,
    kind: String,
    /// A file with all these columns is of this profile.
    tells: Vec<String>,
    external_id: String,
    /// Rows with other values in these columns are left out and counted.
    #[serde(default)]
    only: BTreeMap<String, String>,
    #[serde(default)]
    field: Vec<FieldSource>,
    #[serde(default)]
    ignored: Vec<Ignored>,
    pub(super) join: Option<Join>,
}

/// Where the value of one field comes from: a column, a template, or a group of columns.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldSource {
    #[serde(default)]
    to: String,
    column: Option<String>,
    template: Option<String>,
    /// Every column whose name starts so and that nothing else uses, as a fact.
    each: Option<String>,
    /// What a cell's text becomes; another text is an error, or `otherwise`.
    #[serde(default)]
    values: BTreeMap<String, String>,
    otherwise: Option<String>,
    /// Between the values of a cell; " | " if nothing is said.
    separator: Option<String>,
    /// Only in rows with these values; `*` means any value.
    #[serde(default)]
    when: BTreeMap<String, String>,
    #[serde(default)]
    unless: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ignored {
    columns: Vec<String>,
}

/// Rows of another file that become parts of this file's records.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Join {
    /// Beside the file; when it is not there, nothing is joined.
    pub(super) file: String,
    /// A column of both files.
    pub(super) key: String,
    /// The list of parts that grows.
    to: String,
    /// One part for each row and element: field of the part to its source.
    element: Vec<BTreeMap<String, FieldSource>>,
}

impl Profile {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// The shipped profile of that name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        SHIPPED.iter().find(|profile| profile.name == name)
    }

    /// The shipped profile that a file's columns tell.
    pub(super) fn told_by(cells: &Cells) -> Option<&'static Self> {
        SHIPPED.iter().find(|profile| {
            profile
                .tells
                .iter()
                .all(|column| cells.iter().any(|(name, _)| **name == **column))
        })
    }

    pub(super) fn names() -> Vec<&'static str> {
        SHIPPED
            .iter()
            .map(|profile| profile.name.as_str())
            .collect()
    }

    /// A profile for a file whose header row names field paths.
    pub(super) fn of_paths(kind: Kind, cells: &Cells) -> Self {
        let is_field = |column: &str| column != "kind";
        Self {
            name: "field paths".to_owned(),
            kind: kind.to_string(),
            tells: Vec::new(),
            external_id: "{external_id}".to_owned(),
            only: BTreeMap::new(),
            field: cells
                .iter()
                .filter(|(column, _)| is_field(column))
                .map(|(column, _)| FieldSource {
                    to: column.to_string(),
                    column: Some(column.to_string()),
                    ..FieldSource::default()
                })
                .collect(),
            ignored: vec![Ignored {
                columns: vec!["kind".to_owned()],
            }],
            join: None,
        }
    }
}

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

    /// The name of a column that nothing uses, so that nothing is lost unseen.
    pub(super) fn unused<'a>(&self, cells: &'a Cells) -> Option<&'a str> {
        cells
            .iter()
            .map(|(name, _)| &**name)
            .find(|name| !self.used.contains(*name) && !self.is_fact(name))
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
    ) -> Result<Record, Vec<BadRow>> {
        let mut bad = Vec::new();
        let mut message = DynamicMessage::new(record_message());
        if let Some(body) = self.kind.body_field() {
            // Present even when no column fills it: it says the kind.
            message.set_field(&body, Value::default_value_for_field(&body));
        }
        let external_id = self.external_id.fill(cells);
        for (source, target) in &self.fields {
            let filled = source
                .values(cells, target.takes_several())
                .and_then(|values| target.fill(&mut message, &values));
            if let Err(reason) = filled {
                let column = source.column().unwrap_or(target.plain());
                bad.push(self.bad_cell(line, cells, column, &reason));
            }
        }
        message.set_field_by_name("external_id", Value::String(external_id));
        self.add_facts(cells, &mut message);
        bad.extend(self.add_joined(joined, &mut message));
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
            let reason = "is missing; a second import finds the record by it";
            return Err(vec![BadRow::new(line, id_column, reason)]);
        }
        record.check().map_err(|errors| {
            errors
                .into_iter()
                .map(|error| {
                    self.bad_cell(line, cells, &self.column_of(&error.field), &error.reason)
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
        BadRow::new(
            line,
            column,
            format!("{reason}{}", advice.unwrap_or_default()),
        )
    }

    /// The column that fills a field, or the field itself.
    fn column_of(&self, field: &str) -> String {
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

    fn add_joined(&self, joined: &[JoinedRow], message: &mut DynamicMessage) -> Vec<BadRow> {
        let Some(join) = &self.profile.join else {
            return Vec::new();
        };
        let mut bad = Vec::new();
        let mut index = 0;
        for row in joined {
            for element in &self.join {
                for (source, part) in element {
                    let filled = Target::find(self.kind, &format!("{}.{index}.{part}", join.to))
                        .and_then(|target| {
                            let values = source.values(&row.cells, target.takes_several())?;
                            target.fill(message, &values)
                        });
                    if let Err(reason) = filled {
                        let column = source.column().unwrap_or(part);
                        let mut row = BadRow::new(row.line, column, reason);
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

/// A row of the file that is joined.
pub(super) struct JoinedRow {
    pub(super) line: u64,
    pub(super) cells: Vec<(Arc<str>, Cell)>,
}

/// A field's source, ready to be read from rows.
struct Source {
    said: FieldSource,
    template: Option<Template>,
}

impl Source {
    fn new(said: &FieldSource) -> Result<Self, String> {
        if said.column.is_some() == said.template.is_some() {
            return Err("a field has either a column or a template".to_owned());
        }
        Ok(Self {
            template: said.template.as_deref().map(Template::parse).transpose()?,
            said: said.clone(),
        })
    }

    fn column(&self) -> Option<&str> {
        self.said.column.as_deref()
    }

    fn columns(&self) -> impl Iterator<Item = &str> {
        let template = self.template.iter().flat_map(Template::columns);
        let conditions = self.said.when.keys().chain(self.said.unless.keys());
        self.column()
            .into_iter()
            .chain(template)
            .chain(conditions.map(String::as_str))
    }

    fn values(&self, cells: &Cells, several: bool) -> Result<Vec<String>, String> {
        let holds = |(column, wanted): (&String, &String)| {
            let text = text_of(cells, column);
            text == *wanted || (wanted == "*" && !text.is_empty())
        };
        let applies = self.said.when.iter().all(holds)
            && (self.said.unless.is_empty() || !self.said.unless.iter().all(holds));
        if !applies {
            return Ok(Vec::new());
        }
        let values = match (&self.template, self.column()) {
            (Some(template), _) => vec![template.fill(cells)],
            (None, Some(column)) => self.split(cell_of(cells, column), several)?,
            (None, None) => Vec::new(),
        };
        values
            .into_iter()
            .map(|value| self.translate(value))
            .collect()
    }

    fn separator(&self) -> &str {
        self.said.separator.as_deref().unwrap_or(" | ")
    }

    fn split(&self, cell: Option<&Cell>, several: bool) -> Result<Vec<String>, String> {
        let separator = self.separator();
        match cell {
            None => Ok(Vec::new()),
            Some(Cell::Text(text)) if several => Ok(text
                .split(separator)
                .map(|value| value.trim().to_owned())
                .collect()),
            Some(Cell::Text(text)) => Ok(vec![text.clone()]),
            Some(Cell::List(values)) if several || values.len() <= 1 => Ok(values.clone()),
            Some(Cell::List(_)) => Err("holds a list where one value belongs".to_owned()),
        }
    }

    fn translate(&self, value: String) -> Result<String, String> {
        if self.said.values.is_empty() || value.is_empty() {
            return Ok(value);
        }
        if let Some(translated) = self.said.values.get(&value) {
            return Ok(translated.clone());
        }
        self.said.otherwise.clone().ok_or_else(|| {
            let known: Vec<&str> = self.said.values.keys().map(String::as_str).collect();
            format!("{value:?} is none of {}", known.join(", "))
        })
    }
}

/// Text with `{column}`, `{column|lower}` and `{column|slug}` in it. Empty as a
/// whole when one of its columns is empty. It depends on its row alone: an id that
/// depended on other rows would change when they do.
struct Template(Vec<Piece>);

enum Piece {
    Text(String),
    Column { name: String, filter: Filter },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Filter {
    None,
    Lower,
    /// Its letters and digits in lower case, with a hyphen for all between them.
    Slug,
}

impl Template {
    fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, after) = after
                .split_once('}')
                .ok_or_else(|| format!("{text:?} opens a brace and does not close it"))?;
            let (name, filter) = match inside.split_once('|') {
                None => (inside, Filter::None),
                Some((name, "lower")) => (name, Filter::Lower),
                Some((name, "slug")) => (name, Filter::Slug),
                Some((_, filter)) => return Err(format!("there is no filter {filter:?}")),
            };
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Column {
                name: name.to_owned(),
                filter,
            });
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Column { name, .. } => Some(name.as_str()),
        })
    }

    fn fill(&self, cells: &Cells) -> String {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Column { name, filter } => {
                    let text = text_of(cells, name);
                    let text = match filter {
                        Filter::None => text,
                        Filter::Lower => text.to_lowercase(),
                        Filter::Slug => slug(&text),
                    };
                    if text.is_empty() {
                        return String::new();
                    }
                    filled.push_str(&text);
                }
            }
        }
        filled
    }
}

fn slug(text: &str) -> String {
    let text = text.to_lowercase();
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

fn cell_of<'a>(cells: &'a Cells, column: &str) -> Option<&'a Cell> {
    cells
        .iter()
        .find(|(name, _)| **name == *column)
        .map(|(_, cell)| cell)
}

fn text_of(cells: &Cells, column: &str) -> String {
    match cell_of(cells, column) {
        None => String::new(),
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::List(values)) => values.join(" | "),
    }
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
    fn a_slug_keeps_letters_and_digits_of_any_script() {
        assert_eq!(
            slug(" Plan (2nd), Côte d'Ivoire! "),
            "plan-2nd-côte-d-ivoire"
        );
        assert_eq!(slug("خطة العمل"), "خطة-العمل");
        assert_eq!(slug("-- ?"), "");
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
