//! Files of records that someone hands to an import.

use std::collections::HashSet;

use wpsx_proto::record::{Reading, Record};
use wpsx_sheets::{Format, ImportErrors, Imported, Options, read_from};

/// Rows of cells.
pub fn csv(bytes: &[u8]) -> bool {
    rows(Format::Csv, bytes)
}

/// A list of objects.
pub fn json(bytes: &[u8]) -> bool {
    rows(Format::Json, bytes)
}

/// An object a line.
pub fn json_lines(bytes: &[u8]) -> bool {
    rows(Format::JsonLines, bytes)
}

/// The same rows give the same drafts, each a record that keeps the rules; else what is
/// wrong is said with its place.
fn rows(format: Format, bytes: &[u8]) -> bool {
    let imported = match import(format, bytes) {
        Ok(imported) => imported,
        Err(ImportErrors::Rows { bad, count, .. }) => {
            assert!(!bad.is_empty() && bad.len() <= count);
            assert!(bad.iter().all(|row| row.line > 0 && !row.reason.is_empty()));
            return false;
        }
        Err(_) => return false,
    };
    let mut ids = HashSet::new();
    for draft in &imported.drafts {
        let Reading::Readable(record) = Record::read(draft.kind, &draft.payload) else {
            panic!("an import made what is no record");
        };
        assert_eq!(record.check(), Ok(()));
        assert_eq!(record.message().external_id, draft.external_id);
        assert!(draft.external_id.is_empty() || ids.insert(&draft.external_id));
    }
    let again = import(format, bytes).expect("the same rows");
    assert_eq!(again.drafts, imported.drafts);
    !imported.drafts.is_empty()
}

fn import(format: Format, bytes: &[u8]) -> Result<Imported, ImportErrors> {
    let alone = |_: &str| Ok(None);
    read_from("rows", format, Box::new(bytes), &Options::default(), &alone)
}
