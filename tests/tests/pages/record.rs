//! The page of one record: what it says, what others say of it, what it was, and its proof.

use anyhow::{Context as _, Result};
use axum::body::{Body, to_bytes};
use http::{Request, header};
use tower::ServiceExt as _;
use wpsx_domain::publishing::Draft;
use wpsx_tests::{federation::TestNode, noise};

use super::{PLAN, Page, Site, draft};

/// A node with these records, its pages, and the ids of the records.
pub(super) async fn with(records: &[&str]) -> Result<(TestNode, Site, Vec<String>)> {
    let node = TestNode::start("a").await?;
    let drafts: Result<Vec<Draft>> = records.iter().map(|json| draft(json)).collect();
    let ids = published(&node, drafts?).await?;
    let site = Site::of(&node);
    Ok((node, site, ids))
}

pub(super) async fn published(node: &TestNode, drafts: Vec<Draft>) -> Result<Vec<String>> {
    let done = node.publish(drafts).await?;
    node.node().records().index().settled(&node.own()?).await?;
    let ids = done.records.iter().map(|written| {
        let id = written.record_id.context("it was written")?;
        Ok(hex::encode(id.as_bytes()))
    });
    ids.collect()
}

/// The part of a page from a mark to the next section.
pub(super) fn part<'a>(page: &'a str, mark: &str) -> &'a str {
    let from = page.find(mark).unwrap_or(page.len());
    let rest = &page[from..];
    &rest[..rest.find("</section>").unwrap_or(rest.len())]
}

#[track_caller]
pub(super) fn has(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part} is not in {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_the_readers_or_the_original_and_says_how_it_came_to_be() -> Result<()> {
    let (_node, site, ids) = with(&[r#"{"external_id": "t", "law": {},
        "title": [{"language": "fr", "text": "Loi", "kind": "TEXT_KIND_MACHINE_TRANSLATION"},
                  {"language": "en", "text": "Law", "kind": "TEXT_KIND_UNOFFICIAL_TRANSLATION"},
                  {"language": "fa", "text": "قانون", "kind": "TEXT_KIND_ORIGINAL"}]}"#])
    .await?;
    let french = site.get(&format!("/fr/record/{}", ids[0])).await?.text;
    has(
        &french,
        &[
            "<h1 lang=\"fr\" dir=\"ltr\"><bdi>Loi</bdi></h1>",
            "Traduction automatique",
            "<bdi lang=\"fa\" dir=\"rtl\">قانون</bdi>",
        ],
    );
    let spanish = site.get(&format!("/es/record/{}", ids[0])).await?.text;
    has(
        &spanish,
        &["<h1 lang=\"fa\" dir=\"rtl\"><bdi>قانون</bdi></h1>"],
    );
    // The way to it ends with what its heading says.
    let above = spanish.split("<main").next().context("a page")?;
    let trail = above.rsplit("<nav").next().context("a trail")?;
    assert!(trail.contains("قانون") && !trail.contains("Law"), "{trail}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_answers_first_what_readers_ask_and_never_says_computed_as_stated() -> Result<()> {
    let plan = PLAN.replace(
        r#"{"status": "PLAN_STATUS_IN_FORCE"}"#,
        r#"{"status": "PLAN_STATUS_IN_FORCE", "basis": "BASIS_STATED"},
           {"status": "PLAN_STATUS_PERIOD_ENDED", "basis": "BASIS_DERIVED", "as_of": {"value": "2025-01"}}"#,
    );
    let (_node, site, ids) = with(&[&plan]).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    let lead = &page[page.find("dl class=\"now\"").context("it has a lead")?..];
    let lead = &lead[..lead.find("</dl>").context("that ends")?];
    has(
        lead,
        &[
            "Period ended",
            "Computed from other fields",
            "Last stated by a source:",
            "In force",
            "January 2025",
            "not stated in this record",
        ],
    );
    // All states stand, with the computed one marked, and the period is not said twice.
    has(
        &page,
        &[
            "Status history: </span>3 rows",
            "<tr class=\"derived\" ",
            "(now)",
        ],
    );
    assert_eq!(page.matches("<time datetime=\"2024\">").count(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_says_first_whether_and_when_it_takes_place() -> Result<()> {
    let (_node, site, ids) = with(&[
        r#"{"external_id": "off", "title": [{"language": "en", "text": "Called off"}],
            "event": {"state": "EVENT_STATE_CANCELLED", "start_time": "09:30", "end_time": "17:00",
                "time_zone": "Africa/Nairobi", "period": {"start": {"value": "2026-05-04"}, "end": {"value": "2026-05-04"}}}}"#,
        r#"{"external_id": "open", "title": [{"language": "en", "text": "To come"}],
            "event": {"state": "EVENT_STATE_PLANNED"}}"#,
    ])
    .await?;
    let off = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(
        &off,
        &[
            "<p class=\"note\" role=\"note\"><strong>Cancelled</strong></p>",
            "4 May 2026",
            "09:30",
            "17:00",
            "Africa/Nairobi",
        ],
    );
    let open = site.get(&format!("/en/record/{}", ids[1])).await?.text;
    has(&open, &["no date yet"]);
    assert!(!open.contains("role=\"note\""), "{open}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_name_their_rows_and_columns_and_what_is_long_folds_without_a_script() -> Result<()>
{
    let objectives: Vec<String> = (1..=30)
        .map(|n| {
            format!(r#"{{"code": "A.{n}", "text": [{{"language": "en", "text": "Aim {n}"}}]}}"#)
        })
        .collect();
    let plan = PLAN.replace(
        "\"national_action_plan\": {",
        &format!(
            "\"national_action_plan\": {{\"objectives\": [{}],",
            objectives.join(",")
        ),
    );
    let (_node, site, ids) = with(&[&plan]).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(
        &page,
        &[
            "<caption><span class=\"heard\">Objectives: </span>30 rows</caption>",
            "<th scope=\"col\" ",
            "<th scope=\"row\" role=\"rowheader\" data-label=\"Code\"><div><bdi>A.1</bdi>",
            "<details><summary>10 more</summary>",
            "Aim 30",
        ],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_differ_stand_side_by_side_with_the_records_own_value() -> Result<()> {
    let plan = PLAN.replace(
        "\"themes\"",
        r#""claims": [{"field": "period.end", "value": "2025", "made_by": "A tracker", "date": {"value": "2021"}}],
           "themes""#,
    );
    let claim = r#"{"external_id": "claim", "title": [{"language": "en", "text": "On the end"}],
        "claim": {"about": {"external_id": "plan-1"}, "made": {"value": "2022-03"},
            "made_by": [{"name": [{"language": "en", "text": "A women's league"}]}],
            "claims": [{"field": "national_action_plan.period.end", "value": "open-ended",
                        "sources": [{"url": "https://league.example/x"}]}]}}"#;
    let (_node, site, ids) = with(&[&plan, claim]).await?;
    // On the page of a claim, the record that it is about is another one.
    for (at, own) in ids.iter().zip(["this record", "the record itself"]) {
        let page = site.get(&format!("/en/record/{at}")).await?.text;
        let claims = part(&page, "id=\"claims\"");
        has(claims, &[&format!("<strong>{own}</strong>")]);
        let places: Vec<Option<usize>> =
            ["datetime=\"2024\"", "<bdi>2025</bdi>", ">open-ended</bdi>"]
                .iter()
                .map(|value| claims.find(value))
                .collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{claims}"
        );
        has(
            claims,
            &[
                "Period – To",
                "A tracker",
                "A women",
                "March 2022",
                "https://league.example/x",
            ],
        );
        assert_eq!(
            claims.matches("<caption>").count(),
            1,
            "both spellings are one field"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn assessments_by_several_bodies_stand_side_by_side_and_a_self_assessment_says_so()
-> Result<()> {
    let judged = |id: &str, who: &str, own: bool, value: &str| {
        format!(
            r#"{{"external_id": "{id}", "title": [{{"language": "en", "text": "{who} judges"}}],
                "assessment": {{"about": {{"external_id": "plan-1"}}, "self_assessment": {own},
                    "assessors": [{{"name": [{{"language": "en", "text": "{who}"}}]}}],
                    "overall": {{"value": "{value}"}},
                    "judgements": [{{"number": "1.2", "value": "{value}"}}]}}}}"#
        )
    };
    let (own, other) = (
        judged("a1", "The ministry", true, "met"),
        judged("a2", "The league", false, "limited"),
    );
    let (_node, site, ids) = with(&[PLAN, &own, &other]).await?;
    for at in &ids {
        let page = site.get(&format!("/en/record/{at}")).await?.text;
        let table = part(&page, "id=\"assessments\"");
        has(
            table,
            &[
                "The ministry",
                "The league",
                "judges its own work",
                "Overall",
                "1.2",
            ],
        );
        assert_eq!(table.matches("judges its own work").count(), 1, "{table}");
        let aspect = &table[table.find("1.2").context("the aspect")?..];
        let row = &aspect[..aspect.find("</tr>").context("its row")?];
        assert_eq!(
            row.matches("<strong>").count(),
            2,
            "both judge it in one row: {row}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn printed_counts_of_one_thing_stand_beside_each_other() -> Result<()> {
    let count = |id: &str, thing: &str, value: &str, year: &str| {
        format!(
            r#"{{"external_id": "{id}", "title": [{{"language": "en", "text": "Count {id}"}}],
                "printed_count": {{"counted": "{thing}", "value": "{value}", "as_of": {{"value": "{year}"}}}}}}"#
        )
    };
    let all = [
        count("1", "plans", "over 60", "2016"),
        count("2", "plans", "79", "2018"),
        count("3", "signatories", "228", "2024"),
    ];
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (_node, site, ids) = with(&all).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    let counts = part(&page, "id=\"counts\"");
    has(counts, &["over 60", "79", "2016", "2018", "(this record)"]);
    assert!(
        counts.find("<bdi>79</bdi>") < counts.find("<bdi>over 60</bdi>"),
        "the newest first: {counts}"
    );
    assert!(!counts.contains("<bdi>228</bdi>"), "{counts}");
    let alone = site.get(&format!("/en/record/{}", ids[2])).await?.text;
    assert!(!alone.contains("id=\"counts\""));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_are_links_by_title_and_one_that_leads_nowhere_says_so() -> Result<()> {
    let document = r#"{"external_id": "paper", "title": [{"language": "en", "text": "A paper"}],
        "relations": [{"kind": "RELATION_KIND_REPORTS_ON", "record": {"external_id": "plan-1"}},
                      {"kind": "RELATION_KIND_SEE_ALSO", "record": {"external_id": "lost", "citation": "A lost letter"}}],
        "document": {}}"#;
    let events: Vec<String> = (0..7)
        .map(|n| {
            format!(
                r#"{{"external_id": "e{n}", "title": [{{"language": "en", "text": "Launch {n}"}}],
                    "relations": [{{"kind": "RELATION_KIND_SEE_ALSO", "record": {{"external_id": "plan-1"}}}}], "event": {{}}}}"#
            )
        })
        .collect();
    let mut all = vec![PLAN, document];
    all.extend(events.iter().map(String::as_str));
    let (_node, site, ids) = with(&all).await?;
    let plan = &ids[0];
    let paper = site.get(&format!("/en/record/{}", ids[1])).await?.text;
    let relations = part(&paper, "id=\"relations\"");
    has(
        relations,
        &[
            "Reports on",
            &format!(
                "<a href=\"/en/record/{plan}\"><bdi lang=\"en\" dir=\"ltr\">Second plan of Kenya</bdi></a>"
            ),
            "A lost letter",
            "no such record is known here",
        ],
    );
    let page = site.get(&format!("/en/record/{plan}")).await?.text;
    let referring = part(&page, "id=\"referring\"");
    let list = format!("/en/event?refers={plan}");
    has(
        referring,
        &[
            "<span class=\"count\">7</span>",
            "<span class=\"count\">1</span>",
            &format!("href=\"{list}\""),
        ],
    );
    assert_eq!(referring.matches("Launch").count(), 5, "{referring}");
    let file = site
        .get(&format!("/en/event.jsonl?refers={plan}"))
        .await?
        .text;
    assert_eq!(
        file.lines().filter(|line| line.contains("Launch")).count(),
        7,
        "{file}"
    );
    assert!(site.get(&list).await?.text.contains("Launch 6"));
    assert!(!page.contains("href=\"../") && !paper.contains("href=\"../"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_its_translations_and_annexes_are_one_family_on_each_of_their_pages() -> Result<()> {
    let member = |id: &str, role: &str| {
        format!(
            r#"{{"external_id": "{id}", "title": [{{"language": "en", "text": "The {id}"}}],
                "law": {{"family": {{"external_id": "law"}}, "family_role": "{role}"}}}}"#
        )
    };
    let (annex, translation) = (
        member("annex", "FAMILY_ROLE_ANNEX"),
        member("other", "FAMILY_ROLE_TRANSLATION"),
    );
    let law =
        r#"{"external_id": "law", "title": [{"language": "en", "text": "The law"}], "law": {}}"#;
    let by_others = r#"{"external_id": "by", "title": [{"language": "en", "text": "By others"}],
        "translation": {"about": {"external_id": "law"}}}"#;
    let besides = r#"{"external_id": "see", "title": [{"language": "en", "text": "Besides"}],
        "relations": [{"record": {"external_id": "law"}}], "law": {}}"#;
    let (_node, site, ids) = with(&[law, &annex, &translation, by_others, besides]).await?;
    for at in &ids[..3] {
        let page = site.get(&format!("/en/record/{at}")).await?.text;
        let family = part(&page, "id=\"family\"");
        has(
            family,
            &[
                "The law",
                "The annex",
                "The other",
                "By others",
                "Main text",
                "Annex",
                "Translation",
                "this record",
            ],
        );
        assert!(!family.contains("Besides"), "{family}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_in_custody_says_who_keeps_it_for_whom() -> Result<()> {
    let plan = PLAN.replace(
        "\"themes\"",
        r#""custody": {"countries": ["KEN"], "since": {"value": "2021-02"}, "publisher": "ken.example",
           "bodies": [{"name": [{"language": "en", "text": "National bureau"}]}]}, "themes""#,
    );
    let (_node, site, ids) = with(&[&plan]).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    let custody = part(&page, "class=\"custody\"");
    has(
        custody,
        &[
            "held in custody",
            "Held in custody by",
            // Each owner on a line of its own.
            "Kenya<br><bdi><bdi lang=\"en\" dir=\"ltr\">National bureau",
            "February 2021",
            "ken.example",
        ],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_says_besides_stands_in_a_line_each() -> Result<()> {
    let plan = PLAN.replace(
        "\"themes\"",
        r#""facts": [{"name": "signatory_offices", "values": ["one", "two"]}], "themes""#,
    );
    let (_node, site, ids) = with(&[&plan]).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(
        &page,
        &["<bdi>signatory offices</bdi>: <bdi>one</bdi>, <bdi>two</bdi>"],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_text_is_called_by_its_title_in_the_language_of_the_title() -> Result<()> {
    let plan = PLAN.replace(
        "\"themes\"",
        r#""documents": [{"url": "https://ministry.example/plan.pdf", "language": "fr",
           "title": [{"language": "fr", "text": "Le plan"}]}], "themes""#,
    );
    let (_node, site, ids) = with(&[&plan]).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(&page, &["<bdi lang=\"fr\" dir=\"ltr\">Le plan</bdi></a>"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_steers_directions_stays_within_its_own_text() -> Result<()> {
    // What overrides directions is refused when it is handed in; what turns them is text.
    let evil = "\\u200fevil";
    let (_node, site, ids) = with(&[&format!(
        r#"{{"external_id": "bidi", "title": [{{"language": "en", "text": "{evil}"}}],
            "attribution": "{evil}", "facts": [{{"name": "{evil}", "values": ["{evil}", "b"]}}, {{"name": "x"}}],
            "sources": [{{"citation": "{evil}"}}, {{"url": "https://a.example/?javascript:x"}}],
            "relations": [{{"record": {{"citation": "{evil}"}}}}],
            "claims": [{{"field": "{evil}", "value": "{evil}", "made_by": "{evil}"}}], "law": {{"number": "{evil}"}}}}"#
    )])
    .await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    let title = &page[page.find("<title>").context("it has a title")?
        ..page.find("</title>").context("it ends")?];
    assert!(
        title.contains("evil") && !title.contains('\u{200f}'),
        "{title}"
    );
    let body = &page[page.find("<body").context("it has a body")?..];
    assert!(body.matches('\u{200f}').count() >= 8, "{body}");
    for (at, _) in body.match_indices('\u{200f}') {
        let before = &body[..at];
        let opened = before.rfind("<bdi").context("it is isolated")?;
        assert!(
            !before[opened..].contains("</bdi>"),
            "{}",
            &before[before.len().saturating_sub(200)..]
        );
    }
    Ok(())
}

async fn compressed(site: &Site, path: &str) -> Result<usize> {
    let request = Request::get(path)
        .header(header::ACCEPT_ENCODING, "gzip")
        .body(Body::empty())?;
    let response = site.0.clone().oneshot(request).await?;
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
    Ok(to_bytes(response.into_body(), 64 << 20).await?.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_record_makes_a_page_over_sixty_kilobytes_and_what_is_cut_is_in_the_file() -> Result<()>
{
    let text = |seed| serde_json::json!([{"language": "en", "text": noise::letters(seed, 50_000)}]);
    let long = |seed: u64| {
        serde_json::json!({
            "external_id": "long", "title": [{"language": "en", "text": noise::letters(seed, 3_000)}],
            "summary": text(seed + 1), "note": text(seed + 2), "law": {"subject": text(seed + 3), "effect": text(seed + 4)},
        })
    };
    let many = serde_json::json!({
        "external_id": "many", "title": [{"language": "en", "text": "Many"}], "law": {},
        "facts": (0..900).map(|n| serde_json::json!({"name": noise::letters(n + 7, 8),
            "values": (0..12).map(|m| noise::letters(n * 100 + m + 1, 4)).collect::<Vec<_>>()})).collect::<Vec<_>>(),
    });
    let (node, site, ids) = with(&[&long(1).to_string(), &many.to_string()]).await?;
    published(&node, vec![draft(&long(100).to_string())?]).await?;
    for path in [
        format!("/en/record/{}", ids[0]),
        format!("/ar/record/{}/1", ids[0]),
        format!("/en/record/{}/history", ids[0]),
        format!("/ru/record/{}", ids[1]),
    ] {
        let size = compressed(&site, &path).await?;
        assert!(size < 60_000, "{path} has {size} bytes");
    }
    let page: Page = site.get(&format!("/en/record/{}", ids[0])).await?;
    has(
        &page.text,
        &[
            "longer than a page",
            &format!("href=\"/en/record/{}/2.json\"", ids[0]),
        ],
    );
    Ok(())
}
