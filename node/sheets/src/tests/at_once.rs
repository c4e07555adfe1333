//! Everything that is wrong with a file is told in one go.

use super::*;

fn faults(text: &str, options: &Options) -> Vec<String> {
    let error = import_with("x.csv", text.as_bytes(), options).unwrap_err();
    let lines = error.to_string();
    // Up to the rule: what to do stands behind it.
    let cut = |line: &str| line.split(';').next().unwrap_or_default().to_owned();
    lines.lines().map(cut).collect()
}

fn plans() -> Options {
    Options {
        kind: Some(Kind::NATIONAL_ACTION_PLAN),
        ..Options::default()
    }
}

#[test]
fn a_row_with_a_bad_cell_is_held_against_the_rules_too() {
    let text = "external_id,title.en,countries,period.start,period.end,note.en\n\
                a,,Nowhere,2020,2018,write to jane@example.org\n";
    assert_eq!(
        faults(text, &plans()),
        [
            "x.csv:2:countries: \"Nowhere\" is no ISO 3166-1 alpha-3 code and no user-assigned one",
            "x.csv:2:title.en: is missing",
            "x.csv:2:period.end: ends 2018, before it starts 2020",
            "x.csv:2:note.en: \"jane@example.org\" looks like an e-mail address, and a public log is copied by everyone",
        ]
    );
}

#[test]
fn what_a_bad_cell_leaves_empty_is_told_once() {
    let text = "external_id,title.en,status_history.0.state,status_history.0.date\n\
                a,T,planed,2018\n";
    let told = faults(text, &plans());
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn faults_of_the_header_row_hide_none_of_the_rows() {
    let text = "external_id,titel.en,countries,adopted,foo,countries\n\
                a,T,Nowhere,2018,,\nb,T,KEN,2018-13,,\n";
    assert_eq!(
        faults(text, &plans()),
        [
            "x.csv:1:countries: the header row names it twice",
            "x.csv:1:titel.en: a national-action-plan has no field \"titel\"",
            "x.csv:1:foo: a national-action-plan has no field \"foo\"",
            "x.csv:2:countries: \"Nowhere\" is no ISO 3166-1 alpha-3 code and no user-assigned one",
            "x.csv:3:adopted: \"2018-13\" is no date: there is no month 13",
        ]
    );
}

#[test]
fn what_a_column_leaves_empty_is_told_beside_faults_of_the_header_row() {
    let text = "external_id,title,foo,countries\n,,1,KEN\nb,T,,KEN\n";
    assert_eq!(
        faults(text, &plans()),
        [
            "x.csv:1:foo: a national-action-plan has no field \"foo\"",
            "x.csv:2:external_id: is missing",
            "x.csv:2:title: is missing",
        ]
    );
}

#[test]
fn a_mapping_tells_every_column_that_it_does_not_use_and_the_faults_of_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = folder.path().join("m.toml");
    let text = "name = 'm'\nkind = 'national-action-plan'\ntells = []\nexternal_id = '{id}'\n\
                [[field]]\nto = 'title.en'\ncolumn = 'title'\n\
                [[field]]\nto = 'countries'\ncolumn = 'iso'\n";
    std::fs::write(&mapping, text).unwrap();
    let options = Options {
        profile: Some(mapping.display().to_string()),
        ..Options::default()
    };
    let text = "id,title,iso,w,x,y,z\na,T,Nowhere,1,2,3,4\nb,,KEN,,,,\n";
    let told = faults(text, &options);
    let places: Vec<&str> = told
        .iter()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "x.csv:1:w",
            "x.csv:1:x",
            "x.csv:1:y",
            "x.csv:1:z",
            "x.csv:2:iso",
            "x.csv:3:title"
        ]
    );
}

#[test]
fn under_a_title_a_fault_of_the_header_row_has_its_line_and_the_title_is_said() {
    let text = "Ministry list\nexternal_id,title,foo\na,T,\n";
    let error = import_with("x.csv", text.as_bytes(), &plans()).unwrap_err();
    let told = error.to_string();
    assert!(told.starts_with("x.csv:2:foo: "), "{told}");
    assert!(
        told.ends_with(
            "x.csv: line 1 is a title above the header row, and is not read: \"Ministry list\""
        ),
        "{told}"
    );
}

#[test]
fn what_is_wrong_with_the_parts_of_two_rows_of_one_id_is_told_once_beside_the_id() {
    let head = "external_id,kind,title.en\ns,series,A\ns,series,B\n";
    let parts = "external_id,period,value\ns,2019,many\n";
    let beside = |name: &str| {
        let input = (name == "x.observations.csv").then_some(parts.as_bytes());
        Ok(input.map(|input| Box::new(input) as Box<dyn BufRead>))
    };
    let read = read_from(
        "x.csv",
        Format::Csv,
        Box::new(head.as_bytes()),
        &Options::default(),
        &beside,
    );
    let told = read.unwrap_err().to_string();
    let lines: Vec<&str> = told.lines().collect();
    let faults = &lines[..2];
    assert!(
        faults
            .iter()
            .any(|line| line.starts_with("x.observations.csv:2:value: ")),
        "{told}"
    );
    let twice = "x.csv:3:external_id: \"s\" stands in line 2 too";
    assert!(faults.iter().any(|line| line.starts_with(twice)), "{told}");
    assert_eq!(told.matches("many").count(), 1, "{told}");
}
