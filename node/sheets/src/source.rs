//! Where the values of one field come from in a row.

use super::{
    cells::{Cell, Cells, cell_of, text_of},
    profile::FieldSource,
    template::Template,
};

/// A field's source, ready to be read from rows.
pub(super) struct Source {
    said: FieldSource,
    template: Option<Template>,
}

impl Source {
    pub(super) fn new(said: &FieldSource) -> Result<Self, String> {
        if said.column.is_some() == said.template.is_some() {
            return Err("a field has either a column or a template".to_owned());
        }
        Ok(Self {
            template: said.template.as_deref().map(Template::parse).transpose()?,
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

    pub(super) fn values(&self, cells: &Cells, several: bool) -> Result<Vec<String>, String> {
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

    pub(super) fn separator(&self) -> &str {
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
