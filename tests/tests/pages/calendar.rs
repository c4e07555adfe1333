//! Events for calendars: when they are, and what is told of those that are not any more.

use super::{
    files::{event, publish, with},
    *,
};

/// The lines of a calendar as they were before they were folded.
pub(crate) fn unfolded(calendar: &str) -> Vec<String> {
    calendar
        .replace("\r\n ", "")
        .split("\r\n")
        .map(str::to_owned)
        .collect()
}

/// The lines of one event.
fn of(lines: &[String], id: &str) -> Vec<String> {
    let events = lines.split(|line| line == "BEGIN:VEVENT").skip(1);
    let uid = format!("UID:{id}@");
    let mut own = events.filter(|lines| lines.iter().any(|line| line.starts_with(&uid)));
    let (found, more) = (own.next(), own.next());
    assert!(more.is_none(), "{id} stands twice");
    found.unwrap_or_default().to_vec()
}

fn has(lines: &[String], line: &str) -> bool {
    lines.iter().any(|it| it == line)
}

async fn calendar(site: &Site) -> Result<Vec<String>> {
    Ok(unfolded(&site.get("/en/events.ics").await?.text))
}

async fn typed(node: &TestNode, words: &[&str]) -> Result<()> {
    node.typed(words).await?;
    node.node().records().index().settled(&node.own()?).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_time_is_a_time_in_its_zone_and_floats_where_none_is_stated() -> Result<()> {
    let timed = |id: &str, zone: &str| {
        event(id, "CONFIRMED", "2027-03-05").replace(
            "\"state\"",
            &format!(r#""start_time": "09:30", "end_time": "17:00"{zone}, "state""#),
        )
    };
    let records = [
        timed("zoned", r#", "time_zone": "Africa/Nairobi""#),
        timed("floating", ""),
        timed("nowhere", r#", "time_zone": "Mars/Olympus""#),
    ];
    let (_node, site, ids) = with(&records).await?;
    let lines = calendar(&site).await?;
    let zoned = of(&lines, &ids[0]);
    assert!(
        has(&zoned, "DTSTART;TZID=Africa/Nairobi:20270305T093000"),
        "{zoned:#?}"
    );
    assert!(has(&zoned, "DTEND;TZID=Africa/Nairobi:20270305T170000"));
    assert!(has(&lines, "TZID:Africa/Nairobi") && has(&lines, "TZOFFSETTO:+0300"));
    assert_eq!(
        lines
            .iter()
            .filter(|line| *line == "BEGIN:VTIMEZONE")
            .count(),
        1
    );
    for id in &ids[1..] {
        let floating = of(&lines, id);
        assert!(has(&floating, "DTSTART:20270305T093000"), "{floating:#?}");
        assert!(has(&floating, "DTEND:20270305T170000"));
    }
    let told = of(&lines, &ids[2]);
    let words = |line: &String| line.starts_with("DESCRIPTION") && line.contains("Mars/Olympus");
    assert!(
        told.iter().any(words),
        "a zone that nobody knows is told in words"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_gone_is_cancelled_and_never_vanishes() -> Result<()> {
    let records =
        ["stays", "withdrawn", "erased", "dateless"].map(|id| event(id, "PLANNED", "2027-03-05"));
    let (node, site, ids) = with(&records).await?;
    let before = calendar(&site).await?;
    typed(&node, &["withdraw", &ids[1], "--reason", "outdated"]).await?;
    typed(&node, &["erase", &ids[2], "--reason", "legal", "--yes"]).await?;
    publish(&node, &[event("dateless", "POSTPONED", "2027")]).await?;
    let after = calendar(&site).await?;
    for (at, is_on_its_day) in [(1, true), (2, false), (3, true)] {
        let (was, is) = (of(&before, &ids[at]), of(&after, &ids[at]));
        assert!(
            has(&was, "SEQUENCE:0") && has(&was, "STATUS:TENTATIVE"),
            "{was:#?}"
        );
        assert!(
            has(&is, "SEQUENCE:1") && has(&is, "STATUS:CANCELLED"),
            "{is:#?}"
        );
        let uid = |lines: &[String]| lines.iter().find(|it| it.starts_with("UID:")).cloned();
        assert_eq!(uid(&was), uid(&is));
        assert_eq!(
            has(&is, "DTSTART;VALUE=DATE:20270305"),
            is_on_its_day,
            "{is:#?}"
        );
        assert!(is.iter().any(|line| line.starts_with("DTSTART")), "{is:#?}");
    }
    assert!(has(&of(&after, &ids[0]), "STATUS:TENTATIVE"));
    let erased = of(&after, &ids[2]).join(" ");
    assert!(
        !erased.contains("Meeting erased") && !erased.contains("Kenya"),
        "{erased}"
    );
    // One of a country's calendar is gone from there too.
    let kenya = site.get("/en/event.ics?country=KEN").await?.text;
    let withdrawn = of(&unfolded(&kenya), &ids[1]);
    assert!(has(&withdrawn, "STATUS:CANCELLED"), "{withdrawn:#?}");
    // Published again, it stands on its day again.
    publish(&node, &[event("withdrawn", "CONFIRMED", "2027-03-12")]).await?;
    let again = of(&calendar(&site).await?, &ids[1]);
    assert!(
        has(&again, "SEQUENCE:2") && has(&again, "STATUS:CONFIRMED"),
        "{again:#?}"
    );
    assert!(has(&again, "DTSTART;VALUE=DATE:20270312"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_replaces_what_moved_and_says_what_is_cancelled_or_has_no_day() -> Result<()> {
    let records = [
        event("moves", "PLANNED", "2027-03-05"),
        event("off", "CANCELLED", "2027-05-01"),
        event("someday", "PLANNED", "2027-06"),
    ];
    let (node, site, ids) = with(&records).await?;
    let before = unfolded(&site.get("/en/events.ics").await?.text);
    let has = |lines: &[String], line: &str| lines.iter().any(|it| it == line);
    assert!(has(&before, "DTSTART;VALUE=DATE:20270305"), "{before:#?}");
    assert!(has(&before, "DTEND;VALUE=DATE:20270306"));
    assert!(has(&before, "STATUS:CANCELLED"));
    assert_eq!(
        before.iter().filter(|line| *line == "BEGIN:VEVENT").count(),
        2
    );
    let left_out =
        |line: &&String| line.starts_with("DESCRIPTION:") && line.ends_with("calendar: 1.");
    assert!(before.iter().any(|line| left_out(&line)), "{before:#?}");
    // So does the page, which counts all of them.
    let page = site.get("/en/event").await?.text;
    for said in ["Download (3 records):", ">Calendar of those with a day "] {
        assert!(page.contains(said), "{said} is not in {page}");
    }
    publish(&node, &[event("moves", "CONFIRMED", "2027-03-12")]).await?;
    let after = unfolded(&site.get("/en/event.ics").await?.text);
    assert!(
        has(&after, "DTSTART;VALUE=DATE:20270312") && has(&after, "SEQUENCE:1"),
        "{after:#?}"
    );
    assert!(!has(&after, "DTSTART;VALUE=DATE:20270305"));
    let uid = format!("UID:{}@", ids[0]);
    let uids = |lines: &[String]| {
        lines
            .iter()
            .filter(|it| it.starts_with(&uid))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(uids(&before), uids(&after));
    assert_eq!(uids(&after).len(), 1);
    assert_eq!(site.get("/en/law.ics").await?.status, StatusCode::NOT_FOUND);
    Ok(())
}
