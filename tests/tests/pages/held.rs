//! What files hold of what nobody wants to hold, and when they say that it is too much.

use std::sync::Arc;

use super::{
    files::{asked, event, events, publish, with},
    *,
};
use http::{Method, header};

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_past_its_limits_says_so_and_names_the_table() -> Result<()> {
    let (node, site, _) = with(&events(12)).await?;
    assert!(site.get("/en/event.xlsx").await?.text.starts_with("PK"));
    for (rows, bytes) in [(12, u64::MAX), (1_000, 300)] {
        let site = Site::made(&node, |site| site.with_workbooks_of(rows, bytes));
        let page = site.get("/fr/event.xlsx?country=KEN").await?;
        assert_eq!(page.status, StatusCode::NOT_ACCEPTABLE);
        assert!(page.headers.get(header::ETAG).is_none());
        // Whoever reads it with a program reads no page.
        assert_eq!(
            page.headers[header::CONTENT_TYPE],
            "text/plain; charset=utf-8"
        );
        for part in [
            "Trop de fiches pour un classeur\n",
            "\n/fr/event.csv?country=KEN\n",
            "\n/fr/event?country=KEN\n",
        ] {
            assert!(page.text.contains(part), "{part} is not in {}", page.text);
        }
        assert!(!page.text.contains('<'), "{}", page.text);
        assert!(site.get("/en/event.csv").await?.text.lines().count() > 12);
    }
    let site = Site::made(&node, |site| site.with_workbooks_of(13, 1 << 20));
    assert_eq!(site.get("/en/event.xlsx").await?.status, StatusCode::OK);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_holds_whatever_a_publisher_writes() -> Result<()> {
    let long = |part: &str| part.repeat(65_000 / part.len());
    for (n, text) in ["=1+1", &long("w"), &long("="), &long("a "), &long("= ")]
        .into_iter()
        .enumerate()
    {
        let title = serde_json::Value::from(text);
        let record = event(&format!("x-{n}"), "PLANNED", "2027-03-05").replace(
            "\"countries\"",
            &format!(r#""summary": [{{"language": "en", "text": {title}}}], "countries""#),
        );
        let (_node, site, ids) = with(&[record]).await?;
        for path in [
            "/en/event.xlsx".to_owned(),
            format!("/en/record/{}.xlsx", ids[0]),
        ] {
            let book = site.get(&path).await?;
            assert_eq!(book.status, StatusCode::OK, "{n}: {path}");
            assert!(book.text.starts_with("PK"), "{n}: {path}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_day_or_with_a_further_witness_is_another_file() -> Result<()> {
    let (node, _, ids) = with(&events(2)).await?;
    let day = Arc::new(std::sync::atomic::AtomicU64::new(1_790_000_000_000));
    let clock = day.clone();
    let site = Site::made(&node, |site| {
        site.with_clock(Arc::new(move || {
            clock.load(std::sync::atomic::Ordering::Relaxed)
        }))
    });
    let tag = |path: String| {
        let site = &site;
        async move {
            let answer = asked(site, Method::GET, &path, &[]).await?;
            Ok::<_, anyhow::Error>(answer.headers()[header::ETAG].to_str()?.to_owned())
        }
    };
    let readme = || "/en/event.readme.txt".to_owned();
    let first = tag(readme()).await?;
    assert_eq!(tag(readme()).await?, first);
    day.fetch_add(24 * 3_600_000, std::sync::atomic::Ordering::Relaxed);
    assert_ne!(tag(readme()).await?, first, "it says of which day it is");
    let page = || format!("/en/record/{}", ids[0]);
    let before = tag(page()).await?;
    publish(&node, &[event("other", "PLANNED", "2027-03-05")]).await?;
    assert_ne!(
        tag(page()).await?,
        before,
        "it is proven under another head"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_in_the_language_of_its_address_and_says_so() -> Result<()> {
    let (_node, site, _) = with(&events(1)).await?;
    for (path, language, words) in [
        ("/fr/event.readme.txt?region=AU", "fr", "Union africaine"),
        ("/ar/event.json?region=AU", "ar", "الاتحاد الأفريقي"),
        ("/es/event.atom?region=AU", "es", "Unión Africana"),
    ] {
        let file = site.get(path).await?;
        assert_eq!(file.headers[header::CONTENT_LANGUAGE], language, "{path}");
        assert!(file.text.contains(words), "{words} is not in {}", file.text);
    }
    let door = asked(
        &site,
        Method::GET,
        "/nothing",
        &[(header::ACCEPT_LANGUAGE, "fr")],
    )
    .await?;
    assert!(
        door.headers()[header::VARY]
            .to_str()?
            .contains("accept-language")
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_accepts_a_form_is_sent_to_it_and_a_browser_is_not() -> Result<()> {
    let (_node, site, ids) = with(&events(2)).await?;
    let record = format!("/en/record/{}", ids[0]);
    for (path, accepted, location) in [
        (
            "/en/event?country=KEN",
            "text/csv",
            Some("/en/event.csv?country=KEN".to_owned()),
        ),
        (&record, "application/json", Some(format!("{record}.json"))),
        ("/en/event", "text/html, */*;q=0.8", None),
        ("/en/event.csv", "application/json", None),
    ] {
        let answer = asked(&site, Method::GET, path, &[(header::ACCEPT, accepted)]).await?;
        let there = answer.headers().get(header::LOCATION);
        let there = there.map(|it| it.to_str().map(str::to_owned)).transpose()?;
        assert_eq!(there, location, "{path}: {accepted}");
        let varies = answer.headers()[header::VARY].to_str()?;
        assert_eq!(
            varies.contains("accept,"),
            !path.contains(".csv"),
            "{path}: {varies}"
        );
        if let Some(location) = there {
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            assert_eq!(
                site.get(&location).await?.status,
                StatusCode::OK,
                "{location}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_address_of_a_record_in_a_file_leads_to_the_page_in_the_readers_language() -> Result<()>
{
    let (_node, site, ids) = with(&events(1)).await?;
    let path = format!("/record/{}", ids[0]);
    let answer = asked(
        &site,
        Method::GET,
        &path,
        &[(header::ACCEPT_LANGUAGE, "fr")],
    )
    .await?;
    assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
    let there = answer.headers()[header::LOCATION].to_str()?;
    assert_eq!(there, format!("/fr{path}"));
    assert_eq!(site.get(there).await?.status, StatusCode::OK);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_a_slash_at_its_end_leads_to_the_one_without_and_to_no_other_site()
-> Result<()> {
    let (_node, site, _) = with(&events(1)).await?;
    for (path, there) in [
        ("/en/", Some("/en")),
        ("/en/record/", Some("/en/record")),
        ("/en/event/?country=KEN", Some("/en/event?country=KEN")),
        ("//elsewhere.example/", None),
        ("/\\elsewhere.example/", None),
        ("//", None),
    ] {
        let answer = asked(&site, Method::GET, path, &[]).await?;
        let location = answer.headers().get(header::LOCATION);
        let location = location.map(|it| it.to_str()).transpose()?;
        assert_eq!(location, there, "{path}");
        let status = match there {
            Some(_) => StatusCode::PERMANENT_REDIRECT,
            None => StatusCode::NOT_FOUND,
        };
        assert_eq!(answer.status(), status, "{path}");
    }
    // What steers a terminal or ends a text is no word.
    let page = site.get("/en/record?words=a%00b%1b").await?;
    assert!(!page.text.contains(['\0', '\u{1b}']), "{}", page.text);
    Ok(())
}
