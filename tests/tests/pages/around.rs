//! What every page has around its content, and the pages about the site itself.

use anyhow::{Context as _, Result};
use http::{Method, StatusCode, header};
use wpsx_proto::record::Kind;
use wpsx_words::{Vocabularies, Words, top_fields};

use super::{LANGUAGES, files::asked, site, with};

/// Every address of this site that a page links to.
fn links(text: &str) -> Vec<&str> {
    let parts = text.split("href=\"/").skip(1);
    let paths = parts.filter_map(|part| part.split(['"', '#']).next());
    paths.filter(|path| !path.is_empty()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_about_the_site_are_there_in_six_languages_and_each_of_their_links_leads_somewhere()
-> Result<()> {
    let (_node, site, _) = site().await?;
    for language in LANGUAGES {
        for name in ["method", "accessibility", "styleguide", "method/record"] {
            let page = site.get(&format!("/{language}/{name}")).await?;
            assert_eq!(page.status, StatusCode::OK, "{language}/{name}");
            assert!(page.text.len() < 60 << 10, "{language}/{name}");
            assert!(!page.text.contains("{0}"), "{language}/{name}");
            let gap = page.text.split_once("。 ");
            assert_eq!(gap.map(|(before, _)| before), None, "{language}/{name}");
            if language != "ar" || name == "method/record" {
                continue;
            }
            for link in links(&page.text) {
                let link = link.replace("&amp;", "&");
                let there = site.get(&format!("/{link}")).await?;
                assert_eq!(there.status, StatusCode::OK, "{link}, from {name}");
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_method_says_of_plans_and_of_records_what_it_is_that_they_are_withdrawn_or_superseded()
-> Result<()> {
    let (_node, site, _) = site().await?;
    let page = site.get("/en/method").await?.text;
    let (_, meanings) = page.split_once("What the words mean").context("it says")?;
    let (plans, records) = meanings.split_once("<h3>Records</h3>").context("of both")?;
    let (_, plans) = plans
        .split_once("<h3>National action plans</h3>")
        .context("of plans")?;
    for (part, says) in [
        (plans, "<dt>Superseded</dt><dd>A later edition is known."),
        (plans, "<dt>Suspended · Withdrawn</dt><dd>A source says"),
        (records, "<dt>Withdrawn</dt><dd>This record was withdrawn"),
        (records, "<dt>Superseded</dt><dd>This record was replaced"),
    ] {
        assert!(part.contains(says), "{says} is not in {part}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_has_every_field_of_every_kind_and_every_list_of_codes() -> Result<()> {
    let (_node, site, _) = site().await?;
    let method = site.get("/fr/method").await?.text;
    for kind in Kind::known() {
        assert!(method.contains(&format!("/fr/method/{kind}\"")), "{kind}");
        let page = site.get(&format!("/fr/method/{kind}")).await?;
        assert_eq!(page.status, StatusCode::OK, "{kind}");
        let body = kind.body_field().map(|field| field.kind());
        let body = body.as_ref().and_then(|kind| kind.as_message());
        for field in body.into_iter().flat_map(|body| top_fields(body, None)) {
            let help = Words::shipped().help(&field, wpsx_words::Language::French);
            for said in [
                format!("<code>{}</code>", field.name()),
                escaped(&help.text),
            ] {
                assert!(
                    page.text.contains(&said),
                    "{said} is not on the page of {kind}"
                );
            }
        }
    }
    for name in Vocabularies::shipped().names() {
        let page = site.get(&format!("/fr/vocabulary/{name}")).await?;
        assert_eq!(page.status, StatusCode::OK, "{name}");
    }
    for (tag, language) in LANGUAGES.into_iter().zip(wpsx_words::Language::ALL) {
        assert_eq!(tag, language.tag());
        let page = site
            .get(&format!("/{tag}/method/national-action-plan"))
            .await?
            .text;
        let body = Kind::NATIONAL_ACTION_PLAN
            .body_field()
            .map(|field| field.kind());
        let body = body.as_ref().and_then(|kind| kind.as_message());
        for field in body.into_iter().flat_map(|body| top_fields(body, None)) {
            let help = Words::shipped().help(&field, language);
            assert!(!help.is_fallback, "{tag}: {}", field.name());
            let cell = format!("<td>{}</td>", escaped(&help.text));
            assert!(page.contains(&cell), "{cell} is not there");
        }
    }
    let missing = site.get("/fr/vocabulary/nothing").await?;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_names_itself_in_every_language_and_keeps_the_question() -> Result<()> {
    let (node, site, _) = site().await?;
    let page = site.get("/fr/event?country=ALB&sort=title").await?.text;
    for (language, path) in LANGUAGES
        .iter()
        .map(|it| (*it, *it))
        .chain([("x-default", "en")])
    {
        let link =
            format!("hreflang=\"{language}\" href=\"/{path}/event?country=ALB&amp;sort=title\"");
        assert!(page.contains(&link), "{link} is not in {page}");
    }
    let outside = with(&node, |settings| {
        settings.base = Some("https://o.example".to_owned())
    });
    let page = outside.get("/fr/event?country=ALB").await?.text;
    for link in [
        "rel=\"canonical\" href=\"https://o.example/fr/event?country=ALB\"",
        "hreflang=\"x-default\" href=\"https://o.example/en/event?country=ALB\"",
    ] {
        assert!(page.contains(link), "{link} is not in {page}");
    }
    Ok(())
}

/// Also on a page that answers no question, and where nothing is.
#[tokio::test(flavor = "multi_thread")]
async fn the_way_to_another_language_leads_to_the_same_address_on_every_page() -> Result<()> {
    let (_node, site, id) = site().await?;
    let record = format!("record/{id}?from=a");
    let history = format!("record/{id}/history?from=");
    let revision = format!("record/{id}/1?x=1");
    for path in [
        "network?country=KEN",
        "method?x=1",
        "method/event?x=1",
        "vocabulary/themes?x=1",
        "accessibility?x=1",
        "styleguide?x=1",
        "country?x=1",
        "country/KEN?utm_source=x",
        "event?country=KEN&colour=red",
        "nowhere?x=1",
        &record,
        &history,
        &revision,
    ] {
        let page = site.get(&format!("/en/{path}")).await?.text;
        let there = format!("href=\"/fr/{}\" lang=\"fr\"", path.replace('&', "&amp;"));
        assert!(page.contains(&there), "{path}: {there} is not in {page}");
        // What a page does not answer is no part of its name.
        let own = page.split("rel=\"canonical\" href=\"").nth(1);
        let own = own
            .and_then(|own| own.split('"').next())
            .unwrap_or_default();
        assert!(
            !own.contains("=x") && !own.contains("x=1") && !own.contains("colour"),
            "{path}: {own}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_where_no_page_is_has_no_name_and_says_the_address_that_was_asked() -> Result<()>
{
    let (node, site, _) = site().await?;
    for path in ["/en/nowhere?x=1", "/nowhere", "/fr/country/QQQ"] {
        let page = site.get(path).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        for part in ["rel=\"canonical\"", "rel=\"alternate\""] {
            assert!(!page.text.contains(part), "{path}: {part}");
        }
        let foot = page
            .text
            .split_once("class=\"address\"")
            .context("its address")?
            .1;
        assert!(foot.contains(path), "{path}: {foot}");
    }
    let outside = with(&node, |settings| {
        settings.contact = Some("wps@o.example".to_owned());
        settings.base = Some("https://o.example".to_owned());
    });
    let page = outside.get("/en/nowhere?x=1").await?.text;
    let mail = "body=https%3A%2F%2Fo.example%2Fen%2Fnowhere%3Fx%3D1";
    assert!(page.contains(mail), "{page}");
    assert!(page.contains("https://o.example/en/nowhere?x=1"), "{page}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_its_language_leads_to_the_readers() -> Result<()> {
    let (_node, site, _) = site().await?;
    for path in [
        "/styleguide",
        "/network",
        "/accessibility",
        "/events.ics",
        "/event.csv?country=ALB",
        "/event?country=KEN&sort=title",
        "/record",
        "/record.json",
        "/country",
        "/country/ALB",
        "/country/ALB.json",
        "/method/event",
        "/vocabulary/themes",
    ] {
        let accepted = [(header::ACCEPT_LANGUAGE, "fr")];
        let answer = asked(&site, Method::GET, path, &accepted).await?;
        assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT, "{path}");
        let varies = answer.headers()[header::VARY].to_str()?;
        assert!(varies.contains("accept-language"), "{path}: {varies}");
        let there = answer.headers()[header::LOCATION].to_str()?;
        assert_eq!(there, format!("/fr{path}"));
        assert_eq!(site.get(there).await?.status, StatusCode::OK, "{there}");
    }
    // What is nowhere leads nowhere, and nothing to another site.
    for path in ["/evnt", "/event.docx", "/law.ics", "//event", "/de/event"] {
        let page = site.get(path).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
    for (path, meant) in [
        ("/en/styleguid", "/en/styleguide"),
        ("/fr/accessibilite", "/fr/accessibility"),
    ] {
        let page = site.get(path).await?;
        let ways = page.text.split_once("<ul class=\"ways\">").context(path)?.1;
        let first = ways.split("href=\"").nth(1);
        let first = first.and_then(|it| it.split('"').next());
        assert_eq!(first, Some(meant), "{path}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_there_for_who_asks_for_it_by_the_name_that_browsers_know() -> Result<()> {
    let (_node, site, _) = site().await?;
    let [mark, icon] = [
        site.get("/favicon.ico").await?,
        site.get("/icon.svg").await?,
    ];
    assert_eq!((mark.status, &mark.text), (StatusCode::OK, &icon.text));
    assert_eq!(mark.headers[header::CONTENT_TYPE], "image/svg+xml");
    assert_eq!(mark.headers[header::CACHE_CONTROL], "public, max-age=86400");
    assert!(mark.headers.contains_key(header::CONTENT_SECURITY_POLICY));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_use_a_page_can_write_a_mail_that_names_it() -> Result<()> {
    let (node, site, _) = site().await?;
    assert!(!site.get("/en/event").await?.text.contains("mailto:"));
    let reached = with(&node, |settings| {
        settings.contact = Some("wps@o.example".to_owned());
        settings.base = Some("https://o.example".to_owned());
    });
    let about = "mailto:wps@o.example?body=https%3A%2F%2Fo.example%2Fen%2F";
    for page in ["event", "accessibility"] {
        let page = reached.get(&format!("/en/{page}")).await?.text;
        assert!(page.contains(about), "{about} is not in {page}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_style_guide_measures_each_colour_of_the_stylesheet() -> Result<()> {
    let (_node, site, _) = site().await?;
    let guide = site.get("/en/styleguide").await?.text;
    // Ink on white, as the formula of WCAG 2.2 has it.
    assert!(guide.contains("<code>#1a1c20</code>"), "{guide}");
    assert!(
        guide.contains("17.1:1") || guide.contains("17.0:1"),
        "{guide}"
    );
    let style = site.get("/style.css").await?.text;
    assert!(style.contains("#1a1c20"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_style_guide_shows_every_component_of_the_pages_in_every_language() -> Result<()> {
    let (_node, site, _) = site().await?;
    for language in ["en", "fr", "es", "ru", "ar", "zh"] {
        let guide = site.get(&format!("/{language}/styleguide")).await?.text;
        for component in [
            "<form class=\"ask\"",
            "<nav class=\"tags\"",
            "<section class=\"choices\"",
            "<nav class=\"pages\"",
            "<p class=\"files\"",
            "<ul class=\"files\"",
            "<table class=\"list ",
            "<ol class=\"records\"",
            "<table class=\"claims ",
            "<table class=\"beside ",
            "<div class=\"scroll\"",
            "<dl class=\"now\"",
            "<dl class=\"changes\"",
            "<ol class=\"history\"",
            "<ol class=\"sources\"",
            "<section class=\"custody\"",
            "<section id=\"proof\"",
            "<p class=\"citation\"",
            "<section class=\"log\"",
            "<code>bad-proof</code>",
        ] {
            assert!(
                guide.contains(component),
                "{language}: {component} is not in {guide}"
            );
        }
        // Each sort of note, and what may have been meant by a page that is not there.
        assert!(guide.matches("role=\"note\"").count() >= 8, "{guide}");
        assert!(
            guide.contains(&format!(
                "<li><a href=\"/{language}/national-action-plan\">"
            )),
            "{guide}"
        );
    }
    Ok(())
}
