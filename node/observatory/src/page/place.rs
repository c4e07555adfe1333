//! Everything about a country, a region, an organisation of States or a theme: by kind, newest
//! first, and what is missing.
//!
//! A page costs one count, one short list for each kind that is there, and for a region one
//! count more for each kind of a country; for a country, one more for each of its plans. So it is
//! bounded by the kinds of the schema and by `MANY`.

pub(super) mod kinds;
mod missing;
mod now;

use axum::response::{IntoResponse as _, Redirect};
use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted, records::Tally};
use wpsx_proto::record::{CountryCode, Kind};
use wpsx_words::vocabularies::{Found, Members};

use self::kinds::is_of_country;
pub(super) use self::missing::{Place, missing};
use super::{
    downloads::downloads,
    frame::Frame,
    group,
    list::as_of,
    rows::{Row, rows},
};
use crate::{
    address::Address,
    answer::{Answer, tally},
    at::At,
    editions, facets,
    item::Item,
    links::Links,
    observatory::{Answered, Observatory},
    texts::{self, Voice},
    trail,
    unheld::Unheld,
};

/// Records of each kind that a page shows; the list has all.
const FEW: u32 = 5;
/// Plans of a country that are put in order; few have more.
const MANY: u32 = 20;
/// The organisation whose members are States; who is not in it is a country or area.
const STATES: &str = "UN";

/// The records of one kind that a page is about.
pub(super) struct Section {
    kind: Kind,
    count: u64,
    address: Address,
    answer: Answer,
}

/// The page of a country. A name or another spelling leads to its code.
pub(crate) fn country(
    site: &Observatory,
    at: At<'_>,
    asked: &str,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    let language = at.language;
    let voice = site.voice(language);
    let known = match voice.vocabularies.countries().find(asked) {
        Found::One { term, .. } => Some(term.code.clone()),
        _ => None,
    };
    let is_known = known.is_some();
    let code = known.unwrap_or_else(|| asked.to_owned());
    let is_code = code.parse::<CountryCode>().is_ok();
    if !is_code {
        return Err(NodeError::not_found("country", asked));
    }
    if code != asked {
        return Ok(elsewhere(&format!("/{language}/country/{code}")));
    }
    let about = Address {
        countries: vec![code.clone()],
        ..newest_first()
    };
    let tally = tally(site, &about, &[], wanted)?;
    if !is_known && tally.total == 0 {
        return Err(NodeError::not_found("country", asked));
    }
    let sections = sections(site, &about, &tally, wanted)?;
    let unheld = Unheld::of(site, None, wanted)?;
    let links = Links::among(site, wanted);
    let name = voice.country(&code);
    let frame = Frame {
        site,
        at,
        title: &name.text,
        path: &format!("country/{code}"),
    };
    Ok(frame
        .under(&trail::of_country(&code, voice), &html! {
            h1 { (voice.shown(&name)) }
            (groups(&code, voice))
            @if own(&sections).is_empty() { p.note role="note" { (no_plan(&code, &unheld, voice)) } }
            @else { p.lead { (now::sentence(own(&sections), site.today().as_deref(), voice)) } }
            (figure(site, &about, &tally, &unheld, voice))
            (shown(&sections, site, row(&links, &code), voice))
            (missing(site, &tally, Place::Country, own(&sections), &unheld, voice, wanted)?)
            @if tally.total > 0 { (downloads(frame.path, tally.total, voice)) }
        })
        .into())
}

/// A country's own plans.
fn own(sections: &[Section]) -> &[Item] {
    let own = sections.iter().find(|section| is_of_country(section.kind));
    own.map_or(&[], |section| &section.answer.items)
}

/// What is said where no plan is known: of a State, who could publish one. A site that does not
/// hold what some plans say cannot know.
fn no_plan(code: &str, unheld: &Unheld, voice: Voice<'_>) -> String {
    let plans = Kind::known().filter(|kind| is_of_country(*kind));
    let plans: u64 = plans.map(|kind| unheld.count(kind)).sum();
    if plans > 0 {
        let plans = voice.count(plans, &texts::RECORDS_OF);
        return voice.fill(&texts::NO_PLAN_HELD, &[&plans]);
    }
    let states = voice.vocabularies.countries().members(STATES, None);
    let is_state = |states: Members| states.countries.iter().any(|it| it == code);
    let says = match states.is_ok_and(is_state) {
        true => &texts::NO_PLAN,
        false => &texts::NO_PLAN_OF_AREA,
    };
    voice.say(says).to_owned()
}

/// The page of a region or an organisation of States.
pub(crate) fn region(
    site: &Observatory,
    at: At<'_>,
    asked: &str,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    let language = at.language;
    let voice = site.voice(language);
    let members = voice.vocabularies.countries().members(asked, None);
    let members = members.map_err(|_| NodeError::not_found("region", asked))?;
    if members.group != asked {
        return Ok(elsewhere(&format!("/{language}/region/{}", members.group)));
    }
    let about = Address {
        regions: vec![members.group.clone()],
        ..newest_first()
    };
    let tally = tally(site, &about, &["country"], wanted)?;
    let sections = sections(site, &about, &tally, wanted)?;
    let unheld = Unheld::of(site, None, wanted)?;
    let links = Links::among(site, wanted);
    let name = voice.region(&members.group);
    let is_group = voice
        .vocabularies
        .get_or_empty("groups")
        .term(&members.group)
        .is_some();
    let kind_of_place = match is_group {
        true => Place::Group,
        false => Place::Area,
    };
    let itself = match is_group {
        true => group::itself(site, &members.group)?,
        false => None,
    };
    let frame = Frame {
        site,
        at,
        title: &name.text,
        path: &format!("region/{}", members.group),
    };
    Ok(frame
        .under(
            &trail::of_region(&members.group, voice),
            &html! {
                h1 { (voice.shown(&name)) }
                @if let Some(itself) = &itself {
                    p.onward { a href=(format!("/{language}/{itself}")) { (voice.say(&texts::ITS_PAGE)) } }
                }
                (figure(site, &about, &tally, &unheld, voice))
                (belonging(&members, &tally, &unheld, voice))
                (coverage(site, &about, &members, &unheld, voice, wanted)?)
                (shown(&sections, site, row(&links, ""), voice))
                (missing(site, &tally, kind_of_place, &[], &unheld, voice, wanted)?)
                @if tally.total > 0 { (downloads(frame.path, tally.total, voice)) }
            },
        )
        .into())
}

/// The page of a theme.
pub(crate) fn theme(
    site: &Observatory,
    at: At<'_>,
    asked: &str,
    wanted: &Wanted,
) -> Result<Answered, NodeError> {
    let language = at.language;
    let voice = site.voice(language);
    let theme = voice.vocabularies.get_or_empty("themes").find(asked).term();
    let theme = theme.ok_or_else(|| NodeError::not_found("theme", asked))?;
    if theme.code != asked {
        return Ok(elsewhere(&format!("/{language}/theme/{}", theme.code)));
    }
    let about = Address {
        facets: vec![("theme".to_owned(), theme.code.clone())],
        ..newest_first()
    };
    let tally = tally(site, &about, &["country"], wanted)?;
    let sections = sections(site, &about, &tally, wanted)?;
    let unheld = Unheld::of(site, None, wanted)?;
    let links = Links::among(site, wanted);
    let name = voice.code("themes", &theme.code);
    let frame = Frame {
        site,
        at,
        title: &name.text,
        path: &format!("theme/{}", theme.code),
    };
    Ok(frame
        .under(&trail::of_theme(&name.text, voice), &html! {
            h1 { (voice.shown(&name)) }
            (figure(site, &about, &tally, &unheld, voice))
            (shown(&sections, site, row(&links, ""), voice))
            @let countries = tally.facets.get("country").into_iter().flatten();
            @let countries = super::names::counted(countries, voice);
            @if !countries.is_empty() {
                section {
                    h2 { (voice.say(&texts::COUNTRIES)) }
                    ul.ways {
                        @for (code, name, count) in &countries {
                            @let there = about.with("country", code);
                            li { a href=(there.path(language)) { (name) } " " span.count { (voice.number(*count)) } }
                        }
                    }
                }
            }
            @if tally.total > 0 { (downloads(frame.path, tally.total, voice)) }
        })
        .into())
}

pub(super) fn newest_first() -> Address {
    Address {
        sort: "date".to_owned(),
        ..Address::default()
    }
}

fn elsewhere(path: &str) -> Answered {
    let path = path.replace(|c: char| !c.is_ascii_graphic(), "");
    Answered::File(Redirect::permanent(&path).into_response())
}

/// How many there are, with the way to ask among them, and how many may be beside them.
fn figure(
    site: &Observatory,
    about: &Address,
    tally: &Tally,
    unheld: &Unheld,
    voice: Voice<'_>,
) -> Markup {
    let nothing = match unheld.are_some() {
        true => &texts::NOTHING_HELD,
        false => &texts::NOTHING_OF_IT,
    };
    html! {
        @if tally.total == 0 { p.note role="note" { (voice.say(nothing)) } }
        @else {
            p.figure { (voice.figure(tally.total, &texts::RECORDS_OF)) (as_of(site, voice)) }
            p.pages { a href=(about.path(voice.language)) { (voice.say(&texts::SEE_LIST)) } }
        }
        (unheld.note(voice))
    }
}

pub(super) fn sections(
    site: &Observatory,
    about: &Address,
    tally: &Tally,
    wanted: &Wanted,
) -> Result<Vec<Section>, NodeError> {
    let kinds = Kind::known().filter_map(|kind| {
        let count = tally.kinds.get(&kind.number())?;
        Some((kind, *count))
    });
    kinds
        .map(|(kind, count)| {
            let address = Address {
                kind: Some(kind),
                ..about.clone()
            };
            let answer = match is_of_country(kind) && !about.countries.is_empty() {
                true => latest_first(Answer::of(site, &address, MANY, wanted)?),
                // Which parts name it is told.
                false if about.refers_to.is_some() => Answer::whole(site, &address, FEW, wanted)?,
                false => Answer::of(site, &address, FEW, wanted)?,
            };
            Ok(Section {
                kind,
                count,
                address,
                answer,
            })
        })
        .collect()
}

/// A country's own plans, the newest edition first.
fn latest_first(mut answer: Answer) -> Answer {
    editions::newest_first(&mut answer.items);
    answer
}

/// What rows say on the page of a place.
fn row<'a>(links: &'a Links<'a>, country: &'a str) -> Row<'a> {
    Row {
        links,
        kind: false,
        country,
        told: None,
    }
}

pub(super) fn shown(
    sections: &[Section],
    site: &Observatory,
    row: Row<'_>,
    voice: Voice<'_>,
) -> Markup {
    html! {
        @for section in sections {
            section {
                h2 {
                    (voice.shown(&voice.kind(section.kind, true)))
                    " " span.count { (voice.number(section.count)) }
                }
                (rows(&section.answer.items, site, voice, row))
                @if section.answer.next.is_some() {
                    p.onward { a href=(section.address.path(voice.language)) {
                        (voice.say(&texts::SEE_ALL)) " (" (voice.number(section.count)) ")"
                    } }
                }
            }
        }
    }
}

/// The organisations and regions that a country belongs to.
fn groups(code: &str, voice: Voice<'_>) -> Markup {
    let countries = voice.vocabularies.countries();
    let mut codes: Vec<String> = Vec::new();
    for row in voice.vocabularies.memberships() {
        if row.country == code && !codes.contains(&row.organisation) {
            codes.push(row.organisation.clone());
        }
    }
    let is_member = |group: &String| {
        let members = countries.members(group, None);
        members.is_ok_and(|members| members.countries.iter().any(|member| member == code))
    };
    codes.retain(is_member);
    let term = voice.vocabularies.get_or_empty("countries").term(code);
    let mut at = term.map(|term| term.parent.as_str()).unwrap_or_default();
    let areas = voice.vocabularies.get_or_empty("m49");
    // As deep as M49 is, and no circle of an operator's rows keeps us.
    for _ in 0..8 {
        let Some(area) = areas.term(at) else { break };
        codes.push(area.code.clone());
        at = &area.parent;
    }
    let named = codes.into_iter();
    let mut named: Vec<_> = named
        .map(|code| {
            let name = voice.region(&code);
            (code, name)
        })
        .collect();
    voice.sort_by_name(&mut named, |(_, name)| &name.text);
    let links: Vec<(String, Markup)> = named
        .iter()
        .map(|(code, name)| {
            let link = html! { a href=(format!("/{}/region/{code}", voice.language)) { (voice.shown(name)) } };
            (name.text.clone().into_owned(), link)
        })
        .collect();
    html! {
        @if !links.is_empty() { p.facts { span { (voice.say(&texts::MEMBER_OF)) (voice.colon()) (voice.listing(&links)) } } }
    }
}

/// The members of a group, each with its page and how many records it has.
fn belonging(members: &Members, tally: &Tally, unheld: &Unheld, voice: Voice<'_>) -> Markup {
    let counts = tally.facets.get("country");
    let count = |code: &str| counts.and_then(|counts| counts.get(code)).copied();
    let named = members.countries.iter();
    let named = named.map(|code| (code, voice.country(code)));
    let mut named: Vec<_> = named.collect();
    voice.sort_by_name(&mut named, |(_, name)| &name.text);
    let with = members.countries.iter();
    let with = with.filter(|code| count(code).is_some()).count();
    let numbers = [with, members.countries.len()].map(|number| voice.number(number as u64));
    let covered = match unheld.are_some() {
        true => &texts::COVERAGE_HELD,
        false => &texts::COVERAGE,
    };
    let listed = members.seen.iter().filter_map(|date| date.parse().ok());
    let listed: Vec<String> = listed.map(|date| voice.date_text(date)).collect();
    let unverified = members.unverified.iter();
    let unverified: Vec<String> = unverified
        .map(|code| voice.country(code).text.into_owned())
        .collect();
    let by_none = match listed.is_empty() {
        true => &texts::UNVERIFIED,
        false => &texts::BESIDE_LIST,
    };
    html! {
        @if !named.is_empty() {
            section {
                h2 { (voice.say(&texts::MEMBERS)) }
                p { (voice.fill(covered, &[&numbers[0], &numbers[1]])) }
                ul.ways {
                    @for (code, name) in &named {
                        li {
                            a href=(format!("/{}/country/{code}", voice.language)) { (voice.shown(name)) }
                            // None that is held may be none, or one that is not.
                            @if count(code).is_some() || !unheld.are_some() {
                                " " span.count { (voice.number(count(code).unwrap_or_default())) }
                            }
                        }
                    }
                }
                @if !listed.is_empty() { p.mark { (voice.fill(&texts::LISTED_ON, &[&voice.list(&listed)])) } }
                @if !unverified.is_empty() { p.mark { (voice.fill(by_none, &[&voice.list(&unverified)])) } }
            }
        }
    }
}

/// How many members have a plan that is not only prepared, whatever became of it, and of how many
/// others one is only prepared, for each kind that is of a country.
fn coverage(
    site: &Observatory,
    about: &Address,
    members: &Members,
    unheld: &Unheld,
    voice: Voice<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let mut lines = Vec::new();
    for kind in Kind::known().filter(|kind| is_of_country(*kind)) {
        let all = Address {
            kind: Some(kind),
            ..about.clone()
        };
        let prepared = Address {
            facets: facets::in_preparation(),
            ..all.clone()
        };
        let of = |address: &Address| tally(site, address, &["country"], wanted);
        let (all, prepared) = (of(&all)?, of(&prepared)?);
        let count = |tally: &Tally, code: &str| {
            let counts = tally.facets.get("country");
            counts.and_then(|counts| counts.get(code)).copied()
        };
        let (mut beyond, mut only_prepared) = (0, 0);
        for code in &members.countries {
            match count(&all, code) {
                None => {}
                known if known == count(&prepared, code) => only_prepared += 1,
                Some(_) => beyond += 1,
            }
        }
        let numbers = [beyond, members.countries.len() as u64, only_prepared];
        let [beyond, members, only_prepared] = numbers.map(|number| voice.number(number));
        let name = voice.kind(kind, true);
        let missing = unheld.count(kind);
        let says_nothing = missing > 0 && numbers[0] == 0 && numbers[2] == 0;
        let counted = voice.fill(&texts::COVERAGE_OF, &[&name.text, &beyond, &members]);
        if missing > 0 {
            let missing = voice.count(missing, &texts::RECORDS_OF);
            let said = match says_nothing {
                true => voice.fill(&texts::COVERAGE_UNKNOWN, &[&name.text, &missing]),
                false => voice.fill(&texts::COVERAGE_IN_HELD, &[&counted, &missing]),
            };
            lines.push(said);
        } else {
            lines.push(counted);
        }
        if numbers[2] > 0 {
            lines.push(voice.fill(&texts::COVERAGE_PREPARED, &[&only_prepared, &members]));
        }
    }
    Ok(html! { @for line in &lines { p { (line) } } })
}

#[cfg(test)]
mod tests {
    use wpsx_words::{Language, Vocabularies, Words};

    use super::*;

    #[test]
    fn of_areas_that_are_no_member_states_nothing_is_said_of_a_government() {
        let vocabularies = Vocabularies::shipped();
        let voice = Voice {
            language: Language::English,
            words: Words::shipped(),
            vocabularies: &vocabularies,
        };
        for code in ["ESH", "XKX", "TWN", "PSE", "HKG", "VAT"] {
            let says = voice.say(&texts::NO_PLAN_OF_AREA);
            assert_eq!(no_plan(code, &Unheld::default(), voice), says, "{code}");
        }
        for code in ["KEN", "FRA", "SSD"] {
            let says = voice.say(&texts::NO_PLAN);
            assert_eq!(no_plan(code, &Unheld::default(), voice), says, "{code}");
        }
    }
}
