//! `wpsx fields` and `wpsx template`: what a kind's tables look like. No node is needed; codes
//! that its operator has added to a vocabulary are offered where its data directory is.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use wpsx_proto::record::Kind;
use wpsx_sheets::{
    Column, Holds, Shape,
    blank::{self, Blank},
    columns,
};
use wpsx_words::Vocabularies;

use super::{
    args::{BlankFormatArg, FieldsArgs, TemplateArgs},
    exporting::free,
    failure::Failure,
    file_options::vocabularies,
    output::Output,
    words::many,
};

/// The width that lists of fields are made for.
const WIDTH: usize = 80;
/// Codes of a vocabulary that a person is shown.
const MOST_CODES: usize = 12;
/// How far help stands in.
const INDENT: usize = 4;

/// `wpsx fields`
pub(super) fn fields(args: &FieldsArgs, data_dir: &Path, out: &mut Output) -> Result<(), Failure> {
    let vocabularies = vocabularies(Some(data_dir))?;
    let kind = Kind::new(args.kind);
    let shape = shape(kind)?;
    let all = columns(&shape, args.language.tag());
    let total = all.len();
    let columns: Vec<Column> = all
        .into_iter()
        .filter(|column| column.common || args.all)
        .collect();
    if out.is_json() {
        let fields: Vec<Value> = columns
            .iter()
            .map(|column| field_json(column, &vocabularies, args))
            .collect();
        return Ok(out.document(&json!({ "kind": kind.to_string(), "fields": fields }))?);
    }
    for column in &columns {
        out.say(head(column))?;
        let language = args.language;
        let codes = codes(column, &vocabularies);
        for text in [
            blank::label(column, language),
            blank::rule(column, language),
            blank::help(column, language),
            match codes.len() {
                0 => String::new(),
                1..=MOST_CODES => codes.join(", "),
                many => format!("{}, … ({many} codes)", codes[..MOST_CODES].join(", ")),
            },
        ] {
            for line in wrapped(&text, WIDTH - INDENT) {
                out.say(format!("{:INDENT$}{line}", ""))?;
            }
        }
    }
    let more = match total - columns.len() {
        0 => String::new(),
        more => format!("; {} more with --all", many(more as u64, "column")),
    };
    Ok(out.say(format!(
        "{}{more}\nNext: wpsx template {kind} writes a table to fill in",
        many(columns.len() as u64, "column")
    ))?)
}

/// `title.en (text, required)`
fn head(column: &Column) -> String {
    let required = match column.required.as_str() {
        "yes" => ", required",
        "no" => "",
        _ => ", required with its part",
    };
    format!("{} ({}{required})", column.path, column.holds.as_str())
}

/// The codes that are offered for a column, in the order of their vocabulary.
fn codes(column: &Column, vocabularies: &Vocabularies) -> Vec<String> {
    let vocabulary = vocabularies.get_or_empty(&column.vocabulary);
    vocabulary.offered().map(|term| term.code.clone()).collect()
}

fn field_json(column: &Column, vocabularies: &Vocabularies, args: &FieldsArgs) -> Value {
    let choices = match &column.holds {
        Holds::Choice(names) => names.clone(),
        _ => Vec::new(),
    };
    json!({
        "path": column.path,
        "label": blank::label(column, args.language),
        "type": column.holds.as_str(),
        "choices": choices,
        "required": column.required.as_str(),
        "several": column.several,
        "in_list": column.in_list,
        "max_bytes": column.max_bytes,
        "vocabulary": column.vocabulary,
        "codes": codes(column, vocabularies),
        "unit": column.unit,
        "rule": blank::rule(column, args.language),
        "help": blank::help(column, args.language),
    })
}

/// The text in lines of at most `width` characters; longer words stand as they are.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `wpsx template`
pub(super) fn template(
    args: &TemplateArgs,
    data_dir: &Path,
    out: &mut Output,
) -> Result<(), Failure> {
    let kind = Kind::new(args.kind);
    let shape = shape(kind)?;
    let (format, path) = named(args, kind)?;
    free(&path, args.force)?;
    let vocabularies = vocabularies(Some(data_dir))?;
    let table = Blank::new(&shape, args.language, &vocabularies);
    let bytes = match format {
        BlankFormatArg::Csv => table.csv().map_err(|e| unwritten(&path, &e))?,
        BlankFormatArg::Xlsx => table.xlsx().map_err(|e| unwritten(&path, &e))?,
    };
    fs::write(&path, bytes).map_err(|error| unwritten(&path, &error))?;
    let path = path.display().to_string();
    if out.is_json() {
        return Ok(out.document(&json!({ "kind": kind.to_string(), "file": path }))?);
    }
    Ok(out.say(format!(
        "wrote {path}\nNext: fill it in, a row for each record, then\n\
         wpsx import {path} --kind {kind} --dry-run"
    ))?)
}

fn named(args: &TemplateArgs, kind: Kind) -> Result<(BlankFormatArg, PathBuf), Failure> {
    let told = args.out.as_ref().and_then(|path| path.extension());
    let told = told
        .and_then(|end| end.to_str())
        .map(str::to_ascii_lowercase);
    let format = match (args.format, told.as_deref()) {
        (Some(format), _) => format,
        (None, Some("csv")) => BlankFormatArg::Csv,
        (None, Some("xlsx") | None) => BlankFormatArg::Xlsx,
        (None, Some(other)) => {
            return Err(Failure::usage(format!("a template is no .{other}"))
                .remedy("end the name in .xlsx or .csv, or give --format"));
        }
    };
    let end = match format {
        BlankFormatArg::Csv => "csv",
        BlankFormatArg::Xlsx => "xlsx",
    };
    let path = args.out.clone();
    Ok((
        format,
        path.unwrap_or_else(|| format!("{kind}.{end}").into()),
    ))
}

fn shape(kind: Kind) -> Result<Shape, Failure> {
    Shape::of(kind).ok_or_else(|| {
        let known: Vec<String> = Kind::known().map(|kind| kind.to_string()).collect();
        Failure::usage(format!("there is no kind {kind}"))
            .remedy(format!("known are {}", known.join(", ")))
    })
}

fn unwritten(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::because(format!("cannot write {}", path.display()), error)
}
