//! Files as people have them: each gives what its name says.

use super::*;

const ROW: &str = "x-1,good-practice,T,KEN,2018,2019\n";

fn drafts(bytes: &[u8]) -> Vec<Draft> {
    placeless(import("x.csv", bytes).unwrap().drafts)
}

fn plain() -> Vec<Draft> {
    drafts(format!("{HEAD}{ROW}").as_bytes())
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let units = text.encode_utf16();
    let bytes = |unit: u16| {
        if big {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        }
    };
    units.flat_map(bytes).collect()
}

/// One cell under its path beside what every row needs.
fn with_cell(path: &str, cell: &str) -> Result<Imported, ImportErrors> {
    let cell = cell.replace('"', "\"\"");
    let text = format!("external_id,kind,title.en,{path}\nx-1,national-action-plan,T,\"{cell}\"\n");
    import("x.csv", text.as_bytes())
}

fn read_as(imported: &Imported) -> Vec<String> {
    imported
        .interpretations
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn abouts(imported: &Imported) -> Vec<About> {
    imported.remarks.iter().map(|remark| remark.about).collect()
}

fn is_remarked(path: &str, cell: &str, about: About) {
    let imported = with_cell(path, cell).unwrap();
    assert!(
        abouts(&imported).contains(&about),
        "{cell}: {:?}",
        imported.remarks
    );
    let remark = imported
        .remarks
        .iter()
        .find(|remark| remark.about == about)
        .unwrap();
    assert_eq!(remark.count, 1, "{cell}");
}

#[test]
fn the_first_line_may_say_what_stands_between_cells() {
    let text = format!("sep=;\r\n{HEAD}{ROW}").replace(',', ";");
    assert_eq!(drafts(text.as_bytes()), plain());
    let wrong = text.replace("2019", "2017");
    assert!(refused("x.csv", wrong.as_bytes())[0].starts_with("x.csv:3:period.end"));
}

#[test]
fn utf_16_is_read_with_and_without_its_mark() {
    let text = format!("{HEAD}{ROW}");
    for big in [false, true] {
        let marked = utf16(&format!("\u{feff}{text}"), big);
        let bare = utf16(&text, big);
        for bytes in [marked, bare] {
            assert_eq!(drafts(&bytes), plain());
        }
    }
    let broken = [utf16(&text, false), vec![0x00, 0xd8, 0x20, 0x00]].concat();
    assert!(
        refused("x.csv", &broken)
            .iter()
            .any(|line| line.contains("not UTF-16LE"))
    );
}

#[test]
fn windows_1252_is_read_where_it_is_said() {
    let text = format!("{HEAD}{ROW}").replace(",T,", ",Café,");
    let bytes: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    assert!(refused("x.csv", &bytes)[0].contains("--encoding windows-1252"));
    let options = Options {
        encoding: Some("windows-1252".to_owned()),
        ..Options::default()
    };
    let imported = import_with("x.csv", &bytes, &options).unwrap();
    assert!(lines(&record(&imported, "x-1")).contains("title.en = Café"));
    let options = Options {
        encoding: Some("martian".to_owned()),
        ..Options::default()
    };
    let error = import_with("x.csv", &bytes, &options).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("there is no encoding \"martian\"")
    );
}

#[test]
fn carriage_returns_alone_end_lines() {
    let text = format!("{HEAD}{ROW}").replace('\n', "\r");
    assert_eq!(drafts(text.as_bytes()), plain());
    let wrong = format!("{HEAD}{ROW}{}", ROW.replace("2019", "2017")).replace('\n', "\r");
    assert!(refused("x.csv", wrong.as_bytes())[0].starts_with("x.csv:3:"));
}

#[test]
fn empty_rows_and_columns_are_passed_over() {
    let text = "external_id,,kind,title.en,countries,period.start,period.end,,\n\
                ,,,,,,,,\nx-1,,good-practice,T,KEN,2018,2019,,\n , ,,,,,,,\n";
    assert_eq!(drafts(text.as_bytes()), plain());
}

#[test]
fn headers_match_without_regard_to_case_spaces_or_accents() {
    let text = "EXTERNAL ID,Kind,Title.EN, Countries ,Period . Start,period.END\n".to_owned() + ROW;
    assert_eq!(drafts(text.as_bytes()), plain());
}

#[test]
fn headers_are_labels_in_any_of_the_six_languages() {
    for (title, countries, language) in [
        ("Title", "Countries", "en"),
        ("TITRE", "pays", "fr"),
        ("Titulo", "Paises", "es"),
        ("Название", "Страны", "ru"),
        ("标题", "国家", "zh"),
        ("العنوان", "البلدان", "ar"),
    ] {
        let text = format!("external_id,kind,{title},{countries}\nx-1,good-practice,T,KEN\n");
        let imported = import("x.csv", text.as_bytes()).unwrap();
        let said = lines(&record(&imported, "x-1"));
        assert!(said.contains(&format!("title.{language} = T")), "{said}");
        assert!(said.contains("countries = KEN"), "{said}");
    }
}

#[test]
fn a_title_above_the_header_row_is_recognised_and_said() {
    let text = format!("\"National plans, 2024\"\n\n{HEAD}{ROW}");
    let imported = import("x.csv", text.as_bytes()).unwrap();
    assert_eq!(placeless(imported.drafts.clone()), plain());
    assert_eq!(
        file_remarks(&imported),
        ["line 1 is a title above the header row, and is not read: \"National plans, 2024\""]
    );
    let title = format!("Plans of the ministry{}\n", ",".repeat(5));
    assert_eq!(drafts(format!("{title}{HEAD}{ROW}").as_bytes()), plain());
}

#[test]
fn countries_are_codes_or_names_and_each_is_listed_once() {
    let rows: String = (0..14)
        .map(|n| format!("x-{n},good-practice,T,UK\n"))
        .collect();
    let text = format!("external_id,kind,title.en,countries\n{rows}y,good-practice,T,KEN\n");
    let imported = import("x.csv", text.as_bytes()).unwrap();
    assert_eq!(read_as(&imported), ["UK → GBR, 14 cells"]);
    for (name, code) in [
        ("DRC", "COD"),
        ("Côte d'Ivoire", "CIV"),
        ("cote d’ivoire", "CIV"),
        ("Kosovo", "XKX"),
        ("Кения", "KEN"),
        ("肯尼亚", "KEN"),
        ("كينيا", "KEN"),
        ("Alemania", "DEU"),
        ("Allemagne", "DEU"),
        ("ken", "KEN"),
        ("ROM", "ROU"),
        ("TMP", "TLS"),
    ] {
        let imported = with_cell("countries", name).unwrap();
        assert_eq!(read_as(&imported), [format!("{name} → {code}, 1 cell")]);
        let said = lines(&record(&imported, "x-1"));
        assert!(said.contains(&format!("countries = {code}")), "{said}");
    }
}

#[test]
fn dates_are_read_as_people_write_them() {
    for (cell, date) in [
        ("2017-4-3", "2017-04-03"),
        ("April 2017", "2017-04"),
        ("avril 2017", "2017-04"),
        ("3 апреля 2017", "2017-04-03"),
        ("2017年4月", "2017-04"),
        ("abril de 2017", "2017-04"),
        ("3 أبريل 2017", "2017-04-03"),
        ("by April 2017", "by 2017-04"),
    ] {
        let imported = with_cell("adopted", cell).unwrap();
        let said = lines(&record(&imported, "x-1"));
        assert!(said.contains(&format!("adopted = {date}\n")), "{said}");
        assert_eq!(read_as(&imported), [format!("{cell} → {date}, 1 cell")]);
    }
}

#[test]
fn an_ambiguous_date_is_refused_with_both_readings() {
    let ImportErrors::Rows { bad, .. } = with_cell("adopted", "03/04/2017").unwrap_err() else {
        panic!("another error");
    };
    let [fault] = bad.as_slice() else {
        panic!("{bad:?}");
    };
    assert_eq!((fault.line, fault.column.as_str()), (2, "adopted"));
    assert_eq!(fault.value, "03/04/2017");
    assert_eq!(
        fault.reason,
        "\"03/04/2017\" may mean 2017-04-03 or 2017-03-04"
    );
    assert_eq!(fault.remedy, "write the one that is meant");
}

#[test]
fn what_looks_odd_is_remarked_and_does_not_stop_the_import() {
    is_remarked("note.en", "FranÃ§ais", About::Mojibake);
    is_remarked("note.en", "#REF!", About::CellError);
    is_remarked("adopted", "#REF!", About::CellError);
    is_remarked("adopted", "n/a", About::NoValue);
    is_remarked("countries", "n/a", About::NoValue);
    is_remarked("note.en", "N/A", About::NoValue);
    is_remarked("adopted", "1924", About::Year);
    is_remarked("adopted", "2117", About::Year);
    is_remarked("countries", "XKX", About::UserAssigned);
    is_remarked("note.en", "=1+1", About::FormulaLike);
    is_remarked("note.en", "zero\u{200b}width", About::Invisible);
    is_remarked("title.qqq", "T", About::UnknownLanguage);
    is_remarked("themes", "a-theme-of-our-own", About::UnknownCode);
    is_remarked("note.en", "no country is named", About::NoCountry);
    let imported = with_cell("countries", "KEN").unwrap();
    assert_eq!(abouts(&imported), []);
}

#[test]
fn two_editions_with_one_label_are_remarked() {
    let head = "external_id,kind,title.en,countries,edition.label.en\n";
    let text = format!(
        "{head}a,national-action-plan,A,KEN,Second\nb,national-action-plan,B,KEN,Second\nc,national-action-plan,C,UGA,Second\n"
    );
    let imported = import("x.csv", text.as_bytes()).unwrap();
    let remarks: Vec<String> = imported.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(
        remarks,
        [
            "two editions are labelled \"Second\"; the first is in line 2 (once, at 3:edition.label.en)"
        ]
    );
}

#[test]
fn a_country_that_the_publisher_does_not_speak_for_is_remarked() {
    let options = Options {
        speaks_for: Some(["KEN".to_owned()].into()),
        ..Options::default()
    };
    let text = format!(
        "{HEAD}{ROW}{}",
        ROW.replace("x-1", "x-2").replace("KEN", "UGA")
    );
    let imported = import_with("x.csv", text.as_bytes(), &options).unwrap();
    assert_eq!(abouts(&imported), [About::OtherCountry]);
    assert_eq!(imported.remarks[0].places[0].to_string(), "3:countries");
}

#[test]
fn faults_have_file_line_column_value_rule_and_remedy_all_at_once() {
    let text = "external_id,kind,title.en,countries,adopted\n\
                a,national-action-plan,T,Nowhere,soon\n\
                b,national-action-plan,,KEN,2018\n";
    let ImportErrors::Rows {
        file, bad, count, ..
    } = import("x.csv", text.as_bytes()).unwrap_err()
    else {
        panic!("another error");
    };
    assert_eq!((file.as_str(), count), ("x.csv", 3));
    let told: Vec<(u64, &str, &str)> = bad
        .iter()
        .map(|bad| (bad.line, bad.column.as_str(), bad.value.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (2, "countries", "Nowhere"),
            (2, "adopted", "soon"),
            (3, "title.en", "")
        ]
    );
    assert!(
        bad.iter()
            .all(|bad| !bad.reason.is_empty() && !bad.remedy.is_empty())
    );
}

#[test]
fn nobody_s_telephone_number_comes_in_by_accident() {
    let text = "external_id,kind,title.en,note.en,facts.0.name,facts.0.values\n\
                a,good-practice,T,call +254 712 345 678,Phone,\n\
                b,good-practice,T,jane@example.org,,\n";
    let told = refused("x.csv", text.as_bytes());
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("looks like a telephone number"));
    assert!(
        told[1].starts_with("x.csv:3:note.en: \"jane@example.org\" looks like an e-mail address")
    );
    assert!(told[1].contains("--allow-contact 'D3'"));
    let options = |cells: &[&str]| Options {
        allowed_contacts: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        ..Options::default()
    };
    // One cell is let through, and no other.
    let error = import_with("x.csv", text.as_bytes(), &options(&["D3"])).unwrap_err();
    assert!(error.to_string().contains("x.csv:2:note.en") && !error.to_string().contains(":3:"));
    let both = options(&["d2", "3:note.en"]);
    let imported = import_with("x.csv", text.as_bytes(), &both).unwrap();
    let through: Vec<&str> = imported.let_through.iter().map(String::as_str).collect();
    assert_eq!(through, ["+254 712 345 678", "jane@example.org"]);
}

#[test]
fn json_is_looked_through_for_contacts_too() {
    let json = r#"{"external_id":"a","title":[{"language":"en","text":"T"}],
        "facts":[{"name":"mail","values":["a@b.example"]}],"goodPractice":{}}"#;
    let told = refused("x.json", json.as_bytes());
    assert!(
        told[0].contains("facts[0].values[0]") && told[0].contains("e-mail"),
        "{told:?}"
    );
}

#[test]
fn example_rows_of_a_template_are_never_imported() {
    let example = ROW.replace("x-1", "example: this row is not imported");
    let text = format!("{HEAD}{example}{ROW}");
    let imported = import("x.csv", text.as_bytes()).unwrap();
    assert_eq!((imported.drafts.len(), imported.examples), (1, 1));
}

#[test]
fn rows_without_ids_get_them_from_key_columns_and_the_file_comes_back() {
    let text = "Plans\nkind,title.en,countries\n\
                good-practice,Côte plan,CIV\n\ngood-practice,\"Quoted, plan\",KEN\n";
    assert!(refused("x.csv", text.as_bytes())[0].contains("--ids-from"));
    let options = Options {
        ids_from: Some("gp-{countries|lower}-{title.en|slug}".to_owned()),
        keep_table: true,
        ..Options::default()
    };
    let imported = import_with("x.csv", text.as_bytes(), &options).unwrap();
    let ids: Vec<&str> = imported
        .drafts
        .iter()
        .map(|draft| draft.external_id.as_str())
        .collect();
    assert_eq!(ids, ["gp-civ-côte-plan", "gp-ken-quoted-plan"]);
    let back = String::from_utf8(imported.table.unwrap().to_csv().unwrap()).unwrap();
    assert!(back.starts_with("\u{feff},Plans"), "{back}");
    // The ids stay, whatever becomes of the titles.
    let changed = back.replace("Quoted, plan", "Another title");
    let again = import("x.csv", changed.as_bytes()).unwrap();
    let kept: Vec<&str> = again
        .drafts
        .iter()
        .map(|draft| draft.external_id.as_str())
        .collect();
    assert_eq!(kept, ids);
}

#[test]
fn a_table_that_is_handed_back_runs_nothing_and_reads_the_same() {
    let text = "kind,title.en,note.en\ngood-practice,=2+2,'=A1\ngood-practice,'n,-5 of 7\n";
    let options = Options {
        ids_from: Some("gp-{title.en|slug}".to_owned()),
        keep_table: true,
        ..Options::default()
    };
    let imported = import_with("x.csv", text.as_bytes(), &options).unwrap();
    let back = imported.table.as_ref().unwrap().to_csv().unwrap();
    let told = String::from_utf8(back.clone()).unwrap();
    assert!(told.contains("gp-2-2,good-practice,'=2+2,'=A1\n"), "{told}");
    assert!(told.contains(",'n,'-5 of 7\n"), "{told}");
    let again = import("x.csv", &back).unwrap();
    assert_eq!(placeless(again.drafts), placeless(imported.drafts));
}

#[test]
fn exported_ids_and_revisions_come_back_with_their_rows() {
    let id = "00112233445566778899aabbccddeeff";
    let text = format!("record_id,revision,publisher,{HEAD}{id},7,network,{ROW}");
    let imported = import("x.csv", text.as_bytes()).unwrap();
    let draft = &imported.drafts[0];
    assert_eq!(draft.record_id.unwrap().to_string(), id);
    assert_eq!(draft.revision, Some(7));
    let told = refused("x.csv", text.replace(id, "0011").as_bytes());
    assert!(
        told[0].contains("record_id: \"0011\" is no record's id"),
        "{told:?}"
    );
    let json = format!(
        "{{\"record_id\":\"{id}\",\"revision\":7,\"kind\":\"good-practice\",\"record\":{{\"external_id\":\"a\",\
         \"title\":[{{\"language\":\"en\",\"text\":\"T\"}}],\"good_practice\":{{}}}}}}"
    );
    let imported = import("x.jsonl", json.as_bytes()).unwrap();
    assert_eq!(imported.drafts[0].record_id.unwrap().to_string(), id);
}

#[test]
fn one_json_object_is_one_record() {
    let json = "{\n\"external_id\":\"a\",\"title\":[{\"language\":\"en\",\"text\":\"T\"}],\"good_practice\":{}}";
    assert_eq!(import("x.json", json.as_bytes()).unwrap().drafts.len(), 1);
    assert_eq!(
        import("x.json", format!("[{json}]").as_bytes())
            .unwrap()
            .drafts
            .len(),
        1
    );
}

#[test]
fn text_that_was_made_safe_is_read_as_it_was() {
    let imported = with_cell("note.en", "'=SUM(A1)").unwrap();
    assert!(lines(&record(&imported, "x-1")).contains("note.en = =SUM(A1)"));
}

#[test]
fn a_text_that_goes_on_in_a_second_column_is_one_text() {
    let text = "external_id,kind,title.en,note.en,note.en+1\nx-1,good-practice,T,one ,two\n";
    let imported = import("x.csv", text.as_bytes()).unwrap();
    assert!(lines(&record(&imported, "x-1")).contains("note.en = onetwo"));
}

#[test]
fn a_date_with_its_sense_is_listed_unless_it_stands_in_the_words_of_the_schema() {
    for (cell, read) in [
        ("By 2017", "By 2017 → by 2017, 1 cell"),
        ("Not Given", "Not Given → not given, 1 cell"),
        (
            "About April 2017",
            "About April 2017 → about 2017-04, 1 cell",
        ),
    ] {
        assert_eq!(read_as(&with_cell("adopted", cell).unwrap()), [read]);
    }
    for cell in ["2017-04", "by 2017", "about 2017-04", "not given"] {
        assert!(read_as(&with_cell("adopted", cell).unwrap()).is_empty());
    }
}

#[test]
fn a_name_that_two_countries_have_is_refused_with_both() {
    for (name, codes) in [
        ("Korea", "KOR or PRK"),
        ("Congo", "COG or COD"),
        ("Конго", "COG or COD"),
    ] {
        let told = with_cell("countries", name).unwrap_err().to_string();
        assert!(told.contains(&format!("may mean {codes}")), "{told}");
    }
    let imported = with_cell("countries", "Congo - Kinshasa").unwrap();
    assert_eq!(read_as(&imported), ["Congo - Kinshasa → COD, 1 cell"]);
}

#[test]
fn a_language_is_its_tag_or_its_name_in_any_of_the_six_languages() {
    for (cell, tag) in [
        ("French", "fr"),
        ("français", "fr"),
        ("anglais", "en"),
        ("Arabic", "ar"),
        ("русский", "ru"),
        ("中文", "zh"),
        ("sr-Latn", "sr-Latn"),
        ("zh-Hant", "zh-Hant"),
        ("fr", "fr"),
    ] {
        let text = format!("external_id,kind,title.en,languages\na,document,T,{cell}\n");
        let imported = import("x.csv", text.as_bytes()).unwrap();
        let said = lines(&record(&imported, "a"));
        assert!(
            said.contains(&format!("languages = {tag}\n")),
            "{cell}: {said}"
        );
        assert!(
            !abouts(&imported).contains(&About::UnknownCode),
            "{cell}: {:?}",
            imported.remarks
        );
        assert!(
            !abouts(&imported).contains(&About::UnknownLanguage),
            "{cell}"
        );
        assert_eq!(read_as(&imported).len(), usize::from(cell != tag), "{cell}");
    }
    let text = "external_id,kind,Title (French),note.English\na,law,Un,Two\n";
    let imported = import("x.csv", text.as_bytes()).unwrap();
    let said = lines(&record(&imported, "a"));
    assert!(
        said.contains("title.fr = Un\n") && said.contains("note.en = Two\n"),
        "{said}"
    );
    let text = "external_id,kind,title.klingon\na,law,T\n";
    let imported = import("x.csv", text.as_bytes()).unwrap();
    assert!(abouts(&imported).contains(&About::UnknownLanguage));
}

#[test]
fn a_time_zone_that_there_is_not_is_remarked() {
    let read = |zone: &str| {
        let text = format!("external_id,kind,title.en,time_zone\na,event,T,{zone}\n");
        import("x.csv", text.as_bytes()).unwrap()
    };
    assert!(abouts(&read("Mars/Phobos")).contains(&About::UnknownCode));
    for zone in ["Africa/Nairobi", "UTC"] {
        assert!(!abouts(&read(zone)).contains(&About::UnknownCode), "{zone}");
    }
}
