//! One record: what it says, what others say of the same, what it stands beside, what it
//! said before, who signed it and how to prove it.

mod claimed;
pub(super) mod claims;
mod editions;
mod family;
pub(crate) mod history;
pub(super) mod judged;
mod measured;
mod printed;
pub(super) mod proof;
mod related;
pub(super) mod standing;
mod title;
mod translated;
pub(super) mod trust;

use http::StatusCode;
use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted};

use self::title::Title;
use super::{downloads, frame::Frame, organisation::ORGANISATION};
use crate::{
    alternates,
    at::At,
    body::Body,
    cite::Citation,
    file::{Form, forms_of},
    item::Item,
    linked,
    links::Links,
    observatory::{Answered, Observatory},
    pen::Pen,
    referring::Referring,
    revision::{self, Found},
    room::Room,
    texts, trail,
};

/// Bytes of what the record itself says: of its texts and tables, and of its sources, its licence
/// and other details, which are kept their room whatever its texts are. The least compressible of
/// it, and of what stands around it, is then less than 60 KB on the wire.
const ROOM: usize = 25_000;
const ROOM_KEPT: usize = 15_000;
/// Bytes of what others say, of relations and of changes.
const ROOM_AROUND: usize = 14_000;

/// The page of a record as it is now, or of one revision at the address where it stays; one
/// that is gone has a page that says so.
pub(crate) fn page(
    site: &Observatory,
    at: At<'_>,
    id: &str,
    revision: Option<u32>,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    let found = revision::find(site, id, revision)?;
    let item = &found.item;
    let language = at.language;
    let voice = site.voice(language);
    let links = Links::from(site, &item.origin, wanted).about(&item.countries());
    let (room, around) = (Room::of(ROOM), Room::of(ROOM_AROUND));
    let pen = Pen {
        voice,
        links: &links,
        room: &room,
    };
    let others = Pen {
        room: &around,
        ..pen
    };
    let path = match revision {
        Some(_) => item.permanent_path(),
        None => item.path(),
    };
    let is_erased = found.is_erased();
    let forms = forms_of(&found);
    // What was taken back is called by what it last said.
    let last = revision::last_said(site, item).filter(|_| !is_erased);
    let called = last.as_ref().unwrap_or(item);
    let title = Title::of(called, &links, voice);
    let taken_back = revision::taken_back(item).map(|said| voice.say(said));
    let plain = match (is_erased, taken_back) {
        (true, _) => voice.say(&texts::ERASED_TITLE).to_owned(),
        (false, Some(word)) => format!("{} ({word})", title.plain()),
        (false, None) => title.plain(),
    };
    let referring = Referring::to(site, item.envelope.record_id, wanted)?;
    let content = match is_erased {
        true => gone(site, &found, others, wanted)?,
        false => html! {
            @if let Some(data) = linked::block(site, language, item) { (data) }
            article {
                (title.heading(voice))
                (translated::title(site, called, &referring, others, wanted)?)
                @if let Some(word) = taken_back { p.mark { (word) } }
                (standing::notes(item, found.today.as_ref(), revision, others))
                (said(site, &found, called, &referring, [pen, others], wanted)?)
                (history::section(site, &found, others, wanted)?)
                aside aria-labelledby="about" {
                    h2 id="about" { (voice.say(&texts::ABOUT)) }
                    (proof::section(site, &found, others))
                    (files(site, item, &forms, others))
                }
            }
        },
    };
    let frame = Frame {
        site,
        at,
        title: &plain,
        path: &path,
    };
    let status = match is_erased {
        true => StatusCode::GONE,
        false => StatusCode::OK,
    };
    let trail = match revision {
        None => title.on_trail(trail::of_record(called, voice)),
        Some(_) => {
            let number = voice.number(item.envelope.revision.into());
            let here = format!("{} {number}", voice.say(&texts::REVISION));
            let newest = found.newest();
            let last = revision::last_said(site, newest).filter(|_| !is_erased);
            trail::below_record(last.as_ref().unwrap_or(newest), &here, voice)
        }
    };
    Ok(Answered::Page(
        status,
        frame.with_files(&forms, &trail, &content),
    ))
}

/// What the record says, with the countries of what it is `called` by, and what others say of it
/// and of what it is about.
fn said(
    site: &Observatory,
    found: &Found,
    called: &Item,
    referring: &Referring,
    [pen, others]: [Pen<'_>; 2],
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let (item, voice) = (&found.item, pen.voice);
    let record = item.record();
    // What helps to trust it is written first, and its texts have what that leaves.
    let room = Room::of(ROOM_KEPT);
    let kept = Pen { room: &room, ..pen };
    let sources = record.map(|record| trust::sources(record, kept));
    let body = record.map(|record| Body::of(record, pen, kept));
    Ok(html! {
        p.facts {
            @for code in called.countries().iter().take(60) {
                a href=(format!("/{}/country/{code}", voice.language)) { (voice.coded("countries", code)) }
            }
            @if let Some(publisher) = pen.links.publisher_shown(&item.origin, voice) {
                span { (voice.say(&texts::PUBLISHER)) (voice.colon()) (publisher) }
            }
            span {
                (voice.say(if item.envelope.revision > 1 { &texts::REVISED_ON } else { &texts::PUBLISHED_ON })) (voice.gap())
                (voice.moment(item.envelope.publish_time))
            }
        }
        @if item.kind().to_string() == ORGANISATION {
            p.onward { a href=(format!("/{}/{ORGANISATION}/{}", voice.language, item.id())) { (voice.say(&texts::ITS_PAGE)) } }
        }
        @if let Some(record) = record { (trust::custody(item, record, pen)) }
        @if let Some(body) = &body { (body.heading) (body.main) }
        (measured::section(site, item, referring, others, wanted)?)
        (editions::section(site, item, others, wanted)?)
        @if let Some(sources) = &sources { (sources) }
        @if pen.room.was_cut() || room.was_cut() {
            p.note role="note" {
                (voice.say(&texts::CUT)) (voice.gap())
                a href=(format!("/{}/{}.json", voice.language, item.permanent_path())) { (voice.say(&texts::WHOLE_FILE)) " " bdi { "(.json)" } }
            }
        }
        (claims::section(site, item, referring, others, wanted)?)
        (judged::section(site, item, referring, others, wanted)?)
        (printed::section(site, item, others, wanted)?)
        (family::section(site, item, referring, others, wanted)?)
        @if let Some(record) = record { (related::outwards(record, others)) }
        (related::inwards(site, item, referring, others, wanted)?)
        @if let Some(body) = body.as_ref().filter(|body| !body.aside.0.is_empty()) { section.details { h2 { (voice.say(&texts::DETAILS)) } (body.aside) } }
    })
}

/// The files of this very text, and how to cite it.
pub(super) fn files(site: &Observatory, item: &Item, forms: &[Form], pen: Pen<'_>) -> Markup {
    let voice = pen.voice;
    let path = item.permanent_path();
    html! {
        h3 { (voice.say(&texts::DOWNLOAD)) }
        ul.files {
            @for form in forms {
                li { (downloads::link(&alternates::address(voice.language, &path, *form), *form, voice)) }
            }
        }
        h3 { (voice.say(&texts::FILE_CITE)) }
        (Citation::of(site, item, voice).shown(voice))
    }
}

/// All that is left of a record that was erased.
fn gone(
    site: &Observatory,
    found: &Found,
    pen: Pen<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let publisher = pen.links.publisher_shown(&found.item.origin, pen.voice);
    Ok(html! {
        article {
            (standing::erasure(found, publisher.as_ref(), pen))
            (history::section(site, found, pen, wanted)?)
        }
    })
}
