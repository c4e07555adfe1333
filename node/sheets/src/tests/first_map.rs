//! First mappings, and what is wrong with a mapping.

use super::*;

/// A first mapping of a file, and the folder that both stand in.
fn mapped(name: &str, text: &str, kind: &str) -> (tempfile::TempDir, FirstMapping) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let first = first_mapping(&path, kind.parse().unwrap(), &Options::default()).unwrap();
    std::fs::write(folder.path().join("first.toml"), &first.toml).unwrap();
    (folder, first)
}

fn by_mapping(folder: &tempfile::TempDir, name: &str) -> Result<Imported, ImportErrors> {
    let profile = folder.path().join("first.toml").display().to_string();
    let options = Options {
        profile: Some(profile),
        ..Options::default()
    };
    read(&folder.path().join(name), &options)
}

#[test]
fn a_first_mapping_recognises_headers_in_six_languages_and_imports_the_file() {
    for (title, countries, language) in [
        ("Title", "Countries", "en"),
        ("Titre", "Pays", "fr"),
        ("Título", "Países", "es"),
        ("Название", "Страны", "ru"),
        ("标题", "国家", "zh"),
        ("العنوان", "البلدان", "ar"),
    ] {
        let text = format!(
            "Plans of the region;;;;\nNo;{title};{countries};Our remarks;period.start\n\
             1;First plan;KEN;internal;2018\n2;Second plan;UGA;internal;2022\n"
        );
        let (folder, first) = mapped("ministry.csv", &text, "national-action-plan");
        let paths: Vec<&str> = first
            .recognised
            .iter()
            .map(|(_, path)| path.as_str())
            .collect();
        assert_eq!(
            paths,
            [&format!("title.{language}"), "countries", "period.start"]
        );
        assert_eq!(first.unknown, ["No", "Our remarks"]);
        assert!(
            first.toml.contains("    \"Our remarks\",\n"),
            "{}",
            first.toml
        );
        assert!(
            first
                .toml
                .contains("wpsx import FILE --profile THIS.toml --dry-run")
        );
        let imported = by_mapping(&folder, "ministry.csv").unwrap();
        let ids: Vec<&str> = imported
            .drafts
            .iter()
            .map(|d| d.external_id.as_str())
            .collect();
        assert_eq!(ids, ["1", "2"]);
        let said = lines(&record(&imported, "2"));
        assert!(
            said.contains(&format!("title.{language} = Second plan\n")),
            "{said}"
        );
    }
}

#[test]
fn a_first_mapping_says_what_is_missing_and_makes_ids_of_what_tells_rows_apart() {
    let text = "Country,Year,Contries,Subject\nKenya,2018,a,x\nKenya,2019,a,x\nUganda,2018,a,x\n";
    let (folder, first) = mapped("laws.csv", text, "law");
    assert_eq!(first.external_id, "{Country|slug}-{Year|slug}");
    assert_eq!(first.missing, ["title.en"]);
    assert!(
        first.toml.contains("# Every record needs title.en"),
        "{}",
        first.toml
    );
    assert!(
        first
            .toml
            .contains("    # perhaps countries?\n    \"Contries\",\n"),
        "{}",
        first.toml
    );
    for line in first.toml.lines().filter(|line| line.starts_with('#')) {
        assert!(line.len() <= 80, "{line}");
    }
    // Once somebody has said which column it is, the file goes in.
    let named = first.toml.replacen(
        "[[ignored]]",
        "[[field]]\nto = 'title.en'\ncolumn = 'Subject'\n\n[[ignored]]",
        1,
    );
    std::fs::write(folder.path().join("first.toml"), named).unwrap();
    let imported = by_mapping(&folder, "laws.csv").unwrap();
    assert_eq!(imported.drafts[2].external_id, "uganda-2018");
    // A table that was exported has ids.
    let text = "record_id,external_id,kind,Title\n,a,law,T\n";
    assert_eq!(mapped("x.csv", text, "law").1.external_id, "{external_id}");
}

const HEAD: &str = "name = 'x'\nkind = 'law'\ntells = []\nexternal_id = '{id}'\n";

fn told(mapping: &str, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.csv"), text).unwrap();
    std::fs::write(folder.path().join("first.toml"), mapping).unwrap();
    by_mapping(&folder, "x.csv").unwrap_err().to_string()
}

#[test]
fn a_slip_in_a_mapping_is_told_with_what_was_probably_meant() {
    for (field, wanted) in [
        (
            "to = 'titel.en'\ncolumn = 'title'",
            "line 5: titel.en: a law has no field \"titel\"; did you mean title?",
        ),
        (
            "to = 'sources.0.urll'\ncolumn = 'title'",
            "line 5: sources.0.urll: sources has no part \"urll\"; did you mean url?",
        ),
        (
            "to = 'title.en'\ncolum = 'title'",
            "there is no key `colum`; did you mean column?",
        ),
        (
            "to = 'title.en'\ncolumn = 'titel'",
            "line 5: title.en: the file has no column \"titel\"; did you mean title?",
        ),
        (
            "to = 'title.en'\ntemplate = '{titel} of {id}'",
            "line 5: title.en: the file has no column \"titel\"; did you mean title?",
        ),
        (
            "to = 'title.en'\ncolumn = 'title'\nwhen = { sort = '*' }",
            "line 5: title.en: the file has no column \"sort\"",
        ),
    ] {
        let said = told(&format!("{HEAD}[[field]]\n{field}\n"), "id,title\na,T\n");
        assert!(said.contains(wanted), "{said}");
        assert!(!said.contains("unknown field"), "{said}");
    }
    // All of them at once, with the columns that make ids.
    let two = "[[field]]\nto = 'title.en'\ncolumn = 'a'\n[[field]]\nto = 'number'\ncolumn = 'b'\n";
    let said = told(&format!("{HEAD}{two}"), "x,y\n1,2\n");
    assert_eq!(said.matches("the file has no column").count(), 3, "{said}");
}

#[test]
fn a_column_that_files_may_lack_is_said_to_be_optional() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.csv"), "id,title\na,T\n").unwrap();
    let mapping = format!(
        "{HEAD}[[field]]\nto = 'title.en'\ntemplate = '{{name|or title}}'\n\
         [[field]]\nto = 'number'\ncolumn = 'no'\noptional = true\n"
    );
    std::fs::write(folder.path().join("first.toml"), mapping).unwrap();
    assert_eq!(by_mapping(&folder, "x.csv").unwrap().drafts.len(), 1);
}
