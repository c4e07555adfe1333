//! Objects of JSON: one, a list of them, or one a line.

use std::{
    collections::HashMap,
    io::{BufRead as _, Read as _},
    sync::Arc,
};

use serde_json::{Value as Json, value::RawValue};
use wpsx_proto::origin::RecordId;

use super::{
    bad::{BadRow, JSON_REMEDY, reason_alone},
    cells::Cell,
    grid::{MAX_ROW, too_long},
    input::{Input, unreadable, utf8},
    keys::check_keys,
    marks::{KIND_COLUMN, PROVENANCE_NAMES},
    row::{Content, Row, Rows},
};

/// Bytes of a whole JSON document, which is read at once.
const MAX_DOCUMENT: usize = 64 << 20;

/// An object a line.
pub(super) fn lines(input: Input<'_>) -> Rows<'_> {
    Box::new(JsonLines {
        input,
        line: 0,
        broken: false,
    })
}

struct JsonLines<'a> {
    input: Input<'a>,
    line: u64,
    broken: bool,
}

impl Iterator for JsonLines<'_> {
    type Item = Result<Row, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.broken {
            self.line += 1;
            let mut bytes = Vec::new();
            let mut bounded = (&mut self.input).take(MAX_ROW as u64 + 2);
            match bounded.read_until(b'\n', &mut bytes) {
                Err(error) => {
                    self.broken = true;
                    return Some(Err(unreadable(self.line, &error)));
                }
                Ok(0) => return None,
                Ok(_) => {}
            }
            let bytes = bytes.trim_ascii();
            if bytes.len() > MAX_ROW {
                self.broken = true;
                let bad = BadRow::at(self.line, "", "a line of more than 1 MiB");
                return Some(Err(bad.remedy("write each record on a line of its own")));
            }
            if bytes.is_empty() {
                continue;
            }
            return Some(utf8(self.line, bytes).map(|text| Row {
                line: self.line,
                at: 0,
                content: Content::Object(text.to_owned()),
                kept: None,
                from: Default::default(),
                beside: Vec::new(),
            }));
        }
        None
    }
}

/// The objects of a JSON document: a list, an object whose `records` are one, or one object.
pub(super) fn document<'a>(input: Input<'a>) -> Result<Vec<Row>, BadRow> {
    #[derive(serde::Deserialize)]
    struct Document<'a> {
        #[serde(borrow)]
        records: Option<Vec<&'a RawValue>>,
    }
    let mut bytes = Vec::new();
    input
        .take(MAX_DOCUMENT as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(1, &error))?;
    if bytes.len() > MAX_DOCUMENT {
        let bad = BadRow::at(1, "", "a JSON document of more than 64 MiB");
        return Err(bad.remedy("write one record a line (.jsonl)"));
    }
    let text = utf8(1, &bytes)?;
    let wrong = |error: &serde_json::Error| {
        let line = error.line() as u64;
        BadRow::at(line, &error.column().to_string(), reason_alone(error)).remedy(JSON_REMEDY)
    };
    let records: Vec<&RawValue> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map_err(|error| wrong(&error))?
    } else {
        let document: Document<'_> = serde_json::from_str(text).map_err(|error| wrong(&error))?;
        match document.records {
            Some(records) => records,
            None => vec![serde_json::from_str(text).map_err(|error| wrong(&error))?],
        }
    };
    let mut rows = Vec::with_capacity(records.len());
    let (mut line, mut counted) = (1, 0);
    for record in records {
        let start = record.get().as_ptr() as usize - text.as_ptr() as usize;
        line += text.as_bytes()[counted..start]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count() as u64;
        counted = start;
        if record.get().len() > MAX_ROW {
            return Err(too_long(line));
        }
        rows.push(Row {
            line,
            at: 0,
            content: Content::Object(record.get().to_owned()),
            kept: None,
            from: Default::default(),
            beside: Vec::new(),
        });
    }
    Ok(rows)
}

/// A JSON object as cells; what stands in inner objects is named `outer.inner`.
pub(super) fn cells_of(line: u64, object: &str) -> Result<Vec<(Arc<str>, Cell)>, BadRow> {
    check_keys(line, object)?;
    let object: serde_json::Map<String, Json> = serde_json::from_str(object).map_err(|error| {
        let line = line + error.line() as u64 - 1;
        BadRow::at(line, &error.column().to_string(), reason_alone(&error)).remedy(JSON_REMEDY)
    })?;
    let mut cells = Vec::new();
    flatten(line, "", object, &mut cells)?;
    Ok(cells)
}

fn flatten(
    line: u64,
    outer: &str,
    object: serde_json::Map<String, Json>,
    cells: &mut Vec<(Arc<str>, Cell)>,
) -> Result<(), BadRow> {
    for (name, value) in object {
        let name = format!("{outer}{name}");
        let scalar = |value: &Json| match value {
            Json::Null => Some(String::new()),
            Json::Bool(truth) => Some(truth.to_string()),
            Json::Number(number) => Some(number.to_string()),
            Json::String(text) => Some(text.trim().to_owned()),
            _ => None,
        };
        let cell = match value {
            Json::Object(inner) => {
                flatten(line, &format!("{name}."), inner, cells)?;
                continue;
            }
            Json::Array(values) => values
                .iter()
                .map(scalar)
                .collect::<Option<_>>()
                .map(Cell::List),
            Json::Number(number) => Some(Cell::Number(number.to_string())),
            value => scalar(&value).map(Cell::Text),
        };
        let Some(cell) = cell else {
            let bad = BadRow::at(line, &name, "holds a list of objects");
            return Err(bad.remedy("write its values side by side, each under a name of its own"));
        };
        cells.push((name.into(), cell));
    }
    Ok(())
}

/// A record as it is exported or shown.
pub(super) struct Unwrapped {
    pub(super) record: String,
    /// Its id and its revision; may be empty.
    pub(super) from: (String, String),
    /// What stands beside it for people, by its name.
    pub(super) beside: Vec<(&'static str, String)>,
}

/// A record with its id and revision beside it, and what else an export writes there.
pub(super) fn unwrapped(object: &str) -> Option<Unwrapped> {
    #[derive(serde::Deserialize)]
    struct Wrapped<'a> {
        #[serde(default)]
        record_id: String,
        /// As `wpsx get --json` has it. Other programs have ids of their own.
        id: Option<Json>,
        revision: Option<u32>,
        #[serde(borrow)]
        record: &'a RawValue,
    }
    let wrapped: Wrapped<'_> = serde_json::from_str(object).ok()?;
    let record = wrapped.record.get();
    if !record.starts_with('{') {
        return None;
    }
    let id = wrapped.id.as_ref().and_then(Json::as_str);
    let id = id.filter(|id| id.parse::<RecordId>().is_ok());
    let record_id = match (wrapped.record_id, id) {
        (said, Some(id)) if said.is_empty() => id.to_owned(),
        (said, _) => said,
    };
    let revision = wrapped.revision.map(|revision| revision.to_string());
    let all: HashMap<String, &RawValue> = serde_json::from_str(object).ok()?;
    // What `wpsx get --json` says of a payload is about the copy that it asked.
    let names = PROVENANCE_NAMES
        .into_iter()
        .filter(|name| *name != "payload");
    let names = names.chain([KIND_COLUMN]);
    let text = |raw: &RawValue| match serde_json::from_str(raw.get()).ok()? {
        Json::Null => None,
        Json::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    let beside = names.filter_map(|name| Some((name, text(all.get(name)?)?)));
    Some(Unwrapped {
        record: record.to_owned(),
        from: (record_id, revision.unwrap_or_default()),
        beside: beside.collect(),
    })
}
