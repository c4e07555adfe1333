//! How an answer is framed: the headers that are asked for alone, and what is not sent again.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use http::{Method, header};
use http_body_util::BodyExt as _;
use tokio::sync::watch;
use wpsx_tests::federation::join;

use super::{
    files::{asked, event, events, publish, with},
    *,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_headers_that_are_asked_for_alone_are_those_of_the_whole_answer() -> Result<()> {
    let (_node, site, ids) = with(&events(3)).await?;
    let record = format!("/en/record/{}", ids[0]);
    for path in [
        "/en",
        "/style.css",
        "/icon.svg",
        "/robots.txt",
        "/sitemap.xml",
        "/en/event",
        "/en/event.csv",
        "/en/event.json",
        "/en/event.xlsx",
        "/en/event.atom",
        "/en/network",
        "/en/nothing",
        "/en/event.csv?colour=red",
        &record,
        &format!("{record}.xlsx"),
        &format!("{record}.json"),
    ] {
        for encoding in ["gzip", "identity"] {
            let accepted = [(header::ACCEPT_ENCODING, encoding)];
            let whole = asked(&site, Method::GET, path, &accepted).await?;
            let alone = asked(&site, Method::HEAD, path, &accepted).await?;
            assert_eq!(alone.status(), whole.status(), "{path}");
            for name in [
                header::ETAG,
                header::VARY,
                header::CONTENT_TYPE,
                header::CACHE_CONTROL,
                header::CONTENT_ENCODING,
                header::CONTENT_LANGUAGE,
                header::CONTENT_DISPOSITION,
                header::LINK,
                header::ACCESS_CONTROL_ALLOW_ORIGIN,
                header::CONTENT_SECURITY_POLICY,
            ] {
                assert_eq!(
                    alone.headers().get(&name),
                    whole.headers().get(&name),
                    "{path}: {name}"
                );
            }
            let is_there = whole.status() == StatusCode::OK;
            assert_eq!(
                whole.headers().contains_key(header::ETAG),
                is_there,
                "{path}"
            );
            let told = alone.headers().get(header::CONTENT_LENGTH).cloned();
            assert!(alone.into_body().collect().await?.to_bytes().is_empty());
            let bytes = whole.into_body().collect().await?.to_bytes().len();
            if let Some(told) = told {
                assert_eq!(told.to_str()?, bytes.to_string(), "{path}");
            }
        }
    }
    // A stylesheet is one for all readers, however it is packed.
    let style = asked(&site, Method::GET, "/style.css", &[]).await?;
    assert_eq!(style.headers()[header::VARY], "accept-encoding");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn for_the_headers_of_a_workbook_none_is_made() -> Result<()> {
    let (node, site, _) = with(&events(12)).await?;
    // It could not be made: what it takes has no room.
    let small = Site::made(&node, |site| site.with_workbooks_of(1_000, 300));
    let head = asked(&small, Method::HEAD, "/en/event.xlsx", &[]).await?;
    assert_eq!(head.status(), StatusCode::OK);
    let whole = asked(&small, Method::GET, "/en/event.xlsx", &[]).await?;
    assert_eq!(whole.status(), StatusCode::NOT_ACCEPTABLE);
    let head = asked(&site, Method::HEAD, "/en/event.xlsx?country=Kenja", &[]).await?;
    assert_eq!(head.status(), StatusCode::BAD_REQUEST);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_says_what_it_has_by_any_list_of_tags_or_by_a_star() -> Result<()> {
    let (_node, site, _) = with(&events(3)).await?;
    for path in ["/en/event", "/style.css", "/en"] {
        // Packed it is the same answer, and it is not sent again to who wants it unpacked.
        let packed = [(header::ACCEPT_ENCODING, "gzip")];
        let first = asked(&site, Method::GET, path, &packed).await?;
        let tag = first.headers()[header::ETAG].to_str()?.to_owned();
        let strong = tag.trim_start_matches("W/").to_owned();
        for seen in [
            tag.clone(),
            strong.clone(),
            format!("\"a,b\",{tag}"),
            format!("W/\"other\" , {strong},\"x\""),
            "*".to_owned(),
        ] {
            for method in [Method::GET, Method::HEAD] {
                let has = [(header::IF_NONE_MATCH, seen.as_str())];
                let again = asked(&site, method, path, &has).await?;
                assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}: {seen}");
                assert_eq!(again.headers()[header::ETAG], tag.as_str());
                assert!(again.headers().contains_key(header::CACHE_CONTROL));
                assert!(again.headers().contains_key(header::VARY));
            }
        }
        let lists = [
            (header::IF_NONE_MATCH, "\"first\""),
            (header::IF_NONE_MATCH, strong.as_str()),
        ];
        let again = asked(&site, Method::GET, path, &lists).await?;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
        for other in ["\"x\"", &strong[1..], "", "W/"] {
            let has = [(header::IF_NONE_MATCH, other)];
            let again = asked(&site, Method::GET, path, &has).await?;
            assert_eq!(again.status(), StatusCode::OK, "{path}: {other}");
        }
    }
    let star = [(header::IF_NONE_MATCH, "*")];
    let nothing = asked(&site, Method::GET, "/en/nothing", &star).await?;
    assert_eq!(nothing.status(), StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_of_one_state_of_the_records_while_they_change() -> Result<()> {
    let node = TestNode::start("a").await?;
    publish(&node, &events(1)).await?;
    node.node().records().index().settled(&node.own()?).await?;
    let site = Site::of(&node);
    let (mut tagged, mut seen) = (0, BTreeSet::new());
    // What was last shown: who publishes waits for it now and then, so that
    // pages are made between and amid what changes on any machine.
    let (shows, mut shown) = watch::channel(0_usize);
    let publishing = async {
        for number in 0..40 {
            if number % 4 == 0 {
                shown.wait_for(|figure| *figure > number).await?;
            }
            publish(
                &node,
                &[event(&format!("x-{number}"), "PLANNED", "2027-03-05")],
            )
            .await?;
        }
        Ok::<_, anyhow::Error>(())
    };
    let reading = async {
        // Until enough were made of one state, however busy the machine is.
        for _ in 0..10_000 {
            if tagged > 200 && seen.last() == Some(&41) {
                break;
            }
            let page = site.get("/en/event").await?;
            let text = &page.text;
            let figure = text.split("<p class=\"figure\"><strong>").nth(1);
            let figure = figure
                .and_then(|it| it.split('<').next())
                .context("a figure")?;
            let figure: usize = figure.parse()?;
            seen.insert(figure);
            shows.send_replace(figure);
            if page.headers.contains_key(header::ETAG) {
                tagged += 1;
                let rows = text.matches("<tr role=\"row\"").count() - 1;
                assert_eq!(rows, figure, "the rows are of another state");
                let all = format!("{figure} record");
                assert!(
                    text.contains(&format!("Download ({all}")),
                    "{figure}: {text}"
                );
            }
            tokio::task::yield_now().await;
        }
        Ok::<_, anyhow::Error>(())
    };
    tokio::try_join!(publishing, reading)?;
    assert!(seen.len() >= 10, "it changed meanwhile: {seen:?}");
    assert!(tagged > 200, "{tagged}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_record_a_later_witness_cosigns_has_another_tag() -> Result<()> {
    let (ministry, hub) = (
        TestNode::start("ministry").await?,
        TestNode::start("hub").await?,
    );
    join(&ministry, &hub, true)?;
    let ids = publish(&ministry, &events(1)).await?;
    hub.holds(&ministry.origin(), 1).await?;
    let site = Site::of(&hub);
    let path = format!("/en/record/{}", ids[0]);
    let read = || async {
        let page = site.get(&path).await?;
        let tag = page.headers.get(header::ETAG).cloned();
        Ok::<_, anyhow::Error>((page.text, tag))
    };
    let watcher = TestNode::start("watcher").await?;
    join(&hub, &watcher, true)?;
    // What stands on the page by then, with its tag.
    let mut seen = BTreeMap::new();
    let began = Instant::now();
    let witness = "watcher.example";
    loop {
        anyhow::ensure!(
            began.elapsed() < Duration::from_secs(30),
            "it is not cosigned: {seen:?}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
        // What changes while a page is made leaves that one answer without a tag.
        let (text, Some(tag)) = read().await? else {
            continue;
        };
        let is_seen = text.contains(witness);
        let text = text.split_once("<main").context("a page")?.1.to_owned();
        if let Some(before) = seen.insert(tag.to_str()?.to_owned(), text.clone()) {
            assert_eq!(before, text, "one tag, two pages");
        }
        if is_seen {
            break;
        }
    }
    assert!(seen.len() > 1, "the witness came later");
    Ok(())
}
