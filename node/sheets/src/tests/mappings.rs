//! What the mapping language can say, on small files.

use super::*;

const HEAD: &str = "name = 'x'\ntells = []\nexternal_id = '{id}'\n\
    [[field]]\nto = 'title.en'\ncolumn = 'title'\n";

/// A file read by a mapping that a person wrote.
fn mapped(mapping: &str, file: &str, text: &str) -> Result<Imported, ImportErrors> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mapping.toml");
    std::fs::write(&path, mapping).unwrap();
    let options = Options {
        profile: Some(path.display().to_string()),
        ..Options::default()
    };
    let format = Format::of(Path::new(file)).unwrap();
    read_from(file, format, Box::new(text.as_bytes()), &options, &|name| {
        let text: &[u8] = match name {
            "notes.csv" => b"title,note\nA,one\nA,two\n",
            _ => return Ok(None),
        };
        Ok(Some(Box::new(text)))
    })
}

fn refusals(mapping: &str, file: &str, text: &str) -> String {
    mapped(mapping, file, text).unwrap_err().to_string()
}

const LAWS: &str = "kind = { column = 'what', values = { act = 'law', plan = 'policy' } }\n";

#[test]
fn a_cell_chooses_the_kind_of_a_record() {
    let mapping = format!("{LAWS}{HEAD}[[field]]\nto = 'number'\ncolumn = 'no'\n");
    let text = "id,title,what,no\na,A,act,1\nb,B,plan,2\n";
    let imported = mapped(&mapping, "x.csv", text).unwrap();
    let kinds: Vec<u32> = imported.drafts.iter().map(|draft| draft.kind).collect();
    assert_eq!(
        kinds,
        ["law", "policy"].map(|kind| kind.parse::<Kind>().unwrap().number())
    );
    assert!(lines(&record(&imported, "b")).contains("number = 2\n"));
    assert_eq!(
        refusals(&mapping, "x.csv", "id,title,what,no\na,A,decree,1\n"),
        "x.csv:2:what: \"decree\" is none of act, plan; write one of them, or name it in the profile under `kind`"
    );
}

#[test]
fn a_cell_that_records_of_its_kind_do_not_read_is_not_lost_unseen() {
    let mapping = format!("{LAWS}{HEAD}[[field]]\nto = 'eli'\ncolumn = 'eli'\nkinds = ['law']\n");
    assert_eq!(
        refusals(
            &mapping,
            "x.csv",
            "id,title,what,eli\na,A,act,1\nb,B,plan,2\nc,C,plan,\n"
        ),
        "x.csv:3:eli: is filled, and the profile reads it in no policy; empty it, or give the profile a field for it"
    );
}

const SERIES: &str = "kind = 'series'\n";
const GROUP: &str = "[group]\nby = ['id']\nto = 'observations'\n[[group.element]]\n\
    period = { column = 'year' }\nvalue = { column = 'value' }\n";

#[test]
fn rows_of_one_group_are_one_record_wherever_they_stand() {
    let mapping = format!(
        "{SERIES}{HEAD}\
         [[field]]\nto = 'period.start'\ncolumn = 'year'\nrows = 'least'\n\
         [[field]]\nto = 'period.end'\ncolumn = 'year'\nrows = 'greatest'\n\
         [[field]]\nto = 'sources'\ncolumn = 'source'\nrows = 'all'\n{GROUP}"
    );
    let text = "id,title,year,value,source\n\
                a,A,2020,1,s\nb,B,2019,0.0,t\na,A,2018,2.50,u\na,A,2019,,s\n";
    let imported = mapped(&mapping, "x.csv", text).unwrap();
    assert_eq!(imported.drafts.len(), 2);
    assert_eq!(
        lines(&record(&imported, "a")),
        "external_id = a\n\
         title.en = A\n\
         sources.0.citation = s\n\
         sources.1.citation = u\n\
         observations.0.period = 2020\n\
         observations.0.value = 1\n\
         observations.1.period = 2018\n\
         observations.1.value = 2.50\n\
         observations.2.period = 2019\n\
         period.start = 2018\n\
         period.end = 2020\n"
    );
    let again = mapped(&mapping, "x.csv", text).unwrap();
    assert_eq!(
        imported.drafts, again.drafts,
        "the same rows give the same bytes"
    );
}

#[test]
fn rows_of_a_group_that_contradict_each_other_are_refused() {
    let mapping = format!("{SERIES}{HEAD}{GROUP}");
    let text = "id,title,year,value\na,A,2020,1\na,Another,2021,2\na,A,2022,x\n";
    assert_eq!(
        refusals(&mapping, "x.csv", text),
        "x.csv:3:title: says \"Another\", and line 2 of the same record \"A\"; write the same in all rows of the record\n\
         x.csv:4:value: \"x\" is no number such as -0.4; \
         write digits alone, with a point: 27680907, 12.5"
    );
}

#[test]
fn a_sum_that_rounding_explains_is_a_remark_and_another_a_fault() {
    let check = "[[check]]\nsum = ['f', 'm']\nequals = 'value'\nwithin = 1\n\
                 [[ignored]]\ncolumns = ['f', 'm']\n";
    let mapping = format!("{SERIES}{HEAD}{GROUP}{check}");
    let head = "id,title,year,f,m,value\n";
    let text = format!("{head}a,A,2020,1,1,2\na,A,2021,1,1,3\nb,B,2021,1,1,1\nc,C,2022,1,,7\n");
    let imported = mapped(&mapping, "x.csv", &text).unwrap();
    let remarks: Vec<String> = imported.remarks.iter().map(Remark::to_string).collect();
    assert_eq!(
        remarks,
        [
            "value is not f + m, but no more than 1 off, as rounding does (2 times, at 3:value, 4:value)"
        ]
    );
    assert_eq!(
        refusals(&mapping, "x.csv", &format!("{head}a,A,2020,1,1,4\n")),
        "x.csv:2:value: 4 is not f + m, which is 2; correct it or its parts, or let the mapping's [[check]] allow more"
    );
}

#[test]
fn a_cell_is_split_sorted_by_form_and_taken_in_part() {
    let mapping = format!(
        "kind = 'initiative'\n{HEAD}\
         [[field]]\nto = 'donors.country'\ncolumn = 'donors'\nseparator = ' '\nkeep = 'country'\n\
         [[field]]\nto = 'donors.acronym'\ncolumn = 'donors'\nseparator = ' '\ndrop = 'country'\n\
         [[field]]\nto = 'period.start'\ncolumn = 'years'\nseparator = '-'\npart = 'first'\n\
         [[field]]\nto = 'period.end'\ncolumn = 'years'\nseparator = '-'\npart = 'last'\n"
    );
    let text = "id,title,donors,years\na,A,NOR EU ISL,2020-2022\nb,B,,2018\n";
    let imported = mapped(&mapping, "x.csv", text).unwrap();
    let first = lines(&record(&imported, "a"));
    assert!(
        first.contains("donors.0.country = NOR\ndonors.1.acronym = EU\ndonors.2.country = ISL\n"),
        "{first}"
    );
    assert!(first.contains("period.start = 2020\nperiod.end = 2022\n"));
    let second = lines(&record(&imported, "b"));
    assert!(
        second.contains("period.start = 2018\nperiod.end = 2018\n"),
        "{second}"
    );
}

#[test]
fn the_first_filled_column_makes_the_id() {
    let mapping = "kind = 'law'\nname = 'x'\ntells = []\n\
        external_id = '{no|or title|slug}'\n[[field]]\nto = 'title.en'\ncolumn = 'title'\n";
    let imported = mapped(mapping, "x.csv", "no,title\n1/2,A\n,An Act\n").unwrap();
    let ids: Vec<&str> = imported
        .drafts
        .iter()
        .map(|d| d.external_id.as_str())
        .collect();
    assert_eq!(ids, ["1-2", "an-act"]);
    assert_eq!(
        refusals(mapping, "x.csv", "no,title\n1,A\n1,B\n"),
        "x.csv:3:external_id: \"1\" stands in line 2 too; give each record an id of its own"
    );
}

#[test]
fn a_second_file_is_joined_by_key_or_whole() {
    let join = "[[join]]\nfile = 'notes.csv'\nto = 'claims'\n";
    let element =
        "[[join.element]]\nfield = { template = 'number' }\nvalue = { column = 'note' }\n";
    let mapping = format!("kind = 'law'\n{HEAD}{join}key = 'title'\n{element}");
    let imported = mapped(&mapping, "x.csv", "id,title\na,A\nb,B\n").unwrap();
    assert_eq!(record(&imported, "a").message().claims.len(), 2);
    assert_eq!(record(&imported, "b").message().claims.len(), 0);
    let mapping = format!("kind = 'law'\n{HEAD}{join}when = {{ id = ['b', 'c'] }}\n{element}");
    let imported = mapped(&mapping, "x.csv", "id,title\na,A\nb,B\n").unwrap();
    assert_eq!(record(&imported, "a").message().claims.len(), 0);
    assert_eq!(record(&imported, "b").message().claims.len(), 2);
    assert_eq!(
        refusals(&mapping, "x.csv", "id,title\na,A\n"),
        "notes.csv:2: x.csv has no row that it belongs to; add its row there, or take this one out\n\
         notes.csv:3: x.csv has no row that it belongs to; add its row there, or take this one out"
    );
}

#[test]
fn a_mapping_with_a_slip_says_the_line() {
    let mapping = format!("kind = 'law'\n{HEAD}[[field]]\nto = 'numer'\ncolumn = 'no'\n");
    let told = refusals(&mapping, "x.csv", "id,title,no\na,A,1\n");
    assert!(
        told.contains("profile x: line 8: numer: a law has no field \"numer\""),
        "{told}"
    );
}

#[test]
fn a_text_that_the_file_does_not_have_is_worded_in_each_language_and_says_so() {
    let head = "name = 'x'\nkind = 'event'\ntells = []\nexternal_id = '{id}'\n\
        [[field]]\nto = 'title.en'\ncolumn = 'id'\n\
        [[worded]]\nto = 'note'\n[worded.text]\n";
    let mapping = format!(
        "{head}fr = 'Réunion : {{where|name countries}}'\nen = 'Meeting in {{where|name countries}}'\n"
    );
    let text = "id,where\na,KEN\nb,\nc,QQQ\n";
    let imported = mapped(&mapping, "x.csv", text).unwrap();
    let texts = |id: &str| -> Vec<String> {
        let record = record(&imported, id);
        let texts = record.message().note.iter();
        texts
            .map(|text| format!("{} {} {}", text.language, text.text, text.kind))
            .collect()
    };
    assert_eq!(
        texts("a"),
        ["en Meeting in Kenya 5", "fr Réunion : Kenya 5"]
    );
    assert_eq!(
        texts("b"),
        [""; 0],
        "nothing is said of a text that is not there"
    );
    assert_eq!(texts("c")[0], "en Meeting in QQQ 5");
    for (line, reason) in [
        ("de = 'Treffen'", "\"de\": [worded.text] has texts in en"),
        (
            "en = '{where|name towns}'",
            "there is no vocabulary \"towns\"",
        ),
        ("en = '{town}'", "town"),
    ] {
        let told = refusals(&format!("{head}{line}\n"), "x.csv", text);
        assert!(told.contains(reason), "{line}: {told}");
    }
    let field = "name = 'x'\nkind = 'event'\ntells = []\nexternal_id = '{id}'\n\
        [[field]]\nto = 'title.fr'\ntemplate = '{where|name countries}'\n";
    let told = refusals(field, "x.csv", text);
    assert!(told.contains("which [[worded]] has"), "{told}");
}

#[test]
fn a_slip_in_how_ids_are_made_is_told_once() {
    let text = "kind,title.en,countries\ngood-practice,A,KEN\ngood-practice,B,UGA\n";
    for (template, told) in [
        ("gp-{nope}", "--ids-from: the file has no column \"nope\""),
        (
            "gp-{contries|slug}",
            "--ids-from: the file has no column \"contries\"; did you mean countries?",
        ),
        (
            "gp-{countries",
            "--ids-from: \"gp-{countries\" opens a brace and does not close it",
        ),
    ] {
        let options = Options {
            ids_from: Some(template.to_owned()),
            ..Options::default()
        };
        let error = import_with("x.csv", text.as_bytes(), &options).unwrap_err();
        assert_eq!(error.to_string(), told);
    }
}

#[test]
fn every_row_of_a_group_counts_where_its_cell_is_understood() {
    let mapping = format!("{SERIES}{HEAD}[[field]]\nto = 'countries'\ncolumn = 'country'\n{GROUP}");
    let text = "id,title,country,year,value\na,A,Kenya,2020,1\na,A,Kenya,2021,2\n";
    let imported = mapped(&mapping, "x.csv", text).unwrap();
    let read: Vec<String> = imported
        .interpretations
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(read, ["Kenya → KEN, 2 cells"]);
}
