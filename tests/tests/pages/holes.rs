//! What this site does not hold is called so wherever it is counted or listed.

use anyhow::{Context as _, Result};
use wpsx_federation::peers::PayloadFilter;
use wpsx_tests::federation::{TestNode, wait_until};

use super::{
    LANGUAGES, PLAN, Site, draft,
    record::{has, part, published},
};

const EVENT: u32 = 10;
const ORGANISATION: u32 = 12;

/// A node that fetches what records of these kinds say, and of others only that they are, with
/// the ids of a ministry's.
async fn fetching(
    kinds: &[u32],
    records: &[&str],
    holes: u64,
) -> Result<([TestNode; 2], Site, Vec<String>)> {
    let (ministry, hub) = (
        TestNode::start("ministry").await?,
        TestNode::start("hub").await?,
    );
    let drafts: Result<Vec<_>> = records.iter().map(|json| draft(json)).collect();
    let ids = published(&ministry, drafts?).await?;
    let filter = PayloadFilter {
        kinds: kinds.to_vec(),
        countries: vec![],
    };
    ministry.add(&hub, false)?;
    hub.add_with(&ministry, false, filter)?;
    hub.reaches(&ministry.origin(), records.len() as u64)
        .await?;
    let log = hub.replica(&ministry.origin()).context("its replica")?;
    wait_until(|| log.holes().total() == holes).await?;
    hub.node().records().index().settled(&log).await?;
    let site = Site::of(&hub);
    Ok(([ministry, hub], site, ids))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_denies_nothing_that_may_be_in_what_it_does_not_hold() -> Result<()> {
    let body = r#"{"external_id": "o", "title": [{"language": "en", "text": "League"}], "organisation": {}}"#;
    let event = r#"{"external_id": "e", "countries": ["KEN"], "event": {},
        "title": [{"language": "en", "text": "Meeting"}]}"#;
    let law = r#"{"external_id": "l", "countries": ["UGA"], "law": {},
        "title": [{"language": "en", "text": "Act"}]}"#;
    let records = [PLAN, body, event, law];
    let (nodes, site, ids) = fetching(&[EVENT, ORGANISATION], &records, 2).await?;
    let organisation = format!("organisation/{}", ids[1]);
    for language in LANGUAGES {
        for path in [
            "",
            "/country",
            "/country/KEN",
            "/country/UGA",
            "/region/AU",
            "/theme/mediation",
            "/record?country=UGA",
            "/national-action-plan",
            "/national-action-plan?country=UGA",
            &format!("/{organisation}"),
        ] {
            let page = site.get(&format!("/{language}{path}")).await?.text;
            // How many there are, and who has them.
            let note = page
                .split("class=\"note\"")
                .skip(1)
                .find(|it| it.contains("ministry"));
            let note = note.with_context(|| format!("/{language}{path}: {page}"))?;
            assert!(note.contains("/network\""), "{note}");
        }
    }
    for (path, says) in [
        (
            "country/UGA",
            "content of 2 records (National action plans: 1 and Laws: 1)",
        ),
        (
            "region/AU",
            "National action plans: how many members have one cannot be told here, since the content of 1 record",
        ),
        (
            "region/AU",
            "In what this site holds, 1 of 55 have a record.",
        ),
        ("country/UGA", "Nothing that this site holds is about this."),
        (
            "country/KEN",
            "Whether there is one cannot be told here: the content of 1 record of that kind",
        ),
        ("law?country=UGA", "content of 1 record (Laws: 1)"),
        // Of its kind alone it is asked for as what is held is.
        ("law", "<strong>1</strong>"),
        (
            &organisation,
            "No other record whose content this site holds names",
        ),
    ] {
        has(&site.get(&format!("/en/{path}")).await?.text, &[says]);
    }
    for path in ["country/UGA", "country/KEN", "region/AU", &organisation] {
        let page = site.get(&format!("/en/{path}")).await?.text;
        for denied in [
            "Nothing is known here yet",
            "No national action plan of this country is known",
            "No other record here names",
        ] {
            assert!(!page.contains(denied), "{path}: {page}");
        }
        assert!(!page.contains(": 0 of 55"), "{path}: {page}");
        let missing = part(&page, "What is not known here");
        assert!(!missing.contains("Laws"), "{path}: {missing}");
    }
    // Files deny no more than pages do.
    for language in LANGUAGES {
        for path in [
            "national-action-plan.json?country=FRA",
            "national-action-plan.atom?country=FRA",
            "country/FRA.readme.txt",
            "national-action-plan.readme.txt?country=FRA",
        ] {
            let file = site.get(&format!("/{language}/{path}")).await?.text;
            has(&file, &["ministry"]);
        }
    }
    for path in [
        "country/FRA.json",
        "country/FRA.readme.txt",
        "country/FRA.atom",
    ] {
        let file = site.get(&format!("/en/{path}")).await?.text;
        has(&file, &["does not hold the content of 2 records"]);
        assert!(!file.contains("Records: 0\n"), "{path}: {file}");
    }
    let file = site.get("/en/country/FRA.readme.txt").await?.text;
    has(
        &file,
        &["Records: 0. Nothing that this site holds is about this."],
    );
    // A table and lines have no place for it: what comes with them says so, and where it is told.
    for (path, count) in [
        ("national-action-plan.csv", "1"),
        ("national-action-plan.jsonl?country=FRA", "1"),
        ("country/FRA.csv", "2"),
    ] {
        let file = site.get(&format!("/en/{path}")).await?;
        assert_eq!(file.headers["wpsx-not-held"], count, "{path}");
        let link = file.headers["link"].to_str()?;
        has(link, &[".readme.txt", "rel=\"describedby\""]);
        let seen = file.headers["access-control-expose-headers"].to_str()?;
        has(seen, &["Wpsx-Not-Held"]);
    }
    let held = site.get("/en/event.csv").await?;
    assert!(!held.headers.contains_key("wpsx-not-held"));
    // An empty list speaks of what is held.
    for (path, says) in [
        ("law?country=FRA", "No record that this site holds fits all"),
        (
            "record?country=FRA",
            "No record that this site holds fits all",
        ),
        ("event?country=FRA", "No record fits all"),
    ] {
        let page = site.get(&format!("/en/{path}")).await?.text;
        has(&page, &[says]);
    }
    // Of what is held whole it is said as before.
    let whole = Site::of(&nodes[0]);
    let page = whole.get("/en/country/UGA").await?.text;
    has(
        &page,
        &["No national action plan of this country is known here."],
    );
    assert!(!page.contains("does not hold"), "{page}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_held_here_is_called_so_on_pages_in_citations_feeds_and_tables() -> Result<()> {
    let (_nodes, site, ids) = fetching(&[EVENT], &[PLAN], 1).await?;
    let id = ids.first().context("an id")?;
    for path in [
        format!("/en/record/{id}"),
        format!("/en/record/{id}.bib"),
        format!("/en/record/{id}.ris"),
        "/en/national-action-plan".to_owned(),
        "/en/national-action-plan.atom".to_owned(),
        "/en".to_owned(),
    ] {
        let text = site.get(&path).await?.text;
        has(&text, &["Not held here"]);
        assert!(!text.contains("Without a title"), "{path}: {text}");
    }
    let page = site.get(&format!("/en/record/{id}")).await?.text;
    has(&page, &["<h1>Not held here (National action plan)</h1>"]);
    assert!(!page.contains("This text stands"), "{page}");
    for language in LANGUAGES {
        let page = site.get(&format!("/{language}/record/{id}")).await?.text;
        assert_eq!(page.matches("<h1>").count(), 1, "{language}");
    }
    let table = site.get("/en/national-action-plan.csv").await?.text;
    let mut lines = table.lines();
    let header = lines.next().context("a header")?;
    let at = header.split(',').position(|name| name == "payload");
    let row = lines.next().context("a row")?;
    assert_eq!(
        row.split(',').nth(at.context("a column")?),
        Some("filtered")
    );
    Ok(())
}
