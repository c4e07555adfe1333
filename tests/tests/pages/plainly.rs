//! What pages say of what they show: as of when, whether it is over, which part it is, what it
//! rests on.

use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::{
    LANGUAGES, Site, draft,
    record::{has, part, published, with},
};

/// 29 November 2026, in milliseconds since 1970.
pub(crate) const TODAY: u64 = 1_795_910_400_000;

/// A plan of a country, with its period and its states.
pub(crate) fn plan(id: &str, country: &str, period: &str, states: &str) -> String {
    format!(
        r#"{{"external_id": "{id}", "countries": ["{country}"],
            "title": [{{"language": "en", "text": "Plan {id}"}}],
            "national_action_plan": {{"period": {period}, "status_history": [{states}]}}}}"#
    )
}

const DERIVED: &str = r#"{"status": "PLAN_STATUS_IN_FORCE", "basis": "BASIS_DERIVED", "as_of": {"value": "2019-05"}}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_as_of_when_its_state_was_computed_and_that_its_period_has_ended_since()
-> Result<()> {
    let over = r#"{"start": {"value": "2015"}, "end": {"value": "2020"}}"#;
    let going = r#"{"start": {"value": "2015"}, "end": {"value": "2026"}}"#;
    let open = r#"{"start": {"value": "2015"}, "open_ended": true}"#;
    let coming = r#"{"start": {"value": "2027"}, "end": {"value": "2030"}}"#;
    let known = r#"{"status": "PLAN_STATUS_IN_FORCE", "basis": "BASIS_STATED", "as_of": {"value": "2022"}}"#;
    let extended = r#"{"start": {"value": "2015"}, "end": {"value": "2020"}},
        "extensions": [{"until": {"value": "2028"}}]"#;
    let drafted = r#"{"status": "PLAN_STATUS_IN_DEVELOPMENT"}"#;
    let edition = |order: u32, period: &str, states: &str| {
        let edition = format!("{{\"edition\": {{\"order\": {order}}}, \"period\"");
        plan(&format!("usa-{order}"), "USA", period, states).replace("{\"period\"", &edition)
    };
    let (node, _, ids) = with(&[
        &plan("over", "UGA", over, DERIVED),
        &plan("going", "KEN", going, DERIVED),
        &plan("open", "FRA", open, DERIVED),
        &plan("known", "MLI", over, known),
        &edition(1, over, r#"{"status": "PLAN_STATUS_SUPERSEDED"}"#),
        &edition(2, "{}", r#"{"status": "PLAN_STATUS_PERIOD_UNKNOWN"}"#),
        &plan(
            "coming",
            "GHA",
            coming,
            r#"{"status": "PLAN_STATUS_ADOPTED"}"#,
        ),
        &plan("longer", "SEN", extended, DERIVED),
        &plan("before", "SWE", over, DERIVED),
        &plan("next", "SWE", going, drafted),
        &plan("never", "GIN", over, drafted),
    ])
    .await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    let ended = "In force <span class=\"mark\">(as of May 2019)</span>; its period ended in 2020 \
        <span class=\"mark\">(both computed)</span>";
    for path in ["country/UGA", "national-action-plan?country=UGA"] {
        has(&site.get(&format!("/en/{path}")).await?.text, &[ended]);
    }
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(
        &page,
        &[
            "In force",
            "<div>Its period ended in 2020 <span class=\"mark\">(computed)</span></div>",
        ],
    );
    let page = site.get("/en/country/UGA").await?.text;
    has(
        &page,
        &["No national action plan known here covers today: the latest period ended in 2020."],
    );
    for (country, says) in [
        ("KEN", "a national action plan is in place now: until 2026."),
        (
            "FRA",
            "A national action plan is in place now, without a fixed end.",
        ),
        (
            "USA",
            "Whether a national action plan is in place now cannot be told",
        ),
        (
            "GIN",
            "A national action plan for 2015–2020 was being prepared; whether it was adopted",
        ),
        ("GHA", "A national action plan begins in 2027."),
        // An extension counts in rows and sentences as it does on the record's page.
        ("SEN", "a national action plan is in place now: until 2028."),
    ] {
        let page = site.get(&format!("/en/country/{country}")).await?.text;
        has(&page, &[says]);
        // Of a plan that was never adopted, the row says that its time is over all the same.
        assert_eq!(page.contains("its period ended"), country == "GIN");
    }
    let page = site.get("/en/country/SWE").await?.text;
    has(
        &page,
        &[
            "the latest period ended in 2020. A national action plan for 2015–2026 is being prepared, as far as",
        ],
    );
    // Whoever said later that it is in force knew of its period.
    let page = site.get("/en/national-action-plan?country=MLI").await?.text;
    has(
        &page,
        &["In force <span class=\"mark\">(as of 2022)</span>"],
    );
    assert!(!page.contains("its period ended"), "{page}");
    // The words that pages use are explained.
    for language in LANGUAGES {
        let method = site.get(&format!("/{language}/method")).await?.text;
        let list = site
            .get(&format!("/{language}/national-action-plan?country=FRA"))
            .await?
            .text;
        let no_end = part(&list, "datetime=\"2015\"");
        let no_end = no_end.split("class=\"mark\">").nth(1).context("no end")?;
        let no_end = no_end.split('<').next().unwrap_or_default();
        has(&method, &[&format!(" · {no_end}</dt>")]);
    }
    let method = site.get("/en/method").await?.text;
    has(
        &method,
        &["<dt>In force</dt>", "<dt>In development</dt>", "(computed)"],
    );
    assert!(!method.contains("In period"), "{method}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_somebody_stated_stands_with_its_date_wherever_it_is_told() -> Result<()> {
    let regional = |id: &str, body: &str| {
        format!(
            r#"{{"external_id": "{id}", "title": [{{"language": "en", "text": "Plan {id}"}}],
                "organisations": [{{"name": [{{"language": "en", "text": "European Union"}}], "acronym": "EU"}}],
                "regional_action_plan": {{{body}}}}}"#
        )
    };
    let union = r#"{"external_id": "eu", "title": [{"language": "en", "text": "European Union"}], "organisation": {}}"#;
    let review = r#""status_history": [{"status": "PLAN_STATUS_UNDER_REVIEW", "basis": "BASIS_STATED",
        "as_of": {"value": "2017-09-21"}}]"#;
    let adopted =
        r#""status_history": [{"status": "PLAN_STATUS_ADOPTED", "date": {"value": "2024-05"}}]"#;
    let named = r#""period": {"start": {"value": "2019"}, "end": {"value": "2024"}},
        "status_history": [{"status": "PLAN_STATUS_ADOPTED"},
            {"basis": "BASIS_STATED", "note": [{"language": "en", "text": "named by a State"}]}]"#;
    let announced = r#""adopted": {"value": "2024-07", "sense": "DATE_SENSE_PLANNED"},
        "status_history": [{"status": "PLAN_STATUS_ANNOUNCED"}]"#;
    let records = [
        union.to_owned(),
        regional("review", review),
        regional("adopted", adopted),
        regional("named", named),
        regional("announced", announced),
    ];
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (node, _, ids) = with(&records).await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    let organisation = format!("organisation/{}", ids[0]);
    for path in ["region/EU", "regional-action-plan", &organisation] {
        let page = site.get(&format!("/en/{path}")).await?.text;
        has(
            &page,
            &[
                "Under review <span class=\"mark\">(as of 21 September 2017)</span>",
                "Adopted <span class=\"mark\">(May 2024)</span>",
                "Its period ended in 2024 <span class=\"mark\">(computed)</span>",
                "July 2024</bdi></time> (planned)",
                "Announced; the date has passed <span class=\"mark\">(computed)</span>",
            ],
        );
        assert!(!page.contains("named by a State"), "{path}: {page}");
        assert!(!page.contains("Stated by a source · "), "{path}: {page}");
    }
    let page = site.get(&format!("/en/record/{}", ids[3])).await?.text;
    has(
        &page,
        &[
            "named by a State",
            "<div>Its period ended in 2024 <span class=\"mark\">(computed)</span></div>",
        ],
    );
    let page = site.get(&format!("/en/record/{}", ids[4])).await?.text;
    has(&page, &["<div>The date has passed <span"]);
    // Beside the others too; one of which nothing says when came neither before nor after them.
    let others = part(&page, "id=\"editions\"");
    has(
        others,
        &[
            "its period ended in 2024",
            "Earlier</span> · ",
            "Another, of which the order is not known</span> · ",
        ],
    );
    let page = site.get(&format!("/en/record/{}", ids[1])).await?.text;
    let others = part(&page, "id=\"editions\"");
    assert!(
        !others.contains("Earlier") && !others.contains("Later"),
        "{others}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_leaves_room_for_sources_licence_and_details() -> Result<()> {
    let long = "word ".repeat(12_000);
    let record = format!(
        r#"{{"external_id": "l", "title": [{{"language": "en", "text": "Act"}}],
            "summary": [{{"language": "en", "text": "{long}"}}],
            "note": [{{"language": "en", "text": "{long}"}}],
            "licence": "CC-BY-4.0", "themes": ["police"],
            "sources": [{{"url": "https://gazette.example/5"}}],
            "law": {{"consolidated_url": "https://law.example/5"}}}}"#
    );
    let (_node, site, ids) = with(&[&record]).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(
        &page,
        &[
            "href=\"https://gazette.example/5\"",
            "CC-BY-4.0",
            "href=\"https://law.example/5\"",
            "word word",
            "Police",
            "(.json)",
        ],
    );
    let details = part(&page, "class=\"details\"");
    has(details, &["<dd>", "CC-BY-4.0"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_without_a_source_is_said_to_have_none() -> Result<()> {
    let record = r#"{"external_id": "p", "title": [{"language": "en", "text": "Plan"}],
        "sources": [{"url": "https://gazette.example/5"}],
        "claims": [{"field": "period.end", "value": "2025", "made_by": "A tracker"}],
        "national_action_plan": {"period": {"end": {"value": "2024"}}}}"#;
    let (_node, site, ids) = with(&[record]).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    let claims = part(&page, "id=\"claims\"");
    let theirs = claims.split("<bdi>2025</bdi>").nth(1).context("a claim")?;
    has(theirs, &["not given"]);
    assert!(!theirs.contains("gazette.example"), "{claims}");
    // The record's own value rests on the record's sources.
    has(claims, &["gazette.example"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn linked_data_leads_to_the_records_that_a_record_names() -> Result<()> {
    let whole =
        r#"{"external_id": "whole", "title": [{"language": "en", "text": "Week"}], "event": {}}"#;
    let record = r#"{"external_id": "e", "title": [{"language": "en", "text": "Day"}],
        "relations": [{"kind": "RELATION_KIND_SUCCEEDS", "record": {"external_id": "whole"}}],
        "event": {"part_of": {"external_id": "whole"}}}"#;
    let (_node, site, ids) = with(&[whole, record]).await?;
    let data = site
        .get(&format!("/en/record/{}.jsonld", ids[1]))
        .await?
        .text;
    let data: serde_json::Value = serde_json::from_str(&data)?;
    let page = format!("/en/record/{}", ids[0]);
    assert_eq!(data["superEvent"]["@id"], page, "{data}");
    assert_eq!(data["dct:relation"][0]["@id"], page, "{data}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_says_which_part_of_it_a_page_has_and_of_which_day_it_is() -> Result<()> {
    let events: Vec<String> = (0..120)
        .map(|n| {
            format!(
                r#"{{"external_id": "e-{n}", "countries": ["KEN"],
                    "title": [{{"language": "en", "text": "Meeting {n}"}}], "event": {{}}}}"#
            )
        })
        .collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let (node, _, _) = with(&events).await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    let next = |page: &str, rel: &str| {
        let link = page.split(&format!("rel=\"{rel}\" href=\"")).nth(1)?;
        Some(link.split('"').next()?.replace("&amp;", "&"))
    };
    let first = site.get("/en/event").await?.text;
    has(
        &first,
        &["1 to 50 of 120 on this page", "as of 29 November 2026"],
    );
    let second = site
        .get(&next(&first, "next").context("a next page")?)
        .await?
        .text;
    has(
        &second,
        &["51 to 100 of 120 on this page", "<title>Events · page 2 ·"],
    );
    let third = site
        .get(&next(&second, "next").context("a next page")?)
        .await?
        .text;
    has(&third, &["101 to 120 of 120 on this page", "page 3"]);
    let back = site
        .get(&next(&third, "prev").context("a page before")?)
        .await?
        .text;
    has(&back, &["51 to 100 of 120 on this page", "Meeting 60"]);
    for path in ["/en/country/KEN", "/en/region/AU"] {
        has(&site.get(path).await?.text, &["as of 29 November 2026"]);
    }
    // Nothing to say where a page has all.
    let all = site.get("/en/event?words=60").await?.text;
    assert!(!all.contains("on this page"), "{all}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_tells_which_revision_it_is_and_what_it_changed() -> Result<()> {
    let law = |number: &str| {
        format!(
            r#"{{"external_id": "l", "countries": ["KEN"],
                "title": [{{"language": "en", "text": "Act"}}], "law": {{"number": "{number}"}}}}"#
        )
    };
    let (node, site, _) = with(&[&law("5")]).await?;
    let first = site.get("/en/law.atom").await?.text;
    has(&first, &["Revision 1 · first published: Kenya</content>"]);
    published(&node, vec![draft(&law("6"))?]).await?;
    let feed = site.get("/en/law.atom").await?.text;
    has(&feed, &["Revision 2 · changed: Number</content>"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_that_others_translated_stands_below_the_heading_for_who_reads_it() -> Result<()> {
    let law = r#"{"external_id": "l", "title": [{"language": "fr", "text": "Loi"}], "law": {}}"#;
    let translation = r#"{"external_id": "t", "title": [{"language": "en", "text": "In Spanish"}],
        "translation": {"about": {"external_id": "l"}, "fields": [{"field": "title",
            "text": [{"language": "es", "text": "Ley del lugar", "kind": "TEXT_KIND_MACHINE_TRANSLATION"}]}]}}"#;
    let (_node, site, ids) = with(&[law, translation]).await?;
    let link = format!(
        "<a href=\"/es/record/{}\"><bdi lang=\"es\" dir=\"ltr\">Ley del lugar",
        ids[1]
    );
    let spanish = site.get(&format!("/es/record/{}", ids[0])).await?.text;
    has(&spanish, &[&link, "Traducción automática"]);
    let french = site.get(&format!("/fr/record/{}", ids[0])).await?.text;
    assert!(
        !french.contains("<bdi lang=\"es\" dir=\"ltr\">Ley"),
        "{french}"
    );
    Ok(())
}
