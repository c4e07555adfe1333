//! Mapping profiles: how the columns of a known file become fields of a record.
//!
//! A profile is a TOML file. Those of the data sets that come with the project are
//! part of the program (`shipped`); anyone can write one more and name it:
//! `wpsx import FILE --profile MAPPING.toml`. What it can say:
//!
//! ```toml
//! name = "peacekeepers"
//! # The kind of every record, or a cell that chooses it.
//! kind = "series"
//! # kind = { column = "type", values = { act = "law", strategy = "policy" }, otherwise = "document" }
//! # A file with all these columns is of this profile (for those that are shipped).
//! tells = ["contributor", "mission"]
//! # The key columns: what a second import finds the record by. Filters: `{column|lower}`,
//! # `{column|slug}` (letters and digits, hyphens between), `{column|or other}` (when empty).
//! external_id = "pk-{contributor|slug}"
//! # Rows with other values are left out and counted.
//! only = { source = "S3" }
//!
//! [[field]]
//! to = "title.en"                  # a field path, as `wpsx fields KIND` lists them
//! template = "Peacekeepers of {contributor}"
//! [[field]]
//! to = "countries"
//! column = "iso3"
//! separator = " "                  # between the values of a cell; " | " if nothing is said
//! keep = "country"                 # values of this form alone; `drop`: all but those
//! [[field]]
//! to = "period.start"
//! column = "years"                 # 2020-2022
//! separator = "-"
//! part = "first"                   # or "last": one of the values
//! [[field]]
//! to = "unit"
//! column = "unit"
//! values = { "%" = "percent" }     # what a text becomes; another one is a fault,
//! otherwise = "number"             # or this
//! when = { unit = "*" }            # in rows with these values; `*` is any, a list one of them
//! unless = { iso3 = ["", "ZZZ"] }
//! optional = true                  # files may lack the column; without it that is a fault
//! kinds = ["series"]               # where a cell chooses the kind: in records of these alone
//! [[field]]
//! to = "facts"
//! each = "extra_"                  # every column that starts so and that nothing else uses
//!
//! # A text that the file does not have, in our words, once for each language that they are
//! # given in. `{column|name VOCABULARY}` is what a code is called in that language. Each is
//! # marked as descriptive: nobody has stated it, and none is a translation of a stated one.
//! [[worded]]
//! to = "title"
//! [worded.text]
//! en = "Peacekeepers of {iso3|name countries}"
//! fr = "Casques bleus : {iso3|name countries}"
//!
//! # Rows with one value in all these columns are one record, and each of its rows adds
//! # one part, or several, to a list. What the other fields use must not differ in them,
//! # but with `rows = "all"` (each value once), "least" or "greatest".
//! [group]
//! by = ["iso3"]
//! to = "observations"
//! [[group.element]]
//! period = { column = "year" }
//! value = { column = "women" }
//! sex = { template = "female" }
//!
//! # Rows of a second file beside this one, as parts of a list: those with the same `key`,
//! # or all of them.
//! [[join]]
//! file = "notes.csv"
//! key = "iso3"
//! to = "claims"
//! [[join.element]]
//! field = { template = "observations" }
//! value = { column = "note" }
//!
//! # Sums that the source prints: off by `within` or less is a remark, by more a fault.
//! [[check]]
//! sum = ["women", "men"]
//! equals = "total"
//! within = 1
//!
//! # Columns that are not taken over. One that nothing names is a fault.
//! [[ignored]]
//! columns = ["row"]
//! ```
//!
//! The same rows always give the same bytes: nothing depends on a row's place, on the
//! clock or on what was imported before.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};
use toml::Spanned;
use wpsx_proto::record::Kind;
use wpsx_words::Language;

use super::{cells::Cells, marks::ID_COLUMN, names, nearest::hint};

/// A mapping as its file says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) kind: KindSource,
    /// A file with all these columns is of this profile.
    pub(super) tells: Vec<String>,
    /// Only a file of this name is, where others have the same columns.
    pub(super) file: Option<String>,
    pub(super) external_id: String,
    /// The line of that; 0 where it comes from no file.
    #[serde(skip)]
    pub(super) id_line: usize,
    /// Rows with other values in these columns are left out and counted.
    #[serde(default)]
    pub(super) only: BTreeMap<String, OneOf>,
    #[serde(default)]
    pub(super) field: Vec<FieldSource>,
    #[serde(default)]
    pub(super) worded: Vec<Worded>,
    #[serde(default)]
    pub(super) ignored: Vec<Ignored>,
    #[serde(default)]
    pub(super) join: Vec<Join>,
    pub(super) group: Option<Group>,
    #[serde(default)]
    pub(super) check: Vec<SumCheck>,
}

/// The kind of a file's records.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "`kind` is the name of a kind, or { column, values } with the kind of each value"
)]
pub(super) enum KindSource {
    /// Of all of them.
    Every(String),
    /// By the text of a cell.
    ByCell(KindByCell),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindByCell {
    pub(super) column: String,
    pub(super) values: BTreeMap<String, String>,
    pub(super) otherwise: Option<String>,
}

/// The text that a cell must have.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a condition is a text, or a list of texts")]
pub(super) enum OneOf {
    Text(String),
    Any(Vec<String>),
}

impl OneOf {
    /// A cell with this text is meant. `*` means any text that is not empty.
    pub(super) fn holds(&self, text: &str) -> bool {
        let is = |wanted: &String| *wanted == *text || (wanted == "*" && !text.is_empty());
        match self {
            Self::Text(wanted) => is(wanted),
            Self::Any(wanted) => wanted.iter().any(is),
        }
    }
}

/// Where the value of one field comes from: a column, a template, or a group of columns.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a value is { column = \"its column\" } or { template = \"text with {columns}\" }"
)]
pub(super) struct FieldSource {
    #[serde(default)]
    pub(super) to: String,
    pub(super) column: Option<String>,
    pub(super) template: Option<String>,
    /// Every column whose name starts so and that nothing else uses, as a fact.
    pub(super) each: Option<String>,
    /// What a cell's text becomes; another text is an error, or `otherwise`.
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
    pub(super) otherwise: Option<String>,
    /// Between the values of a cell; " | " if nothing is said.
    pub(super) separator: Option<String>,
    /// One of a cell's values alone.
    pub(super) part: Option<Part>,
    /// Only values of this form, such as `country`; the others leave their place empty.
    pub(super) keep: Option<String>,
    /// Only values that are not of this form.
    pub(super) drop: Option<String>,
    /// Only in rows with these values; `*` means any value.
    #[serde(default)]
    pub(super) when: BTreeMap<String, OneOf>,
    #[serde(default)]
    pub(super) unless: BTreeMap<String, OneOf>,
    /// Only in records of these kinds; none: in all.
    #[serde(default)]
    pub(super) kinds: Vec<String>,
    /// Files may lack the column.
    #[serde(default)]
    pub(super) optional: bool,
    /// Which rows of a group the value comes from; none: they all say the same.
    pub(super) rows: Option<OfRows>,
    /// The language that its template is in.
    #[serde(skip)]
    pub(super) language: Option<Language>,
    /// The line in the profile; 0 where it comes from no file.
    #[serde(skip)]
    pub(super) line: usize,
}

/// A text that the file does not have, in the words of the profile in several languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Worded {
    /// A field of texts.
    to: String,
    /// A template for each language.
    text: BTreeMap<String, String>,
    #[serde(default)]
    kinds: Vec<String>,
}

impl Worded {
    /// The fields that it stands for: each text, and what says whose words it is.
    fn fields(&self, line: usize) -> Result<Vec<FieldSource>, String> {
        let known = |tag: &String| Language::ALL.iter().any(|it| it.tag() == tag);
        if let Some(other) = self.text.keys().find(|tag| !known(tag)) {
            let reason = "[worded.text] has texts in en, fr, es, ru, ar and zh";
            return Err(format!("line {line}: {other:?}: {reason}"));
        }
        let mut fields = Vec::new();
        for language in Language::ALL {
            let Some(template) = self.text.get(language.tag()) else {
                continue;
            };
            let text = FieldSource {
                to: format!("{}.{language}", self.to),
                template: Some(template.clone()),
                kinds: self.kinds.clone(),
                language: Some(language),
                line,
                ..FieldSource::default()
            };
            // Where a place is empty there is no text, and nothing to say of it.
            let kind = FieldSource {
                to: format!("{}.kind", text.to),
                values: BTreeMap::from([(String::new(), String::new())]),
                otherwise: Some("descriptive".to_owned()),
                ..text.clone()
            };
            fields.extend([text, kind]);
        }
        Ok(fields)
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Part {
    First,
    Last,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum OfRows {
    /// Each value once, in the order of the file.
    All,
    /// The first one in the order of texts, which is the order of dates.
    Least,
    Greatest,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ignored {
    pub(super) columns: Vec<String>,
}

/// One part of a list: field of the part to its source.
pub(super) type Element = BTreeMap<String, FieldSource>;

/// Rows of another file that become parts of this file's records.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Join {
    /// Beside the file; when it is not there, nothing is joined.
    pub(super) file: String,
    /// A column of both files; none: all rows are parts of each record.
    pub(super) key: Option<String>,
    /// Only records of rows with these values.
    #[serde(default)]
    pub(super) when: BTreeMap<String, OneOf>,
    /// The list of parts that grows.
    pub(super) to: String,
    /// One part for each row and element.
    pub(super) element: Vec<Element>,
}

/// Rows of this file that are one record together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) by: Vec<String>,
    /// The list of parts that grows.
    pub(super) to: String,
    /// One part for each row and element.
    pub(super) element: Vec<Element>,
}

/// A sum that the rows print beside its parts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SumCheck {
    pub(super) sum: Vec<String>,
    pub(super) equals: String,
    #[serde(default)]
    pub(super) within: u64,
}

impl Join {
    /// The columns of its file that it reads.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let fields = self.element.iter().flat_map(Element::values);
        let named = fields.filter_map(|field| field.column.as_deref());
        named.chain(self.key.as_deref())
    }
}

impl Profile {
    /// Reads a profile; what is wrong is told with its line and column.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = |error: toml::de::Error| with_hint(&error.to_string());
        let mut profile: Self = toml::from_str(text).map_err(wrong)?;
        // The same text once more, for where each field stands.
        let places: Places = toml::from_str(text).unwrap_or_default();
        profile.id_line = places.external_id.map_or(0, |place| line_of(text, &place));
        for (field, place) in profile.field.iter_mut().zip(&places.field) {
            field.line = line_of(text, place);
        }
        for (worded, place) in profile.worded.iter().zip(&places.worded) {
            profile.field.extend(worded.fields(line_of(text, place))?);
        }
        let lists = profile.join.iter_mut().map(|join| &mut join.element);
        let lists = lists.chain(profile.group.iter_mut().map(|group| &mut group.element));
        let placed = places.join.iter().chain(&places.group);
        for (elements, list) in lists.zip(placed) {
            for (element, places) in elements.iter_mut().zip(&list.element) {
                for (part, source) in element {
                    source.line = places.get(part).map_or(0, |place| line_of(text, place));
                }
            }
        }
        Ok(profile)
    }

    /// The names of the kinds that its records may have.
    pub(super) fn kinds(&self) -> Vec<&str> {
        match &self.kind {
            KindSource::Every(kind) => vec![kind],
            KindSource::ByCell(by) => by
                .values
                .values()
                .chain(&by.otherwise)
                .map(String::as_str)
                .collect(),
        }
    }

    /// The names of the columns that it reads or leaves out.
    pub(super) fn known(&self) -> impl Iterator<Item = &str> {
        fn list(element: &Element) -> impl Iterator<Item = &String> {
            element.values().flat_map(named)
        }
        fn named(field: &FieldSource) -> impl Iterator<Item = &String> {
            let conditions = field.when.keys().chain(field.unless.keys());
            field.column.iter().chain(conditions)
        }
        let fields = self.field.iter().flat_map(named);
        let groups = self
            .group
            .iter()
            .flat_map(|group| &group.element)
            .flat_map(list);
        let all = self.tells.iter().chain(fields).chain(groups);
        all.map(String::as_str).chain(self.columns())
    }

    /// Columns that it names outside of its fields.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let by_cell = match &self.kind {
            KindSource::Every(_) => None,
            KindSource::ByCell(by) => Some(&by.column),
        };
        let ignored = self.ignored.iter().flat_map(|ignored| &ignored.columns);
        let joins = self
            .join
            .iter()
            .flat_map(|join| join.key.iter().chain(join.when.keys()));
        let groups = self.group.iter().flat_map(|group| &group.by);
        let sums = self
            .check
            .iter()
            .flat_map(|check| check.sum.iter().chain([&check.equals]));
        let all = by_cell.into_iter().chain(ignored).chain(self.only.keys());
        all.chain(joins)
            .chain(groups)
            .chain(sums)
            .map(String::as_str)
    }

    /// What its parts say against each other: where, and what.
    pub(super) fn slip(&self) -> Option<(String, String)> {
        let kinds = self.kinds();
        let field = self.field.iter().find_map(|field| {
            let other = field
                .kinds
                .iter()
                .find(|kind| !kinds.contains(&kind.as_str()))?;
            let reason = format!("no record of this profile is a {other:?}");
            Some((format!("line {}: {}", field.line, field.to), reason))
        });
        let rows = self.field.iter().find(|field| field.rows.is_some());
        let alone = rows.filter(|_| self.group.is_none()).map(|field| {
            let reason = "`rows` belongs to a profile with a [group]".to_owned();
            (format!("line {}: {}", field.line, field.to), reason)
        });
        let group = self.group.as_ref().filter(|group| group.by.is_empty());
        let empty = group.map(|_| {
            let reason = "`by` names no column, so that all rows are one record".to_owned();
            ("[group]".to_owned(), reason)
        });
        field.or(alone).or(empty)
    }

    /// A profile for a file whose header row names field paths.
    pub(super) fn of_paths(kind: Kind, cells: &Cells) -> Self {
        let is_field = |column: &str| column == ID_COLUMN || !names::is_special(column);
        // A name that no field has is left for the mapper to refuse.
        let path = |column: &str| names::path_of(kind, column).unwrap_or(column.to_owned());
        Self {
            name: "field paths".to_owned(),
            kind: KindSource::Every(kind.to_string()),
            tells: Vec::new(),
            file: None,
            external_id: "{external_id}".to_owned(),
            id_line: 0,
            only: BTreeMap::new(),
            field: cells
                .iter()
                .filter(|(column, _)| is_field(column))
                .map(|(column, _)| FieldSource {
                    to: path(column),
                    column: Some(column.to_string()),
                    ..FieldSource::default()
                })
                .collect(),
            worded: Vec::new(),
            ignored: vec![Ignored {
                columns: names::special(),
            }],
            join: Vec::new(),
            group: None,
            check: Vec::new(),
        }
    }
}

type Place = Spanned<IgnoredAny>;

#[derive(Default, Deserialize)]
struct Places {
    external_id: Option<Place>,
    #[serde(default)]
    field: Vec<Place>,
    #[serde(default)]
    worded: Vec<Place>,
    #[serde(default)]
    join: Vec<PlacesOfList>,
    group: Option<PlacesOfList>,
}

#[derive(Deserialize)]
struct PlacesOfList {
    #[serde(default)]
    element: Vec<BTreeMap<String, Place>>,
}

/// What the reader of TOML says, with the key that was probably meant.
fn with_hint(told: &str) -> String {
    let Some((before, rest)) = told.split_once("unknown field `") else {
        return told.trim_end().to_owned();
    };
    let slip = rest.split('`').next().unwrap_or_default();
    let known: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();
    let hint = hint(slip, known.iter().copied());
    let known = known.join(", ");
    format!("{before}there is no key `{slip}`{hint}; keys are {known}")
}

fn line_of(text: &str, place: &Place) -> usize {
    let before = text.get(..place.span().start).unwrap_or_default();
    before.matches('\n').count() + 1
}
