//! What pages offer as files: downloads, feeds, calendars, linked data, and how they are
//! read again.

use std::{
    collections::BTreeSet,
    io::{Cursor, Read as _},
};

use http::{Method, header};
use http_body_util::BodyExt as _;
use serde_json::Value;

use super::{calendar::unfolded, *};

pub(crate) async fn publish(node: &TestNode, records: &[String]) -> Result<Vec<String>> {
    let drafts = records.iter().map(|json| draft(json));
    let done = node.publish(drafts.collect::<Result<_>>()?).await?;
    node.node().records().index().settled(&node.own()?).await?;
    let ids = done.records.iter().filter_map(|record| record.record_id);
    Ok(ids.map(|id| hex::encode(id.as_bytes())).collect())
}

pub(crate) async fn with(records: &[String]) -> Result<(TestNode, Site, Vec<String>)> {
    let node = TestNode::start("a").await?;
    let ids = publish(&node, records).await?;
    let site = Site::of(&node);
    Ok((node, site, ids))
}

pub(crate) fn event(id: &str, state: &str, date: &str) -> String {
    format!(
        r#"{{"external_id": "{id}", "countries": ["KEN"],
            "title": [{{"language": "en", "text": "Meeting {id}"}}],
            "event": {{"state": "EVENT_STATE_{state}", "period": {{"start": {{"value": "{date}"}}}}}}}}"#
    )
}

pub(crate) fn events(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| event(&format!("e-{n}"), "PLANNED", "2027-03-05"))
        .collect()
}

pub(crate) async fn asked(
    site: &Site,
    method: Method,
    path: &str,
    headers: &[(header::HeaderName, &str)],
) -> Result<http::Response<Body>> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    Ok(site.0.clone().oneshot(request.body(Body::empty())?).await?)
}

/// The cells of a table under its header; no cell of these tests holds a quote or a break.
fn rows(table: &str) -> Vec<&str> {
    table.trim_end().lines().skip(1).collect()
}

/// All that the parts of a workbook say.
pub(crate) fn in_book(bytes: &[u8]) -> Result<String> {
    let mut book = zip::ZipArchive::new(Cursor::new(bytes))?;
    let mut text = String::new();
    for part in 0..book.len() {
        book.by_index(part)?.read_to_string(&mut text)?;
    }
    Ok(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_of_records_of_several_kinds_has_what_all_of_them_have() -> Result<()> {
    let plan = r#"{"external_id": "p-1", "countries": ["KEN"], "themes": ["police"],
        "title": [{"language": "en", "text": "Plan of Kenya"}],
        "national_action_plan": {"edition": {"order": 1}, "adopted": {"value": "2016"}}}"#;
    let mut records = events(2);
    records.push(plan.to_owned());
    let (_node, site, _) = with(&records).await?;
    for page in ["record", "country/KEN", "region/AU"] {
        let answer = asked(&site, Method::GET, &format!("/en/{page}.xlsx"), &[]).await?;
        assert_eq!(answer.status(), StatusCode::OK, "{page}");
        let text = in_book(&answer.into_body().collect().await?.to_bytes())?;
        for said in [
            "Meeting e-0",
            "Plan of Kenya",
            "national-action-plan",
            "title.en",
        ] {
            assert!(text.contains(said), "{page}: {said}");
        }
        assert!(!text.contains("edition.order"), "{page}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_and_record_is_the_same_in_every_form() -> Result<()> {
    let (_node, site, ids) = with(&events(120)).await?;
    for (question, count) in [
        ("", 120),
        ("?country=KEN&sort=title", 120),
        ("?country=FRA", 0),
    ] {
        let table = site.get(&format!("/en/event.csv{question}")).await?.text;
        assert_eq!(rows(&table).len(), count, "{question}");
        let lines = site.get(&format!("/en/event.jsonl{question}")).await?.text;
        assert_eq!(lines.lines().count(), count, "{question}");
        let json = site.get(&format!("/en/event.json{question}")).await?.text;
        let json: Value = serde_json::from_str(&json)?;
        let records = json["records"].as_array().context("a list")?;
        assert_eq!(records.len(), count, "{question}");
        assert_eq!(json["about"]["Records"], count.to_string());
        let told: BTreeSet<&str> = records.iter().filter_map(|it| it["id"].as_str()).collect();
        assert_eq!(told.len(), count, "each record once");
        let book = site.get(&format!("/en/event.xlsx{question}")).await?;
        assert!(book.text.starts_with("PK"));
    }
    let all = site.get("/en/country/KEN.jsonl").await?.text;
    assert_eq!(all.lines().count(), 120);
    assert_eq!(
        site.get("/en/record.jsonl").await?.text.lines().count(),
        120
    );
    let table = site.get("/en/country/KEN.csv").await?.text;
    assert_eq!(rows(&table).len(), 120);
    assert!(
        table.contains("title.en") && !table.contains("period.start"),
        "{table}"
    );
    for (form, part) in [
        ("json", "\"revision\": 1"),
        ("jsonl", "Meeting e-0"),
        ("csv", "Meeting e-0"),
        ("xlsx", "PK"),
        ("jsonld", "\"@type\""),
        ("bib", "@misc{"),
        ("ris", "TY  - "),
        ("tlog-proof", "c2sp.org"),
    ] {
        for place in [ids[0].clone(), format!("{}/1", ids[0])] {
            let file = site.get(&format!("/en/record/{place}.{form}")).await?;
            assert_eq!(file.status, StatusCode::OK, "{place}.{form}");
            assert!(file.text.contains(part), "{place}.{form}: {}", file.text);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_comes_in_parts_that_are_read_as_they_are_taken() -> Result<()> {
    let (_node, site, _) = with(&events(650)).await?;
    for form in ["csv", "jsonl", "json"] {
        let path = format!("/en/event.{form}");
        let mut body = asked(&site, Method::GET, &path, &[]).await?.into_body();
        let (mut parts, mut text) = (Vec::new(), Vec::new());
        while let Some(frame) = body.frame().await {
            let data = frame?.into_data().map_err(|_| anyhow!("only data"))?;
            parts.push(data.len());
            text.extend_from_slice(&data);
        }
        let text = String::from_utf8(text)?;
        assert_eq!(
            text.matches("Meeting e-").count() / text.matches("Meeting e-649").count(),
            650
        );
        assert!(parts.len() >= 3, "{form}: {parts:?}");
        assert!(
            parts[0] * 3 < text.len(),
            "{form}: the first part is most of it: {parts:?}"
        );
    }
    let head = asked(&site, Method::HEAD, "/en/event.csv", &[]).await?;
    assert_eq!(head.status(), StatusCode::OK);
    assert!(head.into_body().collect().await?.to_bytes().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_says_what_it_is_and_where_that_is_written() -> Result<()> {
    let (_node, site, _) = with(&events(3)).await?;
    let table = site.get("/fr/event.csv?country=KEN").await?;
    let link = table.headers[header::LINK].to_str()?;
    let readme = "</fr/event.readme.txt?country=KEN>; rel=\"describedby\"";
    assert!(link.contains(readme), "{link}");
    let readme = site.get("/fr/event.readme.txt?country=KEN").await?.text;
    for part in [
        "Fiches\u{a0}: 3",
        "Kenya",
        "Licence",
        "Comment citer",
        "/fr/event?country=KEN",
    ] {
        assert!(readme.contains(part), "{part} is not in {readme}");
    }
    let page = site.get("/fr/event?country=KEN").await?.text;
    for form in ["csv", "xlsx", "jsonl", "json", "atom", "ics"] {
        let link = format!("href=\"/fr/event.{form}?country=KEN\"");
        assert!(page.contains(&link), "{link} is not in {page}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_change_is_not_sent_again() -> Result<()> {
    let (node, site, ids) = with(&events(3)).await?;
    let paths = [
        "/en".to_owned(),
        "/en/event?country=KEN".to_owned(),
        "/en/event.csv".to_owned(),
        "/en/event.xlsx".to_owned(),
        "/en/event.atom".to_owned(),
        "/sitemap.xml".to_owned(),
        format!("/en/record/{}", ids[0]),
        format!("/en/record/{}.json", ids[0]),
    ];
    let mut tags = Vec::new();
    for path in paths
        .iter()
        .map(String::as_str)
        .chain(["/style.css", "/en/network"])
    {
        let first = asked(&site, Method::GET, path, &[]).await?;
        assert_eq!(first.status(), StatusCode::OK, "{path}");
        let tag = first.headers()[header::ETAG].to_str()?.to_owned();
        let seen = format!("\"other\", {tag}");
        let again = asked(&site, Method::GET, path, &[(header::IF_NONE_MATCH, &seen)]).await?;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(again.headers()[header::ETAG], tag.as_str(), "{path}");
        assert!(
            again.into_body().collect().await?.to_bytes().is_empty(),
            "{path}"
        );
        tags.push(tag);
    }
    let unique: BTreeSet<&String> = tags.iter().collect();
    assert_eq!(
        unique.len(),
        tags.len(),
        "each address has its own: {tags:?}"
    );
    publish(&node, &[event("further", "PLANNED", "2027-01-01")]).await?;
    for (path, tag) in paths.iter().zip(&tags) {
        let again = asked(&site, Method::GET, path, &[(header::IF_NONE_MATCH, tag)]).await?;
        assert_eq!(again.status(), StatusCode::OK, "{path}");
    }
    let missing = asked(&site, Method::GET, "/en/nothing", &[]).await?;
    assert!(missing.headers().get(header::ETAG).is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_on_any_site_may_read_and_get_it_compressed() -> Result<()> {
    let (_node, site, _) = with(&events(3)).await?;
    let before = asked(&site, Method::OPTIONS, "/en/event.json", &[]).await?;
    assert_eq!(before.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        before.headers()[header::ACCESS_CONTROL_ALLOW_METHODS],
        "GET, HEAD, OPTIONS"
    );
    let gzip = [(header::ACCEPT_ENCODING, "gzip")];
    for (path, encoding) in [("/en/event.json", Some("gzip")), ("/en/event.xlsx", None)] {
        let answer = asked(&site, Method::GET, path, &gzip).await?;
        let headers = answer.headers();
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*", "{path}");
        let found = headers.get(header::CONTENT_ENCODING).map(|it| it.to_str());
        assert_eq!(found.transpose()?, encoding, "{path}");
        assert!(
            headers[header::VARY].to_str()?.contains("accept-encoding"),
            "{path}"
        );
    }
    let door = asked(&site, Method::GET, "/", &[]).await?;
    assert!(
        door.headers()[header::VARY]
            .to_str()?
            .contains("accept-language")
    );
    let post = asked(&site, Method::POST, "/en/event.json", &[]).await?;
    assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_tells_what_changed_and_what_is_gone() -> Result<()> {
    let (node, site, ids) = with(&events(2)).await?;
    publish(&node, &[event("e-1", "CONFIRMED", "2027-04-05")]).await?;
    let feed = site.get("/en/event.atom").await?;
    assert_eq!(
        feed.headers[header::CONTENT_TYPE],
        "application/atom+xml; charset=utf-8"
    );
    assert_eq!(feed.text.matches("<entry>").count(), 2, "{}", feed.text);
    let first = feed.text.find("Meeting e-1").context("it is there")?;
    assert!(first < feed.text.find("Meeting e-0").context("and the other")?);
    assert!(
        feed.text.contains(&format!("/en/record/{}/2\"", ids[1])),
        "{}",
        feed.text
    );
    node.typed(&["erase", &ids[0], "--reason", "legal", "--yes"])
        .await?;
    node.node().records().index().settled(&node.own()?).await?;
    let feed = site.get("/en/event.atom").await?.text;
    let id = &ids[0];
    let urn = format!(
        "{}-{}-{}-{}-{}",
        &id[..8],
        &id[8..12],
        &id[12..16],
        &id[16..20],
        &id[20..]
    );
    let stone = format!("<at:deleted-entry ref=\"urn:uuid:{urn}\" when=\"");
    assert!(feed.contains(&stone), "{stone} is not in {feed}");
    assert!(!feed.contains("Meeting e-0"), "{feed}");
    Ok(())
}

/// The data in a page, as a browser reads it.
pub(crate) fn linked(page: &str) -> Result<Value> {
    let (_, rest) = page
        .split_once("<script type=\"application/ld+json\">")
        .context("a block")?;
    let (data, _) = rest.split_once("</script>").context("that ends")?;
    Ok(serde_json::from_str(data)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_linked_data_in_the_words_of_its_schema() -> Result<()> {
    let (_node, site, ids) =
        with(&[PLAN.to_owned(), event("x", "CONFIRMED", "2027-03-05")]).await?;
    let page = linked(&site.get(&format!("/en/record/{}", ids[0])).await?.text)?;
    assert_eq!(page["@type"][0], "DigitalDocument");
    assert_eq!(page["@context"]["@vocab"], "https://schema.org/");
    assert_eq!(page["name"][1]["@language"], "fr");
    assert_eq!(page["dcat:theme"][0], "mediation");
    let file = site
        .get(&format!("/en/record/{}.jsonld", ids[0]))
        .await?
        .text;
    assert_eq!(serde_json::from_str::<Value>(&file)?, page);
    let event = linked(&site.get(&format!("/en/record/{}", ids[1])).await?.text)?;
    assert_eq!(event["startDate"], "2027-03-05");
    // Nobody reads a word of ours where schema.org has its own.
    assert_eq!(event["eventStatus"], "https://schema.org/EventScheduled");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citation_stays_with_its_revision() -> Result<()> {
    let (node, site, ids) = with(&[PLAN.to_owned()]).await?;
    let first = site.get(&format!("/en/record/{}.bib", ids[0])).await?.text;
    assert!(
        first.contains(&format!("/en/record/{}/1}}", ids[0])),
        "{first}"
    );
    publish(&node, &[PLAN.replace("2024", "2026")]).await?;
    let now = site.get(&format!("/en/record/{}.ris", ids[0])).await?.text;
    assert!(
        now.contains(&format!("UR  - /en/record/{}/2\r\n", ids[0])),
        "{now}"
    );
    let then = site
        .get(&format!("/en/record/{}/1.bib", ids[0]))
        .await?
        .text;
    assert_eq!(then, first);
    let page = site.get(&format!("/fr/record/{}/1", ids[0])).await?.text;
    assert!(
        page.contains(&format!("href=\"/fr/record/{}/1\"", ids[0])),
        "{page}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn search_engines_are_told_every_page_in_every_language() -> Result<()> {
    let (_node, site, ids) = with(&events(3)).await?;
    let robots = site.get("/robots.txt").await?.text;
    assert!(robots.contains("Sitemap: /sitemap.xml") && robots.contains("Disallow: /*?"));
    let index = site.get("/sitemap.xml").await?.text;
    let parts: Vec<&str> = index
        .split("<loc>")
        .skip(1)
        .filter_map(|it| it.split("</loc>").next())
        .collect();
    assert_eq!(parts.len(), 2, "{index}");
    let mut all = String::new();
    for part in parts {
        let part = site.get(part).await?;
        assert_eq!(part.status, StatusCode::OK);
        all.push_str(&part.text);
    }
    for language in LANGUAGES {
        for id in &ids {
            assert!(
                all.contains(&format!("<loc>/{language}/record/{id}</loc>")),
                "{language} {id}"
            );
        }
        assert!(all.contains(&format!("<loc>/{language}/country/KEN</loc>")));
        assert!(all.contains(&format!(
            "hreflang=\"{language}\" href=\"/{language}/event\""
        )));
    }
    for missing in ["/sitemap/x.xml", "/sitemap/pages", "/sitemap/00-0.xml"] {
        assert_eq!(
            site.get(missing).await?.status,
            StatusCode::NOT_FOUND,
            "{missing}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_publisher_writes_is_text_in_every_file() -> Result<()> {
    let long = "w".repeat(60_000);
    let evil =
        r#"=cmd|'/c calc'!A1 </title></script><script>alert(1)</script> }} \r\nATTACH:x ]]>"#;
    let record = format!(
        r#"{{"external_id": "evil", "title": [{{"language": "en", "text": "{}"}}],
            "summary": [{{"language": "en", "text": "{long}"}}], "attribution": "=1+1",
            "event": {{"state": "EVENT_STATE_PLANNED", "period": {{"start": {{"value": "2027-03-05"}}}},
                       "location": {{"name": [{{"language": "en", "text": "{}"}}]}}}}}}"#,
        evil.replace("\\r\\n", " "),
        evil.replace("\\r\\n", " "),
    );
    let (_node, site, ids) = with(&[record]).await?;
    let table = site.get("/en/event.csv").await?.text;
    assert!(
        table.contains("'=cmd|") && table.contains("'=1+1"),
        "formulas are text"
    );
    let feed = site.get("/en/event.atom").await?.text;
    assert!(
        !feed.contains("<script") && feed.contains("&lt;script&gt;"),
        "{feed}"
    );
    assert!(feed.len() < 10_000, "a long text is cut");
    let calendar = unfolded(&site.get("/en/event.ics").await?.text);
    assert!(
        calendar.iter().all(|line| !line.starts_with("ATTACH")),
        "{calendar:#?}"
    );
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    assert_eq!(
        page.matches("<script").count(),
        1,
        "the block of data alone"
    );
    assert_eq!(page.matches("</script>").count(), 1);
    assert!(
        linked(&page)?["name"]["@value"]
            .as_str()
            .or(linked(&page)?["name"][0]["@value"].as_str())
            .is_some()
    );
    for form in ["bib", "ris", "jsonld", "json"] {
        let file = site.get(&format!("/en/record/{}.{form}", ids[0])).await?;
        assert_eq!(file.status, StatusCode::OK, "{form}");
        assert!(
            !file.text.contains("\nER  - x") && !file.text.contains("\nATTACH"),
            "{form}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_observations_of_series_are_rows_of_a_table_of_their_own() -> Result<()> {
    let series = |id: &str, country: &str| {
        format!(
            r#"{{"external_id": "{id}", "countries": ["{country}"],
                "title": [{{"language": "en", "text": "S"}}],
                "series": {{"indicator_code": "UNSD:X", "unit": "percent", "observations": [
                    {{"period": "2019", "value": "21.8", "sex": "female"}},
                    {{"period": "2020", "value": "{id}"}}]}}}}"#
        )
    };
    let (_node, site, ids) = with(&[series("1", "KEN"), series("2", "ALB")]).await?;
    let table = site.get("/en/series.observations.csv?country=KEN").await?;
    assert_eq!(table.status, StatusCode::OK);
    let name = table.headers[header::CONTENT_DISPOSITION].to_str()?;
    // No import takes it for a file beside the table of the records, which has them too.
    let start = "attachment; filename=\"series-observations_KEN";
    assert!(name.starts_with(start), "{name}");
    let found = rows(&table.text);
    assert_eq!(found.len(), 2, "{}", table.text);
    for (row, value) in found.iter().zip(["2019,21.8,female", "2020,1,"]) {
        assert!(row.starts_with(&format!("{},1,1,", ids[0])), "{row}");
        assert!(row.contains(",KEN,UNSD:X,,,percent,"), "{row}");
        assert!(row.contains(value), "{row}");
    }
    let all = site.get("/en/series.observations.csv").await?;
    assert_eq!(rows(&all.text).len(), 4);
    let one = site
        .get(&format!("/fr/record/{}/1.observations.csv", ids[1]))
        .await?;
    assert_eq!(rows(&one.text).len(), 2);
    // It is offered where series are.
    for page in ["series?country=KEN", &format!("record/{}", ids[0])] {
        let page = site.get(&format!("/fr/{page}")).await?;
        assert!(
            page.text.contains("Observations (CSV)</a>"),
            "{}",
            page.text
        );
    }
    let readme = site.get("/en/series.readme.txt?country=KEN").await?;
    let there = "at /en/series.observations.csv?country=KEN";
    assert!(readme.text.contains(there), "{}", readme.text);
    // Years choose series, each with all its observations, and the readme says so.
    let says = "choose records, not values";
    assert!(!readme.text.contains(says), "{}", readme.text);
    let years = "?from=2020&to=2020";
    let readme = site.get(&format!("/en/series.readme.txt{years}")).await?;
    assert!(readme.text.contains(says), "{}", readme.text);
    let table = site
        .get(&format!("/en/series.observations.csv{years}"))
        .await?;
    assert_eq!(rows(&table.text).len(), 4, "{}", table.text);
    for other in [
        "event.observations.csv",
        "series.sources.csv",
        "record.observations.csv",
    ] {
        let answer = site.get(&format!("/en/{other}")).await?;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{other}");
    }
    let wrong = site
        .get("/en/series.observations.csv?country=Kenja")
        .await?;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(
        wrong
            .text
            .contains("/en/series.observations.csv?country=KEN")
    );
    Ok(())
}
