//! What a record was: its revisions at their addresses, what was taken back, and the proof
//! of it.

use anyhow::{Context as _, Result, anyhow};
use http::{Method, StatusCode, header};
use http_body_util::BodyExt as _;
use prost::Message as _;
use wpsx_domain::publishing::Draft;
use wpsx_proto::{
    api::record::v1 as api,
    record::{Kind, Record},
};
use wpsx_tests::federation::{TestNode, pair};

use super::{
    PLAN, Site, draft,
    files::{asked, in_book},
    record::{has, part, published, with},
};

/// Publishes the plan with so many ends of its period, one after the other.
async fn ends(node: &TestNode, years: impl Iterator<Item = u32>) -> Result<()> {
    for year in years {
        let plan = PLAN.replace("\"2024\"", &format!("\"{year}\""));
        published(node, vec![draft(&plan)?]).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_text_keeps_its_address_says_so_and_leads_to_todays() -> Result<()> {
    let (node, site, ids) = with(&[PLAN]).await?;
    ends(&node, [2026].into_iter()).await?;
    let id = &ids[0];
    let first = site.get(&format!("/en/record/{id}/1")).await?.text;
    has(
        &first,
        &[
            "This is an earlier text",
            &format!("href=\"/en/record/{id}\""),
            "2024",
        ],
    );
    let second = site.get(&format!("/en/record/{id}/2")).await?.text;
    has(&second, &["which is the newest one now", "2026"]);
    assert!(!second.contains("This is an earlier text"));
    let now = site.get(&format!("/en/record/{id}")).await?.text;
    has(
        &now,
        &[
            &format!("/en/record/{id}/2.tlog-proof"),
            &format!("/en/record/{id}/1\""),
            "<bdi>Period – To</bdi>",
            "<span class=\"mark\">before:</span> <del><bdi>2024</bdi></del>",
            "<span class=\"mark\">now:</span> <ins><bdi>2026</bdi></ins>",
            "first published",
        ],
    );
    let french = site.get(&format!("/fr/record/{id}")).await?.text;
    has(&french, &["<span class=\"mark\">avant\u{a0}:</span>"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_is_told_in_pages_and_none_is_left_out() -> Result<()> {
    let (node, site, ids) = with(&[PLAN]).await?;
    ends(&node, 2030..2053).await?;
    let id = &ids[0];
    let page = site.get(&format!("/en/record/{id}")).await?.text;
    assert!(page.contains(&format!("/en/record/{id}/history")), "{page}");
    let (mut at, mut told, mut changed) = (format!("/en/record/{id}/history"), Vec::new(), 0);
    loop {
        let page = site.get(&at).await?.text;
        for revision in 1..=24 {
            if page.contains(&format!("/en/record/{id}/{revision}\"")) {
                told.push(revision);
            }
        }
        changed += page.matches("Period – To").count();
        let Some(next) = page.split("rel=\"next\" href=\"").nth(1) else {
            break;
        };
        at = next.split('"').next().context("the link ends")?.to_owned();
    }
    told.sort_unstable();
    assert_eq!(told, (1..=24).collect::<Vec<_>>(), "each once");
    assert_eq!(changed, 23, "each but the first says what it changed");
    let wrong = site.get(&format!("/en/record/{id}/history?from=x")).await?;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_record_says_nothing_at_any_of_its_addresses_but_who_erased_it_and_why()
-> Result<()> {
    let (node, site, ids) = with(&[PLAN]).await?;
    ends(&node, [2026].into_iter()).await?;
    let id = &ids[0];
    node.typed(&["erase", id, "--reason", "protection", "--yes"])
        .await?;
    node.node().records().index().settled(&node.own()?).await?;
    for address in ["", "/1", "/2", "/3", "/history"] {
        let page = site.get(&format!("/en/record/{id}{address}")).await?;
        assert_eq!(page.status, StatusCode::GONE, "{address}");
        for gone in ["Second plan", "Kenya", "plan-1", "plan.example"] {
            assert!(
                !page.text.contains(gone),
                "{gone} at {address:?}: {}",
                page.text
            );
        }
    }
    // Nor is there a file of what it was; the entry that erased it and its proof are there.
    for form in ["csv", "xlsx", "bib", "ris", "jsonld"] {
        let file = site.get(&format!("/en/record/{id}.{form}")).await?;
        assert_eq!(file.status, StatusCode::GONE, "{form}");
        has(
            &file.text,
            &["An erased record", &format!("/en/record/{id}\n")],
        );
    }
    for form in ["json", "tlog-proof"] {
        let file = site.get(&format!("/en/record/{id}.{form}")).await?;
        assert_eq!(file.status, StatusCode::OK, "{form}");
    }
    let page = site.get(&format!("/en/record/{id}.ics")).await?;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    has(&page.text, &[&format!("/en/record/{id}.json\n")]);
    for form in ["csv", "bib"] {
        assert!(!page.text.contains(&format!("{id}.{form}")), "{form}");
    }
    let page = site.get(&format!("/en/record/{id}/1")).await?.text;
    has(
        &page,
        &[
            "An erased record",
            "to protect a person",
            node.origin().as_ref(),
            &format!("/en/record/{id}.tlog-proof"),
        ],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_became_of_a_record_its_page_names_only_files_that_are_there() -> Result<()> {
    let records = ["stays", "withdrawn", "erased"].map(|id| PLAN.replace("plan-1", id));
    let (node, site, ids) = with(&records.each_ref().map(String::as_str)).await?;
    for (command, id) in [("withdraw", &ids[1]), ("erase", &ids[2])] {
        let mut typed = vec![command, id, "--reason", "legal"];
        typed.extend((command == "erase").then_some("--yes"));
        node.typed(&typed).await?;
    }
    node.node().records().index().settled(&node.own()?).await?;
    for (id, least) in ids.iter().zip([8, 7, 3]) {
        for revision in ["", "/1", "/2", "/history"] {
            let page = format!("/en/record/{id}{revision}");
            let text = site.get(&page).await?.text;
            let hrefs = text.split("href=\"").skip(1);
            let hrefs = hrefs.filter_map(|href| href.split('"').next());
            let files = hrefs.filter(|href| href.starts_with(&format!("/en/record/{id}")));
            let files: Vec<&str> = files.filter(|href| href.contains('.')).collect();
            for file in &files {
                let answer = asked(&site, Method::GET, file, &[]).await?;
                assert_eq!(answer.status(), StatusCode::OK, "{page} names {file}");
            }
            let is_there = text.contains("<article>") && !revision.ends_with("history");
            assert!(!is_there || files.len() >= least, "{page}: {files:?}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_record_says_when_and_why_and_leads_to_its_last_text() -> Result<()> {
    let (node, site, ids) = with(&[PLAN]).await?;
    let id = &ids[0];
    node.typed(&["withdraw", id, "--reason", "outdated"])
        .await?;
    node.node().records().index().settled(&node.own()?).await?;
    let page = site.get(&format!("/en/record/{id}")).await?;
    assert_eq!(page.status, StatusCode::OK);
    has(
        &page.text,
        &[
            "withdrawn by its publisher",
            "the content no longer applies",
            "). <a class=\"onward\"",
            &format!("href=\"/en/record/{id}/1\""),
            // It is called by what it last said.
            "<bdi>Second plan of Kenya</bdi></h1><p class=\"mark\">withdrawn</p>",
            "Second plan of Kenya (withdrawn)",
            "href=\"/en/country/KEN\"",
        ],
    );
    for form in ["bib", "ris"] {
        let cited = site.get(&format!("/en/record/{id}.{form}")).await?.text;
        has(&cited, &["Second plan of Kenya", "(withdrawn)"]);
    }
    // So do its files, those of the text before too.
    for revision in ["", "/1", "/2"] {
        for (form, said) in [
            ("csv", ",withdrawn,"),
            ("json", "\"taken_back\": \"withdrawn\""),
            ("jsonl", "\"taken_back\":\"withdrawn\""),
        ] {
            let file = format!("/en/record/{id}{revision}.{form}");
            has(&site.get(&file).await?.text, &[said, "taken_back"]);
        }
        let file = format!("/en/record/{id}{revision}.xlsx");
        let book = asked(&site, Method::GET, &file, &[]).await?;
        let book = in_book(&book.into_body().collect().await?.to_bytes())?;
        has(&book, &["taken_back", "withdrawn"]);
    }
    for path in ["2", "history"] {
        let page = site.get(&format!("/en/record/{id}/{path}")).await?.text;
        let trail = page
            .split_once("<nav class=\"trail\"")
            .context("a trail")?
            .1;
        let trail = trail.split_once("</nav>").context("its end")?.0;
        let way = format!("href=\"/en/record/{id}\"");
        has(trail, &[&way, "Second plan of Kenya"]);
    }
    let last = site.get(&format!("/en/record/{id}/1")).await?.text;
    has(
        &last,
        &[
            "This is an earlier text",
            "withdrawn by its publisher",
            "Second plan of Kenya",
        ],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_superseded_record_say_so_and_nothing_that_it_never_said() -> Result<()> {
    let (node, site, ids) = with(&[PLAN]).await?;
    let new =
        Record::from_json(&PLAN.replace("plan-1", "plan-2")).map_err(|rule| anyhow!("{rule}"))?;
    let takes_over = api::RecordReference {
        origin: node.origin().to_string(),
        record_id: hex::decode(&ids[0])?.into(),
        ..Default::default()
    };
    let new = api::Record {
        takes_over: vec![takes_over],
        ..new.message().clone()
    };
    let new = Draft {
        kind: Kind::NATIONAL_ACTION_PLAN.number(),
        payload: new.encode_to_vec().into(),
        external_id: new.external_id,
        ..Draft::default()
    };
    let done = node.publish(vec![new]).await?;
    let by = done.records[0].record_id.context("published")?;
    let by = format!("{}/{by}", node.origin());
    node.typed(&["supersede", &ids[0], "--by", &by]).await?;
    node.node().records().index().settled(&node.own()?).await?;
    let file = format!("/en/record/{}", ids[0]);
    let json = site.get(&format!("{file}.json")).await?.text;
    has(
        &json,
        &["\"taken_back\": \"superseded\"", "\"record\": null"],
    );
    let table = site.get(&format!("{file}.csv")).await?.text;
    let row = table.lines().nth(1).context("a row")?;
    let (ids, said) = row.split_once(",superseded,").context("it says so")?;
    assert!(ids.contains(&node.origin().to_string()), "{ids}");
    assert_eq!(said.trim_matches(','), "");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_organisation_keeps_its_name_on_its_page() -> Result<()> {
    let office = r#"{"external_id": "o", "countries": ["KEN"],
        "title": [{"language": "en", "text": "The office"}], "organisation": {}}"#;
    let (node, site, ids) = with(&[office]).await?;
    node.typed(&["withdraw", &ids[0], "--reason", "outdated"])
        .await?;
    node.node().records().index().settled(&node.own()?).await?;
    let page = site.get(&format!("/en/organisation/{}", ids[0])).await?;
    assert_eq!(page.status, StatusCode::OK);
    has(
        &page.text,
        &[
            "The office</bdi></h1><p class=\"mark\">withdrawn</p>",
            "href=\"/en/country/KEN\"",
        ],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_that_is_not_there_leads_to_its_record() -> Result<()> {
    let (_node, site, ids) = with(&[PLAN]).await?;
    let (id, upper) = (&ids[0], ids[0].to_uppercase());
    for path in [
        format!("{id}/99"),
        format!("{id}/99.json"),
        format!("{id}/0"),
        format!("{id}/0.json"),
        format!("{upper}/1"),
    ] {
        let page = site.get(&format!("/en/record/{path}")).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        if path.ends_with(".json") {
            let told: serde_json::Value = serde_json::from_str(&page.text)?;
            assert_eq!(told["instead"][0], format!("/en/record/{id}"), "{path}");
            continue;
        }
        let link = format!("<a href=\"/en/record/{id}\"><bdi>Second plan of Kenya</bdi>");
        has(&page.text, &["Perhaps you were looking for", &link]);
        let other = format!("href=\"/en/record/{id}/");
        assert!(!page.text.contains(&other), "{path}: {}", page.text);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proof_says_who_signed_who_saw_it_and_how_to_check_it_elsewhere() -> Result<()> {
    let (node, site, ids) = with(&[PLAN]).await?;
    let id = &ids[0];
    let head = node.own()?.head().context("it has a head")?;
    let seen = head.cosignatures(&node.node().federation().cosigners());
    let witness = &seen.first().context("the node cosigns its logs")?.name;
    let page = site.get(&format!("/en/record/{id}")).await?.text;
    let proof = part(&page, "id=\"proof\"");
    has(
        proof,
        &[
            &format!("<bdi dir=\"ltr\">{witness}</bdi></small>"),
            "This is the publisher’s own word.",
            "No mark of another node",
            node.origin().as_ref(),
            "It does not show that what they say is true",
            &format!("wpsx check-proof record-{id}-1.tlog-proof --card a.example.card"),
            &node.own()?.key().to_string(),
            "C2SP tlog-proof",
            &format!("/mirror/{}/checkpoint", node.origin().hash_hex()),
        ],
    );
    // The command names the file as it is saved.
    let link = format!("/en/record/{id}/1.tlog-proof");
    let file = asked(&site, Method::HEAD, &link, &[]).await?;
    let called = file.headers()[header::CONTENT_DISPOSITION].to_str()?;
    has(called, &[&format!("filename=\"record-{id}-1.tlog-proof\"")]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_for_a_publisher_is_no_witness_of_what_it_signed() -> Result<()> {
    let (a, b) = pair().await?;
    let ids = published(&a, vec![draft(PLAN)?]).await?;
    b.holds(&a.origin(), 1).await?;
    let log = b.replica(&a.origin()).context("a replica")?;
    b.node().records().index().settled(&log).await?;
    let site = Site::of(&b);
    let began = std::time::Instant::now();
    loop {
        let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
        let proof = part(&page, "id=\"proof\"");
        let (signed, seen) = proof
            .split_once("<dt>Seen and kept by others</dt>")
            .context("who saw it stands apart")?;
        let seen = seen.split("</div>").next().unwrap_or_default();
        assert!(!seen.contains("a.example/wpsx/cosigner"), "{seen}");
        assert!(!signed.contains("b.example/wpsx/cosigner"), "{signed}");
        if seen.contains("b.example/wpsx/cosigner") && signed.contains("a.example/wpsx/cosigner") {
            return Ok(());
        }
        anyhow::ensure!(began.elapsed().as_secs() < 30, "nobody cosigns: {proof}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Runs the verifier that shares nothing with ours. `None` without Python.
fn checked(proof: &str, keys: &[String]) -> Result<Option<bool>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("1.tlog-proof");
    std::fs::write(&file, proof)?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/verify_proof.py");
    let run = std::process::Command::new("python3")
        .arg(script)
        .arg(&file)
        .args(keys)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output();
    let Ok(output) = run else {
        println!("SKIPPED: there is no python3 here, so nothing independent checked the proof");
        return Ok(None);
    };
    println!("{}", String::from_utf8_lossy(&output.stderr));
    Ok(Some(output.status.success()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_of_another_language_accepts_the_proof_of_a_page_and_no_changed_one()
-> Result<()> {
    let (node, site, ids) = with(&[PLAN]).await?;
    ends(&node, 2030..2035).await?;
    let path = format!("/en/record/{}/3.tlog-proof", ids[0]);
    let proof = site.get(&path).await?.text;
    let keys = [node.own()?.key().to_string()];
    let Some(is_accepted) = checked(&proof, &keys)? else {
        return Ok(());
    };
    assert!(is_accepted, "{proof}");
    let other = proof.replace("index 2", "index 1");
    assert_ne!(proof, other);
    assert_eq!(checked(&other, &keys)?, Some(false));
    let first = site
        .get(&format!("/en/record/{}/1.tlog-proof", ids[0]))
        .await?;
    let entry = |proof: &str| proof.lines().nth(1).unwrap_or_default().to_owned();
    let swapped = proof.replace(&entry(&proof), &entry(&first.text));
    assert_eq!(checked(&swapped, &keys)?, Some(false));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_told_in_the_words_of_its_reader() -> Result<()> {
    let (node, site, ids) = with(&[
        r#"{"external_id": "p", "title": [{"language": "en", "text": "P"},
        {"language": "fr", "text": "Plan"}], "national_action_plan": {}}"#,
    ])
    .await?;
    let changed = r#"{"external_id": "p", "title": [{"language": "en", "text": "P"},
        {"language": "fr", "text": "Plan", "kind": "TEXT_KIND_UNOFFICIAL_TRANSLATION"}],
        "national_action_plan": {"adopted": {"value": "2031-02", "sense": "DATE_SENSE_PLANNED"}}}"#;
    node.publish(vec![draft(changed)?]).await?;
    node.node().records().index().settled(&node.own()?).await?;
    for language in ["en", "fr", "es", "ar", "ru", "zh"] {
        let page = site
            .get(&format!("/{language}/record/{}/history", ids[0]))
            .await?
            .text;
        let main = page.split("<main").nth(1).unwrap_or_default();
        for code in ["unofficial_translation", "– kind", "planned 2031-02"] {
            assert!(!main.contains(code), "{language}: {main}");
        }
        assert!(main.contains("2031"), "{language}: {main}");
    }
    let page = site.get(&format!("/fr/record/{}/history", ids[0])).await?;
    has(&page.text, &["Traduction non officielle", "février 2031 ("]);
    Ok(())
}
