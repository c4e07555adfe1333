//! Every kind through every form of file: written from a template, imported, listed, read,
//! exported, and imported again unchanged.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use wpsx_domain::publishing::{Became, Draft, Extent};
use wpsx_proto::record::{Kind, Reading, Record};
use wpsx_sheets::{FixedTable, Options, Row, Workbooks, read};
use wpsx_tests::federation::TestNode;

use super::{
    batch, became,
    files::{ods_of_csv, replace_in_book, rows_of, write_ods, write_rows},
    made::{Maker, fields_of},
    preview, publish,
};

/// How often records are made of each kind; each is another one.
const SEEDS: std::ops::Range<u64> = 0..3;
/// Seeds that are tried for fields that those have not filled.
const FURTHER: std::ops::Range<u64> = 1_000..2_000;

/// The forms that files come in.
#[derive(Clone, Copy, Debug)]
enum Form {
    Csv,
    Xlsx,
    Ods,
    JsonLines,
}

const FORMS: [Form; 4] = [Form::Csv, Form::Xlsx, Form::Ods, Form::JsonLines];

impl Form {
    fn end(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Ods => "ods",
            Self::JsonLines => "jsonl",
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_goes_through_every_form_and_comes_back_unchanged() -> Result<()> {
    let node = TestNode::start("a").await?;
    let mut beside = 0;
    for kind in Kind::known() {
        let made = made(kind)?;
        let drafts = made.iter().map(draft).collect();
        publish(&node, batch(), drafts).await?;
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for record in &made {
            all.insert(record.message().external_id.clone(), lines(record));
        }
        for form in FORMS {
            let folder = node.folder().join(format!("{kind}-{}", form.end()));
            fs::create_dir(&folder)?;
            let tried = async {
                from_template(&node, kind, form, &folder, &mut all).await?;
                back(&node, kind, form, &folder, &all).await
            };
            beside += tried.await.with_context(|| format!("{kind} as {form:?}"))?;
        }
    }
    ensure!(beside > 0, "no list was long enough for a file of its own");
    Ok(())
}

/// Records of a kind that together fill every field that it has.
fn made(kind: Kind) -> Result<Vec<Record>> {
    let mut missing = fields_of(kind);
    let mut made = Vec::new();
    for seed in SEEDS.chain(FURTHER) {
        if seed >= SEEDS.end && missing.is_empty() {
            break;
        }
        let mut maker = Maker::new(seed);
        let record = maker.record(kind);
        let fills_more = missing.iter().any(|field| maker.filled.contains(field));
        if seed < SEEDS.end || fills_more {
            missing.retain(|field| !maker.filled.contains(field));
            made.push(record);
        }
    }
    ensure!(missing.is_empty(), "{kind}: nothing fills {missing:?}");
    Ok(made)
}

fn record(json: &str) -> Result<Record> {
    Record::from_json(json).map_err(|rule| anyhow::anyhow!("{rule}"))
}

fn draft(record: &Record) -> Draft {
    Draft {
        kind: record.kind().number(),
        payload: record.payload().clone(),
        external_id: record.message().external_id.clone(),
        ..Draft::default()
    }
}

/// What a record says, in an order of its own: the languages of a text have none.
fn lines(record: &Record) -> Vec<String> {
    let lines = record.to_lines().into_iter();
    let mut lines: Vec<String> = lines
        .map(|(path, value)| format!("{path} = {value:?}"))
        .collect();
    lines.sort();
    lines
}

fn imported(path: &Path, kind: Kind) -> Result<Vec<Draft>> {
    let options = Options {
        kind: Some(kind),
        workbooks: Workbooks::Here,
        ..Options::default()
    };
    Ok(read(path, &options)?.drafts)
}

fn said(draft: &Draft) -> Result<Vec<String>> {
    match Record::read(draft.kind, &draft.payload) {
        Reading::Readable(record) => Ok(lines(&record)),
        other => anyhow::bail!("{other:?}"),
    }
}

/// A template is written and filled in: its example becomes a record.
async fn from_template(
    node: &TestNode,
    kind: Kind,
    form: Form,
    folder: &Path,
    all: &mut BTreeMap<String, Vec<String>>,
) -> Result<()> {
    const EXAMPLE: &str = "example: this row is not imported";
    let id = format!("filled-in-{kind}-{}", form.end());
    let template = |end: &str| folder.join(format!("template.{end}"));
    let typed = async |path: &Path| {
        let path = path.display().to_string();
        let kind = kind.to_string();
        node.typed(&["template", &kind, "--out", &path]).await
    };
    let filled: PathBuf = match form {
        Form::Csv | Form::Ods => {
            let csv = template("csv");
            typed(&csv).await?;
            let mut rows = rows_of(&csv)?;
            ensure!(rows[1][0] == EXAMPLE && rows.len() == 2, "{rows:?}");
            rows[1][0].clone_from(&id);
            match form {
                Form::Csv => write_rows(&csv, &rows)?,
                _ => write_ods(&template("ods"), &[(kind.to_string(), rows)])?,
            }
            template(form.end())
        }
        Form::Xlsx => {
            let book = template("xlsx");
            typed(&book).await?;
            ensure!(
                imported(&book, kind)?.is_empty(),
                "the example was imported"
            );
            replace_in_book(&book, EXAMPLE, &id)?;
            book
        }
        // Who writes JSON reads the schema.
        Form::JsonLines => {
            let mut json = Maker::new(77).record(kind).to_json();
            json["external_id"] = id.clone().into();
            fs::write(template("jsonl"), format!("{json}\n"))?;
            template("jsonl")
        }
    };
    let drafts = imported(&filled, kind)?;
    ensure!(drafts.len() == 1 && drafts[0].external_id == id);
    ensure!(drafts[0].kind == kind.number());
    all.insert(id.clone(), said(&drafts[0])?);
    let told = publish(node, preview(), drafts.clone()).await?;
    ensure!(became(&told) == [Became::New], "{:?}", told.faults.told);
    let done = publish(node, batch(), drafts.clone()).await?;
    ensure!(became(&done) == became(&told));
    let again = publish(node, batch(), drafts).await?;
    ensure!(became(&again) == [Became::Unchanged] && again.batch.is_none());
    let record = done.records[0].record_id.context("it is new")?.to_string();
    let shown = node.typed(&["get", &record]).await?;
    ensure!(shown.contains(&id), "{shown}");
    Ok(())
}

/// All records of the kind are listed, exported and imported again. Tells how many files
/// stand beside the export.
async fn back(
    node: &TestNode,
    kind: Kind,
    form: Form,
    folder: &Path,
    all: &BTreeMap<String, Vec<String>>,
) -> Result<usize> {
    let name = kind.to_string();
    let listed = node
        .typed(&["list", "--kind", &name, "--every-text", "--limit", "500"])
        .await?;
    let rows = listed.lines().filter(|line| line.contains(&name)).count();
    ensure!(rows >= all.len(), "{rows} of {}:\n{listed}", all.len());

    let written = match form {
        Form::Ods => folder.join("export.csv"),
        form => folder.join(format!("export.{}", form.end())),
    };
    let to = written.display().to_string();
    let told = node
        .typed(&["export", "--kind", &name, "--out", &to])
        .await?;
    let files = fs::read_dir(folder)?.filter_map(|file| file.ok()?.file_name().into_string().ok());
    let beside = files.filter(|name| name.starts_with("export.")).count();
    let export = folder.join(format!("export.{}", form.end()));
    if matches!(form, Form::Ods) {
        ods_of_csv(&written, &export)?;
    }
    let drafts = imported(&export, kind).context(told)?;
    ensure!(
        drafts.len() == all.len(),
        "{} of {}",
        drafts.len(),
        all.len()
    );
    let ids: BTreeSet<&str> = drafts
        .iter()
        .map(|draft| draft.external_id.as_str())
        .collect();
    ensure!(ids.len() == all.len());
    for draft in &drafts {
        let told = said(draft)?;
        let wanted = all.get(&draft.external_id).context("another record")?;
        // The publisher's licence is that of every record that names none.
        let is_said = |line: &&String| !line.starts_with("licence = ");
        let told: Vec<&String> = told.iter().filter(is_said).collect();
        let wanted: Vec<&String> = wanted.iter().filter(is_said).collect();
        ensure!(
            told == wanted,
            "{}: {told:#?} is not {wanted:#?}",
            draft.external_id
        );
        ensure!(draft.record_id.is_some() && draft.revision == Some(1));
    }
    for batch in [preview(), batch()] {
        let done = publish(node, batch, drafts.clone()).await?;
        let changed = done.records.iter().zip(&drafts);
        let changed = changed.filter(|(record, _)| record.became != Became::Unchanged);
        let changed: Vec<_> = changed
            .map(|(record, draft)| (&draft.external_id, record.became, &record.changes))
            .collect();
        ensure!(changed.is_empty(), "{changed:#?} {:?}", done.faults.told);
        ensure!(done.batch.is_none(), "nothing was to do");
    }
    Ok(beside - 1)
}

#[test]
fn a_table_whose_columns_the_schema_says_comes_back_too_whatever_it_holds() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for kind in Kind::known() {
        let made = made(kind)?;
        let mut table = FixedTable::of(kind).context("a table")?;
        let mut text = table.header()?;
        for record in &made {
            let row = Row {
                kind: kind.number(),
                payload: record.payload().clone(),
                ..Row::default()
            };
            table.row(&row, &mut text)?;
        }
        let path = folder.path().join("table.csv");
        fs::write(&path, text)?;
        for (draft, record) in imported(&path, kind)?.iter().zip(&made) {
            let (told, wanted) = (said(draft)?, lines(record));
            ensure!(told == wanted, "{kind}: {told:#?} is not {wanted:#?}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_an_older_revision_is_refused_in_every_form() -> Result<()> {
    let node = TestNode::start("a").await?;
    let first = super::plan("a", "one", None);
    publish(&node, batch(), vec![first]).await?;
    let mut files = Vec::new();
    for form in ["csv", "jsonl"] {
        let path = node.folder().join(format!("plans.{form}"));
        node.typed(&["export", "--out", &path.display().to_string()])
            .await?;
        files.push(path);
    }
    publish(&node, batch(), vec![super::plan("a", "two", None)]).await?;
    for path in files {
        let mut drafts = imported(&path, Kind::NATIONAL_ACTION_PLAN)?;
        // As it was exported, it says nothing new.
        let told = publish(&node, batch(), drafts.clone()).await?;
        ensure!(became(&told) == [Became::Unchanged], "{}", path.display());
        drafts[0].payload = super::plan("a", "three", None).payload;
        drafts[0].extent = Extent::Whole;
        let refused = publish(&node, batch(), drafts).await;
        let refused = refused.err().context("there is a newer one")?.to_string();
        ensure!(refused.contains("made from revision 1"), "{refused}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_a_file_of_its_own_is_part_of_its_export() -> Result<()> {
    let node = TestNode::start("a").await?;
    let observations: Vec<String> = (0..150)
        .map(|n| format!(r#"{{"period": "{}", "value": "{n}"}}"#, 1950 + n % 70))
        .collect();
    let json = format!(
        r#"{{"external_id": "s", "title": [{{"language": "en", "text": "S"}}],
            "series": {{"observations": [{}]}}}}"#,
        observations.join(",")
    );
    let first = record(&json)?;
    publish(&node, batch(), vec![draft(&first)]).await?;
    let path = node.folder().join("series.csv");
    let to = path.display().to_string();
    let export = async |more: &[&str]| {
        let typed = [&["export", "--out", to.as_str()], more].concat();
        node.typed(&typed).await
    };
    let told = export(&[]).await?;
    let beside = node.folder().join("series.observations.csv");
    ensure!(
        beside.exists() && told.contains("series.observations.csv"),
        "{told}"
    );

    // One part is corrected, one is added and one taken away.
    let mut rows = rows_of(&beside)?;
    let value = rows[0]
        .iter()
        .position(|name| name == "value")
        .context("a column")?;
    rows[3][value] = "7.5".to_owned();
    rows.remove(150);
    let mut added = rows[10].clone();
    added[0].clear();
    added[value] = "99".to_owned();
    rows.push(added);
    write_rows(&beside, &rows)?;
    let drafts = imported(&path, "series".parse()?)?;
    let told = publish(&node, batch(), drafts.clone()).await?;
    ensure!(became(&told) == [Became::Changed]);
    let Reading::Readable(now) = Record::read(drafts[0].kind, &drafts[0].payload) else {
        anyhow::bail!("not readable");
    };
    let now = now.to_json();
    let now = now["series"]["observations"].as_array().context("a list")?;
    ensure!(now.len() == 150 && now[2]["value"] == "7.5" && now[149]["value"] == "99");

    // A row of no record is a slip, told with its file.
    rows.push(vec!["".to_owned(), "nobody".to_owned()]);
    let width = rows[0].len();
    if let Some(last) = rows.last_mut() {
        last.resize(width, String::new());
    }
    write_rows(&beside, &rows)?;
    let refused = imported(&path, "series".parse()?).err().context("a slip")?;
    ensure!(
        refused
            .to_string()
            .contains("series.observations.csv:152:external_id"),
        "{refused}"
    );

    // What an earlier export has left beside the file is not taken for part of the next.
    let refused = export(&[]).await.err().context("it is there")?.to_string();
    ensure!(refused.contains("is there already"), "{refused}");
    export(&["--force"]).await?;
    let short = record(
        r#"{"external_id": "s", "title": [{"language": "en", "text": "S"}],
            "series": {"observations": [{"value": "1"}]}}"#,
    )?;
    let allowed = wpsx_domain::publishing::Batch {
        keep_values: false,
        ..batch()
    };
    publish(&node, allowed, vec![draft(&short)]).await?;
    export(&["--force"]).await?;
    ensure!(!beside.exists());
    let drafts = imported(&path, "series".parse()?)?;
    let told = publish(&node, batch(), drafts).await?;
    ensure!(became(&told) == [Became::Unchanged]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_leaves_out_stays_and_what_it_empties_goes_only_where_that_is_said()
-> Result<()> {
    let node = TestNode::start("a").await?;
    let path = node.folder().join("plans.csv");
    let file = path.display().to_string();
    let import = async |text: &str, more: &[&str]| {
        fs::write(&path, text)?;
        let typed = [
            &["import", file.as_str(), "--kind", "national-action-plan"],
            more,
        ]
        .concat();
        node.typed(&typed).await
    };
    let head = "external_id,title.en,countries";
    import(
        &format!("{head},period.end,note.en\na,A,KEN,2018,N\nb,B,UGA,2019,\n"),
        &[],
    )
    .await?;
    // Columns that the file does not have leave their fields alone.
    let told = import(&format!("{head}\na,Better,KEN\nb,B,UGA\n"), &[]).await?;
    ensure!(told.contains("0 new records and 1 changed"), "{told}");
    let emptied = format!("{head},period.end\na,Better,KEN,\nb,B,UGA,2019\n");
    for more in [&[][..], &["--dry-run"]] {
        let refused = import(&emptied, more)
            .await
            .err()
            .context("it removes a value")?;
        let refused = refused.to_string();
        ensure!(refused.contains("plans.csv:2:period.end:"), "{refused}");
        ensure!(
            refused.contains("2018") && refused.contains("--allow-removals"),
            "{refused}"
        );
    }
    let told = import(&emptied, &["--allow-removals", "--dry-run"]).await?;
    ensure!(told.contains("- period.end: 2018"), "{told}");
    let told = import(&emptied, &["--allow-removals"]).await?;
    ensure!(told.contains("0 new records and 1 changed"), "{told}");
    let lines = node
        .typed(&[
            "export",
            "--kind",
            "national-action-plan",
            "--out",
            &node.folder().join("now.jsonl").display().to_string(),
        ])
        .await;
    lines?;
    let now = fs::read_to_string(node.folder().join("now.jsonl"))?;
    ensure!(now.contains("\"N\"") && !now.contains("\"2018\""), "{now}");

    // A withdrawn record stays withdrawn, unless that is said.
    let drafts = imported(&path, Kind::NATIONAL_ACTION_PLAN)?;
    let known = publish(&node, preview(), drafts).await?;
    let id = known.records[0].record_id;
    node.retire(
        wpsx_proto::envelope::Operation::Withdraw,
        id,
        wpsx_proto::envelope::Reason::Outdated,
    )
    .await?;
    let told = import(&emptied, &[]).await?;
    ensure!(
        told.contains("1 record left withdrawn") && told.contains("nothing to do"),
        "{told}"
    );
    let told = import(&emptied, &["--reinstate"]).await?;
    ensure!(told.contains("0 new records and 1 changed"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_adds_to_a_vocabulary_counts_in_imports_templates_and_fields()
-> Result<()> {
    let node = TestNode::start("a").await?;
    let folder = node.data_dir().join("vocabularies");
    fs::create_dir_all(&folder)?;
    fs::write(
        folder.join("themes.csv"),
        "code,en,aliases\nour-theme,A theme of our own,Our theme\n",
    )?;
    let path = node.folder().join("plans.csv");
    fs::write(
        &path,
        "external_id,kind,title.en,countries,themes\na,law,T,KEN,A theme of our own\n",
    )?;
    let file = path.display().to_string();
    let told = node.typed(&["import", &file]).await?;
    ensure!(
        told.contains("read A theme of our own → our-theme, 1 cell"),
        "{told}"
    );
    let fields = node.typed(&["fields", "law"]).await?;
    ensure!(fields.contains("themes (code)"), "{fields}");
    let book = node.folder().join("law.xlsx");
    node.typed(&["template", "law", "--out", &book.display().to_string()])
        .await?;
    replace_in_book(&book, "our-theme", "our-theme")?;
    fs::write(folder.join("themes.csv"), "no such columns\n")?;
    let refused = node
        .typed(&["import", &file])
        .await
        .err()
        .context("it has faults")?;
    ensure!(refused.to_string().contains("themes.csv"), "{refused}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_without_a_name_of_its_own_comes_back_by_its_id() -> Result<()> {
    let node = TestNode::start("a").await?;
    let nameless = record(r#"{"title": [{"language": "en", "text": "T"}], "law": {}}"#)?;
    publish(&node, batch(), vec![draft(&nameless)]).await?;
    for form in ["csv", "jsonl"] {
        let path = node.folder().join(format!("laws.{form}"));
        node.typed(&["export", "--out", &path.display().to_string()])
            .await?;
        let drafts = imported(&path, "law".parse()?)?;
        let told = publish(&node, batch(), drafts).await?;
        ensure!(became(&told) == [Became::Unchanged], "{form}");
    }
    Ok(())
}
