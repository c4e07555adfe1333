//! What is shown for a title is found by its words, in every language that it is shown in, on
//! pages and in files alike.

use anyhow::{Context as _, Result};
use wpsx_tests::federation::TestNode;

use super::{
    Page, Site,
    record::{has, with},
};

const INDICATOR: &str = r#"{"external_id": "ind", "title": [{"language": "en", "text": "Seats held by women"},
    {"language": "fr", "text": "Sièges occupés par des femmes"}], "indicator": {"code": "SEATS"}}"#;

fn series(id: &str, country: &str, indicator: &str) -> String {
    format!(
        r#"{{"external_id": "{id}", "countries": ["{country}"],
            "title": [{{"language": "en", "text": "Values {id}", "kind": "TEXT_KIND_DESCRIPTIVE"}}],
            "series": {{"indicator": {indicator}, "indicator_code": "SEATS",
                "period": {{"start": {{"value": "2000"}}, "end": {{"value": "2020"}}}}}}}}"#
    )
}

async fn measured() -> Result<(TestNode, Site, Vec<String>)> {
    let by_name = r#"{"external_id": "ind"}"#;
    let (kenya, albania) = (series("s-1", "KEN", by_name), series("s-2", "ALB", by_name));
    let other = series("s-3", "KEN", r#"{"external_id": "another"}"#);
    let worded = r#"{"external_id": "s-4", "title": [{"language": "en", "text": "Codes"}],
        "series": {"indicator": {"citation": "Personnel by contributor"},
            "area_name": [{"language": "en", "text": "Lake region"}],
            "place": {"name": [{"language": "en", "text": "Kisumu"}]}}}"#;
    let un = r#"{"external_id": "un", "title": [{"language": "en", "text": "Security Council"}],
        "organisation": {"type": "un-entity"}}"#;
    let event = r#"{"external_id": "e", "countries": ["KEN"], "title": [{"language": "en", "text": "Security Council"}],
        "event": {}}"#;
    with(&[INDICATOR, &kenya, &albania, &other, un, worded, event]).await
}

/// The source's ids of the records that a file has for some words.
async fn found(site: &Site, path: &str) -> Result<Vec<String>> {
    let file: Page = site.get(path).await?;
    let mut ids = Vec::new();
    for line in file.text.lines() {
        let line: serde_json::Value = serde_json::from_str(line)?;
        let id = line["record"]["external_id"].as_str();
        ids.push(id.unwrap_or_default().to_owned());
    }
    ids.sort();
    Ok(ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_for_a_title_is_found_by_its_words_in_every_language_in_every_form()
-> Result<()> {
    let (node, site, ids) = measured().await?;
    for (words, expected) in [
        ("held women", vec!["ind", "s-1", "s-2"]),
        ("sieges femmes", vec!["ind", "s-1", "s-2"]),
        ("women kenya", vec!["s-1"]),
        ("Женщины Кения", vec![]),
        ("women Кения 2020", vec!["s-1"]),
        ("肯尼亚", vec!["s-1", "s-3"]),
        ("women 1999", vec![]),
        ("values albania", vec!["s-2"]),
        ("Conseil de sécurité", vec!["un"]),
        ("مجلس الأمن", vec!["un"]),
        ("security council", vec!["e", "un"]),
        ("contributor lake kisumu", vec!["s-4"]),
    ] {
        let asked: String = words.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let file = found(&site, &format!("/en/record.jsonl?words={asked}")).await?;
        assert_eq!(file, expected, "{words}");
        let page = site.get(&format!("/fr/record?words={asked}")).await?.text;
        let shown = page.split("<main").nth(1).unwrap_or_default();
        let count = format!("<strong>{}</strong>", expected.len());
        assert!(
            expected.is_empty() || shown.contains(&count),
            "{words}: {shown}"
        );
        for (id, at) in [("s-1", 1), ("s-2", 2), ("s-3", 3), ("un", 4), ("s-4", 5)] {
            let is_shown = shown.contains(&ids[at]);
            assert_eq!(is_shown, expected.contains(&id), "{words}: {id} in {shown}");
        }
        let typed = node.typed(&["count", "--words", words]).await?;
        assert_eq!(typed.trim(), expected.len().to_string(), "{words}");
    }
    // By the kind alone, and not by one that is called otherwise.
    let path = "/en/series.jsonl?words=women";
    assert_eq!(found(&site, path).await?, ["s-1", "s-2"]);
    assert_eq!(found(&site, "/en/event.jsonl?words=kenya").await?, [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn series_of_one_name_are_told_apart_by_their_publishers_titles() -> Result<()> {
    let divided = |id: &str, by: &str| {
        let title = format!("Kenya: personnel, by {by}");
        let series = series(id, "KEN", r#"{"external_id": "ind"}"#);
        series.replace(&format!("Values {id}"), &title)
    };
    let (mission, rank) = (divided("s-1", "mission"), divided("s-2", "rank"));
    let other = series("s-3", "ALB", r#"{"external_id": "ind"}"#);
    let (_node, site, _) = with(&[INDICATOR, &mission, &rank, &other]).await?;
    for path in ["/en/series", "/en/country/KEN", "/en/record?country=KEN"] {
        let page = site.get(path).await?.text;
        let page = page.split_once("<main").context("a page")?.1;
        for by in ["mission", "rank"] {
            let title = format!("Kenya: personnel, by {by}</bdi>");
            assert_eq!(page.matches(&title).count(), 1, "{path}: {page}");
        }
        assert!(!page.contains("Values s-3"), "{page}");
    }
    // A title that is made of a code says less than whose figures they are.
    let coded = |id: &str, whose: &str| {
        let series = divided(id, "SEATS");
        series.replace(
            "\"series\": {",
            &format!("\"attribution\": \"{whose}\", \"series\": {{"),
        )
    };
    let (one, other) = (
        coded("s-6", "Institute"),
        coded("s-7", "Statistics Division"),
    );
    let (_coded, coded, _) = with(&[INDICATOR, &one, &other]).await?;
    let page = coded.get("/en/series").await?.text;
    for whose in ["Institute", "Statistics Division"] {
        let told = format!("Attribution: <bdi lang=\"und\" dir=\"auto\">{whose}</bdi>");
        assert_eq!(page.matches(&told).count(), 1, "{whose}: {page}");
    }
    assert!(!page.contains("by SEATS"), "{page}");
    // An area without a code is called by its name.
    let named = |id: &str, area: &str| {
        let series = series(id, "KEN", r#"{"external_id": "ind"}"#);
        let area = format!(
            "\"area_name\": [{{\"language\": \"en\", \"text\": \"{area}\"}}], \"indicator_code\""
        );
        let series = series.replace("\"countries\": [\"KEN\"],", "");
        series.replace("\"indicator_code\"", &area)
    };
    let (low, high) = (named("s-4", "Low income"), named("s-5", "High income"));
    let (_areas, areas, _) = with(&[INDICATOR, &low, &high]).await?;
    let page = areas.get("/en/series").await?.text;
    for area in ["<bdi>Low income</bdi>", "<bdi>High income</bdi>"] {
        assert_eq!(page.matches(area).count(), 1, "{area}: {page}");
    }
    assert!(!page.contains("publisher’s title"), "{page}");
    // What has its name for itself needs no further one.
    let page = site.get("/en/series?country=ALB").await?.text;
    assert!(!page.contains("publisher’s title"), "{page}");
    Ok(())
}

/// A plan with titles in these languages.
fn plan(id: &str, titles: &[(&str, &str)]) -> String {
    let titles: Vec<String> = titles
        .iter()
        .map(|(language, text)| format!(r#"{{"language": "{language}", "text": "{text}"}}"#))
        .collect();
    let titles = titles.join(",");
    format!(r#"{{"external_id": "{id}", "title": [{titles}], "national_action_plan": {{}}}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_by_title_are_in_the_order_of_the_titles_that_their_reader_is_shown() -> Result<()> {
    let plans = [
        plan(
            "all",
            &[
                ("en", "Zero violence"),
                ("fr", "À bas la violence"),
                ("es", "Ñandú"),
                ("ar", "بلد"),
            ],
        ),
        plan("french", &[("fr", "« Égalité »")]),
        plan("english", &[("en", "Moving on")]),
        plan("arabic", &[("ar", "أمن"), ("en", "Security")]),
        plan("spanish", &[("es", "Nuez"), ("en", "Nut"), ("fr", "Zone")]),
        plan("russian", &[("ru", "Женщины")]),
        plan("none", &[("en", "…")]),
    ];
    let plans: Vec<&str> = plans.iter().map(String::as_str).collect();
    let (_node, site, ids) = with(&plans).await?;
    for (language, expected) in [
        (
            "en",
            [
                "french", "english", "spanish", "arabic", "all", "russian", "none",
            ],
        ),
        (
            "fr",
            [
                "all", "french", "english", "arabic", "spanish", "russian", "none",
            ],
        ),
        (
            "es",
            [
                "french", "english", "spanish", "all", "arabic", "russian", "none",
            ],
        ),
        (
            "ar",
            [
                "arabic", "all", "french", "english", "spanish", "russian", "none",
            ],
        ),
        (
            "ru",
            [
                "russian", "french", "english", "spanish", "arabic", "all", "none",
            ],
        ),
    ] {
        let path = format!("/{language}/national-action-plan");
        let file = site.get(&format!("{path}.jsonl?sort=title")).await?.text;
        let lines = file.lines().map(serde_json::from_str::<serde_json::Value>);
        let lines: Vec<_> = lines.collect::<Result<_, _>>()?;
        let told: Vec<_> = lines
            .iter()
            .map(|line| line["record"]["external_id"].as_str())
            .collect();
        assert_eq!(told, expected.map(Some), "{language}");
        let page = site.get(&format!("{path}?sort=title")).await?.text;
        let shown = page.split("<main").nth(1).unwrap_or_default();
        let mut places: Vec<_> = ids.iter().map(|id| shown.find(id.as_str())).collect();
        assert!(!places.contains(&None), "{language}: {shown}");
        let names = [
            "all", "french", "english", "arabic", "spanish", "russian", "none",
        ];
        let mut order: Vec<_> = names.into_iter().zip(places.drain(..)).collect();
        order.sort_by_key(|(_, place)| *place);
        let order: Vec<_> = order.into_iter().map(|(name, _)| name).collect();
        assert_eq!(order, expected, "{language}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_its_translation_and_its_annex_are_one_in_lists_and_counts_and_each_in_files()
-> Result<()> {
    let document = |id: &str, family: &str| {
        let family = match family {
            "" => String::new(),
            head => format!(r#""family": {{"external_id": "{head}"}}"#),
        };
        format!(
            r#"{{"external_id": "{id}", "title": [{{"language": "en", "text": "Text {id}"}}],
                "document": {{{family}}}}}"#
        )
    };
    let documents = [
        document("head", ""),
        document("translation", "head"),
        document("annex", "head"),
        document("other", ""),
    ];
    let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
    let (_node, site, ids) = with(&documents).await?;
    for (path, count, shown) in [
        ("/en/document", "2", [true, false, false, true]),
        ("/en/document?texts=every", "4", [true; 4]),
        ("/en/document?words=annex", "1", [false, false, true, false]),
    ] {
        let page = site.get(path).await?.text;
        let main = page.split("<main").nth(1).unwrap_or_default();
        assert!(
            main.contains(&format!("<strong>{count}</strong>")),
            "{path}: {main}"
        );
        let there: Vec<bool> = ids.iter().map(|id| main.contains(id.as_str())).collect();
        assert_eq!(there, shown, "{path}");
        let has_both = path.contains("words");
        let turned = match path.contains("texts") {
            true => "href=\"/en/document\"",
            false => "texts=every",
        };
        assert_eq!(main.contains(turned), !has_both, "{path}: {main}");
        let file = path.replace("document", "document.jsonl");
        let rows = site.get(&file).await?.text.lines().count();
        assert_eq!(rows, if has_both { 1 } else { 4 }, "{file}");
    }
    let home = site.get("/en").await?.text;
    let main = home.split("<main").nth(1).unwrap_or_default();
    let of_kind = main.split("/en/document").nth(1).unwrap_or_default();
    assert!(of_kind.contains("2"), "{of_kind}");
    // What is named by others is each by itself.
    let naming = site
        .get(&format!("/en/document?refers={}", ids[0]))
        .await?
        .text;
    for id in &ids[1..3] {
        assert!(naming.contains(id.as_str()), "{naming}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_called_the_same_on_its_page_in_lists_feeds_and_citations() -> Result<()> {
    let law = r#"{"external_id": "l", "countries": ["BEL"], "law": {},
        "title": [{"language": "en", "text": "Act on it", "kind": "TEXT_KIND_MACHINE_TRANSLATION"},
                  {"language": "fr", "text": "Loi du lieu", "kind": "TEXT_KIND_ORIGINAL"}]}"#;
    let (_node, site, ids) = with(&[law]).await?;
    let files = |language: &str| {
        let record = format!("/{language}/record/{}", ids[0]);
        [
            record.clone(),
            format!("{record}.bib"),
            format!("{record}.ris"),
            format!("/{language}/law"),
            format!("/{language}/country/BEL"),
            format!("/{language}/law.atom"),
        ]
    };
    // Who reads neither language is shown what its author wrote, everywhere.
    for path in files("es") {
        let text = site.get(&path).await?.text;
        assert!(text.contains("Loi du lieu"), "{path}: {text}");
        // The data of a page has all titles.
        let shown = text.split("</script>").last().unwrap_or_default();
        assert!(!shown.contains("Act on it"), "{path}: {shown}");
    }
    // Who reads the translation is told what it is, everywhere.
    for path in files("en") {
        let text = site.get(&path).await?.text;
        assert!(text.contains("Act on it"), "{path}: {text}");
        assert!(text.contains("Machine translation"), "{path}: {text}");
    }
    for path in &files("en")[..3] {
        let text = site.get(path).await?.text;
        assert!(text.contains("Loi du lieu"), "{path}: {text}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_beside_a_translation_is_what_was_translated() -> Result<()> {
    for kind in ["MACHINE", "OFFICIAL", "UNOFFICIAL"] {
        let law = format!(
            r#"{{"external_id": "l", "law": {{}}, "title": [
                {{"language": "en", "text": "Act by hand", "kind": "TEXT_KIND_{kind}_TRANSLATION"}},
                {{"language": "fr", "text": "Loi"}}]}}"#
        );
        let (_node, site, ids) = with(&[&law]).await?;
        for language in ["es", "ar", "fr"] {
            let page = site.get(&format!("/{language}/record/{}", ids[0])).await?;
            has(
                &page.text,
                &["<h1 lang=\"fr\" dir=\"ltr\"><bdi>Loi</bdi></h1>"],
            );
        }
        let english = site.get(&format!("/en/record/{}", ids[0])).await?.text;
        has(
            &english,
            &[
                "<h1 lang=\"en\" dir=\"ltr\"><bdi>Act by hand</bdi></h1>",
                "<bdi lang=\"fr\" dir=\"ltr\">Loi</bdi>",
            ],
        );
        let cited = site.get(&format!("/en/record/{}.ris", ids[0])).await?.text;
        has(
            &cited,
            &["TI  - Loi\r\n", "TT  - Act by hand\r\n", "LA  - fr\r\n"],
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisations_plan_is_cited_as_its_own() -> Result<()> {
    let plan = r#"{"external_id": "p", "title": [{"language": "en", "text": "Plan"}],
        "organisations": [{"name": [{"language": "en", "text": "European Union"}], "acronym": "EU"}],
        "regional_action_plan": {"lead_bodies": [{"acronym": "EEAS"}], "adopted": {"value": "2019"}}}"#;
    let (_node, site, ids) = with(&[plan]).await?;
    for (form, says) in [
        ("", "European Union</bdi> (<bdi>2019</bdi>)."),
        (".bib", "author = {{European Union}}"),
        (".ris", "AU  - European Union"),
    ] {
        let text = site
            .get(&format!("/en/record/{}{form}", ids[0]))
            .await?
            .text;
        has(&text, &[says]);
    }
    let data = site
        .get(&format!("/en/record/{}.jsonld", ids[0]))
        .await?
        .text;
    let data: serde_json::Value = serde_json::from_str(&data)?;
    assert_eq!(data["author"][0]["name"], "European Union", "{data}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_titles_of_which_nobody_says_how_they_came_to_be_none_is_the_original() -> Result<()>
{
    let law = r#"{"external_id": "l", "law": {}, "title": [{"language": "en", "text": "Law three"},
        {"language": "es", "text": "Ley tres"},
        {"language": "fr", "text": "Loi trois", "kind": "TEXT_KIND_MACHINE_TRANSLATION"}]}"#;
    let (_node, site, ids) = with(&[law]).await?;
    for (language, title) in [("es", "Ley tres"), ("en", "Law three"), ("fr", "Loi trois")] {
        let page = site
            .get(&format!("/{language}/record/{}", ids[0]))
            .await?
            .text;
        has(&page, &[&format!("<bdi>{title}</bdi></h1>")]);
        let head = page.split("<h1").nth(1).unwrap_or_default();
        assert!(!head.contains("class=\"original\""), "{head}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_original_is_known_an_official_translation_goes_before_one_by_a_machine()
-> Result<()> {
    let law = r#"{"external_id": "l", "law": {}, "title": [
        {"language": "en", "text": "Act by machine", "kind": "TEXT_KIND_MACHINE_TRANSLATION"},
        {"language": "fr", "text": "Loi officielle", "kind": "TEXT_KIND_OFFICIAL_TRANSLATION"}],
        "summary": [
        {"language": "en", "text": "Short by machine", "kind": "TEXT_KIND_MACHINE_TRANSLATION"},
        {"language": "fr", "text": "En bref", "kind": "TEXT_KIND_UNOFFICIAL_TRANSLATION"}]}"#;
    let (_node, site, ids) = with(&[law]).await?;
    for language in ["es", "ar"] {
        let path = format!("/{language}/record/{}", ids[0]);
        let page = site.get(&path).await?.text;
        has(
            &page,
            &["<h1 lang=\"fr\" dir=\"ltr\"><bdi>Loi officielle</bdi></h1>"],
        );
        let main = page.split("</script>").last().unwrap_or_default();
        let (first, second) = (main.find("En bref"), main.find("Short by machine"));
        assert!(first.is_some() && first < second, "{main}");
        for form in ["bib", "ris"] {
            let cited = site.get(&format!("{path}.{form}")).await?.text;
            has(&cited, &["Loi officielle"]);
            assert!(!cited.contains("Act by machine"), "{cited}");
        }
        let list = site.get(&format!("/{language}/law")).await?.text;
        has(&list, &["Loi officielle"]);
    }
    Ok(())
}
