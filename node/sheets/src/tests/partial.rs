//! Tables that have some columns alone, tables of several kinds, and tables of parts.

use super::*;

fn judged(text: &str) -> Result<Imported, ImportErrors> {
    let options = Options {
        kind: Some(Kind::NATIONAL_ACTION_PLAN),
        publisher_judges: true,
        ..Options::default()
    };
    import_with("x.csv", text.as_bytes(), &options)
}

#[test]
fn what_a_record_may_say_elsewhere_is_left_to_its_publisher_with_its_place() {
    let imported = judged("external_id,adopted\na,2018\nb,2019\n").unwrap();
    assert_eq!(imported.drafts.len(), 2);
    let bad = imported.fault(1, &imported.drafts[1], "title", "is missing");
    let bad = bad.unwrap();
    assert_eq!((bad.line, bad.column.as_str()), (3, "title"));
    assert_eq!(bad.remedy, "fill it in");
    // So is a rule that only the whole record breaks.
    let rule = "with what the record says already: ends 2015, before it starts 2016";
    let text = "external_id,title,countries,Period › End\na,T,KEN,2015\n";
    let imported = judged(text).unwrap();
    let path = "national_action_plan.period.end";
    let bad = imported.fault(0, &imported.drafts[0], path, rule).unwrap();
    assert_eq!((bad.line, bad.column.as_str()), (2, "Period › End"));
    // A removal is told by the path that people read.
    let bad = imported.fault(0, &imported.drafts[0], "period.end", "it would remove");
    assert_eq!(bad.unwrap().column, "Period › End");
}

#[test]
fn a_file_that_is_refused_tells_which_drafts_are_still_to_be_judged() {
    let error = judged("external_id,adopted,countries\na,2018-13,KEN\nb,2019,KEN\n").unwrap_err();
    let ImportErrors::Rows { bad, undecided, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(bad.len(), 1, "{bad:?}");
    let told = |id: &str, field: &str| {
        let of = undecided.iter().find(|it| it.draft.external_id == id);
        of.unwrap().fault(field, "is missing", "")
    };
    assert_eq!(told("b", "title").unwrap().line, 3);
    assert_eq!(told("a", "title").unwrap().line, 2);
    // What a bad cell leaves empty is not told once more.
    assert!(told("a", "national_action_plan.adopted").is_none());
}

#[test]
fn what_a_record_lacks_is_remarked_of_it_as_it_will_be() {
    let about = |imported: &Imported| -> Vec<About> {
        imported.remarks.iter().map(|remark| remark.about).collect()
    };
    let text = "external_id,title,edition.label.en\na,T,Second\nb,T,Second\n";
    let with = |countries: [&str; 2]| {
        let mut imported = judged(text).unwrap();
        assert!(imported.drafts.iter().all(|draft| draft.show));
        assert_eq!(about(&imported), []);
        let drafts = imported.drafts.clone();
        imported.remark(
            &drafts,
            |_| true,
            |n| {
                let json = format!(
                    r#"{{"title": [{{"language": "en", "text": "T"}}], "countries": [{}],
                    "national_action_plan": {{}}}}"#,
                    countries[n]
                );
                Some(Record::from_json(&json).unwrap())
            },
        );
        about(&imported)
    };
    assert_eq!(with([r#""KEN""#, r#""UGA""#]), []);
    assert_eq!(with([r#""KEN""#, r#""KEN""#]), [About::SameEdition]);
    assert_eq!(with([r#""KEN""#, ""]), [About::NoCountry]);
    // A file that speaks of countries tells by itself.
    let imported = judged("external_id,title,countries\na,T,\n").unwrap();
    assert_eq!(about(&imported), [About::NoCountry]);
    assert!(!imported.drafts[0].show);
}

#[test]
fn an_empty_cell_of_another_kinds_column_is_nothing() {
    let head = "external_id,kind,title,countries,adopted,instrument\n";
    let text = format!("{head}a,national-action-plan,T,KEN,2018,\nb,policy,T,KEN,,directive\n");
    let imported = import("x.csv", text.as_bytes()).unwrap();
    assert_eq!(imported.drafts.len(), 2);
    let text = format!("{head}a,national-action-plan,T,KEN,2018,directive\n");
    let told = refused("x.csv", text.as_bytes());
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("x.csv:2:instrument: is filled"),
        "{told:?}"
    );
    // A column that no kind has is a slip all the same.
    let text = text.replace("instrument\n", "instrumnet\n");
    let told = refused("x.csv", text.as_bytes());
    assert!(told[0].starts_with("x.csv:1:instrumnet: "), "{told:?}");
}

/// A table of series, and one of their observations beside it.
fn series(observations: &str) -> Result<Imported, ImportErrors> {
    let options = Options {
        kind: Some("series".parse().unwrap()),
        ..Options::default()
    };
    let main = "external_id,title,countries\ns,S,KEN\nt,T,KEN\n";
    let input = Box::new(Cursor::new(main.as_bytes().to_vec()));
    let beside = observations.to_owned();
    read_from("series.csv", Format::Csv, input, &options, &|name| {
        Ok((name == "series.observations.csv")
            .then(|| Box::new(Cursor::new(beside.clone().into_bytes())) as Box<dyn BufRead>))
    })
}

#[test]
fn a_fault_in_a_row_of_parts_is_told_with_its_own_file_and_line() {
    // The second row has nothing in it, and is no part.
    let text = "external_id,period,value,source_url\n\
                s,2019,1,\ns,,,\nt,2019,3,\ns,2020,2,nowhere\n";
    let told = series(text).unwrap_err().to_string();
    assert!(
        told.starts_with("series.observations.csv:5:source_url: "),
        "{told}"
    );
    assert_eq!(told.lines().count(), 2, "{told}");

    let text = "external_id,period,value,note\n\
                s,2019,1,\ns,,,\nt,2019,3,\ns,2020,2,write to jane@example.org\n";
    let told = series(text).unwrap_err().to_string();
    assert!(
        told.starts_with("series.observations.csv:5:note: "),
        "{told}"
    );

    // What is found when the file has been read is told so too.
    let text = "external_id,period,value,note\ns,2019,1,\ns,,,\nt,2019,3,\ns,2020,2,kept\n";
    let imported = series(text).unwrap();
    let fault = |path: &str| {
        let bad = imported.fault(0, &imported.drafts[0], path, "it would remove");
        bad.map(|bad| {
            (
                bad.file.unwrap().to_string(),
                bad.line,
                bad.column,
                bad.value,
            )
        })
    };
    let at = |line, column: &str, value: &str| {
        let file = "series.observations.csv".to_owned();
        Some((file, line, column.to_owned(), value.to_owned()))
    };
    assert_eq!(fault("observations.1.note"), at(5, "note", "kept"));
    assert_eq!(fault("series.observations[0].value"), at(2, "value", "1"));
}

#[test]
fn a_rule_that_two_rows_of_parts_break_is_told_of_each() {
    let options = Options {
        kind: Some("law".parse().unwrap()),
        publisher_judges: true,
        ..Options::default()
    };
    let main = "external_id,title,claims.0.field,claims.0.value,claims.1.field,claims.1.value\n\
                a,A,number,,date,\n";
    let imported = import_with("x.csv", main.as_bytes(), &options).unwrap();
    let column = |path: &str| {
        let bad = imported.fault(0, &imported.drafts[0], path, "is missing");
        bad.unwrap().column
    };
    assert_eq!(column("claims[0].value"), "claims.0.value");
    assert_eq!(column("claims[1].value"), "claims.1.value");
}

#[test]
fn a_rule_that_a_joined_row_breaks_is_told_with_its_own_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = folder.path().join("m.toml");
    let text = "name = 'm'\nkind = 'law'\ntells = []\nexternal_id = '{id}'\n\
                [[field]]\nto = 'title.en'\ncolumn = 'title'\n\
                [[join]]\nfile = 'notes.csv'\nkey = 'id'\nto = 'claims'\n\
                [[join.element]]\nfield = { column = 'what' }\nvalue = { column = 'said' }\n";
    std::fs::write(&mapping, text).unwrap();
    let options = Options {
        profile: Some(mapping.display().to_string()),
        ..Options::default()
    };
    let input = Box::new(Cursor::new(b"id,title\na,A\nb,B\n".to_vec()));
    let notes = "id,what,said\na,number,1\nb,number,\n";
    let told = read_from("x.csv", Format::Csv, input, &options, &|name| {
        Ok((name == "notes.csv").then(|| Box::new(notes.as_bytes()) as Box<dyn BufRead>))
    });
    let told = told.unwrap_err().to_string();
    assert!(told.starts_with("notes.csv:3:said: is missing"), "{told}");
}

#[test]
fn parts_without_their_records_are_told_as_what_they_are() {
    let alone = |file: &str, text: &str, there: bool| {
        let input = Box::new(Cursor::new(text.as_bytes().to_vec()));
        let options = Options::default();
        let read = read_from(file, Format::Csv, input, &options, &|name| {
            let is_there = there && name == "series.csv";
            Ok(is_there.then(|| Box::new(&b"external_id\n"[..]) as Box<dyn BufRead>))
        });
        read.unwrap_err().to_string()
    };
    let exported = "record_id,external_id,of_record.title,period,value\n,s,S,2019,1\n";
    let typed = "external_id,period,value\ns,2019,1\n";
    for text in [exported, typed] {
        let told = alone("out/series.observations.csv", text, true);
        let what = "out/series.observations.csv has observations of records and not the records";
        assert!(told.starts_with(what), "{told}");
        assert!(told.ends_with("wpsx import out/series.csv"), "{told}");
        let told = alone("out/series.observations.csv", text, false);
        assert!(
            told.contains("put the file of the records beside it"),
            "{told}"
        );
    }
    // Under another name its columns tell.
    let told = alone("values.csv", exported, false);
    assert!(told.contains("has observations of records"), "{told}");
    // What says kinds or titles is a table of records, whatever its name.
    let text = "external_id,kind,title\na,good-practice,T\n";
    assert!(import("my.sources.csv", text.as_bytes()).is_ok());
    let options = Options {
        kind: Some(Kind::GOOD_PRACTICE),
        ..Options::default()
    };
    let text = "external_id,title,note.en\na,T,\n";
    assert!(import_with("my.sources.csv", text.as_bytes(), &options).is_ok());
}

#[test]
fn two_values_of_one_period_that_nothing_tells_apart_are_remarked() {
    let remarks = |text: &str| -> Vec<String> {
        let imported = series(text).unwrap();
        let twice = imported
            .remarks
            .iter()
            .filter(|it| it.about == About::Twice);
        twice.map(ToString::to_string).collect()
    };
    let head = "external_id,period,sex,value,note\n";
    let text = format!("{head}s,2019,,1,\ns,2019,,2,later\ns,2020,,2,\nt,2019,,1,\n");
    assert_eq!(
        remarks(&text),
        [
            "two observations of one record are of the same period, and nothing tells them apart \
          (once, at 3:period)"
        ]
    );
    let text = format!("{head}s,2019,female,1,\ns,2019,male,2,\ns,2020,,2,\n");
    assert_eq!(remarks(&text), [""; 0]);
}

#[test]
fn a_number_in_the_column_of_the_kind_is_no_kind() {
    let text = "external_id,kind,title.en,countries\n\
                a,national-action-plan,T,KEN\nTotal,1,,\nb,12,T,KEN\n";
    let told = refused("x.csv", text.as_bytes());
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("x.csv:3:kind: there is no kind \"1\"; known are"),
        "{told:?}"
    );
    assert!(told[1].starts_with("x.csv:4:kind: "), "{told:?}");
}

#[test]
fn an_id_of_the_source_is_a_field_like_others_where_its_column_is_not_there() {
    let id = "00112233445566778899aabbccddeeff";
    let fields = |text: &str| {
        let imported = judged(text).unwrap();
        imported.drafts[0].extent.paths()
    };
    let without = fields(&format!("record_id,title.en\n{id},T\n"));
    assert_eq!(without, ["title.en.text"]);
    let with = fields(&format!("record_id,external_id,title.en\n{id},,T\n"));
    assert_eq!(with, ["external_id", "title.en.text"]);
}
