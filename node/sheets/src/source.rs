//! Where the values of one field come from in a row.

use std::collections::BTreeMap;

use wpsx_proto::{api::record::v1 as api, record::check_form};

use super::{
    cells::{Cell, Cells, cell_of, text_of},
    profile::{FieldSource, OfRows, OneOf, Part},
    several,
    template::Template,
    understand::Fault,
};

/// A field's source, ready to be read from rows.
#[derive(Clone)]
pub(super) struct Source {
    said: FieldSource,
    template: Option<Template>,
    keep: Option<api::Form>,
    drop: Option<api::Form>,
}

/// Every condition holds in the row.
pub(super) fn holds(conditions: &BTreeMap<String, OneOf>, cells: &Cells) -> bool {
    conditions
        .iter()
        .all(|(column, wanted)| wanted.holds(&text_of(cells, column)))
}

impl Source {
    pub(super) fn new(said: &FieldSource) -> Result<Self, String> {
        if said.column.is_some() == said.template.is_some() {
            return Err("a field has either a column or a template".to_owned());
        }
        let template = said.template.as_deref();
        let template = template.map(|text| Template::parse(text, said.language));
        Ok(Self {
            template: template.transpose()?,
            keep: said.keep.as_deref().map(form).transpose()?,
            drop: said.drop.as_deref().map(form).transpose()?,
            said: said.clone(),
        })
    }

    pub(super) fn column(&self) -> Option<&str> {
        self.said.column.as_deref()
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let template = self.template.iter().flat_map(Template::columns);
        let conditions = self.said.when.keys().chain(self.said.unless.keys());
        self.column()
            .into_iter()
            .chain(template)
            .chain(conditions.map(String::as_str))
    }

    /// Which rows of a group it reads; none: they all say the same.
    pub(super) fn rows(&self) -> Option<OfRows> {
        self.said.rows
    }

    /// What one row says.
    pub(super) fn values(&self, cells: &Cells, several: bool) -> Result<Vec<String>, Fault> {
        let applies = holds(&self.said.when, cells)
            && (self.said.unless.is_empty() || !holds(&self.said.unless, cells));
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
            .map(|value| self.translate(self.of_form(value)))
            .collect()
    }

    pub(super) fn separator(&self) -> &str {
        self.said.separator.as_deref().unwrap_or(" | ")
    }

    fn split(&self, cell: Option<&Cell>, several: bool) -> Result<Vec<String>, Fault> {
        let apart = |text: &str| match &self.said.separator {
            None => several::apart(text),
            Some(separator) => {
                let values = text.split(separator.as_str());
                values.map(|value| value.trim().to_owned()).collect()
            }
        };
        let values = match cell {
            None => Vec::new(),
            Some(Cell::Text(text)) if several || self.said.part.is_some() => apart(text),
            Some(Cell::Text(text) | Cell::Number(text)) => vec![text.clone()],
            Some(Cell::List(values)) => values.clone(),
        };
        let values = match self.said.part {
            None => values,
            Some(Part::First) => values.into_iter().take(1).collect(),
            Some(Part::Last) => values.into_iter().last().into_iter().collect(),
        };
        if !several && values.len() > 1 {
            return Err(Fault {
                reason: "holds a list where one value belongs".to_owned(),
                remedy: "keep one of the values".to_owned(),
            });
        }
        Ok(values)
    }

    /// The value, or nothing where it is not of the form that is wanted. Its place stays,
    /// so that two fields of one list's parts can share a cell.
    fn of_form(&self, value: String) -> String {
        let is = |form: api::Form| check_form(form, &value).is_ok();
        let unwanted = self.keep.is_some_and(|form| !is(form)) || self.drop.is_some_and(is);
        if unwanted { String::new() } else { value }
    }

    fn translate(&self, value: String) -> Result<String, Fault> {
        if self.said.values.is_empty() || value.is_empty() {
            return Ok(value);
        }
        if let Some(translated) = self.said.values.get(&value) {
            return Ok(translated.clone());
        }
        self.said.otherwise.clone().ok_or_else(|| {
            let known: Vec<&str> = self.said.values.keys().map(String::as_str).collect();
            Fault {
                reason: format!("{value:?} is none of {}", known.join(", ")),
                remedy: "write one of them, or add it to the `values` of the profile".to_owned(),
            }
        })
    }
}

/// The form of that name.
fn form(name: &str) -> Result<api::Form, String> {
    let full = format!("FORM_{}", name.to_uppercase().replace('-', "_"));
    api::Form::from_str_name(&full)
        .filter(|form| *form != api::Form::Unspecified)
        .ok_or_else(|| {
            format!("there is no form {name:?}; forms are country, number, date, url, symbol, code")
        })
}
