//! What pages are made of, each drawn by the function that draws it on its page, from records
//! that are made up.

use maud::{Markup, PreEscaped, html};
use wpsx_domain::{NodeError, Wanted, records::Tally};
use wpsx_proto::{envelope::Operation, payload::SlotState, record::Kind};

use super::made_up;
use crate::{
    address::Address,
    answer::Answer,
    body::Body,
    coded::Titles,
    file::form,
    item::{Content, Item},
    links::Links,
    listing::{Listing, Value},
    meant::Meant,
    names::{self, Hosted, Names},
    observatory::Observatory,
    page::{
        downloads::downloads,
        error, list, network,
        record::{self, claims, history, judged, proof, standing, trust},
        rows::{Row, rows},
        table::table,
    },
    pen::Pen,
    referring::Referring,
    room::Room,
    texts::{self, Voice, styleguide as said},
    trouble::Trouble,
};

/// Bytes of the example of a record.
const ROOM: usize = 20_000;

/// Every component. Blocks.
pub(super) fn all(
    site: &Observatory,
    voice: Voice<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let (Some([plan, before]), Some(judgements)) = (made_up::plan(), made_up::assessments()) else {
        return Ok(html! {});
    };
    let links = Links::from(site, &plan.origin, wanted);
    let room = Room::of(ROOM);
    let pen = Pen {
        voice,
        links: &links,
        room: &room,
    };
    let shown = html! {
        section { h3 { (voice.say(&said::NOTES)) } (notes(&plan, &before, pen)) }
        (lists(site, plan_and(before), pen))
        (of_record(site, &plan, pen, wanted)?)
        section { h3 { (voice.say(&texts::SIDE_BY_SIDE)) } (judged::beside(judgements, &plan, pen)) }
        section { h3 { (voice.say(&said::LOG)) } (network::shown(&made_up::log(), made_up::NOW, &Names::default(), voice)) }
        section { h3 { (voice.say(&said::ERROR)) } (missing(voice)) }
    };
    Ok(kept_here(&shown))
}

/// A link to what is made up leads to the sentence that says so, and not to a page that is
/// not there.
fn kept_here(shown: &Markup) -> Markup {
    const LINK: &str = "href=\"";
    let mut links = shown.0.split(LINK);
    let mut kept = links.next().unwrap_or_default().to_owned();
    for link in links {
        let (address, rest) = link.split_once('"').unwrap_or((link, ""));
        kept.push_str(LINK);
        match made_up::is_in(address) {
            true => kept.extend(["#", made_up::ANCHOR]),
            false => kept.push_str(address),
        }
        kept.push('"');
        kept.push_str(rest);
    }
    PreEscaped(kept)
}

/// The two records of a made-up list.
fn plan_and(before: Item) -> Vec<Item> {
    let plan = made_up::plan().into_iter().flatten().next();
    plan.into_iter().chain([before]).collect()
}

/// What a reader must know before using a record.
fn notes(plan: &Item, before: &Item, pen: Pen<'_>) -> Markup {
    let hole = || Content::Hole(SlotState::None);
    let others = [
        made_up::after(Operation::Withdraw, hole()),
        made_up::after(Operation::Supersede, hole()),
        made_up::hole(SlotState::NotHeld),
        made_up::hole(SlotState::Erased),
    ];
    html! {
        p.note role="note" { (pen.voice.say(&said::A_NOTE)) }
        (standing::notes(before, Some(plan), Some(1), pen))
        (standing::notes(plan, None, Some(2), pen))
        @for other in others.iter().flatten() { (standing::notes(other, None, None, pen)) }
    }
}

/// A question, what it leaves and how to narrow it down; and one that nothing answers.
fn lists(site: &Observatory, items: Vec<Item>, pen: Pen<'_>) -> Markup {
    let voice = pen.voice;
    const KIND: Kind = Kind::NATIONAL_ACTION_PLAN;
    let address = Address {
        kind: Some(KIND),
        words: "example".to_owned(),
        years: Some((2024, 2026)),
        ..Address::default()
    };
    let value = |code: &str, count, is_chosen| Value {
        code: code.to_owned(),
        count,
        is_chosen,
    };
    let further = || {
        Some(Address {
            page: "2".to_owned(),
            ..address.clone()
        })
    };
    let listing = Listing {
        has_families: false,
        tally: Tally {
            total: 212,
            ..Tally::default()
        },
        facets: vec![
            (
                "status",
                vec![value("in-force", 9, true), value("adopted", 3, false)],
            ),
            ("budget", vec![value("dedicated", 7, false)]),
        ],
        answer: Answer {
            items,
            next: further(),
            previous: further(),
            first: Some(1),
        },
        unknown: Vec::new(),
        loosened: Vec::new(),
        is_bare: false,
        is_moved: false,
        known: address.clone(),
        address: address.clone(),
    };
    let choices = address.choices();
    let empty = Listing {
        has_families: false,
        tally: Tally::default(),
        facets: Vec::new(),
        answer: Answer::default(),
        unknown: Vec::new(),
        loosened: choices.into_iter().zip([1_204, 12]).collect(),
        is_bare: false,
        is_moved: false,
        known: address.clone(),
        address,
    };
    let items = &listing.answer.items;
    let row = Row {
        links: pen.links,
        kind: true,
        country: "",
        told: None,
    };
    html! {
        section {
            h3 { (voice.say(&said::FORM)) }
            (list::form(&listing, &Titles::default(), voice))
            (list::chosen(&listing.address, &Titles::default(), voice))
            p.figure { (voice.figure(listing.tally.total, &texts::RECORDS_OF)) }
            (list::narrower(&listing, &Titles::default(), voice))
        }
        section {
            h3 { (voice.say(&said::LIST)) }
            (table(items, Some(KIND), site, voice, pen.links))
            (list::pages(&listing, voice))
            (downloads(&format!("{}{}", listing.address.place(), listing.address.query()), listing.tally.total, voice))
            (rows(items, site, voice, row))
        }
        section { h3 { (voice.say(&said::EMPTY)) } (list::nothing(&empty, &Titles::default(), false, voice)) }
    }
}

/// What a record says, its sources, claims, history, proof and files.
fn of_record(
    site: &Observatory,
    plan: &Item,
    pen: Pen<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let Some(record) = plan.record() else {
        return Ok(html! {});
    };
    let voice = pen.voice;
    let room = Room::of(ROOM);
    let kept = Pen { room: &room, ..pen };
    let body = Body::of(record, pen, kept);
    // Nobody refers to what is made up.
    let referring = Referring::to(site, plan.envelope.record_id, wanted)?;
    let told: Vec<Item> = made_up::plan().into_iter().flatten().collect();
    let proven = proof::Proven {
        publisher: Some(names::shown(&made_up::log().title, voice)),
        size: made_up::log().entries,
        own: vec![("example.org/wpsx/cosigner".to_owned(), made_up::NOW)],
        seen: vec![("example.net/wpsx/cosigner".to_owned(), made_up::NOW)],
        names: Names::told_by(|node| match node {
            "example.net/wpsx/cosigner" => {
                Some(Hosted::made_up("Example Observatory", "example.net"))
            }
            "example.org/wpsx/cosigner" => {
                Some(Hosted::made_up(&made_up::log().title, "example.org"))
            }
            _ => None,
        }),
        claimed: vec!["example.com/wpsx/cosigner".to_owned()],
        key: Some("example.org/wpsx/public+0f1e2d3c+A…".to_owned()),
    };
    Ok(html! {
        section {
            h3 { (voice.say(&said::PARTS_OF_RECORD)) }
            (trust::custody(plan, record, pen))
            (body.heading)
            (body.main)
        }
        (trust::sources(record, pen))
        (claims::section(site, plan, &referring, pen, wanted)?)
        section {
            h2 { (voice.say(&texts::HISTORY)) }
            (history::list(&told, 5, pen))
        }
        aside aria-label=(voice.say(&texts::ABOUT)) {
            h2 { (voice.say(&texts::ABOUT)) }
            (proof::shown(plan, &proven, pen))
            (record::files(site, plan, &form::of_record(plan.kind()), pen))
        }
    })
}

/// A page that is not there, with what may have been meant.
fn missing(voice: Voice<'_>) -> Markup {
    let (what, why) = Trouble::NotFound.texts();
    let plans = voice.kind(Kind::NATIONAL_ACTION_PLAN, true);
    let meant = Meant {
        href: format!("/{}/{}", voice.language, Kind::NATIONAL_ACTION_PLAN),
        text: plans.text.into_owned(),
    };
    html! {
        p.as-1 { (voice.say(what)) }
        p { (voice.say(why)) }
        (error::ways(&[meant], voice))
    }
}
