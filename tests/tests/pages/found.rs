//! What leads on from a page and back: its files, the way above it, and what was meant by an
//! address that nobody understands.

use super::{
    files::{event, linked, publish, with},
    *,
};

fn lacks_none(page: &Page, parts: &[&str]) {
    for part in parts {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
}

/// The way back of a page, as its links and what stands at its end.
fn trail(page: &Page) -> Result<(Vec<String>, String)> {
    let nav = page
        .text
        .split_once("<nav class=\"trail\"")
        .context("a way back")?
        .1;
    let nav = nav.split_once("</nav>").context("it ends")?.0;
    assert!(nav.starts_with(" aria-label=\""), "{nav}");
    let links = nav.split("href=\"").skip(1);
    let links = links
        .filter_map(|it| it.split('"').next())
        .map(str::to_owned);
    let here = nav
        .split_once("aria-current=\"page\"")
        .context("the page itself")?
        .1;
    let here = here.split_once("<bdi>").context("a name")?.1;
    let here = here.split_once("</bdi>").context("it ends")?.0;
    Ok((links.collect(), here.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_records_leads_to_its_files_and_each_of_them_is_there() -> Result<()> {
    let organisation = r#"{"external_id": "o", "title": [{"language": "en", "text": "The office"}], "organisation": {}}"#;
    let named = r#"{"external_id": "n", "countries": ["KEN"], "themes": ["mediation"],
        "title": [{"language": "en", "text": "Plan"}],
        "national_action_plan": {"lead_bodies": [{"name": [{"language": "en", "text": "Office"}], "record": {"external_id": "o"}}]}}"#;
    let records = [organisation, named].map(str::to_owned);
    let (_node, site, ids) =
        with(&[&records[..], &[event("e", "PLANNED", "2027-03-05")]].concat()).await?;
    let organisation = format!("organisation/{}", ids[0]);
    let all: &[&str] = &["jsonl", "json", "atom", "readme.txt"];
    let table: &[&str] = &["csv", "xlsx", "jsonl", "json", "atom", "readme.txt"];
    let events: &[&str] = &["csv", "xlsx", "jsonl", "json", "atom", "ics", "readme.txt"];
    for (path, question, forms) in [
        ("event", "?country=KEN", events),
        ("national-action-plan", "", table),
        ("record", "", all),
        ("record", "?country=KEN&sort=title", all),
        ("country/KEN", "", all),
        ("region/AU", "", all),
        ("theme/mediation", "", all),
        (organisation.as_str(), "", all),
    ] {
        let page = site.get(&format!("/en/{path}{question}")).await?;
        let body = page.text.split_once("<main").context("a page")?.1;
        for form in forms {
            let href = format!("/en/{path}.{form}{question}");
            let link = format!("href=\"{}\"", href.replace('&', "&amp;"));
            assert!(body.contains(&link), "{link} is not in {body}");
            assert_eq!(site.get(&href).await?.status, StatusCode::OK, "{href}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_leads_back_to_what_is_above_it() -> Result<()> {
    let organisation = r#"{"external_id": "o", "title": [{"language": "fr", "text": "Bureau"}], "organisation": {}}"#;
    let (node, site, ids) = with(&[PLAN.to_owned(), organisation.to_owned()]).await?;
    publish(&node, &[PLAN.replace("2024", "2026")]).await?;
    let (plan, office) = (
        format!("/en/record/{}", ids[0]),
        format!("/en/record/{}", ids[1]),
    );
    let plans = "/en/national-action-plan";
    for (path, above, here) in [
        (
            "/en/national-action-plan".to_owned(),
            vec![],
            "National action plans",
        ),
        (
            plan.clone(),
            vec![plans, "/en/country/KEN"],
            "Second plan of Kenya",
        ),
        (
            format!("{plan}/1"),
            vec![plans, "/en/country/KEN", &plan],
            "Revision 1",
        ),
        (
            format!("{plan}/history"),
            vec![plans, "/en/country/KEN", &plan],
            "History",
        ),
        (
            "/en/country/KEN".to_owned(),
            vec!["/en/country", "/en/region/014"],
            "Kenya",
        ),
        (
            "/en/region/AU".to_owned(),
            vec!["/en/region"],
            "African Union",
        ),
        (
            "/en/theme/mediation".to_owned(),
            vec!["/en/theme"],
            "Mediation",
        ),
        (
            format!("/en/organisation/{}", ids[1]),
            vec!["/en/organisation"],
            "Bureau",
        ),
        ("/en/method/event".to_owned(), vec!["/en/method"], "Events"),
    ] {
        let page = site.get(&path).await?;
        let (links, last) = trail(&page)?;
        let home = ["/en"];
        let wanted: Vec<&str> = home.into_iter().chain(above).collect();
        assert_eq!(links, wanted, "{path}");
        assert!(last.starts_with(here), "{path}: {last}");
        for link in links {
            assert_eq!(site.get(&link).await?.status, StatusCode::OK, "{link}");
        }
    }
    let region = trail(&site.get("/en/region/014").await?)?.0;
    assert!(region.contains(&"/en/region/002".to_owned()), "{region:?}");
    lacks_none(
        &site.get(&office).await?,
        &["<span aria-current=\"page\" lang=\"fr\"><bdi>Bureau</bdi></span>"],
    );
    let data = linked(&site.get(&plan).await?.text)?;
    let way = &data["mainEntityOfPage"]["breadcrumb"];
    assert_eq!(way["@type"], "BreadcrumbList");
    let steps = way["itemListElement"].as_array().context("steps")?;
    assert_eq!(steps.len(), 4, "{way}");
    assert_eq!(steps[1]["item"]["@id"], plans);
    assert_eq!(
        (&steps[3]["position"], &steps[3]["item"]["@id"]),
        (&4.into(), &plan.clone().into())
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_in_an_address_names_what_was_meant_and_keeps_the_form() -> Result<()> {
    let (_node, site, _) = with(&[event("e", "HELD", "2027-03-05")]).await?;
    for (question, meant) in [
        ("country=Kenja", "country=KEN"),
        ("country=KEM", "country=KEN"),
        ("region=Afrcan+Union", "region=AU"),
        ("region=Kenja", "country=KEN"),
    ] {
        // The page and its files say the same; so does the first page.
        for place in [
            "event",
            "event.csv",
            "event.json",
            "event.atom",
            "event.ics",
            "events.ics",
        ] {
            let page = site
                .get(&format!("/en/{place}?{question}&status=held"))
                .await?;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{place}?{question}");
            assert!(page.headers.get("etag").is_none());
            if place != "event" {
                let place = place.replace("events", "event");
                let link = format!("/en/{place}?{meant}&status=held");
                lacks_none(&page, &["is not known here", &link]);
                assert!(!page.text.contains("<main"), "{place}");
                continue;
            }
            let link = format!("href=\"/en/event?{meant}&amp;status=held\"");
            lacks_none(
                &page,
                &[
                    "is not known here",
                    &link,
                    "<form class=\"ask\"",
                    "<option value=\"KEN\">Kenya (1)",
                ],
            );
        }
        let first = site.get(&format!("/en?{question}")).await?;
        assert_eq!(first.status, StatusCode::BAD_REQUEST, "{question}");
        lacks_none(&first, &[&format!("href=\"/en/record?{meant}\"")]);
    }
    // The form asks again without what nobody knows.
    let page = site.get("/en/event?region=Hogwarts&status=held").await?;
    assert!(!page.text.contains("value=\"Hogwarts\""), "{}", page.text);
    lacks_none(
        &page,
        &["<input type=\"hidden\" name=\"status\" value=\"held\">"],
    );
    for (path, meant) in [
        ("/en/country/Kenja", "/en/country/KEN"),
        ("/en/country/KEM.json", "/en/country/KEN"),
        ("/fr/region/Afrcan%20Union", "/fr/region/AU"),
        ("/en/theme/meditation", "/en/theme/mediation"),
    ] {
        let page = site.get(path).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        lacks_none(&page, &[&format!("\"{meant}\"")]);
    }
    let page = site.get("/en/region/Hogwarts.json").await?;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn what_is_no_event_is_in_no_calendar() -> Result<()> {
    let (_node, site, _) = with(&[event("e", "HELD", "2027-03-05")]).await?;
    for path in [
        "/en/event.ics",
        "/en/events.ics",
        "/en/law.ics",
        "/en/record.ics",
    ] {
        let expected = match path.contains("event") {
            true => StatusCode::OK,
            false => StatusCode::NOT_FOUND,
        };
        assert_eq!(site.get(path).await?.status, expected, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_code_that_nobody_has_given_is_no_country() -> Result<()> {
    let (_node, site, _) = with(&[event("e", "HELD", "2027-03-05")]).await?;
    for (code, expected) in [
        ("QQQ", StatusCode::NOT_FOUND),
        ("ZZZ", StatusCode::NOT_FOUND),
        ("XKX", StatusCode::OK),
        ("KEN", StatusCode::OK),
    ] {
        let page = site.get(&format!("/en/country/{code}")).await?;
        assert_eq!(page.status, expected, "{code}");
    }
    Ok(())
}

#[tokio::test]
async fn an_event_of_one_day_has_no_unknown_end() -> Result<()> {
    let (_node, site, _) = with(&[event("e", "HELD", "2027-03-05")]).await?;
    let page = site.get("/en/event").await?;
    lacks_none(&page, &["5 March 2027"]);
    assert!(!page.text.contains("not known"), "{}", page.text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn other_forms_are_offered_of_a_page_that_is_there_and_each_of_them_is_there() -> Result<()> {
    const OFFER: &str = "It is there as:";
    let (_node, site, ids) = with(&[event("e", "HELD", "2027-03-05")]).await?;
    let record = format!("record/{}", ids[0]);
    for (page, form) in [
        ("event", "pdf"),
        ("law", "ics"),
        ("series", "ics"),
        ("country/KEN", "ics"),
        (&record, "docx"),
        (&record, "observations.csv"),
        (&format!("{record}/1"), "atom"),
    ] {
        let answer = site.get(&format!("/en/{page}.{form}")).await?;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}.{form}");
        if form != "pdf" && form != "docx" {
            // Who asks for a file reads no page.
            let told = answer.headers["content-type"].to_str()?;
            assert!(told.starts_with("text/plain"), "{page}.{form}: {told}");
            let links = answer.text.lines().filter(|line| line.starts_with('/'));
            let links: Vec<&str> = links.collect();
            assert!(links.len() > 5, "{page}.{form}");
            for path in links {
                assert_eq!(site.get(path).await?.status, StatusCode::OK, "{path}");
            }
            continue;
        }
        lacks_none(&answer, &[OFFER]);
        let (_, offered) = answer.text.split_once(OFFER).unwrap_or_default();
        let begin = format!("href=\"/en/{page}");
        let links: Vec<&str> = offered.split(&begin).skip(1).collect();
        assert!(links.len() > 5, "{page}.{form}");
        let itself = format!("href=\"/en/{page}\"");
        assert_eq!(answer.text.matches(&itself).count(), 1, "{page}.{form}");
        for link in links {
            let rest = link.split('"').next().unwrap_or_default();
            let path = format!("/en/{page}{rest}");
            assert_eq!(site.get(&path).await?.status, StatusCode::OK, "{path}");
        }
    }
    for page in [
        &format!("{record}/99.json"),
        &format!("{record}/history.csv"),
        "record/00.json",
        "organisation/nato.csv",
        &format!("organisation/{}x.csv", ids[0]),
        "country/ZZZ.csv",
        "region/999.csv",
        "theme/xxx.csv",
    ] {
        let answer = site.get(&format!("/en/{page}")).await?;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
        for offer in [OFFER, "The page itself"] {
            assert!(!answer.text.contains(offer), "{page}");
        }
    }
    Ok(())
}
