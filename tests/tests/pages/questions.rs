//! What can be asked, and where an address that is nearly right leads: by publisher and since
//! when, home, languages and names in another spelling; and the headers of such answers.

use http::{HeaderMap, Method, header};
use wpsx_federation::peers::PayloadFilter;
use wpsx_proto::origin::Origin;
use wpsx_tests::federation::{join, wait_until};

use super::{
    files::{asked, event, events, publish, with},
    *,
};

fn lacks_none(page: &Page, parts: &[&str]) {
    for part in parts {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
}

/// A node with three events of its own publisher and one of another.
async fn two_publishers() -> Result<(TestNode, Site)> {
    let (node, site, _) = with(&events(3)).await?;
    node.add_publisher("ke.example", "Kenya")?;
    let other = draft(&event("other", "HELD", "2026-03-05"))?;
    node.publish_as("ke.example", vec![other]).await?;
    let log = node.replica(&Origin::parse("ke.example/wpsx/public")?);
    let log = log.context("its log")?;
    node.node().records().index().settled(&log).await?;
    Ok((node, site))
}

/// Where an address leads.
async fn leads(site: &Site, path: &str) -> Result<(StatusCode, String)> {
    let answer = asked(site, Method::GET, path, &[]).await?;
    let there = answer.headers().get(header::LOCATION);
    let there = there.map(|it| it.to_str()).transpose()?;
    Ok((answer.status(), there.unwrap_or_default().to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_is_asked_for_on_pages_and_in_files_and_counted_exactly() -> Result<()> {
    let (node, site) = two_publishers().await?;
    let list = site.get("/fr/event").await?;
    lacks_none(
        &list,
        &[
            "<strong>4</strong>",
            // In the form, by name in the reader's language, and among the facets.
            "<option value=\"ke.example\">Kenya (1)</option>",
            "href=\"/fr/event?publisher=a.example\"",
            "<span class=\"count\">3</span>",
        ],
    );
    let asked = site.get("/fr/event?publisher=ke.example").await?;
    assert_eq!(asked.status, StatusCode::OK);
    lacks_none(
        &asked,
        &[
            "<strong>1</strong>",
            "Meeting other",
            "<title>Manifestations · Kenya",
            // It can be taken away, another can be added, and other choices keep it.
            "href=\"/fr/event?publisher=ke.example&amp;publisher=a.example\"",
            "<input type=\"hidden\" name=\"publisher\" value=\"ke.example\">",
            "href=\"/fr/event.csv?publisher=ke.example\"",
            "hreflang=\"ar\" href=\"/ar/event?publisher=ke.example\"",
        ],
    );
    assert!(!asked.text.contains("Meeting e-1"), "{}", asked.text);
    let tag = "<a class=\"tag\" href=\"/fr/event\"";
    lacks_none(&asked, &[tag]);
    // Each file answers the same, and says what it answers.
    for form in ["csv", "json", "jsonl", "atom", "ics"] {
        let file = site
            .get(&format!("/en/event.{form}?publisher=ke.example"))
            .await?;
        assert_eq!(file.status, StatusCode::OK, "{form}");
        assert!(file.text.contains("Meeting other"), "{form}");
        assert!(!file.text.contains("Meeting e-"), "{form}");
        let name = file.headers[header::CONTENT_DISPOSITION].to_str()?;
        assert!(name.contains("event_ke-example"), "{name}");
    }
    for form in ["readme.txt", "atom", "ics", "json"] {
        let file = site
            .get(&format!("/en/event.{form}?publisher=ke.example"))
            .await?;
        lacks_none(&file, &["Publisher: Kenya"]);
    }
    // Over gRPC and on the command line: by publisher, and counted by publishers.
    let typed = node.typed(&["count", "--by", "publisher"]).await?;
    assert_eq!(counted(&typed, "a.example"), Some("3"), "{typed}");
    assert_eq!(counted(&typed, "ke.example"), Some("1"), "{typed}");
    let typed = node
        .typed(&[
            "list",
            "--publisher",
            "ke.example",
            "--columns",
            "source-id",
        ])
        .await?;
    assert!(typed.contains("other") && !typed.contains("e-1"), "{typed}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_that_nobody_knows_is_said_and_one_that_was_meant_is_named() -> Result<()> {
    let (_node, site) = two_publishers().await?;
    for place in ["event", "event.csv", "event.atom", "record"] {
        let page = site
            .get(&format!("/en/{place}?publisher=ke.exmple&status=held"))
            .await?;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{place}");
        let meant = match place.contains('.') {
            true => format!("/en/{place}?status=held&publisher=ke.example"),
            false => format!("href=\"/en/{place}?status=held&amp;publisher=ke.example\""),
        };
        lacks_none(&page, &["ke.exmple is not known here", &meant]);
    }
    // By its name in any case, or by what it alone calls itself, it is the same question.
    for name in ["KE.example", "kenya"] {
        let page = site.get(&format!("/en/event?publisher={name}")).await?;
        assert_eq!(page.status, StatusCode::OK, "{name}");
        lacks_none(
            &page,
            &[
                "<strong>1</strong>",
                "hreflang=\"en\" href=\"/en/event?publisher=ke.example\"",
            ],
        );
        let lines = site
            .get(&format!("/en/event.jsonl?publisher={name}"))
            .await?;
        assert_eq!(lines.text.lines().count(), 1, "{name}");
    }
    // A value of another facet is asked for by its code in any case, and found by its names.
    for asked in [
        "/en/record?status=HELD",
        "/en/event?status=HELD&status=held",
    ] {
        let page = site.get(asked).await?;
        assert_eq!(page.status, StatusCode::OK, "{asked}");
        assert!(page.text.contains("status=held"), "{asked}");
        assert!(
            !page
                .text
                .contains("rel=\"canonical\" href=\"http://a.example/en/event?status=HELD")
        );
        let file = site.get(&asked.replace('?', ".csv?")).await?;
        assert_eq!(file.status, StatusCode::OK, "{asked}");
    }
    for (question, meant) in [
        ("status=Pr%C3%A9vue", "status=planned"),
        ("language=Fran%C3%A7ais", "language=fr"),
    ] {
        let page = site.get(&format!("/en/record?{question}")).await?;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{question}");
        lacks_none(&page, &[&format!("href=\"/en/record?{meant}\"")]);
    }
    let page = site.get("/en/event?publishr=ke.example").await?;
    lacks_none(&page, &["href=\"/en/event?publisher=ke.example\""]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_asks_since_when_in_every_language_and_keeps_it_with_other_choices() -> Result<()>
{
    let (_node, site, _) = with(&events(3)).await?;
    for (language, label) in LANGUAGES.into_iter().zip([
        "New or changed since",
        "Nouvelles ou modifiées depuis le",
        "Nuevas o modificadas desde el",
        "Новые или изменённые с",
        "الجديد أو المعدّل منذ",
        "新增或更改起始日期",
    ]) {
        let page = site.get(&format!("/{language}/event")).await?;
        let field = format!(
            "<label>{label} <small dir=\"ltr\">2026-01-31</small>\
             <input type=\"text\" name=\"changed\" size=\"10\" dir=\"ltr\"></label>"
        );
        lacks_none(&page, &[&field]);
    }
    let page = site.get("/en/event?changed=2020-01-02").await?;
    lacks_none(
        &page,
        &[
            "<input type=\"text\" name=\"changed\" size=\"10\" dir=\"ltr\" value=\"2020-01-02\">",
            "<details open>",
            "<strong>3</strong>",
            "href=\"/en/event?country=KEN&amp;changed=2020-01-02\"",
        ],
    );
    assert_eq!(page.text.matches("name=\"changed\"").count(), 1);
    let readme = site.get("/en/event.readme.txt?changed=2020-01-02").await?;
    lacks_none(&readme, &["new or changed since 2 January 2020"]);
    let name = readme.headers[header::CONTENT_DISPOSITION].to_str()?;
    assert!(name.contains("since-2020-01-02"), "{name}");
    // A day that no clock reaches is after all that there is, and not none.
    let last = site.get("/en/event?changed=9999-12-31").await?;
    lacks_none(&last, &["No record fits"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn home_leads_what_asks_for_less_to_the_list_and_loses_no_word_of_it() -> Result<()> {
    let (node, site, _) = with(&events(3)).await?;
    for (path, there) in [
        ("/?country=KEN", "/en?country=KEN"),
        ("/?utm_source=x", "/en?utm_source=x"),
        ("/en?country=KEN", "/en/record?country=KEN"),
        (
            "/ar?words=plan&colour=red",
            "/ar/record?words=plan&colour=red",
        ),
        (
            "/en?region=AU&sort=title",
            "/en/record?region=AU&sort=title",
        ),
        ("/en?publisher=a.example", "/en/record?publisher=a.example"),
        ("/en?changed=2026-01-01", "/en/record?changed=2026-01-01"),
        ("/en?colour=red", ""),
        ("/en?utm_source=x", ""),
        ("/en?region=all", ""),
    ] {
        assert_eq!(leads(&site, path).await?.1, there, "{path}");
    }
    let scope = wpsx_observatory::Scope::find("African Union", &Vocabularies::shipped())?;
    let scoped = super::with(&node, |settings| settings.scope = Some(scope));
    for (path, there) in [
        ("/en?region=AU", ""),
        ("/en?region=all", ""),
        ("/en?region=EU", "/en/record?region=EU"),
        ("/en?words=x", "/en/record?region=AU&words=x"),
    ] {
        assert_eq!(leads(&scoped, path).await?.1, there, "{path}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_its_language_in_another_spelling_leads_to_the_page() -> Result<()> {
    let (_node, site, ids) = with(&events(3)).await?;
    let record = format!("/EN-us/record/{}/1.csv", ids[0]);
    let there = format!("/en/record/{}/1.csv", ids[0]);
    for (path, there) in [
        ("/EN", "/en"),
        ("/zh-Hans", "/zh"),
        ("/FR/event?country=KEN", "/fr/event?country=KEN"),
        ("/en-GB/event.csv?country=KEN", "/en/event.csv?country=KEN"),
        ("/es_MX/network", "/es/network"),
        (&record, &there),
    ] {
        let (status, led) = leads(&site, path).await?;
        assert_eq!(
            (status, led.as_str()),
            (StatusCode::PERMANENT_REDIRECT, there)
        );
        assert_eq!(site.get(there).await?.status, StatusCode::OK, "{there}");
    }
    // The list is named with all that was asked.
    for (path, meant) in [
        (
            "/evnt?country=KEN&sort=title",
            "/en/event?country=KEN&amp;sort=title",
        ),
        ("/en/evnt?country=KEN", "/en/event?country=KEN"),
        ("/records?country=KEN", "/en/record?country=KEN"),
    ] {
        let page = site.get(path).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        lacks_none(&page, &[&format!("href=\"{meant}\"")]);
    }
    assert_eq!(site.get("/de").await?.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_or_a_date_that_is_nearly_right_names_all_that_may_be_meant() -> Result<()> {
    let (_node, site, _) = with(&events(3)).await?;
    for (question, meant) in [
        (
            "since=2018-05",
            vec![
                "href=\"/en/event?from=2018&amp;to=2100\"",
                "href=\"/en/event?changed=2018-05-01\"",
            ],
        ),
        (
            "since=then",
            vec!["<code>from</code>", "<code>changed</code>"],
        ),
        (
            "changed=2018",
            vec!["href=\"/en/event?changed=2018-01-01\""],
        ),
        (
            "to=2018-05-01",
            vec!["href=\"/en/event?from=1900&amp;to=2018\""],
        ),
        (
            "changed=2026-11-29T09:30",
            vec!["href=\"/en/event?changed=2026-11-29\""],
        ),
        (
            "kind=national-action-plan&country=KEN",
            vec!["href=\"/en/national-action-plan?country=KEN\""],
        ),
    ] {
        let page = site.get(&format!("/en/event?{question}")).await?;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{question}");
        lacks_none(&page, &meant);
        let file = site.get(&format!("/en/event.csv?{question}")).await?;
        assert_eq!(file.status, StatusCode::BAD_REQUEST, "{question}");
        for link in meant {
            let there = link
                .strip_prefix("href=\"")
                .and_then(|it| it.strip_suffix('"'));
            let there = there.map(|it| it.replace('?', ".csv?").replace("&amp;", "&"));
            lacks_none(&file, &[there.as_deref().unwrap_or("  from\n  changed\n")]);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_done_at_an_address_is_said_the_same_in_every_answer() -> Result<()> {
    let (_node, site, _) = with(&events(1)).await?;
    for path in [
        "/",
        "/en",
        "/en/event",
        "/en/event.csv",
        "/style.css",
        "/healthz",
    ] {
        let said = |answer: &HeaderMap| answer[header::ALLOW].clone();
        let refused = asked(&site, Method::POST, path, &[]).await?;
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let options = asked(&site, Method::OPTIONS, path, &[]).await?;
        assert_eq!(said(refused.headers()), said(options.headers()), "{path}");
        assert_eq!(
            options.headers()[header::ACCESS_CONTROL_ALLOW_METHODS],
            said(options.headers())
        );
        for method in said(options.headers()).to_str()?.split(", ") {
            let answer = asked(&site, method.parse()?, path, &[]).await?;
            assert!(!answer.status().is_client_error(), "{method} {path}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_is_not_well_formed_is_passed_over() -> Result<()> {
    let (_node, site, _) = with(&events(1)).await?;
    for (accepted, there) in [
        ("fr;q=0.5;x=1, es;q=0.1", "/es"),
        ("fr;q=inf, ru;q=nan, ar;q=1.5, zh;q=0.1", "/zh"),
        ("fr;q=0.5, ar;q=0.6", "/ar"),
        (";;,,q", "/en"),
    ] {
        let headers = [(header::ACCEPT_LANGUAGE, accepted)];
        let answer = asked(&site, Method::GET, "/", &headers).await?;
        assert_eq!(answer.headers()[header::LOCATION], there, "{accepted}");
    }
    for accepted in [
        "text/csv;q=inf",
        "text/csv;q=2",
        "text/csv;q=nan, text/html;q=0.1",
    ] {
        let headers = [(header::ACCEPT, accepted)];
        let answer = asked(&site, Method::GET, "/en/event", &headers).await?;
        assert_eq!(answer.status(), StatusCode::OK, "{accepted}");
    }
    // Of a part of an answer nothing is promised, so all of it is sent.
    for range in ["bytes=0-10", "bytes=5-1", "lines=1"] {
        let headers = [(header::RANGE, range)];
        let answer = asked(&site, Method::GET, "/en/event.csv", &headers).await?;
        assert_eq!(answer.status(), StatusCode::OK, "{range}");
    }
    for encoding in [
        "gzip;q=0",
        "gzip;q=nan",
        "br;q=0.5;x=1",
        "identity;q=0, *;q=0",
    ] {
        let headers = [(header::ACCEPT_ENCODING, encoding)];
        let answer = asked(&site, Method::GET, "/en/event", &headers).await?;
        assert!(
            !answer.headers().contains_key(header::CONTENT_ENCODING),
            "{encoding}"
        );
    }
    Ok(())
}

/// The time at which a feed says that it changed last.
fn updated(feed: &Page) -> Result<&str> {
    let (_, rest) = feed.text.split_once("<updated>").context("a time")?;
    Ok(rest.split_once("</updated>").context("its end")?.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_without_changes_says_a_time_that_is_true() -> Result<()> {
    let node = TestNode::start("a").await?;
    let site = Site::of(&node);
    // Nothing was ever published: since when there is a publisher at all.
    let empty = site.get("/en/event.atom").await?;
    assert!(updated(&empty)? > "2020", "{}", empty.text);
    publish(&node, &events(2)).await?;
    let newest = site.get("/en/event.atom").await?;
    let newest = updated(&newest)?;
    assert!(newest >= updated(&empty)?, "{newest}");
    for path in [
        "/en/law.atom",
        "/en/event.atom?country=FRA",
        "/en/country/FRA.atom",
    ] {
        let feed = site.get(path).await?;
        assert!(!feed.text.contains("<entry>"), "{path}");
        assert_eq!(updated(&feed)?, newest, "{path}");
    }
    // What was imported as history is no news, and is there.
    let calendar = site.get("/en/event.ics?country=FRA").await?;
    assert!(!calendar.text.contains("1970"), "{}", calendar.text);
    Ok(())
}

/// The tags of pages and files as they are now; none of one that changed while it was made.
async fn tags(site: &Site, paths: &[String]) -> Result<Vec<Option<String>>> {
    let mut tags = Vec::new();
    for path in paths {
        let tag = site.get(path).await?.headers.get(header::ETAG).cloned();
        tags.push(tag.map(|tag| tag.to_str().map(str::to_owned)).transpose()?);
    }
    Ok(tags)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cosignature_changes_the_tags_of_what_shows_it_and_no_others() -> Result<()> {
    let (ministry, hub) = (
        TestNode::start("ministry").await?,
        TestNode::start("hub").await?,
    );
    let watcher = TestNode::start("watcher").await?;
    join(&ministry, &hub, true)?;
    let ids = publish(&ministry, &events(1)).await?;
    hub.holds(&ministry.origin(), 1).await?;
    let federation = hub.node().federation().clone();
    let site = Site::made(&hub, |site| {
        site.with_network(hub.node().public_network())
            .with_cosigners(move || federation.cosigners())
    });
    let lists = [
        "/en/event",
        "/en/event.csv",
        "/en/country/KEN",
        "/sitemap.xml",
    ]
    .map(str::to_owned);
    let [page, proof] = ["", ".tlog-proof"].map(|form| format!("/en/record/{}{form}", ids[0]));
    let json = format!("/en/record/{}.json", ids[0]);
    let records = [&lists[..], &[json]].concat();
    let shows = [page, proof];
    let cosigner = "watcher.example";
    // The network's page changes once: it says who has seen a log, and not each state of it.
    let network = ["/en/network".to_owned()];
    let unseen = tags(&site, &network).await?;
    assert!(!site.get(&network[0]).await?.text.contains(cosigner));
    join(&hub, &watcher, true)?;
    let is_cosigned = || async {
        let text = site.get(&shows[0]).await?.text;
        let main = text.split_once("<main").context("a page")?.1.to_owned();
        Ok::<_, anyhow::Error>(main.contains(cosigner))
    };
    // Until a state is read before the witness has seen it.
    for round in 0..50 {
        let size = round + 2;
        publish(
            &ministry,
            &[event(&format!("x-{round}"), "HELD", "2026-03-05")],
        )
        .await?;
        hub.holds(&ministry.origin(), size).await?;
        let log = hub.replica(&ministry.origin()).context("its replica")?;
        hub.node().records().index().settled(&log).await?;
        let before = (tags(&site, &records).await?, tags(&site, &shows).await?);
        if is_cosigned().await? || before.0.contains(&None) {
            continue;
        }
        let began = std::time::Instant::now();
        while !is_cosigned().await? {
            anyhow::ensure!(began.elapsed().as_secs() < 30, "nobody cosigns");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert_eq!(
            tags(&site, &records).await?,
            before.0,
            "records are the same"
        );
        let after = tags(&site, &shows).await?;
        for ((after, before), path) in after.iter().zip(&before.1).zip(&shows) {
            assert_ne!(after, before, "{path} shows who has seen it");
        }
        while !site.get(&network[0]).await?.text.contains(cosigner) {
            anyhow::ensure!(began.elapsed().as_secs() < 30, "the network's page is old");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert_ne!(tags(&site, &network).await?, unseen);
        return Ok(());
    }
    anyhow::bail!("each state was cosigned before it was read")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_an_erasure_and_a_publisher_change_the_tag_of_a_list() -> Result<()> {
    let (node, site, ids) = with(&events(2)).await?;
    let path = ["/en/event".to_owned(), "/en/event.csv".to_owned()];
    let mut seen = vec![tags(&site, &path).await?];
    publish(&node, &[event("new", "HELD", "2026-03-05")]).await?;
    seen.push(tags(&site, &path).await?);
    publish(&node, &[event("new", "CANCELLED", "2026-03-05")]).await?;
    seen.push(tags(&site, &path).await?);
    node.typed(&["erase", &ids[0], "--reason", "legal", "--yes"])
        .await?;
    node.node().records().index().settled(&node.own()?).await?;
    wait_until(|| node.own().is_ok_and(|log| log.holes().erased > 0)).await?;
    seen.push(tags(&site, &path).await?);
    node.add_publisher("ke.example", "Kenya")?;
    seen.push(tags(&site, &path).await?);
    for (at, tags) in seen.iter().enumerate() {
        assert!(!tags.contains(&None), "{at}");
        assert!(!seen[..at].contains(tags), "{at}: {seen:?}");
        for (path, tag) in path.iter().zip(tags) {
            let tag = tag.as_deref().unwrap_or_default();
            let has = [(header::IF_NONE_MATCH, tag)];
            let again = asked(&site, Method::GET, path, &has).await?;
            let is_newest = at + 1 == seen.len();
            assert_eq!(
                again.status() == StatusCode::NOT_MODIFIED,
                is_newest,
                "{at}"
            );
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_was_not_held_and_comes_changes_the_tag_of_a_list() -> Result<()> {
    let (ministry, hub) = (
        TestNode::start("ministry").await?,
        TestNode::start("hub").await?,
    );
    publish(&ministry, &events(2)).await?;
    let plans_alone = PayloadFilter {
        kinds: vec![1],
        countries: vec![],
    };
    ministry.add(&hub, false)?;
    hub.add_with(&ministry, false, plans_alone)?;
    hub.reaches(&ministry.origin(), 2).await?;
    let log = hub.replica(&ministry.origin()).context("its replica")?;
    wait_until(|| log.holes().total() == 2).await?;
    hub.node().records().index().settled(&log).await?;
    let site = Site::of(&hub);
    let paths = ["/en/event", "/en/event.csv", "/en/country/KEN"].map(str::to_owned);
    let with_holes = tags(&site, &paths).await?;
    hub.add_with(&ministry, false, PayloadFilter::default())?;
    wait_until(|| log.holes().total() == 0).await?;
    hub.node().records().index().settled(&log).await?;
    for ((path, before), after) in paths.iter().zip(with_holes).zip(tags(&site, &paths).await?) {
        assert!(before.is_some() && after.is_some(), "{path}");
        assert_ne!(before, after, "{path}");
    }
    Ok(())
}
