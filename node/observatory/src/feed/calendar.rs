//! Events for calendars (RFC 5545). An event keeps its id, and its revision is its sequence:
//! so one that moved replaces what a calendar has of it, and one that is cancelled says so.
//!
//! Events stand on whole days. A clock time is told in words with its zone, as its source
//! has it: to move it into another zone is the reader's, who knows theirs. What has no day
//! cannot stand in a calendar and is left out; how many those are is said.

use jiff::civil;
use wpsx_domain::{
    NodeError, Wanted,
    records::{Order, OrderBy, Part, Question},
};
use wpsx_proto::{
    api::record::v1::{Date, DateSense, Event, EventState, record::Body},
    record::{Date as Parsed, Precision, Reading, Record},
};

use super::{
    atom::summary,
    lines::{raw, text},
};
use crate::{
    file::{Asked, question},
    item::{Content, Item},
    observatory::Observatory,
    plain::short,
    texts::{self, Voice},
    time,
};

/// Events in one calendar, the latest first.
const MOST: usize = 2_000;
/// Records that are read in one go.
const AT_ONCE: u32 = 500;
/// Characters of a title, and of a description.
const TITLE: usize = 300;
const DESCRIPTION: usize = 2_000;

/// The calendar of a list of events. Blocks.
pub(crate) fn events(
    site: &Observatory,
    asked: &Asked,
    wanted: &Wanted,
) -> Result<String, NodeError> {
    let voice = site.voice(asked.language);
    let asks = Question {
        order: Order {
            by: OrderBy::Date,
            descending: true,
        },
        ..asked.address.question()
    };
    let (mut events, mut told, mut without_day) = (String::new(), 0, 0);
    let mut part = Part {
        size: AT_ONCE,
        token: String::new(),
        bare: true,
    };
    loop {
        let page = site.records.list(&site.sight(), &asks, &part, wanted)?;
        for item in page.entries.iter().filter_map(Item::of) {
            told += 1;
            match event(site, &item, voice) {
                Some(event) => events.push_str(&event),
                None => without_day += 1,
            }
        }
        part.token = page.next_token;
        if part.token.is_empty() || told >= MOST {
            break;
        }
    }
    let name = format!(
        "{}: {}",
        site.settings.title(asked.language).text,
        question(asked, voice)
    );
    let mut about = vec![format!("{}: {without_day}.", voice.say(&texts::NO_DAY))];
    if !part.token.is_empty() {
        about.push(voice.say(&texts::EARLIER_LEFT_OUT).to_owned());
    }
    let about = about.join(" ");
    let mut calendar = String::new();
    raw(&mut calendar, "BEGIN", "VCALENDAR");
    raw(&mut calendar, "VERSION", "2.0");
    raw(&mut calendar, "PRODID", "-//wpsx//observatory//EN");
    raw(&mut calendar, "CALSCALE", "GREGORIAN");
    raw(&mut calendar, "METHOD", "PUBLISH");
    for (old, new, said) in [
        ("X-WR-CALNAME", "NAME", &name),
        ("X-WR-CALDESC", "DESCRIPTION", &about),
    ] {
        text(&mut calendar, old, said);
        text(&mut calendar, new, said);
    }
    raw(&mut calendar, "URL", &site.address(&asked.page()));
    raw(&mut calendar, "REFRESH-INTERVAL;VALUE=DURATION", "PT6H");
    calendar.push_str(&events);
    raw(&mut calendar, "END", "VCALENDAR");
    Ok(calendar)
}

/// One event; none without a day.
fn event(site: &Observatory, item: &Item, voice: Voice<'_>) -> Option<String> {
    let Content::Here(Reading::Readable(record)) = &item.content else {
        return None;
    };
    let Some(Body::Event(event)) = &record.message().body else {
        return None;
    };
    let (first, last) = days(record, event)?;
    let published = time::basic(item.envelope.publish_time)?;
    let publisher = item.origin.publisher().map(|name| name.to_string());
    let title = item.title(voice.language.tag());
    let title = title.map_or_else(
        || voice.say(&texts::NO_TITLE).to_owned(),
        |(_, title)| title,
    );
    let mut out = String::new();
    raw(&mut out, "BEGIN", "VEVENT");
    text(
        &mut out,
        "UID",
        &format!("{}@{}", item.id(), publisher.unwrap_or_default()),
    );
    raw(&mut out, "DTSTAMP", &published);
    raw(&mut out, "LAST-MODIFIED", &published);
    raw(
        &mut out,
        "SEQUENCE",
        &item.envelope.revision.saturating_sub(1).to_string(),
    );
    raw(
        &mut out,
        "DTSTART;VALUE=DATE",
        &first.strftime("%Y%m%d").to_string(),
    );
    raw(
        &mut out,
        "DTEND;VALUE=DATE",
        &last.tomorrow().ok()?.strftime("%Y%m%d").to_string(),
    );
    raw(&mut out, "TRANSP", "TRANSPARENT");
    raw(&mut out, "STATUS", status(event));
    text(&mut out, "SUMMARY", &short(&title, TITLE));
    if let Some(place) = place(event, voice) {
        text(&mut out, "LOCATION", &short(&place, TITLE));
    }
    let page = site.address(&format!("/{}/{}", voice.language, item.path()));
    text(
        &mut out,
        "DESCRIPTION",
        &description(item, event, &page, voice),
    );
    raw(&mut out, "URL", &page);
    raw(&mut out, "END", "VEVENT");
    Some(out)
}

/// The first and the last day.
fn days(record: &Record, event: &Event) -> Option<(civil::Date, civil::Date)> {
    let period = event.period.as_ref();
    let first = period
        .and_then(|period| day(period.start.as_ref()))
        .or_else(|| day(record.message().date.as_ref()))?;
    let last = period.and_then(|period| day(period.end.as_ref()));
    Some((first, last.filter(|last| *last > first).unwrap_or(first)))
}

fn day(date: Option<&Date>) -> Option<civil::Date> {
    let date = date.filter(|date| date.sense() != DateSense::NotGiven)?;
    let parsed: Parsed = date.value.parse().ok()?;
    let (year, month, day) = parsed.first_day();
    let is_day = parsed.precision() == Precision::Day;
    let whole = || {
        civil::Date::new(
            year.try_into().ok()?,
            month.try_into().ok()?,
            day.try_into().ok()?,
        )
        .ok()
    };
    is_day.then(whole).flatten()
}

fn status(event: &Event) -> &'static str {
    match event.state() {
        EventState::Cancelled => "CANCELLED",
        EventState::Confirmed | EventState::Held => "CONFIRMED",
        EventState::Planned | EventState::Postponed | EventState::Unspecified => "TENTATIVE",
    }
}

fn place(event: &Event, voice: Voice<'_>) -> Option<String> {
    let place = event.location.as_ref()?;
    let in_language = |tag: &str| place.name.iter().find(|name| name.language == tag);
    let name = in_language(voice.language.tag()).or_else(|| place.name.first());
    let name = name.map(|name| name.text.clone());
    let country =
        (!place.country.is_empty()).then(|| voice.country(&place.country).text.to_string());
    let parts: Vec<String> = name.into_iter().chain(country).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The state, the time of day, what it is about, and where more is.
fn description(item: &Item, event: &Event, page: &str, voice: Voice<'_>) -> String {
    let mut said = Vec::new();
    let field = item.kind().body_field().and_then(|body| {
        let message = body.kind().as_message().cloned()?;
        message.get_field_by_name("state")
    });
    if let Some(field) = field.filter(|_| event.state() != EventState::Unspecified) {
        said.push(format!("{}.", voice.value(&field, event.state).text));
    }
    if !event.start_time.is_empty() {
        let until = match event.end_time.as_str() {
            "" => String::new(),
            end => format!("–{end}"),
        };
        let (begin, zone) = (&event.start_time, &event.time_zone);
        let told = format!("{}: {begin}{until} {zone}", voice.say(&texts::LOCAL_TIME));
        said.push(format!("{}.", told.trim_end()));
    }
    said.extend(summary(item, voice.language.tag()).map(|(_, text)| short(&text, DESCRIPTION)));
    said.push(page.to_owned());
    said.join(" ")
}
