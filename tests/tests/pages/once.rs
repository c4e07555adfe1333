//! What a page says, it says once.

use anyhow::{Context as _, Result};

use super::{
    reading::{INDICATOR, series},
    record::{has, with},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_all_rows_of_a_long_list_say_stands_once_above_them() -> Result<()> {
    let all: Vec<String> = [
        "ALB", "BDI", "COD", "DNK", "ERI", "FRA", "GHA", "HTI", "ITA", "JOR",
    ]
    .iter()
    .map(|country| series(country, ""))
    .collect();
    let mut all: Vec<&str> = all.iter().map(String::as_str).collect();
    all.push(INDICATOR);
    let (_node, site, _) = with(&all).await?;
    let list = site.get("/en/series").await?.text;
    let (above, table) = list.split_once("<table").context("a table")?;
    has(
        above,
        &[
            "The same in all rows of this page: Title: <bdi lang=\"en\" dir=\"ltr\">Seats held by women</bdi>; Unit: Per cent; Period: ",
        ],
    );
    // What all of them measure is no name of any: each is called by its area.
    has(
        table,
        &[
            "\"><bdi>Jordan</bdi></a></th>",
            "<th scope=\"col\" role=\"columnheader\">Country or area</th>",
        ],
    );
    for part in ["Seats", "Per cent", ">2020<", "Publisher", "title:"] {
        assert!(!table.contains(part), "{part} is in {table}");
    }
    assert_eq!(table.matches("Jordan").count(), 1);
    // A few rows are compared by their columns.
    let few = site.get("/en/series?country=ALB").await?.text;
    has(
        &few,
        &[
            "<th scope=\"col\" role=\"columnheader\">Publisher</th>",
            "Seats held by women</bdi></a></th>",
        ],
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_says_of_a_record_it_says_once_and_a_word_needs_no_heading() -> Result<()> {
    let world = r#"{"external_id": "s-world", "title": [{"language": "en", "text": "World"}],
        "series": {"indicator": {"citation": "share of women"}, "area_m49": "001",
            "area_name": [{"language": "en", "text": "World"}]}}"#;
    let finding = r#"{"external_id": "f", "title": [{"language": "en", "text": "Few women in forces"}],
        "date": {"value": "2017-09-21"},
        "finding": {"made": {"value": "2017-09-21"},
            "addressed_to": [{"name": [{"language": "en", "text": "ministers of defence"}]}]}}"#;
    let (_node, site, ids) = with(&[world, finding]).await?;
    let page = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(
        &page,
        &[
            "<h1><bdi lang=\"und\" dir=\"ltr\">Share of women</bdi>",
            "<dt>Area</dt>",
        ],
    );
    assert!(!page.contains("<dt>Name of the area</dt>"), "{page}");
    let page = site.get(&format!("/en/record/{}", ids[1])).await?.text;
    has(&page, &["<dt>Made on</dt>", "Ministers of defence"]);
    for part in ["<dt>Date</dt>", "<h2>Addressed to</h2>"] {
        assert!(!page.contains(part), "{part} is in {page}");
    }
    Ok(())
}
