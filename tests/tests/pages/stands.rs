//! How the time of a plan stands where dates are known better or worse than others, and where what
//! is said of it is against its period.

use std::sync::Arc;

use anyhow::Result;

use super::{
    Site, TestNode,
    files::event,
    now::sentence,
    plainly::{TODAY, plan},
    record::{has, part, with},
};

const OVER: &str = r#"{"start": {"value": "2015"}, "end": {"value": "2020"}}"#;
const NOW: &str = r#"{"start": {"value": "2024"}, "end": {"value": "2028"}}"#;

fn state(status: &str, more: &str) -> String {
    format!(r#"{{"status": "PLAN_STATUS_{status}"{more}}}"#)
}

/// An edition of a country's plan.
fn edition(order: u32, country: &str, period: &str, states: &str) -> String {
    let edition = format!("{{\"edition\": {{\"order\": {order}}}, \"period\"");
    plan(&format!("{country}-{order}"), country, period, states).replace("{\"period\"", &edition)
}

async fn published(records: &[String]) -> Result<(TestNode, Site, Vec<String>)> {
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (node, _, ids) = with(&records).await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    Ok((node, site, ids))
}

#[tokio::test(flavor = "multi_thread")]
async fn days_months_and_years_are_compared_as_far_as_both_are_known() -> Result<()> {
    let period =
        |end: &str| format!(r#"{{"start": {{"value": "2015"}}, "end": {{"value": "{end}"}}}}"#);
    let extended =
        |until: &str| format!(r#", "extensions": [{{"until": {{"value": "{until}"}}}}]"#);
    let adopted = state("ADOPTED", "");
    let planned = r#"{"start": {"value": "2027-02", "sense": "DATE_SENSE_PLANNED"}, "end": {"value": "2027-10"}}"#;
    let records = [
        plan(
            "k",
            "KEN",
            &period("2020-12-31"),
            &state("IN_FORCE", r#", "as_of": {"value": "2026"}"#),
        ),
        // Within one year, all of it ends last.
        plan(
            "u",
            "UGA",
            &format!("{}{}", period("2028"), extended("2028-06")),
            &adopted,
        ),
        edition(1, "MLI", &period("2028"), &adopted),
        edition(2, "MLI", &period("2028-06"), &adopted),
        edition(1, "GIN", &period("2020"), &adopted),
        edition(2, "GIN", &period("2020-06"), &adopted),
        // What a plan was extended by needs no period.
        plan("s", "SEN", &format!("{{}}{}", extended("2028")), &adopted),
        plan("f", "FRA", planned, &state("IN_DEVELOPMENT", "")),
    ];
    let (_node, site, _) = published(&records).await?;
    let until = "By its period, a national action plan is in place now: until 2028.";
    for (country, says) in [
        (
            "KEN",
            "A national action plan for 2015–2020 is stated to be in use (as of 2026), but its period ended on 31 December 2020.",
        ),
        ("UGA", until),
        ("MLI", until),
        (
            "GIN",
            "No national action plan known here covers today: the latest period ended in 2020.",
        ),
        ("SEN", until),
        (
            "FRA",
            "A national action plan for 2027 (planned) is being prepared, as far as is known here.",
        ),
    ] {
        assert_eq!(sentence(&site, "en", country).await?, says, "{country}");
    }
    // No brackets stand within brackets.
    let said = sentence(&site, "ru", "FRA").await?;
    assert!(
        said.starts_with("Национальный план на 2027 (по плану) готовится"),
        "{said}"
    );
    let said = sentence(&site, "zh", "KEN").await?;
    assert!(said.contains("2020年") && !said.contains("年年"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_plan_of_unknown_time_or_over_before_denies_no_older_one_that_is_used() -> Result<()>
{
    let used = state("ACTIVE_PAST_PERIOD", r#", "as_of": {"value": "2026"}"#);
    let over = |year: &str| {
        state(
            "PERIOD_ENDED",
            &format!(r#", "as_of": {{"value": "{year}"}}"#),
        )
    };
    let records = [
        edition(1, "KEN", OVER, &used),
        edition(2, "KEN", "{}", &over("2024")),
        edition(1, "UGA", OVER, &used),
        edition(2, "UGA", "{}", &state("ADOPTED", "")),
        edition(1, "MLI", OVER, &used),
        edition(2, "MLI", "{}", &over("2026-05")),
    ];
    let (_node, site, _) = published(&records).await?;
    let used = "A national action plan for 2015–2020 is stated to be in use (as of 2026), but its period ended in 2020.";
    let over =
        "No national action plan known here covers today: the latest is over (as of May 2026).";
    for (country, says) in [("KEN", used), ("UGA", used), ("MLI", over)] {
        assert_eq!(sentence(&site, "en", country).await?, says, "{country}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_says_how_a_period_stands_beside_a_state_that_denies_or_does_not_know_it()
-> Result<()> {
    let computed = r#", "as_of": {"value": "2022-05"}, "basis": "BASIS_DERIVED""#;
    let open = r#"{"start": {"value": "2018"}, "end": {"sense": "DATE_SENSE_NOT_GIVEN"}, "open_ended": true}"#;
    let records = [
        plan("k", "KEN", OVER, &state("IN_FORCE", computed)),
        plan("u", "UGA", NOW, &state("OPEN_ENDED", "")),
        plan("m", "MLI", NOW, &state("PERIOD_UNKNOWN", "")),
        plan("g", "GIN", open, &state("PERIOD_UNKNOWN", "")),
    ];
    let (_node, site, _) = published(&records).await?;
    for (country, says) in [
        (
            "KEN",
            "In force <span class=\"mark\">(as of May 2022)</span>; its period ended in 2020 <span class=\"mark\">(both computed)",
        ),
        (
            "UGA",
            "Without fixed end; its period goes on until 2028 <span class=\"mark\">(computed)",
        ),
        (
            "MLI",
            "Period not known; its period goes on until 2028 <span class=\"mark\">(computed)",
        ),
        (
            "GIN",
            "Period not known; its period has no fixed end <span class=\"mark\">(computed)",
        ),
        ("GIN", " – <span class=\"mark\">no fixed end</span></bdi>"),
    ] {
        has(
            &site.get(&format!("/en/country/{country}")).await?.text,
            &[says],
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_in_chinese_stand_without_a_space_between_them_and_apart_from_an_address()
-> Result<()> {
    let (_node, site, _) = published(&[event("e", "CONFIRMED", "2027-03-05")]).await?;
    let readme = site.get("/zh/event.readme.txt").await?.text;
    assert!(readme.contains('。') && !readme.contains("。 "), "{readme}");
    let calendar = site.get("/zh/events.ics").await?.text.replace("\r\n ", "");
    let told = calendar
        .lines()
        .filter(|line| line.starts_with("DESCRIPTION"));
    let told: Vec<_> = told.filter(|line| line.contains("/record/")).collect();
    assert!(!told.is_empty(), "{calendar}");
    for line in told {
        let before = line.split("/zh/").next().unwrap_or_default();
        assert!(before.ends_with("。 "), "{line}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_about_itself_is_compared_with_this_record() -> Result<()> {
    let claim = r#"{"external_id": "c", "title": [{"language": "en", "text": "A claim"}],
        "claim": {"about": {"external_id": "c"}, "made": {"value": "2022"},
            "claims": [{"field": "claim.made", "value": "2023"}]}}"#;
    let (_node, site, ids) = published(&[claim.to_owned()]).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    let claims = part(&page, "id=\"claims\"");
    has(claims, &["<strong>this record</strong>"]);
    assert_eq!(claims.matches("datetime=\"2023\"").count(), 1, "{claims}");
    Ok(())
}
