//! Whose records a file's rows are: kept for others, of others that are known here, or of
//! another kind than it says.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use wpsx_tests::federation::TestNode;

use super::partial::{hand_in, id_of, refused};

async fn shown(node: &TestNode, id: &str) -> Result<String> {
    node.typed(&["get", &id_of(node, id).await?]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_held_in_custody_for_whom_it_names_once_it_is_whole() -> Result<()> {
    let node = TestNode::start("a").await?;
    let plans = "external_id,kind,title.en,countries,period.start,period.end\n\
                 n1,national-action-plan,First,KEN,2016,2018\n";
    hand_in(&node, "plans.csv", plans, &[]).await?;
    // The countries stand in the record, and not in the file.
    let text = "external_id,kind,period.end\nn1,national-action-plan,2019\n";
    let told = hand_in(&node, "x.csv", text, &["--in-custody", "--dry-run"]).await?;
    ensure!(told.contains("+ custody.countries: KEN"), "{told}");
    hand_in(&node, "x.csv", text, &["--in-custody"]).await?;
    let record = shown(&node, "n1").await?;
    ensure!(record.contains("custody.countries\tKEN"), "{record}");
    let told = hand_in(&node, "x.csv", text, &["--in-custody"]).await?;
    ensure!(told.contains("nothing to do"), "{told}");

    // A custody that names somebody stays as it is, whoever says it.
    let kept = "external_id,kind,title.en,countries,custody.countries,custody.publisher,custody.since\n\
                b6,national-action-plan,Kept,UGA,UGA,uganda.example.org,2020\n";
    hand_in(&node, "kept.csv", kept, &[]).await?;
    for form in ["csv", "jsonl"] {
        let out = node.folder().join(format!("out.{form}"));
        let out = out.display().to_string();
        node.typed(&["export", "--out", &out]).await?;
        let told = node.typed(&["import", &out, "--in-custody"]).await?;
        ensure!(told.contains("nothing to do: 2 records"), "{form}: {told}");
    }
    let stays = "external_id,kind,countries\nb6,national-action-plan,RWA\n";
    let says = "external_id,kind,countries,custody.countries\nb6,national-action-plan,RWA,UGA\n";
    for text in [stays, says, stays] {
        hand_in(&node, "x.csv", text, &["--in-custody"]).await?;
        let record = shown(&node, "b6").await?;
        for told in [
            "countries\tRWA",
            "custody.countries\tUGA",
            "custody.publisher\tuganda.example.org",
            "custody.since\t2020",
        ] {
            ensure!(record.contains(told), "{record}");
        }
    }
    // One that names only who is to take it over is filled in.
    let text = "external_id,kind,title.en,countries,custody.publisher\n\
                k,national-action-plan,Kenya's,KEN,kenya.example.org\n";
    hand_in(&node, "x.csv", text, &["--in-custody"]).await?;
    let record = shown(&node, "k").await?;
    ensure!(record.contains("custody.countries\tKEN"), "{record}");
    ensure!(
        record.contains("custody.publisher\tkenya.example.org"),
        "{record}"
    );

    // An organisation's, where no country is named.
    let text = "external_id,kind,title.en,organisations.0.acronym\n\
                r1,regional-action-plan,Regional,ASEAN\n";
    hand_in(&node, "x.csv", text, &["--in-custody"]).await?;
    let record = shown(&node, "r1").await?;
    ensure!(record.contains("custody.bodies.acronym\tASEAN"), "{record}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_held_in_custody_for_nobody() -> Result<()> {
    let node = TestNode::start("a").await?;
    let text = "external_id,kind,title.en\ne,event,A meeting\n";
    for more in [&["--in-custody", "--dry-run"][..], &["--in-custody"]] {
        let told = hand_in(&node, "x.csv", text, more).await.err();
        let told = told.context("it is taken")?.to_string();
        let fault = "x.csv:2:countries: would be held in custody for nobody";
        ensure!(told.contains(fault), "{told}");
    }
    hand_in(&node, "x.csv", text, &[]).await?;
    let told = hand_in(&node, "x.csv", text, &["--in-custody"]).await?;
    ensure!(told.contains("nothing to do"), "{told}");
    let text = text.replace("A meeting", "Another meeting");
    let told = hand_in(&node, "x.csv", &text, &["--in-custody"])
        .await
        .err();
    ensure!(told.context("taken")?.to_string().contains("for nobody"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_record_that_a_file_names_by_its_id_does_not_come_back() -> Result<()> {
    let node = TestNode::start("a").await?;
    let text = "external_id,kind,title.en\ne,event,A meeting\n";
    hand_in(&node, "x.csv", text, &[]).await?;
    let listed = node.typed(&["list", "--columns", "id"]).await?;
    let id = listed.lines().last().context("listed")?.to_owned();
    node.typed(&["erase", &id, "--reason", "legal", "--yes"])
        .await?;
    let text = format!("record_id,kind,external_id,title.en\n{id},event,e,A meeting\n");
    for more in [&["--dry-run"][..], &[], &["--reinstate"]] {
        let told = hand_in(&node, "y.csv", &text, more).await.err();
        let told = told.context("it came back")?.to_string();
        ensure!(told.contains(&format!("record {id} was erased")), "{told}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_others_that_are_known_here_are_left_alone_and_counted() -> Result<()> {
    let node = TestNode::start("a").await?;
    node.add_publisher("au.example.org", "African Union")?;
    let own = "external_id,kind,title.en,countries\n\
               e1,event,Own meeting,KEN\nsame,event,Own,KEN\n";
    let name = node.origin().to_string();
    let name = name.split('/').next().unwrap_or_default().to_owned();
    let as_own = ["--publisher", name.as_str()];
    hand_in(&node, "own.csv", own, &as_own).await?;
    let theirs = "external_id,kind,title.en,countries\n\
                  e2,event,Their meeting,UGA\nsame,event,Theirs,UGA\n";
    hand_in(
        &node,
        "theirs.csv",
        theirs,
        &["--publisher", "au.example.org"],
    )
    .await?;
    let told = hand_in(&node, "own.csv", own, &[]).await.err();
    let told = told.context("nobody said whose")?.to_string();
    ensure!(
        told.contains("hosts several, ") && told.contains("au.example.org"),
        "{told}"
    );
    ensure!(told.contains("--publisher NAME says which"), "{told}");
    for form in ["csv", "jsonl"] {
        let out = node.folder().join(format!("out.{form}"));
        let out = out.display().to_string();
        node.typed(&["export", "--kind", "event", "--out", &out])
            .await?;
        for more in [&["--dry-run"][..], &[]] {
            let typed = [&["import", &out], &as_own[..], more].concat();
            let told = node.typed(&typed).await;
            let told = told.with_context(|| form.to_owned())?;
            let line = "2 records belong to au.example.org and are left alone";
            ensure!(told.contains(line), "{form}: {told}");
            ensure!(!told.contains("otherwise"), "{form}: {told}");
            ensure!(told.contains("2 unchanged") || told.contains("nothing to do"));
        }
    }
    // An edit in a row of others changes nothing, also where it has the name of an own record.
    let out = node.folder().join("out.csv");
    let text = fs::read_to_string(&out)?;
    let edited = text.replace(",e2,", ",e1,").replace("Own meeting", "Ours");
    let told = hand_in(&node, "x.csv", &edited, &as_own).await?;
    ensure!(
        told.contains("2 records belong to au.example.org"),
        "{told}"
    );
    ensure!(told.contains("1 changed"), "{told}");
    // What is corrected in a row of others is told, since nobody here can publish it.
    let corrected = text.replace("Their meeting", "Their corrected meeting");
    ensure!(corrected != text, "{text}");
    let told = hand_in(
        &node,
        "x.csv",
        &corrected,
        &[&as_own[..], &["--dry-run"]].concat(),
    )
    .await?;
    for line in [
        "what the file says otherwise of 1 record of au.example.org is not published\n(line ",
        "au.example.org alone can correct its records",
        "Of others, and not published:\n  e2  Their corrected meeting\n",
        "~ title.en: Their meeting → Their corrected meeting",
    ] {
        ensure!(told.contains(line), "{line}: {told}");
    }
    let told = hand_in(&node, "x.csv", &corrected, &as_own).await?;
    ensure!(
        told.contains("otherwise of 1 record of au.example.org"),
        "{told}"
    );
    // A row that says what was published before is none.
    let newer = theirs.replace("Their meeting", "Their newer meeting");
    let as_theirs = ["--publisher", "au.example.org"];
    hand_in(&node, "theirs.csv", &newer, &as_theirs).await?;
    let told = hand_in(&node, "x.csv", &text, &as_own).await?;
    ensure!(
        told.contains("belong to au") && !told.contains("otherwise"),
        "{told}"
    );
    // An id that nobody has is a slip.
    let text = "record_id,kind,title.en\n00112233445566778899aabbccddeeff,event,T\n";
    let told = hand_in(&node, "x.csv", text, &as_own).await.err();
    let told = told.context("it is taken")?.to_string();
    ensure!(told.contains("is not known here"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_row_of_others_is_told_what_it_says_and_where_that_is_known() -> Result<()> {
    let node = TestNode::start("a").await?;
    node.add_publisher("au.example.org", "African Union")?;
    let theirs = "external_id,kind,title.en,countries,period.start,period.end\n\
                  n1,national-action-plan,Their plan,UGA,2016,2018\n";
    let as_theirs = ["--publisher", "au.example.org"];
    hand_in(&node, "theirs.csv", theirs, &as_theirs).await?;
    let id = id_of(&node, "n1").await?;
    let name = node.origin().to_string();
    let name = name.split('/').next().unwrap_or_default().to_owned();
    let as_own = ["--publisher", name.as_str(), "--dry-run"];
    // Nobody publishes it, so it may break a rule; it removes nothing that it has no column of.
    let text = format!("record_id,kind,period.end\n{id},national-action-plan,2015\n");
    let told = hand_in(&node, "x.csv", &text, &as_own).await?;
    ensure!(told.contains("~ period.end: 2018 → 2015"), "{told}");
    ensure!(!told.contains("- title"), "{told}");
    let text = format!("record_id,kind,title.en\n{id},event,Their plan\n");
    let told = hand_in(&node, "x.csv", &text, &as_own).await?;
    ensure!(
        told.contains("~ kind: national-action-plan → event"),
        "{told}"
    );
    // Who exported it has seen a revision that is not here.
    let row = format!("{id},9,national-action-plan,Their newer plan\n");
    let text = format!("record_id,revision,kind,title.en\n{row}");
    let told = hand_in(&node, "x.csv", &text, &as_own).await?;
    ensure!(
        told.contains("1 record belongs to au") && !told.contains("otherwise"),
        "{told}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_says_another_kind_of_its_records_is_refused() -> Result<()> {
    let node = TestNode::start("a").await?;
    let text = "external_id,kind,title.en,countries\nm5,organisation,Org,KEN\n";
    hand_in(&node, "x.csv", text, &[]).await?;
    let told = refused(&node, &text.replace("organisation", "event")).await?;
    ensure!(told.contains("x.csv:2:kind: record "), "{told}");
    ensure!(
        told.contains(" is of the kind organisation, not event; "),
        "{told}"
    );
    ensure!(
        told.contains("say organisation, or give the event"),
        "{told}"
    );
    ensure!(!told.contains("it would remove"), "{told}");
    Ok(())
}
