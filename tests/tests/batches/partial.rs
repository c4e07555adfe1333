//! Tables with some columns alone, handed in to change records: each is judged as it will be.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use wpsx_tests::federation::TestNode;

const PLANS: &str = "external_id,kind,title.en,countries,period.start,period.end,adopted\n\
                     a,national-action-plan,First,KEN,2016,2018,2016\n\
                     b,national-action-plan,Second,UGA,2016,2018,2016\n";

/// Types a command about a file of that name with that text.
pub(super) async fn hand_in(
    node: &TestNode,
    name: &str,
    text: &str,
    more: &[&str],
) -> Result<String> {
    let path = node.folder().join(name);
    fs::write(&path, text)?;
    let path = path.display().to_string();
    let mut typed = vec!["import", &path];
    typed.extend(more);
    node.typed(&typed).await
}

/// The id of the record that its source calls that.
pub(super) async fn id_of(node: &TestNode, name: &str) -> Result<String> {
    let ids = node.typed(&["list", "--columns", "id,source-id"]).await?;
    let line = ids
        .lines()
        .find(|line| line.ends_with(&format!("\t{name}")));
    let id = line.and_then(|line| line.split('\t').next());
    Ok(id.with_context(|| format!("{name} in {ids}"))?.to_owned())
}

pub(super) async fn refused(node: &TestNode, text: &str) -> Result<String> {
    let told = hand_in(node, "x.csv", text, &["--dry-run"]).await.err();
    let told = told.with_context(|| format!("it is taken: {text}"))?;
    let done = hand_in(node, "x.csv", text, &[]).await.err();
    ensure!(
        done.is_some(),
        "a preview refuses it, and the import does not"
    );
    Ok(told.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_column_that_records_need_changes_those_that_have_it() -> Result<()> {
    let node = TestNode::start("a").await?;
    hand_in(&node, "plans.csv", PLANS, &[]).await?;
    let head = "external_id,kind,adopted\n";
    let plan = |id: &str, adopted: &str| format!("{id},national-action-plan,{adopted}\n");
    let text = format!("{head}{}{}", plan("a", "2017"), plan("b", "2016"));
    let told = hand_in(&node, "x.csv", &text, &["--dry-run"]).await?;
    ensure!(told.contains("1 changed, 1 unchanged"), "{told}");
    ensure!(!told.contains("without a country"), "{told}");
    let done = hand_in(&node, "x.csv", &text, &[]).await?;
    ensure!(done.contains("1 changed"), "{done}");

    // A new record lacks a title, which is told with its place.
    let text = format!("{head}{}{}", plan("a", "2018"), plan("new", "2018"));
    let told = refused(&node, &text).await?;
    ensure!(
        told.contains("x.csv:3:title: is missing; fill it in"),
        "{told}"
    );
    ensure!(!told.contains("x.csv:2"), "{told}");
    // So it is beside what is wrong with the file itself.
    let text = format!("{head}{}{}", plan("a", "2018-13"), plan("new", "2018"));
    let told = refused(&node, &text).await?;
    ensure!(told.contains("x.csv:2:adopted: "), "{told}");
    ensure!(
        told.contains("x.csv:3:title: is missing; fill it in"),
        "{told}"
    );
    ensure!(told.contains("2 things"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_a_row_breaks_with_its_record_is_told_by_its_own_column() -> Result<()> {
    let node = TestNode::start("a").await?;
    hand_in(&node, "plans.csv", PLANS, &[]).await?;
    let text = "external_id,kind,Period › End\na,national-action-plan,2015\n";
    let told = refused(&node, text).await?;
    let fault = "x.csv:2:Period › End: with what the record says already: \
                 ends 2015, before it starts 2016; correct one of the two dates";
    ensure!(told.contains(fault), "{told}");
    // What is there already is not asked for once more; what would go is.
    let text = "external_id,kind,Period › End\na,national-action-plan,\n";
    let told = refused(&node, text).await?;
    ensure!(
        told.contains("x.csv:2:Period › End: it would remove \"2018\""),
        "{told}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_remarked_of_a_record_is_so_of_it_as_it_will_be() -> Result<()> {
    let node = TestNode::start("a").await?;
    hand_in(&node, "plans.csv", PLANS, &[]).await?;
    let nowhere = "external_id,kind,title.en\nc,national-action-plan,Third\n";
    let told = hand_in(&node, "x.csv", nowhere, &["--dry-run"]).await?;
    let remark = "a national-action-plan without a country (once, at 2:countries)";
    ensure!(told.contains(remark), "{told}");
    let told = hand_in(&node, "x.csv", nowhere, &[]).await?;
    ensure!(told.contains(remark), "{told}");
    // Two editions of one label are so in one country alone.
    let text = "external_id,kind,edition.label.en\n\
                a,national-action-plan,Second\nb,national-action-plan,Second\n";
    let told = hand_in(&node, "x.csv", text, &["--dry-run"]).await?;
    ensure!(!told.contains("two editions"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_odd_is_remarked_of_records_that_are_new_or_change() -> Result<()> {
    let node = TestNode::start("a").await?;
    let text = "external_id,kind,title.en,countries\n\
                a,event,CafÃ© one,XKX\nb,event,CafÃ© two,XKX\n";
    let told = hand_in(&node, "x.csv", text, &[]).await?;
    let odd = ["(2 times, at 2:title.en, 3:title.en)", "XKX is a code"];
    ensure!(odd.iter().all(|odd| told.contains(odd)), "{told}");
    // The same again has nothing new to tell, and the one that changes its own.
    for more in [&["--dry-run"][..], &[]] {
        let told = hand_in(&node, "x.csv", text, more).await?;
        ensure!(!odd.iter().any(|odd| told.contains(odd)), "{told}");
    }
    let text = text.replace("two", "three");
    let told = hand_in(&node, "x.csv", &text, &["--dry-run"]).await?;
    ensure!(told.contains("(once, at 3:title.en)"), "{told}");
    ensure!(told.contains("(once, at 3:countries)"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_goes_from_a_file_of_parts_is_told_with_that_file_and_its_line() -> Result<()>
{
    let node = TestNode::start("a").await?;
    let main = "external_id,kind,title.en\ns,series,S\nt,series,T\n";
    let parts = |note: &str| {
        format!("external_id,period,value,note\nt,2019,1,\ns,2019,1,\ns,2020,2,{note}\n")
    };
    let beside = node.folder().join("x.observations.csv");
    fs::write(&beside, parts("kept"))?;
    hand_in(&node, "x.csv", main, &[]).await?;
    fs::write(&beside, parts(""))?;
    let told = refused(&node, main).await?;
    ensure!(
        told.contains("x.observations.csv:4:note: it would remove \"kept\""),
        "{told}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_tells_what_was_computed_and_what_was_taken_back_and_cuts_nothing() -> Result<()> {
    let node = TestNode::start("a").await?;
    let title = "A plan of very many words ".repeat(6);
    let title = title.trim();
    let text = format!(
        "external_id,kind,title.en,countries,status_history.0.status,status_history.0.basis,\
         status_history.1.status,status_history.1.basis\n\
         a,national-action-plan,{title},KEN,adopted,stated,in-force,derived\n\
         b,national-action-plan,{title} too,UGA,in-force,derived,,\n"
    );
    hand_in(&node, "x.csv", &text, &[]).await?;
    let columns = ["list", "--columns", "source-id,title,status_history.status"];
    let listed = node.typed(&columns).await?;
    let row = |id: &str| {
        listed
            .lines()
            .find(|line| line.starts_with(id))
            .map(str::to_owned)
    };
    let first = row("a\t").context("a")?;
    ensure!(
        first == format!("a\t{title}\tadopted, in_force (computed)"),
        "{first}"
    );
    let second = row("b\t").context("b")?;
    ensure!(
        second == format!("b\t{title} too\tin_force (computed)"),
        "{second}"
    );
    let columns = ["list", "--columns", "source-id,status_history.0.status"];
    let listed = node.typed(&columns).await?;
    for row in ["a\tadopted", "b\tin_force (computed)"] {
        ensure!(listed.lines().any(|line| line == row), "{listed}");
    }
    let unknown = node.typed(&["list", "--columns", "titel"]).await;
    let unknown = unknown.err().context("no column")?.to_string();
    ensure!(unknown.contains("did you mean title?"), "{unknown}");

    let id = id_of(&node, "a").await?;
    let id = id.as_str();
    node.typed(&["withdraw", id, "--reason", "outdated"])
        .await?;
    let columns = ["list", "--withdrawn", "--columns", "id,title,country"];
    let listed = node.typed(&columns).await?;
    let row = listed
        .lines()
        .find(|line| line.starts_with(id))
        .context("withdrawn")?;
    ensure!(row == format!("{id}\t(withdrawn) {title}\tKEN"), "{row}");
    let got = node.typed(&["get", id]).await?;
    for said in [&format!("title\t(withdrawn) {title}\n"), "countries\tKEN\n"] {
        ensure!(got.contains(said), "{got}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_in_columns_that_no_import_reads_is_remarked() -> Result<()> {
    let node = TestNode::start("a").await?;
    let observations = (0..60).map(|n| format!("s,{},{n},female\n", 1960 + n));
    let parts = format!(
        "external_id,period,value,sex\n{}",
        observations.collect::<String>()
    );
    fs::write(node.folder().join("x.observations.csv"), parts)?;
    let main = "external_id,kind,title.en,countries\ns,series,S,KEN\n";
    hand_in(&node, "x.csv", main, &[]).await?;

    let out = node.folder().join("out.csv");
    let beside = node.folder().join("out.observations.csv");
    let path = out.display().to_string();
    node.typed(&["export", "--out", &path]).await?;
    let (main, parts) = (fs::read_to_string(&out)?, fs::read_to_string(&beside)?);
    let preview = async || node.typed(&["import", &path, "--dry-run"]).await;
    let told = preview().await?;
    ensure!(
        told.contains("1 unchanged") && !told.contains("not read"),
        "{told}"
    );

    // What people may change is no edit of what the record is called elsewhere.
    fs::write(&out, main.replace(",S,", ",Series,"))?;
    let told = preview().await?;
    ensure!(
        told.contains("1 changed") && !told.contains("not read"),
        "{told}"
    );

    let publisher = node.own()?.origin().to_string();
    let publisher = publisher.split('/').next().unwrap_or_default().to_owned();
    fs::write(
        &out,
        main.replacen(&format!(",{publisher},"), ",Ministry,", 1),
    )?;
    let edited = parts.replacen(",S,", ",Other,", 2);
    ensure!(edited != parts, "{parts}");
    fs::write(&beside, edited)?;
    let told = preview().await?;
    for remark in [
        "what is exported in the column publisher was changed; that column is not read (once, at 2:publisher)",
        "what is exported in the column of_record.title of",
        "that column is not read (2 times, at 2:of_record.title, 3:of_record.title)",
    ] {
        ensure!(told.contains(remark), "{told}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_beside_a_record_in_json_is_remarked() -> Result<()> {
    let node = TestNode::start("a").await?;
    hand_in(&node, "plans.csv", PLANS, &[]).await?;
    let out = node.folder().join("out.jsonl");
    let path = out.display().to_string();
    node.typed(&["export", "--out", &path]).await?;
    let text = fs::read_to_string(&out)?;
    let told = hand_in(&node, "x.jsonl", &text, &["--dry-run"]).await?;
    ensure!(
        told.contains("2 unchanged") && !told.contains("not read"),
        "{told}"
    );

    let publisher = node.own()?.origin().to_string();
    let publisher = publisher.split('/').next().unwrap_or_default().to_owned();
    let edits = [
        (
            "kind",
            "\"kind\":\"national-action-plan\"",
            "\"kind\":\"event\"",
        ),
        ("time", "\"time\":\"20", "\"time\":\"19"),
        (
            "publisher",
            &format!("\"publisher\":\"{publisher}\""),
            "\"publisher\":\"Ministry\"",
        ),
    ];
    for (name, exported, edited) in edits {
        ensure!(text.contains(exported), "{text}");
        // With and without an edit of the record.
        for title in ["Second", "Corrected"] {
            let text = text.replace(exported, edited).replace("Second", title);
            let told = hand_in(&node, "x.jsonl", &text, &["--dry-run"]).await?;
            let remark = format!(
                "what is exported as {name} beside a record was changed; it is not read \
                 (2 times, at 1:{name}, 2:{name})"
            );
            ensure!(told.contains(&remark), "{told}");
        }
    }
    // What `get` prints says more, of the copy that it asked.
    let shown = text.replacen("{", "{\"operation\":\"publish\",\"payload\":\"full\",", 1);
    let told = hand_in(&node, "x.jsonl", &shown, &["--dry-run"]).await?;
    ensure!(
        told.contains("2 unchanged") && !told.contains("not read"),
        "{told}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_names_records_as_they_are_held_where_the_file_does_not() -> Result<()> {
    let node = TestNode::start("a").await?;
    hand_in(&node, "plans.csv", PLANS, &[]).await?;
    let text = "external_id,kind,adopted\nb,national-action-plan,2017\n";
    let told = hand_in(&node, "x.csv", text, &["--dry-run"]).await?;
    ensure!(told.contains("\n  b  Second\n"), "{told}");
    let text = exported(&node, &["record_id", "kind", "adopted"]).await?;
    let text = text.replace(",2016", ",2018");
    let told = hand_in(&node, "x.csv", &text, &["--dry-run"]).await?;
    for named in ["\n  a  First\n", "\n  b  Second\n"] {
        ensure!(told.contains(named), "{told}");
    }
    Ok(())
}

/// The columns of an export by their names, of the lines of a table whose cells hold no commas.
fn only(table: &str, columns: &[&str]) -> Result<String> {
    let mut rows = table.trim_start_matches('\u{feff}').lines();
    let head: Vec<&str> = rows.next().context("a header row")?.split(',').collect();
    let places: Vec<usize> = columns
        .iter()
        .map(|name| head.iter().position(|column| column == name))
        .collect::<Option<_>>()
        .with_context(|| format!("columns of {head:?}"))?;
    let mut lines = vec![columns.join(",")];
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        let kept: Vec<&str> = places.iter().map(|at| cells[*at]).collect();
        lines.push(kept.join(","));
    }
    Ok(lines.join("\n") + "\n")
}

async fn exported(node: &TestNode, columns: &[&str]) -> Result<String> {
    let out = node.folder().join("exported.csv");
    let path = out.display().to_string();
    node.typed(&["export", "--out", &path]).await?;
    only(&fs::read_to_string(&out)?, columns)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ids_and_the_one_column_that_is_corrected_are_enough() -> Result<()> {
    let node = TestNode::start("a").await?;
    hand_in(&node, "plans.csv", PLANS, &[]).await?;
    let columns = ["record_id", "revision", "kind", "title.en"];
    let text = exported(&node, &columns).await?;
    let text = text.replace("Second", "Corrected");
    let told = hand_in(&node, "x.csv", &text, &["--dry-run"]).await?;
    ensure!(told.contains("1 changed, 1 unchanged"), "{told}");
    // What may go is what stands in the file as empty.
    hand_in(&node, "x.csv", &text, &["--allow-removals"]).await?;
    let listed = node
        .typed(&["list", "--columns", "source-id,title"])
        .await?;
    ensure!(listed.contains("b\tCorrected"), "{listed}");
    Ok(())
}
