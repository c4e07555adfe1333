//! Rows that become parts of one list of a record: those of a group, and those of a file
//! that is joined.

use prost_reflect::DynamicMessage;
use wpsx_proto::record::Kind;

use super::{
    bad::BadRow,
    cells::{is_number, text_of},
    found::Finds,
    joins::CellRow,
    place,
    profile::Element,
    remark::Place,
    source::Source,
    target::Target,
    understand::{Fault, Held},
};

/// What each row adds to a list.
pub(super) struct Parts {
    /// For each part that a row adds: its fields.
    elements: Vec<Vec<(Source, Target)>>,
    /// The file of the rows, where it is another one than that of the record.
    file: Option<String>,
}

/// The row of one part: its line, how a spreadsheet counts it, and which of the parts that a row
/// adds it is.
#[derive(Clone, Copy)]
pub(super) struct LaidRow {
    pub(super) line: u64,
    pub(super) at: u64,
    pub(super) element: usize,
}

/// A line of the profile, what it speaks of, and what is wrong.
pub(super) type Wrong = (usize, String, String);

impl Parts {
    pub(super) fn new(
        kind: Kind,
        to: &str,
        elements: &[Element],
        file: Option<&str>,
    ) -> Result<Self, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let mut compiled = Vec::new();
        for element in elements {
            let mut parts = Vec::new();
            for (part, said) in element {
                let path = format!("{to}.0.{part}");
                match Source::new(said).and_then(|source| Ok((source, Target::find(kind, &path)?)))
                {
                    Ok(found) => parts.push(found),
                    Err(reason) => wrong.push((said.line, path, reason)),
                }
            }
            compiled.push(parts);
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Self {
            elements: compiled,
            file: file.map(str::to_owned),
        })
    }

    /// The list that grows.
    pub(super) fn field_path(&self) -> Option<String> {
        let (_, target) = self.elements.iter().flatten().next()?;
        Some(target.field_path())
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let all = self.elements.iter().flatten();
        all.flat_map(|(source, _)| source.columns())
    }

    /// The file of the rows, where it is another one than that of the record.
    pub(super) fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The column that a path in one part of the list came from; `element`: which of those that
    /// a row adds it is.
    pub(super) fn column_in(&self, element: usize, path: &str, index: usize) -> Option<&str> {
        let element = self.elements.get(element)?;
        let led = element.iter().filter_map(|(source, target)| {
            Some((place::shared(path, &target.at(index))?, source.column()?))
        });
        led.max_by_key(|(fit, _)| *fit).map(|(_, column)| column)
    }

    /// Adds the parts of all rows, in order. `next` is the place of the first one in the
    /// list, and then of the one after the last. Tells the rows of the parts, and what is wrong.
    pub(super) fn add(
        &self,
        rows: &[CellRow],
        next: &mut usize,
        message: &mut DynamicMessage,
        finds: &mut Finds,
    ) -> (Vec<LaidRow>, Vec<BadRow>) {
        let (mut laid, mut bad) = (Vec::new(), Vec::new());
        for row in rows {
            for (at, element) in self.elements.iter().enumerate() {
                for (source, target) in element {
                    let column = source.column().unwrap_or(target.plain());
                    let place = || Place {
                        line: row.line,
                        column: match &self.file {
                            Some(file) => format!("{file}:{column}"),
                            None => column.to_owned(),
                        },
                    };
                    let asked = target.asked();
                    let held = Held {
                        place: &place,
                        is_number: &|| is_number(&row.cells, column),
                    };
                    let filled = source
                        .values(&row.cells, target.takes_several())
                        .and_then(|values| asked.understood(values, finds, &held))
                        .and_then(|values| {
                            let filled = target.at(*next).fill(message, &values);
                            filled.map_err(|reason| Fault {
                                reason,
                                remedy: asked.remedy().to_owned(),
                            })
                        });
                    if let Err(fault) = filled {
                        let wrong = BadRow::at(row.line, column, fault.reason)
                            .in_file(self.file.as_deref())
                            .holding(&text_of(&row.cells, column));
                        bad.push(wrong.remedy(fault.remedy));
                    }
                }
                let mut targets = element.iter().map(|(_, target)| target);
                if targets.any(|target| target.parts_in(message) > *next) {
                    *next += 1;
                    laid.push(LaidRow {
                        line: row.line,
                        at: row.at,
                        element: at,
                    });
                }
            }
        }
        (laid, bad)
    }
}
