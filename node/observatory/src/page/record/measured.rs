//! The values of an indicator: the newest of each area in a line, with its year, and what the
//! letters beside values mean. A value for all together comes before one for a part of them.

use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted};
use wpsx_proto::api::record::v1::{Kind as KindNumber, Observation, record::Body as Filled};

use crate::{
    body::Writes as _,
    fields::{body_of, filled},
    item::Item,
    observatory::Observatory,
    pen::Pen,
    referring::Referring,
    series::{self, SERIES},
    texts,
};

const INDICATOR: u32 = KindNumber::Indicator as u32;
/// Series that are read for one page: one for each country that there is.
const MOST: u32 = 260;
/// Areas that are not folded.
const UNFOLDED: usize = 60;

/// The newest value of an area.
struct Newest {
    area: String,
    path: String,
    value: Observation,
}

/// Whether a record has series whose values stand on its page.
pub(super) fn is_indicator(item: &Item) -> bool {
    item.kind().number() == INDICATOR
}

pub(super) fn section(
    site: &Observatory,
    item: &Item,
    referring: &Referring,
    pen: Pen<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    if !is_indicator(item) {
        return Ok(html! {});
    }
    let voice = pen.voice;
    let series = referring.by_country(site, SERIES, MOST, wanted)?;
    let all = referring.count(SERIES);
    let mut newest: Vec<Newest> = series.iter().filter_map(|item| newest(item, pen)).collect();
    voice.sort_by_name(&mut newest, |newest| &newest.area);
    let (first, rest) = newest.split_at(newest.len().min(UNFOLDED));
    let list = format!("/{}/{}", voice.language, referring.list(SERIES));
    Ok(html! {
        @if all > 0 {
            section id="values" {
                h2 { (voice.say(if newest.is_empty() { &texts::REFERRING } else { &texts::NEWEST_VALUES })) }
                @if !newest.is_empty() { (values(first, pen)) }
                @if !rest.is_empty() {
                    details {
                        summary { (voice.count(rest.len() as u64, &texts::MORE)) }
                        (values(rest, pen))
                    }
                }
                p { a href=(list) { (voice.say(&texts::ALL_SERIES)) } " " span.count { (voice.number(all)) } }
            }
        }
        (flags(item, pen))
    })
}

fn values(all: &[Newest], pen: Pen<'_>) -> Markup {
    html! {
        ul.ways.values {
            @for it in all {
                li {
                    a href=(format!("/{}/{}", pen.voice.language, it.path)) { bdi { (it.area) } }
                    span {
                        bdi { (pen.voice.decimal(&it.value.value)) }
                        @if !it.value.sex.is_empty() && it.value.sex != "both" {
                            " " span.mark { (pen.voice.coded("sexes", &it.value.sex)) }
                        }
                        @for (names, part) in [("ages", &it.value.age), ("breakdowns", &it.value.breakdown)] {
                            @if !part.is_empty() { " " span.mark { (pen.voice.named(names, &pen.room.take_some(part, 100))) } }
                        }
                        @if !it.value.flag.is_empty() { " " sup { bdi { (pen.room.take_some(&it.value.flag, 20)) } } }
                    }
                    span.mark { (year(&it.value.period, pen)) }
                }
            }
        }
    }
}

fn year(period: &str, pen: Pen<'_>) -> Markup {
    match period.parse() {
        Ok(date) => pen.voice.date(date),
        Err(_) => html! {},
    }
}

/// The newest value of a series with the area that it is of.
fn newest(item: &Item, pen: Pen<'_>) -> Option<Newest> {
    let Some(Filled::Series(series)) = &item.record()?.message().body else {
        return None;
    };
    let with_value = series.observations.iter().filter(|it| !it.value.is_empty());
    let newest = with_value.max_by_key(|it| (it.period.as_str(), is_of_all(it)))?;
    let area = series::area(item, &series::outline(item)?, pen.voice)?;
    Some(Newest {
        area: pen.room.take_some(&area, 200),
        path: item.path(),
        value: newest.clone(),
    })
}

/// How little a value is divided: one of all counts more than one of women of an age.
fn is_of_all(value: &Observation) -> usize {
    let parts = [
        &value.age,
        &value.personnel_type,
        &value.mission,
        &value.breakdown,
    ];
    let undivided = parts.into_iter().filter(|part| part.is_empty()).count();
    2 * undivided + usize::from(matches!(value.sex.as_str(), "" | "both"))
}

/// What the letters beside values mean, folded.
fn flags(item: &Item, pen: Pen<'_>) -> Markup {
    let body = item.record().and_then(body_of);
    let flags = body.and_then(|body| filled(&body, "flags"));
    html! {
        @if let Some((field, flags)) = flags {
            details.flags {
                summary { (pen.voice.shown(&pen.voice.field(&field))) }
                (pen.value(&field, &flags))
            }
        }
    }
}
