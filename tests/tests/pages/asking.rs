//! What is asked by an address: what it means, in which forms it is answered, and how often a
//! record is in a file.

use std::sync::Arc;

use http::{Method, header};
use http_body_util::BodyExt as _;

use super::{
    files::{asked, event, events, publish, with},
    *,
};

pub(super) fn lacks_none(page: &Page, parts: &[&str]) {
    for part in parts {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
}

/// Bytes of an address's answer, compressed.
async fn sent(site: &Site, path: &str) -> Result<usize> {
    let gzip = [(header::ACCEPT_ENCODING, "gzip")];
    let answer = asked(site, Method::GET, path, &gzip).await?;
    assert_eq!(answer.headers()[header::CONTENT_ENCODING], "gzip");
    Ok(answer.into_body().collect().await?.to_bytes().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_mailings_add_and_fields_that_were_left_empty_are_not_asked() -> Result<()> {
    let (_node, site, _) = with(&events(3)).await?;
    let query = "utm_source=news&fbclid=1&gclid=2&words=&country=&region=&from=&q=&kind=";
    let page = site.get(&format!("/en/event?{query}")).await?;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("was not understood"), "{}", page.text);
    lacks_none(&page, &["hreflang=\"fr\" href=\"/fr/event\""]);
    let table = site.get(&format!("/en/event.csv?{query}")).await?;
    assert_eq!(table.status, StatusCode::OK);
    let link = table.headers[header::LINK].to_str()?;
    assert!(link.contains("</en/event>"), "{link}");
    Ok(())
}

/// An event of these countries.
fn of(id: &str, countries: &str) -> String {
    event(id, "PLANNED", "2027-03-05").replace("[\"KEN\"]", countries)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_and_a_country_both_narrow_and_what_is_counted_is_found() -> Result<()> {
    let records = [
        of("kenya", "[\"KEN\"]"),
        of("france", "[\"FRA\"]"),
        of("both", "[\"KEN\", \"FRA\"]"),
        of("mali", "[\"MLI\"]"),
    ];
    let (node, site, _) = with(&records).await?;
    for (question, ids) in [
        ("region=AU", vec!["both", "kenya", "mali"]),
        ("region=AU&country=FRA", vec!["both"]),
        ("region=AU&country=KEN", vec!["both", "kenya"]),
        (
            "region=AU&country=KEN&country=MLI",
            vec!["both", "kenya", "mali"],
        ),
        ("region=AU&region=EU&country=FRA", vec!["both", "france"]),
        ("region=EU&country=MLI", vec![]),
    ] {
        let lines = site.get(&format!("/en/event.jsonl?{question}")).await?.text;
        let told = ["both", "france", "kenya", "mali"];
        let told = told
            .into_iter()
            .filter(|id| lines.contains(&format!("Meeting {id}\"")));
        assert_eq!(told.collect::<Vec<_>>(), ids, "{question}");
        let page = site.get(&format!("/en/event?{question}")).await?.text;
        let shown = page.matches(">Meeting ").count();
        assert!(
            ids.is_empty() || page.contains(&format!("<strong>{}</strong>", ids.len())),
            "{question}: {shown}"
        );
    }
    // What each choice would leave is what it leaves.
    let page = site.get("/en/event?region=AU").await?.text;
    let link =
        "href=\"/en/event?country=FRA&amp;region=AU\">France</a> <span class=\"count\">1</span>";
    assert!(page.contains(link), "{link} is not in {page}");
    let typed = [
        "count",
        "--country",
        "FRA",
        "--organisation",
        "AU",
        "--by",
        "kind",
    ];
    let typed = node.typed(&typed).await?;
    assert_eq!(counted(&typed, "event"), Some("1"), "{typed}");
    // A site that shows one region shows it within a country too, and a place as it is.
    let scope = wpsx_observatory::Scope::find("European Union", &Vocabularies::shipped())?;
    let scoped = super::with(&node, |settings| settings.scope = Some(scope));
    let kenya = scoped.get("/en/country/KEN.jsonl").await?.text;
    assert_eq!(kenya.lines().count(), 2, "{kenya}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_chosen_beside_another_value_adds_as_many_records_as_it_says() -> Result<()> {
    let records = [
        of("kenya", "[\"KEN\"]"),
        of("france", "[\"FRA\"]"),
        of("both", "[\"KEN\", \"FRA\"]"),
        of("mali", "[\"MLI\", \"KEN\"]"),
        of("ghana", "[\"GHA\"]"),
    ];
    let (_node, site, _) = with(&records).await?;
    let page = site.get("/en/event?country=KEN").await?;
    lacks_none(&page, &["Or also", "<strong>3</strong>", "France (+1)"]);
    let (_, others) = page.text.split_once("Or also").context("other values")?;
    let (others, _) = others.split_once("</ul>").context("they end")?;
    let mut told = 0;
    for choice in others.split("<a href=\"").skip(1) {
        let (link, rest) = choice.split_once('"').context("a link")?;
        let (_, count) = rest.split_once(">+").context("a number")?;
        let count: u64 = count.split('<').next().unwrap_or_default().parse()?;
        let wider = site.get(&link.replace("&amp;", "&")).await?;
        lacks_none(&wider, &[&format!("<strong>{}</strong>", 3 + count)]);
        told += 1;
    }
    assert_eq!(told, 3, "{others}");
    // Where nothing of a facet is chosen, a number is what is left.
    let all = site.get("/en/event").await?.text;
    assert!(
        !all.contains("Or also") && all.contains("France (2)"),
        "{all}"
    );
    for language in super::LANGUAGES {
        let page = site
            .get(&format!("/{language}/event?country=KEN"))
            .await?
            .text;
        let page = page.replace(['\u{2068}', '\u{2069}'], "");
        assert!(page.contains("<span class=\"count\">+1</span>"), "{page}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_with_too_many_values_is_refused_and_no_page_grows_with_it() -> Result<()> {
    let (_node, site, _) = with(&events(60)).await?;
    let codes = Vocabularies::shipped();
    let codes: Vec<&str> = codes
        .get_or_empty("countries")
        .offered()
        .map(|term| term.code.as_str())
        .filter(|code| code.len() == 3)
        .collect();
    let asks = |count: usize| {
        let countries = codes.iter().take(count);
        let countries: Vec<String> = countries.map(|code| format!("country={code}")).collect();
        countries.join("&")
    };
    for (count, status) in [
        (20, StatusCode::OK),
        (21, StatusCode::BAD_REQUEST),
        (100, StatusCode::BAD_REQUEST),
    ] {
        let path = format!("/en/event?{}&country=KEN", asks(count - 1));
        let page = site.get(&path).await?;
        assert_eq!(page.status, status, "{count}");
        let bytes = sent(&site, &path).await?;
        assert!(bytes < 60 << 10, "{count}: {bytes}");
        let file = site.get(&path.replace("event?", "event.csv?")).await?;
        assert_eq!(file.status, status, "{count}");
        if status == StatusCode::BAD_REQUEST {
            lacks_none(&page, &["too many values", "at most 20"]);
        }
    }
    // All that one address may choose.
    let mut all = asks(20);
    for (facet, count) in [("theme", 20), ("language", 19)] {
        let codes = Vocabularies::shipped();
        let vocabulary = if facet == "theme" {
            "themes"
        } else {
            "languages"
        };
        let terms = codes.get_or_empty(vocabulary).offered().take(count);
        for term in terms {
            all.push_str(&format!("&{facet}={}", term.code));
        }
    }
    let bytes = sent(&site, &format!("/en/record?{all}")).await?;
    assert!(bytes < 60 << 10, "{bytes}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_an_address_does_not_have_is_told_with_those_it_has() -> Result<()> {
    let (_node, site, ids) = with(&events(3)).await?;
    for (path, parts) in [
        ("/en/law.ics", vec!["/en/law.csv\n", "/en/law\n"]),
        (
            "/en/event.pdf",
            vec!["href=\"/en/event.csv\"", "href=\"/en/event.ics\""],
        ),
        (
            "/en/network.json",
            vec!["\"/en/record.json\"", "\"/en/network\""],
        ),
        ("/en/country.csv", vec!["/en/record.csv\n", "/en/country\n"]),
        ("/en.csv", vec!["/en/record.csv\n", "/en\n"]),
        ("/fr/method.xlsx", vec!["/fr/record.xlsx\n", "/fr/method\n"]),
    ] {
        let page = site.get(path).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        lacks_none(&page, &parts);
    }
    let record = site.get(&format!("/en/record/{}.docx", ids[0])).await?;
    assert_eq!(record.status, StatusCode::NOT_FOUND);
    lacks_none(&record, &[&format!("href=\"/en/record/{}.csv\"", ids[0])]);
    // A page of several kinds has a table of what all of them have, and a workbook.
    for page in ["record", "country/KEN", "region/AU"] {
        let table = site.get(&format!("/en/{page}.csv")).await?;
        assert_eq!(table.status, StatusCode::OK, "{page}");
        assert_eq!(table.text.trim_end().lines().count(), 4, "{}", table.text);
        lacks_none(&table, &["title.en", "Meeting e-2"]);
        let book = site.get(&format!("/en/{page}.xlsx")).await?;
        assert!(book.text.starts_with("PK"), "{page}");
    }
    // Who asks for a form by its type gets it where there is one, and else the page.
    for (path, there) in [
        ("/en/country/KEN", Some("/en/country/KEN.csv")),
        ("/en/record", Some("/en/record.csv")),
        ("/en/network", None),
        ("/en", None),
    ] {
        let csv = [(header::ACCEPT, "text/csv")];
        let answer = asked(&site, Method::GET, path, &csv).await?;
        let location = answer.headers().get(header::LOCATION);
        assert_eq!(location.map(|it| it.to_str()).transpose()?, there, "{path}");
        let status = if there.is_some() {
            StatusCode::SEE_OTHER
        } else {
            StatusCode::OK
        };
        assert_eq!(answer.status(), status, "{path}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_about_a_place_leads_what_asks_for_less_to_the_list() -> Result<()> {
    let (_node, site, _) = with(&events(3)).await?;
    for (path, there) in [
        (
            "/en/country/KEN?theme=police",
            Some("/en/record?country=KEN&theme=police"),
        ),
        (
            "/en/country/KEN?colour=red",
            Some("/en/record?country=KEN&colour=red"),
        ),
        (
            "/en/theme/police?country=KEN&sort=title",
            Some("/en/record?country=KEN&theme=police&sort=title"),
        ),
        ("/en/country/KEN?utm_source=x", None),
        ("/en/country/KEN", None),
    ] {
        let answer = asked(&site, Method::GET, path, &[]).await?;
        let location = answer.headers().get(header::LOCATION);
        assert_eq!(location.map(|it| it.to_str()).transpose()?, there, "{path}");
    }
    let file = site.get("/en/country/KEN.csv?country=UGA").await?;
    assert_eq!(file.status, StatusCode::BAD_REQUEST);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_called_by_its_list_its_choices_and_its_day() -> Result<()> {
    let (node, _, ids) = with(&events(3)).await?;
    // 2026-11-29.
    let site = Site::made(&node, |site| {
        site.with_clock(Arc::new(|| 1_795_910_400_000))
    });
    for (path, name) in [
        (
            "/en/event.csv",
            "attachment; filename=\"event_2026-11-29.csv\"",
        ),
        (
            "/fr/event.xlsx?region=AU&country=KEN&from=2018&to=2027&words=r%C3%A9union+%D0%BF%D0%BB%D0%B0%D0%BD",
            "attachment; filename=\"event_AU_KEN_2018-2027_reunion_2026-11-29.xlsx\"",
        ),
        (
            "/en/country/KEN.json",
            "inline; filename=\"country-KEN_2026-11-29.json\"",
        ),
    ] {
        let file = site.get(path).await?;
        assert_eq!(file.headers[header::CONTENT_DISPOSITION], name, "{path}");
    }
    let record = site.get(&format!("/en/record/{}/1.csv", ids[0])).await?;
    let name = format!(
        "attachment; filename=\"record-{}-1_2026-11-29.csv\"",
        ids[0]
    );
    assert_eq!(record.headers[header::CONTENT_DISPOSITION], name.as_str());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_changes_while_a_file_is_read_is_in_it_once() -> Result<()> {
    for sort in ["change", "date", "title", "country"] {
        let (node, site, _) = with(&events(650)).await?;
        let path = format!("/en/event.csv?sort={sort}");
        let mut body = asked(&site, Method::GET, &path, &[]).await?.into_body();
        let mut text = Vec::new();
        let first = body.frame().await.context("a part")??;
        text.extend_from_slice(&first.into_data().map_err(|_| anyhow!("only data"))?);
        let read = String::from_utf8(text.clone())?;
        // Of those that were read and of those that were not, the first and the last; and one
        // that nobody had before.
        let is_read = |n: &usize| read.contains(&format!("Meeting e-{n},"));
        let (told, untold): (Vec<usize>, Vec<usize>) = (0..650).partition(is_read);
        assert!(!told.is_empty() && !untold.is_empty(), "{sort}");
        let changed = [
            told[0],
            told[told.len() - 1],
            untold[0],
            untold[untold.len() - 1],
        ];
        let mut news: Vec<String> = changed
            .iter()
            .map(|n| event(&format!("e-{n}"), "HELD", "2019-01-01"))
            .collect();
        news.push(event("new", "PLANNED", "2027-03-05"));
        publish(&node, &news).await?;
        while let Some(frame) = body.frame().await {
            text.extend_from_slice(&frame?.into_data().map_err(|_| anyhow!("only data"))?);
        }
        let text = String::from_utf8(text)?;
        for n in 0..650 {
            let id = format!(",e-{n},");
            assert_eq!(text.matches(&id).count(), 1, "{sort}: {n}");
        }
        // What had not been read is there as it is now.
        let late = format!(",e-{},", untold[0]);
        let row = text.lines().find(|line| line.contains(&late));
        assert!(
            row.is_some_and(|row| row.contains("2019-01-01")),
            "{sort}: {row:?}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn words_find_titles_in_every_language_that_a_record_has_and_the_page_says_so() -> Result<()>
{
    let titles = [
        ("en", "Second plan of action"),
        ("fr", "Deuxième plan d’action"),
        ("ar", "خطة العمل الثانية"),
        ("ru", "Второй план действий"),
        ("zh", "第二个 行动计划"),
        ("es", "Segundo plan de acción"),
        ("sw", "Mpango wa pili"),
    ];
    let texts: Vec<String> = titles
        .iter()
        .map(|(tag, text)| format!(r#"{{"language": "{tag}", "text": "{text}"}}"#))
        .collect();
    let record = event("e", "PLANNED", "2027-03-05").replace(
        r#"[{"language": "en", "text": "Meeting e"}]"#,
        &format!("[{}]", texts.join(",")),
    );
    let (_node, site, _) = with(&[record, event("other", "PLANNED", "2027-03-05")]).await?;
    let encoded = |words: &str| {
        let bytes = words.bytes().map(|byte| format!("%{byte:02x}"));
        bytes.collect::<String>()
    };
    for words in [
        "second",
        "deuxieme",
        "خطة",
        "второй",
        "行动计划",
        "accion",
        "mpango pili",
    ] {
        let page = site
            .get(&format!("/en/event?words={}", encoded(words)))
            .await?;
        lacks_none(&page, &["<strong>1</strong>", "Second plan of action"]);
    }
    for (language, says) in LANGUAGES.into_iter().zip([
        "in the languages in which each record has its title",
        "dans les langues où chaque fiche",
        "en los idiomas en que cada ficha",
        "на языках, на которых есть название",
        "باللغات التي كُتب بها",
        "语言为每条记录标题所用的语言",
    ]) {
        let page = site
            .get(&format!("/{language}/event?words=zweiter"))
            .await?;
        lacks_none(&page, &[says]);
    }
    let form = site.get("/en/event").await?;
    lacks_none(&form, &["in the language of the title"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_day_has_passed_is_never_shown_as_merely_planned() -> Result<()> {
    let records = [
        event("past", "PLANNED", "2026-11-20"),
        event("future", "PLANNED", "2026-11-30"),
        event("held", "HELD", "2026-11-20"),
    ];
    let (node, _, ids) = with(&records).await?;
    let site = Site::made(&node, |site| {
        site.with_clock(Arc::new(|| 1_795_910_400_000))
    });
    let passed = "Planned; the date has passed <span class=\"mark\">(computed)</span>";
    let list = site.get("/en/event").await?;
    lacks_none(&list, &[passed]);
    assert_eq!(list.text.matches("the date has passed").count(), 1);
    for (id, is_passed) in ids.iter().zip([true, false, false]) {
        let page = site.get(&format!("/en/record/{id}")).await?;
        assert_eq!(page.text.contains(passed), is_passed, "{}", page.text);
        let json = site.get(&format!("/en/record/{id}.json")).await?;
        assert!(
            !json.text.contains("passed"),
            "what was stated stays as it is"
        );
    }
    let calendar = super::calendar::unfolded(&site.get("/en/events.ics").await?.text).join("\n");
    assert_eq!(
        calendar
            .matches("Planned\\; the date has passed (computed)")
            .count(),
        1,
        "{calendar}"
    );
    let arabic = site.get("/ar/event").await?;
    lacks_none(&arabic, &["انقضى التاريخ"]);
    Ok(())
}

/// What people mistype and machines try.
const ODD: [&str; 30] = [
    "=&=&&;",
    "country",
    "country[]=KEN",
    "country=%00",
    "country=%ff%fe",
    "country=KEN%20OR%201%3D1",
    "region=all&country=KEN",
    "region=all&region=AU",
    "from=-1",
    "from=%D9%A2%D9%A0%D9%A1%D9%A8",
    "from=2018&to=1900",
    "from=9999&to=9999",
    "from=2018.5&to=1e3",
    "page=-",
    "page=1.2.",
    "page=-9.9.1ff.0000000000000000",
    "page=18446744073709551615.18446744073709551615.0.x",
    "words=%3Cscript%3Ealert(1)%3C/script%3E",
    "words=%F0%9F%92%A9",
    "words=%E2%80%AE%E2%80%AE",
    "words=..%2F..%2Fetc%2Fpasswd",
    "sort=change;drop",
    "refers=00000000000000000000000000000000",
    "refers=../..",
    "theme=%0d%0aSet-Cookie:%20x",
    "status=planned&status=PLANNED",
    "language=xx-klingon",
    "__proto__=1&constructor=2",
    "%3Cb%3E=%3Ci%3E",
    "utm_source=a&country=Kenya&country=KEN&country=ke",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_odd_address_breaks_a_page_or_a_file_and_all_of_it_stays_text() -> Result<()> {
    let (_node, site, _) = with(&events(3)).await?;
    let lists = [
        "event",
        "event.csv",
        "event.json",
        "event.atom",
        "event.ics",
        "record",
        "record.csv",
    ];
    let places = [
        "country/KEN",
        "country/KEN.jsonl",
        "region/AU.xlsx",
        "theme/police",
    ];
    let questions = ODD.iter().flat_map(|odd| {
        let lists = lists
            .iter()
            .chain(&places)
            .map(move |list| format!("/en/{list}?{odd}"));
        lists.chain([format!("/en?{odd}"), format!("/ar/event?{odd}")])
    });
    let paths = [
        "/en/.csv",
        "/en/event.",
        "/en/event.csv.csv",
        "/EN/event",
        "/en/EVENT",
        "/en/event%2ecsv",
        "/en/%00",
        "/en/%ff",
        "/en/record/..%2f..%2fetc%2fpasswd",
        "/en/record/.csv",
        "/en/record/00/1.csv",
        "/en/country/KEN/x.csv",
        "/en/country/.csv",
        "/en/vocabulary/..%2f..",
        "/sitemap/%2e%2e",
        "/.csv",
        "/en.csv.gz",
        "/en/network.xlsx?x=1",
    ];
    let all = questions.chain(paths.map(str::to_owned));
    for path in all {
        let answer = asked(&site, Method::GET, &path, &[]).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        assert!(!status.is_server_error(), "{path}: {status}");
        assert!(headers.get("set-cookie").is_none(), "{path}");
        if let Some(location) = headers.get(header::LOCATION) {
            let location = location.to_str()?;
            assert!(
                location.starts_with("/en") && !location.starts_with("//"),
                "{path}: {location}"
            );
        }
        let body = answer.into_body().collect().await?.to_bytes();
        let text = String::from_utf8_lossy(&body);
        let is_page = headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
        assert!(
            !is_page || !runs(&text) && !text.contains("<i>"),
            "{path}: {text}"
        );
        assert!(body.len() < 300 << 10, "{path}: {}", body.len());
    }
    Ok(())
}
