//! Organisations that records name without pointing at their records: on their own pages, on
//! those of the records that name them, and with what their members publish.

use anyhow::Result;

use super::record::{has, part, with};

// It names itself, which nobody wants to be told on its page.
const UNION: &str = r#"{"external_id": "eu", "title": [{"language": "en", "text": "European Union"}],
    "organisations": [{"acronym": "EU"}], "organisation": {"acronym": "EU"}}"#;
const LEAGUE: &str = r#"{"external_id": "league", "title": [{"language": "en", "text": "Women's League"}],
    "organisation": {"acronym": "WL"}}"#;
const PLAN: &str = r#"{"external_id": "rap", "title": [{"language": "en", "text": "A plan"}],
    "organisations": [{"name": [{"language": "en", "text": "European Union"}], "acronym": "EU"}],
    "regional_action_plan": {"period": {"start": {"value": "2019"}}}}"#;

fn event(id: &str, country: &str, body: &str) -> String {
    format!(
        r#"{{"external_id": "{id}", "countries": ["{country}"],
            "title": [{{"language": "en", "text": "Event {id}"}}],
            "event": {{"organisers": [{body}]}}}}"#
    )
}

fn ministry(id: &str, country: &str) -> String {
    format!(
        r#"{{"external_id": "{id}", "countries": ["{country}"],
            "title": [{{"language": "en", "text": "Ministry of Defence"}}], "organisation": {{"acronym": "MOD"}}}}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_shows_what_names_it_by_name_short_form_or_code_and_says_so() -> Result<()>
{
    let french = r#"{"name": [{"language": "fr", "text": "Union européenne"}]}"#;
    let (named, short) = (
        event("fr", "KEN", french),
        event("short", "KEN", r#"{"acronym": "WL"}"#),
    );
    let other = event(
        "other",
        "KEN",
        r#"{"name": [{"language": "en", "text": "Women's League of Kenya"}], "acronym": "WL"}"#,
    );
    let (_node, site, ids) = with(&[UNION, LEAGUE, PLAN, &named, &short, &other]).await?;
    let union = site
        .get(&format!("/en/organisation/{}", ids[0]))
        .await?
        .text;
    has(
        &union,
        &[
            "<strong>2</strong> records",
            "Regional action plans",
            "A plan",
            "Event fr",
            "Organisers <span class=\"mark\">(by name)</span>",
            "href=\"/en/region/EU\"",
        ],
    );
    let league = site
        .get(&format!("/en/organisation/{}", ids[1]))
        .await?
        .text;
    has(&league, &["Event short"]);
    assert!(!league.contains("What is not known here"), "{league}");
    assert!(!league.contains("Event other"), "{league}");
    // The file of the page has the same.
    let file = site
        .get(&format!("/en/organisation/{}.jsonl", ids[0]))
        .await?;
    assert_eq!(file.text.lines().count(), 2, "{}", file.text);
    // On the page of what names it, as a link that is told as such.
    let page = site.get(&format!("/en/record/{}", ids[3])).await?.text;
    let link = format!("href=\"/en/record/{}\"", ids[0]);
    has(&page, &[&link, "(by name)"]);
    let page = site.get(&format!("/en/record/{}", ids[5])).await?.text;
    assert!(!page.contains("(by name)"), "{page}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_form_alone_makes_nobody_an_organisation_of_states() -> Result<()> {
    let club = r#"{"external_id": "club", "countries": ["NOR"], "organisation": {"acronym": "EU"},
        "title": [{"language": "en", "text": "Enthusiasts' Union"}]}"#;
    let short = event("short", "KEN", r#"{"acronym": "EU"}"#);
    let (_node, site, ids) = with(&[club, PLAN, &short]).await?;
    let page = site.get(&format!("/en/organisation/{}", ids[0])).await?;
    assert!(!page.text.contains("/en/region/EU"), "{}", page.text);
    // Nor is it meant by who writes the short form of the one of States.
    assert!(!page.text.contains("Event short"), "{}", page.text);
    let naming = site.get(&format!("/en/record/{}", ids[2])).await?.text;
    assert!(!naming.contains(&ids[0]), "{naming}");
    assert!(!page.text.contains("A plan"), "{}", page.text);
    let region = site.get("/en/region/EU").await?.text;
    assert!(!region.contains(&ids[0]), "{region}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_several_organisations_have_is_none_of_theirs_but_in_their_own_countries()
-> Result<()> {
    let body = r#"{"name": [{"language": "en", "text": "Ministry of Defence"}]}"#;
    let (kenya, france) = (event("ken", "KEN", body), event("fra", "FRA", body));
    let nowhere = event("gha", "GHA", body);
    let (_node, site, ids) = with(&[
        &ministry("ken-mod", "KEN"),
        &ministry("fra-mod", "FRA"),
        &kenya,
        &france,
        &nowhere,
    ])
    .await?;
    for (at, own, others) in [(0, "Event ken", "Event fra"), (1, "Event fra", "Event ken")] {
        let page = site
            .get(&format!("/en/organisation/{}", ids[at]))
            .await?
            .text;
        has(&page, &[own]);
        assert!(
            !page.contains(others) && !page.contains("Event gha"),
            "{page}"
        );
        let page = site.get(&format!("/en/record/{}", ids[at + 2])).await?.text;
        has(&page, &[&format!("href=\"/en/record/{}\"", ids[at])]);
    }
    let page = site.get(&format!("/en/record/{}", ids[4])).await?.text;
    assert!(!page.contains("(by name)"), "{page}");
    // A short form that two have names neither.
    let twin = LEAGUE
        .replace("league", "lodge")
        .replace("Women's League", "Workers' Lodge");
    let short = event("short", "KEN", r#"{"acronym": "WL"}"#);
    let (_node, site, ids) = with(&[LEAGUE, &twin, &short]).await?;
    for id in &ids[..2] {
        let page = site.get(&format!("/en/organisation/{id}")).await?.text;
        has(&page, &["No other record here names this organisation"]);
    }
    let page = site.get(&format!("/en/record/{}", ids[2])).await?.text;
    assert!(!page.contains("(by name)"), "{page}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_of_states_has_its_own_plans_and_leads_to_what_names_it() -> Result<()> {
    let law = r#"{"external_id": "l", "countries": ["FRA"], "title": [{"language": "en", "text": "Act"}], "law": {}}"#;
    let (_node, site, ids) = with(&[UNION, PLAN, law]).await?;
    let union = site.get("/en/region/EU").await?.text;
    has(
        &union,
        &[
            "<strong>2</strong> records",
            "Regional action plans",
            "A plan",
            &format!("href=\"/en/organisation/{}\"", ids[0]),
        ],
    );
    let list = site.get("/en/regional-action-plan?region=EU").await?.text;
    has(
        &list,
        &[
            "<strong>1</strong> record",
            "A plan",
            "data-label=\"Organisations\"",
        ],
    );
    has(
        part(&list, "data-label=\"Organisations\""),
        &["European Union"],
    );
    assert_eq!(
        site.get("/en/record.jsonl?region=EU")
            .await?
            .text
            .lines()
            .count(),
        2
    );
    // Another organisation of States lacks one, and says so.
    let other = site.get("/en/region/OSCE").await?.text;
    has(
        &other,
        &[
            "What is not known here",
            "There is nothing here yet of: Regional action plans",
        ],
    );
    // A part of the world has none of its own.
    let africa = site.get("/en/region/150").await?.text;
    assert!(!africa.contains("Regional action plans"), "{africa}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_edition_stands_first_whether_or_not_it_has_a_date() -> Result<()> {
    let plan = |edition: u32, period: &str| {
        format!(
            r#"{{"external_id": "p-{edition}", "countries": ["USA"],
                "title": [{{"language": "en", "text": "Edition {edition}"}}],
                "national_action_plan": {{"edition": {{"order": {edition}}} {period}}}}}"#
        )
    };
    let from = |year: u32| format!(r#", "period": {{"start": {{"value": "{year}"}}}}"#);
    let plans = [
        plan(1, &from(2011)),
        plan(4, ""),
        plan(3, &from(2019)),
        plan(2, &from(2016)),
    ];
    let plans: Vec<&str> = plans.iter().map(String::as_str).collect();
    let (_node, site, ids) = with(&plans).await?;
    let places = |page: &str, editions: [u32; 4]| -> Vec<Option<usize>> {
        let titles = editions.map(|edition| format!("Edition {edition}<"));
        titles.iter().map(|title| page.find(title)).collect()
    };
    let page = site.get("/en/country/USA").await?.text;
    let main = page.split("<main").nth(1).unwrap_or_default();
    let found = places(main, [4, 3, 2, 1]);
    assert!(
        !found.contains(&None) && found.is_sorted(),
        "{found:?} {main}"
    );
    // So they do on the pages of places and in lists, where those that say when come first.
    for path in [
        "region/OAS",
        "national-action-plan?region=OAS&sort=date",
        "record?country=USA&sort=date",
    ] {
        let page = site.get(&format!("/en/{path}")).await?.text;
        let main = page.split("<main").nth(1).unwrap_or_default();
        let found = places(main, [3, 2, 1, 4]);
        assert!(
            !found.contains(&None) && found.is_sorted(),
            "{path}: {found:?} {main}"
        );
    }
    let record = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    let found = places(part(&record, "id=\"editions\""), [1, 2, 3, 4]);
    assert!(
        !found.contains(&None) && found.is_sorted(),
        "{found:?} {record}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_that_nothing_names_says_what_is_missing_and_offers_its_files() -> Result<()>
{
    let event = event(
        "e",
        "KEN",
        r#"{"name": [{"language": "en", "text": "Somebody"}]}"#,
    );
    let of = |id: &str, body: &str| {
        format!(
            r#"{{"external_id": "{id}", "title": [{{"language": "en", "text": "T {id}"}}], {body}}}"#
        )
    };
    // Nobody looks for these on the page of an organisation.
    let others = [
        of("other", r#""organisation": {}"#),
        of(
            "claim",
            r#""claim": {"claims": [{"field": "status", "value": "adopted"}]}"#,
        ),
        of("count", r#""printed_count": {"value": "15"}"#),
    ];
    let [other, claim, count] = others.each_ref().map(String::as_str);
    let (_node, site, ids) = with(&[LEAGUE, PLAN, &event, other, claim, count]).await?;
    let path = format!("/en/organisation/{}", ids[0]);
    let page = site.get(&path).await?.text;
    has(
        &page,
        &[
            "No other record here names this organisation",
            "There is nothing here yet of: Events.",
            &format!("{path}.csv"),
        ],
    );
    assert!(!page.contains("Regional action plans"), "{page}");
    assert_eq!(site.get(&format!("{path}.csv")).await?.status, 200);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_what_refers_to_a_record_says_to_which_everywhere() -> Result<()> {
    let event = event("e", "KEN", r#"{"acronym": "WL"}"#);
    let law = r#"{"external_id": "l", "law": {}, "title": [{"language": "fr", "text": "Loi"}]}"#;
    let other = r#"{"external_id": "o", "event": {}, "title": [{"language": "en", "text": "Reading"}],
        "relations": [{"kind": "RELATION_KIND_SEE_ALSO", "record": {"external_id": "l"}}]}"#;
    let (_node, site, ids) = with(&[LEAGUE, &event, law, other]).await?;
    let about = format!("/en/event?refers={}", ids[0]);
    let page = site.get(&about).await?.text;
    has(
        &page,
        &[
            "<title>Events · Women's League ·",
            "<h1>Events · ",
            &format!("href=\"/en/organisation/{}\"", ids[0]),
            "Found by its record, and by its name",
        ],
    );
    // Its tag takes it away.
    let tag = part(&page, "class=\"chosen\"");
    has(tag, &["href=\"/en/event\"", "Women's League"]);
    assert!(!page.contains("one record"), "{page}");
    let page = site
        .get(&format!("/en/event?refers={}", ids[2]))
        .await?
        .text;
    has(
        &page,
        &[
            "<title>Events · Loi ·",
            "<bdi lang=\"fr\" dir=\"ltr\">Loi</bdi></h1>",
            "Reading",
        ],
    );
    assert!(!page.contains("Found by its record"), "{page}");
    let readme = site
        .get(&format!("/en/event.readme.txt?refers={}", ids[0]))
        .await?
        .text;
    has(&readme, &["Only what refers to: Women's League"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_only_prepared_is_counted_apart_from_those_that_were_adopted() -> Result<()>
{
    let plan = |country: &str, edition: u32, status: &str| {
        format!(
            r#"{{"external_id": "{country}-{edition}", "countries": ["{country}"],
                "title": [{{"language": "en", "text": "Plan"}}],
                "national_action_plan": {{"status_history": [{{"status": "PLAN_STATUS_{status}"}}]}}}}"#
        )
    };
    let plans = [
        plan("KEN", 1, "PERIOD_ENDED"),
        plan("KEN", 2, "IN_DEVELOPMENT"),
        plan("ETH", 1, "IN_DEVELOPMENT"),
        plan("TZA", 1, "ANNOUNCED"),
        plan("GHA", 1, "IN_FORCE"),
    ];
    let plans: Vec<&str> = plans.iter().map(String::as_str).collect();
    let (_node, site, _) = with(&plans).await?;
    let page = site.get("/en/region/AU").await?.text;
    has(
        &page,
        &[
            "and not those still in preparation: 2 of 55 members",
            "Only one in preparation, as far as is known here: 2 of 55 members",
        ],
    );
    // What a facet of states counts is told beside it.
    let list = site.get("/en/national-action-plan").await?.text;
    has(
        &list,
        &["In force</a>", "As each record says, at a date of its own"],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_a_country_is_no_organisation_of_states_by_its_title() -> Result<()> {
    let body = |id: &str, title: &str, countries: &str| {
        format!(
            r#"{{"external_id": "{id}", "countries": [{countries}], "organisation": {{}},
                "title": [{{"language": "en", "text": "{title}"}}]}}"#
        )
    };
    let bodies = [
        body("a", "UN", "\"NOR\""),
        body("b", "European Union", "\"NOR\""),
        body("c", "African Union", ""),
    ];
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let (_node, site, ids) = with(&bodies).await?;
    for (id, group, is_one) in [(0, "UN", false), (1, "EU", false), (2, "AU", true)] {
        let path = format!("/fr/organisation/{}", ids[id]);
        let page = site.get(&path).await?.text;
        let main = page.split("<main").nth(1).unwrap_or_default();
        let members = format!("href=\"/fr/region/{group}\"");
        assert_eq!(main.contains(&members), is_one, "{group}: {main}");
        let region = site.get(&format!("/fr/region/{group}")).await?.text;
        let leads = format!("href=\"{path}\"");
        assert_eq!(region.contains(&leads), is_one, "{group}: {region}");
        assert!(!main.contains("Union européenne"), "{main}");
    }
    Ok(())
}
