//! The columns that records of a kind can have, as the descriptors say them: what a list
//! of fields, a template and a first mapping are made of.

use prost_reflect::{FieldDescriptor, Kind as FieldKind};
use wpsx_proto::{
    api::record::v1::Form,
    record::schema::{FieldRules, short_value_name, use_of},
};

use super::shape::{Shape, is_text, message_of};

/// Parts within parts that are followed: the schema has no circle today.
const DEEPEST: usize = 6;

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// The field's path, as the header row has it: `title.en`, `sources.0.url`.
    pub path: String,
    /// The fields that lead there, the column's own last. A text's is the list of texts.
    pub fields: Vec<FieldDescriptor>,
    /// What its cells hold.
    pub holds: Holds,
    /// Bytes of each value.
    pub max_bytes: usize,
    /// When it may not be empty.
    pub required: Required,
    /// A cell may hold several values, with ` | ` between them.
    pub several: bool,
    /// It belongs to a list of parts: the number in the path counts them from 0.
    pub in_list: bool,
    /// The vocabulary of its codes; may be empty.
    pub vocabulary: String,
    /// The unit of its numbers; may be empty.
    pub unit: String,
    /// A template offers it. The others are for what a first table does not need.
    pub common: bool,
}

/// What the cells of a column hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Words.
    Text,
    /// `2018`, `2018-09` or `2018-09-11`, and `by 2018` and the like.
    Date,
    /// A country's code.
    Country,
    /// A language's tag.
    Language,
    /// A currency's code.
    Currency,
    /// An address on the web.
    Address,
    /// A decimal number.
    Number,
    /// A whole number.
    WholeNumber,
    /// Yes or no.
    YesNo,
    /// Lower-case letters, digits and hyphens.
    Code,
    /// A UN document symbol.
    Symbol,
    /// A time of day.
    Time,
    /// One of these names.
    Choice(Vec<String>),
    /// Hexadecimal digits.
    Bytes,
}

impl Holds {
    /// Its name for machines.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Date => "date",
            Self::Country => "country",
            Self::Language => "language",
            Self::Currency => "currency",
            Self::Address => "address",
            Self::Number => "number",
            Self::WholeNumber => "whole-number",
            Self::YesNo => "yes-no",
            Self::Code => "code",
            Self::Symbol => "symbol",
            Self::Time => "time",
            Self::Choice(_) => "choice",
            Self::Bytes => "hexadecimal",
        }
    }

    fn of(field: &FieldDescriptor) -> Self {
        match field.kind() {
            FieldKind::Bool => Self::YesNo,
            FieldKind::Bytes => Self::Bytes,
            FieldKind::Uint32 | FieldKind::Int32 | FieldKind::Uint64 | FieldKind::Int64 => {
                Self::WholeNumber
            }
            FieldKind::Enum(names) => Self::Choice(
                names
                    .values()
                    .filter(|value| value.number() != 0)
                    .filter_map(|value| short_value_name(field, value.number()))
                    .collect(),
            ),
            _ => match FieldRules::of(field).form {
                Form::Country => Self::Country,
                Form::Language => Self::Language,
                Form::Currency => Self::Currency,
                Form::Url => Self::Address,
                Form::Date => Self::Date,
                Form::Decimal | Form::Number => Self::Number,
                Form::Code => Self::Code,
                Form::Symbol => Self::Symbol,
                Form::Time => Self::Time,
                _ => Self::Text,
            },
        }
    }
}

/// When a column may not be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required {
    /// It may be.
    No,
    /// Where another column of its part is filled.
    WithItsPart,
    /// Every record needs it.
    Always,
}

impl Required {
    /// Its name for machines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::WithItsPart => "with-its-part",
            Self::Always => "yes",
        }
    }
}

/// Every column of a kind, in the order of the schema; texts in `language`.
#[must_use]
pub fn columns(shape: &Shape, language: &str) -> Vec<Column> {
    let mut walk = Walk {
        language,
        columns: Vec::new(),
    };
    for field in shape.fields() {
        let at = At {
            path: shape.path_of(&field),
            fields: Vec::new(),
            lists: 0,
            common: true,
        };
        walk.field(&field, at);
    }
    walk.columns
}

struct Walk<'a> {
    language: &'a str,
    columns: Vec<Column>,
}

/// Where the walk stands.
#[derive(Clone)]
struct At {
    path: String,
    fields: Vec<FieldDescriptor>,
    lists: usize,
    common: bool,
}

impl Walk<'_> {
    fn field(&mut self, field: &FieldDescriptor, mut at: At) {
        at.fields.push(field.clone());
        at.common &= !use_of(field).personal;
        let Some(message) = message_of(field) else {
            return self.push(field, at, Holds::of(field), field.is_list());
        };
        if at.fields.len() > DEEPEST {
            return;
        }
        if is_text(field) {
            at.path = format!("{}.{}", at.path, self.language);
            let kind = at.clone();
            self.push(field, at, Holds::Text, false);
            let others = message
                .fields()
                .filter(|part| !matches!(part.name(), "language" | "text"));
            for other in others {
                self.field(&other, kind.further(&other, false));
            }
            return;
        }
        if field.is_list() {
            at.path.push_str(".0");
            at.lists += 1;
            // Parts within parts are for those who look for them.
            at.common &= at.lists == 1;
        }
        let is_date = message.name() == "Date";
        if is_date {
            self.push(field, at.clone(), Holds::Date, false);
        }
        let is_reference = message.name() == "RecordReference";
        for part in message.fields() {
            if is_date && matches!(part.name(), "value" | "sense") {
                continue;
            }
            let common = !is_date && (!is_reference || part.name() == "external_id");
            self.field(&part, at.further(&part, common));
        }
    }

    fn push(&mut self, field: &FieldDescriptor, at: At, holds: Holds, several: bool) {
        let rules = FieldRules::of(field);
        let text = message_of(field)
            .filter(|_| is_text(field))
            .and_then(|message| message.get_field_by_name("text"));
        let required = match (rules.required, at.fields.len()) {
            (false, _) => Required::No,
            (true, 1) => Required::Always,
            (true, _) => Required::WithItsPart,
        };
        let use_ = use_of(field);
        self.columns.push(Column {
            path: at.path,
            holds,
            max_bytes: text.map_or(rules, |text| FieldRules::of(&text)).max_bytes,
            required,
            several,
            in_list: at.lists > 0,
            vocabulary: use_.vocabulary.clone(),
            unit: use_.unit.clone(),
            common: at.common,
            fields: at.fields,
        });
    }
}

impl At {
    fn further(&self, part: &FieldDescriptor, common: bool) -> Self {
        Self {
            path: format!("{}.{}", self.path, part.name()),
            fields: self.fields.clone(),
            lists: self.lists,
            common: self.common && common,
        }
    }
}

impl Column {
    /// A value that the column takes, for an example.
    #[must_use]
    pub fn example(&self, codes: &[String]) -> String {
        let code = codes.first().cloned();
        let fits = |text: &str| match text.len() <= self.max_bytes {
            true => text.to_owned(),
            false => "1".to_owned(),
        };
        match &self.holds {
            Holds::Text => code.unwrap_or_else(|| fits("Example")),
            Holds::Date => "2024-05-31".to_owned(),
            Holds::Country => "KEN".to_owned(),
            Holds::Language => "en".to_owned(),
            Holds::Currency => "EUR".to_owned(),
            Holds::Address => "https://www.example.org/document".to_owned(),
            Holds::Number => "12.5".to_owned(),
            Holds::WholeNumber => "1".to_owned(),
            Holds::YesNo => "no".to_owned(),
            Holds::Code => code.unwrap_or_else(|| fits("example")),
            Holds::Symbol => "S/RES/1325 (2000)".to_owned(),
            Holds::Time => "09:30".to_owned(),
            Holds::Choice(names) => names.first().cloned().unwrap_or_default(),
            Holds::Bytes => "00112233445566778899aabbccddeeff".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use wpsx_proto::record::Kind;

    use super::*;
    use crate::target::Target;

    #[test]
    fn every_column_of_every_kind_is_a_place_that_an_import_finds() {
        for kind in Kind::known() {
            let shape = Shape::of(kind).unwrap();
            let columns = columns(&shape, "ar");
            for column in &columns {
                if let Err(error) = Target::find_in(&shape, &column.path) {
                    panic!("{kind}: {error}");
                }
            }
            // What no column of its own can name has no place in a table at all.
            let unnamed = shape.fields().find(|field| {
                !columns
                    .iter()
                    .any(|column| column.fields.first() == Some(field))
            });
            assert_eq!(unnamed, None, "{kind}");
            assert!(columns.iter().filter(|column| column.common).count() < 160);
        }
    }

    #[test]
    fn a_column_says_what_the_schema_says_of_it() {
        let shape = Shape::of(Kind::NATIONAL_ACTION_PLAN).unwrap();
        let columns = columns(&shape, "fr");
        let column = |path: &str| columns.iter().find(|column| column.path == path).unwrap();
        assert_eq!(column("title.fr").required, Required::Always);
        assert_eq!(column("title.fr").max_bytes, 65_536);
        assert_eq!(column("countries").holds, Holds::Country);
        assert!(column("countries").several && !column("countries").in_list);
        assert_eq!(column("countries").vocabulary, "countries");
        assert_eq!(column("period.start").holds, Holds::Date);
        assert_eq!(column("period.open_ended").holds, Holds::YesNo);
        assert!(column("sources.0.url").in_list && column("sources.0.url").common);
        assert!(!column("period.start.note").common);
        let Holds::Choice(scopes) = &column("scope").holds else {
            panic!("{:?}", column("scope").holds);
        };
        assert_eq!(scopes, &["domestic", "international", "both"]);
    }
}
