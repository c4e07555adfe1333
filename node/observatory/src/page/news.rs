//! What changed last: for each kind the newest day on which something of it was published,
//! how much that was, and the newest of it. An import of a thousand records is one line.
//!
//! It costs a list of one for each kind that is there, and a count for each of a few days; in
//! a log too large to count them for every reader, it says what is newest and not how many.

use std::collections::{BTreeMap, HashMap};

use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted, records::Tally};
use wpsx_proto::record::{Date, Kind};

use super::brief;
use crate::{
    address::Address,
    answer::{Answer, tally},
    item::Item,
    links::Links,
    observatory::Observatory,
    texts::{self, Voice},
    time,
};

/// Lines of it.
const MOST: usize = 8;
/// Days whose changes are counted.
const MOST_DAYS: usize = 3;
/// Records among which they are.
const MOST_COUNTED: u64 = 100_000;

/// The newest of one kind.
struct News {
    kind: Kind,
    item: Item,
    /// Where all of that day are.
    address: Address,
}

pub(super) fn section(
    site: &Observatory,
    all: &Address,
    counts: &Tally,
    voice: Voice<'_>,
    wanted: &Wanted,
) -> Result<Markup, NodeError> {
    let mut news = Vec::new();
    let kinds = counts.kinds.keys().map(|kind| Kind::new(*kind));
    for kind in kinds.filter(|kind| kind.is_known()) {
        news.extend(newest(site, all, kind, wanted)?);
    }
    news.sort_by_key(|news| std::cmp::Reverse(news.item.envelope.publish_time));
    news.truncate(MOST);
    let counted = match counts.total <= MOST_COUNTED {
        true => counted(site, &news, wanted)?,
        false => HashMap::new(),
    };
    let links = Links::among(site, wanted);
    Ok(html! {
        @if !news.is_empty() {
            section {
                h2 { (voice.say(&texts::CHANGED_LAST)) }
                ol.records {
                    @for news in &news { li { (line(news, &counted, &links, voice)) } }
                }
            }
        }
    })
}

/// The newest record of a kind that is news.
fn newest(
    site: &Observatory,
    all: &Address,
    kind: Kind,
    wanted: &Wanted,
) -> Result<Option<News>, NodeError> {
    let address = Address {
        kind: Some(kind),
        news_only: true,
        ..all.clone()
    };
    let newest = Answer::of(site, &address, 1, wanted)?
        .items
        .into_iter()
        .next();
    Ok(newest.and_then(|item| {
        let day = time::day(item.envelope.publish_time)?.parse().ok()?;
        let address = Address {
            changed: Some(day),
            ..address
        };
        Some(News {
            kind,
            item,
            address,
        })
    }))
}

/// How much changed since the newest days, by kind.
fn counted(
    site: &Observatory,
    news: &[News],
    wanted: &Wanted,
) -> Result<HashMap<Date, BTreeMap<u32, u64>>, NodeError> {
    let mut counted = HashMap::new();
    for news in news {
        let Some(day) = news.address.changed else {
            continue;
        };
        if counted.len() < MOST_DAYS && !counted.contains_key(&day) {
            let of_all = Address {
                kind: None,
                ..news.address.clone()
            };
            counted.insert(day, tally(site, &of_all, &[], wanted)?.kinds);
        }
    }
    Ok(counted)
}

fn line(
    news: &News,
    counted: &HashMap<Date, BTreeMap<u32, u64>>,
    links: &Links<'_>,
    voice: Voice<'_>,
) -> Markup {
    let item = &news.item;
    let of_day = news.address.changed.and_then(|day| counted.get(&day));
    let count = of_day.and_then(|of_day| of_day.get(&news.kind.number()));
    let several = count.copied().filter(|count| *count > 1);
    let record = format!("/{}/{}", voice.language, item.path());
    html! {
        @if let Some(count) = several {
            a.title href=(news.address.path(voice.language)) { (voice.shown(&voice.kind(news.kind, true))) }
            " " span.count { (voice.count(count, &texts::NEW_OR_CHANGED)) }
            p.facts {
                span { (voice.moment(item.envelope.publish_time)) }
                span { (voice.say(&texts::NEWEST_OF_THEM)) (voice.colon()) a href=(record) { (brief::title(item, links, voice)) } }
            }
        } @else {
            a.title href=(record) { (brief::title(item, links, voice)) }
            p.facts {
                span { (voice.shown(&voice.kind(news.kind, false))) }
                @for code in item.countries().iter().take(2) { span { (voice.coded("countries", code)) } }
                span { (voice.moment(item.envelope.publish_time)) }
            }
        }
    }
}
