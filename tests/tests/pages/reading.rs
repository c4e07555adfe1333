//! What a person reads on pages: names instead of codes, numbers as people write them, claims
//! as a table, plans in their order.

use anyhow::{Context as _, Result};
use http::StatusCode;
use wpsx_tests::federation::TestNode;

use super::{
    LANGUAGES, Site, draft,
    files::{events, with as with_events},
    record::{has, part, published, with},
};

pub(super) const INDICATOR: &str = r#"{"external_id": "ind", "title": [{"language": "en", "text": "Seats held by women"}],
    "indicator": {"code": "UNSD:SEATS", "unit": "percent", "direction": "DIRECTION_HIGHER_IS_BETTER",
        "definition": [{"language": "en", "text": "Members of parliament who are women."}],
        "publishers": [{"name": [{"language": "en", "text": "Statistics Division"}]}],
        "targets": [{"value": "50", "unit": "percent", "by": {"value": "2030"}}],
        "flags": [{"flag": "b", "type": "other-year"}, {"flag": "e", "type": "estimate"}]}}"#;

pub(super) fn series(country: &str, values: &str) -> String {
    format!(
        r#"{{"external_id": "s-{country}", "countries": ["{country}"],
            "title": [{{"language": "en", "text": "{country}: UNSD:SEATS", "kind": "TEXT_KIND_DESCRIPTIVE"}}],
            "series": {{"indicator": {{"external_id": "ind"}}, "indicator_code": "UNSD:SEATS", "unit": "percent",
                "period": {{"start": {{"value": "2000"}}, "end": {{"value": "2020"}}}},
                "observations": [{values}]}}}}"#
    )
}

async fn measured() -> Result<(TestNode, Site, Vec<String>)> {
    let kenya = r#"{"period": "2019", "value": "21.5"}, {"period": "2020", "value": "1234567.80", "sex": "female", "flag": "b"},
        {"period": "2020", "value": "99", "sex": "female", "age": "15-49"}"#;
    let albania = r#"{"period": "2018", "value": "28"}, {"period": "2020", "value": ""}"#;
    with(&[INDICATOR, &series("KEN", kenya), &series("ALB", albania)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_is_called_by_its_indicator_its_area_and_its_period_wherever_it_is_named()
-> Result<()> {
    let (_node, site, ids) = measured().await?;
    let name = "<bdi lang=\"en\" dir=\"ltr\">Seats held by women</bdi> · <bdi>Kenya</bdi> · <bdi>2000\u{a0}– 2020</bdi>";
    let record = site.get(&format!("/en/record/{}", ids[1])).await?.text;
    has(
        &record,
        &[
            &format!("<h1>{name}</h1>"),
            "<title>Seats held by women · Kenya · 2000\u{a0}– 2020",
            "Its publisher’s title: <bdi lang=\"en\" dir=\"ltr\">KEN: UNSD:SEATS</bdi>",
        ],
    );
    has(
        &site.get(&format!("/fr/record/{}", ids[2])).await?.text,
        &["<bdi>Albanie</bdi>"],
    );
    // One whose indicator is no record, but is worded.
    let worded = r#"{"external_id": "w", "countries": ["GTM"], "title": [{"language": "en", "text": "GTM: personnel"}],
        "series": {"indicator": {"citation": "Personnel by contributor"}}}"#;
    let (_node, site, ids) = with(&[worded]).await?;
    has(
        &site.get(&format!("/fr/record/{}", ids[0])).await?.text,
        &["Personnel by contributor</bdi> · <bdi>Guatemala</bdi></h1>"],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_series_says_each_part_of_their_names_once_and_no_code() -> Result<()> {
    let (_node, site, ids) = measured().await?;
    let list = site.get("/en/series").await?.text;
    let row = list
        .split("<tr")
        .find(|row| row.contains(&ids[1]))
        .context("the series is in the list")?;
    has(
        row,
        &[
            "Seats held by women",
            "Kenya",
            ">2000<",
            ">2020<",
            "Per cent",
        ],
    );
    for part in ["Seats held by women", "Kenya", ">2000<", ">2020<"] {
        assert_eq!(row.matches(part).count(), 1, "{part}: {row}");
    }
    // On the page of its country, and among records of other kinds.
    for (language, kenya) in [("ar", "كينيا"), ("en", "Kenya")] {
        let country = site.get(&format!("/{language}/country/KEN")).await?.text;
        let country = part(&country, "<ol class=\"records\"");
        assert!(!country.contains(kenya), "{country}");
    }
    let country = site.get("/en/country/KEN").await?.text;
    let country = part(&country, "<ol class=\"records\"");
    let all = site.get("/en/record?country=KEN").await?.text;
    let row = all.split("<tr").find(|row| row.contains(&ids[1]));
    for (row, parts) in [
        (country, &["Seats held by women", ">2000<", ">2020<"][..]),
        (
            row.context("it is in the list of all")?,
            &["Seats held by women", "Kenya", ">2000<", ">2020<"],
        ),
    ] {
        for part in parts {
            assert_eq!(row.matches(part).count(), 1, "{part}: {row}");
        }
    }
    // Where they are counted by their indicator it is called by its title too.
    let asked = site.get("/en/series?indicator=UNSD%3ASEATS").await?.text;
    for page in [&list, &asked] {
        let text = page.split("<main").nth(1).context("it has a content")?;
        let seen: String = text
            .split('<')
            .filter_map(|part| part.split('>').nth(1))
            .collect();
        assert!(!seen.contains("UNSD:SEATS"), "{seen}");
        has(text, &["Seats held by women</bdi></a>"]);
    }
    has(&asked, &["<title>Series · Seats held by women"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_indicator_says_what_it_is_then_its_targets_then_each_areas_newest_value() -> Result<()>
{
    let (_node, site, ids) = measured().await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    let page = &page[page.find("<h1").context("it has a title")?..];
    let order = [
        "Per cent",
        "Statistics Division",
        "Members of parliament who are women.",
        "<h2>Targets</h2>",
        "Newest value of each area",
        "Albania",
        "Kenya",
        "<details class=\"flags\">",
        "Value of another year",
    ];
    let places: Vec<Option<usize>> = order.iter().map(|part| page.find(part)).collect();
    assert!(places.iter().all(Option::is_some), "{places:?} {page}");
    let values = part(page, "id=\"values\"");
    // All its series stand there, and not once more among what refers to it.
    has(values, &["All series of this indicator"]);
    assert!(!page.contains("id=\"referring\""), "{page}");
    // A value of all women counts more than one of those of an age; an empty one is none.
    has(
        values,
        &["1,234,567.80", "2020", "<bdi>28</bdi>", "2018", "<sup>"],
    );
    assert!(!values.contains(">99<"), "{values}");
    assert!(places.is_sorted(), "{places:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_stand_in_groups_of_the_language_at_the_end_of_their_column_and_years_do_not()
-> Result<()> {
    let (_node, site, ids) = measured().await?;
    for (language, number) in [
        ("en", "1,234,567.80"),
        ("fr", "1\u{202f}234\u{202f}567,80"),
        ("es", "1.234.567,80"),
        ("ru", "1\u{a0}234\u{a0}567,80"),
        ("zh", "1,234,567.80"),
    ] {
        let page = site.get(&format!("/{language}/record/{}", ids[1])).await?;
        has(&page.text, &[&format!("<bdi>{number}</bdi>")]);
        has(
            &page.text,
            &["<time datetime=\"2020\">", "class=\"number\" scope=\"col\""],
        );
        for grouped in ["2,020", "2\u{202f}020", "2.020"] {
            assert!(!page.text.contains(grouped), "{grouped}");
        }
    }
    let (_node, site, ids) = with(&[
        r#"{"external_id": "i", "title": [{"language": "en", "text": "T"}],
        "initiative": {"amounts": [{"currency": "EUR", "value": "27680907"}]}}"#,
    ])
    .await?;
    let english = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(&english, &["EUR</abbr>\u{a0}27,680,907"]);
    let french = site.get(&format!("/fr/record/{}", ids[0])).await?.text;
    has(&french, &["27\u{202f}680\u{202f}907\u{a0}<abbr"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_has_no_name_is_marked_as_one_and_says_of_which_list() -> Result<()> {
    let (_node, site, ids) = with(&[
        r#"{"external_id": "x", "title": [{"language": "en", "text": "T"}],
        "themes": ["mediation", "zzz-unheard-of"], "law": {}}"#,
    ])
    .await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(
        &page,
        &[
            "Mediation",
            "<code title=\"a code of “Themes” that has no name here\">zzz-unheard-of</code>",
        ],
    );
    let list = site.get("/fr/law").await?.text;
    has(
        &list,
        &[
            "Médiation",
            "qui n’a pas de nom ici\">zzz-unheard-of</code>",
        ],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_stand_in_a_table_of_what_is_said_by_whom_as_of_when_and_by_which_source()
-> Result<()> {
    let plan = r#"{"external_id": "p", "countries": ["NOR"], "title": [{"language": "en", "text": "Second plan"}],
        "sources": [{"url": "https://own.example/plan"}],
        "claims": [{"field": "period.end", "value": "2013", "sources": [{"url": "https://www.other.example/x"}]},
                   {"field": "period", "value": "2008-2012"},
                   {"field": "status_history", "value": "in force", "made_by": "A ministry", "date": {"value": "2014-02"}}],
        "national_action_plan": {"period": {"end": {"value": "2015"}},
            "status_history": [{"status": "PLAN_STATUS_ADOPTED", "date": {"value": "2011"}},
                               {"status": "PLAN_STATUS_PERIOD_ENDED"}]}}"#;
    let claim = r#"{"external_id": "c", "title": [{"language": "en", "text": "A claim"}],
        "claim": {"about": {"external_id": "p"}, "claims": [{"field": "period.end", "value": "2014"}]}}"#;
    let lost = r#"{"external_id": "l", "title": [{"language": "en", "text": "Another"}],
        "claim": {"about": {"external_id": "gone"}, "claims": [{"field": "period.end", "value": "2016"}]}}"#;
    let (_node, site, ids) = with(&[plan, claim, lost]).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    let claims = part(&page, "id=\"claims\"");
    let heads = ["What is said", "Who says it", "As of", "Source"];
    let places: Vec<_> = heads.iter().map(|head| claims.find(head)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{claims}"
    );
    has(
        claims,
        &[
            // Fields by their labels, values as the record's own.
            "Period – To",
            "<time datetime=\"2013\">",
            "<time datetime=\"2014\">",
            "<time datetime=\"2008\">",
            "In force",
            // Who, when and where, from what is nearest.
            "other.example</bdi>",
            "A ministry",
            "February 2014",
            "https://own.example/plan",
        ],
    );
    // A history is compared by what is so now, and no table stands in a table.
    assert!(
        claims.contains("Period ended") && !claims.contains("Adopted"),
        "{claims}"
    );
    for table in claims.split("<table").skip(1) {
        assert_eq!(table.matches("</table>").count(), 1, "{table}");
    }
    // On its own page a claim is compared in the same way, and no path stands there.
    for (id, year) in [(&ids[1], "2014"), (&ids[2], "2016")] {
        let page = site.get(&format!("/en/record/{id}")).await?.text;
        let claims = part(&page, "id=\"claims\"");
        has(
            claims,
            &["Period – To", &format!("<time datetime=\"{year}\">")],
        );
        assert!(!page.contains(">period.end<"), "{page}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_in_words_and_a_state_of_another_kind_are_named_and_a_state_is_of_its_day()
-> Result<()> {
    let plan = r#"{"external_id": "p", "countries": ["NOR"], "title": [{"language": "en", "text": "Fourth plan"}],
        "facts": [{"name": "announced_by", "values": ["GBR", "Some office"]}],
        "claims": [{"field": "status_history", "value": "planned", "made_by": "NOR", "date": {"value": "2017-09-21"}}],
        "national_action_plan": {"status_history": [{"status": "PLAN_STATUS_IN_FORCE", "as_of": {"value": "2024-04"}}]}}"#;
    let (_node, site, ids) = with(&[plan]).await?;
    for (language, said) in [
        ("en", ["United Kingdom", "Planned", "Norway"]),
        ("fr", ["Royaume-Uni", "Prévue", "Norvège"]),
        ("zh", ["大不列颠", "计划", "挪威"]),
    ] {
        let page = site.get(&format!("/{language}/record/{}", ids[0])).await?;
        has(&page.text, &[said[0], "Some office"]);
        let claims = part(&page.text, "id=\"claims\"");
        has(claims, &said[1..]);
        assert!(!claims.contains(">planned<"), "{claims}");
        let (_, own) = claims.split_once("class=\"own\"").unwrap_or_default();
        let own = own.split("</tr>").next().unwrap_or_default();
        // In the column of when it is said as well as beside what is said.
        assert_eq!(own.matches("datetime=\"2024-04\"").count(), 2, "{own}");
        assert_eq!(own.matches("<time").count(), 2, "{own}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_plan_shows_the_plans_before_and_after_it_in_order() -> Result<()> {
    let plan = |id: &str, country: &str, year: &str| {
        format!(
            r#"{{"external_id": "{id}", "countries": ["{country}"], "title": [{{"language": "en", "text": "Plan {id}"}}],
                "national_action_plan": {{"period": {{"start": {{"value": "{year}"}}}},
                    "status_history": [{{"status": "PLAN_STATUS_ADOPTED"}}]}}}}"#
        )
    };
    let region = |id: &str, acronym: &str, year: &str| {
        format!(
            r#"{{"external_id": "{id}", "organisations": [{{"acronym": "{acronym}"}}], "title": [{{"language": "en", "text": "Plan {id}"}}],
                "regional_action_plan": {{"adopted": {{"value": "{year}"}}}}}}"#
        )
    };
    let all = [
        plan("second", "KEN", "2016"),
        plan("third", "KEN", "2020"),
        plan("first", "KEN", "2011"),
        plan("elsewhere", "ALB", "2018"),
        region("old", "AU", "2010"),
        region("new", "AU", "2019"),
        region("others", "EU", "2015"),
    ];
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (_node, site, ids) = with(&all).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    let editions = part(&page, "id=\"editions\"");
    let order = [
        "Earlier",
        "Plan first",
        "This plan",
        "Plan second",
        "Later",
        "Plan third",
    ];
    let places: Vec<_> = order.iter().map(|part| editions.find(part)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{editions}"
    );
    has(
        editions,
        &[
            "<time datetime=\"2011\">",
            "<time datetime=\"2020\">",
            "Adopted",
        ],
    );
    assert!(!page.contains("elsewhere"), "{page}");
    let page = site.get(&format!("/en/record/{}", ids[5])).await?.text;
    let editions = part(&page, "id=\"editions\"");
    has(editions, &["Earlier", "Plan old"]);
    assert!(!editions.contains("Plan others"), "{editions}");
    let alone = site.get(&format!("/en/record/{}", ids[3])).await?.text;
    assert!(!alone.contains("id=\"editions\""), "{alone}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_one_line_of_what_changed_last_and_leads_to_its_records() -> Result<()> {
    let node = TestNode::start("a").await?;
    let items: Result<Vec<_>> = (0..34)
        .map(|n| {
            draft(&format!(
                r#"{{"external_id": "i-{n}", "title": [{{"language": "en", "text": "Item {n}"}}], "plan_item": {{}}}}"#
            ))
        })
        .collect();
    let mut drafts = items?;
    drafts.push(draft(
        r#"{"external_id": "l", "title": [{"language": "en", "text": "A law"}], "law": {}}"#,
    )?);
    published(&node, drafts).await?;
    let site = Site::of(&node);
    let home = site.get("/en").await?.text;
    let news = part(&home, "<h2>Changed last");
    assert_eq!(news.matches("class=\"title\"").count(), 2, "{news}");
    has(
        news,
        &[
            "Plan items</a> <span class=\"count\">34 new or changed",
            "A law",
            " UTC",
        ],
    );
    let from = news
        .find("/en/plan-item?changed=")
        .context("it is a link")?;
    let link = &news[from..];
    let link = &link[..link.find('"').context("that ends")?];
    let list = site.get(link).await?;
    assert_eq!(list.status, StatusCode::OK);
    has(&list.text, &["<strong>34</strong>", "new or changed since"]);
    let later = site.get("/en/plan-item?changed=2199-01-01").await?.text;
    has(&later, &["No record fits"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_says_what_its_dates_are_and_who_worded_its_title() -> Result<()> {
    let law = |title: &str| {
        format!(
            r#"{{"external_id": "x", "title": [{{"language": "en", "text": "{title}", "kind": "TEXT_KIND_DESCRIPTIVE"}}], "law": {{}}}}"#
        )
    };
    let (node, site, ids) = with(&[&law("One")]).await?;
    let path = format!("/en/record/{}", ids[0]);
    has(
        &site.get(&path).await?.text,
        &[
            "Publisher: <bdi",
            "Published here on <time",
            "Worded by the publisher",
        ],
    );
    published(&node, vec![draft(&law("Two"))?]).await?;
    has(
        &site.get(&path).await?.text,
        &["This text published on <time"],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_publishers_write_never_takes_the_language_of_the_page() -> Result<()> {
    let (_node, site, ids) = with(&[r#"{"external_id": "x", "title": [{"language": "en", "text": "T"}],
        "summary": [{"language": "pt", "text": "Resumo"}],
        "sources": [{"url": "https://a.example", "citation": "Letter of the minister"}], "law": {}}"#])
    .await?;
    for language in LANGUAGES {
        let page = site
            .get(&format!("/{language}/record/{}", ids[0]))
            .await?
            .text;
        has(
            &page,
            &[
                "<bdi lang=\"und\" dir=\"auto\">Letter of the minister</bdi>",
                "<div lang=\"pt\" dir=\"ltr\">",
            ],
        );
        // The publisher's name, too.
        assert!(page.matches("lang=\"und\"").count() > 1, "{page}");
        let list = site.get(&format!("/{language}/law")).await?.text;
        has(&list, &["<div><bdi lang=\"und\" dir=\"auto\">"]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_of_a_table_has_the_name_of_its_column_for_where_rows_stand_alone() -> Result<()>
{
    let (_node, site, ids) = measured().await?;
    for path in ["/en/series".to_owned(), format!("/en/record/{}", ids[1])] {
        let page = site.get(&path).await?.text;
        for cell in page.split("<td").skip(1) {
            let (tag, rest) = cell.split_once('>').context("it ends")?;
            assert!(
                tag.contains("data-label") || rest.starts_with("</td>"),
                "{path}: {tag}"
            );
        }
        has(&page, &["role=\"table\"", "role=\"columnheader\""]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_questions_to_one_list_are_told_apart_by_what_a_browser_calls_them() -> Result<()> {
    let (_node, site, _) = with_events(&events(2)).await?;
    let mut called = std::collections::BTreeSet::new();
    let long = "peace ".repeat(60);
    for question in ["", "country=KEN", "country=FRA", "from=2018", &*long] {
        let query = match question == long {
            true => format!("words={}", long.trim().replace(' ', "+")),
            false => question.to_owned(),
        };
        let page = site.get(&format!("/en/event?{query}")).await?;
        let (_, rest) = page.text.split_once("<title>").context("a title")?;
        let (title, _) = rest.split_once("</title>").context("its end")?;
        assert!(title.starts_with("Events"), "{title}");
        assert!(title.chars().count() < 300, "{title}");
        called.insert(title.to_owned());
    }
    assert_eq!(called.len(), 5, "{called:?}");
    assert!(called.iter().any(|title| title.contains("Kenya")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_is_called_in_the_readers_language_where_a_vocabulary_has_its_name()
-> Result<()> {
    let body = |title: &str| {
        format!(
            r#"{{"external_id": "{title}", "title": [{{"language": "en", "text": "{title}"}}],
                "organisation": {{"type": "un-entity"}}}}"#
        )
    };
    let (un, own) = (body("Security Council"), body("Our Own Council"));
    // What only looks like an organisation keeps its title.
    let event = r#"{"external_id": "e", "title": [{"language": "en", "text": "General Assembly"}], "event": {}}"#;
    let (_node, site, ids) = with(&[&un, &own, event]).await?;
    let page = site.get(&format!("/fr/record/{}", ids[0])).await?.text;
    has(
        &page,
        &[
            "<h1 lang=\"fr\" dir=\"ltr\"><bdi>Conseil de sécurité</bdi></h1><p class=\"mark\">Traduction automatique</p>",
            "<bdi lang=\"en\" dir=\"ltr\">Security Council</bdi>",
        ],
    );
    let list = site.get("/fr/organisation").await?.text;
    has(
        &list,
        &[
            "<bdi>Conseil de sécurité</bdi>",
            "<bdi lang=\"en\" dir=\"ltr\">Our Own Council</bdi>",
        ],
    );
    let about = site.get(&format!("/ar/organisation/{}", ids[0])).await?;
    has(&about.text, &["مجلس الأمن"]);
    let events = site.get("/fr/event").await?.text;
    has(
        &events,
        &["<bdi lang=\"en\" dir=\"ltr\">General Assembly</bdi>"],
    );
    let english = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(&english, &["<bdi>Security Council</bdi></h1>"]);
    assert!(!english.contains("Machine translation"), "{english}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_called_in_the_readers_language_also_by_its_short_form_and_in_lists() -> Result<()>
{
    let record = r#"{"external_id": "i", "title": [{"language": "en", "text": "T"}],
        "initiative": {"donors": [{"acronym": "EU"}, {"acronym": "ZZTOP"}],
            "implementers": [{"name": [{"language": "en", "text": "United Nations Population Fund"}]}]}}"#;
    let (_node, site, ids) = with(&[record]).await?;
    let page = site.get(&format!("/fr/record/{}", ids[0])).await?.text;
    let fund = "Fonds des Nations Unies pour la population";
    has(
        &page,
        &["Union européenne", "(<bdi>EU</bdi>)", "ZZTOP", fund],
    );
    let list = site.get("/fr/initiative").await?.text;
    let unsaid = "<bdi lang=\"und\" dir=\"auto\">ZZTOP</bdi>";
    has(&page, &[unsaid]);
    has(&list, &["<bdi>Union européenne</bdi>", unsaid]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_of_years_runs_as_the_words_around_it_do() -> Result<()> {
    let (_node, site, ids) = measured().await?;
    for path in [format!("/ar/record/{}", ids[1]), "/ar/series".to_owned()] {
        let page = site.get(&path).await?.text;
        has(&page, &["<bdi dir=\"rtl\"><time datetime=\"2000\">"]);
    }
    let page = site.get(&format!("/ar/record/{}", ids[1])).await?.text;
    let bare = page.replace(['\u{2068}', '\u{2069}'], "");
    has(&bare, &["<bdi dir=\"rtl\">2000\u{a0}– 2020</bdi></h1>"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_calls_its_facts_reads_as_words() -> Result<()> {
    let record = r#"{"external_id": "f", "title": [{"language": "en", "text": "T"}], "source_kind": "nap_update",
        "facts": [{"name": "signatory_offices", "values": ["A_B"]}], "event": {}}"#;
    let (_node, site, ids) = with(&[record]).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(&page, &[">signatory offices<", ">A_B<"]);
    // How it is found at its source is said where the sources are, as a person would.
    let sources = part(&page, "id=\"sources\"");
    has(
        sources,
        &[
            "The source calls it ",
            "nap update",
            "keeps it under the number ",
        ],
    );
    for row in ["Own number", "Kind at the source", "Section of the source"] {
        assert!(!page.contains(row), "{row}");
    }
    Ok(())
}
