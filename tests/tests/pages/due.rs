//! What days say of a record: that the one by which something was to be done has passed, of which
//! one a state is, and which one dates a text.

use std::sync::Arc;

use anyhow::Result;

use super::{
    Site,
    record::{has, with},
};

/// 29 November 2026, in milliseconds since 1970.
const TODAY: u64 = 1_795_910_400_000;
const PASSED: &str = "the date has passed";

#[tokio::test(flavor = "multi_thread")]
async fn a_day_by_which_something_was_to_be_done_says_that_it_has_passed_wherever_it_stands()
-> Result<()> {
    let commitment = |id: &str, due: &str| {
        format!(
            r#"{{"external_id": "{id}", "countries": ["GAB"], "title": [{{"language": "en", "text": "Pledge"}}],
                "commitment": {{"due": {{"value": "{due}"}}, "updates": [{{"state": "pledged"}}]}}}}"#
        )
    };
    let (past, coming) = (commitment("past", "2019"), commitment("coming", "2999"));
    for (record, has_passed) in [(past, true), (coming, false)] {
        let (node, _, ids) = with(&[&record]).await?;
        let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
        let record = format!("/en/record/{}", ids[0]);
        for path in [record.as_str(), "/en/country/GAB", "/en/commitment"] {
            let page = site.get(path).await?.text;
            assert_eq!(page.contains(PASSED), has_passed, "{path}: {page}");
        }
    }
    for (kind, field) in [
        ("decision", "due"),
        ("opportunity", "deadline"),
        ("plan-item", "deadline"),
    ] {
        let body = kind.replace('-', "_");
        let record = format!(
            r#"{{"external_id": "x", "title": [{{"language": "en", "text": "X"}}],
                "{body}": {{"{field}": {{"value": "2017-12"}}}}}}"#
        );
        let (node, _, ids) = with(&[&record]).await?;
        let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
        for path in [format!("/en/record/{}", ids[0]), format!("/en/{kind}")] {
            has(&site.get(&path).await?.text, &[PASSED]);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_without_a_date_says_of_which_day_its_record_is_or_that_none_is_stated()
-> Result<()> {
    let initiative = |date: &str| {
        format!(
            r#"{{"external_id": "i", "title": [{{"language": "en", "text": "Compact"}}], {date}
                "initiative": {{"states": [{{"state": "ongoing"}}]}}}}"#
        )
    };
    let dated = initiative(r#""date": {"value": "2017"},"#);
    for (record, says) in [
        (dated, "(record dated 2017)"),
        (initiative(""), "(no date stated)"),
    ] {
        let (_node, site, _) = with(&[&record]).await?;
        has(&site.get("/en/initiative").await?.text, &[says]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_plan_is_cited_by_the_year_from_which_it_is_to_be_or_by_a_day_to_come() -> Result<()> {
    let plan = |id: &str, says: &str| {
        format!(
            r#"{{"external_id": "{id}", "countries": ["TON"], "title": [{{"language": "en", "text": "Plan"}}],
                "national_action_plan": {{"period": {{"start": {{"value": "2027"}}, "end": {{"value": "2031"}}}}, {says}}}}}"#
        )
    };
    let prepared = r#""status_history": [{"status": "PLAN_STATUS_IN_DEVELOPMENT"}]"#;
    let plans = [
        plan("prepared", prepared),
        plan(
            "planned",
            r#""adopted": {"value": "2020", "sense": "DATE_SENSE_PLANNED"}"#,
        ),
        plan("to-come", r#""adopted": {"value": "2999-01"}"#),
    ];
    let plans: Vec<&str> = plans.iter().map(String::as_str).collect();
    let (node, _, ids) = with(&plans).await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    for id in &ids {
        let path = format!("/en/record/{id}");
        has(
            &site.get(&path).await?.text,
            &["Tonga</bdi> (<bdi>n.d.</bdi>)."],
        );
        let bib = site.get(&format!("{path}.bib")).await?.text;
        assert!(
            !bib.contains("year = ") && !bib.contains("date = "),
            "{bib}"
        );
        let ris = site.get(&format!("{path}.ris")).await?.text;
        assert!(!ris.contains("PY  - ") && !ris.contains("DA  - "), "{ris}");
        let data = site.get(&format!("{path}.jsonld")).await?.text;
        let data: serde_json::Value = serde_json::from_str(&data)?;
        assert!(data.get("dct:issued").is_none(), "{data}");
    }
    Ok(())
}
