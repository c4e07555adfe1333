//! Files that are handed in again: what they hold that is no accident any more, and what was
//! taken back since.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use wpsx_tests::federation::TestNode;

use super::files::rows_of;

#[tokio::test(flavor = "multi_thread")]
async fn an_office_s_telephone_is_let_through_by_its_cell_and_published_by_its_field() -> Result<()>
{
    let node = TestNode::start("a").await?;
    let path = node.folder().join("x.csv");
    let text = "Laws of the ministry,,,\nexternal_id,kind,title.en,note.en\n\
                a,law,T,\"two\nlines\"\nb,law,T,call +254 712 345 678\n";
    fs::write(&path, text)?;
    let file = path.display().to_string();
    let refused = node
        .typed(&["import", &file])
        .await
        .err()
        .context("a number")?
        .to_string();
    // Row 4 of a spreadsheet is line 5 of the file.
    ensure!(
        refused.contains("x.csv:5:note.en") && refused.contains("--allow-contact 'D4'"),
        "{refused}"
    );
    ensure!(
        node.typed(&["import", &file, "--allow-contact", "D3"])
            .await
            .is_err()
    );
    let told = node
        .typed(&["import", &file, "--allow-contact", "d4"])
        .await
        .context("let through")?;
    ensure!(told.contains("published 2 new records"), "{told}");

    // What is public already comes back, and is changed elsewhere, without being named again.
    let again = node.typed(&["import", &file]).await;
    let again = again.context("the same again")?;
    ensure!(again.contains("nothing to do"), "{again}");
    for form in ["csv", "jsonl"] {
        let out = node.folder().join(format!("back.{form}"));
        let out = out.display().to_string();
        node.typed(&["export", "--out", &out]).await?;
        let again = node.typed(&["import", &out]).await;
        let again = again.with_context(|| format!("from {form}"))?;
        ensure!(again.contains("nothing to do"), "{form}: {again}");
    }
    fs::write(&path, text.replace("b,law,T,", "b,law,Title,"))?;
    let told = node.typed(&["import", &file]).await;
    let told = told.context("another title")?;
    ensure!(told.contains("1 changed"), "{told}");
    // Another one is told with its cell, beside what else is wrong.
    let other = text
        .replace("345 678", "345 679")
        .replace("a,law", "a,lawn");
    fs::write(&path, &other)?;
    let refused = node.typed(&["import", &file]).await;
    let refused = refused.err().context("another number")?.to_string();
    for part in ["345 679", "--allow-contact 'D4'", "lawn"] {
        ensure!(refused.contains(part), "{part}: {refused}");
    }
    fs::write(&path, other.replace("a,lawn", "a,law"))?;
    let refused = node.typed(&["import", &file]).await;
    let refused = refused.err().context("another number")?.to_string();
    ensure!(
        refused.contains("x.csv:5") && refused.contains("--allow-contact 'D4'"),
        "{refused}"
    );

    let json = node.folder().join("x.json");
    fs::write(
        &json,
        r#"{"external_id": "c", "title": [{"language": "en", "text": "ask jane@example.org"}], "law": {}}"#,
    )?;
    let json = json.display().to_string();
    let refused = node
        .typed(&["publish", &json])
        .await
        .err()
        .context("an address")?
        .to_string();
    ensure!(refused.contains("--allow-contact title.en"), "{refused}");
    ensure!(
        node.typed(&["publish", &json, "--allow-contact", "note.en"])
            .await
            .is_err()
    );
    node.typed(&["publish", &json, "--allow-contact", "title.en"])
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_withdrawn_is_exported_as_it_last_was_and_stays_so_when_it_comes_back()
-> Result<()> {
    let node = TestNode::start("a").await?;
    let path = node.folder().join("x.csv");
    fs::write(&path, "external_id,kind,title.en\na,law,Gone\nb,law,Here\n")?;
    let file = path.display().to_string();
    node.typed(&["import", &file]).await?;
    let listed = node.typed(&["list", "--columns", "id,title"]).await?;
    let line = listed.lines().find(|line| line.contains("Gone"));
    let id = line.and_then(|line| line.get(..8)).context("its id")?;
    // The first digits will do.
    node.typed(&["withdraw", id, "--reason", "outdated"])
        .await?;
    let out = node.folder().join("back.csv");
    let back = out.display().to_string();
    node.typed(&["export", "--withdrawn", "--out", &back])
        .await?;
    let rows = rows_of(&out)?;
    let said: Vec<bool> = rows[1..]
        .iter()
        .map(|row| row.contains(&"Gone".to_owned()) && row.contains(&"withdrawn".to_owned()))
        .collect();
    ensure!(rows.len() == 3 && said.contains(&true), "{rows:?}");
    let told = node.typed(&["import", &back]).await?;
    ensure!(told.contains("1 record left withdrawn"), "{told}");
    let told = node.typed(&["import", &back, "--reinstate"]).await?;
    ensure!(told.contains("1 changed"), "{told}");
    Ok(())
}
