//! From what was typed to how a file of records is read, and the table that is handed back.

use std::{env, fs};

use wpsx_proto::{api::admin::v1::ListPublishersRequest, record::Kind};
use wpsx_sheets::{Imported, Options, Workbooks};

use super::{
    access::Desk,
    args::{FileArgs, ImportArgs},
    failure::Failure,
    output::Output,
};

/// How the file of an import is read.
pub(super) async fn options(args: &ImportArgs, desk: &mut Desk) -> Result<Options, Failure> {
    let FileArgs {
        encoding,
        sheet,
        ids_from,
        write_ids,
    } = args.reading.clone();
    let program = env::current_exe().map(Workbooks::Program);
    let answer = desk.admin.list_publishers(ListPublishersRequest {}).await?;
    let mut publishers = answer.into_inner().publishers;
    if let Some(name) = &args.publisher {
        publishers.retain(|publisher| publisher.name == *name);
    }
    let speaks_for = match publishers.as_slice() {
        [publisher] => Some(publisher.countries.iter().cloned().collect()),
        _ => None,
    };
    Ok(Options {
        profile: args.profile.clone(),
        kind: args.kind.map(Kind::new),
        in_custody: args.in_custody,
        encoding,
        sheet,
        allowed_contacts: args.allow_contact.iter().cloned().collect(),
        ids_from,
        keep_table: write_ids.is_some(),
        speaks_for,
        vocabularies: None,
        workbooks: program.unwrap_or_default(),
    })
}

/// Hands the table back with its ids, where that was asked for.
pub(super) fn write_ids(
    args: &ImportArgs,
    imported: &Imported,
    out: &mut Output,
) -> Result<(), Failure> {
    let (Some(path), Some(table)) = (&args.reading.write_ids, &imported.table) else {
        return Ok(());
    };
    let name = path.display();
    fs::write(path, table.to_csv())
        .map_err(|error| Failure::because(format!("cannot write {name}"), &error))?;
    if out.is_json() {
        return Ok(());
    }
    Ok(out.say(format!(
        "wrote {name}: the table with its ids; change that one from now on"
    ))?)
}
