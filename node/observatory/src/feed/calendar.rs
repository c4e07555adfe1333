//! Events for calendars (RFC 5545). An event keeps its id, and its revision is its sequence:
//! so one that moved replaces what a calendar has of it, and one that is cancelled says so.
//!
//! So does one that is gone: a calendar that has it would keep it else. What was withdrawn or
//! replaced, and what is not on a day any more, is cancelled on the last day that it had. Of
//! what was erased nothing is told but that; since no calendar takes an event without a day,
//! it stands on the day on which it was erased. What never had a day cannot stand in a
//! calendar and is left out; how many those are is said.

use wpsx_domain::{
    NodeError, Wanted,
    records::{Order, OrderBy, Part, Question, Whole},
};
use wpsx_proto::{
    api::record::v1::{Event, EventState, record::Body},
    envelope::Operation,
    payload::SlotState,
    record::{Reading, Record},
};

use super::{
    atom::summary,
    lines::{raw, text},
    when::When,
    zones::Zones,
};
use crate::{
    file::{Asked, question},
    item::{Content, Item},
    observatory::Observatory,
    passed,
    plain::short,
    texts::{self, Voice},
    time,
    unheld::Unheld,
};

/// Events in one calendar, the latest first.
const MOST: usize = 2_000;
/// Records that are read in one go.
const AT_ONCE: u32 = 500;
/// Revisions in which the last day of an event is looked for.
const LOOKED_BACK: u32 = 20;
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
        include_withdrawn: true,
        order: Order {
            by: OrderBy::Date,
            descending: true,
        },
        ..asked.each().question()
    };
    let (mut events, mut zones) = (String::new(), Zones::default());
    let (mut told, mut without_day) = (0, 0);
    let mut records = Whole::of(asks);
    while !records.is_over() && told < MOST {
        let read = site
            .records
            .more(&site.sight(), &mut records, AT_ONCE, wanted)?;
        for item in read.iter().filter_map(Item::of) {
            told += 1;
            match Told::of(site, &item, wanted)? {
                Some(event) => event.write(&mut events, &mut zones, site, voice),
                None => without_day += usize::from(item.is_current()),
            }
        }
    }
    let name = format!(
        "{}{}{}",
        site.settings.title(asked.language).text,
        voice.colon(),
        question(site, asked, voice, wanted)?
    );
    let no_day = voice.say(&texts::NO_DAY);
    let mut about = vec![format!(
        "{no_day}{}{without_day}{}",
        voice.colon(),
        voice.stop()
    )];
    if !records.is_over() {
        about.push(voice.say(&texts::EARLIER_LEFT_OUT).to_owned());
    }
    about.extend(Unheld::of(site, asked.address.kind, wanted)?.said(voice));
    let about = voice.sentences(&about);
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
    zones.write(&mut calendar);
    calendar.push_str(&events);
    raw(&mut calendar, "END", "VCALENDAR");
    Ok(calendar)
}

/// What a calendar is told of one event.
struct Told<'a> {
    /// Its newest entry.
    now: &'a Item,
    when: When,
    stands: Stands,
}

/// What an event is now.
enum Stands {
    /// On its day.
    There,
    /// Not any more where this text of it has put it.
    Gone(Box<Item>),
    Erased,
}

impl<'a> Told<'a> {
    /// None of what has no day, and never had one that anybody knows.
    fn of(site: &Observatory, now: &'a Item, wanted: &Wanted) -> Result<Option<Self>, NodeError> {
        let told = |when, stands| Some(Self { now, when, stands });
        if now.is_current() {
            let Some((record, event)) = event(now) else {
                return Ok(None);
            };
            if let Some(when) = When::of(record, event) {
                return Ok(told(when, Stands::There));
            }
        }
        if is_erased(now) {
            let day = time::nearest_day(now.envelope.publish_time);
            return Ok(told(When::Days(day, day), Stands::Erased));
        }
        let before = before(site, now, wanted)?;
        Ok(before.and_then(|(item, when)| told(when, Stands::Gone(Box::new(item)))))
    }

    fn write(&self, out: &mut String, zones: &mut Zones, site: &Observatory, voice: Voice<'_>) {
        let published = time::nearest_basic(self.now.envelope.publish_time);
        let publisher = self.now.origin.publisher().map(|name| name.to_string());
        let revision = self.now.envelope.revision;
        let uid = format!("{}@{}", self.now.id(), publisher.unwrap_or_default());
        raw(out, "BEGIN", "VEVENT");
        text(out, "UID", &uid);
        raw(out, "DTSTAMP", &published);
        raw(out, "LAST-MODIFIED", &published);
        raw(out, "SEQUENCE", &revision.saturating_sub(1).to_string());
        self.when.write(out, zones);
        raw(out, "TRANSP", "TRANSPARENT");
        raw(out, "STATUS", self.status());
        text(out, "SUMMARY", &short(&self.title(voice), TITLE));
        let page = site.address(&format!("/{}/{}", voice.language, self.now.path()));
        if let Stands::There = self.stands
            && let Some((_, event)) = event(self.now)
        {
            if let Some(place) = place(event, voice) {
                text(out, "LOCATION", &short(&place, TITLE));
            }
            let today = site.today();
            let says = description(self.now, event, &page, today.as_deref(), voice);
            text(out, "DESCRIPTION", &says);
        } else {
            let why = voice.say(self.why());
            text(out, "DESCRIPTION", &format!("{why} {page}"));
        }
        raw(out, "URL", &page);
        raw(out, "END", "VEVENT");
    }

    fn status(&self) -> &'static str {
        match (&self.stands, event(self.now)) {
            (Stands::There, Some((_, event))) => status(event),
            _ => "CANCELLED",
        }
    }

    fn title(&self, voice: Voice<'_>) -> String {
        let item = match &self.stands {
            Stands::There => self.now,
            Stands::Gone(before) => before,
            Stands::Erased => return voice.say(&texts::ERASED_TITLE).to_owned(),
        };
        item.title_line(voice).1
    }

    /// Why it is not there any more.
    fn why(&self) -> &'static texts::Said {
        match (&self.stands, self.now.envelope.operation) {
            (Stands::Erased, _) => &texts::ERASED,
            (_, Operation::Publish) => &texts::OFF_ITS_DAY,
            (_, Operation::Supersede) => &texts::SUPERSEDED,
            (_, Operation::Withdraw) => &texts::WITHDRAWN,
            _ => &texts::NEWER,
        }
    }
}

/// What an entry says of an event.
fn event(item: &Item) -> Option<(&Record, &Event)> {
    let Content::Here(Reading::Readable(record)) = &item.content else {
        return None;
    };
    match &record.message().body {
        Some(Body::Event(event)) => Some((record, event)),
        _ => None,
    }
}

fn is_erased(item: &Item) -> bool {
    item.envelope.operation == Operation::Erase
        || matches!(item.content, Content::Hole(SlotState::Erased))
}

/// The last text of a record that names a day. Blocks.
fn before(
    site: &Observatory,
    now: &Item,
    wanted: &Wanted,
) -> Result<Option<(Item, When)>, NodeError> {
    let part = Part {
        size: LOOKED_BACK,
        bare: true,
        ..Part::default()
    };
    let (record, origin) = (&now.envelope.record_id, now.origin.as_str());
    let history = site
        .records
        .history(&site.sight(), record, origin, &part, wanted)?;
    let earlier = history.entries.iter().filter_map(Item::of);
    let mut earlier = earlier.filter(Item::is_current);
    Ok(earlier.find_map(|item| {
        let (record, event) = event(&item)?;
        let when = When::of(record, event)?;
        Some((item, when))
    }))
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
    (!parts.is_empty()).then(|| parts.join(voice.comma()))
}

/// The state, the time of day, what it is about, and where more is.
fn description(
    item: &Item,
    event: &Event,
    page: &str,
    today: Option<&str>,
    voice: Voice<'_>,
) -> String {
    let (mut said, stop) = (Vec::new(), voice.stop());
    let field = item.kind().body_field().and_then(|body| {
        let message = body.kind().as_message().cloned()?;
        message.get_field_by_name("state")
    });
    if let Some(field) = field.filter(|_| event.state() != EventState::Unspecified) {
        let state = voice.value(&field, event.state).text;
        said.push(match passed::words(event, today, voice) {
            Some(passed) => format!("{state}{}{passed}{stop}", voice.semicolon()),
            None => format!("{state}{stop}"),
        });
    }
    if !event.start_time.is_empty() {
        let until = match event.end_time.as_str() {
            "" => String::new(),
            end => format!("–{end}"),
        };
        let (begin, zone) = (&event.start_time, &event.time_zone);
        let local = voice.say(&texts::LOCAL_TIME);
        let told = format!("{local}{}{begin}{until} {zone}", voice.colon());
        said.push(format!("{}{stop}", told.trim_end()));
    }
    said.extend(summary(item, voice.language.tag()).map(|(_, text)| short(&text, DESCRIPTION)));
    // Between a text and an address there is a space in every language.
    let said = voice.sentences(&said);
    format!("{said} {page}").trim_start().to_owned()
}
