//! What a country's page says of whether it has a plan now: of every state, with every period.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use wpsx_proto::api::record::v1::PlanStatus;
use wpsx_words::Vocabularies;

use super::{
    LANGUAGES, Site,
    plainly::{TODAY, plan},
    record::{has, part, with},
};

const PERIODS: [&str; 4] = [
    "{}",
    r#"{"start": {"value": "2015"}, "end": {"value": "2020"}}"#,
    r#"{"start": {"value": "2024"}, "end": {"value": "2028"}}"#,
    r#"{"start": {"value": "2027"}, "end": {"value": "2031"}}"#,
];
const UNCLEAR: &str = "Whether a national action plan is in place now cannot be told: no period that is known here says so.";
const ENDED: &str =
    "No national action plan known here covers today: the latest period ended in 2020.";
const OVER: &str = "No national action plan known here covers today: the latest is over.";
const UNTIL: &str = "By its period, a national action plan is in place now: until 2028.";
const BEGINS: &str = "A national action plan begins in 2027.";

/// A plan, or one of these years, of which a text says something.
fn of(says: &str) -> [String; 4] {
    ["", " for 2015–2020", " for 2024–2028", " for 2027–2031"]
        .map(|years| format!("A national action plan{years} {says}"))
}

/// What is said of a plan in this state: without a period, with one that is over, that is now and
/// that is to come.
fn said(state: PlanStatus) -> [String; 4] {
    let by_period = |without: &str| [without, ENDED, UNTIL, BEGINS].map(str::to_owned);
    let [in_use, used_past, _, used_before] = of("is stated to be in use");
    let unknown = format!("{in_use}, but until when is not known here.");
    let but = |says: &str, stands: &str| format!("{says}, but its period {stands}.");
    let over = OVER.trim_end_matches('.');
    let set_aside = |says: &str| {
        let [without, _, now, coming] = of(says);
        [without, ENDED.to_owned(), now, coming]
    };
    match state {
        PlanStatus::Announced
        | PlanStatus::InDevelopment
        | PlanStatus::Consultation
        | PlanStatus::Validated => {
            let mut says = of("is being prepared, as far as is known here.");
            let [_, was, ..] = of("was being prepared; whether it was adopted is not known here.");
            says[1] = was;
            says
        }
        PlanStatus::InForce | PlanStatus::Extended | PlanStatus::Amended => {
            let mut says = by_period(&unknown);
            says[3] = but(&used_before, "begins in 2027");
            says
        }
        PlanStatus::ActivePastPeriod => {
            let mut says = by_period(&unknown);
            says[1] = but(&used_past, "ended in 2020");
            says[3] = but(&used_before, "begins in 2027");
            says
        }
        PlanStatus::OpenEnded => {
            let mut says =
                by_period("A national action plan is in place now, without a fixed end.");
            let [_, past, ..] = of("is stated to have no fixed end");
            says[1] = but(&past, "ended in 2020");
            says
        }
        PlanStatus::PeriodEnded => [
            OVER.to_owned(),
            ENDED.to_owned(),
            but(over, "goes on until 2028"),
            but(over, "begins in 2027"),
        ],
        PlanStatus::Superseded => set_aside("was superseded."),
        PlanStatus::Suspended => set_aside("is suspended."),
        PlanStatus::Withdrawn => set_aside("was withdrawn."),
        PlanStatus::Unspecified
        | PlanStatus::Adopted
        | PlanStatus::Launched
        | PlanStatus::UnderReview
        | PlanStatus::TextNotPublic
        | PlanStatus::PeriodUnknown => by_period(UNCLEAR),
    }
}

/// The sentence on a country's page.
pub(super) async fn sentence(site: &Site, language: &str, country: &str) -> Result<String> {
    let page = site.get(&format!("/{language}/country/{country}")).await?;
    let sentence = part(&page.text, "<p class=\"lead\">");
    let (_, sentence) = sentence.split_once('>').context("a sentence")?;
    let sentence = sentence.split("</p>").next().context("its end")?;
    Ok(sentence.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentence_follows_from_each_state_with_each_period() -> Result<()> {
    let states = (0..).map_while(|number| PlanStatus::try_from(number).ok());
    let cases = states.flat_map(|state| PERIODS.iter().zip(said(state)).map(move |it| (state, it)));
    let cases: Vec<_> = cases.collect();
    assert!(cases.len() >= 19 * 4);
    let world = Vocabularies::shipped().countries().members("001", None)?;
    let cases: Vec<_> = world.countries.iter().zip(cases).collect();
    let records: Vec<String> = cases
        .iter()
        .map(|(code, (state, (period, _)))| {
            let stated = format!(r#"{{"status": "{}"}}"#, state.as_str_name());
            plan(code, code, period, &stated)
        })
        .collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (node, ..) = with(&records).await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    for (code, (state, (period, says))) in &cases {
        let said = sentence(&site, "en", code).await?;
        assert_eq!(&said, says, "{} with {period}", state.as_str_name());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentence_says_as_of_when_a_state_was_stated_and_weighs_what_was_computed() -> Result<()>
{
    let over = PERIODS[1];
    let extended = r#"{"start": {"value": "2015"}, "end": {"value": "2018"}},
        "extensions": [{"until": {"value": "2020"}}]"#;
    let state = |status: &str, more: &str| format!(r#"{{"status": "PLAN_STATUS_{status}"{more}}}"#);
    let after = r#", "as_of": {"value": "2022-05"}"#;
    let before = r#", "as_of": {"value": "2019-05"}"#;
    let computed = r#", "as_of": {"value": "2022-05"}, "basis": "BASIS_DERIVED""#;
    let use_past = "A national action plan for 2015–2020 is stated to be in use (as of May 2022), but its period ended in 2020.";
    let cases = [
        ("KEN", over, state("IN_FORCE", after), use_past),
        ("UGA", over, state("IN_FORCE", before), ENDED),
        ("MLI", over, state("IN_FORCE", computed), ENDED),
        ("GIN", over, state("UNDER_REVIEW", after), ENDED),
        (
            "SEN",
            extended,
            state("ACTIVE_PAST_PERIOD", after),
            use_past,
        ),
        (
            "GHA",
            over,
            state("ACTIVE_PAST_PERIOD", computed),
            "A national action plan for 2015–2020 is taken to be in use (computed, as of May 2022), but its period ended in 2020.",
        ),
        (
            "TGO",
            PERIODS[2],
            state("ACTIVE_PAST_PERIOD", computed),
            UNTIL,
        ),
        ("BEN", PERIODS[3], state("IN_FORCE", computed), BEGINS),
        ("FRA", PERIODS[2], state("PERIOD_ENDED", computed), UNTIL),
        (
            "SWE",
            "{}",
            state("PERIOD_ENDED", computed),
            "No national action plan known here covers today: the latest is over (computed, as of May 2022).",
        ),
        (
            "NOR",
            "{}",
            state("IN_FORCE", computed),
            "A national action plan is taken to be in use (computed, as of May 2022), but until when is not known here.",
        ),
        (
            "FIN",
            PERIODS[2],
            state("SUSPENDED", r#", "date": {"value": "2026-02"}"#),
            "A national action plan for 2024–2028 is suspended (February 2026).",
        ),
    ];
    let records: Vec<String> = cases
        .iter()
        .map(|(code, period, state, _)| plan(code, code, period, state))
        .collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (node, ..) = with(&records).await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    for (code, _, _, says) in &cases {
        assert_eq!(sentence(&site, "en", code).await?, *says, "{code}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_and_a_page_say_how_the_time_of_a_plan_stands_where_its_state_says_otherwise()
-> Result<()> {
    let open = r#"{"start": {"value": "2018"}}"#;
    let state = |status: &str, more: &str| format!(r#"{{"status": "PLAN_STATUS_{status}"{more}}}"#);
    let computed = r#", "as_of": {"value": "2022-05"}, "basis": "BASIS_DERIVED""#;
    let cases = [
        (
            "KEN",
            PERIODS[3],
            state("IN_FORCE", ""),
            "In force; its period begins in 2027 <span class=\"mark\">(computed)",
        ),
        (
            "UGA",
            PERIODS[3],
            state("IN_FORCE", computed),
            "In force <span class=\"mark\">(as of May 2022)</span>; its period begins in 2027 <span class=\"mark\">(both computed)",
        ),
        (
            "MLI",
            PERIODS[2],
            state("PERIOD_ENDED", ""),
            "Period ended; its period goes on until 2028",
        ),
        (
            "GIN",
            PERIODS[2],
            state("ACTIVE_PAST_PERIOD", ""),
            "Active past its period; its period goes on until 2028",
        ),
        (
            "SEN",
            PERIODS[1],
            state("OPEN_ENDED", ""),
            "Without fixed end; its period ended in 2020",
        ),
        (
            "FRA",
            open,
            state("OPEN_ENDED", ""),
            "Without fixed end</span>",
        ),
        (
            "PER",
            r#"{"open_ended": true}"#,
            state("OPEN_ENDED", ""),
            "<bdi><span class=\"mark\">no fixed end</span></bdi>",
        ),
    ];
    let records: Vec<String> = cases
        .iter()
        .map(|(code, period, state, _)| plan(code, code, period, state))
        .collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (node, _, ids) = with(&records).await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    for (code, _, _, says) in &cases {
        let page = site.get(&format!("/en/country/{code}")).await?.text;
        has(&page, &[says]);
    }
    // Whoever says that a plan has no end has said when it ends, wherever its period stands.
    for path in [
        "country/FRA".to_owned(),
        "national-action-plan?country=FRA".to_owned(),
        format!("record/{}", ids[5]),
    ] {
        let page = site.get(&format!("/en/{path}")).await?.text;
        assert!(!page.contains("not known</span></bdi>"), "{path}: {page}");
        has(&page, &["no fixed end"]);
    }
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(
        &page,
        &["<div>Its period begins in 2027 <span class=\"mark\">(computed)</span></div>"],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_plan_that_is_set_aside_hides_no_older_one_that_is_used() -> Result<()> {
    let used = r#"{"status": "PLAN_STATUS_ACTIVE_PAST_PERIOD", "as_of": {"value": "2026-05"}}"#;
    let older = "A national action plan for 2015–2020 is stated to be in use (as of May 2026), but its period ended in 2020.";
    let states = [
        (
            "KEN",
            "SUSPENDED",
            "A national action plan for 2024–2028 is suspended.",
        ),
        (
            "UGA",
            "WITHDRAWN",
            "A national action plan for 2024–2028 was withdrawn.",
        ),
    ];
    let mut records = Vec::new();
    for (code, state, _) in &states {
        let newer = format!(r#"{{"status": "PLAN_STATUS_{state}"}}"#);
        records.push(plan(&format!("{code}-1"), code, PERIODS[1], used));
        records.push(plan(&format!("{code}-2"), code, PERIODS[2], &newer));
    }
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (node, ..) = with(&records).await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    for (code, _, newer) in &states {
        let said = sentence(&site, "en", code).await?;
        assert_eq!(said, format!("{older} {newer}"), "{code}");
        // Nothing stands between two sentences there.
        let said = sentence(&site, "zh", code).await?;
        assert_eq!(said.matches('。').count(), 2, "{said}");
        assert!(!said.contains("。 "), "{said}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_plan_that_has_ended_denies_no_older_one_that_is_said_to_be_used_since()
-> Result<()> {
    let newer = r#"{"start": {"value": "2021"}, "end": {"value": "2024"}}"#;
    let used = "A national action plan for 2015–2020 is stated to be in use (as of 2026), but its period ended in 2020.";
    let ended = "No national action plan known here covers today: the latest period ended in 2024.";
    let cases = [("KEN", "2026", used), ("UGA", "2022", ended)];
    let mut records = Vec::new();
    for (code, year, _) in &cases {
        let state = format!(
            r#"{{"status": "PLAN_STATUS_ACTIVE_PAST_PERIOD", "as_of": {{"value": "{year}"}}}}"#
        );
        let adopted = r#"{"status": "PLAN_STATUS_ADOPTED"}"#;
        records.push(plan(&format!("{code}-1"), code, PERIODS[1], &state));
        records.push(plan(&format!("{code}-2"), code, newer, adopted));
    }
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (node, ..) = with(&records).await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    for (code, _, says) in &cases {
        assert_eq!(sentence(&site, "en", code).await?, *says, "{code}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_that_is_only_about_right_is_said_as_such_in_each_sentence() -> Result<()> {
    let period = |start: &str, end: &str, sense: &str| {
        let date =
            |value: &str| format!(r#"{{"value": "{value}", "sense": "DATE_SENSE_{sense}"}}"#);
        format!(r#"{{"start": {}, "end": {}}}"#, date(start), date(end))
    };
    let adopted = r#"{"status": "PLAN_STATUS_ADOPTED"}"#;
    let suspended = r#"{"status": "PLAN_STATUS_SUSPENDED",
        "as_of": {"value": "2026", "sense": "DATE_SENSE_ABOUT"}}"#;
    let cases = [
        ("KEN", period("2024", "2028", "ABOUT"), adopted),
        ("UGA", period("2015", "2020-05-03", "BY"), adopted),
        ("MLI", period("2027", "2031", "PLANNED"), adopted),
        ("GIN", period("2024", "2028", "ABOUT"), suspended),
    ];
    let records: Vec<String> = cases
        .iter()
        .map(|(code, period, state)| plan(code, code, period, state))
        .collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (node, ..) = with(&records).await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    for (language, code, says) in [
        ("en", "KEN", "in place now: until about 2028."),
        (
            "en",
            "UGA",
            "the latest period ended on 3 May 2020 or before.",
        ),
        (
            "en",
            "MLI",
            "A national action plan begins in 2027 (planned).",
        ),
        (
            "en",
            "GIN",
            "A national action plan for about 2024–about 2028 is suspended (as of about 2026).",
        ),
        ("fr", "KEN", "jusqu’en 2028 environ."),
        ("es", "UGA", "terminó el 3 de mayo de 2020 o antes."),
        ("zh", "KEN", "至约2028年。"),
    ] {
        let said = sentence(&site, language, code).await?;
        assert!(said.ends_with(says), "{language}: {said}");
    }
    for language in LANGUAGES {
        let exact = sentence(&site, language, "KEN").await?;
        let about = match language {
            "en" => "about",
            "fr" => "environ",
            "es" => "aproximadamente",
            "ru" => "примерно",
            "ar" => "نحو",
            _ => "约",
        };
        assert!(exact.contains(about), "{language}: {exact}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_a_month_or_a_year_fits_into_each_sentence() -> Result<()> {
    let period = |start: &str, end: &str| {
        format!(r#"{{"start": {{"value": "{start}"}}, "end": {{"value": "{end}"}}}}"#)
    };
    let adopted = r#"{"status": "PLAN_STATUS_ADOPTED", "as_of": {"value": "2024-05"},
        "sources": [{"url": "https://plan.example/", "opened": {"value": "2024-06"}}]}"#;
    let cases = [
        ("ISL", period("2020", "2025-12-31")),
        ("EST", period("2027-01-15", "2030")),
        ("LVA", period("2020", "2028-12-31")),
        ("LTU", period("2020", "2025-12")),
        ("POL", period("2020", "2025")),
    ];
    let records: Vec<String> = cases
        .iter()
        .map(|(code, period)| plan(code, code, period, adopted))
        .collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (node, _, ids) = with(&records).await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    for (language, country, says) in [
        ("en", "ISL", "the latest period ended on 31 December 2025."),
        (
            "en",
            "EST",
            "A national action plan begins on 15 January 2027.",
        ),
        ("en", "LTU", "the latest period ended in December 2025."),
        (
            "fr",
            "ISL",
            "la dernière période s’est achevée le 31 décembre 2025.",
        ),
        (
            "fr",
            "EST",
            "Un plan d’action national commence le 15 janvier 2027.",
        ),
        (
            "fr",
            "LVA",
            "est en cours\u{a0}: jusqu’au 31 décembre 2028.",
        ),
        ("fr", "POL", "la dernière période s’est achevée en 2025."),
        (
            "es",
            "ISL",
            "el último período terminó el 31 de diciembre de 2025.",
        ),
        ("es", "LVA", "hasta el 31 de diciembre de 2028."),
        (
            "es",
            "LTU",
            "el último período terminó en diciembre de 2025.",
        ),
        (
            "ru",
            "ISL",
            "последний срок истёк: 31 декабря 2025\u{202f}г.",
        ),
        ("ru", "POL", "последний срок истёк: 2025."),
        ("zh", "ISL", "最后的期限已于2025年12月31日结束。"),
    ] {
        let said = sentence(&site, language, country).await?;
        assert!(
            said.replace('\u{a0}', "\u{202f}")
                .ends_with(&says.replace('\u{a0}', "\u{202f}")),
            "{language}: {said}"
        );
    }
    for language in LANGUAGES {
        for (country, _) in &cases {
            let said = sentence(&site, language, country).await?;
            assert!(!said.contains(".."), "{language}: {said}");
        }
    }
    for (language, state) in [
        ("fr", "Adopté <span class=\"mark\">(en mai 2024)</span>"),
        ("ar", "(كما في مايو 2024)"),
    ] {
        let row = site.get(&format!("/{language}/country/LVA")).await?.text;
        let row = row.replace("\u{2068}", "").replace("\u{2069}", "");
        has(&row, &[state]);
    }
    let page = site.get(&format!("/fr/record/{}", ids[2])).await?.text;
    has(&page, &["(consulté en <time datetime=\"2024-06\">"]);
    let ended = "its period ended on 31 December 2025";
    let row = site.get("/en/country/ISL").await?.text;
    has(&row, &[ended]);
    let page = site.get(&format!("/fr/record/{}", ids[0])).await?.text;
    has(&page, &["Sa période s’est achevée le 31 décembre 2025"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plan_was_extended_by_stands_beside_its_period_in_rows_lists_and_files() -> Result<()>
{
    let extended = |until: &str| {
        format!(
            r#"{{"start": {{"value": "2018"}}, "end": {{"value": "2021"}}}},
                "extensions": [{{"until": {{"value": "{until}"}}}}]"#
        )
    };
    let ended = r#"{"status": "PLAN_STATUS_PERIOD_ENDED"}"#;
    let (node, site, ids) = with(&[
        &plan("p", "POL", &extended("2023"), ended),
        &plan("q", "CHE", &extended("2024-06-30"), ended),
        &plan("r", "KEN", PERIODS[1], ended),
        &plan("s", "POL", PERIODS[2], ended),
    ])
    .await?;
    for path in [
        "country/POL".to_owned(),
        "national-action-plan?country=POL".to_owned(),
        "record?country=POL".to_owned(),
        format!("record/{}", ids[0]),
    ] {
        let page = site.get(&format!("/en/{path}")).await?;
        let says = " · extended until <time datetime=\"2023\">";
        assert!(page.text.contains(says), "{path}: {}", page.text);
    }
    for (language, says) in [
        ("fr", " · prolongé jusqu’au <time datetime=\"2024-06-30\">"),
        (
            "es",
            " · prorrogado hasta el <time datetime=\"2024-06-30\">",
        ),
    ] {
        let page = site.get(&format!("/{language}/country/CHE")).await?.text;
        has(&page, &[says]);
    }
    // Beside the other editions of a country too.
    let page = site.get(&format!("/en/record/{}", ids[3])).await?.text;
    let others = part(&page, "id=\"editions\"");
    has(others, &[" · extended until <time datetime=\"2023\">"]);
    let file = site.get("/en/national-action-plan.csv?country=POL").await?;
    has(&file.text, &["extensions", "2023"]);
    let other = site.get("/en/country/KEN").await?.text;
    assert!(!other.contains("extended until"), "{other}");
    drop(node);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_no_state_of_a_plan_that_a_source_only_names() -> Result<()> {
    let named = r#"{"basis": "BASIS_STATED", "as_of": {"value": "2019"},
        "note": [{"language": "en", "text": "date not found"}]}"#;
    let (node, _, ids) = with(&[
        &plan("p", "POL", PERIODS[1], named),
        &plan("q", "CHE", "{}", named),
    ])
    .await?;
    let site = Site::made(&node, |site| site.with_clock(Arc::new(|| TODAY)));
    for path in ["country/POL", "country/CHE", "national-action-plan"] {
        let page = site.get(&format!("/en/{path}")).await?.text;
        assert!(!page.contains("date not found"), "{path}: {page}");
        assert!(!page.contains("(as of 2019)"), "{path}: {page}");
        assert!(!page.contains("<span></span>"), "{path}: {page}");
    }
    let page = site.get("/en/country/POL").await?.text;
    has(
        &page,
        &["<span>Its period ended in 2020 <span class=\"mark\">(computed)</span></span>"],
    );
    // On the page of the plan it stands as a note of its history.
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(&page, &["no state is named", "date not found"]);
    Ok(())
}
