//! What files say of records that are here by their ids: nothing more than those, or ids that
//! would be made for them.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use wpsx_tests::federation::TestNode;

use super::partial::{hand_in, id_of, refused};

const EVENTS: &str = "external_id,kind,title.en,countries\n\
                      a,event,First,KEN\nb,event,Second,UGA\n";
const ALONE: &str = "the file has its records' ids alone and says nothing else of them";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_ids_alone_changes_nothing_and_says_so() -> Result<()> {
    let node = TestNode::start("a").await?;
    hand_in(&node, "events.csv", EVENTS, &[]).await?;
    let id = id_of(&node, "a").await?;
    let of_kind = &["--kind", "event"][..];
    for (text, typed) in [
        ("external_id,kind\na,event\nb,event\n".to_owned(), &[][..]),
        ("external_id\na\n".to_owned(), of_kind),
        (format!("record_id,kind\n{id},event\n"), &[]),
        (format!("record_id,revision,publisher\n{id},1,x\n"), of_kind),
    ] {
        let told = hand_in(&node, "x.csv", &text, typed).await;
        let told = told.with_context(|| text.clone())?;
        ensure!(told.contains("nothing to do"), "{text}: {told}");
        ensure!(told.contains(ALONE), "{text}: {told}");
    }
    // Another id than the record has is something that is said of it.
    let text = format!("record_id,kind,external_id\n{id},event,renamed\n");
    let told = hand_in(&node, "x.csv", &text, &["--dry-run"]).await?;
    ensure!(
        told.contains("~ external_id: a → renamed") && !told.contains(ALONE),
        "{told}"
    );
    // It may still bring a record back.
    node.typed(&["withdraw", &id, "--reason", "mistake"])
        .await?;
    let text = format!("record_id,kind\n{id},event\n");
    let told = hand_in(&node, "x.csv", &text, &["--reinstate"]).await?;
    ensure!(told.contains("1 changed"), "{told}");
    let told = node.typed(&["get", &id]).await?;
    ensure!(told.contains("First"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_parts_is_enough_beside_the_ids_of_its_records() -> Result<()> {
    let node = TestNode::start("a").await?;
    let beside = node.folder().join("x.observations.csv");
    fs::write(&beside, "external_id,period,value\ns,2019,1\ns,2020,2\n")?;
    let main = "external_id,kind,title.en\ns,series,Women\n";
    hand_in(&node, "x.csv", main, &[]).await?;
    let id = id_of(&node, "s").await?;
    fs::write(
        &beside,
        format!("record_id,period,value\n{id},2019,1\n{id},2020,3\n"),
    )?;
    let text = format!("record_id,kind\n{id},series\n");
    let told = hand_in(&node, "x.csv", &text, &[]).await?;
    ensure!(
        told.contains("1 changed") && !told.contains(ALONE),
        "{told}"
    );
    let told = node.typed(&["get", &id]).await?;
    ensure!(
        told.contains("Women") && told.contains("observations.1.value\t3"),
        "{told}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_record_is_told_as_that() -> Result<()> {
    let node = TestNode::start("a").await?;
    let text = "external_id,kind,title.en\nexample: not imported,event,T\n";
    for more in [&["--dry-run"][..], &[]] {
        let told = hand_in(&node, "x.csv", text, more).await?;
        ensure!(
            told.contains("1 example row of the template left out"),
            "{told}"
        );
        ensure!(
            told.contains("x.csv is a record\nNext: write a row for each"),
            "{told}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_no_record_with_nothing_beside_it_is_told_once() -> Result<()> {
    let node = TestNode::start("a").await?;
    hand_in(&node, "events.csv", EVENTS, &[]).await?;
    let fault = "no record here has this id, and the row says nothing else";
    let told = refused(&node, "external_id,kind\na,event\nc,event\n").await?;
    ensure!(
        told.contains(&format!("x.csv:3:external_id: {fault}")),
        "{told}"
    );
    ensure!(
        told.contains("1 thing in") && !told.contains("title"),
        "{told}"
    );
    // So it is beside what is wrong with the file itself.
    let told = refused(&node, "external_id,kind\nc,event\nd,tale\n").await?;
    ensure!(
        told.contains(&format!("x.csv:2:external_id: {fault}")),
        "{told}"
    );
    // Without a kind nobody knows what the rows are of: that is one thing, however many they are.
    let told = refused(&node, "external_id\na\nb\nc\n").await?;
    ensure!(told.contains("1 thing in the file is"), "{told}");
    ensure!(told.contains("x.csv:1:kind: is missing"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_made_for_no_record_that_is_named_already() -> Result<()> {
    let node = TestNode::start("a").await?;
    hand_in(&node, "events.csv", EVENTS, &[]).await?;
    let id = id_of(&node, "a").await?;
    let made = ["--ids-from", "made-{title.en|slug}"];
    let kept = "no id is made for rows with a record_id: their records keep what they have";
    for text in [
        format!("record_id,kind,title.en,countries\n{id},event,First,KEN\n"),
        format!("record_id,external_id,kind,title.en,countries\n{id},,event,First,KEN\n"),
    ] {
        let told = hand_in(&node, "x.csv", &text, &made).await?;
        ensure!(
            told.contains("nothing to do") && told.contains(kept),
            "{told}"
        );
    }
    // Rows of new records beside them get theirs.
    let text = format!("record_id,kind,title.en\n{id},event,Renamed\n,event,Third\n");
    let told = hand_in(&node, "x.csv", &text, &made).await?;
    ensure!(
        told.contains("published 1 new record and 1 changed"),
        "{told}"
    );
    let listed = node
        .typed(&["list", "--columns", "source-id,title"])
        .await?;
    for line in ["a\tRenamed", "made-third\tThird"] {
        ensure!(listed.lines().any(|it| it == line), "{listed}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_a_row_breaks_with_its_record_has_one_name_wherever_it_is_told() -> Result<()> {
    let node = TestNode::start("a").await?;
    let plan = "external_id,kind,title.en,countries,period.start,period.end\n\
                a,national-action-plan,First,KEN,2016,2018\n";
    hand_in(&node, "plans.csv", plan, &[]).await?;
    let fault = "with what the record says already: ends";
    let broken = |column: &str, year: &str, other: &str| {
        format!(
            "external_id,kind,{column},adopted\na,national-action-plan,{year},2018\n\
             b,national-action-plan,{year},{other}\n"
        )
    };
    for (column, year, told_at) in [
        ("Period › End", "2015", "Period › End"),
        ("period.end", "2015", "period.end"),
        // It is the end that is wrong, which the file does not have.
        ("period.start", "2019", "period.end"),
    ] {
        let told = refused(&node, &broken(column, year, "2018")).await?;
        ensure!(
            told.contains(&format!("x.csv:2:{told_at}: {fault}")),
            "{told}"
        );
        let told = refused(&node, &broken(column, year, "2018-13")).await?;
        ensure!(
            told.contains(&format!("x.csv:2:{told_at}: {fault}")),
            "{told}"
        );
        ensure!(!told.contains("national_action_plan."), "{told}");
    }
    let json = r#"{"external_id": "a", "title": [{"language": "en", "text": "T"}], "countries": ["KEN"],
        "national_action_plan": {"period": {"start": {"value": "2019"}, "end": {"value": "2018"}}}}"#;
    fs::write(node.folder().join("x.json"), json)?;
    let told = hand_in(&node, "x.json", json, &[]).await.err();
    let told = told.context("taken")?.to_string();
    ensure!(
        told.contains("national_action_plan.period.end: ends"),
        "{told}"
    );
    Ok(())
}
