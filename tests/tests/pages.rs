//! The observatory: what people open, rendered by a node with records.

use anyhow::{Context as _, Result, anyhow};
use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use tower::ServiceExt as _;
use wpsx_domain::publishing::Draft;
use wpsx_observatory::{Hosted, Observatory, Settings, router};
use wpsx_proto::record::Record;
use wpsx_tests::federation::TestNode;
use wpsx_words::Vocabularies;

#[path = "pages/again.rs"]
mod again;
#[path = "pages/around.rs"]
mod around;
#[path = "pages/asking.rs"]
mod asking;
#[path = "pages/bodies.rs"]
mod bodies;
#[path = "pages/calendar.rs"]
mod calendar;
#[path = "pages/divided.rs"]
mod divided;
#[path = "pages/due.rs"]
mod due;
#[path = "pages/files.rs"]
mod files;
#[path = "pages/found.rs"]
mod found;
#[path = "pages/held.rs"]
mod held;
#[path = "pages/holes.rs"]
mod holes;
#[path = "pages/now.rs"]
mod now;
#[path = "pages/once.rs"]
mod once;
#[path = "pages/past.rs"]
mod past;
#[path = "pages/places.rs"]
mod places;
#[path = "pages/plainly.rs"]
mod plainly;
#[path = "pages/proving.rs"]
mod proving;
#[path = "pages/questions.rs"]
mod questions;
#[path = "pages/reading.rs"]
mod reading;
#[path = "pages/record.rs"]
mod record;
#[path = "pages/said.rs"]
mod said;
#[path = "pages/serving.rs"]
mod serving;
#[path = "pages/stands.rs"]
mod stands;
#[path = "pages/titles.rs"]
mod titles;
#[path = "pages/unclear.rs"]
mod unclear;
#[path = "pages/walked.rs"]
mod walked;

/// Whether a page has a script: a block of data is none.
fn runs(page: &str) -> bool {
    page.replace("<script type=\"application/ld+json\">", "")
        .contains("<script")
}

const LANGUAGES: [&str; 6] = ["en", "fr", "es", "ru", "ar", "zh"];

struct Site(axum::Router);

/// What a site answers.
struct Page {
    status: StatusCode,
    headers: http::HeaderMap,
    text: String,
}

/// A site of the node with some settings.
fn with(node: &TestNode, change: impl FnOnce(&mut Settings)) -> Site {
    let mut settings = Settings::default();
    change(&mut settings);
    Site::set(node, settings)
}

impl Site {
    fn of(node: &TestNode) -> Self {
        Self::set(node, Settings::default())
    }

    /// A site of the node that is made in another way.
    fn made(node: &TestNode, change: impl FnOnce(Observatory) -> Observatory) -> Self {
        let app = node.node();
        let (records, access) = (app.records().clone(), app.access().clone());
        let site = Observatory::new(
            records,
            access,
            Vocabularies::shipped(),
            Settings::default(),
        );
        Self(router(change(site)))
    }

    fn set(node: &TestNode, settings: Settings) -> Self {
        let app = node.node();
        let site = Observatory::new(
            app.records().clone(),
            app.access().clone(),
            Vocabularies::shipped(),
            settings,
        );
        let (federation, cards) = (app.federation().clone(), app.federation().clone());
        let site = site
            .with_cosigners(move || federation.cosigners())
            .with_names(move |node| Hosted::of(&cards.hosted(node)));
        Self(router(site))
    }

    async fn get(&self, path: &str) -> Result<Page> {
        let request = Request::get(path).body(Body::empty())?;
        let response = self.0.clone().oneshot(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 64 << 20).await?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Page {
            status,
            headers,
            text,
        })
    }
}

fn draft(json: &str) -> Result<Draft> {
    let record = Record::from_json(json).map_err(|error| anyhow!("{error}"))?;
    Ok(Draft {
        kind: record.kind().number(),
        external_id: record.header().external_id().unwrap_or_default().to_owned(),
        payload: record.payload().clone(),
        ..Draft::default()
    })
}

const PLAN: &str = r#"{"external_id": "plan-1", "countries": ["KEN"],
    "title": [{"language": "en", "text": "Second plan of Kenya"},
              {"language": "fr", "text": "Deuxième plan du Kenya"}],
    "themes": ["mediation"],
    "sources": [{"url": "https://plan.example/two"}, {"url": "http://b.example", "citation": "Letter"}],
    "national_action_plan": {
        "period": {"start": {"value": "2020"}, "end": {"value": "2024"}},
        "status_history": [{"status": "PLAN_STATUS_ADOPTED", "date": {"value": "2020-04-08"}},
                           {"status": "PLAN_STATUS_IN_FORCE"}]}}"#;

async fn site() -> Result<(TestNode, Site, String)> {
    let node = TestNode::start("a").await?;
    let mut drafts = vec![draft(PLAN)?];
    for (n, country) in ["ALB", "KEN", "XKX"].iter().enumerate() {
        drafts.push(draft(&format!(
            r#"{{"external_id": "event-{n}", "countries": ["{country}"],
                "title": [{{"language": "en", "text": "Meeting {n}"}}],
                "event": {{"state": "EVENT_STATE_PLANNED"}}}}"#
        ))?);
    }
    let done = node.publish(drafts).await?;
    let id = done.records[0].record_id.context("it was written")?;
    let log = node.own()?;
    node.node().records().index().settled(&log).await?;
    let site = Site::of(&node);
    Ok((node, site, hex::encode(id.as_bytes())))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_there_in_six_languages_and_loads_nothing_from_elsewhere() -> Result<()> {
    let (_node, site, id) = site().await?;
    for language in LANGUAGES {
        for path in [
            String::new(),
            "/national-action-plan".to_owned(),
            "/event?country=ALB&sort=title".to_owned(),
            format!("/record/{id}"),
            "/country/KEN".to_owned(),
            "/country".to_owned(),
            "/region/AU".to_owned(),
            "/theme/mediation".to_owned(),
            "/record?country=KEN".to_owned(),
            "/network".to_owned(),
        ] {
            let page = site.get(&format!("/{language}{path}")).await?;
            assert_eq!(page.status, StatusCode::OK, "{language}{path}");
            let direction = if language == "ar" { "rtl" } else { "ltr" };
            let html = format!("<html lang=\"{language}\" dir=\"{direction}\">");
            assert!(page.text.contains(&html), "{language}{path}");
            assert!(!runs(&page.text), "{language}{path}");
            let policy = page.headers["content-security-policy"].to_str()?;
            assert!(policy.starts_with("default-src 'none'"), "{policy}");
            assert!(page.text.len() < 60 << 10, "{language}{path}");
            // Chinese sets its sentences without a space.
            let gap = page.text.split_once("。 ");
            assert_eq!(gap.map(|(before, _)| before), None, "{language}{path}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_shown_by_its_schema_in_the_readers_language() -> Result<()> {
    let (_node, site, id) = site().await?;
    let english = site.get(&format!("/en/record/{id}")).await?.text;
    let french = site.get(&format!("/fr/record/{id}")).await?.text;
    assert!(english.contains("Second plan of Kenya"), "{english}");
    assert!(french.contains("Deuxième plan du Kenya"), "{french}");
    for part in [
        "2020",
        "2024",
        "In force",
        "https://plan.example/two",
        "Letter",
    ] {
        assert!(english.contains(part), "{part} is not in {english}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_means_the_same_as_a_page_and_as_a_file() -> Result<()> {
    let (_node, site, id) = site().await?;
    let page = site.get("/en/event?country=KEN").await?.text;
    assert!(
        page.contains("Meeting 1") && !page.contains("Meeting 0"),
        "{page}"
    );
    let lines = site.get("/en/event.jsonl?country=KEN").await?.text;
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert!(lines.contains("Meeting 1"), "{lines}");
    let table = site.get("/en/event.csv").await?.text;
    assert_eq!(table.trim_end().lines().count(), 4, "{table}");
    let book = site.get("/en/event.xlsx").await?;
    assert!(book.text.starts_with("PK"));
    let record = site.get(&format!("/en/record/{id}.json")).await?;
    let record: serde_json::Value = serde_json::from_str(&record.text)?;
    assert_eq!(record["record"]["external_id"], "plan-1");
    let empty = site.get("/en/event?country=FRA").await?.text;
    assert!(empty.contains("No record fits"), "{empty}");
    Ok(())
}

/// What stands behind a kind in a table of counts.
fn counted<'a>(table: &'a str, kind: &str) -> Option<&'a str> {
    let mut rows = table.lines().map(|line| line.split_whitespace());
    rows.find_map(|mut row| row.find(|cell| *cell == kind).and_then(|_| row.next()))
}

#[tokio::test(flavor = "multi_thread")]
async fn how_a_text_and_a_date_are_meant_is_said_in_the_readers_language() -> Result<()> {
    let node = TestNode::start("a").await?;
    let record = draft(
        r#"{"external_id": "x", "title": [{"language": "en", "text": "T"}],
            "summary": [{"language": "fr", "text": "Un texte", "kind": "TEXT_KIND_MACHINE_TRANSLATION"}],
            "date": {"value": "2018", "sense": "DATE_SENSE_BY"}, "law": {}}"#,
    )?;
    let done = node.publish(vec![record]).await?;
    node.node().records().index().settled(&node.own()?).await?;
    let site = Site::of(&node);
    let id = hex::encode(done.records[0].record_id.context("written")?.as_bytes());
    let words = wpsx_words::Words::shipped();
    let pool = wpsx_proto::record::schema::pool();
    for (message, field, number) in [("Text", "kind", 4), ("Date", "sense", 1)] {
        let message = pool
            .get_message_by_name(&format!("wpsx.record.v1.{message}"))
            .context("the schema has it")?;
        let field = message.get_field_by_name(field).context("and its field")?;
        for language in [wpsx_words::Language::French, wpsx_words::Language::Arabic] {
            let name = words.value_of(&field, number, language);
            assert!(!name.is_fallback, "{name}");
            let page = site.get(&format!("/{language}/record/{id}")).await?.text;
            assert!(page.contains(&*name.text), "{name} is not in {page}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_counts_what_each_choice_would_leave() -> Result<()> {
    let (node, site, _) = site().await?;
    let page = site.get("/en/event").await?.text;
    let has = |text: &str| assert!(page.contains(text), "{text} is not in {page}");
    has("<strong>3</strong>");
    has("Kenya</a> <span class=\"count\">1</span>");
    has("Planned</a> <span class=\"count\">3</span>");
    has("href=\"/en/event?country=KEN\"");
    let chosen = site.get("/en/event?country=KEN&status=planned").await?.text;
    assert!(chosen.contains("<strong>1</strong>"), "{chosen}");
    let typed = node.typed(&["count", "--by", "kind"]).await?;
    assert_eq!(counted(&typed, "event"), Some("3"), "{typed}");
    assert_eq!(
        counted(&typed, "national-action-plan"),
        Some("1"),
        "{typed}"
    );
    let home = site.get("/fr").await?.text;
    assert!(home.contains("<strong>4</strong>"), "{home}");
    assert!(home.contains("Albanie"), "{home}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_tells_its_history_and_what_refers_to_it() -> Result<()> {
    let (node, site, id) = site().await?;
    let longer = PLAN.replace("\"2024\"", "\"2026\"");
    let report = format!(
        r#"{{"external_id": "report", "title": [{{"language": "en", "text": "Report on it"}}],
            "progress_report": {{"plans": [{{"external_id": "plan-1", "origin": "{}"}}]}}}}"#,
        node.origin()
    );
    node.publish(vec![draft(&longer)?, draft(&report)?]).await?;
    node.node().records().index().settled(&node.own()?).await?;
    let page = site.get(&format!("/en/record/{id}")).await?.text;
    let has = |text: &str| assert!(page.contains(text), "{text} is not in {page}");
    has("<h2>History</h2>");
    has("<del><bdi>2024</bdi></del>");
    has("<ins><bdi>2026</bdi></ins>");
    has("What refers to this");
    has("Report on it");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_of_a_page_is_checked_without_the_site() -> Result<()> {
    let (node, site, id) = site().await?;
    let proof = site.get(&format!("/ar/record/{id}.tlog-proof")).await?.text;
    let proof = wpsx_proto::tlog_proof::TlogProof::parse(&proof)?;
    let (entry, _) = proof.entry().context("the entry travels with it")?;
    let leaf = wpsx_proto::hash::Hash::leaf(&entry);
    proof.verify(leaf, &node.own()?.key())?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_publisher_writes_is_text_on_every_page() -> Result<()> {
    let node = TestNode::start("a").await?;
    let evil = r#"<script>alert(1)</script>\" onload=x"#;
    let long = "w".repeat(60_000);
    let done = node
        .publish(vec![draft(&format!(
            r#"{{"external_id": "evil", "title": [{{"language": "en", "text": "{evil}"}}],
                "note": [{{"language": "en", "text": "{long}"}}],
                "sources": [{{"citation": "javascript:alert(1)"}}],
                "facts": [{{"name": "{evil}", "values": ["=1+1"]}}],
                "law": {{"number": "{evil}"}}}}"#
        ))?])
        .await?;
    node.node().records().index().settled(&node.own()?).await?;
    let site = Site::of(&node);
    let id = hex::encode(done.records[0].record_id.context("written")?.as_bytes());
    for path in [
        format!("/en/record/{id}"),
        "/en/law".to_owned(),
        "/en".to_owned(),
    ] {
        let page = site.get(&path).await?.text;
        assert!(!runs(&page), "{path}");
        assert!(page.contains("&lt;script&gt;"), "{path}");
        assert!(!page.contains("href=\"javascript:"), "{path}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_page_and_what_was_erased_says_so() -> Result<()> {
    let (node, site, id) = site().await?;
    for path in [
        "/en/nothing",
        "/en/record/00",
        "/en/record/00000000000000000000000000000000",
        "/en/country/atlantis",
        "/en/region/hogwarts",
        "/en/theme/nothing",
        "/en/organisation/00",
        "/de",
        "/en/event/x/y",
    ] {
        let page = site.get(path).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text.contains("<main"), "{path}");
    }
    node.typed(&["erase", &id, "--reason", "legal", "--yes"])
        .await?;
    node.node().records().index().settled(&node.own()?).await?;
    let page = site.get(&format!("/en/record/{id}")).await?;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(
        page.text.contains("erased by its publisher"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("Second plan"), "{}", page.text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_revision_stays_at_its_own_address_with_its_files() -> Result<()> {
    let (node, site, id) = site().await?;
    let longer = PLAN.replace("\"2024\"", "\"2026\"");
    node.publish(vec![draft(&longer)?]).await?;
    node.node().records().index().settled(&node.own()?).await?;
    for (revision, year) in [(1, "2024"), (2, "2026")] {
        let file = site
            .get(&format!("/en/record/{id}/{revision}.json"))
            .await?;
        let file: serde_json::Value = serde_json::from_str(&file.text)?;
        assert_eq!(file["revision"], revision);
        let end = &file["record"]["national_action_plan"]["period"]["end"]["value"];
        assert_eq!(end, year);
        let proof = site
            .get(&format!("/fr/record/{id}/{revision}.tlog-proof"))
            .await?;
        let proof = wpsx_proto::tlog_proof::TlogProof::parse(&proof.text)?;
        let (entry, _) = proof.entry().context("the entry travels with it")?;
        proof.verify(wpsx_proto::hash::Hash::leaf(&entry), &node.own()?.key())?;
    }
    for missing in ["0", "3", "01", "x"] {
        let page = site.get(&format!("/en/record/{id}/{missing}")).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{missing}");
    }
    Ok(())
}
