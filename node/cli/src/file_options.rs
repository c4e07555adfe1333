//! From what was typed to how a file of records is read, and the table that is handed back.

use std::{env, fs, path::Path};

use wpsx_proto::{api::admin::v1::ListPublishersRequest, record::Kind};
use wpsx_sheets::{Imported, Options, Workbooks};

use super::{
    access::Desk,
    args::{FileArgs, ImportArgs},
    exporting::free,
    failure::Failure,
    known_codes::vocabularies,
    output::Output,
};

/// How the file of an import is read.
pub(super) async fn options(args: &ImportArgs, desk: &mut Desk) -> Result<Options, Failure> {
    let FileArgs {
        encoding,
        sheet,
        ids_from,
        write_ids,
        force,
    } = args.reading.clone();
    if let Some(path) = &write_ids {
        free_for_ids(path, force)?;
    }
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
        publisher_judges: true,
        ids_from,
        keep_table: write_ids.is_some(),
        speaks_for,
        vocabularies: Some(vocabularies(desk.data_dir())?),
        workbooks: program.unwrap_or_default(),
    })
}

/// The table with its ids can be written under that name.
fn free_for_ids(path: &Path, force: bool) -> Result<(), Failure> {
    let is_csv = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("csv"));
    if !is_csv {
        let what = format!("--write-ids writes CSV, and {} is no .csv", path.display());
        return Err(Failure::usage(what).remedy("end its name in .csv"));
    }
    free(path, force)
}

/// Hands the table back with its ids, where that was asked for; a preview only says so.
pub(super) fn write_ids(
    args: &ImportArgs,
    imported: &Imported,
    out: &mut Output,
) -> Result<(), Failure> {
    let (Some(path), Some(table)) = (&args.reading.write_ids, &imported.table) else {
        return Ok(());
    };
    let name = path.display();
    if !args.dry_run {
        table
            .to_csv()
            .and_then(|text| fs::write(path, text))
            .map_err(|error| Failure::because(format!("cannot write {name}"), &error))?;
    }
    if out.is_json() {
        return Ok(());
    }
    Ok(out.say(match args.dry_run {
        true => format!("{name} would be the table with its ids"),
        false => format!("wrote {name}: the table with its ids; change that one from now on"),
    })?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn ids_are_written_where_nothing_is_and_under_the_name_of_a_table() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("there.csv");
        fs::write(&there, "somebody's work").unwrap();
        assert!(free_for_ids(&there, false).is_err());
        assert!(free_for_ids(&there, true).is_ok());
        assert!(free_for_ids(&folder.path().join("new.CSV"), false).is_ok());
        for name in ["new.xlsx", "new.json", "new"] {
            assert!(free_for_ids(&folder.path().join(name), true).is_err());
        }
    }
}
