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
    known_codes::vocabularies,
    lines::lines,
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
            for line in lines(&text, WIDTH - INDENT) {
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

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use parking_lot::Mutex;
    use wpsx_words::Language;

    use super::*;
    use crate::lines::wide;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn listed(kind: Kind, language: Language) -> String {
        let paper = Paper::default();
        let mut out = Output::to(Box::new(paper.clone()), false, true, 0).at_width(80);
        let args = FieldsArgs {
            kind: kind.number(),
            language,
            all: true,
        };
        fields(&args, Path::new("none"), &mut out).unwrap();
        let written = paper.0.lock().clone();
        String::from_utf8(written).unwrap()
    }

    #[test]
    fn lists_of_fields_fit_80_columns_in_every_language_and_break_no_code() {
        for kind in Kind::known() {
            for language in Language::ALL {
                let text = listed(kind, language);
                for line in text.lines().filter(|line| line.starts_with(' ')) {
                    assert!(wide(line) <= WIDTH, "{kind} in {language}: {line}");
                    let quotes = line.matches('"').count();
                    assert_eq!(quotes % 2, 0, "{kind} in {language}: {line}");
                }
            }
        }
    }

    #[test]
    fn lists_of_fields_say_what_belongs_there_in_the_language_asked_for() {
        let words = wpsx_words::Words::shipped();
        let title = wpsx_proto::record::schema::record_message().get_field_by_name("title");
        for language in Language::ALL {
            let text = listed(Kind::NATIONAL_ACTION_PLAN, language);
            let help = words.help(title.as_ref().unwrap(), language);
            let first = &lines(&help.text, WIDTH - INDENT)[0];
            assert!(text.contains(first), "{language}: {text}");
            assert!(!text.contains("[en]"), "{language}: {text}");
        }
    }
}
