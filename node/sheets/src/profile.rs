//! Mapping profiles: how the columns of a known file become fields of a record.
//!
//! A profile is a TOML file. Those of the data sets that come with the project are
//! part of the program; anyone can write one more.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use wpsx_proto::record::Kind;

use super::{cells::Cells, folding, marks::ID_COLUMN, names};

/// The profiles that come with the program.
#[expect(
    clippy::expect_used,
    reason = "they are part of the program, and a test reads each of them"
)]
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
    pub(super) kind: String,
    /// A file with all these columns is of this profile.
    pub(super) tells: Vec<String>,
    pub(super) external_id: String,
    /// Rows with other values in these columns are left out and counted.
    #[serde(default)]
    pub(super) only: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) field: Vec<FieldSource>,
    #[serde(default)]
    pub(super) ignored: Vec<Ignored>,
    pub(super) join: Option<Join>,
}

/// Where the value of one field comes from: a column, a template, or a group of columns.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// Only in rows with these values; `*` means any value.
    #[serde(default)]
    pub(super) when: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) unless: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ignored {
    pub(super) columns: Vec<String>,
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
    pub(super) to: String,
    /// One part for each row and element: field of the part to its source.
    pub(super) element: Vec<BTreeMap<String, FieldSource>>,
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
            profile.tells.iter().all(|column| {
                let wanted = folding::folded(column);
                cells
                    .iter()
                    .any(|(name, _)| folding::folded(name) == wanted)
            })
        })
    }

    /// The names of the columns that it reads or leaves out.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let sources = self.field.iter().flat_map(|field| {
            let conditions = field.when.keys().chain(field.unless.keys());
            field.column.iter().chain(conditions)
        });
        let ignored = self.ignored.iter().flat_map(|ignored| &ignored.columns);
        let all = self.tells.iter().chain(sources).chain(ignored);
        all.chain(self.only.keys()).map(String::as_str)
    }

    /// The names of the columns that tell a shipped profile.
    pub(super) fn telling() -> impl Iterator<Item = &'static str> {
        SHIPPED
            .iter()
            .flat_map(|profile| profile.tells.iter().map(String::as_str))
    }

    pub(super) fn names() -> Vec<&'static str> {
        SHIPPED
            .iter()
            .map(|profile| profile.name.as_str())
            .collect()
    }

    /// A profile for a file whose header row names field paths.
    pub(super) fn of_paths(kind: Kind, cells: &Cells) -> Self {
        let is_field = |column: &str| column == ID_COLUMN || !names::is_special(column);
        // A name that no field has is left for the mapper to refuse.
        let path = |column: &str| names::path_of(kind, column).unwrap_or(column.to_owned());
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
                    to: path(column),
                    column: Some(column.to_string()),
                    ..FieldSource::default()
                })
                .collect(),
            ignored: vec![Ignored {
                columns: names::special(),
            }],
            join: None,
        }
    }
}
