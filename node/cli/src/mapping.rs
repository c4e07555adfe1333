//! `wpsx map`: a first mapping of a file's columns. No node is needed.

use std::{env, fs};

use serde_json::{Value, json};
use wpsx_proto::record::Kind;
use wpsx_sheets::{FirstMapping, Options, Workbooks, first_mapping};

use super::{
    args::MapArgs, exporting::free, failure::Failure, import::not_read, output::Output, words::many,
};

/// `wpsx map`
pub(super) fn map(args: &MapArgs, out: &mut Output) -> Result<(), Failure> {
    let kind = Kind::new(args.kind);
    if let Some(path) = &args.out {
        free(path, args.force)?;
    }
    let program = env::current_exe().map(Workbooks::Program);
    let options = Options {
        encoding: args.encoding.clone(),
        sheet: args.sheet.clone(),
        workbooks: program.unwrap_or_default(),
        ..Options::default()
    };
    let remedy = "wpsx map --help shows the options";
    let first = first_mapping(&args.file, kind, &options);
    let first = first.map_err(|error| not_read("nothing was mapped", remedy, &error))?;
    if let Some(path) = &args.out {
        fs::write(path, &first.toml).map_err(|error| {
            Failure::because(format!("cannot write {}", path.display()), &error)
        })?;
    }
    if out.is_json() {
        return Ok(out.document(&document(kind, &first))?);
    }
    let Some(path) = &args.out else {
        return Ok(out.raw(first.toml.as_bytes())?);
    };
    out.say(format!(
        "wrote {}: {} recognised, {} not",
        path.display(),
        many(first.recognised.len() as u64, "column"),
        first.unknown.len(),
    ))?;
    for path in &first.missing {
        out.say(format!(
            "every record needs {path}: say in it which column that is"
        ))?;
    }
    Ok(out.say(format!(
        "Next: look at it, then\nwpsx import {} --profile {} --dry-run",
        args.file.display(),
        path.display(),
    ))?)
}

fn document(kind: Kind, first: &FirstMapping) -> Value {
    let recognised = first.recognised.iter();
    let recognised: Vec<Value> = recognised
        .map(|(column, to)| json!({ "column": column, "to": to }))
        .collect();
    json!({
        "kind": kind.to_string(),
        "recognised": recognised,
        "unknown": first.unknown,
        "missing": first.missing,
        "external_id": first.external_id,
        "mapping": first.toml,
    })
}
