//! What of an address nobody understands or knows: a page and a file answer it with one status,
//! each in a form that its reader can read.

use http::header;

use super::{
    asking::lacks_none,
    files::{events, with},
    *,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_says_what_it_did_not_understand_and_a_file_is_refused_for_it() -> Result<()> {
    let (_node, site, _) = with(&events(3)).await?;
    for (question, parts) in [
        ("contry=KEN", ["contry", "href=\"/en/event?country=KEN\""]),
        (
            "q=meeting",
            ["nothing can be asked", "href=\"/en/event?words=meeting\""],
        ),
        ("colour=red", ["colour", "Possible are: "]),
        ("from=abc", ["abc", "four digits"]),
        ("sort=titel", ["titel", "href=\"/en/event?sort=title\""]),
        ("refers=12", ["12", "is no record"]),
        ("from=2018&from=2019", ["2019", "once"]),
        (
            "from=2100&to=1900",
            ["1900", "href=\"/en/event?from=1900&amp;to=2100\""],
        ),
    ] {
        let page = site.get(&format!("/en/event?{question}")).await?;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{question}");
        lacks_none(&page, &["Part of this address was not understood"]);
        lacks_none(&page, &parts);
        assert!(
            page.text.contains("Meeting e-1"),
            "it keeps answering: {question}"
        );
        for form in ["csv", "json", "jsonl", "xlsx", "atom", "ics", "readme.txt"] {
            let path = format!("/en/event.{form}?{question}");
            let file = site.get(&path).await?;
            assert_eq!(file.status, StatusCode::BAD_REQUEST, "{path}");
            lacks_none(&file, &["This file was not made", parts[0]]);
            let is_json = form.starts_with("json");
            let media_type = if is_json {
                "application/json"
            } else {
                "text/plain"
            };
            let told = file.headers[header::CONTENT_TYPE].to_str()?;
            assert!(told.starts_with(media_type), "{path}: {told}");
            if is_json {
                let told: serde_json::Value = serde_json::from_str(&file.text)?;
                assert!(told["reasons"][0]["why"].is_string(), "{told}");
            }
        }
    }
    for language in LANGUAGES {
        let page = site.get(&format!("/{language}/event?colour=red")).await?;
        lacks_none(&page, &["colour", "role=\"note\""]);
        let home = site.get(&format!("/{language}?colour=red")).await?;
        assert_eq!(home.status, StatusCode::BAD_REQUEST);
        lacks_none(&home, &["colour", "role=\"note\""]);
        // The address that the page calls its own has none of it.
        let link = format!("hreflang=\"{language}\" href=\"/{language}/event\"");
        lacks_none(&page, &[&link]);
    }
    // What no record of the schema can have is unknown, and names what is near.
    let page = site.get("/en/event.csv?status=planed").await?;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    lacks_none(
        &page,
        &["is not known here", "/en/event.csv?status=planned\n"],
    );
    // A code that nobody has given and no record has.
    for path in [
        "event",
        "event.csv",
        "event.json",
        "event.atom",
        "event.xlsx",
    ] {
        let page = site.get(&format!("/en/{path}?country=XXX")).await?;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{path}");
        lacks_none(&page, &["XXX is not known here"]);
    }
    // What the schema names is known, also where no record has it.
    for question in ["status=held", "status=planned&status=held"] {
        let page = site.get(&format!("/en/event?{question}")).await?;
        assert_eq!(page.status, StatusCode::OK, "{question}");
    }
    // The same beside what is known, whatever that finds.
    for (question, unknown) in [
        ("country=KEN&country=XXX", "XXX"),
        ("country=XXX&country=KEN&words=meeting", "XXX"),
        ("theme=mediation&theme=xxx", "xxx"),
        ("type=conference&type=xxx", "xxx"),
        ("status=planned&status=xxx", "xxx"),
        ("status=xxx&country=XXX", "XXX"),
    ] {
        for form in ["", ".csv", ".json", ".jsonl", ".xlsx", ".atom", ".ics"] {
            let path = format!("/en/event{form}?{question}");
            let answer = site.get(&path).await?;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
            lacks_none(&answer, &[unknown, "is not known here"]);
        }
    }
    for path in ["country/XXX", "theme/xxx"] {
        for form in ["", ".csv"] {
            let page = site.get(&format!("/en/{path}{form}")).await?;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}{form}");
        }
    }
    // What has no name asks for nothing.
    for path in ["/en/event?&&&==", "/en/event.csv?&&&==", "/en?&&&=="] {
        let page = site.get(path).await?;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.text.contains("was not understood"), "{path}");
    }
    let page = site.get("/en/event?theme=meditation").await?;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    lacks_none(&page, &["href=\"/en/event?theme=mediation\""]);
    // Only from 2100 on, and not from 2100 to 3000.
    let page = site.get("/en/event?from=3000").await?;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_nobody_knows_is_refused_by_every_facet_which_names_what_is_known()
-> Result<()> {
    let series = |id: &str, code: &str| {
        format!(
            r#"{{"external_id": "{id}", "countries": ["KEN"],
                "title": [{{"language": "en", "text": "S"}}],
                "series": {{"indicator_code": "{code}", "observations": [{{"period": "2019", "value": "2"}}]}}}}"#
        )
    };
    let mut records = vec![series("s", "UNSD:SG_GEN_PARL"), series("t", "WPS:BUDGET")];
    records.push(
        r#"{"external_id": "i", "title": [{"language": "en", "text": "Police"}],
            "indicator": {"code": "WPS:POLICE"}}"#
            .to_owned(),
    );
    records.extend(events(2));
    let (_node, site, _) = with(&records).await?;
    // A code of a record, which nothing names but records; a code of a vocabulary; a value of
    // the schema; a yes; a country; a language; a publisher.
    for (list, question, offered) in [
        ("series", "indicator=zzz", "indicator=UNSD%3ASG_GEN_PARL"),
        ("series", "indicator=WPS:BUDGETS", "indicator=WPS%3ABUDGET"),
        ("event", "status=zzz", "status=planned"),
        ("event", "type=zzz", "type="),
        ("event", "theme=zzzzz", "theme="),
        ("event", "language=zzzzz", "language="),
        ("event", "country=ZZZ", "country=KEN"),
        ("event", "publisher=zzz", "publisher="),
        ("event", "region=zzzzz", "region="),
        ("assessment", "self-assessment=zzz", "self-assessment=yes"),
        // By another name than its own.
        ("event", "state=zzz", "status=planned"),
        ("event", "state=planned", "status=planned"),
    ] {
        for form in ["", ".csv", ".json"] {
            let path = format!("/en/{list}{form}?{question}");
            let answer = site.get(&path).await?;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
            lacks_none(&answer, &[&format!("/en/{list}{form}?{offered}")]);
        }
    }
    for language in LANGUAGES {
        let page = site.get(&format!("/{language}/event?status=zzz")).await?;
        lacks_none(&page, &[&format!("/{language}/event?status=held")]);
    }
    // What is known and no record has is an empty list that says what to loosen.
    for question in ["indicator=WPS:POLICE", "words=zzz"] {
        let page = site.get(&format!("/en/series?{question}")).await?;
        assert_eq!(page.status, StatusCode::OK, "{question}");
        lacks_none(&page, &["To find some, remove one"]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_page_that_is_not_there_is_the_first_on_the_page_and_in_every_file() -> Result<()>
{
    let (_node, site, _) = with(&events(3)).await?;
    for page in ["2", "xyz", "1.2.x"] {
        for form in ["", ".csv", ".json", ".jsonl", ".xlsx", ".atom", ".ics"] {
            let path = format!("/en/event{form}?page={page}");
            let answer = site.get(&path).await?;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            if form != ".xlsx" {
                lacks_none(&answer, &["Meeting e-1"]);
            }
        }
    }
    Ok(())
}
