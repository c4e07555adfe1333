//! What the values of a series are divided by: called by name in the reader's language.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use wpsx_words::{Language, Vocabularies};

use super::{
    LANGUAGES,
    record::{has, with},
};

const INDICATOR: &str = r#"{"external_id": "i", "title": [{"language": "en", "text": "Seats"}],
    "indicator": {"code": "S"}}"#;
const SERIES: &str = r#"{"external_id": "s", "countries": ["KEN"], "title": [{"language": "en", "text": "S KEN"}],
    "series": {"indicator": {"external_id": "i"}, "indicator_code": "S", "observations": [
        {"period": "2010", "value": "1", "age": "15_24", "breakdown": "parliamentary_committees=hum_righ"},
        {"period": "2011", "value": "2", "age": "Y15T24", "breakdown": "Généraux"},
        {"period": "2012", "value": "3", "age": "15-24", "breakdown": "rank=OF-6"},
        {"period": "2013", "value": "4", "age": "Y15T17"},
        {"period": "2014", "value": "5", "age": "18", "breakdown": "PARLIAMENTARY_COMMITTEES=FOR_AFF"}]}}"#;

#[tokio::test(flavor = "multi_thread")]
async fn ages_and_breakdowns_are_called_by_name_and_what_nobody_has_named_stays_as_it_is()
-> Result<()> {
    let (_node, site, ids) = with(&[INDICATOR, SERIES]).await?;
    let french = site.get(&format!("/fr/record/{}", ids[1])).await?.text;
    has(
        &french,
        &[
            "Commission parlementaire\u{a0}: droits humains",
            "Commission parlementaire\u{a0}: affaires étrangères",
            "18 ans et plus",
            "<bdi lang=\"und\" dir=\"auto\">Généraux</bdi>",
            "<bdi><code>rank=OF-6</code></bdi>",
            "<bdi><code>Y15T17</code></bdi>",
        ],
    );
    // However it is spelled.
    ensure!(french.matches("De 15 à 24 ans").count() == 3, "{french}");
    for language in LANGUAGES {
        let page = site
            .get(&format!("/{language}/record/{}", ids[1]))
            .await?
            .text;
        for code in ["15_24", "Y15T24", "hum_righ"] {
            ensure!(!page.contains(code), "{language}: {code} is in {page}");
        }
    }
    // The newest value of a country says of whom it is.
    let indicator = site.get(&format!("/fr/record/{}", ids[0])).await?.text;
    has(&indicator, &["18 ans et plus"]);
    let method = site.get("/en/method/series").await?.text;
    has(
        &method,
        &[
            "href=\"/en/vocabulary/ages\"",
            "href=\"/en/vocabulary/breakdowns\"",
        ],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_series_that_measure_the_same_begin_with_what_tells_them_apart() -> Result<()> {
    let second = INDICATOR
        .replace("\"i\"", "\"j\"")
        .replace("Seats", "Votes");
    let of = |id: &str, country: &str| {
        let series = SERIES.replace("\"s\"", &format!("\"s-{id}-{country}\""));
        series.replace("KEN", country).replace(
            "{\"external_id\": \"i\"}",
            &format!("{{\"external_id\": \"{id}\"}}"),
        )
    };
    let series = [
        of("i", "KEN"),
        of("i", "ALB"),
        of("j", "KEN"),
        of("j", "ALB"),
    ];
    let all: Vec<&str> = [INDICATOR, &second]
        .into_iter()
        .chain(series.iter().map(String::as_str))
        .collect();
    let (_node, site, ids) = with(&all).await?;
    let list = site.get("/en/series").await?.text;
    for (id, country) in ids[2..]
        .iter()
        .zip(["Kenya", "Albania", "Kenya", "Albania"])
    {
        let led = format!("<a href=\"/en/record/{id}\"><bdi>{country}</bdi></a>");
        has(&list, &[&led]);
    }
    // Of one country, what is measured tells them apart.
    let kenya = site.get("/en/series?country=KEN").await?.text;
    for title in ["Seats", "Votes"] {
        has(
            &kenya,
            &[&format!(
                "\"><bdi lang=\"en\" dir=\"ltr\">{title}</bdi></a>"
            )],
        );
    }
    let place = site.get("/en/country/KEN").await?.text;
    has(&place, &["<bdi lang=\"en\" dir=\"ltr\">Votes</bdi></a>"]);
    Ok(())
}

/// The cells of a line of CSV.
fn cells(line: &str) -> Vec<String> {
    let (mut all, mut is_quoted) = (vec![String::new()], false);
    for sign in line.chars() {
        match (sign, is_quoted, all.last_mut()) {
            ('"', ..) => is_quoted = !is_quoted,
            (',', false, _) => all.push(String::new()),
            (sign, _, Some(cell)) => cell.push(sign),
            _ => {}
        }
    }
    all
}

#[test]
fn every_age_and_breakdown_of_the_projects_data_has_a_name_in_six_languages() -> Result<()> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../node/data/observations.csv");
    let data = std::fs::read_to_string(data)?;
    let mut lines = data.lines().map(cells);
    let head = lines.next().context("it has a head")?;
    let place = |name: &str| head.iter().position(|column| column == name);
    let places = [("age", "ages"), ("breakdown", "breakdowns")]
        .map(|(column, vocabulary)| place(column).map(|at| (at, vocabulary)));
    let (all, mut named) = (Vocabularies::shipped(), 0);
    for line in lines {
        for (at, vocabulary) in places.into_iter().flatten() {
            if line[at].is_empty() {
                continue;
            }
            let terms = all.get_or_empty(vocabulary);
            let found = terms.find(&line[at]);
            let term = found
                .term()
                .with_context(|| format!("{vocabulary}: {}", line[at]))?;
            ensure!(Language::ALL.into_iter().all(|it| term.name(it).is_some()));
            named += 1;
        }
    }
    ensure!(named > 3_000, "{named}");
    Ok(())
}
