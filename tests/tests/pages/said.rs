//! What the pages and their files say of themselves: who published what, that a site is a trial,
//! who is cited, and how a proof is checked.

use anyhow::{Context as _, Result, ensure};
use axum::body::{Body, to_bytes};
use http::Request;
use tower::ServiceExt as _;
use wpsx_domain::publishing::Became;
use wpsx_sheets::{Options, Workbooks, read};
use wpsx_words::Language;

use super::{
    PLAN, Site, draft,
    record::{has, published, with},
    with as with_settings,
};

const NOTICE: &str = "A trial; do not cite";
/// What an import is told: who published a row, where and when is not its own to say.
const PROVENANCE: [&str; 6] = [
    "publisher",
    "log_origin",
    "publish_time",
    "revision_address",
    "taken_back",
    "payload",
];

async fn bytes(site: &Site, path: &str) -> Result<Vec<u8>> {
    let request = Request::get(path).body(Body::empty())?;
    let response = site.0.clone().oneshot(request).await?;
    ensure!(
        response.status().is_success(),
        "{path}: {}",
        response.status()
    );
    Ok(to_bytes(response.into_body(), 16 << 20).await?.to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downloaded_table_says_of_each_row_who_published_it_and_comes_back_as_nothing_to_do()
-> Result<()> {
    let licensed = PLAN.replacen('{', r#"{"licence": "CC-BY-4.0", "#, 1);
    let (node, _, ids) = with(&[&licensed]).await?;
    let site = with_settings(&node, |settings| {
        settings.base = Some("https://wps.example.org".to_owned());
    });
    let folder = node.folder();
    let address = format!("https://wps.example.org/en/record/{}/1", ids[0]);
    let own = node.own()?;
    for (name, path) in [
        ("list.csv", "/en/national-action-plan.csv".to_owned()),
        ("one.csv", format!("/en/record/{}.csv", ids[0])),
        ("list.xlsx", "/en/national-action-plan.xlsx".to_owned()),
        ("one.xlsx", format!("/en/record/{}.xlsx", ids[0])),
        ("list.jsonl", "/en/national-action-plan.jsonl".to_owned()),
    ] {
        let bytes = bytes(&site, &path).await?;
        let file = folder.join(name);
        std::fs::write(&file, &bytes)?;
        if name.ends_with(".csv") {
            let text = String::from_utf8(bytes)?;
            let header = text.lines().next().unwrap_or_default();
            ensure!(
                header.contains(&format!(",{},", PROVENANCE.join(","))),
                "{header}"
            );
            let (title, origin) = (own.identity().title(), own.origin());
            ensure!(
                text.contains(&format!(",plan-1,{title},{origin},20")),
                "{text}"
            );
            ensure!(text.contains(&format!("Z,{address},")), "{text}");
            ensure!(
                header.contains(",licence,") && text.contains(",CC-BY-4.0,"),
                "{text}"
            );
        }
        let options = Options {
            workbooks: Workbooks::Here,
            ..Options::default()
        };
        let drafts = read(&file, &options)?.drafts;
        ensure!(drafts.len() == 1, "{name}: {} drafts", drafts.len());
        let done = node.publish(drafts).await?;
        ensure!(
            done.records[0].became == Became::Unchanged,
            "{name}: {done:?}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_a_trial_says_so_on_every_page_in_every_file_and_in_citations() -> Result<()>
{
    let (node, _, ids) = with(&[PLAN]).await?;
    let site = with_settings(&node, |settings| {
        settings.notice = [
            (Language::English, NOTICE.to_owned()),
            (Language::French, "Un essai".to_owned()),
        ]
        .into_iter()
        .collect();
    });
    let record = format!("/en/record/{}", ids[0]);
    for path in [
        "/en",
        "/en/national-action-plan",
        "/en/network",
        "/en/method",
        "/en/accessibility",
        "/en/styleguide",
        "/en/country/KEN",
        "/en/nothing-here",
        "/en/national-action-plan.readme.txt",
        "/en/national-action-plan.json",
        "/en/national-action-plan.atom",
        &record,
        &format!("{record}.bib"),
        &format!("{record}.ris"),
    ] {
        let text = site.get(path).await?.text;
        ensure!(text.contains(NOTICE), "{path} does not say so: {text}");
    }
    let french = site.get("/fr").await?.text;
    ensure!(
        french.contains("Un essai") && !french.contains(NOTICE),
        "{french}"
    );
    // In a language that nobody wrote it in, it is marked.
    let arabic = site.get("/ar").await?.text;
    let marked = format!("<span lang=\"en\" dir=\"auto\">{NOTICE}</span>");
    ensure!(arabic.contains(&marked), "{arabic}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_is_named_with_the_same_marks_on_every_page() -> Result<()> {
    let kept = PLAN.replace(
        "\"themes\"",
        r#""custody": {"countries": ["KEN"]}, "themes""#,
    );
    let erased =
        r#"{"external_id": "gone", "law": {}, "title": [{"language": "en", "text": "Law"}]}"#;
    let (node, _, ids) = with(&[&kept, erased]).await?;
    let site = Site::made(&node, |site| {
        site.with_network(node.node().public_network())
    });
    node.typed(&["erase", &ids[1], "--reason", "legal", "--yes"])
        .await?;
    node.node().records().index().settled(&node.own()?).await?;
    let own = node.own()?;
    let (title, name) = (own.identity().title(), own.identity().name());
    let marked = format!("<bdi lang=\"und\" dir=\"auto\">{title}</bdi>");
    for (page, least) in [
        (format!("/fr/record/{}", ids[0]), 3),
        (format!("/fr/record/{}", ids[1]), 1),
        ("/fr/national-action-plan".to_owned(), 1),
        (format!("/fr/national-action-plan?publisher={name}"), 2),
        ("/fr/country/KEN".to_owned(), 1),
        ("/fr/network".to_owned(), 1),
        ("/fr/method".to_owned(), 1),
    ] {
        let text = site.get(&page).await?.text;
        let body = text.split_once("<main").context("a page")?.1;
        // How it is cited is a sentence, and what stands in a choice is text alone.
        let around = body
            .split("<p class=\"citation\"")
            .map(|part| part.split_once("</p>").map_or(part, |(_, rest)| rest));
        let (first, _) = body
            .split_once("<p class=\"citation\"")
            .unwrap_or((body, ""));
        let body = first.to_owned() + &around.skip(1).collect::<String>();
        let said = body.matches(&format!(">{title}<")).count();
        ensure!(said == body.matches(&marked).count(), "{page}: {body}");
        ensure!(said >= least, "{page}: {said} times: {body}");
    }
    Ok(())
}

/// The words of a page, one text behind the other.
fn words_of(page: &str) -> String {
    let body = page.split_once("<body").map_or(page, |(_, body)| body);
    let pieces = body.split('<').map(|piece| piece.split_once('>'));
    pieces.flatten().map(|(_, text)| text).collect()
}

/// A sign of another language than the page's: before it the letters of the page.
fn foreign_sign(text: &str, language: &str) -> Option<String> {
    let of_page = |c: char| match language {
        "ar" => ('\u{620}'..='\u{64a}').contains(&c),
        "zh" => ('\u{4e00}'..='\u{9fff}').contains(&c),
        _ => c.is_alphabetic(),
    };
    let wrong: &[char] = match language {
        "fr" => &[':', ';', '?', '!'],
        "ar" => &[',', ';', '?'],
        _ => &[',', ';', ':', '?'],
    };
    let signs: Vec<char> = text.chars().collect();
    let at = signs
        .windows(3)
        .position(|it| of_page(it[0]) && wrong.contains(&it[1]) && it[2].is_whitespace())?;
    let around = &signs[at.saturating_sub(30)..(at + 20).min(signs.len())];
    Some(around.iter().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_files_are_set_with_the_signs_of_their_own_language() -> Result<()> {
    let event = r#"{"external_id": "e", "countries": ["KEN"], "title": [{"language": "en", "text": "Meeting"}],
        "event": {"state": "EVENT_STATE_PLANNED", "start_time": "09:30",
            "location": {"name": [{"language": "en", "text": "Hall"}], "country": "KEN"},
            "period": {"start": {"value": "2027-03-05"}}}}"#;
    let (node, site, ids) = with(&[PLAN, event]).await?;
    let changed = PLAN.replace("\"2024\"", "\"2026\"");
    published(&node, vec![draft(&changed)?]).await?;
    let id = &ids[0];
    for language in ["fr", "ar", "zh"] {
        for page in [
            "".to_owned(),
            "/event".to_owned(),
            "/event?country=KEN&country=ALB&words=x".to_owned(),
            "/event?country=Atlantis".to_owned(),
            "/national-action-plan".to_owned(),
            "/country/KEN".to_owned(),
            "/network".to_owned(),
            format!("/record/{id}"),
            format!("/record/{id}/1"),
            format!("/record/{id}/history"),
            format!("/record/{}", ids[1]),
            "/event.readme.txt?country=KEN&refers=x".to_owned(),
            "/events.ics".to_owned(),
            "/event.atom".to_owned(),
        ] {
            let text = site.get(&format!("/{language}{page}")).await?.text;
            let text = match page.contains(".ics") || page.contains(".txt") {
                true => text,
                false => words_of(&text),
            };
            ensure!(text.len() > 100, "{language}{page}: {text}");
            let sign = foreign_sign(&text, language);
            ensure!(sign.is_none(), "{language}{page}: {sign:?}");
        }
    }
    let readme = site.get("/fr/event.readme.txt").await?.text;
    has(&readme, &["Source\u{a0}: "]);
    let calendar = site.get("/zh/events.ics").await?.text;
    ensure!(
        calendar.contains("NAME:") && calendar.contains("：活动"),
        "{calendar}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_cited_as_its_states_and_the_publisher_stands_behind() -> Result<()> {
    let (node, site, ids) = with(&[PLAN]).await?;
    let own = node.own()?;
    let publisher = own.identity().title();
    let path = format!("/en/record/{}", ids[0]);
    let bib = site.get(&format!("{path}.bib")).await?.text;
    ensure!(bib.starts_with("@techreport{wpsx-"), "{bib}");
    ensure!(bib.contains("author = {{Kenya}}"), "{bib}");
    ensure!(bib.contains("year = {2020}"), "{bib}");
    ensure!(bib.contains(&format!(" by {publisher} on ")), "{bib}");
    let ris = site.get(&format!("{path}.ris")).await?.text;
    ensure!(
        ris.contains("TY  - GOVDOC\r\n") && ris.contains("AU  - Kenya\r\n"),
        "{ris}"
    );
    let page = site.get(&path).await?.text;
    let cited = page
        .split("class=\"citation\"")
        .nth(1)
        .context("a citation")?;
    ensure!(
        cited.starts_with("><bdi>Kenya</bdi> (<bdi>2020</bdi>)."),
        "{cited}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_that_checks_a_proof_works_as_its_page_shows_it() -> Result<()> {
    let (node, site, ids) = with(&[PLAN]).await?;
    let path = format!("/en/record/{}", ids[0]);
    let page = site.get(&path).await?.text;
    let shown = page
        .split("<code>wpsx check-proof ")
        .nth(1)
        .context("a command")?;
    let shown = shown.split("</code>").next().unwrap_or_default();
    let [proof, flag, card] = shown.split(' ').collect::<Vec<_>>()[..] else {
        anyhow::bail!("{shown}");
    };
    ensure!(flag == "--card", "{shown}");
    // The file is called so when it is downloaded, and the page says how to call the card.
    ensure!(page.contains(&format!("download=\"{proof}\"")), "{page}");
    ensure!(page.contains(&format!("Save it as {card}.")), "{page}");
    let link = page
        .split(".tlog-proof\" download")
        .next()
        .unwrap_or_default();
    let link = link.rsplit("href=\"").next().unwrap_or_default();
    let file = |name: &str| node.folder().join(name);
    std::fs::write(
        file(proof),
        bytes(&site, &format!("{link}.tlog-proof")).await?,
    )?;
    std::fs::write(file(card), node.typed(&["card"]).await?)?;
    let [proof, card] = [proof, card].map(|name| file(name).display().to_string());
    let told = node.typed(&["check-proof", &proof, flag, &card]).await?;
    ensure!(told.contains(&ids[0][..8]), "{told}");
    // The node that signs is no witness, though it cosigns its own heads.
    let is_seen = told.contains("seen by") || told.contains("Not checked");
    ensure!(!is_seen, "{told}");
    Ok(())
}
