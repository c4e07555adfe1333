//! How pages are served: the site's own settings, errors, the network, and while a node writes.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::{
    Router,
    body::{Body, to_bytes},
};
use http::{Request, StatusCode};
use tower::ServiceExt as _;
use wpsx_observatory::{Logo, Observatory, Scope, Settings, router};
use wpsx_tests::federation::{TestNode, join, practices};
use wpsx_words::Vocabularies;

use super::{Site, draft, site};

#[tokio::test(flavor = "multi_thread")]
async fn a_site_shows_its_name_its_colour_and_its_scope_with_the_way_to_all() -> Result<()> {
    let (node, _, _) = site().await?;
    let vocabularies = Vocabularies::shipped();
    let english = wpsx_words::Language::English;
    let settings = Settings {
        title: [(english, "The Network".to_owned())].into_iter().collect(),
        accent: Some("#7a0019".parse()?),
        contact: Some("wps@example.org".to_owned()),
        base: Some("https://wps.example.org".to_owned()),
        logo: Some(Logo::check("<svg></svg>".into())?),
        scope: Some(Scope::find("African Union", &vocabularies)?),
        ..Settings::default()
    };
    let app = node.node();
    let site = Observatory::new(
        app.records().clone(),
        app.access().clone(),
        vocabularies,
        settings,
    );
    let site = Site(router(site));
    let home = site.get("/en").await?.text;
    assert!(
        home.contains("The Network") && home.contains("/logo.svg"),
        "{home}"
    );
    assert!(home.contains("African Union"), "{home}");
    assert!(home.contains("href=\"/en?region=all\""), "{home}");
    let arabic = site.get("/ar").await?.text;
    assert!(
        arabic.contains("<span lang=\"en\" dir=\"auto\">The Network</span>"),
        "{arabic}"
    );
    let list = site.get("/en/event").await?.text;
    assert!(
        list.contains("Meeting 1") && !list.contains("Meeting 0"),
        "{list}"
    );
    assert!(list.contains("href=\"/en/event?region=all\""), "{list}");
    // The file of the same address has the same records, and so has a link that was sent.
    let lines = site.get("/en/event.jsonl").await?.text;
    assert_eq!(lines.lines().count(), 1, "{lines}");
    let all = site.get("/en/event?region=all").await?.text;
    assert!(
        all.contains("Meeting 0") && all.contains("Meeting 2"),
        "{all}"
    );
    let named = site.get("/en/event?country=ALB").await?.text;
    assert!(named.contains("Meeting 0"), "{named}");
    let style = home
        .split("href=\"/style.css")
        .nth(1)
        .context("a stylesheet")?;
    let style = style.split('"').next().context("its address")?;
    let css = site.get(&format!("/style.css{style}")).await?;
    assert!(
        css.text.contains("--accent: light-dark(#7a0019, "),
        "{}",
        css.text
    );
    assert_eq!(
        site.get("/logo.svg").await?.headers["content-type"],
        "image/svg+xml"
    );
    assert_eq!(site.get("/logo.png").await?.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leads_nowhere_says_what_may_have_been_meant() -> Result<()> {
    let (_node, site, id) = site().await?;
    for (path, meant) in [
        ("/en/evnts", "/en/event"),
        ("/en/Events", "/en/event"),
        ("/en/national-action-plans", "/en/national-action-plan"),
        ("/en/kenya", "/en/country/KEN"),
        (
            format!("/en/record/{}", &id[..10]).as_str(),
            format!("/en/record/{id}").as_str(),
        ),
    ] {
        let page = site.get(path).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        let link = format!("href=\"{meant}\"");
        assert!(
            page.text.contains(&link),
            "{path}: {link} is not in {}",
            page.text
        );
    }
    let page = site.get("/en/%3Cscript%3Ealert(1)%3C%2Fscript%3E").await?;
    assert!(!page.text.contains("<script"), "{}", page.text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_and_a_long_address_are_pages_and_all_answers_are_guarded() -> Result<()> {
    let (_node, site, id) = site().await?;
    let request = Request::post("/fr/event").body(Body::empty())?;
    let response = site.0.clone().oneshot(request).await?;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "GET, HEAD, OPTIONS");
    let page = to_bytes(response.into_body(), 1 << 20).await?;
    assert!(String::from_utf8_lossy(&page).contains("<html lang=\"fr\""));
    let long = site
        .get(&format!("/es/event?words={}", "a".repeat(5_000)))
        .await?;
    assert_eq!(long.status, StatusCode::URI_TOO_LONG);
    assert!(long.text.contains("<html lang=\"es\""), "{}", long.text);
    assert!(!long.text.contains("aaaaaaaaaa"), "it does not repeat it");
    for path in [
        "/",
        "/en",
        "/en/event.csv",
        "/style.css",
        "/healthz",
        "/nothing",
        &format!("/en/record/{id}.json"),
    ] {
        let headers = site.get(path).await?.headers;
        let policy = headers["content-security-policy"].to_str()?;
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "cross-origin"),
        ] {
            assert_eq!(headers[name], value, "{path}");
        }
        assert!(headers.contains_key("permissions-policy"), "{path}");
        assert!(!headers.contains_key("strict-transport-security"), "{path}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_a_file_or_json_is_told_in_a_text_or_json_what_a_page_would_say() -> Result<()>
{
    let (_node, site, _) = site().await?;
    let asked = async |router: &Router, path: &str, accept: &str| {
        let request = Request::get(path).header("accept", accept);
        let response = router.clone().oneshot(request.body(Body::empty())?).await?;
        let (head, body) = response.into_parts();
        let media_type = head.headers["content-type"].to_str()?.to_owned();
        let text = to_bytes(body, 1 << 20).await?;
        anyhow::Ok((head, media_type, String::from_utf8(text.to_vec())?))
    };
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text);
    let missing = "There is no such page here";
    let long = format!("/en/event.csv?words={}", "a".repeat(5_000));
    for (path, accept, begins, status) in [
        ("/en/nothing.csv", "*/*", "text/plain", 404),
        ("/en/nothing.xlsx", "text/html", "text/plain", 404),
        ("/en/nothing.json", "*/*", "application/json", 404),
        ("/en/record/00.jsonl", "*/*", "application/json", 404),
        ("/en/nothing", "application/json", "application/json", 404),
        ("/en/nothing", "application/json, */*", "text/html", 404),
        ("/en/nothing", "*/*", "text/html", 404),
        (&long, "*/*", "text/plain", 414),
    ] {
        let (head, told, text) = asked(&site.0, path, accept).await?;
        assert_eq!(head.status, status, "{path}");
        assert!(told.starts_with(begins), "{path} {accept}: {told}");
        assert!(status != 404 || text.contains(missing), "{path}: {text}");
        if begins.ends_with("json") {
            assert_eq!(json(&text)?["status"], status);
        }
    }
    let (_, _, text) = asked(&site.0, "/fr/evnt.csv", "*/*").await?;
    assert!(text.contains("Cette page n’existe pas ici"), "{text}");
    assert!(text.contains("/fr/event"), "{text}");
    // The same while a node starts, and where there is no room.
    let starts = wpsx_observatory::starting(Settings::default());
    for (path, begins) in [
        ("/en/event.csv", "text/plain"),
        ("/en/event.json", "application/json"),
        ("/en/event", "text/html"),
    ] {
        let (head, told, text) = asked(&starts, path, "*/*").await?;
        assert_eq!(head.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(head.headers.contains_key("retry-after"));
        assert!(told.starts_with(begins), "{path}: {told}: {text}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_network_tells_how_old_and_by_whom_attested_each_log_is() -> Result<()> {
    let (node, _, _) = site().await?;
    let app = node.node();
    let site = Observatory::new(
        app.records().clone(),
        app.access().clone(),
        Vocabularies::shipped(),
        Settings::default(),
    );
    let site = Site(router(site.with_network(app.public_network())));
    let page = site.get("/en/network").await?.text;
    for part in [
        "a.example",
        "Up to date",
        "Attested by",
        "less than a minute",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let home = site.get("/en").await?.text;
    assert!(
        home.contains("1 publisher’s log, with news of each from the last hour."),
        "{home}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_at_a_neighbour_is_soon_on_the_page() -> Result<()> {
    let (ministry, secretariat) = (
        TestNode::start("ministry").await?,
        TestNode::start("hub").await?,
    );
    join(&ministry, &secretariat, true)?;
    ministry.publish(practices("first", 3, 300)).await?;
    secretariat.holds(&ministry.origin(), 3).await?;
    let site = Site::of(&secretariat);
    let mut times = Vec::new();
    for n in 0..5 {
        let title = format!("Meeting in hall {n}");
        let json = format!(
            r#"{{"external_id": "hall-{n}", "title": [{{"language": "en", "text": "{title}"}}],
                "event": {{"state": "EVENT_STATE_PLANNED"}}}}"#
        );
        let began = Instant::now();
        ministry.publish(vec![draft(&json)?]).await?;
        while !site.get("/en/event").await?.text.contains(&title) {
            anyhow::ensure!(
                began.elapsed() < Duration::from_secs(30),
                "{title} did not come"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        times.push(began.elapsed());
    }
    times.sort();
    eprintln!(
        "from publishing at a neighbour to the page: median {:.0?}, most {:.0?}",
        times[2], times[4]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_answered_while_the_node_writes() -> Result<()> {
    let (node, site, id) = site().await?;
    let writing = async {
        node.publish(practices("much", 4_000, 300)).await?;
        anyhow::Ok(())
    };
    let reading = async {
        let mut answered = 0;
        loop {
            for path in ["/en", "/en/event", &format!("/en/record/{id}")] {
                let page = site.get(path).await?;
                anyhow::ensure!(page.status == StatusCode::OK, "{path}: {}", page.status);
            }
            answered += 1;
            if answered == 3 {
                return anyhow::Ok(());
            }
        }
    };
    tokio::pin!(writing, reading);
    tokio::select! {
        biased;
        read = &mut reading => read?,
        _ = &mut writing => panic!("nine pages waited for 4,000 records to be written"),
    }
    writing.await
}
