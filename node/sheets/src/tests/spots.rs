//! What is found in a record is told by the cell that says it.

use super::*;

const NUMBER: &str = "+254 722 123 456";

/// A table whose text stands in column C and what is said of it in column D.
fn table(text: &str) -> String {
    format!(
        "external_id,title,note.en,note.en.kind\n\
         q,T,{text},original\n"
    )
}

fn read(text: &str, cells: &[&str]) -> Result<Imported, ImportErrors> {
    let options = Options {
        kind: Some(Kind::GOOD_PRACTICE),
        allowed_contacts: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        ..Options::default()
    };
    import_with("x.csv", text.as_bytes(), &options)
}

#[test]
fn a_contact_is_told_by_its_cell_where_a_column_about_the_text_follows() {
    let text = table(&format!("call {NUMBER}"));
    let told = read(&text, &[]).unwrap_err().to_string();
    assert!(told.starts_with("x.csv:2:note.en: "), "{told}");
    assert!(told.ends_with("--allow-contact 'C2'"), "{told}");
    assert!(read(&text, &["C2"]).is_ok());
    assert!(read(&text, &["D2"]).is_err());
}

#[test]
fn so_are_remarks() {
    for text in ["#REF!", "=1+1", "un\u{200b}seen", "FranÃ§ais Ã©"] {
        let imported = read(&table(text), &[]).unwrap();
        let places: Vec<String> = imported
            .remarks
            .iter()
            .flat_map(|remark| remark.places.iter().map(ToString::to_string))
            .collect();
        assert_eq!(places, ["2:note.en"], "{text}");
    }
}

#[test]
fn what_is_said_of_a_text_is_told_by_its_own_cell() {
    let text = table("call us").replace(",original", ",orignal");
    let told = read(&text, &[]).unwrap_err().to_string();
    assert!(told.starts_with("x.csv:2:note.en.kind: "), "{told}");
}

#[test]
fn a_contact_in_a_row_of_a_group_is_told_by_its_cell() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = folder.path().join("m.toml");
    let text = "name = 'm'\nkind = 'law'\ntells = []\nexternal_id = '{id}'\n\
                [[field]]\nto = 'title.en'\ncolumn = 'title'\n\
                [group]\nby = ['id']\nto = 'claims'\n\
                [[group.element]]\nfield = { template = 'number' }\nvalue = { column = 'note' }\n";
    std::fs::write(&mapping, text).unwrap();
    let read = |cells: &[&str]| {
        let options = Options {
            profile: Some(mapping.display().to_string()),
            allowed_contacts: cells.iter().map(|cell| (*cell).to_owned()).collect(),
            ..Options::default()
        };
        let text = format!("id,title,note\na,A,one\na,A,call {NUMBER}\n");
        import_with("x.csv", text.as_bytes(), &options)
    };
    let told = read(&[]).unwrap_err().to_string();
    assert!(told.starts_with("x.csv:3:note: "), "{told}");
    assert!(told.ends_with("--allow-contact 'C3'"), "{told}");
    assert!(read(&["C3"]).is_ok());
}
